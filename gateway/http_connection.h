// One HTTP/1.1 connection: reads, decodes, hands requests to the handler one at a time, sends the
// answers. Everything happens on the connection's strand, except that answers are queued from any
// thread.
//
// Keeps itself alive (shared_ptr in its pending operations) until its socket is closed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "gateway/http.h"
#include "gateway/http1_decoder.h"
#include "gateway/http_response.h"
#include "gateway/http_server.h"

namespace sluice::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // `on_closed` is called once, on the strand. `options` and `handler` outlive the connection.
  Connection(Socket socket, const HttpServerOptions& options, Handler* handler,
             std::function<void(Connection*)> on_closed);

  void Start();
  // After the answer in flight, if any, the connection ends. From any thread.
  void DrainSoon();
  // Ends now. From any thread.
  void CloseSoon();

 private:
  // What the connection waits for, each with its own patience.
  enum class Phase {
    kIdle,       // for a request's first byte
    kHead,       // for the rest of the head
    kExchange,   // for the body, or the answer
    kLingering,  // for the caller to see our last words before the socket closes
    kClosed,
  };
  using Clock = std::chrono::steady_clock;

  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  void OnReadFailed();
  // Whether what was read is of a connection that speaks HTTP/2, or may turn out to be, and
  // somebody takes those: then there is nothing to decode here.
  bool IsLeftToHttp2();
  // Decodes what is there, as far as the exchange in flight allows.
  void Decode();
  void OnHead();
  void OnBodyEnd();
  void SendContinue();

  // Sends what the answer has ready.
  void Flush();
  bool ClosesAfterAnswer() const;
  void Send();
  void OnSent(const boost::system::error_code& error, size_t bytes);
  void OnAnswered();
  void NextRequest();

  // The request is malformed or late: says so if nothing was said yet, then ends the connection.
  void Refuse(const DecodeError& error);
  void DropExchange();
  void Linger();
  void Close();

  void SetPhase(Phase phase);
  // The timer fires at the earliest deadline of the two; deadlines that move later do not touch it.
  void ArmTimer();
  void OnTimer();

  Socket socket_;
  const HttpServerOptions& options_;
  Handler* const handler_;
  std::function<void(Connection*)> on_closed_;
  std::string peer_;

  Phase phase_ = Phase::kIdle;
  Http1Decoder decoder_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t lingered_ = 0;
  bool reading_ = false;
  // Nothing has been decoded yet.
  bool fresh_ = true;

  std::shared_ptr<HttpResponse> response_;
  std::shared_ptr<Exchange> exchange_;
  bool body_ended_ = false;
  bool answered_ = false;
  bool keep_alive_ = false;
  bool draining_ = false;
  bool decoding_ = false;
  bool continue_owed_ = false;

  // What is being sent, and how far: sending_[sent_pieces_] from sent_bytes_ on.
  std::vector<std::string> sending_;
  size_t sent_pieces_ = 0;
  size_t sent_bytes_ = 0;
  bool send_in_flight_ = false;
  // What is being sent is our own refusal, after which the connection ends.
  bool refused_ = false;
  HttpResponse::State taken_state_ = HttpResponse::State::kOpen;

  boost::asio::steady_timer timer_;
  Clock::time_point armed_for_ = Clock::time_point::max();
  Clock::time_point phase_deadline_ = Clock::time_point::max();
  Clock::time_point send_deadline_ = Clock::time_point::max();
};

}  // namespace sluice::http
