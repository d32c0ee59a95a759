// What writes with a request id were answered, kept in the hidden table `_sluice_receipts` by the
// same transaction as the write, so that sending it again is answered alike and changes nothing.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/sqlite/connection.h"

namespace sluice::engine {

// As SQLite keeps the definitions.
inline constexpr char kReceiptsTableSql[] =
    "CREATE TABLE _sluice_receipts(caller TEXT NOT NULL, request_id TEXT NOT NULL, "
    "fingerprint BLOB NOT NULL, kept_us INTEGER NOT NULL, commit_token TEXT NOT NULL, "
    "response BLOB NOT NULL, PRIMARY KEY (caller, request_id)) STRICT, WITHOUT ROWID";
inline constexpr char kReceiptsIndexSql[] =
    "CREATE INDEX _sluice_receipts_kept ON _sluice_receipts(kept_us)";

struct ReceiptKey {
  // Whose request it is: callers do not meet each other's ids.
  std::string caller;
  std::string request_id;
  // Of the method and the whole request.
  std::string fingerprint;
};

struct Receipt {
  std::string commit_token;
  // As the caller of KeepReceipt gave it.
  std::string response;
};

// The receipt of an earlier request; nothing when there is none or it has expired.
// FAILED_PRECONDITION (REQUEST_ID_REUSED) when it was another request.
absl::StatusOr<std::optional<Receipt>> FindReceipt(sqlite::Connection& connection,
                                                   const ReceiptKey& key, absl::Duration kept);

// Inside the write's transaction; the commit token is the one that this transaction will get. Makes
// the table when it is not there, and forgets a few receipts that have expired.
absl::Status KeepReceipt(sqlite::Connection& connection, const ReceiptKey& key,
                         const std::string& response, absl::Duration kept);

}  // namespace sluice::engine
