#include "gateway/http_response.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "server/base/check.h"

namespace sluice::http {
namespace {

// Pieces below this size are copied together, so that one system call sends many of them.
constexpr size_t kCoalesceBytes = size_t{16} << 10;

std::string DateNow() {
  thread_local int64_t second = -1;
  thread_local std::string text;
  const absl::Time now = absl::Now();
  if (const int64_t current = absl::ToUnixSeconds(now); current != second) {
    second = current;
    text = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return text;
}

// Headers whose values may come from a backend: nothing in them may end the line.
bool IsSendable(const Header& header) {
  for (const char c : header.name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') {
      return false;
    }
  }
  for (const char c : header.value) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return !header.name.empty();
}

}  // namespace

HttpResponse::HttpResponse(Request request, std::function<void()> wake)
    : request_(request), wake_(std::move(wake)) {}

void HttpResponse::Wake() {
  if (woken_ || detached_) return;
  woken_ = true;
  wake_();
}

void HttpResponse::Start(ResponseHead head) {
  MutexLock lock(&mutex_);
  if (detached_) return;
  CHECK(!head_.has_value());
  head_ = std::move(head);
  Wake();
}

bool HttpResponse::Write(std::string bytes) {
  MutexLock lock(&mutex_);
  if (detached_ || state_ != State::kOpen) return false;
  CHECK(head_.has_value());
  if (!BodyAllowed() || bytes.empty()) return true;
  written_ += bytes.size();
  if (head_->content_length.has_value() && written_ > *head_->content_length) {
    state_ = State::kAborted;
    Wake();
    return false;
  }
  buffered_ += bytes.size();
  body_.push_back(std::move(bytes));
  Wake();
  if (buffered_ < request_.buffer_bytes_max) return true;
  blocked_ = true;
  return false;
}

void HttpResponse::Finish() {
  MutexLock lock(&mutex_);
  if (detached_ || state_ != State::kOpen) return;
  CHECK(head_.has_value());
  const bool short_body =
      BodyAllowed() && head_->content_length.has_value() && written_ != *head_->content_length;
  state_ = short_body ? State::kAborted : State::kFinished;
  Wake();
}

void HttpResponse::Abort() {
  MutexLock lock(&mutex_);
  if (detached_ || state_ != State::kOpen) return;
  state_ = State::kAborted;
  Wake();
}

bool HttpResponse::BodyAllowed() const {
  return !request_.head_only && head_->status != 204 && head_->status != 304;
}

bool HttpResponse::Chunked() const {
  return !head_->content_length.has_value() && !request_.http_1_0 && head_->status != 204 &&
         head_->status != 304;
}

void HttpResponse::AppendHead(bool close, std::string* out) {
  absl::StrAppend(out, "HTTP/1.1 ", head_->status, " ", ReasonPhrase(head_->status), "\r\n");
  for (const Header& header : head_->headers.all()) {
    if (IsSendable(header)) absl::StrAppend(out, header.name, ": ", header.value, "\r\n");
  }
  if (head_->content_length.has_value() && head_->status != 204) {
    absl::StrAppend(out, "Content-Length: ", *head_->content_length, "\r\n");
  } else if (Chunked()) {
    absl::StrAppend(out, "Transfer-Encoding: chunked\r\n");
  }
  absl::StrAppend(out, "Date: ", DateNow(), "\r\n", close ? "Connection: close\r\n" : "", "\r\n");
}

void HttpResponse::AppendBody(std::vector<std::string>* pieces) {
  const bool chunked = Chunked();
  while (!body_.empty()) {
    std::string& bytes = body_.front();
    taken_ += bytes.size();
    if (chunked) absl::StrAppend(&pieces->back(), absl::Hex(bytes.size()), "\r\n");
    if (bytes.size() < kCoalesceBytes) {
      pieces->back() += bytes;
    } else {
      pieces->push_back(std::move(bytes));
      pieces->emplace_back();
    }
    if (chunked) pieces->back() += "\r\n";
    body_.pop_front();
  }
  if (chunked && state_ == State::kFinished && BodyAllowed() && !last_chunk_taken_) {
    last_chunk_taken_ = true;
    pieces->back() += "0\r\n\r\n";
  }
}

HttpResponse::State HttpResponse::Take(bool close, std::vector<std::string>* pieces) {
  MutexLock lock(&mutex_);
  woken_ = false;
  pieces->clear();
  if (!head_.has_value()) return state_;
  pieces->emplace_back();
  if (!head_taken_) AppendHead(close, &pieces->back());
  head_taken_ = true;
  AppendBody(pieces);
  if (pieces->back().empty()) pieces->pop_back();
  return state_;
}

bool HttpResponse::Sent() {
  MutexLock lock(&mutex_);
  buffered_ -= taken_;
  taken_ = 0;
  if (!blocked_ || buffered_ > request_.buffer_bytes_max / 2) return false;
  blocked_ = false;
  return state_ == State::kOpen;
}

void HttpResponse::Detach() {
  MutexLock lock(&mutex_);
  detached_ = true;
  wake_ = nullptr;
  body_.clear();
}

bool HttpResponse::started() const {
  MutexLock lock(&mutex_);
  return head_taken_;
}

bool HttpResponse::ended() const {
  MutexLock lock(&mutex_);
  return state_ != State::kOpen;
}

bool HttpResponse::ends_with_connection() const {
  MutexLock lock(&mutex_);
  return head_.has_value() && !head_->content_length.has_value() && request_.http_1_0;
}

}  // namespace sluice::http
