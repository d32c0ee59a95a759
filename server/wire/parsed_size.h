// What a message takes in memory once it is parsed, told from its bytes: a few bytes of a message
// can become a hundred in memory, so who bounds memory asks before he parses.
#pragma once

#include <cstddef>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/zero_copy_stream.h"

namespace sluice::wire {

// An upper estimate for `bytes` bytes of a message of this type: its texts, and for each field and
// element, unknown ones too, what the generated classes keep beside. Counts no further than
// `enough`. Bytes that are no message give what was counted up to their fault.
size_t ParsedSize(const google::protobuf::Descriptor& type, size_t bytes,
                  google::protobuf::io::ZeroCopyInputStream* input, size_t enough);

}  // namespace sluice::wire
