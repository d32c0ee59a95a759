// Page tokens: what the server must remember between two pages, kept by the caller.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/row_order.h"

namespace sluice::wire {

// Seals and opens tokens. A token is base64url of a version, a MAC and what is remembered; the MAC
// covers the request that the token belongs to, so that a token of another table, method or server
// is refused. Immutable; thread-safe.
class PageTokens {
 public:
  // `key` is secret; servers with the same key take each other's tokens.
  explicit PageTokens(std::string key);

  // `scope` names the request: method, database, table.
  std::string Seal(absl::string_view scope, absl::string_view payload) const;
  // INVALID_ARGUMENT (BAD_REQUEST, `field`) for a token that Seal did not make for this scope.
  absl::StatusOr<std::string> Open(absl::string_view scope, absl::string_view token,
                                   absl::string_view field = "page_token") const;

  // The same for positions in tables. RESOURCE_EXHAUSTED (LIMIT) when a view's row is too large to
  // be remembered.
  absl::StatusOr<std::string> SealPosition(absl::string_view scope,
                                           const engine::PagePosition& position) const;
  absl::StatusOr<engine::PagePosition> OpenPosition(absl::string_view scope,
                                                    absl::string_view token,
                                                    absl::string_view field = "page_token") const;

 private:
  std::string MacOf(absl::string_view scope, absl::string_view payload) const;

  const std::string key_;
};

// A scope from its parts; no two lists of parts give the same.
std::string MakeScope(const std::vector<absl::string_view>& parts);

}  // namespace sluice::wire
