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
    "Environment: SLUICE_ADDRESS, SLUICE_TOKEN, SLUICE_HTTP. Without a token, and for an address "
    "of\n"
    "this machine, the admin token of $XDG_STATE_HOME/sluice/admin-token is used when it is there.";

// What the flags of all commands hold while they are read.
struct Flags {
  std::string address;
  std::string token;
  std::string deadline;
  std::string format;
  std::string http = "http://127.0.0.1:7072";
  bool curl = false;
  LsArguments ls;
  DescribeArguments describe;
  QueryArguments query;
  RowsArguments rows;
  InsertArguments insert;
  SnapshotGetArguments snapshot_get;
  SnapshotCreateArguments snapshot_create;
  SnapshotVerifyArguments snapshot_verify;
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
  app->add_option("--deadline", flags->deadline,
                  "how long the call may take, such as 5s or 2m (30s; streams: no limit)")
      ->check([](const std::string& text) {
        absl::Duration deadline;
        return ParseDeadline(text, &deadline) ? "" : text + " is no duration such as 5s";
      });
  app->add_option("-o,--output", flags->format,
                  "table, json, ndjson, csv or markdown (table on a terminal, else ndjson)")
      ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "markdown"}));
  app->add_flag("--curl", flags->curl, "print the HTTP call that does the same, and do nothing");
  app->add_option("--http", flags->http, "HTTP address for --curl")
      ->capture_default_str()
      ->envname("SLUICE_HTTP");
}

CLI::Option* Required(CLI::App* command, const std::string& name, std::string* value,
                      const std::string& help) {
  return command->add_option(name, *value, help)->required();
}

void AddCatalogCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* ls = app->add_subcommand("ls", "list the databases, or the tables of one");
  ls->add_option("database", flags->ls.database, "whose tables to list");
  ls->add_flag("--hidden", flags->ls.show_hidden, "hidden tables too");
  ls->callback([=] { *command = [=](Session* session) { return Ls(session, flags->ls); }; });

  CLI::App* describe = app->add_subcommand("describe", "describe a database, or a table of one");
  Required(describe, "database", &flags->describe.database, "the database");
  describe->add_option("table", flags->describe.table, "the table or view");
  describe->callback(
      [=] { *command = [=](Session* session) { return Describe(session, flags->describe); }; });
}

void AddQueryCommand(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* query = app->add_subcommand("query", "run a reading SQL statement, any number of rows");
  Required(query, "database", &flags->query.database, "the database");
  Required(query, "sql", &flags->query.sql, "the statement, or - for the standard input");
  query
      ->add_option("-p,--param", flags->query.params,
                   "a parameter, name=value or value; once for each")
      ->allow_extra_args(false);
  query->add_option("--params-json", flags->query.params_json,
                    "all parameters, a JSON object by name or array by position");
  query->callback(
      [=] { *command = [=](Session* session) { return Query(session, flags->query); }; });
}

void AddRowCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* rows = app->add_subcommand("rows", "show rows of a table or view in their order");
  Required(rows, "database", &flags->rows.database, "the database");
  Required(rows, "table", &flags->rows.table, "the table or view");
  rows->add_option("-n,--limit", flags->rows.limit, "at most so many rows; 0 for all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  rows->add_option("--key", flags->rows.key, "only the row with this key");
  rows->add_flag("--keys", flags->rows.show_keys, "show each row's key as a first column _key");
  rows->callback([=] { *command = [=](Session* session) { return Rows(session, flags->rows); }; });

  CLI::App* insert = app->add_subcommand("insert", "add rows to a table, all or none");
  Required(insert, "database", &flags->insert.database, "the database");
  Required(insert, "table", &flags->insert.table, "the table");
  insert->add_option("row", flags->insert.assignments,
                     "column=value …, or - for NDJSON on the standard input (sent in batches of at "
                     "most 1000 rows, each all or none)");
  insert->add_option("--json", flags->insert.objects, "a row as a JSON object; once for each")
      ->allow_extra_args(false);
  insert->callback(
      [=] { *command = [=](Session* session) { return Insert(session, flags->insert); }; });
}

void AddKeptSnapshotCommands(CLI::App* snapshot, Flags* flags, Command* command) {
  CLI::App* create = snapshot->add_subcommand("create", "keep the present state on the server");
  Required(create, "database", &flags->snapshot_create.database, "the database");
  create->add_flag("--compact", flags->snapshot_create.compact, "without free pages");
  create->add_option("--ttl", flags->snapshot_create.ttl, "how long, such as 90m or 24h");
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

void AddServerCommands(CLI::App* app, Flags* flags, Command* command) {
  CLI::App* snapshot = app->add_subcommand("snapshot", "whole databases");
  snapshot->require_subcommand(1);
  CLI::App* get = snapshot->add_subcommand("get", "take a database into a file, verified");
  Required(get, "database", &flags->snapshot_get.database, "the database");
  get->add_option("-o,--output", flags->snapshot_get.file, "the file (DATABASE.db)");
  get->add_flag("-f,--force", flags->snapshot_get.force, "replace a file that is there");
  get->add_option("--refresh", flags->snapshot_get.refresh,
                  "an older copy: only what differs is transferred, and without -o the new state "
                  "takes its place");
  get->add_option("--snapshot", flags->snapshot_get.snapshot, "a kept one, by its name");
  get->callback([=] {
    *command = [=](Session* session) { return SnapshotGet(session, flags->snapshot_get); };
  });
  AddKeptSnapshotCommands(snapshot, flags, command);

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
  absl::Duration deadline;
  if (ParseDeadline(flags.deadline, &deadline)) settings.deadline = deadline;
  settings.format = FormatOf(flags.format);
  settings.curl = flags.curl;
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
