// Ctrl-C. While an Interrupt lives, SIGINT and SIGTERM run its function in a thread of its own
// instead of ending the process; when the process has not ended two seconds later, or a second
// signal comes, it is ended.
//
// Make it before any other thread: they inherit its blocked signals.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace sluice::cli {

// What a shell shows for a command that Ctrl-C ended.
inline constexpr int kInterruptedExitCode = 130;

class Interrupt {
 public:
  explicit Interrupt(std::function<void()> on_interrupt);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool interrupted() const { return interrupted_; }

 private:
  void Wait();

  std::function<void()> on_interrupt_;
  std::atomic<bool> interrupted_ = false;
  std::thread waiter_;
};

}  // namespace sluice::cli
