// The calls of the C++ client library, each with the request and the answer of the method that it
// is made of. Blocks until the call has ended.
#pragma once

#include "tests/conformance/doors/cpp/json_text.h"

namespace sluice::conformance {

// `SnapshotService/DownloadDatabase` takes a request with the field `path` beside `database` and
// answers with
// {"sha256","sizeBytes"}.
Answer CallClient(const Call& call);

}  // namespace sluice::conformance
