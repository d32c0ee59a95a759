#include "server/engine/digest.h"

#include <pthread.h>

#include "server/base/check.h"

namespace sluice::engine {

std::string ShortDigest(absl::string_view bytes) {
  constexpr size_t kBytes = 16;
  unsigned char digest[EVP_MAX_MD_SIZE];
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(digest), kBytes);
}

void KnownDigest::Set(std::string state, std::string sha256) {
  MutexLock lock(&mutex_);
  state_ = std::move(state);
  sha256_ = std::move(sha256);
}

std::optional<std::string> KnownDigest::Find(absl::string_view state) const {
  MutexLock lock(&mutex_);
  if (sha256_.empty() || state_ != state) return std::nullopt;
  return sha256_;
}

BackgroundSha256::BackgroundSha256() : context_(EVP_MD_CTX_new()) {
  CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
  thread_ = std::thread([this] { Run(); });
}

BackgroundSha256::~BackgroundSha256() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  thread_.join();
  EVP_MD_CTX_free(context_);
}

void BackgroundSha256::Add(absl::string_view piece) {
  MutexLock lock(&mutex_);
  while (busy_) changed_.Wait(&mutex_);
  piece_ = piece;
  busy_ = true;
  changed_.SignalAll();
}

void BackgroundSha256::Wait() {
  MutexLock lock(&mutex_);
  while (busy_) changed_.Wait(&mutex_);
}

std::string BackgroundSha256::Finish() {
  Wait();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context_, digest, &size) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

void BackgroundSha256::Run() {
  pthread_setname_np(pthread_self(), "sluice-sha256");
  MutexLock lock(&mutex_);
  while (true) {
    while (!busy_ && !stopping_) changed_.Wait(&mutex_);
    if (!busy_) return;
    const absl::string_view piece = piece_;
    mutex_.Unlock();
    EVP_DigestUpdate(context_, piece.data(), piece.size());
    mutex_.Lock();
    busy_ = false;
    changed_.SignalAll();
  }
}

}  // namespace sluice::engine
