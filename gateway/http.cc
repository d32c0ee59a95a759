#include "gateway/http.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "server/base/error.h"

namespace sluice::http {

void Headers::Add(absl::string_view name, absl::string_view value) {
  headers_.push_back(Header{std::string(name), std::string(value)});
}

void Headers::Set(absl::string_view name, absl::string_view value) {
  Remove(name);
  Add(name, value);
}

void Headers::Remove(absl::string_view name) {
  std::erase_if(headers_, [name](const Header& h) { return absl::EqualsIgnoreCase(h.name, name); });
}

const std::string* Headers::Find(absl::string_view name) const {
  for (const Header& header : headers_) {
    if (absl::EqualsIgnoreCase(header.name, name)) return &header.value;
  }
  return nullptr;
}

absl::string_view Headers::Get(absl::string_view name) const {
  const std::string* value = Find(name);
  return value == nullptr ? absl::string_view() : absl::string_view(*value);
}

std::string Headers::Joined(absl::string_view name) const {
  std::string joined;
  for (const Header& header : headers_) {
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    absl::StrAppend(&joined, joined.empty() ? "" : ", ", header.value);
  }
  return joined;
}

void Respond(ResponseWriter* writer, ResponseHead head, std::string body) {
  head.content_length = body.size();
  writer->Start(std::move(head));
  if (!body.empty()) writer->Write(std::move(body));
  writer->Finish();
}

absl::string_view ReasonPhrase(int status) {
  struct Phrase {
    int status;
    absl::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {200, "OK"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Unknown";
}

namespace {

// What HTTP itself can find wrong: each canonical code has one reason of sluice.v1.ErrorReason.
absl::string_view ReasonOfCode(int code) {
  switch (static_cast<absl::StatusCode>(code)) {
    case absl::StatusCode::kInvalidArgument:
      return reason::kBadRequest;
    case absl::StatusCode::kDeadlineExceeded:
      return reason::kDeadline;
    case absl::StatusCode::kNotFound:
      return reason::kNoSuchRoute;
    case absl::StatusCode::kPermissionDenied:
      return reason::kPermissionDenied;
    case absl::StatusCode::kResourceExhausted:
      return reason::kLimit;
    case absl::StatusCode::kUnimplemented:
      return reason::kUnsupported;
    case absl::StatusCode::kUnavailable:
      return reason::kOverloaded;
    default:
      return reason::kInternal;
  }
}

}  // namespace

std::string ErrorJson(int code, absl::string_view message) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string json = absl::StrCat("{\"code\":", code, ",\"message\":\"");
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      absl::StrAppend(&json, "\\u00", absl::string_view(&kHex[byte >> 4], 1),
                      absl::string_view(&kHex[byte & 15], 1));
    } else if (byte < 0x7f) {
      json += c;
    } else {
      json += '?';  // Messages of ours are ASCII; what callers sent may be no UTF-8.
    }
  }
  absl::StrAppend(&json,
                  "\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
                  "\"reason\":\"",
                  ReasonOfCode(code), "\",\"domain\":\"", kErrorDomain, "\",\"metadata\":{}}]}");
  return json;
}

void RespondError(ResponseWriter* writer, int status, int code, absl::string_view message) {
  ResponseHead head;
  head.status = status;
  head.headers.Add("Content-Type", "application/json");
  head.headers.Add("X-Content-Type-Options", "nosniff");
  Respond(writer, std::move(head), ErrorJson(code, message));
}

}  // namespace sluice::http
