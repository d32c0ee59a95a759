#include "server/engine/write.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"
#include "server/engine/write_group.h"

namespace sluice::engine {
namespace {

class MutationsMember : public WriteMember {
 public:
  MutationsMember(Database* database, WriteSpec spec, const Interrupt& interrupt, WriteDone done)
      : database_(database),
        spec_(std::move(spec)),
        interrupt_(interrupt),
        done_(std::move(done)) {}

  absl::Status Apply(sqlite::Connection& connection) override {
    outcome_ = WriteOutcome();
    validated_ = false;
    if (spec_.receipt.has_value()) {
      ASSIGN_OR_RETURN(auto receipt,
                       FindReceipt(connection, *spec_.receipt, database_->receipts_kept()));
      if (receipt.has_value()) return Replay(*std::move(receipt));
    }
    RETURN_IF_ERROR(CheckPreconditions(connection));
    RETURN_IF_ERROR(RunBranch(connection, outcome_.succeeded ? spec_.success : spec_.failure));
    if (spec_.validate_only) return Validated(connection);
    if (!spec_.receipt.has_value()) return absl::OkStatus();
    return KeepReceipt(connection, *spec_.receipt, spec_.respond(outcome_),
                       database_->receipts_kept());
  }

  size_t bytes() const override { return spec_.bytes; }
  const Interrupt& interrupt() const override { return interrupt_; }

  void Done(const absl::Status& status, const std::string& commit_token) override {
    if (!status.ok() && !validated_) return done_(status);
    if (!outcome_.replayed_response.has_value()) outcome_.commit_token = commit_token;
    done_(std::move(outcome_));
  }

 private:
  absl::Status Replay(Receipt receipt) {
    outcome_.commit_token = std::move(receipt.commit_token);
    outcome_.replayed_response = std::move(receipt.response);
    return absl::OkStatus();
  }

  absl::Status CheckPreconditions(sqlite::Connection& connection) {
    for (size_t i = 0; i < spec_.preconditions.size(); ++i) {
      const auto holds =
          Holds(*database_, connection, spec_.preconditions[i], spec_.options.etag_secret);
      if (holds.ok() && *holds) continue;
      if (holds.ok() && !spec_.failure.empty()) {
        outcome_.succeeded = false;
        continue;
      }
      return WithMetadata(holds.ok() ? Conflict("a precondition does not hold") : holds.status(),
                          "precondition", absl::StrCat(i));
    }
    return absl::OkStatus();
  }

  absl::Status RunBranch(sqlite::Connection& connection, const std::vector<Mutation>& mutations) {
    outcome_.results.resize(mutations.size());
    for (size_t i = 0; i < mutations.size(); ++i) {
      const absl::Status status =
          ApplyMutation(*database_, connection, mutations[i], spec_.options, &outcome_.results[i]);
      if (status.ok()) continue;
      const bool one_of_several = spec_.success.size() + spec_.failure.size() > 1;
      return one_of_several ? WithMetadata(status, "mutation", absl::StrCat(i)) : status;
    }
    return absl::OkStatus();
  }

  // The group keeps nothing of a member that fails.
  absl::Status Validated(const sqlite::Connection& connection) {
    if (connection.has_deferred_foreign_key_violations()) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kForeignKey,
                   "FOREIGN KEY constraint failed");
    }
    validated_ = true;
    return absl::CancelledError("only validated");
  }

  // Not owned: a database answers its writes before it dies, and could not die on its own writer's
  // thread, where this does.
  Database* const database_;
  const WriteSpec spec_;
  const Interrupt interrupt_;
  const WriteDone done_;
  // Of the latest Apply.
  WriteOutcome outcome_;
  bool validated_ = false;
};

}  // namespace

absl::Status SubmitWrite(const std::shared_ptr<Database>& database, WriteSpec spec,
                         const Interrupt& interrupt, WriteDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, database->FindWriter());
  return writer->Submit(std::make_unique<MutationsMember>(database.get(), std::move(spec),
                                                          interrupt, std::move(done)));
}

}  // namespace sluice::engine
