#include "server/wire/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/check.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/row_key.h"

namespace sluice::wire {
namespace {

constexpr char kVersion = 1;
constexpr size_t kMacBytes = 16;

absl::Status Refused(absl::string_view field) {
  return BadField(field, "was not given for this request");
}

}  // namespace

PageTokens::PageTokens(std::string key) : key_(std::move(key)) { CHECK(!key_.empty()); }

std::string PageTokens::MacOf(absl::string_view scope, absl::string_view payload) const {
  const std::string covered = absl::StrCat(scope.size(), ":", scope, payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(covered.data()), covered.size(), mac,
             &size) != nullptr);
  return std::string(reinterpret_cast<const char*>(mac), kMacBytes);
}

std::string PageTokens::Seal(absl::string_view scope, absl::string_view payload) const {
  return absl::WebSafeBase64Escape(
      absl::StrCat(absl::string_view(&kVersion, 1), MacOf(scope, payload), payload));
}

absl::StatusOr<std::string> PageTokens::Open(absl::string_view scope, absl::string_view token,
                                             absl::string_view field) const {
  std::string bytes;
  if (token.size() > limits::kKeyBytesMax || !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() < 1 + kMacBytes || bytes[0] != kVersion) {
    return Refused(field);
  }
  std::string payload = bytes.substr(1 + kMacBytes);
  const std::string mac = MacOf(scope, payload);
  if (CRYPTO_memcmp(mac.data(), bytes.data() + 1, kMacBytes) != 0) return Refused(field);
  return payload;
}

absl::StatusOr<std::string> PageTokens::SealPosition(absl::string_view scope,
                                                     const engine::PagePosition& position) const {
  std::string token =
      Seal(scope, absl::StrCat(position.equal_rows, ";", EncodeKeyParts(position.values)));
  if (token.size() > limits::kKeyBytesMax) {
    return WithMetadata(
        Error(absl::StatusCode::kResourceExhausted, reason::kLimit,
              "the last row of the page is too large to continue after; read the view with SQL"),
        "limit", absl::StrCat(limits::kKeyBytesMax));
  }
  return token;
}

absl::StatusOr<engine::PagePosition> PageTokens::OpenPosition(absl::string_view scope,
                                                              absl::string_view token,
                                                              absl::string_view field) const {
  ASSIGN_OR_RETURN(const std::string payload, Open(scope, token, field));
  const size_t semicolon = payload.find(';');
  engine::PagePosition position;
  if (semicolon == std::string::npos ||
      !absl::SimpleAtoi(payload.substr(0, semicolon), &position.equal_rows)) {
    return Refused(field);
  }
  ASSIGN_OR_RETURN(position.values, DecodeKeyParts(payload.substr(semicolon + 1), field));
  return position;
}

std::string MakeScope(const std::vector<absl::string_view>& parts) {
  std::string scope;
  for (const absl::string_view part : parts) absl::StrAppend(&scope, part.size(), ":", part);
  return scope;
}

}  // namespace sluice::wire
