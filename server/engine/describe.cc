#include "server/engine/describe.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

using PlanNode = StatementDescription::PlanNode;
using TouchedTable = StatementDescription::TouchedTable;

// Deeper steps stand beside their parents, since readers of messages go no deeper than 100.
constexpr int kPlanDepthMax = 60;

void AddOnce(std::vector<std::string>* names, absl::string_view name) {
  if (name.empty() || std::find(names->begin(), names->end(), name) != names->end()) return;
  names->emplace_back(name);
}

// Empty for the request's own database.
std::string OtherThanMain(absl::string_view schema) {
  return std::string(schema == "main" ? "" : schema);
}

// Sums up what the guard tells.
class TouchedTables : public sqlite::AccessLog {
 public:
  // `main` first.
  explicit TouchedTables(std::vector<CrossPolicy::Part> parts) : parts_(std::move(parts)) {}

  void OnRead(const sqlite::AccessPolicy& policy, absl::string_view table,
              absl::string_view column) override {
    for (const CrossPolicy::Part& part : parts_) {
      if (part.policy.get() != &policy) continue;
      if (TouchedTable* const touched = Find(part, table)) {
        AddOnce(&touched->columns_read, column);
      }
    }
  }

  void OnChange(Change change, absl::string_view table, absl::string_view column) override {
    TouchedTable* const touched = Find(parts_[0], table);
    if (touched == nullptr) return;
    touched->inserts |= change == Change::kInsert;
    touched->updates |= change == Change::kUpdate;
    touched->deletes |= change == Change::kDelete;
    if (change == Change::kUpdate) AddOnce(&touched->columns_updated, column);
  }

  std::vector<TouchedTable> Take() {
    std::vector<TouchedTable> tables;
    for (auto& [key, touched] : tables_) tables.push_back(std::move(touched));
    return tables;
  }

 private:
  // Null for what is in no schema, such as a common table expression.
  TouchedTable* Find(const CrossPolicy::Part& part, absl::string_view name) {
    const Table* const table = part.policy->schema()->Find(name);
    if (table == nullptr) return nullptr;
    const std::string database = OtherThanMain(part.schema);
    TouchedTable& touched = tables_[{database, table->name}];
    touched.database = database;
    touched.name = table->name;
    return &touched;
  }

  const std::vector<CrossPolicy::Part> parts_;
  // By database and name.
  std::map<std::pair<std::string, std::string>, TouchedTable> tables_;
};

void DescribeShape(const sqlite::Statement& statement, StatementDescription* description) {
  for (int i = 1; i <= statement.parameter_count(); ++i) {
    const absl::string_view name = statement.parameter_name(i);
    const bool named = !name.empty() && name[0] != '?';
    description->parameters.push_back({std::string(named ? name.substr(1) : "")});
  }
  for (int i = 0; i < statement.column_count(); ++i) {
    description->columns.push_back(
        {std::string(statement.column_name(i)), std::string(statement.column_declared_type(i)),
         OtherThanMain(statement.column_schema(i)), std::string(statement.column_table(i)),
         std::string(statement.column_origin(i))});
  }
  description->read_only = statement.read_only();
}

// Rows of `id, parent, notused, detail`, parents first.
absl::StatusOr<std::vector<PlanNode>> ReadPlan(sqlite::Connection& connection,
                                               absl::string_view sql) {
  ASSIGN_OR_RETURN(sqlite::Statement rows,
                   connection.PrepareUncached(absl::StrCat("EXPLAIN QUERY PLAN ", sql)));
  struct Step {
    std::string detail;
    int depth = 0;
    std::vector<int64_t> children;
  };
  std::map<int64_t, Step> steps;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    const int64_t id = rows.column(0).integer;
    int64_t parent = rows.column(1).integer;
    if (steps[parent].depth >= kPlanDepthMax) parent = 0;
    Step& step = steps[id];
    step.detail = std::string(rows.column(3).bytes);
    step.depth = steps[parent].depth + 1;
    steps[parent].children.push_back(id);
  }
  const auto build = [&steps](const auto& self, int64_t id) -> PlanNode {
    Step& step = steps[id];
    PlanNode node{std::move(step.detail), {}};
    for (const int64_t child : step.children) node.children.push_back(self(self, child));
    return node;
  };
  return build(build, 0).children;
}

absl::StatusOr<StatementDescription> Describe(sqlite::Connection& connection,
                                              const sqlite::AccessPolicy& policy,
                                              std::vector<CrossPolicy::Part> parts,
                                              absl::string_view sql, const Interrupt& interrupt) {
  TouchedTables touched(std::move(parts));
  StatementDescription description;
  const auto arm = [&](sqlite::LimitProfile profile) {
    connection.guard().Arm(
        {.policy = &policy, .interrupt = interrupt, .profile = profile, .log = &touched});
  };
  arm(sqlite::LimitProfile::kCaller);
  {
    ASSIGN_OR_RETURN(const sqlite::Statement statement, connection.PrepareUncached(sql));
    DescribeShape(statement, &description);
    description.tables = touched.Take();
    if (statement.is_explain()) return description;
  }
  // The statement has kept its limits; with EXPLAIN before it, it may be longer than they allow.
  arm(sqlite::LimitProfile::kOwn);
  ASSIGN_OR_RETURN(description.plan, ReadPlan(connection, sql));
  return description;
}

}  // namespace

absl::StatusOr<StatementDescription> DescribeStatement(Database& database,
                                                       const OtherDatabases& others,
                                                       absl::string_view sql,
                                                       const Interrupt& interrupt) {
  const Interrupt bounded = interrupt.Within(Deadline::After(limits::kStatementTimeMax));
  if (!others.empty()) {
    ASSIGN_OR_RETURN(const auto cross, CrossRead::Open(database, others, bounded));
    ASSIGN_OR_RETURN(const auto policy, cross->Begin());
    return Describe(cross->connection(), *policy, policy->parts(), sql, bounded);
  }
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt));
  lease->guard().Arm({.interrupt = bounded});
  ASSIGN_OR_RETURN(const auto policy, database.CurrentPolicy(*lease));
  return Describe(*lease, *policy, {{"main", policy}}, sql, bounded);
}

}  // namespace sluice::engine
