#include "server/wire/http_range.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/wire/content_disposition.h"

namespace sluice::wire {
namespace {

// Digits alone: SimpleAtoi would take a sign and spaces. More than fits counts as a very large one.
bool ParseOffset(absl::string_view text, int64_t* value) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      })) {
    return false;
  }
  if (!absl::SimpleAtoi(text, value)) *value = INT64_MAX;
  return true;
}

// False when the header is to be ignored.
bool ParseRange(absl::string_view range, FileAnswer* answer) {
  range = absl::StripAsciiWhitespace(range);
  if (!absl::StartsWithIgnoreCase(range, "bytes=")) return false;
  range.remove_prefix(6);
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(range, absl::MaxSplits('-', 1));
  if (!absl::StrContains(range, '-')) return false;
  const absl::string_view first = absl::StripAsciiWhitespace(ends.first);
  const absl::string_view last = absl::StripAsciiWhitespace(ends.second);
  int64_t from = 0;
  int64_t to = INT64_MAX;
  if (first.empty()) {
    // The last bytes.
    if (!ParseOffset(last, &to)) return false;
    from = std::max<int64_t>(0, answer->size - to);
    if (to == 0) from = answer->size;
    to = answer->size - 1;
  } else if (!ParseOffset(first, &from) || (!last.empty() && !ParseOffset(last, &to)) ||
             to < from) {
    return false;
  }
  if (from >= answer->size) {
    answer->status = kRangeNotSatisfiable;
    answer->end = 0;
    return true;
  }
  answer->status = kPartial;
  answer->begin = from;
  answer->end = std::min(to, answer->size - 1) + 1;
  return true;
}

// Weak comparison, as If-None-Match asks for.
bool Lists(absl::string_view tags, absl::string_view etag) {
  for (absl::string_view tag : absl::StrSplit(tags, ',')) {
    tag = absl::StripAsciiWhitespace(tag);
    if (tag == "*") return true;
    absl::ConsumePrefix(&tag, "W/");
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace

FileAnswer AnswerFileRequest(const FileRequest& request, absl::string_view etag, int64_t size) {
  FileAnswer answer{.size = size, .end = size, .takes_ranges = !request.range_needs_if_range};
  if (!request.if_none_match.empty() && Lists(request.if_none_match, etag)) {
    answer.status = kNotModified;
    answer.end = 0;
    return answer;
  }
  if (request.range.empty()) return answer;
  // A date says nothing about bytes.
  const bool same = absl::StripAsciiWhitespace(request.if_range) == etag;
  if (same || (request.if_range.empty() && !request.range_needs_if_range)) {
    ParseRange(request.range, &answer);
  }
  return answer;
}

std::vector<std::pair<std::string, std::string>> HeadersOf(const FileAnswer& answer,
                                                           absl::string_view etag,
                                                           absl::string_view file_name) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (answer.status != kWhole) headers.emplace_back("status", absl::StrCat(answer.status));
  if (answer.status == kRangeNotSatisfiable) {
    headers.emplace_back("content-range", absl::StrCat("bytes */", answer.size));
    return headers;
  }
  headers.emplace_back("etag", etag);
  if (answer.takes_ranges) headers.emplace_back("accept-ranges", "bytes");
  // Whoever keeps it must ask whether it is still the present one.
  headers.emplace_back("cache-control", "no-cache");
  if (answer.status == kNotModified) return headers;
  headers.emplace_back("content-length", absl::StrCat(answer.end - answer.begin));
  headers.emplace_back("content-disposition", AttachmentDisposition(file_name));
  if (answer.status == kPartial) {
    headers.emplace_back("content-range", absl::StrCat("bytes ", answer.begin, "-", answer.end - 1,
                                                       "/", answer.size));
  }
  return headers;
}

absl::Status ErrorOf(const FileAnswer& answer) {
  if (answer.status != kRangeNotSatisfiable) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, reason::kBadRequest,
               "the range begins behind the end of the file");
}

}  // namespace sluice::wire
