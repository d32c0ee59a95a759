#include "server/sqlite/memory.h"

#include <malloc.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "server/base/limits.h"

namespace sluice::sqlite {
namespace {

// Taken of the common part at once, and free to everyone: small requests never touch what all
// threads share, and a few that take all there is cannot starve them.
constexpr int64_t kStepBytes = int64_t{1} << 20;
// Allocations between two looks at the clock, which costs as much as some of them.
constexpr int kTakesBetweenLooks = 64;
constexpr int64_t kWorkBetweenLooks = 1'000'000;

std::atomic<int64_t> reserved_by_all{0};
thread_local MemoryBudget* current = nullptr;

int64_t SizeOf(void* block) { return static_cast<int64_t>(malloc_usable_size(block)); }

void Free(void* block) {
  if (current != nullptr && block != nullptr) current->Give(SizeOf(block));
  std::free(block);
}

void* Allocate(int bytes) {
  void* const block = std::malloc(static_cast<size_t>(bytes));
  if (current == nullptr || block == nullptr || current->Take(SizeOf(block))) return block;
  std::free(block);
  return nullptr;
}

void* Reallocate(void* block, int bytes) {
  MemoryBudget* const budget = current;
  if (budget == nullptr) return std::realloc(block, static_cast<size_t>(bytes));
  const int64_t before = SizeOf(block);
  const int64_t more = std::max<int64_t>(bytes - before, 0);
  if (!budget->Take(more)) return nullptr;
  void* const moved = std::realloc(block, static_cast<size_t>(bytes));
  budget->Give(more + before - (moved != nullptr ? SizeOf(moved) : before));
  return moved;
}

}  // namespace

void MemoryBudget::Begin(const Interrupt* interrupt) {
  End();
  interrupt_ = interrupt;
  used_ = 0;
  reserved_ = kStepBytes;
  takes_until_look_ = kTakesBetweenLooks;
  refused_ = false;
}

void MemoryBudget::End() {
  if (interrupt_ == nullptr) return;
  interrupt_ = nullptr;
  reserved_by_all.fetch_sub(reserved_ - kStepBytes, std::memory_order_relaxed);
}

bool MemoryBudget::Take(int64_t bytes) {
  used_ += bytes;
  bool enough = used_ > reserved_ && !Reserve();
  if (--takes_until_look_ <= 0) {
    takes_until_look_ = kTakesBetweenLooks;
    enough = enough || interrupt_->raised();
  }
  if (!enough) return true;
  used_ -= bytes;
  refused_ = true;
  return false;
}

void MemoryBudget::Give(int64_t bytes) {
  // What was allocated before this request began may be freed in it.
  used_ = std::max<int64_t>(used_ - bytes, 0);
}

bool MemoryBudget::MayWork(int64_t work) {
  if (current == nullptr) return true;
  current->work_since_look_ += work;
  if (current->work_since_look_ < kWorkBetweenLooks) return true;
  current->work_since_look_ = 0;
  return !current->interrupt_->raised();
}

bool MemoryBudget::Reserve() {
  if (used_ > limits::kRequestMemoryBytesMax) return false;
  const int64_t more = (used_ - reserved_ + kStepBytes - 1) / kStepBytes * kStepBytes;
  if (reserved_by_all.fetch_add(more, std::memory_order_relaxed) + more >
      limits::kSqlMemoryBytesMax) {
    reserved_by_all.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  reserved_ += more;
  return true;
}

MemoryScope::MemoryScope(MemoryBudget& budget) : before_(current) {
  current = budget.begun() ? &budget : nullptr;
}

MemoryScope::~MemoryScope() { current = before_; }

bool InstallAllocator() {
  static const sqlite3_mem_methods kMethods = {
      .xMalloc = Allocate,
      .xFree = Free,
      .xRealloc = Reallocate,
      .xSize = [](void* block) { return static_cast<int>(malloc_usable_size(block)); },
      .xRoundup = [](int bytes) { return (bytes + 7) & ~7; },
      .xInit = [](void*) { return SQLITE_OK; },
      .xShutdown = [](void*) {},
      .pAppData = nullptr};
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &kMethods) == SQLITE_OK;
}

}  // namespace sluice::sqlite
