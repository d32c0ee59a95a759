#include "gateway/explorer.h"

#include "gateway/explorer_files.h"

namespace sluice::gateway {

const ExplorerFile* FindExplorerFile(absl::string_view path) {
  static const ExplorerFile kFiles[] = {
      {"/", "text/html; charset=utf-8", kExplorerIndexHtml},
      {"/explorer.js", "text/javascript; charset=utf-8", kExplorerExplorerJs},
      {"/table.js", "text/javascript; charset=utf-8", kExplorerTableJs},
      {"/explorer.css", "text/css; charset=utf-8", kExplorerExplorerCss},
  };
  for (const ExplorerFile& file : kFiles) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

void AddExplorerHeaders(const ExplorerFile& file, http::ResponseHead* head) {
  head->headers.Add("Content-Type", file.content_type);
  head->headers.Add("Cache-Control", "no-cache");
  head->headers.Add("Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  head->headers.Add("Referrer-Policy", "no-referrer");
  head->headers.Add("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace sluice::gateway
