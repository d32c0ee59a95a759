#include "server/rpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/base/error.h"
#include "sluice/v1/error.pb.h"

namespace sluice::rpc {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST(ErrorReasonTest, TheCodeAndTheContractHaveTheSameReasons) {
  std::set<std::string> of_code;
  for (const absl::string_view name : reason::kAll) {
    of_code.insert("ERROR_REASON_" + std::string(name));
  }
  std::set<std::string> of_contract;
  const auto* const descriptor = v1::ErrorReason_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    if (descriptor->value(i)->number() != 0) of_contract.insert(descriptor->value(i)->name());
  }
  EXPECT_EQ(of_code, of_contract);
}

TEST(ToGrpcStatusTest, CarriesReasonFieldsAndRetryDelay) {
  absl::Status status = BadField("params[2]", "is not a value");
  status = WithMetadata(status, "row", "7");
  status = WithRetryAfter(status, absl::Milliseconds(1500));
  const grpc::Status converted = ToGrpcStatus(status);
  EXPECT_EQ(converted.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(converted.error_message(), "params[2]: is not a value");
  const google::rpc::Status details = DetailsOf(converted);
  ASSERT_EQ(details.details_size(), 3);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "BAD_REQUEST");
  EXPECT_EQ(info.domain(), "sluice");
  EXPECT_EQ(info.metadata().at("row"), "7");
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(details.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "params[2]");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.details(2).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(ToGrpcStatusTest, TellsStrangersNothingOfAFaultOfOurs) {
  const grpc::Status converted = ToGrpcStatus(absl::InternalError("/secret/path is broken"));
  EXPECT_EQ(converted.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(converted.error_message(), testing::Not(testing::HasSubstr("secret")));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(DetailsOf(converted).details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "INTERNAL");
}

TEST(ToGrpcStatusTest, RepairsTextsThatAreNotUtf8) {
  const grpc::Status converted =
      ToGrpcStatus(Error(absl::StatusCode::kNotFound, reason::kNoSuchTable, "no \xff"));
  EXPECT_EQ(converted.error_message(), "no \xEF\xBF\xBD");
}

}  // namespace
}  // namespace sluice::rpc
