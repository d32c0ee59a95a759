#include "server/engine/file_id.h"

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace sluice::engine {

std::string NewFileId(absl::Time now) {
  std::random_device random;
  return absl::StrFormat("%s-%08x", absl::FormatTime("%Y%m%dt%H%M%S", now, absl::UTCTimeZone()),
                         random());
}

bool IsFileId(absl::string_view id) {
  constexpr absl::string_view kShape = "ddddddddtdddddd-xxxxxxxx";
  if (id.size() != kShape.size()) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    const auto byte = static_cast<unsigned char>(id[i]);
    const bool fits = kShape[i] == 'd'   ? absl::ascii_isdigit(byte)
                      : kShape[i] == 'x' ? absl::ascii_isxdigit(byte)
                                         : id[i] == kShape[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace sluice::engine
