#include "server/engine/table_copy.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"
#include "server/engine/dependents.h"
#include "server/engine/full_text.h"
#include "server/engine/sql_text.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

using sqlite::Connection;
using sqlite::OpenOptions;
using sqlite::QuoteIdentifier;

// How often a transaction is begun anew because the schema has changed just then.
constexpr int kBeginningsMax = 5;

using Names = std::set<std::string>;

bool Has(const Names& names, absl::string_view name) {
  return names.contains(absl::AsciiStrToLower(name));
}

// In lower case: the tables, full-text indexes over them, and what virtual ones of both keep.
Names WithTheirs(const Schema& schema, const std::vector<std::string>& tables) {
  Names all;
  for (const std::string& name : tables) {
    all.insert(absl::AsciiStrToLower(name));
    const Table* const table = schema.Find(name);
    if (table == nullptr) continue;
    for (const FullTextIndex& index : FindFullTextsOver(schema, *table)) {
      all.insert(absl::AsciiStrToLower(index.table->name));
    }
  }
  Names shadows;
  for (const Table& table : schema.tables()) {
    if (table.kind != TableKind::kShadow) continue;
    const std::string name = absl::AsciiStrToLower(table.name);
    // `docs_fts_data` is of `docs_fts`.
    for (size_t end = name.rfind('_'); end != std::string::npos && end > 0;
         end = name.rfind('_', end - 1)) {
      const Table* const owner = schema.Find(name.substr(0, end));
      if (owner == nullptr || owner->kind != TableKind::kVirtual) continue;
      if (Has(all, owner->name)) shadows.insert(name);
      break;
    }
  }
  all.merge(shadows);
  return all;
}

// One row of sqlite_schema.
struct Object {
  std::string type;
  std::string name;
  std::string table;
  bool stored = false;
  std::string sql;
};

absl::StatusOr<std::vector<Object>> ReadObjects(Connection& connection) {
  std::vector<Object> objects;
  ASSIGN_OR_RETURN(
      sqlite::Statement rows,
      connection.Prepare("SELECT type, name, tbl_name, coalesce(rootpage, 0) > 0, sql "
                         "FROM source.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"));
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return objects;
    objects.push_back({.type = std::string(rows.column(0).bytes),
                       .name = std::string(rows.column(1).bytes),
                       .table = std::string(rows.column(2).bytes),
                       .stored = rows.column(3).integer != 0,
                       .sql = std::string(rows.column(4).bytes)});
  }
}

absl::Status Run(Connection& connection, absl::string_view sql) {
  ASSIGN_OR_RETURN(sqlite::Statement statement, connection.PrepareUncached(sql));
  return statement.Run();
}

// Runs a definition of the source's. A file whose schema somebody has written by hand could hold
// another statement in its place.
absl::Status Define(Connection& connection, const Object& object) {
  const bool as_kept = object.type == "table" ? absl::StartsWith(object.sql, "CREATE TABLE ")
                                              : absl::StartsWith(object.sql, "CREATE INDEX ") ||
                                                    absl::StartsWith(object.sql, "CREATE UNIQUE ");
  if (as_kept) return Run(connection, object.sql);
  return WithMetadata(
      Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
            absl::StrCat("the definition of ", object.name, " is not written as SQLite writes it")),
      "name", object.name);
}

// What a trigger fires on: `INSERT`, `DELETE` or `UPDATE`. Its name, if it is such a word, is in
// quotes.
std::string EventOf(absl::string_view sql) {
  for (const SqlToken& token : Tokenize(sql)) {
    for (const char* event : {"INSERT", "DELETE", "UPDATE"}) {
      if (token.is_word(event)) return event;
    }
  }
  return "";
}

class Copier {
 public:
  Copier(Database& database, const TableCopy& copy) : database_(database), copy_(copy) {}

  absl::StatusOr<std::string> Run() {
    RETURN_IF_ERROR(CopyStored());
    RETURN_IF_ERROR(AddCompiled());
    return token_;
  }

 private:
  // --- what is stored: tables, indexes, rows ---

  absl::Status CopyStored() {
    ASSIGN_OR_RETURN(const auto lease, database_.Acquire(copy_.interrupt));
    ASSIGN_OR_RETURN(target_, OpenTarget(OpenOptions::Mode::kCopyInto, /*legacy=*/true));
    RETURN_IF_ERROR(TakeForm(*lease));
    RETURN_IF_ERROR(target_->AllowShadowWrites());
    RETURN_IF_ERROR(target_->AttachSource(database_.reading()));
    RETURN_IF_ERROR(Begin(*lease));
    ASSIGN_OR_RETURN(token_, ReadCommitToken(*target_));
    ASSIGN_OR_RETURN(objects_, ReadObjects(*target_));
    for (const char* type : {"table", "index"}) {
      for (const Object& object : objects_) {
        if (object.type == type && object.stored && Has(names_, object.table)) {
          RETURN_IF_ERROR(Define(*target_, object));
        }
      }
    }
    for (const Object& object : objects_) {
      if (object.type != "table" || !object.stored || !Has(names_, object.name)) continue;
      RETURN_IF_ERROR(copy_.interrupt.Check());
      RETURN_IF_ERROR(target_->CopyRows(object.name));
    }
    RETURN_IF_ERROR(CopySequence());
    RETURN_IF_ERROR(AddVirtualTables());
    RETURN_IF_ERROR(target_->Execute("COMMIT"));
    target_.reset();
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Connection>> OpenTarget(OpenOptions::Mode mode, bool legacy) {
    ASSIGN_OR_RETURN(
        auto target,
        Connection::Open({.path = copy_.path, .mode = mode, .legacy_string_literals = legacy}));
    target->guard().Arm({.interrupt = copy_.interrupt});
    // Of other tables, which are maybe not there.
    RETURN_IF_ERROR(target->set_foreign_keys(false));
    return target;
  }

  // What is decided before the first page is written. A file that is thrown away when anything
  // fails needs no journal.
  absl::Status TakeForm(Connection& source) {
    ASSIGN_OR_RETURN(const sqlite::Value encoding, source.QueryValue("PRAGMA encoding"));
    RETURN_IF_ERROR(
        target_->Execute(absl::StrCat("PRAGMA encoding = '", encoding.view().bytes, "'")));
    for (const char* name : {"page_size", "auto_vacuum"}) {
      ASSIGN_OR_RETURN(const int64_t value, source.QueryInteger(absl::StrCat("PRAGMA ", name)));
      RETURN_IF_ERROR(target_->Execute(absl::StrCat("PRAGMA ", name, " = ", value)));
    }
    ASSIGN_OR_RETURN(const int64_t page, source.QueryInteger("PRAGMA page_size"));
    RETURN_IF_ERROR(target_->Execute(
        absl::StrCat("PRAGMA max_page_count = ", std::max<int64_t>(1, copy_.bytes_max / page))));
    return target_->Execute("PRAGMA journal_mode = OFF");
  }

  // Begins the transaction at a moment whose schema is known.
  absl::Status Begin(Connection& source) {
    for (int i = 0; i < kBeginningsMax; ++i) {
      RETURN_IF_ERROR(target_->Execute("BEGIN"));
      ASSIGN_OR_RETURN(const int64_t version,
                       target_->QueryInteger("PRAGMA source.schema_version"));
      ASSIGN_OR_RETURN(const auto schema, database_.CurrentSchema(source));
      if (schema->version() == version) {
        // A table may have gone since it was asked for.
        RETURN_IF_ERROR(ChooseTables(*schema, database_.name(), copy_.tables).status());
        names_ = WithTheirs(*schema, copy_.tables);
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(target_->Execute("ROLLBACK"));
    }
    return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                                "the schema does not stay as it is for long enough"),
                          absl::Seconds(1));
  }

  absl::Status CopySequence() {
    for (const char* name : {"user_version", "application_id"}) {
      ASSIGN_OR_RETURN(const int64_t value,
                       target_->QueryInteger(absl::StrCat("PRAGMA source.", name)));
      RETURN_IF_ERROR(target_->Execute(absl::StrCat("PRAGMA main.", name, " = ", value)));
    }
    ASSIGN_OR_RETURN(const int64_t counted,
                     target_->QueryInteger("SELECT count(*) FROM main.sqlite_schema "
                                           "WHERE name = 'sqlite_sequence'"));
    if (counted == 0) return absl::OkStatus();
    return target_->Execute(
        "INSERT INTO main.sqlite_sequence(name, seq) SELECT name, seq FROM source.sqlite_sequence "
        "WHERE name IN (SELECT name FROM main.sqlite_schema WHERE type = 'table')");
  }

  // As rows of the schema: to create them would create what they keep, which is there.
  absl::Status AddVirtualTables() {
    RETURN_IF_ERROR(target_->AllowSchemaWrites());
    for (const Object& object : objects_) {
      if (object.type != "table" || object.stored || !Has(names_, object.name)) continue;
      ASSIGN_OR_RETURN(sqlite::Statement add,
                       target_->PrepareUncached(
                           "INSERT INTO main.sqlite_schema(type, name, tbl_name, rootpage, sql) "
                           "VALUES ('table', ?1, ?1, 0, ?2)"));
      add.Bind(1, sqlite::ValueView::Text(object.name));
      add.Bind(2, sqlite::ValueView::Text(object.sql));
      RETURN_IF_ERROR(add.Run());
    }
    return absl::OkStatus();
  }

  // --- what is compiled when it is used: views, triggers ---

  absl::Status AddCompiled() {
    ASSIGN_OR_RETURN(target_,
                     OpenTarget(OpenOptions::Mode::kReadWrite, database_.legacy_string_literals()));
    RETURN_IF_ERROR(target_->Execute("PRAGMA journal_mode = MEMORY"));
    // What is taken out again is overwritten.
    RETURN_IF_ERROR(target_->Execute("PRAGMA secure_delete = ON"));
    RETURN_IF_ERROR(target_->Execute("BEGIN IMMEDIATE"));
    RETURN_IF_ERROR(AddViews());
    RETURN_IF_ERROR(AddTriggers());
    RETURN_IF_ERROR(copy_.interrupt.Check());
    RETURN_IF_ERROR(target_->Execute("COMMIT"));
    target_.reset();
    return absl::OkStatus();
  }

  // All at first, since one may need another; then those go that do not work, until none is left.
  absl::Status AddViews() {
    for (const Object& object : objects_) {
      if (object.type != "view" || IsReservedName(object.name)) continue;
      if (engine::Run(*target_, object.sql).ok()) views_.push_back(object.name);
    }
    while (true) {
      const auto broken = std::partition(views_.begin(), views_.end(), [&](const auto& view) {
        return Compiles(absl::StrCat("SELECT * FROM ", QuoteIdentifier(view)));
      });
      if (broken == views_.end()) return absl::OkStatus();
      // What was stopped is not broken.
      RETURN_IF_ERROR(copy_.interrupt.Check());
      for (auto view = broken; view != views_.end(); ++view) {
        RETURN_IF_ERROR(engine::Run(*target_, "DROP VIEW " + QuoteIdentifier(*view)));
      }
      views_.erase(broken, views_.end());
    }
  }

  // One after the other: one that does not work does so by itself, or by one that has been kept.
  absl::Status AddTriggers() {
    ASSIGN_OR_RETURN(const auto schema, Schema::Load(*target_));
    for (const Object& object : objects_) {
      if (object.type != "trigger") continue;
      const Table* const table = schema->Find(object.table);
      if (table == nullptr || !engine::Run(*target_, object.sql).ok()) continue;
      const std::string event = EventOf(object.sql);
      for (const std::string& probe : ProbesOf(*table, /*with_triggers=*/true)) {
        if (!absl::StartsWith(probe, event) || Compiles(probe)) continue;
        RETURN_IF_ERROR(copy_.interrupt.Check());
        RETURN_IF_ERROR(engine::Run(*target_, "DROP TRIGGER " + QuoteIdentifier(object.name)));
        break;
      }
    }
    return absl::OkStatus();
  }

  bool Compiles(const std::string& sql) { return target_->PrepareUncached(sql).ok(); }

  Database& database_;
  const TableCopy& copy_;
  std::unique_ptr<Connection> target_;
  // With what comes along, in lower case.
  Names names_;
  std::vector<Object> objects_;
  std::vector<std::string> views_;
  std::string token_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ChooseTables(const Schema& schema,
                                                      absl::string_view database,
                                                      const std::vector<std::string>& names) {
  std::set<std::string> chosen;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const Table* const table, FindTable(schema, database, name));
    if (table->is_view()) {
      return BadField("tables", absl::StrCat(table->name,
                                             " is a view; views come along by "
                                             "themselves when all that they read is there"));
    }
    chosen.insert(table->name);
  }
  for (const Table& table : schema.tables()) {
    if (chosen.contains(table.name)) continue;
    for (const FullTextIndex& index : FindFullTextsOver(schema, table)) {
      if (!chosen.contains(index.table->name)) continue;
      return BadField("tables", absl::StrCat(index.table->name, " is an index over ", table.name,
                                             ", which must be there too"));
    }
  }
  return std::vector<std::string>(chosen.begin(), chosen.end());
}

absl::StatusOr<int64_t> MeasureTables(Connection& connection, const Schema& schema,
                                      const std::vector<std::string>& tables) {
  int64_t bytes = 0;
  for (const std::string& name : WithTheirs(schema, tables)) {
    const Table* const table = schema.Find(name);
    if (table == nullptr) continue;
    ASSIGN_OR_RETURN(
        sqlite::Statement rows,
        connection.Prepare("SELECT coalesce(sum(d.pgsize), 0) FROM sqlite_schema AS s, dbstat AS d "
                           "WHERE s.tbl_name = ?1 AND s.rootpage > 0 AND d.name = s.name "
                           "AND d.aggregate = TRUE"));
    rows.Bind(1, sqlite::ValueView::Text(table->name));
    RETURN_IF_ERROR(rows.Step().status());
    bytes += rows.column(0).integer;
  }
  return bytes;
}

absl::StatusOr<std::string> CopyTables(Database& database, const TableCopy& copy) {
  return Copier(database, copy).Run();
}

}  // namespace sluice::engine
