#include "server/engine/stored_query.h"

#include <openssl/rand.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/base/check.h"
#include "server/base/error.h"
#include "server/engine/sql_text.h"

namespace sluice::engine {
namespace {

using sqlite::StorageClass;
using sqlite::ValueView;
using Type = StoredParameter::Type;

constexpr absl::string_view kActor = "_actor_";
constexpr absl::string_view kNow = "_now_";
constexpr absl::string_view kHeader = "_header_";
constexpr absl::string_view kRandom = "_random_chars_";
constexpr int kRandomCharsMax = 1'024;

absl::string_view NameOf(Type type) {
  switch (type) {
    case Type::kAny:
      return "any value";
    case Type::kInteger:
      return "an integer";
    case Type::kReal:
      return "a real";
    case Type::kText:
      return "a text";
    case Type::kBlob:
      return "a blob";
    case Type::kBoolean:
      return "0 or 1";
  }
  return "";
}

bool Fits(Type type, const ValueView& value) {
  switch (type) {
    case Type::kAny:
      return true;
    case Type::kInteger:
      return value.type == StorageClass::kInteger;
    case Type::kReal:
      return value.type == StorageClass::kReal || value.type == StorageClass::kInteger;
    case Type::kText:
      return value.type == StorageClass::kText;
    case Type::kBlob:
      return value.type == StorageClass::kBlob;
    case Type::kBoolean:
      return value.type == StorageClass::kInteger && (value.integer == 0 || value.integer == 1);
  }
  return false;
}

std::string RandomChars(int count) {
  // 64 of them, so that each byte gives one without a bias.
  constexpr char kChars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string chars(static_cast<size_t>(count), '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(chars.data()), count) == 1);
  for (char& c : chars) c = kChars[static_cast<unsigned char>(c) % 64];
  return chars;
}

std::optional<std::string> NowAs(absl::string_view what, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (what == "date_utc") return absl::FormatTime("%Y-%m-%d", now, utc);
  if (what == "datetime_utc") return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, utc);
  return std::nullopt;
}

}  // namespace

bool IsMagicParameter(absl::string_view name) {
  for (const absl::string_view prefix : {kActor, kNow, kHeader, kRandom}) {
    if (absl::StartsWith(name, prefix)) return true;
  }
  return false;
}

StoredParameters::StoredParameters(const StoredQuery& query, CallFacts facts)
    : query_(query), facts_(std::move(facts)) {}

absl::StatusOr<ValueView> StoredParameters::Check(absl::string_view name,
                                                  const ValueView& value) const {
  const std::string field = absl::StrCat("params[", name, "]");
  if (IsMagicParameter(name)) return BadField(field, "only the server fills it");
  const StoredParameter* const parameter = query_.FindParameter(name);
  if (parameter == nullptr) return value;
  const bool null_is_usual =
      parameter->default_value.has_value() && parameter->default_value->view().is_null();
  if (value.is_null() && null_is_usual) return value;
  if (!Fits(parameter->type, value)) {
    return BadField(field, absl::StrCat("must be ", NameOf(parameter->type)));
  }
  if (parameter->type == Type::kReal && value.type == StorageClass::kInteger) {
    return ValueView::Real(static_cast<double>(value.integer));
  }
  return value;
}

absl::StatusOr<std::optional<ValueView>> StoredParameters::Find(absl::string_view name) {
  if (IsMagicParameter(name)) {
    const auto value = FindMagic(name);
    if (value.has_value()) return value;
    return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                 absl::StrCat("the stored query names the parameter ", name,
                              ", which the server cannot fill"));
  }
  const StoredParameter* const parameter = query_.FindParameter(name);
  if (parameter == nullptr || !parameter->default_value.has_value()) {
    return std::optional<ValueView>();
  }
  return std::optional<ValueView>(parameter->default_value->view());
}

std::optional<ValueView> StoredParameters::FindMagic(absl::string_view name) {
  if (absl::ConsumePrefix(&name, kActor)) {
    // Callers have a name and nothing else.
    const bool known = (name == "id" || name == "name") && !facts_.actor.empty();
    return known ? ValueView::Text(facts_.actor) : ValueView::Null();
  }
  if (absl::ConsumePrefix(&name, kNow)) {
    if (name == "epoch") return ValueView::Integer(absl::ToUnixSeconds(facts_.now));
    auto text = NowAs(name, facts_.now);
    if (!text.has_value()) return std::nullopt;
    return Keep(*std::move(text));
  }
  if (absl::ConsumePrefix(&name, kHeader)) {
    const std::string header = absl::StrReplaceAll(name, {{"_", "-"}});
    // Credentials stay out of databases.
    if (header == "authorization" || header == "cookie") return ValueView::Null();
    auto value = facts_.header ? facts_.header(header) : std::nullopt;
    return value.has_value() ? Keep(*std::move(value)) : ValueView::Null();
  }
  int count = 0;
  if (!absl::ConsumePrefix(&name, kRandom) || !absl::SimpleAtoi(name, &count) || count < 1 ||
      count > kRandomCharsMax) {
    return std::nullopt;
  }
  return Keep(RandomChars(count));
}

ValueView StoredParameters::Keep(std::string text) {
  kept_.push_back(std::move(text));
  return ValueView::Text(kept_.back());
}

bool ChangesDefinitions(const StoredQuery& query) {
  const std::vector<SqlToken> tokens = Tokenize(query.sql);
  if (!query.writes || tokens.empty()) return false;
  for (const absl::string_view word : {"CREATE", "ALTER", "DROP", "REINDEX", "ANALYZE"}) {
    if (tokens[0].is_word(word)) return true;
  }
  return false;
}

absl::StatusOr<const StoredQuery*> FindQuery(const Settings& settings, absl::string_view database,
                                             absl::string_view query) {
  const auto& queries = settings.Database(database).queries;
  const auto found = queries.find(std::string(query));
  if (found != queries.end()) return &found->second;
  return WithMetadata(WithMetadata(Error(absl::StatusCode::kNotFound, reason::kNoSuchQuery,
                                         "there is no such stored query"),
                                   "database", database),
                      "query", query);
}

}  // namespace sluice::engine
