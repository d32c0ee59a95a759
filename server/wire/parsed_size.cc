#include "server/wire/parsed_size.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace sluice::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// A message or a string of its own and the pointer to it, in an array that has grown by doubling.
constexpr size_t kElementBytes = 96;
// What one byte of a packed number can become, in such an array.
constexpr size_t kNumberBytes = 16;

class Scale {
 public:
  Scale(size_t bytes, CodedInputStream* input, size_t enough)
      : input_(*input), enough_(enough), size_(bytes) {}

  size_t size() const { return size_; }

  // Up to the end of the input or of its limit. False when there is no need to go on.
  bool Weigh(const Descriptor* type) {
    while (size_ <= enough_) {
      const uint32_t tag = input_.ReadTag();
      if (tag == 0) return true;
      size_ += kElementBytes;
      const FieldDescriptor* const field =
          type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (!WeighField(WireFormatLite::GetTagWireType(tag), field)) return false;
    }
    return false;
  }

 private:
  bool WeighField(WireFormatLite::WireType wire_type, const FieldDescriptor* field) {
    uint64_t number = 0;
    switch (wire_type) {
      case WireFormatLite::WIRETYPE_VARINT:
        return input_.ReadVarint64(&number);
      case WireFormatLite::WIRETYPE_FIXED64:
        return input_.Skip(8);
      case WireFormatLite::WIRETYPE_FIXED32:
        return input_.Skip(4);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return WeighBytes(field);
      case WireFormatLite::WIRETYPE_START_GROUP:
      case WireFormatLite::WIRETYPE_END_GROUP:
        // Only in fields that are not known: what is inside counts like what is beside.
        return true;
    }
    return false;
  }

  bool WeighBytes(const FieldDescriptor* field) {
    int length = 0;
    if (!input_.ReadVarintSizeAsInt(&length)) return false;
    if (field == nullptr || field->message_type() == nullptr || depth_ == kDepthMax) {
      if (field != nullptr && field->is_packable()) {
        size_ += static_cast<size_t>(length) * kNumberBytes;
      }
      return input_.Skip(length);
    }
    const CodedInputStream::Limit limit = input_.PushLimit(length);
    ++depth_;
    const bool more = Weigh(field->message_type()) && input_.BytesUntilLimit() == 0;
    --depth_;
    input_.PopLimit(limit);
    return more;
  }

  // Deeper messages are refused by the parser.
  static constexpr int kDepthMax = 100;

  CodedInputStream& input_;
  const size_t enough_;
  size_t size_;
  int depth_ = 0;
};

}  // namespace

size_t ParsedSize(const Descriptor& type, size_t bytes,
                  google::protobuf::io::ZeroCopyInputStream* input, size_t enough) {
  CodedInputStream coded(input);
  Scale scale(bytes, &coded, enough);
  scale.Weigh(&type);
  return scale.size();
}

}  // namespace sluice::wire
