#include "gateway/metadata.h"

#include <algorithm>
#include <array>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "gateway/json_writer.h"
#include "gateway/scalar_wire.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

constexpr absl::string_view kMetadataPrefix = "grpc-metadata-";
constexpr absl::string_view kHttpPrefix = "x-http-";
constexpr size_t kRequestIdMax = 128;

// IANA's permanent request headers as grpc-gateway lists them, and the two of ranges.
constexpr std::array<absl::string_view, 26> kPermanent = {
    "accept",
    "accept-charset",
    "accept-language",
    "accept-ranges",
    "authorization",
    "cache-control",
    "content-type",
    "cookie",
    "date",
    "expect",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-schedule-tag-match",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "range",
    "referer",
    "user-agent",
    "via",
    "warning",
};
constexpr std::array<absl::string_view, 3> kTracing = {"traceparent", "tracestate", "baggage"};

// Headers of ours that a service may set.
constexpr std::array<absl::string_view, 9> kResponseHeaders = {
    "accept-ranges", "cache-control", "content-disposition", "content-length", "content-range",
    "content-type",  "etag",          "last-modified",       "retry-after",
};

// What a service may answer a conditional request or one for a range with, by `x-http-status`.
constexpr std::array<absl::string_view, 4> kResponseStatuses = {"206", "304", "412", "416"};

template <size_t N>
bool Has(const std::array<absl::string_view, N>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
  });
}

bool IsPrintable(absl::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// Keys that a caller cannot set through `Grpc-Metadata-`: gRPC's own, and those that tell a service
// who is calling.
bool IsReserved(absl::string_view key) {
  return absl::StartsWith(key, "grpc-") || absl::StartsWith(key, "grpcgateway-") ||
         absl::StartsWith(key, "x-sluice-") || absl::StartsWith(key, "x-forwarded-") ||
         key == "content-type" || key == "te" || key == "user-agent" || key == "host" ||
         key == "connection" || key == "x-request-id" || key == "authorization";
}

std::string CanonicalName(absl::string_view key) {
  std::string name(key);
  bool start = true;
  for (char& c : name) {
    if (start) c = static_cast<char>(absl::ascii_toupper(static_cast<unsigned char>(c)));
    start = c == '-';
  }
  return name;
}

absl::Status AddCustom(absl::string_view key, absl::string_view value, Metadata* metadata) {
  if (!IsKey(key) || IsReserved(key)) return absl::OkStatus();
  if (absl::EndsWith(key, "-bin")) {
    std::string bytes;
    if (!AppendBase64Decoded(value, &bytes)) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest,
                   absl::StrCat("invalid binary header ", key));
    }
    metadata->emplace_back(std::string(key), std::move(bytes));
  } else if (IsPrintable(value)) {
    metadata->emplace_back(std::string(key), std::string(value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Metadata> MetadataFromRequest(const http::RequestHead& head,
                                             absl::string_view request_id) {
  Metadata metadata;
  for (const http::Header& header : head.headers.all()) {
    const std::string name = absl::AsciiStrToLower(header.name);
    if (absl::StartsWith(name, kMetadataPrefix)) {
      RETURN_IF_ERROR(AddCustom(name.substr(kMetadataPrefix.size()), header.value, &metadata));
      continue;
    }
    if (!IsPrintable(header.value)) continue;
    if (name == "authorization" || Has(kTracing, name)) metadata.emplace_back(name, header.value);
    if (Has(kPermanent, name)) {
      metadata.emplace_back(absl::StrCat("grpcgateway-", name), header.value);
    }
  }
  std::string forwarded = head.headers.Joined("X-Forwarded-For");
  if (!IsPrintable(forwarded)) forwarded.clear();
  metadata.emplace_back("x-forwarded-for",
                        absl::StrCat(forwarded, forwarded.empty() ? "" : ", ", head.peer));
  const std::string* forwarded_host = head.headers.Find("X-Forwarded-Host");
  const absl::string_view host =
      forwarded_host != nullptr ? *forwarded_host : head.headers.Get("Host");
  if (!host.empty() && IsPrintable(host)) {
    metadata.emplace_back("x-forwarded-host", std::string(host));
  }
  metadata.emplace_back("x-request-id", std::string(request_id));
  metadata.emplace_back("x-http-statuses", absl::StrJoin(kResponseStatuses, ","));
  return metadata;
}

absl::StatusOr<absl::Duration> ParseGrpcTimeout(absl::string_view text) {
  const absl::Status bad =
      Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest, "invalid grpc-timeout");
  if (text.size() < 2 || text.size() > 9) return bad;
  const absl::string_view digits = text.substr(0, text.size() - 1);
  int64_t amount = 0;
  if (!std::all_of(digits.begin(), digits.end(),
                   [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }) ||
      !absl::SimpleAtoi(digits, &amount)) {
    return bad;
  }
  switch (text.back()) {
    case 'H':
      return absl::Hours(amount);
    case 'M':
      return absl::Minutes(amount);
    case 'S':
      return absl::Seconds(amount);
    case 'm':
      return absl::Milliseconds(amount);
    case 'u':
      return absl::Microseconds(amount);
    case 'n':
      return absl::Nanoseconds(amount);
    default:
      return bad;
  }
}

void AddMetadata(absl::string_view key, absl::string_view value, http::ResponseHead* head) {
  if (absl::StartsWith(key, kHttpPrefix)) {
    const absl::string_view name = key.substr(kHttpPrefix.size());
    if (name == "status") {
      int status = 0;
      if (Has(kResponseStatuses, value) && absl::SimpleAtoi(value, &status)) head->status = status;
      return;
    }
    if (!Has(kResponseHeaders, name) || !IsPrintable(value)) return;
    uint64_t length = 0;
    if (name != "content-length") {
      head->headers.Set(CanonicalName(name), value);
    } else if (absl::SimpleAtoi(value, &length)) {
      head->content_length = length;
    }
    return;
  }
  if (absl::EndsWith(key, "-bin")) {
    std::string base64;
    AppendBase64(value, &base64);
    head->headers.Add(absl::StrCat("Grpc-Metadata-", CanonicalName(key)),
                      absl::string_view(base64).substr(1, base64.size() - 2));
  } else if (IsPrintable(value)) {
    head->headers.Add(absl::StrCat("Grpc-Metadata-", CanonicalName(key)), value);
  }
}

std::string RequestIdFor(const http::RequestHead& head) {
  const absl::string_view given = head.headers.Get("X-Request-Id");
  const bool sensible =
      !given.empty() && given.size() <= kRequestIdMax &&
      std::all_of(given.begin(), given.end(), [](char c) { return c > 0x20 && c <= 0x7e; });
  if (sensible) return std::string(given);
  thread_local std::mt19937_64 random{std::random_device{}()};
  return absl::StrFormat("%016x%016x", random(), random());
}

}  // namespace sluice::gateway
