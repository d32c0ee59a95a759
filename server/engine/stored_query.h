// Running what the operator has stored: the values of a stored query's parameters.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/query.h"
#include "server/engine/settings.h"

namespace sluice::engine {

// Parameters that only the server fills: `_actor_*`, `_now_*`, `_header_*`, `_random_chars_N`.
bool IsMagicParameter(absl::string_view name);

// What the server knows of a call.
struct CallFacts {
  // Empty for an anonymous caller.
  std::string actor;
  absl::Time now;
  // The value of a header by its name in lower case; nothing for one that the call does not have.
  std::function<std::optional<std::string>(absl::string_view)> header;
};

// Fills the parameters of one run. Views that it gives live as long as it does. Not thread-safe.
class StoredParameters : public ParameterSource {
 public:
  // `query` must outlive this.
  StoredParameters(const StoredQuery& query, CallFacts facts);

  // Checks a value that the caller gives against the parameter's type, and makes it one of that
  // type: a REAL parameter takes an integer too. INVALID_ARGUMENT for one that does not fit and for
  // a magic parameter.
  absl::StatusOr<sqlite::ValueView> Check(absl::string_view name,
                                          const sqlite::ValueView& value) const;

  // A default or a magic value; nothing for what the caller must give.
  absl::StatusOr<std::optional<sqlite::ValueView>> Find(absl::string_view name) override;

 private:
  std::optional<sqlite::ValueView> FindMagic(absl::string_view name);
  sqlite::ValueView Keep(std::string text);

  const StoredQuery& query_;
  const CallFacts facts_;
  // A deque, since its elements never move.
  std::deque<std::string> kept_;
};

// Whether the statement makes, changes or drops something; such a one cannot be described.
bool ChangesDefinitions(const StoredQuery& query);

// NOT_FOUND (NO_SUCH_QUERY).
absl::StatusOr<const StoredQuery*> FindQuery(const Settings& settings, absl::string_view database,
                                             absl::string_view query);

}  // namespace sluice::engine
