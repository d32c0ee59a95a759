// The read connections of one database, on loan to one request at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/base/mutex.h"
#include "server/sqlite/connection.h"

namespace prometheus {
class Gauge;
}

namespace sluice::sqlite {

class Pool;

// A connection on loan. Move-only; the destructor disarms the guard, ends an open transaction and
// gives the connection back. Statements of it must die first: declare them after it. Not
// thread-safe; may move to another thread.
class ReadLease {
 public:
  ReadLease(ReadLease&&) noexcept = default;
  ReadLease& operator=(ReadLease&& other) noexcept;
  ~ReadLease() { Return(); }

  Connection* operator->() const { return connection_.get(); }
  Connection& operator*() const { return *connection_; }

 private:
  friend class Pool;
  ReadLease(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, uint64_t loan)
      : pool_(std::move(pool)), connection_(std::move(connection)), loan_(loan) {}
  void Return();

  std::shared_ptr<Pool> pool_;
  std::unique_ptr<Connection> connection_;
  uint64_t loan_ = 0;
};

// What a connection is wanted for.
enum class Use {
  // A look-up or a description, done in a moment.
  kShort,
  // Everything else: statements of callers, scans, streams whose receiver may be slow.
  kLong,
};

// Thread-safe. Connections open when they are needed, the last returned is the first lent (its
// caches are warm), and at most `connections_max` are out at a time, the last eighth of them for
// short use only: receivers that stand still must not keep others from looking up a row. Held by
// shared_ptr, since a lease may outlive the database's place in the registry.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // `in_use` may be null.
  static std::shared_ptr<Pool> Make(OpenOptions options, int connections_max,
                                    prometheus::Gauge* in_use);

  // Waits for a connection until the deadline or kLeaseWaitMax; the caller's going away is noticed
  // within kCancelledWaiterLook. UNAVAILABLE (OVERLOADED) when none came or kLeaseWaitersMax wait
  // already, UNAVAILABLE (NOT_SERVED) once the pool is closed, DEADLINE_EXCEEDED, CANCELLED, and
  // what Connection::Open says.
  absl::StatusOr<ReadLease> Acquire(const Interrupt& interrupt, Use use = Use::kLong);

  // The same without waiting: nothing when all connections are in use.
  absl::StatusOr<std::optional<ReadLease>> TryAcquire(Use use);

  // Revokes the oldest loans, at most `count` of those that are older than `age` and can be
  // revoked; says how many. They come back when their holders have noticed.
  int RevokeOldest(int count, absl::Duration age, Need need = Need::kLog);

  // Lends nothing more and closes what is idle. Connections on loan close when they come back.
  void Close();
  // Closes it only if nothing is on loan; else it stays as it is, and this is false.
  bool TryClose();
  // Waits until no connection is on loan; false when `deadline` came first.
  bool WaitUntilIdle(Deadline deadline);

 private:
  friend class ReadLease;
  Pool(OpenOptions options, int connections_max, prometheus::Gauge* in_use);
  struct Loan {
    absl::Time since;
    // Null when it cannot be revoked.
    Revocable* holder;
  };
  void Return(std::unique_ptr<Connection> connection, uint64_t loan);
  bool HasFree(Use use) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns OK when one is free, with the lock held all the time but while it waits.
  absl::Status WaitForFree(const Interrupt& interrupt, Use use)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Null when no idle connection is there to be lent again.
  std::unique_ptr<Connection> TakeIdle(Revocable* holder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<ReadLease> Lend(std::unique_ptr<Connection> idle, uint64_t loan);
  void Changed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const OpenOptions options_;
  const int connections_max_;
  Mutex mutex_;
  // Null once closed: leases may outlive whoever keeps the numbers.
  prometheus::Gauge* in_use_ ABSL_GUARDED_BY(mutex_);
  CondVar returned_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  // What is out, by number: the oldest first. Holders outlive their loans.
  std::map<uint64_t, Loan> loans_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_loan_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sluice::sqlite
