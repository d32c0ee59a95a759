#include "server/engine/commit_sequence.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

std::string TokenFrom(const sqlite::Statement& row) {
  return absl::StrCat(absl::BytesToHexString(row.column(0).bytes), "-", row.column(1).integer);
}

absl::Status MakeTable(sqlite::Connection& connection) {
  connection.set_schema_uncommitted(true);
  RETURN_IF_ERROR(connection.Execute(kCommitTableSql));
  return connection.Execute("INSERT INTO _sluice_commit VALUES (1, randomblob(8), 0)");
}

absl::StatusOr<std::string> Advance(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(
      sqlite::Statement update,
      connection.Prepare("UPDATE _sluice_commit SET seq = seq + 1 RETURNING epoch, seq"));
  ASSIGN_OR_RETURN(const bool row, update.Step());
  if (!row) return absl::InternalError("_sluice_commit holds no row");
  std::string token = TokenFrom(update);
  RETURN_IF_ERROR(update.Run());
  return token;
}

}  // namespace

absl::StatusOr<bool> IsMissingTable(sqlite::Connection& connection, const absl::Status& status,
                                    absl::string_view table) {
  if (ReasonOf(status) != reason::kSqlError) return false;
  ASSIGN_OR_RETURN(
      sqlite::Statement find,
      connection.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1"));
  find.Bind(1, sqlite::ValueView::Text(table));
  ASSIGN_OR_RETURN(const bool there, find.Step());
  return !there;
}

std::optional<CommitToken> ParseCommitToken(absl::string_view token) {
  const size_t dash = token.find('-');
  if (dash == 0 || dash == absl::string_view::npos) return std::nullopt;
  const absl::string_view digits = token.substr(dash + 1);
  CommitToken parsed{.epoch = std::string(token.substr(0, dash))};
  const auto is_hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  if (!std::all_of(parsed.epoch.begin(), parsed.epoch.end(), is_hex)) return std::nullopt;
  if (!absl::SimpleAtoi(digits, &parsed.sequence) || parsed.sequence < 0) return std::nullopt;
  return parsed;
}

absl::StatusOr<std::string> AdvanceCommitSequence(sqlite::Connection& connection) {
  absl::StatusOr<std::string> token = Advance(connection);
  if (token.ok()) return token;
  ASSIGN_OR_RETURN(const bool missing, IsMissingTable(connection, token.status(), kCommitTable));
  if (!missing) return token;
  // The first write through Sluice.
  RETURN_IF_ERROR(MakeTable(connection));
  return Advance(connection);
}

absl::StatusOr<std::string> NextCommitToken(sqlite::Connection& connection) {
  auto select = connection.Prepare("SELECT epoch, seq + 1 FROM _sluice_commit");
  if (!select.ok()) {
    ASSIGN_OR_RETURN(const bool missing, IsMissingTable(connection, select.status(), kCommitTable));
    if (!missing) return select.status();
    RETURN_IF_ERROR(MakeTable(connection));
    return NextCommitToken(connection);
  }
  ASSIGN_OR_RETURN(const bool row, select->Step());
  if (!row) return absl::InternalError("_sluice_commit holds no row");
  return TokenFrom(*select);
}

absl::StatusOr<std::string> BeginEpoch(sqlite::Connection& connection) {
  ASSIGN_OR_RETURN(
      const int64_t there,
      connection.QueryInteger("SELECT count(*) FROM sqlite_schema WHERE name = '_sluice_commit'"));
  if (there == 0) RETURN_IF_ERROR(MakeTable(connection));
  RETURN_IF_ERROR(
      connection.Execute("INSERT OR REPLACE INTO _sluice_commit VALUES (1, randomblob(8), 0)"));
  return ReadCommitToken(connection);
}

absl::StatusOr<std::string> ReadCommitToken(sqlite::Connection& connection) {
  auto select = connection.Prepare("SELECT epoch, seq FROM _sluice_commit");
  if (!select.ok()) {
    return ReasonOf(select.status()) == reason::kSqlError ? absl::StatusOr<std::string>("")
                                                          : select.status();
  }
  ASSIGN_OR_RETURN(const bool row, select->Step());
  return row ? TokenFrom(*select) : std::string();
}

}  // namespace sluice::engine
