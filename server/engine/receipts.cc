#include "server/engine/receipts.h"

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"

namespace sluice::engine {
namespace {

using sqlite::Statement;
using sqlite::ValueView;

// Two for each that is added: the table cannot grow beyond what was added within the time.
constexpr char kForget[] =
    "DELETE FROM _sluice_receipts WHERE (caller, request_id) IN "
    "(SELECT caller, request_id FROM _sluice_receipts WHERE kept_us < ?1 ORDER BY kept_us LIMIT 2)";
constexpr char kKeep[] = "INSERT OR REPLACE INTO _sluice_receipts VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr char kFind[] =
    "SELECT fingerprint, commit_token, response FROM _sluice_receipts "
    "WHERE caller = ?1 AND request_id = ?2 AND kept_us >= ?3";

int64_t NowUs() { return absl::ToUnixMicros(absl::Now()); }

constexpr char kReceiptsTable[] = "_sluice_receipts";

absl::Status MakeTable(sqlite::Connection& connection) {
  connection.set_schema_uncommitted(true);
  RETURN_IF_ERROR(connection.Execute(kReceiptsTableSql));
  return connection.Execute(kReceiptsIndexSql);
}

absl::Status Insert(sqlite::Connection& connection, const ReceiptKey& key,
                    const std::string& commit_token, const std::string& response) {
  ASSIGN_OR_RETURN(Statement insert, connection.Prepare(kKeep));
  insert.Bind(1, ValueView::Text(key.caller));
  insert.Bind(2, ValueView::Text(key.request_id));
  insert.Bind(3, ValueView::Blob(key.fingerprint));
  insert.Bind(4, ValueView::Integer(NowUs()));
  insert.Bind(5, ValueView::Text(commit_token));
  insert.Bind(6, ValueView::Blob(response));
  return insert.Run();
}

}  // namespace

absl::StatusOr<std::optional<Receipt>> FindReceipt(sqlite::Connection& connection,
                                                   const ReceiptKey& key, absl::Duration kept) {
  auto find = connection.Prepare(kFind);
  if (!find.ok()) {
    ASSIGN_OR_RETURN(const bool missing, IsMissingTable(connection, find.status(), kReceiptsTable));
    // No write had a request id yet.
    if (missing) return std::nullopt;
    return find.status();
  }
  find->Bind(1, ValueView::Text(key.caller));
  find->Bind(2, ValueView::Text(key.request_id));
  find->Bind(3, ValueView::Integer(NowUs() - absl::ToInt64Microseconds(kept)));
  ASSIGN_OR_RETURN(const bool row, find->Step());
  if (!row) return std::nullopt;
  if (find->column(0).bytes != key.fingerprint) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kRequestIdReused,
                 "another request was answered under this request_id");
  }
  return Receipt{.commit_token = std::string(find->column(1).bytes),
                 .response = std::string(find->column(2).bytes)};
}

absl::Status KeepReceipt(sqlite::Connection& connection, const ReceiptKey& key,
                         const std::string& response, absl::Duration kept) {
  ASSIGN_OR_RETURN(const std::string token, NextCommitToken(connection));
  absl::StatusOr<Statement> forget = connection.Prepare(kForget);
  if (!forget.ok()) {
    ASSIGN_OR_RETURN(const bool missing,
                     IsMissingTable(connection, forget.status(), kReceiptsTable));
    if (!missing) return forget.status();
    RETURN_IF_ERROR(MakeTable(connection));
    return Insert(connection, key, token, response);
  }
  forget->Bind(1, ValueView::Integer(NowUs() - absl::ToInt64Microseconds(kept)));
  RETURN_IF_ERROR(forget->Run());
  return Insert(connection, key, token, response);
}

}  // namespace sluice::engine
