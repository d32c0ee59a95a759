#include "gateway/scalar_wire.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/charconv.h"
#include "absl/strings/numbers.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// An integer's sign and size.
struct Integer {
  bool negative = false;
  uint64_t size = 0;
};

// `12.50e1` is 125: moves the decimal point by the exponent and wants nothing behind it.
std::optional<Integer> ParseInteger(absl::string_view text) {
  Integer integer;
  if (!text.empty() && text.front() == '-') {
    integer.negative = true;
    text.remove_prefix(1);
  }
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  int exponent = 0;
  if (e < text.size()) {
    absl::string_view digits = text.substr(e + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    if (digits.size() > 6 || !absl::SimpleAtoi(digits, &exponent)) return std::nullopt;
  }
  const absl::string_view mantissa = text.substr(0, e);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  std::string digits(mantissa.substr(0, point));
  if (point < mantissa.size()) {
    const absl::string_view fraction = mantissa.substr(point + 1);
    digits.append(fraction.data(), fraction.size());
    exponent -= static_cast<int>(fraction.size());
  }
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return integer;
  if (exponent < 0 || exponent > 20) return std::nullopt;
  digits.append(static_cast<size_t>(exponent), '0');
  if (!absl::SimpleAtoi(digits, &integer.size)) return std::nullopt;
  return integer;
}

bool ToSigned(const Integer& integer, int64_t min, int64_t max, int64_t* value) {
  const uint64_t limit =
      integer.negative ? uint64_t{0} - static_cast<uint64_t>(min) : static_cast<uint64_t>(max);
  if (integer.size > limit) return false;
  *value = static_cast<int64_t>(integer.negative ? uint64_t{0} - integer.size : integer.size);
  return true;
}

bool AppendSigned(FieldDescriptor::Type type, const Integer& integer, std::string* out) {
  const bool narrow = type == FieldDescriptor::TYPE_INT32 || type == FieldDescriptor::TYPE_SINT32 ||
                      type == FieldDescriptor::TYPE_SFIXED32 || type == FieldDescriptor::TYPE_ENUM;
  int64_t value = 0;
  if (!ToSigned(integer, narrow ? INT32_MIN : INT64_MIN, narrow ? INT32_MAX : INT64_MAX, &value)) {
    return false;
  }
  switch (type) {
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      AppendVarint(ZigZag(value), out);
      return true;
    case FieldDescriptor::TYPE_SFIXED32:
      AppendFixed32(static_cast<uint32_t>(value), out);
      return true;
    case FieldDescriptor::TYPE_SFIXED64:
      AppendFixed64(static_cast<uint64_t>(value), out);
      return true;
    default:
      AppendVarint(static_cast<uint64_t>(value), out);
      return true;
  }
}

bool AppendUnsigned(FieldDescriptor::Type type, const Integer& integer, std::string* out) {
  const bool narrow = type == FieldDescriptor::TYPE_UINT32 || type == FieldDescriptor::TYPE_FIXED32;
  if ((integer.negative && integer.size != 0) || (narrow && integer.size > UINT32_MAX)) {
    return false;
  }
  if (type == FieldDescriptor::TYPE_FIXED32) {
    AppendFixed32(static_cast<uint32_t>(integer.size), out);
  } else if (type == FieldDescriptor::TYPE_FIXED64) {
    AppendFixed64(integer.size, out);
  } else {
    AppendVarint(integer.size, out);
  }
  return true;
}

template <typename Real>
bool ParseReal(absl::string_view text, Real* value) {
  const auto result = absl::from_chars(text.data(), text.data() + text.size(), *value);
  if (result.ptr != text.data() + text.size()) return false;
  // Too small is zero, too large no number of the type: then *value is the type's largest.
  return result.ec == std::errc() || std::abs(*value) < 1;
}

}  // namespace

WireType WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      return WireType::kFixed32;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kBytes;
    case FieldDescriptor::TYPE_GROUP:
      return WireType::kEndGroup;
    default:
      return WireType::kVarint;
  }
}

bool IsJsonNumber(absl::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

bool AppendNumberText(FieldDescriptor::Type type, absl::string_view text, std::string* out) {
  if (!IsJsonNumber(text)) return false;
  if (type == FieldDescriptor::TYPE_DOUBLE) {
    double value = 0;
    if (!ParseReal(text, &value)) return false;
    AppendFixed64(std::bit_cast<uint64_t>(value), out);
    return true;
  }
  if (type == FieldDescriptor::TYPE_FLOAT) {
    float value = 0;
    if (!ParseReal(text, &value)) return false;
    AppendFixed32(std::bit_cast<uint32_t>(value), out);
    return true;
  }
  const std::optional<Integer> integer = ParseInteger(text);
  if (!integer.has_value()) return false;
  switch (type) {
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_FIXED64:
      return AppendUnsigned(type, *integer, out);
    default:
      return AppendSigned(type, *integer, out);
  }
}

bool AppendSpecialNumber(FieldDescriptor::Type type, absl::string_view text, std::string* out) {
  double value = 0;
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (text == "-Infinity") {
    value = -std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  if (type == FieldDescriptor::TYPE_DOUBLE) {
    AppendFixed64(std::bit_cast<uint64_t>(value), out);
    return true;
  }
  if (type != FieldDescriptor::TYPE_FLOAT) return false;
  AppendFixed32(std::bit_cast<uint32_t>(static_cast<float>(value)), out);
  return true;
}

bool AppendEnumName(const EnumTable& enumeration, absl::string_view name, std::string* out) {
  const auto found = enumeration.numbers.find(name);
  if (found == enumeration.numbers.end()) return false;
  AppendVarint(static_cast<uint64_t>(int64_t{found->second}), out);
  return true;
}

bool AppendBase64Decoded(absl::string_view text, std::string* out) {
  static constexpr std::array<int8_t, 256> kDigits = [] {
    std::array<int8_t, 256> digits{};
    digits.fill(-1);
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int8_t i = 0; i < 64; ++i) digits[static_cast<unsigned char>(kAlphabet[i])] = i;
    digits['-'] = 62;
    digits['_'] = 63;
    return digits;
  }();
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return false;
  out->reserve(out->size() + text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0) return false;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out->push_back(static_cast<char>((bits >> count) & 0xff));
  }
  return true;
}

}  // namespace sluice::gateway
