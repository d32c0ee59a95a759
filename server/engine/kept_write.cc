#include "server/engine/kept_write.h"

#include <utility>

#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/commit_sequence.h"

namespace sluice::engine {

absl::Status CheckDeferred(const sqlite::Connection& connection) {
  if (!connection.has_deferred_foreign_key_violations()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
               "FOREIGN KEY constraint failed");
}

namespace {

// The commit token of a receipt. One that was restored with its database is of another epoch, in
// which nobody can wait for it; the database as it is holds the write.
absl::StatusOr<std::string> TokenNow(sqlite::Connection& connection, const std::string& kept) {
  ASSIGN_OR_RETURN(std::string current, ReadCommitToken(connection));
  const auto epoch = [](const std::string& token) {
    const auto parsed = ParseCommitToken(token);
    return parsed.has_value() ? parsed->epoch : std::string();
  };
  return epoch(kept) == epoch(current) ? kept : current;
}

}  // namespace

absl::StatusOr<Writer*> KeptWrite::FindWriter(Database& database, const KeptWriteOptions& options) {
  ASSIGN_OR_RETURN(Writer* const writer, database.FindWriter());
  // This server does not replicate yet.
  if (options.durability == Durability::kReplicated) {
    return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, reason::kNotReplicated,
                              "no replication of the database runs"),
                        "database", database.name());
  }
  return writer;
}

absl::Status KeptWrite::Apply(sqlite::Connection& connection) {
  answer_ = KeptAnswer();
  validated_ = false;
  const absl::Duration kept = database_->receipts_kept();
  if (options_.receipt.has_value()) {
    ASSIGN_OR_RETURN(auto receipt, FindReceipt(connection, *options_.receipt, kept));
    if (receipt.has_value()) {
      ASSIGN_OR_RETURN(answer_.commit_token, TokenNow(connection, receipt->commit_token));
      answer_.replayed_response = std::move(receipt->response);
      return absl::OkStatus();
    }
  }
  RETURN_IF_ERROR(Run(connection));
  if (options_.validate_only) {
    RETURN_IF_ERROR(CheckDeferred(connection));
    validated_ = true;
    // The group keeps nothing of a member that fails.
    return absl::CancelledError("only validated");
  }
  if (!options_.receipt.has_value()) return absl::OkStatus();
  return KeepReceipt(connection, *options_.receipt, Respond(), kept);
}

void KeptWrite::Done(const absl::Status& status, const std::string& commit_token) {
  if (!status.ok() && !validated_) return Answer(status);
  if (!answer_.replayed_response.has_value()) answer_.commit_token = commit_token;
  Answer(std::move(answer_));
}

}  // namespace sluice::engine
