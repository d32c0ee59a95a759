#include "server/wire/parsed_size.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "sluice/v1/load.pb.h"

namespace sluice::wire {
namespace {

size_t SizeOf(const std::string& bytes, size_t enough = SIZE_MAX) {
  google::protobuf::io::ArrayInputStream input(bytes.data(), static_cast<int>(bytes.size()));
  return ParsedSize(*v1::LoadRowsRequest::descriptor(), bytes.size(), &input, enough);
}

size_t MemoryOf(const v1::LoadRowsRequest& message) {
  v1::LoadRowsRequest parsed;
  EXPECT_TRUE(parsed.ParseFromString(message.SerializeAsString()));
  return parsed.SpaceUsedLong();
}

TEST(ParsedSizeTest, IsAboutTheBytesOfOneLargeValue) {
  v1::LoadRowsRequest message;
  message.add_rows()->add_values()->set_text(std::string(1 << 20, 'x'));
  EXPECT_GE(SizeOf(message.SerializeAsString()), size_t{1} << 20);
  EXPECT_LE(SizeOf(message.SerializeAsString()), (size_t{1} << 20) + 1000);
}

TEST(ParsedSizeTest, IsNoLessThanWhatSmallPartsBecome) {
  v1::LoadRowsRequest rows;
  v1::LoadRowsRequest values;
  v1::LoadRowsRequest texts;
  v1::LoadRowsRequest numbers;
  values.add_rows();
  v1::PackedColumn& column = *texts.mutable_packed()->add_columns();
  v1::PackedColumn& integers = *numbers.mutable_packed()->add_columns();
  for (int i = 0; i < 10'000; ++i) {
    rows.add_rows();
    values.mutable_rows(0)->add_values();
    column.add_texts("");
    integers.add_integers(1);
  }
  for (const v1::LoadRowsRequest* message : {&rows, &values, &texts, &numbers}) {
    EXPECT_GE(SizeOf(message->SerializeAsString()), MemoryOf(*message));
  }
}

TEST(ParsedSizeTest, CountsWhatIsNotKnown) {
  std::string bytes;
  // Field 99: a number, and an empty text.
  for (int i = 0; i < 1'000; ++i) bytes += {'\x98', '\x06', '\x01', '\x9a', '\x06', '\x00'};
  v1::LoadRowsRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(bytes));
  EXPECT_GE(SizeOf(bytes), parsed.SpaceUsedLong());
}

TEST(ParsedSizeTest, StopsWhenItKnowsEnough) {
  v1::LoadRowsRequest message;
  for (int i = 0; i < 10'000; ++i) message.add_rows();
  const size_t size = SizeOf(message.SerializeAsString(), 50'000);
  EXPECT_GT(size, 50'000u);
  EXPECT_LE(size, 50'100u);
}

TEST(ParsedSizeTest, SurvivesBytesThatAreNoMessage) {
  v1::LoadRowsRequest message;
  message.add_rows()->add_values()->set_text("some text");
  const std::string whole = message.SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) SizeOf(whole.substr(0, size));
  SizeOf(std::string(100, '\xff'));
  // Groups without end, at the deepest.
  SizeOf(std::string(10'000, '\x0b'));
}

}  // namespace
}  // namespace sluice::wire
