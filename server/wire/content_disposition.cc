#include "server/wire/content_disposition.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

// attr-char of RFC 8187, which is also safe between quotes.
bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("!#$&+-.^_`|~", absl::string_view(&c, 1));
}

}  // namespace

std::string AttachmentDisposition(absl::string_view file_name) {
  std::string ascii;
  std::string encoded;
  for (const char c : ReplaceInvalidUtf8(file_name)) {
    ascii += IsPlain(c) || c == ' ' ? c : '_';
    if (IsPlain(c)) {
      encoded += c;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return absl::StrCat("attachment; filename=\"", ascii, "\"; filename*=UTF-8''", encoded);
}

}  // namespace sluice::wire
