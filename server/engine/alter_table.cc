// A table that is changed, by SQLite's ALTER TABLE or written anew.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_alterer.h"
#include "server/engine/table_member.h"

namespace sluice::engine {
namespace {

class AlterTableMember : public TableMember {
 public:
  AlterTableMember(Database* database, AlterTableSpec spec, const Interrupt& interrupt,
                   TableDone done)
      : TableMember(database, spec.options, spec.respond, interrupt, std::move(done)),
        spec_(std::move(spec)) {}

  bool without_foreign_keys() const override { return true; }

 protected:
  absl::StatusOr<TableOutcome> Change(sqlite::Connection& connection) override {
    Definer definer(database(), connection);
    ASSIGN_OR_RETURN(const auto schema, definer.CurrentSchema());
    ASSIGN_OR_RETURN(const Table* const table, FindTable(*schema, database().name(), spec_.table));
    if (table->kind != TableKind::kTable) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kUnsupported,
                   "views and virtual tables cannot be altered");
    }
    TableAlterer alterer(definer, table->name);
    for (size_t i = 0; i < spec_.changes.size(); ++i) {
      RETURN_IF_ERROR(connection.guard().spec().interrupt.Check());
      const absl::Status status = alterer.Apply(spec_.changes[i], absl::StrCat("changes[", i, "]"));
      if (status.ok()) continue;
      return spec_.changes.size() == 1 ? status : WithMetadata(status, "change", absl::StrCat(i));
    }
    RETURN_IF_ERROR(alterer.Finish());
    TableOutcome outcome{.table = alterer.table()};
    ASSIGN_OR_RETURN(outcome.sql, definer.SqlOf(alterer.table()));
    outcome.statements = std::move(definer.statements());
    return outcome;
  }

 private:
  const AlterTableSpec spec_;
};

}  // namespace

absl::Status SubmitAlterTable(const std::shared_ptr<Database>& database, AlterTableSpec spec,
                              const Interrupt& interrupt, TableDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, database->FindWriter());
  return writer->Submit(std::make_unique<AlterTableMember>(database.get(), std::move(spec),
                                                           interrupt, std::move(done)));
}

}  // namespace sluice::engine
