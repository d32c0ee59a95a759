// How much memory one request may make SQLite take. SQLite's own heap limits need counters that
// every allocation of the process shares (MEMSTATUS), which halves what two threads read; these
// count by request, and are looked at only where a request runs.
//
// They are also what stops a statement that SQLite expands while it prepares it: twenty common
// table expressions that each name the one before twice are a million SELECTs, in which no progress
// handler is called, but every one of them is allocated.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "server/base/deadline.h"

namespace sluice::sqlite {

// What one request has taken. Of one connection; one thread at a time, the one that runs it.
class MemoryBudget {
 public:
  MemoryBudget() = default;
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;
  ~MemoryBudget() { End(); }

  // Counts from zero, until End. `interrupt` must live until then: allocations are refused once it
  // is raised.
  void Begin(const Interrupt* interrupt);
  void End();
  bool begun() const { return interrupt_ != nullptr; }
  // An allocation was refused since Begin.
  bool refused() const { return refused_; }

  // For the allocator. Take is false when the request has had enough.
  bool Take(int64_t bytes);
  void Give(int64_t bytes);
  // For functions whose cost nothing else looks at: whether the request that runs on this thread
  // should still go on, before work of so many nanoseconds or so. Cheap; true outside of requests.
  static bool MayWork(int64_t work);

 private:
  bool Reserve();

  const Interrupt* interrupt_ = nullptr;
  int64_t used_ = 0;
  // Its part of what all requests may take together, and the little that is free to each.
  int64_t reserved_ = 0;
  int takes_until_look_ = 0;
  int64_t work_since_look_ = 0;
  bool refused_ = false;
};

// While it lives, what SQLite allocates and frees on this thread counts into `budget`, if that has
// begun. Costs a nanosecond.
class MemoryScope {
 public:
  explicit MemoryScope(MemoryBudget& budget);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

 private:
  MemoryBudget* const before_;
};

// Makes SQLite allocate through the counters. Before sqlite3_initialize. False when SQLite refuses.
bool InstallAllocator();

}  // namespace sluice::sqlite
