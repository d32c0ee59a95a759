// SQL of callers that reads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/base/limits.h"
#include "server/engine/cross_read.h"
#include "server/engine/database.h"
#include "server/engine/resume.h"
#include "server/engine/row_sink.h"
#include "server/sqlite/pool.h"

namespace sluice::engine {

// Gives parameters that the caller did not.
class ParameterSource {
 public:
  virtual ~ParameterSource() = default;
  // Nothing when the caller must give it. A view lives as long as the source.
  virtual absl::StatusOr<std::optional<sqlite::ValueView>> Find(absl::string_view name) = 0;
};

// A request in the engine's words. Everything in it is a view into the request, which must outlive
// the cursor.
struct QuerySpec {
  struct Parameter {
    // Without prefix; empty when by position.
    absl::string_view name;
    sqlite::ValueView value;
  };
  absl::string_view sql;
  // A caller with a credential may handle larger values: see sqlite::LimitProfile.
  bool known_caller = false;
  // By position in order, or all with names.
  std::vector<Parameter> parameters = {};
  // Null when the caller must give all. Outlives the cursor.
  ParameterSource* source = nullptr;
  // The request's field that parameters by name come in, for errors.
  absl::string_view names_field = "named_params";
  // What the statement may read beside the request's database; see CrossRead.
  OtherDatabases others = {};
  absl::Duration time_max = limits::kStatementTimeMax;
  // Look for a key that orders the rows, so that the stream can go on after a cut. There is none
  // where several databases are read.
  bool resumable = false;
  // Begin after this.
  std::optional<ResumePoint> resume_after = std::nullopt;
};

struct QueryStats {
  int64_t row_count = 0;
  int64_t vm_steps = 0;
  absl::Duration elapsed;
};

// A statement that runs piece by piece: it can stand still between two pieces while its receiver is
// slow, without a thread. Holds a read connection for as long as it lives. One thread at a time.
class Cursor {
 public:
  // Prepares and binds. `interrupt` is looked at while SQLite works; its flag must outlive the
  // cursor. INVALID_ARGUMENT (SQL_ERROR, BAD_REQUEST) and what Pool::Acquire says.
  static absl::StatusOr<std::unique_ptr<Cursor>> Open(std::shared_ptr<Database> database,
                                                      const QuerySpec& spec,
                                                      const Interrupt& interrupt);

  // Pushes rows into `sink` until it holds `bytes_target`, or `rows_max` rows were pushed in this
  // call. True when the statement has more or may have more, false at its end. The first call
  // begins with OnColumns. Each call may take the spec's time; one that finds `flush` over when a
  // slow step has given it a row ends before that row.
  absl::StatusOr<bool> Fill(RowSink& sink, int64_t rows_max, size_t bytes_target,
                            Deadline flush = Deadline::Infinite());

  // Keeps only the memory that the statement's place needs, since its receiver stands still.
  void Rest() { connection().ReleaseMemory(); }

  QueryStats stats() const;
  // Where the rows that were pushed end, when their order is a key's. Two rows tell the direction.
  std::optional<ResumePoint> position() const;
  // Rows pushed so far.
  int64_t row_count() const { return row_count_; }

 private:
  Cursor(std::shared_ptr<Database> database, const QuerySpec& spec, const Interrupt& interrupt);
  // Guards what the statement does next, for the spec's time.
  void Arm();
  absl::Status PushColumns(RowSink& sink);
  // Finds the key that orders the rows, and prepares what comes after the spec's point.
  absl::Status PrepareResume(const QuerySpec& spec);
  void NoteKey();

  // Begins the transaction, and finds out what may be read in it.
  absl::Status Begin();
  sqlite::Connection& connection() { return cross_ != nullptr ? cross_->connection() : **lease_; }

  // In this order: the statement dies first, the database last.
  const std::shared_ptr<Database> database_;
  std::shared_ptr<const sqlite::AccessPolicy> policy_;
  // Of the one database; null where there are several.
  std::shared_ptr<const Schema> schema_;
  // The one or the other.
  std::optional<sqlite::ReadLease> lease_;
  std::unique_ptr<CrossRead> cross_;
  sqlite::Statement statement_;
  const Interrupt interrupt_;
  const absl::Time begun_;
  const sqlite::LimitProfile profile_;
  const absl::Duration time_max_;
  bool columns_pushed_ = false;
  // The statement stands on a row that has not been pushed yet.
  bool pending_row_ = false;
  int64_t row_count_ = 0;
  // The column whose values order the rows.
  std::optional<int> key_column_;
  std::optional<int64_t> first_key_;
  int64_t last_key_ = 0;
};

}  // namespace sluice::engine
