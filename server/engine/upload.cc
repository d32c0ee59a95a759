#include "server/engine/upload.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"

namespace sluice::engine {

std::string FormatUpload(const Upload& upload) {
  // Texts and bytes in hexadecimal: a database's name may hold anything.
  return absl::StrCat(
      "sluice-upload 1\n", "database ", absl::BytesToHexString(upload.database), "\n", "file_name ",
      absl::BytesToHexString(upload.file_name), "\n", "create ", upload.create ? 1 : 0, "\n",
      "size ", upload.size_bytes, "\n", "sha256 ", absl::BytesToHexString(upload.sha256), "\n",
      "created ", absl::ToUnixMillis(upload.created), "\n", "expires ",
      absl::ToUnixMillis(upload.expires), "\n", "ttl ", absl::ToInt64Milliseconds(upload.ttl), "\n",
      "bytes_checked ", upload.bytes_checked ? 1 : 0, "\n", "commit_token ",
      absl::BytesToHexString(upload.result.commit_token), "\n", "replaced_snapshot ",
      absl::BytesToHexString(upload.result.replaced_snapshot), "\n");
}

absl::StatusOr<Upload> ParseUpload(absl::string_view text) {
  std::map<absl::string_view, absl::string_view> fields;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    fields.insert(field);
  }
  Upload upload;
  int64_t created = 0;
  int64_t expires = 0;
  int64_t ttl = 0;
  if (fields["sluice-upload"] != "1" || !absl::SimpleAtoi(fields["size"], &upload.size_bytes) ||
      !absl::SimpleAtoi(fields["created"], &created) ||
      !absl::SimpleAtoi(fields["expires"], &expires) || !absl::SimpleAtoi(fields["ttl"], &ttl)) {
    return Error(absl::StatusCode::kDataLoss, reason::kCorrupt, "the upload's record is damaged");
  }
  upload.database = absl::HexStringToBytes(fields["database"]);
  upload.file_name = absl::HexStringToBytes(fields["file_name"]);
  upload.create = fields["create"] == "1";
  upload.sha256 = absl::HexStringToBytes(fields["sha256"]);
  upload.created = absl::FromUnixMillis(created);
  upload.expires = absl::FromUnixMillis(expires);
  upload.ttl = absl::Milliseconds(ttl);
  upload.bytes_checked = fields["bytes_checked"] == "1";
  upload.result.commit_token = absl::HexStringToBytes(fields["commit_token"]);
  upload.result.replaced_snapshot = absl::HexStringToBytes(fields["replaced_snapshot"]);
  return upload;
}

}  // namespace sluice::engine
