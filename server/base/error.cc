#include "server/base/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice {
namespace {

// Payload names. A status holds one payload per name, so keys and fields are part of it.
constexpr absl::string_view kReasonUrl = "sluice/reason";
constexpr absl::string_view kRetryUrl = "sluice/retry_ms";
constexpr absl::string_view kMetadataPrefix = "sluice/metadata/";
constexpr absl::string_view kFieldPrefix = "sluice/field/";

absl::Status WithPayload(absl::Status status, absl::string_view url, absl::string_view value) {
  if (!status.ok()) status.SetPayload(url, absl::Cord(value));
  return status;
}

std::string PayloadOf(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

void VisitPrefix(const absl::Status& status, absl::string_view prefix, const PairVisitor& visit) {
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    if (absl::ConsumePrefix(&url, prefix)) visit(url, std::string(value));
  });
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message) {
  return WithPayload(absl::Status(code, message), kReasonUrl, reason);
}

absl::Status BadField(absl::string_view field, absl::string_view what) {
  return WithField(Error(absl::StatusCode::kInvalidArgument, reason::kBadRequest,
                         absl::StrCat(field, ": ", what)),
                   field, what);
}

absl::Status BadFieldAt(absl::string_view field, size_t offset, absl::string_view what) {
  return WithMetadata(BadField(field, absl::StrCat(what, " (at byte ", offset, ")")), "offset",
                      absl::StrCat(offset));
}

absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value) {
  return WithPayload(std::move(status), absl::StrCat(kMetadataPrefix, key), value);
}

absl::Status WithoutMetadata(absl::Status status, absl::string_view key) {
  status.ErasePayload(absl::StrCat(kMetadataPrefix, key));
  return status;
}

absl::Status WithField(absl::Status status, absl::string_view field, absl::string_view what) {
  return WithPayload(std::move(status), absl::StrCat(kFieldPrefix, field), what);
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  return WithPayload(std::move(status), kRetryUrl, absl::StrCat(absl::ToInt64Milliseconds(delay)));
}

absl::Status WithMessage(const absl::Status& status, absl::string_view message) {
  absl::Status copy(status.code(), message);
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& value) { copy.SetPayload(url, value); });
  return copy;
}

std::string ReasonOf(const absl::Status& status) { return PayloadOf(status, kReasonUrl); }

absl::Duration RetryAfterOf(const absl::Status& status) {
  int64_t delay_ms = 0;
  if (!absl::SimpleAtoi(PayloadOf(status, kRetryUrl), &delay_ms)) return absl::ZeroDuration();
  return absl::Milliseconds(delay_ms);
}

std::string MetadataOf(const absl::Status& status, absl::string_view key) {
  return PayloadOf(status, absl::StrCat(kMetadataPrefix, key));
}

void VisitMetadata(const absl::Status& status, const PairVisitor& visit) {
  VisitPrefix(status, kMetadataPrefix, visit);
}

void VisitFields(const absl::Status& status, const PairVisitor& visit) {
  VisitPrefix(status, kFieldPrefix, visit);
}

}  // namespace sluice
