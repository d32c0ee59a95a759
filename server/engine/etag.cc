#include "server/engine/etag.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>

#include "absl/strings/escaping.h"
#include "server/base/check.h"

namespace sluice::engine {
namespace {

constexpr size_t kMacBytes = 16;

// SipHash-2-4 with 128 bits: made for short keyed messages, a fifth of the time of HMAC-SHA256.
class Mac {
 public:
  explicit Mac(absl::string_view secret) {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    CHECK(algorithm != nullptr);
    // One context for each thread: making one costs more than the hash.
    static thread_local const ContextHolder holder(algorithm);
    context_ = holder.context;
    size_t size = kMacBytes;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                 OSSL_PARAM_construct_end()};
    CHECK(secret.size() >= kMacBytes);
    CHECK(EVP_MAC_init(context_, reinterpret_cast<const unsigned char*>(secret.data()), kMacBytes,
                       params) == 1);
  }

  void Add(absl::string_view bytes) {
    const uint64_t size = bytes.size();
    AddRaw({reinterpret_cast<const char*>(&size), sizeof(size)});
    AddRaw(bytes);
  }
  void AddRaw(absl::string_view bytes) {
    EVP_MAC_update(context_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  std::string Finish() {
    unsigned char mac[kMacBytes];
    size_t size = 0;
    CHECK(EVP_MAC_final(context_, mac, &size, sizeof(mac)) == 1);
    return absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(mac), size));
  }

 private:
  struct ContextHolder {
    explicit ContextHolder(EVP_MAC* algorithm) : context(EVP_MAC_CTX_new(algorithm)) {}
    ~ContextHolder() { EVP_MAC_CTX_free(context); }
    ContextHolder(const ContextHolder&) = delete;
    ContextHolder& operator=(const ContextHolder&) = delete;
    EVP_MAC_CTX* const context;
  };
  EVP_MAC_CTX* context_;
};

}  // namespace

std::string EtagOf(const Table& table, const RowView& row, absl::string_view secret) {
  Mac mac(secret);
  for (int i = 0; i < row.count(); ++i) {
    const TableColumn& column =
        table.columns[static_cast<size_t>(table.statements.shown[static_cast<size_t>(i)])];
    if (column.generated == Generated::kVirtual) continue;
    const sqlite::ValueView value = row.value(i);
    const char type = static_cast<char>(value.type);
    mac.Add(column.name);
    mac.AddRaw({&type, 1});
    switch (value.type) {
      case sqlite::StorageClass::kInteger:
        mac.AddRaw({reinterpret_cast<const char*>(&value.integer), sizeof(value.integer)});
        break;
      case sqlite::StorageClass::kReal:
        mac.AddRaw({reinterpret_cast<const char*>(&value.real), sizeof(value.real)});
        break;
      default:
        mac.Add(value.bytes);
    }
  }
  return mac.Finish();
}

}  // namespace sluice::engine
