#include "server/wire/query_messages.h"

#include <set>
#include <string>

#include "server/wire/utf8.h"

namespace sluice::wire {
namespace {

using engine::StatementDescription;

std::string Text(absl::string_view text) { return ReplaceInvalidUtf8(text); }

void FillTable(const StatementDescription::TouchedTable& table, v1::TouchedTable* message) {
  message->set_name(Text(table.name));
  message->set_database(Text(table.database));
  for (const std::string& column : table.columns_read) message->add_columns_read(Text(column));
  for (const std::string& column : table.columns_updated) {
    message->add_columns_updated(Text(column));
  }
  message->set_inserts(table.inserts);
  message->set_updates(table.updates);
  message->set_deletes(table.deletes);
}

void FillPlan(const StatementDescription::PlanNode& node, v1::PlanNode* message) {
  message->set_detail(Text(node.detail));
  for (const auto& child : node.children) FillPlan(child, message->add_children());
}

}  // namespace

void FillStats(const engine::QueryStats& stats, int64_t byte_count, v1::QueryStats* message) {
  message->set_row_count(stats.row_count);
  message->set_byte_count(byte_count);
  message->set_vm_steps(stats.vm_steps);
  message->set_elapsed_us(absl::ToInt64Microseconds(stats.elapsed));
}

void FillDescription(const StatementDescription& description, v1::DescribeResponse* message) {
  for (const auto& parameter : description.parameters) {
    message->add_parameters()->set_name(Text(parameter.name));
  }
  for (const auto& column : description.columns) {
    v1::ResultColumn* const out = message->add_columns();
    out->set_name(Text(column.name));
    out->set_declared_type(Text(column.declared_type));
    out->set_table(Text(column.table));
    out->set_column(Text(column.column));
    out->set_database(Text(column.database));
  }
  message->set_read_only(description.read_only);
  if (description.read_only) message->add_permissions(v1::PERMISSION_QUERY);
  for (const auto& table : description.tables) FillTable(table, message->add_tables());
  for (const auto& node : description.plan) FillPlan(node, message->add_plan());
}

}  // namespace sluice::wire
