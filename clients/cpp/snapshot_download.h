// Download with its resumption: whole at first, then by what differs from what has come.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "clients/cpp/core.h"

namespace sluice::client {

// See Client::Download.
absl::StatusOr<DownloadResult> DownloadToFile(Core* core, const std::string& database,
                                              const std::string& path,
                                              const DownloadOptions& options);

}  // namespace sluice::client
