// Starting a statement over a table whose schema may change meanwhile.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/engine/database.h"
#include "server/engine/schema.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// A statement over a table, standing on its first row if it has one, and the table as it was then.
struct Started {
  std::shared_ptr<const Schema> schema;
  const Table* table = nullptr;
  sqlite::Statement statement;
  bool row = false;
};

// Makes the statement's text and binds its parameters. The error ends the request.
using Begin =
    std::function<absl::StatusOr<sqlite::Statement>(const Schema& schema, const Table& table)>;

// Starts a statement over `table` under the schema as last seen, and again under the present one
// when the file has changed meanwhile. That costs nothing while it has not: a statement from the
// cache tells when SQLite had to prepare it anew, and only a fresh one asks for the schema's
// version. NOT_FOUND (NO_SUCH_TABLE) and what `begin` and SQLite say.
absl::StatusOr<Started> StartOn(Database& database, sqlite::Connection& connection,
                                absl::string_view table, const Begin& begin);

}  // namespace sluice::engine
