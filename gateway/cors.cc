#include "gateway/cors.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::gateway {
namespace {

constexpr absl::string_view kMaxAgeSeconds = "600";

bool IsOrigin(absl::string_view text) {
  const size_t scheme = text.find("://");
  return scheme != absl::string_view::npos && scheme > 0 && text.size() > scheme + 3 &&
         text.find_first_of("/?#*\" ,", scheme + 3) == absl::string_view::npos;
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           absl::string_view("()<>@,;:\\\"/[]?={}").find(c) == absl::string_view::npos;
  });
}

}  // namespace

absl::StatusOr<CorsPolicy> CorsPolicy::Make(const std::vector<std::string>& origins) {
  CorsPolicy policy;
  for (const std::string& origin : origins) {
    const size_t star = origin.find("://*.");
    if (origin == "*") {
      policy.any_ = true;
    } else if (star != std::string::npos && star > 0 && origin.size() > star + 5 &&
               IsOrigin(origin.substr(0, star + 3) + origin.substr(star + 5))) {
      policy.suffixes_.push_back({origin.substr(0, star + 3), origin.substr(star + 4)});
    } else if (IsOrigin(origin)) {
      policy.exact_.push_back(origin);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("not an origin: ", origin, " (as in https://example.org)"));
    }
  }
  return policy;
}

bool CorsPolicy::Allows(absl::string_view origin) const {
  if (origin.empty()) return false;
  if (any_ || std::find(exact_.begin(), exact_.end(), origin) != exact_.end()) return true;
  return std::any_of(suffixes_.begin(), suffixes_.end(), [origin](const Suffix& suffix) {
    return IsOrigin(origin) && absl::StartsWith(origin, suffix.scheme) &&
           absl::EndsWith(origin, suffix.domain) &&
           origin.size() > suffix.scheme.size() + suffix.domain.size();
  });
}

bool CorsPolicy::IsPreflight(const http::RequestHead& request) {
  return request.method == "OPTIONS" && request.headers.Find("Origin") != nullptr &&
         request.headers.Find("Access-Control-Request-Method") != nullptr;
}

http::ResponseHead CorsPolicy::Preflight(const http::RequestHead& request,
                                         const std::vector<std::string>& methods) const {
  http::ResponseHead head;
  head.status = 204;
  head.headers.Add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  const absl::string_view origin = request.headers.Get("Origin");
  if (!Allows(origin)) return head;
  head.headers.Add("Access-Control-Allow-Origin", any_ ? "*" : origin);
  head.headers.Add("Access-Control-Allow-Methods", absl::StrJoin(methods, ", "));
  // Echoed, since `*` is not allowed to mean Authorization.
  std::vector<std::string> names;
  const std::string asked = request.headers.Joined("Access-Control-Request-Headers");
  for (absl::string_view name : absl::StrSplit(asked, ',', absl::SkipWhitespace())) {
    name = absl::StripAsciiWhitespace(name);
    if (IsToken(name)) names.emplace_back(name);
  }
  if (!names.empty()) {
    head.headers.Add("Access-Control-Allow-Headers", absl::StrJoin(names, ", "));
  }
  head.headers.Add("Access-Control-Max-Age", kMaxAgeSeconds);
  return head;
}

void CorsPolicy::Decorate(absl::string_view origin, http::ResponseHead* head) const {
  if (empty()) return;
  if (!any_) head->headers.Add("Vary", "Origin");
  if (!Allows(origin)) return;
  std::vector<std::string> exposed = {
      "Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Range",
      "ETag",          "Retry-After",         "X-Request-Id"};
  for (const http::Header& header : head->headers.all()) {
    if (absl::StartsWith(header.name, "Grpc-Metadata-")) exposed.push_back(header.name);
  }
  head->headers.Add("Access-Control-Allow-Origin", any_ ? "*" : origin);
  head->headers.Add("Access-Control-Expose-Headers", absl::StrJoin(exposed, ", "));
}

bool IsCrossOrigin(const http::RequestHead& request) {
  const absl::string_view site = request.headers.Get("Sec-Fetch-Site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  absl::string_view origin = request.headers.Get("Origin");
  if (origin.empty()) return false;
  const size_t scheme = origin.find("://");
  if (scheme == absl::string_view::npos) return true;  // `null`: a sandbox or a local file.
  origin.remove_prefix(scheme + 3);
  return !absl::EqualsIgnoreCase(origin, request.headers.Get("Host"));
}

}  // namespace sluice::gateway
