#include "server/sqlite/file_name.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/error.h"

namespace sluice::sqlite {

std::string FileUri(absl::string_view path, absl::string_view query) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      absl::StrAppendFormat(&uri, "%%%02X", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  absl::StrAppend(&uri, "?", query);
  return uri;
}

absl::Status CheckIdentity(const OpenOptions& options) {
  if (!options.identity.has_value()) return absl::OkStatus();
  struct stat status;
  if (stat(options.path.c_str(), &status) == 0 && status.st_dev == options.identity->device &&
      status.st_ino == options.identity->inode) {
    return absl::OkStatus();
  }
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                              "the database's file has been replaced or removed"),
                        absl::Seconds(1));
}

}  // namespace sluice::sqlite
