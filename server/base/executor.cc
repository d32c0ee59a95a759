#include "server/base/executor.h"

#include <pthread.h>

#include <utility>

#include "server/base/check.h"

namespace sluice {

Executor::Executor(std::string name, int threads, size_t queue_max)
    : name_(std::move(name)), queue_max_(queue_max) {
  CHECK(threads > 0);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

Executor::~Executor() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    ready_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool Executor::TrySubmit(std::function<void()> task) {
  MutexLock lock(&mutex_);
  if (queue_.size() >= queue_max_) return false;
  queue_.push_back(std::move(task));
  ready_.Signal();
  return true;
}

void Executor::Submit(std::function<void()> task) {
  MutexLock lock(&mutex_);
  queue_.push_back(std::move(task));
  ready_.Signal();
}

size_t Executor::queue_length() const {
  MutexLock lock(&mutex_);
  return queue_.size();
}

void Executor::Run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(&mutex_);
      while (queue_.empty() && !stopping_) ready_.Wait(&mutex_);
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace sluice
