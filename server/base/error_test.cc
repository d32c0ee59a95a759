#include "server/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/base/status.h"

namespace sluice {
namespace {

TEST(ErrorTest, CarriesItsReasonMetadataFieldsAndRetryDelay) {
  absl::Status status = Error(absl::StatusCode::kUnavailable, reason::kOverloaded, "full");
  status = WithMetadata(status, "limit", "64");
  status = WithField(status, "rows[3].key", "is not a key");
  status = WithRetryAfter(status, absl::Milliseconds(250));

  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  EXPECT_EQ(MetadataOf(status, "limit"), "64");
  EXPECT_EQ(MetadataOf(status, "other"), "");
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(250));
  std::map<std::string, std::string> fields;
  VisitFields(status, [&](absl::string_view field, absl::string_view what) {
    fields[std::string(field)] = std::string(what);
  });
  EXPECT_THAT(fields, testing::ElementsAre(testing::Pair("rows[3].key", "is not a key")));
}

TEST(ErrorTest, KeepsEverythingUnderAnotherMessage) {
  const absl::Status status = WithMessage(BadField("sql", "is empty"), "other");
  EXPECT_EQ(status.message(), "other");
  EXPECT_EQ(ReasonOf(status), "BAD_REQUEST");
}

TEST(ErrorTest, LeavesAnOkStatusAlone) {
  EXPECT_TRUE(WithMetadata(absl::OkStatus(), "a", "b").ok());
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
}

absl::StatusOr<int> Twice(absl::StatusOr<int> input) {
  ASSIGN_OR_RETURN(const int value, std::move(input));
  return 2 * value;
}

TEST(StatusMacrosTest, AssignOrReturnPassesErrorsWithTheirPayloads) {
  EXPECT_EQ(*Twice(21), 42);
  EXPECT_EQ(ReasonOf(Twice(BadField("x", "y")).status()), "BAD_REQUEST");
}

}  // namespace
}  // namespace sluice
