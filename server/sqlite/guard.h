// What stands between a statement and the database: who may read what, how much it may use, and
// when it must stop.
#pragma once

#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/deadline.h"
#include "server/sqlite/memory.h"

struct sqlite3;

namespace sluice::sqlite {

// What SQL of callers may touch. Implemented by the engine. Thread-safe. Names come in the schema's
// spelling or, for a table of which no column is read, in the caller's: compare them without regard
// to the case of ASCII letters.
class AccessPolicy {
 public:
  virtual ~AccessPolicy() = default;
  // Whether a statement may read this column; `column` is empty for `count(*)` and for a table of
  // which nothing is read. Asked at prepare, for what the statement names itself and for what its
  // views name.
  virtual bool MayRead(absl::string_view table, absl::string_view column) const = 0;
  // Whether a virtual table may read this table for itself while a statement uses it: its shadow
  // tables, and what it was told to index.
  virtual bool MayReadWithin(absl::string_view table) const = 0;
  // Whether a statement may change the rows or the definition of a table, index, view or trigger of
  // this name, or make one.
  virtual bool MayWrite(absl::string_view name) const = 0;
  // The policy of the database that `table` is of, where a connection reads several: `schema` is
  // what the connection calls it, in any case, or empty where the statement does not say it.
  virtual const AccessPolicy& Of(absl::string_view /*schema*/, absl::string_view /*table*/) const {
    return *this;
  }
  // Two policies that answer alike have the same fingerprint; prepared statements are cached by it.
  virtual uint64_t fingerprint() const = 0;
};

// Told what a statement touches while it is being prepared, in SQLite's order, repetitions
// included.
class AccessLog {
 public:
  enum class Change { kInsert, kUpdate, kDelete };
  virtual ~AccessLog() = default;
  // As AccessPolicy::MayRead; only what was let through. `policy` is that of the table's database.
  virtual void OnRead(const AccessPolicy& policy, absl::string_view table,
                      absl::string_view column) = 0;
  // `column` is empty but for an update. Only of the main database.
  virtual void OnChange(Change change, absl::string_view table, absl::string_view column) = 0;
};

// Which of SQLite's run-time limits hold.
enum class LimitProfile {
  // Statements of our own: rows of any size that the service carries.
  kOwn,
  // SQL of anonymous callers: values of kCallerValueBytesMax.
  kCaller,
  // SQL of callers with a credential: values as large as the service carries, else the same.
  kKnownCaller,
};

struct GuardSpec {
  // Null for statements of our own, which may do anything.
  const AccessPolicy* policy = nullptr;
  Interrupt interrupt;
  LimitProfile profile = LimitProfile::kOwn;
  // With a policy: statements may change what it lets be written; see write_guard.h.
  bool may_write = false;
  // Only to describe a statement that will never run, on a connection that cannot write: with it
  // statements that change tables the policy shows are prepared too.
  AccessLog* log = nullptr;
};

// The guard of one connection. Set on the connection when it opens and never replaced, since
// replacing SQLite's authorizer expires every prepared statement: instead it reads what Arm left
// here. Not thread-safe; used by whoever holds the connection. Never sqlite3_interrupt: that could
// hit the next holder's statement.
class Guard {
 public:
  explicit Guard(sqlite3* db);
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // `spec.policy` and the flag behind `spec.interrupt` must live until Disarm.
  void Arm(const GuardSpec& spec);
  void Disarm();
  // While a statement is being prepared everything it names is checked; while it runs, the
  // statements that virtual tables prepare for themselves (a full-text index reads its shadow
  // tables) are let through but for what AccessPolicy::MayReadWithin refuses.
  bool preparing() const { return preparing_; }
  void set_preparing(bool preparing) { preparing_ = preparing; }

  const GuardSpec& spec() const { return spec_; }
  // Whether a statement has run for so many steps since this was asked last that looking at a clock
  // costs nothing beside them.
  bool TakeProgress() { return std::exchange(progressed_, false); }
  // What has been taken since Arm; not begun while disarmed.
  MemoryBudget& memory() { return memory_; }
  // Whether the last denial was of reading a table, and not of a kind of statement.
  bool denied_read() const { return denied_read_; }
  // Whether what was prepared selects (or, with a log, changes) anything: REINDEX in a database
  // without indexes asks nobody and reads nothing.
  bool selects() const { return selects_; }
  void BeginStatement() {
    denied_read_ = false;
    selects_ = false;
    defines_ = false;
  }

 private:
  static int Authorize(void* self, int action, const char* first, const char* second,
                       const char* schema, const char* trigger);
  static int Progress(void* self);
  int Decide(int action, const char* first, const char* second, const char* schema);
  bool MayChangeNow(int action, absl::string_view first, absl::string_view second,
                    absl::string_view schema);
  int DecideRead(absl::string_view table, absl::string_view column, absl::string_view schema);
  // Whether a statement that will never run may change this.
  int DecideChange(int action, absl::string_view table, absl::string_view column,
                   absl::string_view schema);
  void ApplyLimits(LimitProfile profile);

  sqlite3* const db_;
  GuardSpec spec_;
  MemoryBudget memory_;
  LimitProfile applied_ = LimitProfile::kOwn;
  bool progressed_ = false;
  bool preparing_ = false;
  bool denied_read_ = false;
  bool selects_ = false;
  // What is being prepared changes a definition, for which SQLite reads and writes its own tables.
  bool defines_ = false;
};

// Whether SQL of callers may call this function of SQLite.
bool IsAllowedFunction(absl::string_view name);

}  // namespace sluice::sqlite
