#include "clients/cpp/cli/arguments.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "clients/cpp/cli/commands.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/cli/failure.h"

namespace sluice::cli {
namespace {

constexpr char kFooter[] =
    "Values (--param, column=value): null; 42 and 2.5 are numbers as in JSON; int:… real:… text:…\n"
    "blob:HEX say the type; all else is text. In JSON: null, numbers, texts, true/false (1/0),\n"
    "\"Infinity\", {\"$base64\":true,\"encoded\":\"…\"}.\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 no credential or no right,\n"
    "5 unavailable, 6 out of time, 130 interrupted.\n"
    "\n"
    "Environment: SLUICE_ADDRESS, SLUICE_TOKEN, SLUICE_HTTP_URL. Without a token, and for an "
    "address of\nthis machine, the admin token of $XDG_STATE_HOME/sluice/admin-token is used when "
    "it is there.";

// What the flags of all commands hold while they are read.
struct Flags {
  std::string address;
  std::string token;
  std::string deadline;
  std::string format;
  std::string http = "http://127.0.0.1:7072";
  std::string at_least;
  bool curl = false;
  bool allow_plaintext = false;
  LsArguments ls;
  DescribeArguments describe;
  QueryArguments query;
  RowsArguments rows;
  InsertArguments insert;
  InsertArguments upsert;
  UpdateArguments update;
  DeleteArguments remove;
  ExecArguments exec;
  LoadArguments load;
  SnapshotGetArguments snapshot_get;
  SnapshotCreateArguments snapshot_create;
  SnapshotVerifyArguments snapshot_verify;
  SnapshotRestoreArguments snapshot_restore;
  std::string service;
};

using Command = std::function<absl::Status(Session*)>;

// A number alone is seconds.
bool ParseDeadline(const std::string& text, absl::Duration* deadline) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    *deadline = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, deadline)) {
    return false;
  }
  return *deadline > absl::ZeroDuration();
}

void AddGlobalFlags(CLI::App* app, Flags* flags) {
  app->add_option("--address", flags->address, "gRPC address of the server (127.0.0.1:7070)")
      ->envname("SLUICE_ADDRESS");
  app->add_option("--token", flags->token, "bearer token; better in SLUICE_TOKEN");
  app->add_flag("--allow-plaintext", flags->allow_plaintext,
                "send the token to another machine although there is no TLS (a mesh encrypts)");
  app->add_option("--deadline", flags->deadline,
                  "how long the call may take, such as 5s or 2m (30s; streams: no limit)")
      ->check([](const std::string& text) {
        absl::Duration deadline;
        return ParseDeadline(text, &deadline) ? "" : text + " is no duration such as 5s";
      });
  app->add_option("-o,--output", flags->format,
                  "table, json, ndjson, csv or markdown (table on a terminal, else ndjson)")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "markdown"}));
  app->add_option("--at-least", flags->at_least,
                  "reads: of a state that holds the write with this commit token");
  app->add_flag("--curl", flags->curl, "print the HTTP call that does the same, and do nothing");
  app->add_option("--http", flags->http, "URL of the HTTP door, for --curl")
      ->capture_default_str()
      ->envname("SLUICE_HTTP_URL");
}

CLI::Option* Required(CLI::App* command, const std::string& name, std::string* value,
                      const std::string& help) {
  return command->add_option(name, *value, help)->required();
}

void AddDatabases(CLI::App* command, std::vector<std::string>* databases) {
  command
      ->add_option("--with", *databases,
                   "another database that the statement reads, as a schema of its name; once for "
                   "each")
      ->allow_extra_args(false);
}

void AddCatalogCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* ls = app->add_subcommand("ls", "list the databases, or the tables of one");
  ls->add_option("database", flags->ls.database, "whose tables to list");
  ls->add_flag("--hidden", flags->ls.show_hidden, "hidden tables too");
  ls->add_flag("--queries", flags->ls.queries, "the stored queries of the database instead");
  ls->callback([=] { *command = [=](Session* session) { return Ls(session, flags->ls); }; });

  CLI::App* describe = app->add_subcommand("describe", "describe a database, a table, or SQL");
  Required(describe, "database", &flags->describe.database, "the database");
  CLI::Option* table = describe->add_option("table", flags->describe.table, "the table or view");
  describe
      ->add_option("--sql", flags->describe.sql,
                   "a statement instead: what it reads, and its plan; it does not run")
      ->excludes(table);
  AddDatabases(describe, &flags->describe.databases);
  describe->callback(
      [=] { *command = [=](Session* session) { return Describe(session, flags->describe); }; });
}

void AddStatement(CLI::App* command, QueryArguments* arguments) {
  Required(command, "database", &arguments->database, "the database");
  Required(command, "sql", &arguments->sql, "the statement, or - for the standard input");
  command
      ->add_option("-p,--param", arguments->params,
                   "a parameter, name=value or value; once for each")
      ->allow_extra_args(false);
  command->add_option("--params-json", arguments->params_json,
                      "all parameters, a JSON object by name or array by position");
}

void AddQueryCommand(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* query = app->add_subcommand("query", "run a reading SQL statement, any number of rows");
  AddStatement(query, &flags->query);
  query->add_flag("--stored", flags->query.stored,
                  "run the stored query of that name; its result has at most 1000 rows");
  AddDatabases(query, &flags->query.databases);
  query->callback(
      [=] { *command = [=](Session* session) { return Query(session, flags->query); }; });
}

void AddRowCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* rows = app->add_subcommand("rows", "show rows of a table or view, without SQL");
  Required(rows, "database", &flags->rows.database, "the database");
  Required(rows, "table", &flags->rows.table, "the table or view");
  rows->add_option("-n,--limit", flags->rows.limit, "at most so many rows; 0 for all")
      ->capture_default_str()
      ->check([](const std::string& text) {
        int64_t limit = 0;
        return absl::SimpleAtoi(text, &limit) && limit >= 0
                   ? ""
                   : text + " is no number of rows; 0 is for all";
      });
  RowChoice* const choice = &flags->rows.choice;
  rows->add_option(
      "-f,--filter", choice->filter,
      "only rows for which it holds, such as 'pages > 100 AND contains(title, \"sea\")'");
  rows->add_option("-s,--order-by", choice->order_by, "their order, such as 'author, pages desc'");
  rows->add_option("--search", choice->search, "only rows with these words, the best first");
  rows->add_flag("--raw-search", choice->raw_search, "the search is in the index's own language");
  rows->add_flag("--snippets", choice->snippets, "show the text around what was found");
  const auto names = [&](const char* flag, std::vector<std::string>* value, const char* help) {
    return rows->add_option(flag, *value, help)->allow_extra_args(false);
  };
  names("-c,--column", &choice->columns, "show this column; once for each");
  names("--label", &choice->labels, "label this foreign key, or * for all; once for each");
  rows->add_flag("--count", flags->rows.count, "show how many rows there are");
  names("--facet", &flags->rows.facets,
        "show which values there are and how often, of column, array(column) or date(column)");
  CLI::Option* const key = rows->add_option("--key", flags->rows.key, "only the row with this key");
  CLI::Option* const value =
      rows->add_option("--value", flags->rows.value, "write the bytes of this column of the row")
          ->needs(key);
  rows->add_flag("--raw", flags->rows.raw,
                 "with --value: to a terminal too, whatever they do to it")
      ->needs(value);
  rows->add_flag("--references", flags->rows.references, "show how many rows refer to the row")
      ->needs(key);
  rows->add_flag("--keys", flags->rows.show_keys, "show each row's key as a first column _key");
  rows->callback([=] { *command = [=](Session* session) { return Rows(session, flags->rows); }; });
}

// In the place of a key: the rows for which a filter holds.
void AddMatching(CLI::App* command, Matching* matching, const std::string& what) {
  CLI::Option* const where = command->add_option(
      "-w,--where", matching->filter, what + " the rows for which it holds, as rows --filter does");
  CLI::Option* const all =
      command->add_flag("--all", matching->all_rows, what + " every row of the table")
          ->excludes(where);
  command
      ->add_option("--max", matching->max_affected,
                   "with --where and --all: fail when there are more rows (10000)")
      ->check(CLI::PositiveNumber);
  where->excludes(all);
}

// What all writes take.
void AddWriteOptions(CLI::App* command, WriteOptions* options) {
  command->add_flag("--dry-run", options->validate_only,
                    "run everything, constraints and triggers included, and keep nothing");
  command->add_option("--request-id", options->request_id,
                      "makes the write safe to send again: the same id takes effect once");
  command->add_flag("--replicated", options->replicated,
                    "answer when the replica has it too; fails where no replication runs");
}

// `insert` and `upsert`, which take the same rows.
CLI::App* AddInsertCommand(CLI::App* app, InsertArguments* arguments, Command* command,
                           const std::string& name, const std::string& help) {
  CLI::App* insert = app->add_subcommand(name, help);
  Required(insert, "database", &arguments->database, "the database");
  Required(insert, "table", &arguments->table, "the table");
  insert->add_option("row", arguments->assignments,
                     "column=value …, or - for NDJSON on the standard input (sent in batches of at "
                     "most 1000 rows, each all or none)");
  insert->add_option("--json", arguments->objects, "a row as a JSON object; once for each")
      ->allow_extra_args(false);
  insert
      ->add_option("--target", arguments->target,
                   "a column of the constraint by which rows clash; once for each (the primary "
                   "key)")
      ->allow_extra_args(false);
  AddWriteOptions(insert, &arguments->options);
  insert->callback(
      [=] { *command = [=](Session* session) { return Insert(session, *arguments); }; });
  return insert;
}

void AddExecCommand(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* exec = app->add_subcommand("exec", "run a SQL statement that writes");
  AddStatement(exec, &flags->exec.statement);
  exec->add_flag("--stored", flags->exec.statement.stored,
                 "run the stored query of that name, which writes");
  AddWriteOptions(exec, &flags->exec.options);
  exec->callback([=] { *command = [=](Session* session) { return Exec(session, flags->exec); }; });
}

void AddWriteCommands(CLI::App* app, Flags* flags, Command* command) {
  AddInsertCommand(app, &flags->insert, command, "insert", "add rows to a table, all or none")
      ->add_option("--on-conflict", flags->insert.on_conflict,
                   "what becomes of a row that clashes with one that is there")
      ->capture_default_str()
      ->check(CLI::IsMember({"abort", "ignore", "replace", "update"}));
  flags->upsert.upsert = true;
  AddInsertCommand(app, &flags->upsert, command, "upsert",
                   "add rows that are not there and change those that are, all or none");

  CLI::App* update = app->add_subcommand("update", "change one row, or all that a filter finds");
  Required(update, "database", &flags->update.row.database, "the database");
  Required(update, "table", &flags->update.row.table, "the table");
  update->add_option("key", flags->update.row.key, "the row's key, without --where and --all");
  AddMatching(update, &flags->update.matching, "change");
  update->add_option("values", flags->update.assignments, "column=value …");
  update->add_option("--json", flags->update.object, "the values as a JSON object");
  update->add_option("--if-match", flags->update.row.if_match,
                     "only while the row still has this etag");
  AddWriteOptions(update, &flags->update.options);
  update->callback(
      [=] { *command = [=](Session* session) { return Update(session, flags->update); }; });

  CLI::App* remove = app->add_subcommand("delete", "delete rows, all or none");
  Required(remove, "database", &flags->remove.database, "the database");
  Required(remove, "table", &flags->remove.table, "the table");
  remove->add_option("keys", flags->remove.keys, "the rows' keys, without --where and --all");
  AddMatching(remove, &flags->remove.matching, "delete");
  remove->add_option("--if-match", flags->remove.if_match,
                     "with one key: only while the row still has this etag");
  remove->add_flag("--allow-missing", flags->remove.allow_missing,
                   "leave out rows that are not there");
  AddWriteOptions(remove, &flags->remove.options);
  remove->callback(
      [=] { *command = [=](Session* session) { return Delete(session, flags->remove); }; });
}

void AddLoadInput(CLI::App* load, LoadArguments* arguments) {
  load->add_option("file", arguments->file, "the file, or - for the standard input")
      ->capture_default_str();
  load->add_option(
          "--format", arguments->format,
          "what it is (by the file's name, else csv); a column that a JSON object does not "
          "have is NULL in its row, and not the column's default")
      ->check(CLI::IsMember({"csv", "tsv", "ndjson", "json"}));
  load->add_option("--delimiter", arguments->delimiter, "between fields: one character, or tab");
  load->add_flag("--no-header", arguments->no_header,
                 "the first line is a row; columns are c1, c2, … unless --columns names them");
  load->add_option("--null", arguments->null_text,
                   "the field that is NULL when it is not quoted (nothing)");
  load->add_option("--columns", arguments->columns, "the columns, in the place of the file's names")
      ->delimiter(',')
      ->allow_extra_args(false);
  load->add_option("--types", arguments->types,
                   "column=integer|real|text|blob|any, … (guessed from the first 1000 rows)")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void AddLoadCommand(CLI::App* app, Flags* flags, Command* command) {
  LoadArguments* const arguments = &flags->load;
  CLI::App* load = app->add_subcommand("load", "load a file of rows into a table, fast");
  Required(load, "database", &arguments->database, "the database");
  Required(load, "table", &arguments->table, "the table");
  AddLoadInput(load, arguments);
  load->add_flag("--create", arguments->create,
                 "make the table when it is not there, its types those of the first rows");
  load->add_option("--pk", arguments->primary_key,
                   "with --create: a column of the primary key; once for each")
      ->allow_extra_args(false);
  load->add_option("--on-conflict", arguments->on_conflict,
                   "what becomes of a row that clashes with one that is there")
      ->capture_default_str()
      ->check(CLI::IsMember({"abort", "ignore", "replace", "update"}));
  load->add_option("--target", arguments->target,
                   "a column of the constraint by which rows clash; once for each")
      ->allow_extra_args(false);
  load->add_flag("--atomic", arguments->atomic, "all rows in one transaction, or none");
  load->add_flag("--dry-run", arguments->dry_run, "run everything and keep nothing");
  load->add_flag("--skip-errors", arguments->skip_errors,
                 "leave out rows that fail, and tell them");
  load->add_option("--rows-per-commit", arguments->rows_per_commit,
                   "how many rows are kept at a time (10000)")
      ->check(CLI::Range(1, 100'000));
  load->add_option("--load-id", arguments->load_id, "goes on where the load with this id stopped");
  load->callback([=] { *command = [=](Session* session) { return Load(session, flags->load); }; });
}

void AddKeptSnapshotCommands(CLI::App* snapshot, Flags* flags, Command* command) {
  CLI::App* create = snapshot->add_subcommand("create", "keep the present state on the server");
  Required(create, "database", &flags->snapshot_create.database, "the database");
  create->add_flag("--compact", flags->snapshot_create.compact, "without free pages");
  create
      ->add_option("--table", flags->snapshot_create.tables,
                   "only this table, with its indexes (repeatable)")
      ->allow_extra_args(false);
  create->add_flag("--zstd", flags->snapshot_create.compress, "keep it compressed");
  create->add_option("--ttl", flags->snapshot_create.ttl,
                     "how long, such as 90m or 24h; at most 720h (30 days)");
  create->callback([=] {
    *command = [=](Session* session) { return SnapshotCreate(session, flags->snapshot_create); };
  });
  CLI::App* list = snapshot->add_subcommand("ls", "list the kept snapshots of a database");
  Required(list, "database", &flags->snapshot_get.database, "the database");
  list->callback([=] {
    *command = [=](Session* session) { return SnapshotLs(session, flags->snapshot_get.database); };
  });
  CLI::App* remove = snapshot->add_subcommand("rm", "remove a kept snapshot");
  Required(remove, "database", &flags->snapshot_get.database, "the database");
  Required(remove, "snapshot", &flags->snapshot_get.snapshot, "its name");
  remove->callback([=] {
    *command = [=](Session* session) {
      return SnapshotRm(session, flags->snapshot_get.database, flags->snapshot_get.snapshot);
    };
  });
  CLI::App* verify = snapshot->add_subcommand(
      "verify", "check a file by its SHA-256; exit code 1 when it is not what it should be");
  Required(verify, "file", &flags->snapshot_verify.file, "the file");
  verify->add_option("--database", flags->snapshot_verify.database,
                     "it must be one of the kept snapshots of this database");
  verify->add_option("--sha256", flags->snapshot_verify.sha256, "it must have this SHA-256");
  verify->callback([=] {
    *command = [=](Session* session) { return SnapshotVerify(session, flags->snapshot_verify); };
  });
}

void AddRestoreCommand(CLI::App* snapshot, SnapshotRestoreArguments* arguments, Command* command) {
  CLI::App* restore = snapshot->add_subcommand(
      "restore", "put a database back to a kept snapshot, or a file in its place");
  Required(restore, "database", &arguments->database, "the database");
  restore->add_option("snapshot", arguments->snapshot, "the kept snapshot's name");
  restore->add_option("--file", arguments->file,
                      "a database file to be sent instead; what was sent before is gone on with");
  restore->add_flag("--create", arguments->options.create, "make a new database of the file");
  restore->add_flag("--validate-only", arguments->options.validate_only,
                    "let the server check everything and change nothing");
  restore->add_flag("--discard-replaced", arguments->options.discard_replaced,
                    "do not keep what is replaced as a snapshot");
  restore->add_flag("--allow-foreign-key-violations",
                    arguments->options.allow_foreign_key_violations,
                    "restore although rows refer to rows that are not there");
  restore->callback(
      [=] { *command = [=](Session* session) { return SnapshotRestore(session, *arguments); }; });
}

void AddServerCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* snapshot = app->add_subcommand("snapshot", "whole databases");
  snapshot->require_subcommand(1);
  CLI::App* get = snapshot->add_subcommand("get", "take a database into a file, verified");
  Required(get, "database", &flags->snapshot_get.database, "the database");
  get->add_option("-o,--output", flags->snapshot_get.file, "the file (DATABASE.db)");
  get->add_flag("-f,--force", flags->snapshot_get.force,
                "replace a file that is there, whatever it is");
  get->add_option("--refresh", flags->snapshot_get.refresh,
                  "an older copy: only what differs is transferred, and without -o the new state "
                  "takes its place");
  get->add_option("--snapshot", flags->snapshot_get.snapshot, "a kept one, by its name");
  get->add_flag("--zstd", flags->snapshot_get.compress,
                "let the server compress what it sends, for a slow network");
  get->callback([=] {
    *command = [=](Session* session) { return SnapshotGet(session, flags->snapshot_get); };
  });
  AddKeptSnapshotCommands(snapshot, flags, command);
  AddRestoreCommand(snapshot, &flags->snapshot_restore, command);

  CLI::App* health = app->add_subcommand("health", "ask whether the server answers calls");
  health->add_option("service", flags->service, "one service, such as sluice.v1.QueryService");
  health->callback(
      [=] { *command = [=](Session* session) { return CheckHealth(session, flags->service); }; });

  CLI::App* version = app->add_subcommand("version", "print the version of this command");
  version->callback([] { throw CLI::CallForVersion("sluice " SLUICE_VERSION, 0); });
}

Format FormatOf(const std::string& name) {
  static const auto* const formats =
      new std::map<std::string, Format>{{"table", Format::kTable},
                                        {"json", Format::kJson},
                                        {"ndjson", Format::kNdjson},
                                        {"csv", Format::kCsv},
                                        {"markdown", Format::kMarkdown}};
  const auto found = formats->find(name);
  if (found != formats->end()) return found->second;
  return isatty(STDOUT_FILENO) != 0 ? Format::kTable : Format::kNdjson;
}

Settings SettingsOf(const CLI::App& app, const Flags& flags) {
  Settings settings;
  settings.address = flags.address;
  if (app.count("--token") > 0) settings.token = flags.token;
  settings.allow_plaintext = flags.allow_plaintext;
  absl::Duration deadline;
  if (ParseDeadline(flags.deadline, &deadline)) settings.deadline = deadline;
  settings.format = FormatOf(flags.format);
  settings.curl = flags.curl;
  settings.at_least = flags.at_least;
  settings.http = flags.http;
  return settings;
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CLI::App app("Databases behind a Sluice server, from the command line.", "sluice");
  app.footer(kFooter);
  app.set_version_flag("--version", "sluice " SLUICE_VERSION);
  app.require_subcommand(1);
  // Lets the flags of all commands stand behind the command too.
  app.fallthrough();
  CommandLine line;
  const auto flags = std::make_shared<Flags>();
  Command command;
  AddGlobalFlags(&app, flags.get());
  AddCatalogCommands(&app, flags.get(), &command);
  AddQueryCommand(&app, flags.get(), &command);
  AddRowCommands(&app, flags.get(), &command);
  AddWriteCommands(&app, flags.get(), &command);
  AddExecCommand(&app, flags.get(), &command);
  AddLoadCommand(&app, flags.get(), &command);
  AddServerCommands(&app, flags.get(), &command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // A word that is no command is more worth telling than that one is missing.
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty() || !app.get_subcommands().empty()) {
      app.exit(error);
    } else {
      Note("there is no command '" + EscapeForTerminal(unknown[0]) + "'; sluice --help lists them");
    }
    line.exit_code = kUsageExitCode;
    return line;
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error) == 0 ? 0 : kUsageExitCode;
    return line;
  }
  line.settings = SettingsOf(app, *flags);
  // The command reads the flags when it runs.
  line.command = [flags, command](Session* session) { return command(session); };
  return line;
}

}  // namespace sluice::cli
