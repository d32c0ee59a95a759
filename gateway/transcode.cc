#include "gateway/transcode.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "gateway/text_value.h"
#include "gateway/utf8.h"
#include "gateway/wire.h"
#include "gateway/wire_to_json.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::gateway {
namespace {

// google/api/httpbody.proto.
constexpr uint32_t kHttpBodyContentType = 1;
constexpr uint32_t kHttpBodyData = 2;

bool IsBlank(absl::string_view text) {
  return text.find_first_not_of(" \t\r\n") == absl::string_view::npos;
}

void AppendRawBody(const Route& route, const RequestParts& parts, std::string* out) {
  std::string body;
  if (!parts.content_type.empty() && IsUtf8(parts.content_type)) {
    AppendBytesField(kHttpBodyContentType, parts.content_type, &body);
  }
  AppendBytesField(kHttpBodyData, parts.body, &body);
  if (route.body == Route::Body::kField) {
    AppendBytesField(route.body_field->number, body, out);
  } else {
    *out += body;
  }
}

absl::Status AppendBody(FieldTables* tables, const Route& route, const RequestParts& parts,
                        const TranscodeOptions& options, std::string* out) {
  if (route.body == Route::Body::kNone) return absl::OkStatus();
  if (route.raw_request) {
    AppendRawBody(route, parts, out);
    return absl::OkStatus();
  }
  if (IsBlank(parts.body)) return absl::OkStatus();
  return route.body == Route::Body::kWhole
             ? JsonToWire(tables, *route.input, parts.body, options.json, out)
             : JsonFieldToWire(tables, *route.body_field, parts.body, options.json, out);
}

}  // namespace

absl::StatusOr<std::string> RequestToWire(FieldTables* tables, const Route& route,
                                          const RequestParts& parts,
                                          const TranscodeOptions& options) {
  std::string wire;
  RETURN_IF_ERROR(AppendBody(tables, route, parts, options, &wire));
  RETURN_IF_ERROR(QueryToWire(tables, route, parts.query, options.query, &wire));
  for (size_t i = 0; i < route.variables.size(); ++i) {
    const FieldPath& path = route.variables[i];
    std::string field;
    if (const absl::Status status =
            AppendTextField(tables, *path.back(), parts.values[i], options.json, &field);
        !status.ok()) {
      const std::string& name = path.back()->descriptor->name();
      return WithField(Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest,
                             absl::StrCat("path parameter ", name, ": malformed value")),
                       name, "malformed value");
    }
    AppendNested(path, std::move(field), &wire);
  }
  return wire;
}

bool TakesContentType(const Route& route, absl::string_view content_type) {
  if (route.raw_request || route.body == Route::Body::kNone) return true;
  const size_t semicolon = std::min(content_type.find(';'), content_type.size());
  const std::string parameters = absl::AsciiStrToLower(content_type.substr(semicolon));
  for (absl::string_view parameter : absl::StrSplit(parameters, ';')) {
    parameter = absl::StripAsciiWhitespace(parameter);
    if (absl::ConsumePrefix(&parameter, "charset=") && parameter != "utf-8" &&
        parameter != "\"utf-8\"" && parameter != "us-ascii") {
      return false;
    }
  }
  const std::string type =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(content_type.substr(0, semicolon)));
  return type.empty() || type == "application/json" || absl::EndsWith(type, "+json") ||
         type == "text/json" || type == "text/plain" || type == "application/x-www-form-urlencoded";
}

absl::Status ResponseToJson(FieldTables* tables, const Route& route, absl::string_view wire,
                            std::string* out) {
  return route.response_field == nullptr
             ? WireToJson(tables, *route.output, wire, out)
             : WireFieldToJson(tables, *route.output, *route.response_field, wire, out);
}

bool ParseHttpBody(absl::string_view wire, RawBody* body) {
  WireReader reader(wire);
  while (!reader.AtEnd()) {
    uint32_t number = 0;
    WireType type = WireType::kVarint;
    if (!reader.ReadTag(&number, &type)) return false;
    const bool text = type == WireType::kBytes;
    if (text && number == kHttpBodyContentType) {
      if (!reader.ReadBytes(&body->content_type)) return false;
    } else if (text && number == kHttpBodyData) {
      if (!reader.ReadBytes(&body->bytes)) return false;
    } else if (!reader.Skip(number, type)) {
      return false;
    }
  }
  return true;
}

}  // namespace sluice::gateway
