#include "server/engine/checkpointer.h"

#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/time/clock.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "server/base/limits.h"
#include "server/base/log.h"
#include "server/base/status.h"

namespace sluice::engine {
namespace {

// How long nothing must be written before the log is cut.
constexpr absl::Duration kPause = absl::Seconds(2);
// How long cutting the log beyond its ceiling may keep writers waiting for readers to finish.
constexpr absl::Duration kCutWait = absl::Milliseconds(50);
// How often it is told that the disk fails.
constexpr absl::Duration kWarningPause = absl::Minutes(1);
// How often the log's size is looked at while writes go on.
constexpr absl::Duration kLook = absl::Milliseconds(100);

int64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

}  // namespace

int64_t WalBytesBeside(const std::string& path) { return SizeOf(path + "-wal"); }

Checkpointer::Checkpointer(const sqlite::OpenOptions& options, LogBounds bounds,
                           const DatabaseMetrics& metrics)
    : options_(options),
      log_path_(options.path + "-wal"),
      bounds_(std::move(bounds)),
      metrics_(metrics) {}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Start(
    const sqlite::OpenOptions& options, LogBounds bounds, const DatabaseMetrics& metrics) {
  sqlite::OpenOptions impatient = options;
  // Cutting the log waits for readers with the writers locked out.
  impatient.busy_wait = absl::ZeroDuration();
  auto checkpointer =
      std::unique_ptr<Checkpointer>(new Checkpointer(impatient, std::move(bounds), metrics));
  RETURN_IF_ERROR(checkpointer->Reopen());
  checkpointer->thread_ = std::thread([raw = checkpointer.get()] { raw->Run(); });
  return checkpointer;
}

absl::Status Checkpointer::Reopen() {
  if (connection_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(connection_, sqlite::Connection::Open(options_));
  return absl::OkStatus();
}

void Checkpointer::OnFailure(const absl::Status& status) {
  // Busy only means that a reader or another process is in the way: it is tried again after the
  // next write or pause.
  if (status.code() == absl::StatusCode::kUnavailable) {
    Log(LogLevel::kDebug, "checkpoint failed", {{"error", status.message()}});
    return;
  }
  // Whatever the disk failed at, this connection may not know what the file holds.
  if (status.code() == absl::StatusCode::kInternal) connection_.reset();
  const absl::Time now = absl::Now();
  if (now < next_warning_) return;
  next_warning_ = now + kWarningPause;
  Log(LogLevel::kWarning, "a checkpoint failed; the write-ahead log grows until one succeeds",
      {{"error", status.message()}, {"wal_bytes", SizeOf(log_path_)}});
}

void Checkpointer::Notify() {
  MutexLock lock(&mutex_);
  if (!written_) changed_.Signal();
  written_ = true;
}

void Checkpointer::Stop(bool keep_log) {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.Signal();
  }
  if (thread_.joinable()) thread_.join();
  if (connection_ != nullptr && keep_log) connection_->KeepLogOnClose();
  connection_.reset();
}

bool Checkpointer::WaitForWork(bool* paused) {
  MutexLock lock(&mutex_);
  if (!written_ && !stopping_) changed_.WaitWithTimeout(&mutex_, kPause);
  *paused = !written_;
  written_ = false;
  if (!*paused && !stopping_) changed_.WaitWithTimeout(&mutex_, kLook);
  return !stopping_;
}

void Checkpointer::Run() {
  pthread_setname_np(pthread_self(), "sluice-ckpt");
  // A log that was there at start is copied too.
  bool dirty = true;
  bool paused = false;
  while (WaitForWork(&paused)) {
    const int64_t bytes = SizeOf(log_path_);
    metrics_.wal_bytes->Set(static_cast<double>(bytes));
    dirty = dirty || !paused;
    const bool cut = paused && dirty && bytes > 0;
    if (!cut && (paused || bytes < limits::kWalCheckpointBytes)) continue;
    if (const absl::Status opened = Reopen(); !opened.ok()) {
      OnFailure(opened);
      continue;
    }
    const auto result = connection_->Checkpoint(/*truncate=*/cut);
    if (!result.ok()) {
      OnFailure(result.status());
      if (connection_ == nullptr) continue;
    } else if (cut) {
      dirty = false;
    }
    if (SizeOf(log_path_) > bounds_.bytes_max) EnforceBound();
    metrics_.wal_bytes->Set(static_cast<double>(SizeOf(log_path_)));
  }
}

void Checkpointer::EnforceBound() {
  connection_->SetBusyWait(kCutWait);
  const auto result = connection_->Checkpoint(/*truncate=*/true);
  connection_->SetBusyWait(absl::ZeroDuration());
  if (result.ok()) {
    reads_to_end_ = 1;
    return;
  }
  // Ending reads mends no disk.
  if (result.status().code() != absl::StatusCode::kUnavailable) return OnFailure(result.status());
  const int ended = bounds_.end_reads(reads_to_end_);
  metrics_.reads_ended->Increment(ended);
  reads_to_end_ = std::min(2 * reads_to_end_, limits::kReadConnectionsMax);
  if (ended > 0) {
    Log(LogLevel::kWarning, "ended the oldest reads, since the write-ahead log passed its ceiling",
        {{"reads", ended}, {"wal_bytes", SizeOf(log_path_)}});
  }
}

}  // namespace sluice::engine
