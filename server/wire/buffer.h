// Bytes that grow at their end and are then handed over without a copy.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/check.h"

namespace sluice::wire {

// Movable; not thread-safe.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t capacity) { Grow(capacity); }
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {data_, size_}; }
  void Clear() { size_ = 0; }
  // Back to `size` bytes, which it must hold.
  void Truncate(size_t size) { size_ = size; }

  // Room for `count` bytes at the end; Advance says how many of them were written.
  char* Reserve(size_t count) {
    if (capacity_ - size_ < count) Grow(count);
    return data_ + size_;
  }
  void Advance(size_t count) { size_ += count; }
  // What was written at `offset`, valid until the buffer grows.
  char* At(size_t offset) { return data_ + offset; }

  void Append(absl::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void Append(char byte) {
    *Reserve(1) = byte;
    ++size_;
  }

  // Gives the bytes away; whoever takes them frees them with std::free. The buffer is empty then.
  char* Release() {
    size_ = 0;
    capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void Grow(size_t count) {
    size_t capacity = capacity_ == 0 ? 64 : capacity_ * 2;
    if (capacity < size_ + count) capacity = size_ + count;
    data_ = static_cast<char*>(std::realloc(data_, capacity));
    CHECK(data_ != nullptr);
    capacity_ = capacity;
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace sluice::wire
