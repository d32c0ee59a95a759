#include "clients/cpp/cli/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <ctime>
#include <utility>

namespace sluice::cli {
namespace {

constexpr timespec kGrace{2, 0};
// Tells the waiting thread to go home.
constexpr int kDoneSignal = SIGUSR1;

sigset_t WatchedSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, kDoneSignal}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this] { Wait(); });
}

void Interrupt::SetAction(std::function<void()> action) {
  const std::lock_guard<std::mutex> lock(mutex_);
  action_ = std::move(action);
  if (interrupted_) action_();
}

Interrupt::~Interrupt() {
  pthread_kill(waiter_.native_handle(), kDoneSignal);
  waiter_.join();
}

void Interrupt::Wait() {
  const sigset_t set = WatchedSignals();
  int signal = 0;
  if (sigwait(&set, &signal) != 0 || signal == kDoneSignal) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    interrupted_ = true;
    if (action_) action_();
  }
  const int next = sigtimedwait(&set, nullptr, &kGrace);
  if (next != kDoneSignal) _exit(kInterruptedExitCode);
}

}  // namespace sluice::cli
