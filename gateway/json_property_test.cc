// Random messages through our JSON and protobuf's own: what one writes the other reads as the same
// message.
#include <cmath>
#include <random>

#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "sluice/v1/catalog.pb.h"
#include "sluice/v1/query.pb.h"
#include "sluice/v1/row.pb.h"

#include "gateway/json_to_wire.h"
#include "gateway/testing/everything.pb.h"
#include "gateway/wire_to_json.h"

namespace sluice::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

class RandomMessages {
 public:
  explicit RandomMessages(uint64_t seed) : random_(seed) {}

  void Fill(Message* message, int depth) {
    const std::string& name = message->GetDescriptor()->full_name();
    if (name == "google.protobuf.Any" || name == "google.protobuf.FieldMask") return;
    if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration") {
      return FillTime(message, name == "google.protobuf.Timestamp");
    }
    const bool value = name == "google.protobuf.Value";
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message->GetDescriptor()->field(i);
      // A Value without a kind has no JSON, and a null one is no unset one.
      const bool wanted = value ? field->name() == (Chance(2) ? "string_value" : "number_value")
                                : Chance(3) || IsValue(field);
      // An entry without its value stands for a default one, and that may hold a Value too.
      const bool entry = message->GetDescriptor()->options().map_entry();
      if (!entry &&
          (!wanted || (depth == 0 && field->message_type() != nullptr && !IsValue(field))))
        continue;
      FillField(message, field, depth);
    }
    if (value && message->ByteSizeLong() == 0) {
      SetScalar(message, message->GetDescriptor()->FindFieldByName("bool_value"), false);
    }
  }

 private:
  static bool IsValue(const FieldDescriptor* field) {
    return field->message_type() != nullptr && !field->is_repeated() &&
           field->message_type()->full_name() == "google.protobuf.Value";
  }
  bool Chance(int of) { return random_() % static_cast<uint64_t>(of) == 0; }
  uint64_t Bits() { return random_() >> (random_() % 64); }

  double Real() {
    switch (random_() % 4) {
      case 0:
        return static_cast<double>(static_cast<int64_t>(random_() % 2001) - 1000) / 8;
      case 1:
        return std::ldexp(static_cast<double>(random_()), static_cast<int>(random_() % 400) - 200);
      case 2:
        return static_cast<double>(Bits());
      default:
        return -0.1 * static_cast<double>(random_() % 100 + 1);  // protobuf reads -0 as 0.
    }
  }

  std::string Text() {
    static const char* const kPieces[] = {"a",
                                          "\"",
                                          "\\",
                                          "\n",
                                          "\xC3\xA9",
                                          "/",
                                          " ",
                                          "\xF0\x9F\x92\xA7",
                                          "\x01",
                                          "<",
                                          "long enough for the fast way",
                                          "\xE2\x80\xA8",
                                          "\x7f"};
    std::string text;
    for (size_t i = random_() % 6; i > 0; --i) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }

  void FillTime(Message* message, bool timestamp) {
    const auto* descriptor = message->GetDescriptor();
    const Reflection* reflection = message->GetReflection();
    const int64_t range = timestamp ? 60'000'000'000 : 300'000'000'000;
    const int64_t seconds = static_cast<int64_t>(random_() % static_cast<uint64_t>(range));
    reflection->SetInt64(message, descriptor->FindFieldByNumber(1), seconds);
    static const int kNanos[] = {0, 1, 999'999'999, 5'000'000, 7'000};
    reflection->SetInt32(message, descriptor->FindFieldByNumber(2),
                         kNanos[random_() % std::size(kNanos)]);
  }

  void FillField(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection* reflection = message->GetReflection();
    if (!field->is_repeated()) {
      if (field->message_type() != nullptr) {
        Fill(reflection->MutableMessage(message, field), std::max(depth - 1, 0));
      } else {
        SetScalar(message, field, false);
      }
      return;
    }
    for (size_t i = random_() % 4; i > 0; --i) {
      if (field->message_type() != nullptr) {
        Fill(reflection->AddMessage(message, field), std::max(depth - 1, 0));
      } else {
        SetScalar(message, field, true);
      }
    }
  }

  void SetScalar(Message* message, const FieldDescriptor* field, bool add) {
    const Reflection* r = message->GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto value = static_cast<int32_t>(Bits());
        return add ? r->AddInt32(message, field, value) : r->SetInt32(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const auto value = static_cast<int64_t>(Bits());
        return add ? r->AddInt64(message, field, value) : r->SetInt64(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = static_cast<uint32_t>(Bits());
        return add ? r->AddUInt32(message, field, value) : r->SetUInt32(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_UINT64:
        return add ? r->AddUInt64(message, field, Bits()) : r->SetUInt64(message, field, Bits());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return add ? r->AddDouble(message, field, Real()) : r->SetDouble(message, field, Real());
      case FieldDescriptor::CPPTYPE_FLOAT: {
        const auto value = static_cast<float>(static_cast<int>(random_() % 999)) / 16;
        return add ? r->AddFloat(message, field, value) : r->SetFloat(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return add ? r->AddBool(message, field, Chance(2)) : r->SetBool(message, field, Chance(2));
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* type = field->enum_type();
        const auto* value =
            type->value(static_cast<int>(random_() % static_cast<uint64_t>(type->value_count())));
        return add ? r->AddEnum(message, field, value) : r->SetEnum(message, field, value);
      }
      case FieldDescriptor::CPPTYPE_STRING:
        return add ? r->AddString(message, field, Text()) : r->SetString(message, field, Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
  }

  std::mt19937_64 random_;
};

// Maps hold random keys, of which two may be equal: parsing makes the message a plain one.
std::string Normalized(Message* message) {
  std::string wire = message->SerializeAsString();
  EXPECT_TRUE(message->ParseFromString(wire));
  return message->SerializeAsString();
}

std::string Difference(const Message& a, const Message& b) {
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  differencer.Compare(a, b);
  return report;
}

template <typename Type>
void CheckRandom(int rounds) {
  FieldTables tables(google::protobuf::DescriptorPool::generated_pool());
  const MessageTable& table = *tables.For(Type::descriptor());
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    RandomMessages random(static_cast<uint64_t>(round));
    Type message;
    random.Fill(&message, 3);
    const std::string wire = Normalized(&message);

    std::string json;
    const absl::Status written = WireToJson(&tables, table, wire, &json);
    ASSERT_TRUE(written.ok()) << written << message.DebugString();
    Type theirs;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, &theirs);
    ASSERT_TRUE(parsed.ok()) << parsed.ToString() << json;
    ASSERT_EQ(Difference(message, theirs), "");

    std::string their_json;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &their_json).ok());
    for (const std::string& text : {json, their_json}) {
      std::string back;
      const absl::Status read = JsonToWire(&tables, table, text, {}, &back);
      ASSERT_TRUE(read.ok()) << read << text;
      Type ours;
      ASSERT_TRUE(ours.ParseFromString(back));
      ASSERT_EQ(Difference(message, ours), "");
    }
  }
}

TEST(JsonPropertyTest, EverythingIsReadAsItWasWritten) { CheckRandom<testing::Everything>(400); }
TEST(JsonPropertyTest, TablesAreReadAsTheyWereWritten) { CheckRandom<v1::GetTableResponse>(300); }
TEST(JsonPropertyTest, QueriesAreReadAsTheyWereWritten) { CheckRandom<v1::QueryRequest>(300); }
TEST(JsonPropertyTest, RowsAreReadAsTheyWereWritten) { CheckRandom<v1::QueryResponse>(300); }
TEST(JsonPropertyTest, InsertsAreReadAsTheyWereWritten) { CheckRandom<v1::InsertRowsRequest>(300); }

// Bytes of a message, cut and changed: any answer but a crash is right.
TEST(JsonPropertyTest, DamagedBytesAndTextsAreSurvived) {
  FieldTables tables(google::protobuf::DescriptorPool::generated_pool());
  const MessageTable& table = *tables.For(testing::Everything::descriptor());
  std::mt19937_64 random(7);
  for (int round = 0; round < 400; ++round) {
    testing::Everything message;
    RandomMessages(static_cast<uint64_t>(round)).Fill(&message, 2);
    std::string wire = message.SerializeAsString();
    std::string json;
    ASSERT_TRUE(WireToJson(&tables, table, wire, &json).ok());
    const auto damage = [&random](std::string* bytes) {
      for (int i = 0; i < 3 && !bytes->empty(); ++i) {
        (*bytes)[random() % bytes->size()] = static_cast<char>(random());
      }
      bytes->erase(bytes->size() - random() % (bytes->size() / 4 + 1));
    };
    damage(&wire);
    damage(&json);
    std::string out;
    WireToJson(&tables, table, wire, &out).IgnoreError();
    out.clear();
    if (JsonToWire(&tables, table, json, {}, &out).ok()) {
      EXPECT_TRUE(message.ParseFromString(out));
    }
  }
}

}  // namespace
}  // namespace sluice::gateway
