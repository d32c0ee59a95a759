// Ctrl-C. While an Interrupt lives, SIGINT and SIGTERM run its action in a thread of its own
// instead of ending the process; when the process has not ended two seconds later, or a second
// signal comes, it is ended.
//
// Make it before any other thread, gRPC's included: they inherit its blocked signals. All methods
// may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::cli {

// What a shell shows for a command that Ctrl-C ended.
inline constexpr int kInterruptedExitCode = 130;

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // What a signal does; run at once when one came already. Must stay callable as long as this
  // lives.
  void SetAction(std::function<void()> action);

  bool interrupted() const { return interrupted_; }

 private:
  void Wait();

  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;
  std::function<void()> action_;  // guarded by mutex_
  std::thread waiter_;
};

}  // namespace sluice::cli
