// Connection: tables of one database in a file of their own.
#include <sqlite3.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/sqlite/connection.h"
#include "server/sqlite/file_name.h"
#include "server/sqlite/quote.h"
#include "server/sqlite/raw_copy.h"

namespace sluice::sqlite {
namespace {

absl::Status Set(sqlite3* db, int option, int value) {
  int now = -1;
  if (sqlite3_db_config(db, option, value, &now) == SQLITE_OK && now == value) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kInternal, reason::kInternal, "SQLite refused a setting");
}

}  // namespace

absl::Status Connection::AttachSource(const OpenOptions& options) {
  sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 1);
  const absl::Cleanup forbid = [this] { sqlite3_limit(db_.get(), SQLITE_LIMIT_ATTACHED, 0); };
  const bool immutable = options.mode == OpenOptions::Mode::kImmutable;
  ASSIGN_OR_RETURN(Statement attach, Prepare("ATTACH ? AS source"));
  const std::string uri = FileUri(options.path, immutable ? "immutable=1" : "mode=ro");
  attach.Bind(1, ValueView::Text(uri));
  RETURN_IF_ERROR(attach.Run());
  return CheckIdentity(options);
}

absl::Status Connection::CopyRows(const std::string& table) {
  const std::string name = QuoteIdentifier(table);
  // It is looked at while the statement is prepared.
  sluice_copy_as_stored(db_.get(), 1);
  const absl::Cleanup usual = [this] { sluice_copy_as_stored(db_.get(), 0); };
  ASSIGN_OR_RETURN(Statement copy, PrepareUncached(absl::StrCat("INSERT INTO main.", name,
                                                                " SELECT * FROM source.", name)));
  return copy.Run();
}

absl::Status Connection::AllowShadowWrites() {
  return Set(db_.get(), SQLITE_DBCONFIG_DEFENSIVE, 0);
}

absl::Status Connection::AllowSchemaWrites() {
  return Set(db_.get(), SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1);
}

}  // namespace sluice::sqlite
