// A table that is dropped, and what that does to others.
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/dependents.h"
#include "server/engine/foreign_keys.h"
#include "server/engine/full_text.h"
#include "server/engine/table_alterer.h"
#include "server/engine/table_member.h"
#include "server/sqlite/quote.h"
#include "server/sqlite/row_changes.h"

namespace sluice::engine {
namespace {

using sqlite::QuoteIdentifier;

// Rows of one table that refer to the dropped one by one key.
struct Referring {
  ForeignKey key;
  int64_t rows = 0;

  bool refuses() const { return key.on_delete == "NO ACTION" || key.on_delete == "RESTRICT"; }
};

// An error tells of so many tables.
constexpr size_t kReferringTold = 20;

absl::StatusOr<int64_t> CountReferring(sqlite::Connection& connection, const ForeignKey& key) {
  std::vector<std::string> tests;
  for (size_t i = 0; i < key.columns.size(); ++i) {
    tests.push_back(absl::StrCat("p.", QuoteIdentifier(key.parent_columns[i]), " = c.",
                                 QuoteIdentifier(key.columns[i])));
  }
  const auto count = connection.QueryInteger(absl::StrCat(
      "SELECT count(*) FROM ", QuoteIdentifier(key.table), " AS c WHERE EXISTS (SELECT 1 FROM ",
      QuoteIdentifier(key.parent_table), " AS p WHERE ", absl::StrJoin(tests, " AND "), ")"));
  // A key whose columns are not there refers to nothing.
  if (ReasonOf(count.status()) == reason::kSqlError) return 0;
  return count;
}

absl::StatusOr<std::vector<Referring>> FindReferring(sqlite::Connection& connection,
                                                     const Schema& schema, const Table& table) {
  std::vector<Referring> all;
  if (table.kind != TableKind::kTable) return all;
  ASSIGN_OR_RETURN(const auto keys, ReadReferences(connection, schema, table));
  for (const ForeignKey& key : keys) {
    if (absl::EqualsIgnoreCase(key.table, table.name)) continue;
    ASSIGN_OR_RETURN(const int64_t rows, CountReferring(connection, key));
    if (rows > 0) all.push_back({key, rows});
  }
  return all;
}

absl::Status WithReferring(absl::Status status, const std::vector<Referring>& referring) {
  int64_t rows = 0;
  for (size_t i = 0; i < referring.size(); ++i) {
    const Referring& each = referring[i];
    rows += each.rows;
    if (i >= kReferringTold) continue;
    status = WithMetadata(std::move(status), absl::StrCat("rows_of.", each.key.table),
                          absl::StrCat(each.rows, " ON DELETE ", each.key.on_delete));
  }
  return WithMetadata(std::move(status), "referring_rows", absl::StrCat(rows));
}

class DropTableMember : public TableMember {
 public:
  DropTableMember(Database* database, DropTableSpec spec, const Interrupt& interrupt,
                  TableDone done)
      : TableMember(database, spec.options, spec.respond, interrupt, std::move(done)),
        spec_(std::move(spec)) {}

 protected:
  absl::StatusOr<TableOutcome> Change(sqlite::Connection& connection) override {
    Definer definer(database(), connection);
    TableOutcome outcome{.table = spec_.table};
    ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
    const Table* const table = schema->Find(spec_.table);
    if (table == nullptr || table->hidden) {
      outcome.changed = false;
      if (spec_.allow_missing && table == nullptr) return outcome;
      return FindTable(*schema, database().name(), spec_.table).status();
    }
    RETURN_IF_ERROR(CheckReferring(connection, *schema, *table));
    if (!table->is_view() && table->unavailable_reason.empty()) {
      ASSIGN_OR_RETURN(outcome.row_count,
                       connection.QueryInteger(
                           absl::StrCat("SELECT count(*) FROM ", QuoteIdentifier(table->name))));
    }
    ASSIGN_OR_RETURN(const auto broken, FindBroken(connection, *schema));
    RETURN_IF_ERROR(Drop(definer, *schema, *table, &outcome));
    if (!spec_.cascade) RETURN_IF_ERROR(CheckNothingBroken(definer, broken));
    outcome.statements = std::move(definer.statements());
    return outcome;
  }

 private:
  absl::Status CheckReferring(sqlite::Connection& connection, const Schema& schema,
                              const Table& table) const {
    ASSIGN_OR_RETURN(const auto referring, FindReferring(connection, schema, table));
    if (referring.empty()) return absl::OkStatus();
    if (!spec_.cascade) {
      return WithReferring(
          InUse("rows of other tables",
                "rows of other tables refer to it; `cascade` does to them what their keys say"),
          referring);
    }
    for (const Referring& each : referring) {
      if (!each.refuses()) continue;
      return WithReferring(Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
                                 "rows refer to it by a key that lets nothing be deleted"),
                           referring);
    }
    return absl::OkStatus();
  }

  static absl::Status Drop(Definer& definer, const Schema& schema, const Table& table,
                           TableOutcome* outcome) {
    sqlite::TableChanges changes(definer.connection());
    RETURN_IF_ERROR(definer.Run(
        absl::StrCat(table.is_view() ? "DROP VIEW " : "DROP TABLE ", QuoteIdentifier(table.name))));
    for (const auto& [name, counts] : changes.by_table()) {
      const Table* const other = schema.Find(name);
      if (other == nullptr || other->hidden || other == &table) continue;
      outcome->effects.push_back(
          {.table = name, .deleted_count = counts.deleted, .updated_count = counts.updated});
    }
    if (table.kind != TableKind::kTable) return absl::OkStatus();
    for (const FullTextIndex& index : FindFullTextsOver(schema, table)) {
      RETURN_IF_ERROR(definer.Run(absl::StrCat("DROP TABLE ", QuoteIdentifier(index.table->name))));
    }
    return absl::OkStatus();
  }

  absl::Status CheckNothingBroken(Definer& definer,
                                  const std::set<std::string>& broken_before) const {
    ASSIGN_OR_RETURN(const auto now, definer.CurrentSchema());
    ASSIGN_OR_RETURN(const auto broken, FindBroken(definer.connection(), *now));
    return CheckNotBroken(broken_before, broken, spec_.table);
  }

  const DropTableSpec spec_;
};

}  // namespace

absl::Status SubmitDropTable(const std::shared_ptr<Database>& database, DropTableSpec spec,
                             const Interrupt& interrupt, TableDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, database->FindWriter());
  return writer->Submit(std::make_unique<DropTableMember>(database.get(), std::move(spec),
                                                          interrupt, std::move(done)));
}

}  // namespace sluice::engine
