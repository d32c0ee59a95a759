#include "clients/cpp/cli/file_digest.h"

#include <openssl/evp.h>
#include <zstd.h>

#include <cstdio>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace sluice::cli {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr absl::string_view kZstdMagic("\x28\xB5\x2F\xFD", 4);

class Digest {
 public:
  Digest() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(absl::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  std::string Finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return absl::BytesToHexString({reinterpret_cast<const char*>(digest), size});
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free};
};

// Hands what frames hold on to a digest, piece by piece.
class Unpacking {
 public:
  // False for what is no zstd.
  bool Add(absl::string_view bytes, Digest* digest) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
      expected_ = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(expected_) != 0) return false;
      digest->Add({piece_.data(), out.pos});
      // What it did not fill needs more to go on.
      if (in.pos == in.size && out.pos < out.size) return true;
    }
  }
  // Whether a frame has ended there.
  bool whole() const { return expected_ == 0; }

 private:
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_{ZSTD_createDCtx(),
                                                                    &ZSTD_freeDCtx};
  std::string piece_ = std::string(kPieceBytes, '\0');
  size_t expected_ = 0;
};

}  // namespace

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return absl::FailedPreconditionError(path + ": cannot be opened");
  Digest digest;
  Unpacking unpacking;
  bool packed = false;
  std::string piece(kPieceBytes, '\0');
  for (bool first = true;; first = false) {
    const absl::string_view bytes(piece.data(),
                                  std::fread(piece.data(), 1, piece.size(), file.get()));
    if (bytes.empty()) break;
    if (first) packed = absl::StartsWith(bytes, kZstdMagic);
    if (!packed) {
      digest.Add(bytes);
    } else if (!unpacking.Add(bytes, &digest)) {
      return absl::DataLossError(path + ": is damaged: it cannot be unpacked");
    }
  }
  if (std::ferror(file.get()) != 0) return absl::DataLossError(path + ": cannot be read");
  if (!unpacking.whole()) return absl::DataLossError(path + ": is not whole");
  return digest.Finish();
}

}  // namespace sluice::cli
