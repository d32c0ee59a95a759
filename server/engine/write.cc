#include "server/engine/write.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/table_write.h"

namespace sluice::engine {
namespace {

class MutationsMember : public KeptWrite {
 public:
  MutationsMember(Database* database, WriteSpec spec, const Interrupt& interrupt, WriteDone done)
      : KeptWrite(database, spec.kept, interrupt), spec_(std::move(spec)), done_(std::move(done)) {}

 protected:
  absl::Status Run(sqlite::Connection& connection) override {
    outcome_ = WriteOutcome();
    RETURN_IF_ERROR(CheckPreconditions(connection));
    return RunBranch(connection, outcome_.succeeded ? spec_.success : spec_.failure);
  }

  std::string Respond() override { return spec_.respond(outcome_); }

  void Answer(absl::StatusOr<KeptAnswer> answer) override {
    if (!answer.ok()) return done_(answer.status());
    outcome_.commit_token = std::move(answer->commit_token);
    outcome_.replayed_response = std::move(answer->replayed_response);
    done_(std::move(outcome_));
  }

 private:
  absl::Status CheckPreconditions(sqlite::Connection& connection) {
    for (size_t i = 0; i < spec_.preconditions.size(); ++i) {
      const auto holds =
          Holds(database(), connection, spec_.preconditions[i], spec_.options.etag_secret);
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
    size_t answer_bytes = 0;
    for (size_t i = 0; i < mutations.size(); ++i) {
      absl::Status status =
          ApplyMutation(database(), connection, mutations[i], spec_.options, &outcome_.results[i]);
      answer_bytes += mutations[i].sink->bytes();
      if (status.ok() && i > 0) status = CheckAnswerBytes(answer_bytes);
      if (status.ok()) continue;
      const bool one_of_several = spec_.success.size() + spec_.failure.size() > 1;
      return one_of_several ? WithMetadata(status, "mutation", absl::StrCat(i)) : status;
    }
    return absl::OkStatus();
  }

  const WriteSpec spec_;
  const WriteDone done_;
  // Of the latest Run.
  WriteOutcome outcome_;
};

}  // namespace

absl::Status SubmitWrite(const std::shared_ptr<Database>& database, WriteSpec spec,
                         const Interrupt& interrupt, WriteDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, KeptWrite::FindWriter(*database, spec.kept));
  return writer->Submit(std::make_unique<MutationsMember>(database.get(), std::move(spec),
                                                          interrupt, std::move(done)));
}

}  // namespace sluice::engine
