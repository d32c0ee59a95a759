// Any method of sluice.v1 without the client library. Blocks until the call has ended.
#pragma once

#include "tests/conformance/doors/cpp/json_text.h"

namespace sluice::conformance {

Answer CallGeneric(const Call& call);

}  // namespace sluice::conformance
