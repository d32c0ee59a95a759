#include "clients/cpp/cli/value_syntax.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cpp/cli/json.h"
#include "clients/cpp/utf8.h"

namespace sluice::cli {
namespace {

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<Value> Integer(absl::string_view digits) {
  int64_t integer = 0;
  if (!absl::SimpleAtoi(digits, &integer)) {
    return Bad(absl::StrCat(digits, " is no 64-bit integer; write real:… or text:…"));
  }
  return Value(integer);
}

absl::StatusOr<Value> Real(absl::string_view digits) {
  double real = 0;
  if (digits == "Infinity") return Value(std::numeric_limits<double>::infinity());
  if (digits == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
  const bool starts_well =
      !digits.empty() && (absl::ascii_isdigit(static_cast<unsigned char>(digits[0])) ||
                          digits[0] == '-' || digits[0] == '.');
  if (!starts_well || !absl::SimpleAtod(digits, &real) || real - real != 0) {
    return Bad(absl::StrCat("real:", digits, " is no number that fits a REAL"));
  }
  return Value(real);
}

absl::StatusOr<Value> HexBlob(absl::string_view digits) {
  for (const char c : digits) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return Bad("blob: takes hex digits");
  }
  if (digits.size() % 2 != 0) return Bad("blob: takes an even number of hex digits");
  return Value(Blob{absl::HexStringToBytes(digits)});
}

Value TextValue(absl::string_view text) {
  if (!client::IsValidUtf8(text)) return Value(RawText{std::string(text)});
  return Value(text);
}

bool StartsLikeNumber(absl::string_view text) {
  absl::ConsumePrefix(&text, "-");
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text[0]));
}

bool IsIdentifier(absl::string_view name) {
  if (name.empty() || absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

absl::Status CheckOneKind(const Statement& statement) {
  if (statement.params.empty() || statement.named_params.empty()) return absl::OkStatus();
  return Bad(
      "parameters come either by name or by position; write text:… for a value that holds a '='");
}

}  // namespace

absl::StatusOr<Value> ParseValue(absl::string_view text) {
  if (text == "null") return Value();
  if (absl::ConsumePrefix(&text, "text:")) return TextValue(text);
  if (absl::ConsumePrefix(&text, "int:")) return Integer(text);
  if (absl::ConsumePrefix(&text, "real:")) return Real(text);
  if (absl::ConsumePrefix(&text, "blob:")) return HexBlob(text);
  if (StartsLikeNumber(text)) {
    // What is a number in JSON is one here.
    const auto number = ParseJson(text);
    if (number.ok() && number->kind == Json::Kind::kNumber && number->text == text) {
      return number->text.find_first_of(".eE") == std::string::npos ? Integer(text) : Real(text);
    }
  }
  return TextValue(text);
}

absl::StatusOr<std::pair<std::string, Value>> ParseAssignment(absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == absl::string_view::npos) {
    return Bad(absl::StrCat("'", text, "' is not of the form column=value"));
  }
  auto value = ParseValue(text.substr(equals + 1));
  if (!value.ok()) return std::move(value).status();
  return std::make_pair(std::string(text.substr(0, equals)), *std::move(value));
}

absl::Status AddParameter(absl::string_view text, Statement* statement) {
  const size_t equals = text.find('=');
  absl::string_view name = text.substr(0, equals);
  if (!name.empty() && absl::StrContains(":@$", name.substr(0, 1))) name.remove_prefix(1);
  const bool is_named = equals != absl::string_view::npos && IsIdentifier(name);
  auto value = ParseValue(is_named ? text.substr(equals + 1) : text);
  if (!value.ok()) return std::move(value).status();
  if (!is_named) {
    statement->params.push_back(*std::move(value));
  } else if (!statement->named_params.emplace(std::string(name), *std::move(value)).second) {
    return Bad(absl::StrCat("the parameter ", name, " is given twice"));
  }
  return CheckOneKind(*statement);
}

absl::Status SetParametersFromJson(absl::string_view json, Statement* statement) {
  const auto parsed = ParseJson(json);
  if (!parsed.ok()) return parsed.status();
  if (parsed->kind == Json::Kind::kObject) {
    auto object = ObjectFromJson(*parsed);
    if (!object.ok()) return std::move(object).status();
    statement->named_params = *std::move(object);
    return absl::OkStatus();
  }
  if (parsed->kind != Json::Kind::kArray) return Bad("parameters are a JSON object or array");
  for (const Json& item : parsed->items) {
    auto value = ValueFromJson(item);
    if (!value.ok()) return std::move(value).status();
    statement->params.push_back(*std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace sluice::cli
