// The web page that browsers get at `/`, compiled in from gateway/explorer/.
#pragma once

#include "absl/strings/string_view.h"

#include "gateway/http.h"

namespace sluice::gateway {

struct ExplorerFile {
  absl::string_view path;
  absl::string_view content_type;
  absl::string_view content;
};

// Null when the path is none of the page's files.
const ExplorerFile* FindExplorerFile(absl::string_view path);

// Content-Type, caching, and a policy under which the page runs nothing but its own script and
// talks to nobody but its own server.
void AddExplorerHeaders(const ExplorerFile& file, http::ResponseHead* head);

}  // namespace sluice::gateway
