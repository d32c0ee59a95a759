#include "server/engine/execute.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/parameters.h"

namespace sluice::engine {
namespace {

constexpr char kCountReserved[] =
    "SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view') AND "
    "(name LIKE '\\_sluice\\_%' ESCAPE '\\' OR name LIKE '\\_litestream\\_%' ESCAPE '\\')";

// SQLite would ask for such a key at every write of the server's own.
constexpr char kCountReservedParents[] =
    "SELECT count(*) FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS k "
    "WHERE s.type = 'table' AND (k.\"table\" LIKE '\\_sluice\\_%' ESCAPE '\\' OR "
    "k.\"table\" LIKE '\\_litestream\\_%' ESCAPE '\\')";

class ExecuteMember : public KeptWrite {
 public:
  ExecuteMember(Database* database, ExecuteSpec spec, const Interrupt& interrupt, ExecuteDone done)
      : KeptWrite(database, spec.options, interrupt),
        spec_(std::move(spec)),
        done_(std::move(done)) {}

  bool alone() const override { return true; }

 protected:
  absl::Status Run(sqlite::Connection& connection) override {
    outcome_ = ExecuteOutcome();
    bytes_ = 0;
    const Deadline end = Deadline::After(limits::kMemberTimeMax);
    for (size_t i = 0; i < spec_.statements.size(); ++i) {
      const absl::Status status = RunOne(connection, spec_.statements[i], end);
      if (status.ok()) continue;
      return spec_.statements.size() == 1 ? status
                                          : WithMetadata(status, "statement", absl::StrCat(i));
    }
    return absl::OkStatus();
  }

  std::string Respond() override { return spec_.respond(outcome_); }

  void Answer(absl::StatusOr<KeptAnswer> answer) override {
    if (!answer.ok()) return done_(answer.status());
    outcome_.commit_token = std::move(answer->commit_token);
    outcome_.replayed_response = std::move(answer->replayed_response);
    done_(std::move(outcome_));
  }

 private:
  absl::Status RunOne(sqlite::Connection& connection, const ExecuteSpec::One& one, Deadline end) {
    one.sink->Clear();
    const sqlite::GuardSpec own = connection.guard().spec();
    // What a statement before this one made or dropped counts too.
    ASSIGN_OR_RETURN(const auto policy, database().CurrentPolicy(connection));
    const int64_t version = policy->schema()->version();
    {
      const absl::Cleanup rearm = [&] { connection.guard().Arm(own); };
      connection.guard().Arm(
          {.policy = policy.get(),
           .interrupt = interrupt().Within(end.EarlierOf(Deadline::After(one.query.time_max))),
           .profile = one.query.known_caller ? sqlite::LimitProfile::kKnownCaller
                                             : sqlite::LimitProfile::kCaller,
           .may_write = true});
      RETURN_IF_ERROR(Step(connection, one));
    }
    ASSIGN_OR_RETURN(const int64_t now, connection.QueryInteger("PRAGMA schema_version"));
    if (now == version) return absl::OkStatus();
    connection.set_schema_uncommitted(true);
    return CheckReservedNames(connection, *policy->schema());
  }

  absl::Status Step(sqlite::Connection& connection, const ExecuteSpec::One& one) {
    connection.set_last_insert_rowid(0);
    const int64_t changes_before = connection.total_changes();
    // Not from the cache: what an earlier batch prepared and rolled back may name another table
    // now.
    ASSIGN_OR_RETURN(sqlite::Statement statement, connection.PrepareUncached(one.query.sql));
    RETURN_IF_ERROR(BindParameters(one.query, statement));
    StatementOutcome& outcome = outcome_.results.emplace_back();
    ASSIGN_OR_RETURN(bool row, statement.Step());
    RETURN_IF_ERROR(PushColumns(statement, *one.sink));
    for (int64_t pushed = 0; row; ++pushed) {
      outcome.truncated =
          pushed == one.rows_max || bytes_ + one.sink->bytes() >= limits::kPageBytesMax;
      if (outcome.truncated) {
        RETURN_IF_ERROR(statement.Run());
        break;
      }
      RETURN_IF_ERROR(one.sink->OnRow(RowView(statement, 0, statement.column_count(), nullptr)));
      ASSIGN_OR_RETURN(row, statement.Step());
    }
    bytes_ += one.sink->bytes();
    // What changes() says stays from an earlier statement when this one changed no row.
    const bool changed = connection.total_changes() != changes_before;
    outcome.affected_count = changed ? connection.changes() : 0;
    outcome.last_insert_rowid = connection.last_insert_rowid();
    return absl::OkStatus();
  }

  // ALTER TABLE … RENAME TO asks nobody about the new name, nor a foreign key about the other
  // table.
  static absl::Status CheckReservedNames(sqlite::Connection& connection, const Schema& before) {
    ASSIGN_OR_RETURN(const int64_t count, connection.QueryInteger(kCountReserved));
    const auto reserved = [](const Table& table) {
      return IsReservedName(table.name) && !absl::StartsWithIgnoreCase(table.name, "sqlite_");
    };
    ASSIGN_OR_RETURN(const int64_t parents, connection.QueryInteger(kCountReservedParents));
    if (count == std::count_if(before.tables().begin(), before.tables().end(), reserved) &&
        parents == 0) {
      return absl::OkStatus();
    }
    return Error(absl::StatusCode::kInvalidArgument, reason::kSqlError,
                 "names that begin with _sluice_ or _litestream_ are not for callers");
  }

  static absl::Status PushColumns(const sqlite::Statement& statement, RowSink& sink) {
    std::vector<ColumnView> columns;
    for (int i = 0; i < statement.column_count(); ++i) {
      columns.push_back({statement.column_name(i), statement.column_declared_type(i)});
    }
    return sink.OnColumns(columns);
  }

  const ExecuteSpec spec_;
  const ExecuteDone done_;
  // Of the latest Run.
  ExecuteOutcome outcome_;
  size_t bytes_ = 0;
};

}  // namespace

absl::Status SubmitExecute(const std::shared_ptr<Database>& database, ExecuteSpec spec,
                           const Interrupt& interrupt, ExecuteDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, KeptWrite::FindWriter(*database, spec.options));
  return writer->Submit(
      std::make_unique<ExecuteMember>(database.get(), std::move(spec), interrupt, std::move(done)));
}

}  // namespace sluice::engine
