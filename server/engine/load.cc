#include "server/engine/load.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/engine/receipts.h"
#include "server/engine/table_write.h"

namespace sluice::engine {
namespace {

class LoadMember : public WriteMember {
 public:
  LoadMember(Database* database, std::shared_ptr<const LoadSpec> spec, LoadPart part,
             const Interrupt& interrupt, LoadDone done)
      : database_(database),
        spec_(std::move(spec)),
        part_(std::move(part)),
        interrupt_(interrupt),
        done_(std::move(done)) {}

  absl::Status Apply(sqlite::Connection& connection) override {
    outcome_ = LoadOutcome();
    validated_ = false;
    RETURN_IF_ERROR(CheckPlace(connection));
    RETURN_IF_ERROR(InsertRows(connection));
    outcome_.progress.done = part_.last;
    if (spec_->kept.validate_only) {
      RETURN_IF_ERROR(CheckDeferred(connection));
      validated_ = true;
      // The group keeps nothing of a member that fails.
      return absl::CancelledError("only validated");
    }
    if (!spec_->kept.receipt.has_value()) return absl::OkStatus();
    return KeepReceipt(connection, *spec_->kept.receipt, outcome_.progress.Encode(),
                       database_->receipts_kept());
  }

  void Done(const absl::Status& status, const std::string& commit_token) override {
    if (!status.ok() && !validated_) return done_(status);
    outcome_.commit_token = commit_token;
    done_(std::move(outcome_));
  }

  size_t bytes() const override { return part_.rows->bytes(); }
  const Interrupt& interrupt() const override { return interrupt_; }
  uint64_t caller() const override { return spec_->kept.caller; }
  // It takes long: whoever shared its transaction would wait for it, and be repeated with it.
  bool alone() const override { return spec_->atomic; }
  absl::Duration time_max() const override {
    return spec_->atomic ? limits::kAtomicLoadTimeMax : limits::kMemberTimeMax;
  }

 private:
  // Another call may have brought the same rows meanwhile.
  absl::Status CheckPlace(sqlite::Connection& connection) {
    outcome_.progress = part_.before;
    if (!spec_->kept.receipt.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto receipt,
                     FindReceipt(connection, *spec_->kept.receipt, database_->receipts_kept()));
    if (!receipt.has_value() && part_.before.rows > 0) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kLoadExpired,
                   "how far the load came is no longer kept: begun anew it would add rows twice");
    }
    LoadProgress kept;
    if (receipt.has_value()) kept = LoadProgress::Decode(receipt->response).value_or(kept);
    if (kept.rows == part_.before.rows && !kept.done) return absl::OkStatus();
    return Conflict("another call goes on with the same load");
  }

  absl::Status InsertRows(sqlite::Connection& connection) {
    RETURN_IF_ERROR(part_.rows->Rewind());
    ASSIGN_OR_RETURN(const auto schema, database_->CurrentSchema(connection));
    ASSIGN_OR_RETURN(const Table* const table,
                     FindTable(*schema, database_->name(), spec_->mutation.table));
    const auto writer = MakeInserter(*database_, connection, *table, spec_->mutation);
    RETURN_IF_ERROR(writer->Start());
    Mutation::Row row;
    MutationOutcome counts;
    while (true) {
      const absl::StatusOr<bool> more = part_.rows->Next(&row.values);
      if (!more.ok()) {
        return WithMetadata(more.status(), "row", absl::StrCat(outcome_.progress.rows));
      }
      if (!*more) break;
      const auto effect = spec_->continue_on_error ? WriteInSavepoint(connection, *writer, row)
                                                   : writer->Write(row);
      if (effect.ok()) {
        Count(*effect, &counts);
      } else {
        RETURN_IF_ERROR(TakeFailure(connection, effect.status()));
      }
      ++outcome_.progress.rows;
    }
    outcome_.progress.inserted += counts.inserted_count;
    outcome_.progress.updated += counts.updated_count;
    outcome_.progress.ignored += counts.ignored_count;
    return table->kind == TableKind::kVirtual ? FlushVirtualTables(connection) : absl::OkStatus();
  }

  // The error, when the row is not to be left out.
  absl::Status TakeFailure(const sqlite::Connection& connection, const absl::Status& status) {
    const int64_t row = outcome_.progress.rows;
    if (!spec_->continue_on_error || connection.autocommit() || !IsFaultOfRow(status)) {
      return WithMetadata(status, "row", absl::StrCat(row));
    }
    ++outcome_.progress.failed;
    if (outcome_.failures.size() < part_.failures_max) {
      outcome_.failures.push_back({static_cast<size_t>(row), status});
    }
    return absl::OkStatus();
  }

  // Answers its writes before it dies; see KeptWrite.
  Database* const database_;
  const std::shared_ptr<const LoadSpec> spec_;
  const LoadPart part_;
  const Interrupt interrupt_;
  const LoadDone done_;
  // Of the latest Apply.
  LoadOutcome outcome_;
  bool validated_ = false;
};

}  // namespace

std::string LoadProgress::Encode() const {
  return absl::StrCat(rows, " ", inserted, " ", updated, " ", ignored, " ", failed, " ",
                      done ? 1 : 0);
}

std::optional<LoadProgress> LoadProgress::Decode(absl::string_view text) {
  LoadProgress progress;
  int64_t done = 0;
  int64_t* const fields[] = {&progress.rows,    &progress.inserted, &progress.updated,
                             &progress.ignored, &progress.failed,   &done};
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() != std::size(fields)) return std::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], fields[i])) return std::nullopt;
  }
  progress.done = done != 0;
  return progress;
}

absl::StatusOr<LoadProgress> FindLoad(Database& database, const LoadSpec& spec,
                                      const Interrupt& interrupt) {
  RETURN_IF_ERROR(KeptWrite::FindWriter(database, spec.kept).status());
  if (!spec.kept.receipt.has_value()) return LoadProgress();
  ASSIGN_OR_RETURN(const sqlite::ReadLease lease, database.Acquire(interrupt, sqlite::Use::kShort));
  ASSIGN_OR_RETURN(const auto receipt,
                   FindReceipt(*lease, *spec.kept.receipt, database.receipts_kept()));
  if (!receipt.has_value()) return LoadProgress();
  const auto progress = LoadProgress::Decode(receipt->response);
  if (!progress.has_value()) return absl::InternalError("a load's receipt cannot be read");
  return *progress;
}

absl::Status SubmitLoadPart(const std::shared_ptr<Database>& database,
                            std::shared_ptr<const LoadSpec> spec, LoadPart part,
                            const Interrupt& interrupt, LoadDone done) {
  ASSIGN_OR_RETURN(Writer* const writer, KeptWrite::FindWriter(*database, spec->kept));
  return writer->Submit(std::make_unique<LoadMember>(database.get(), std::move(spec),
                                                     std::move(part), interrupt, std::move(done)));
}

}  // namespace sluice::engine
