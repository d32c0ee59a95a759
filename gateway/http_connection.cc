#include "gateway/http_connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace sluice::http {
namespace {

using boost::system::error_code;

// A head and some of what follows it.
constexpr size_t kSlackBytes = size_t{8} << 10;
// What one system call sends at most.
constexpr size_t kBuffersMax = 16;
// After our last word the caller may still be sending: closing at once would make its system drop
// what we said.
constexpr std::chrono::seconds kLingerTime{1};
constexpr size_t kLingerBytesMax = size_t{64} << 10;
// What every HTTP/2 connection begins with (RFC 9113, 3.4).
constexpr absl::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::chrono::steady_clock::duration ToChrono(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

}  // namespace

Connection::Connection(Socket socket, const HttpServerOptions& options, Handler* handler,
                       std::function<void(Connection*)> on_closed)
    : socket_(std::move(socket)),
      options_(options),
      handler_(handler),
      on_closed_(std::move(on_closed)),
      decoder_(options.decoder),
      buffer_(options.decoder.head_bytes_max + kSlackBytes),
      timer_(socket_.get_executor()) {
  error_code error;
  if (const auto endpoint = socket_.remote_endpoint(error); !error) {
    peer_ = endpoint.address().to_string();
  }
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), error);
}

void Connection::Start() {
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::kClosed) return;
    self->SetPhase(Phase::kIdle);
    self->Read();
  });
}

void Connection::DrainSoon() {
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    if (self->phase_ == Phase::kIdle) self->Close();
  });
}

void Connection::CloseSoon() {
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
}

// --- reading ---

void Connection::Read() {
  if (reading_ || phase_ == Phase::kClosed) return;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // A full buffer holds requests that wait for the answer before them.
  if (end_ == buffer_.size()) return;
  reading_ = true;
  socket_.async_read_some(boost::asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
                          [self = shared_from_this()](const error_code& error, size_t bytes) {
                            self->OnRead(error, bytes);
                          });
}

void Connection::OnRead(const error_code& error, size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return OnReadFailed();
  if (phase_ == Phase::kLingering) {
    lingered_ += bytes;
    return lingered_ > kLingerBytesMax ? Close() : Read();
  }
  end_ += bytes;
  if (!IsLeftToHttp2()) Decode();
}

bool Connection::IsLeftToHttp2() {
  if (!fresh_ || options_.take_http2 == nullptr) return false;
  const absl::string_view read(buffer_.data(), end_);
  if (absl::StartsWith(kHttp2Preface, read) && read.size() < kHttp2Preface.size()) {
    SetPhase(Phase::kHead);
    Read();
    return true;
  }
  fresh_ = false;
  if (!absl::StartsWith(read, kHttp2Preface)) return false;
  error_code failed;
  socket_.native_non_blocking(true, failed);
  const int descriptor = socket_.release(failed);
  if (!failed) options_.take_http2(descriptor, std::string(read));
  Close();
  return true;
}

void Connection::OnReadFailed() {
  // An answer that is whole already is sent to a caller that only closed its own side.
  if (phase_ == Phase::kExchange && response_ != nullptr && response_->ended() && body_ended_) {
    keep_alive_ = false;
    return;
  }
  Close();
}

void Connection::Decode() {
  if (decoding_) return;
  decoding_ = true;
  bool more = true;
  while (more && phase_ != Phase::kLingering && phase_ != Phase::kClosed && !refused_ &&
         !body_ended_) {
    size_t used = 0;
    const auto event = decoder_.Next({buffer_.data() + begin_, end_ - begin_}, &used);
    begin_ += used;
    switch (event) {
      case Http1Decoder::Event::kNeedMore:
        more = false;
        break;
      case Http1Decoder::Event::kHead:
        OnHead();
        break;
      case Http1Decoder::Event::kBody:
        if (exchange_ != nullptr) exchange_->OnBody(decoder_.body());
        break;
      case Http1Decoder::Event::kEnd:
        OnBodyEnd();
        break;
      case Http1Decoder::Event::kError:
        Refuse(decoder_.error());
        break;
    }
  }
  decoding_ = false;
  if (phase_ == Phase::kIdle && begin_ != end_) SetPhase(Phase::kHead);
  if (phase_ == Phase::kHead && begin_ == end_) SetPhase(Phase::kIdle);
  Read();
}

void Connection::OnHead() {
  keep_alive_ = decoder_.keep_alive();
  const HttpResponse::Request request{.head_only = decoder_.head().method == "HEAD",
                                      .http_1_0 = decoder_.http_1_0(),
                                      .buffer_bytes_max = options_.response_buffer_bytes_max};
  response_ = std::make_shared<HttpResponse>(request, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self == nullptr) return;
    auto executor = self->socket_.get_executor();
    boost::asio::post(executor, [self = std::move(self)] { self->Flush(); });
  });
  continue_owed_ = decoder_.expects_continue();
  SetPhase(Phase::kExchange);
  decoder_.head().peer = peer_;
  exchange_ = handler_->OnRequest(std::move(decoder_.head()), response_);
  if (continue_owed_ && exchange_ != nullptr && !response_->ended()) SendContinue();
}

void Connection::OnBodyEnd() {
  body_ended_ = true;
  continue_owed_ = false;
  phase_deadline_ = Clock::time_point::max();
  if (answered_) return NextRequest();
  if (exchange_ != nullptr) exchange_->OnBodyEnd();
}

void Connection::SendContinue() {
  continue_owed_ = false;
  sending_.assign(1, "HTTP/1.1 100 Continue\r\n\r\n");
  Send();
}

// --- writing ---

bool Connection::ClosesAfterAnswer() const {
  // A caller that still waits for 100 Continue may or may not send its body: nobody can tell where
  // the next request begins.
  return !keep_alive_ || draining_ || continue_owed_;
}

void Connection::Flush() {
  if (phase_ != Phase::kExchange || response_ == nullptr || send_in_flight_ || refused_) return;
  const bool close = ClosesAfterAnswer();
  if (close) keep_alive_ = false;
  taken_state_ = response_->Take(close, &sending_);
  if (!sending_.empty()) return Send();
  if (taken_state_ != HttpResponse::State::kOpen) OnAnswered();
}

void Connection::Send() {
  sent_pieces_ = 0;
  sent_bytes_ = 0;
  OnSent({}, 0);
}

void Connection::OnSent(const error_code& error, size_t bytes) {
  send_in_flight_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  sent_bytes_ += bytes;
  while (sent_pieces_ < sending_.size() && sent_bytes_ >= sending_[sent_pieces_].size()) {
    sent_bytes_ -= sending_[sent_pieces_].size();
    ++sent_pieces_;
  }
  if (sent_pieces_ == sending_.size()) {
    sending_.clear();
    send_deadline_ = Clock::time_point::max();
    if (refused_) return Linger();
    if (response_ == nullptr) return;
    if (response_->Sent() && exchange_ != nullptr) exchange_->OnWritable();
    return Flush();
  }
  std::array<boost::asio::const_buffer, kBuffersMax> buffers;
  size_t offset = sent_bytes_;
  for (size_t i = 0; i < kBuffersMax && sent_pieces_ + i < sending_.size(); ++i) {
    const std::string& piece = sending_[sent_pieces_ + i];
    buffers[i] = boost::asio::buffer(piece.data() + offset, piece.size() - offset);
    offset = 0;
  }
  send_in_flight_ = true;
  send_deadline_ = Clock::now() + ToChrono(options_.stall_timeout);
  ArmTimer();
  socket_.async_write_some(buffers,
                           [self = shared_from_this()](const error_code& failure, size_t sent) {
                             self->OnSent(failure, sent);
                           });
}

void Connection::OnAnswered() {
  if (taken_state_ == HttpResponse::State::kAborted) {
    if (response_->ends_with_connection()) {
      error_code ignored;
      socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
      return Close();
    }
    return Linger();
  }
  exchange_.reset();
  answered_ = true;
  if (body_ended_ || !keep_alive_) NextRequest();
}

void Connection::NextRequest() {
  if (!keep_alive_ || draining_) return Linger();
  response_->Detach();
  response_.reset();
  exchange_.reset();
  decoder_.Reset();
  body_ended_ = answered_ = false;
  taken_state_ = HttpResponse::State::kOpen;
  SetPhase(begin_ == end_ ? Phase::kIdle : Phase::kHead);
  Decode();
}

// --- ends ---

void Connection::Refuse(const DecodeError& error) {
  const bool silent = send_in_flight_ || (response_ != nullptr && response_->started());
  DropExchange();
  if (silent) return Close();
  const std::string body = ErrorJson(error.code, error.message);
  refused_ = true;
  sending_.assign(1, absl::StrCat("HTTP/1.1 ", error.status, " ", ReasonPhrase(error.status),
                                  "\r\nContent-Type: application/json\r\nContent-Length: ",
                                  body.size(), "\r\nConnection: close\r\n\r\n", body));
  phase_deadline_ = Clock::time_point::max();
  Send();
}

void Connection::DropExchange() {
  if (response_ != nullptr) response_->Detach();
  // The call may drop the last reference to what it is made on.
  if (const auto exchange = std::move(exchange_); exchange != nullptr) exchange->OnCancel();
  exchange_.reset();
}

void Connection::Linger() {
  DropExchange();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  begin_ = end_ = 0;
  SetPhase(Phase::kLingering);
  Read();
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  DropExchange();
  error_code ignored;
  timer_.cancel(ignored);
  socket_.close(ignored);
  on_closed_(this);
}

// --- time ---

void Connection::SetPhase(Phase phase) {
  phase_ = phase;
  const auto now = Clock::now();
  switch (phase) {
    case Phase::kIdle:
      phase_deadline_ = now + ToChrono(options_.idle_timeout);
      break;
    case Phase::kHead:
      phase_deadline_ = now + ToChrono(options_.head_timeout);
      break;
    case Phase::kExchange:
      phase_deadline_ = now + ToChrono(options_.body_timeout);
      break;
    case Phase::kLingering:
      phase_deadline_ = now + kLingerTime;
      break;
    case Phase::kClosed:
      break;
  }
  ArmTimer();
}

void Connection::ArmTimer() {
  const auto deadline = std::min(phase_deadline_, send_deadline_);
  if (deadline >= armed_for_) return;
  armed_for_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->OnTimer();
  });
}

void Connection::OnTimer() {
  armed_for_ = Clock::time_point::max();
  if (phase_ == Phase::kClosed) return;
  const auto now = Clock::now();
  if (now >= send_deadline_) return Close();
  if (now < phase_deadline_) return ArmTimer();
  if (phase_ == Phase::kHead) return Refuse({408, 4, "The request headers did not come in time"});
  if (phase_ == Phase::kExchange && !answered_) {
    return Refuse({408, 4, "The request body did not come in time"});
  }
  Close();
}

}  // namespace sluice::http
