// Some tables of a database as a database of their own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/schema.h"

namespace sluice::engine {

// The tables that are meant, as the schema spells them, each once and in its order. NOT_FOUND
// (NO_SUCH_TABLE) for one that is not there or is hidden, INVALID_ARGUMENT for a view, and for a
// full-text index without the table whose rows it shows.
absl::StatusOr<std::vector<std::string>> ChooseTables(const Schema& schema,
                                                      absl::string_view database,
                                                      const std::vector<std::string>& names);

// Bytes of the pages that they take, with their indexes, now. Reads all of those pages.
absl::StatusOr<int64_t> MeasureTables(sqlite::Connection& connection, const Schema& schema,
                                      const std::vector<std::string>& tables);

struct TableCopy {
  // As ChooseTables gave them.
  std::vector<std::string> tables;
  // A file that is not there yet, and how large it may become.
  std::string path;
  int64_t bytes_max = 0;
  Interrupt interrupt = {};
};
// Writes a database of these tables, as of one moment, that is on the disk when this returns:
//
// * the tables as they are stored, rowids included, with their indexes, with full-text indexes over
//   them, and with the tables in which virtual ones keep what is theirs;
// * views and triggers that can be compiled there: all that they name is there;
// * foreign keys as they are defined, to tables that are not there too;
// * encoding, page size, user_version, application_id and the numbers of AUTOINCREMENT. No
//   statistics (ANALYZE), and nothing that the server keeps for itself.
//
// What is left out is nowhere in the file. Writers go on meanwhile. Gives the commit token of the
// moment. RESOURCE_EXHAUSTED (DISK_FULL) when there is no room.
absl::StatusOr<std::string> CopyTables(Database& database, const TableCopy& copy);

}  // namespace sluice::engine
