#include "server/sqlite/pool.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "prometheus/gauge.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"

namespace sluice::sqlite {

namespace {

absl::Status Closed() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kNotServed,
                              "the database is being closed or replaced"),
                        absl::Seconds(1));
}

absl::Status AllInUse() {
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                              "all read connections of the database are in use"),
                        absl::Seconds(1));
}

}  // namespace

ReadLease& ReadLease::operator=(ReadLease&& other) noexcept {
  if (this == &other) return *this;
  Return();
  pool_ = std::move(other.pool_);
  connection_ = std::move(other.connection_);
  loan_ = other.loan_;
  return *this;
}

void ReadLease::Return() {
  if (connection_ == nullptr) return;
  connection_->guard().Disarm();
  if (!connection_->autocommit() && !connection_->Execute("ROLLBACK").ok()) connection_.reset();
  pool_->Return(std::move(connection_), loan_);
}

std::shared_ptr<Pool> Pool::Make(OpenOptions options, int connections_max,
                                 prometheus::Gauge* in_use) {
  return std::shared_ptr<Pool>(new Pool(std::move(options), connections_max, in_use));
}

Pool::Pool(OpenOptions options, int connections_max, prometheus::Gauge* in_use)
    : options_(std::move(options)), connections_max_(connections_max), in_use_(in_use) {}

void Pool::Changed() {
  if (in_use_ != nullptr) in_use_->Set(static_cast<double>(loans_.size()));
}

bool Pool::HasFree(Use use) const {
  constexpr int kShare = 8;
  return static_cast<int>(loans_.size()) <
         connections_max_ - (use == Use::kLong ? connections_max_ / kShare : 0);
}

absl::Status Pool::WaitForFree(const Interrupt& interrupt, Use use) {
  if (closed_ || HasFree(use)) return closed_ ? Closed() : absl::OkStatus();
  // Whoever waits holds a thread that other databases want too.
  if (use == Use::kLong && waiting_ >= limits::kLeaseWaitersMax) return AllInUse();
  ++waiting_;
  const Deadline wait = Deadline::After(limits::kLeaseWaitMax);
  absl::Status status;
  while (!closed_ && !HasFree(use)) {
    status = interrupt.Check();
    if (status.ok() && wait.expired()) status = AllInUse();
    if (!status.ok()) break;
    const Deadline look = Deadline::After(limits::kCancelledWaiterLook).EarlierOf(wait);
    returned_.WaitWithTimeout(&mutex_, interrupt.deadline().EarlierOf(look).remaining());
  }
  --waiting_;
  return closed_ ? Closed() : status;
}

absl::StatusOr<ReadLease> Pool::Acquire(const Interrupt& interrupt, Use use) {
  std::unique_ptr<Connection> idle;
  uint64_t loan = 0;
  {
    MutexLock lock(&mutex_);
    RETURN_IF_ERROR(WaitForFree(interrupt, use));
    idle = TakeIdle(interrupt.revocable());
    loan = last_loan_;
  }
  return Lend(std::move(idle), loan);
}

absl::StatusOr<std::optional<ReadLease>> Pool::TryAcquire(Use use) {
  std::unique_ptr<Connection> idle;
  uint64_t loan = 0;
  {
    MutexLock lock(&mutex_);
    if (closed_) return Closed();
    if (!HasFree(use)) return std::nullopt;
    idle = TakeIdle(nullptr);
    loan = last_loan_;
  }
  ASSIGN_OR_RETURN(ReadLease lease, Lend(std::move(idle), loan));
  return lease;
}

std::unique_ptr<Connection> Pool::TakeIdle(Revocable* holder) {
  loans_[++last_loan_] = {.since = absl::Now(), .holder = holder};
  Changed();
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> idle = std::move(idle_.back());
  idle_.pop_back();
  return idle;
}

absl::StatusOr<ReadLease> Pool::Lend(std::unique_ptr<Connection> idle, uint64_t loan) {
  if (idle == nullptr) {
    absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_);
    if (!opened.ok()) {
      Return(nullptr, loan);
      return opened.status();
    }
    idle = *std::move(opened);
  }
  return ReadLease(shared_from_this(), std::move(idle), loan);
}

int Pool::RevokeOldest(int count, absl::Duration age, Need need) {
  const absl::Time before = absl::Now() - age;
  int revoked = 0;
  MutexLock lock(&mutex_);
  for (const auto& [number, loan] : loans_) {
    if (revoked == count || loan.since > before) break;
    if (loan.holder == nullptr || loan.holder->revoked()) continue;
    loan.holder->Revoke(need);
    ++revoked;
  }
  return revoked;
}

void Pool::Return(std::unique_ptr<Connection> connection, uint64_t loan) {
  // Closed outside of the lock: it can take milliseconds.
  std::unique_ptr<Connection> closing;
  {
    MutexLock lock(&mutex_);
    if (closed_) {
      closing = std::move(connection);
    } else if (connection != nullptr) {
      idle_.push_back(std::move(connection));
    }
  }
  closing.reset();
  MutexLock lock(&mutex_);
  loans_.erase(loan);
  Changed();
  returned_.SignalAll();
}

void Pool::Close() {
  std::vector<std::unique_ptr<Connection>> closing;
  MutexLock lock(&mutex_);
  closed_ = true;
  in_use_ = nullptr;
  closing.swap(idle_);
  returned_.SignalAll();
}

bool Pool::TryClose() {
  std::vector<std::unique_ptr<Connection>> closing;
  MutexLock lock(&mutex_);
  if (!loans_.empty()) return false;
  closed_ = true;
  in_use_ = nullptr;
  closing.swap(idle_);
  returned_.SignalAll();
  return true;
}

bool Pool::WaitUntilIdle(Deadline deadline) {
  MutexLock lock(&mutex_);
  while (!loans_.empty()) {
    if (deadline.expired()) return false;
    returned_.WaitWithTimeout(&mutex_, deadline.remaining());
  }
  return true;
}

}  // namespace sluice::sqlite
