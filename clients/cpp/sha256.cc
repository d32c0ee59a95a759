#include "clients/cpp/sha256.h"

#include <openssl/evp.h>

#include <utility>

namespace sluice::client {
namespace {

// What may wait for the worker: enough to even out the network, little beside a message's limit.
constexpr size_t kQueueBytesMax = size_t{16} << 20;
constexpr size_t kReadBytes = size_t{1} << 20;

absl::Status OpenSslError() { return absl::InternalError("OpenSSL could not compute a SHA-256"); }

}  // namespace

struct Sha256Thread::Digest {
  Digest() : context(EVP_MD_CTX_new()) {
    ok = context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1;
  }
  ~Digest() { EVP_MD_CTX_free(context); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  EVP_MD_CTX* context;
  bool ok = false;
};

Sha256Thread::Sha256Thread() : digest_(std::make_unique<Digest>()), worker_([this] { Run(); }) {}

Sha256Thread::~Sha256Thread() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  Join();
}

void Sha256Thread::Add(std::string bytes) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return queued_bytes_ < kQueueBytesMax; });
  queued_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  changed_.notify_all();
}

absl::StatusOr<std::string> Sha256Thread::Finish() {
  Join();
  std::string bytes(32, '\0');
  unsigned int size = 0;
  if (!digest_->ok ||
      EVP_DigestFinal_ex(digest_->context, reinterpret_cast<unsigned char*>(bytes.data()), &size) !=
          1 ||
      size != bytes.size()) {
    return OpenSslError();
  }
  return bytes;
}

void Sha256Thread::Join() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    last_added_ = true;
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

void Sha256Thread::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !queue_.empty() || last_added_; });
    if (queue_.empty() || stopped_) return;
    const std::string bytes = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    digest_->ok =
        digest_->ok && EVP_DigestUpdate(digest_->context, bytes.data(), bytes.size()) == 1;
    lock.lock();
    queued_bytes_ -= bytes.size();
    changed_.notify_all();
  }
}

absl::StatusOr<FileDigest> DigestOf(std::FILE* file) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  if (EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return OpenSslError();
  FileDigest digest;
  std::string piece(kReadBytes, '\0');
  while (const size_t size = std::fread(piece.data(), 1, piece.size(), file)) {
    if (EVP_DigestUpdate(context.get(), piece.data(), size) != 1) return OpenSslError();
    digest.size_bytes += static_cast<int64_t>(size);
  }
  if (std::ferror(file) != 0) return absl::DataLossError("it cannot be read");
  digest.sha256.resize(32);
  auto* const bytes = reinterpret_cast<unsigned char*>(digest.sha256.data());
  if (EVP_DigestFinal_ex(context.get(), bytes, nullptr) != 1) return OpenSslError();
  return digest;
}

}  // namespace sluice::client
