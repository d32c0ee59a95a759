// The HTTP header that names a downloaded file.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::wire {

// `attachment` with the name in both forms of RFC 6266: ASCII with everything doubtful as `_`, and
// UTF-8 as RFC 8187 writes it.
std::string AttachmentDisposition(absl::string_view file_name);

}  // namespace sluice::wire
