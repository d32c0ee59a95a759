// ls and describe.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/message_writer.h"
#include "clients/cpp/cli/progress.h"

namespace sluice::cli {
namespace {

using Values = std::vector<Value>;

// `KIND_VIRTUAL` reads `virtual`.
std::string Word(const std::string& enumerator, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(enumerator, prefix));
}

absl::Status WriteList(Session* session, const std::vector<Column>& columns,
                       const std::vector<Values>& rows) {
  const auto writer = session->MakeWriter();
  if (auto status = writer->Begin(columns); !status.ok()) return status;
  for (const Values& row : rows) writer->Add(row);
  writer->End(false);
  return absl::OkStatus();
}

absl::Status LsDatabases(Session* session) {
  if (session->settings.curl) return session->PrintCurl({.path = {"v1", "databases"}});
  const auto databases = session->client.ListDatabases();
  if (!databases.ok()) return databases.status();
  if (session->as_json()) {
    WriteJsonList(session, "databases", *databases);
    return absl::OkStatus();
  }
  std::vector<Values> rows;
  for (const auto& database : *databases) {
    std::string note = database.state_reason();
    if (note.empty() && database.read_only()) note = "read-only";
    rows.push_back({database.name(), Word(v1::Database::State_Name(database.state()), "STATE_"),
                    FormatBytes(database.size_bytes()), database.table_count(),
                    database.view_count(), note});
  }
  return WriteList(
      session,
      {{"database", ""}, {"state", ""}, {"size", ""}, {"tables", ""}, {"views", ""}, {"note", ""}},
      rows);
}

absl::Status LsTables(Session* session, const LsArguments& arguments) {
  if (session->settings.curl) {
    HttpCall call{.path = {"v1", "databases", arguments.database, "tables"}};
    if (arguments.show_hidden) call.query.emplace_back("show_hidden", "true");
    return session->PrintCurl(call);
  }
  const auto tables = session->client.ListTables(arguments.database, arguments.show_hidden);
  if (!tables.ok()) return tables.status();
  if (session->as_json()) {
    WriteJsonList(session, "tables", *tables);
    return absl::OkStatus();
  }
  std::vector<Values> rows;
  for (const auto& table : *tables) {
    rows.push_back({table.name(), Word(v1::Table::Kind_Name(table.kind()), "KIND_"),
                    absl::StrJoin(table.primary_key(), ", "), table.unavailable_reason()});
  }
  return WriteList(session, {{"table", ""}, {"kind", ""}, {"primary key", ""}, {"note", ""}}, rows);
}

// --- describe ---

std::string CountText(const v1::RowCount& count) {
  switch (count.kind()) {
    case v1::RowCount::KIND_EXACT:
      return absl::StrCat(count.value());
    case v1::RowCount::KIND_CAPPED:
      return absl::StrCat("at least ", count.value());
    default:
      return "not counted";
  }
}

std::string ColumnNotes(const v1::TableColumn& column) {
  std::vector<std::string> notes;
  if (column.primary_key_position() > 0) {
    notes.push_back(absl::StrCat("key ", column.primary_key_position()));
  }
  if (column.not_null()) notes.emplace_back("not null");
  if (column.has_default_sql()) notes.push_back(absl::StrCat("default ", column.default_sql()));
  if (column.generated() > v1::TableColumn::GENERATED_NO) notes.emplace_back("generated");
  if (column.hidden()) notes.emplace_back("hidden");
  if (!column.unit().empty()) notes.push_back(absl::StrCat("in ", column.unit()));
  if (!column.description().empty()) notes.push_back(column.description());
  return absl::StrJoin(notes, ", ");
}

absl::Status WriteColumns(Session* session, const v1::Table& table) {
  std::vector<Values> rows;
  for (const auto& column : table.columns()) {
    rows.push_back({column.name(), column.declared_type(), ColumnNotes(column)});
  }
  return WriteList(session, {{"column", ""}, {"type", ""}, {"notes", ""}}, rows);
}

void WriteForeignKey(Session* session, absl::string_view label, const v1::ForeignKey& key) {
  WriteFact(session, label,
            absl::StrCat(key.table(), "(", absl::StrJoin(key.columns(), ", "), ") -> ",
                         key.parent_table(), "(", absl::StrJoin(key.parent_columns(), ", "), ")"));
}

absl::Status WriteTableText(Session* session, const v1::Table& table) {
  std::string kind = Word(v1::Table::Kind_Name(table.kind()), "KIND_");
  if (table.strict()) kind += ", strict";
  if (table.without_rowid()) kind += ", without rowid";
  WriteFact(session, table.name(), kind);
  WriteAbout(session, table.about());
  WriteFact(session, "rows", CountText(table.row_count()));
  WriteFact(session, "unavailable", table.unavailable_reason());
  WriteFact(session, "module", table.module());
  WriteFact(session, "full text", table.fts_table());
  WriteFact(session, "primary key", absl::StrJoin(table.primary_key(), ", "));
  for (const auto& key : table.foreign_keys()) WriteForeignKey(session, "refers", key);
  for (const auto& key : table.referenced_by()) WriteForeignKey(session, "referred by", key);
  for (const auto& index : table.indexes()) {
    WriteFact(session, "index",
              absl::StrCat(index.name(), "(", absl::StrJoin(index.columns(), ", "), ")",
                           index.unique() ? ", unique" : "", index.partial() ? ", partial" : ""));
  }
  for (const auto& trigger : table.triggers()) WriteFact(session, "trigger", trigger.name());
  session->output.Write("\n");
  return WriteColumns(session, table);
}

void WriteDatabaseText(Session* session, const v1::Database& database) {
  WriteFact(session, "database", database.name());
  WriteAbout(session, database.about());
  WriteFact(session, "state", Word(v1::Database::State_Name(database.state()), "STATE_"));
  WriteFact(session, "reason", database.state_reason());
  WriteFact(session, "writable", database.read_only() ? "no" : "yes");
  WriteFact(session, "size", FormatBytes(database.size_bytes()));
  WriteFact(session, "page size", absl::StrCat(database.page_size_bytes()));
  WriteFact(session, "journal", database.journal_mode());
  WriteFact(session, "log size", FormatBytes(database.wal_bytes()));
  WriteFact(session, "encoding", database.encoding());
  WriteFact(
      session, "tables",
      absl::StrCat(database.table_count(), " and ", database.hidden_table_count(), " hidden"));
  WriteFact(session, "views", absl::StrCat(database.view_count()));
  if (database.query_count() > 0) {
    WriteFact(session, "queries", absl::StrCat(database.query_count()));
  }
  WriteFact(session, "application", absl::StrCat(database.application_id()));
  WriteFact(session, "user version", absl::StrCat(database.user_version()));
  WriteFact(session, "commit", database.commit_token());
  if (database.legacy_string_literals()) WriteFact(session, "literals", "legacy \"…\" allowed");
}

absl::Status DescribeDatabase(Session* session, const std::string& name) {
  const auto database = session->client.GetDatabase(name);
  if (!database.ok()) return database.status();
  if (session->as_json()) {
    session->output.Write(ToJson(*database) + "\n");
  } else {
    WriteDatabaseText(session, *database);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Ls(Session* session, const LsArguments& arguments) {
  if (arguments.queries) return LsQueries(session, arguments.database);
  return arguments.database.empty() ? LsDatabases(session) : LsTables(session, arguments);
}

absl::Status Describe(Session* session, const DescribeArguments& arguments) {
  if (!arguments.sql.empty()) return DescribeStatement(session, arguments);
  if (session->settings.curl) {
    HttpCall call{.path = {"v1", "databases", arguments.database}};
    if (!arguments.table.empty()) {
      call.path.insert(call.path.end(), {"tables", arguments.table});
    }
    return session->PrintCurl(call);
  }
  if (arguments.table.empty()) return DescribeDatabase(session, arguments.database);
  const auto table = session->client.GetTable(arguments.database, arguments.table);
  if (!table.ok()) return table.status();
  if (session->as_json()) {
    session->output.Write(ToJson(*table) + "\n");
    return absl::OkStatus();
  }
  if (session->settings.format == Format::kTable) return WriteTableText(session, *table);
  return WriteColumns(session, *table);
}

}  // namespace sluice::cli
