// What SQL of callers may read of a database.
#pragma once

#include <memory>

#include "server/engine/schema.h"
#include "server/sqlite/guard.h"

namespace sluice::engine {

// Everything that is not hidden: SQLite's, virtual tables' and our own internal tables are closed,
// and so are the virtual tables that show pages, statistics or other statements. Immutable;
// thread-safe.
class CallerPolicy : public sqlite::AccessPolicy {
 public:
  explicit CallerPolicy(std::shared_ptr<const Schema> schema);

  bool MayWrite(absl::string_view name) const override;
  bool MayRead(absl::string_view table, absl::string_view column) const override;
  bool MayReadWithin(absl::string_view table) const override;
  uint64_t fingerprint() const override { return fingerprint_; }
  const std::shared_ptr<const Schema>& schema() const { return schema_; }

 private:
  const std::shared_ptr<const Schema> schema_;
  const uint64_t fingerprint_;
};

}  // namespace sluice::engine
