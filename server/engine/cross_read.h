// Several databases under one statement.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/policy.h"
#include "server/sqlite/guard.h"
#include "server/sqlite/pool.h"

namespace sluice::engine {

using OtherDatabases = std::vector<std::shared_ptr<Database>>;

// What callers' SQL may read of several databases: of each what its own policy shows. Immutable.
class CrossPolicy : public sqlite::AccessPolicy {
 public:
  struct Part {
    // What statements call it.
    std::string schema;
    std::shared_ptr<const CallerPolicy> policy;
  };
  // In the order in which SQLite looks for a name without a schema, `main` first.
  explicit CrossPolicy(std::vector<Part> parts) : parts_(std::move(parts)) {}

  const sqlite::AccessPolicy& Of(absl::string_view schema, absl::string_view table) const override;
  bool MayWrite(absl::string_view) const override { return false; }
  bool MayRead(absl::string_view table, absl::string_view column) const override {
    return Of("", table).MayRead(table, column);
  }
  bool MayReadWithin(absl::string_view table) const override {
    return Of("", table).MayReadWithin(table);
  }
  // Its connection never has another.
  uint64_t fingerprint() const override { return 1; }

  const std::vector<Part>& parts() const { return parts_; }

 private:
  const std::vector<Part> parts_;
};

// A read connection to one database with others attached, each as a schema of its name: made for
// one request and closed after it, so that nothing keeps a file open that its database has let go.
// A lease on each database stands for it meanwhile: what waits for a database's readers or revokes
// them finds this one too. One thread at a time.
class CrossRead {
 public:
  // Waits for the leases in the order of the databases' names, so that two requests never wait for
  // each other. The names must differ in more than the case of letters and be neither `main` nor
  // `temp`; `database` must outlive this. What Database::Acquire and Connection::Attach say.
  static absl::StatusOr<std::unique_ptr<CrossRead>> Open(Database& database, OtherDatabases others,
                                                         const Interrupt& interrupt);

  sqlite::Connection& connection() { return *connection_; }
  // Begins a read transaction, under which each database stands still by itself, from about the
  // same moment; what may be read in it. To be called once, with nobody's policy armed.
  absl::StatusOr<std::shared_ptr<const CrossPolicy>> Begin();

 private:
  // One database, and the schema that it is.
  struct Part {
    Database* database;
    std::string schema;
    sqlite::ReadLease lease;
  };
  CrossRead(OtherDatabases others, std::vector<Part> parts)
      : others_(std::move(others)), parts_(std::move(parts)) {}
  absl::Status Connect(const Interrupt& interrupt);
  // Null when a schema has changed since the transaction began.
  absl::StatusOr<std::shared_ptr<const CrossPolicy>> TryBegin();

  // In this order: the connection is closed before the leases go back, and these before their
  // databases.
  const OtherDatabases others_;
  // `main` first.
  std::vector<Part> parts_;
  std::unique_ptr<sqlite::Connection> connection_;
};

}  // namespace sluice::engine
