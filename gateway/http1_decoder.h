// HTTP/1.1 requests out of bytes, without a socket. Strict where leniency would let two readers
// of one stream disagree about where a request ends: lines end in CRLF, no folded headers, one
// Content-Length at most and never together with Transfer-Encoding, which is `chunked` or nothing.
//
// Not thread-safe. Owns nothing of the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

#include "gateway/http.h"

namespace sluice::http {

struct DecoderLimits {
  // Request line and headers; and a chunk's header, and the trailers.
  size_t head_bytes_max = size_t{16} << 10;
  size_t target_bytes_max = size_t{8} << 10;
  size_t headers_max = 100;
  uint64_t body_bytes_max = uint64_t{4} << 20;
};

// What a request's bytes are wrong about. The connection cannot be used after it.
struct DecodeError {
  int status = 0;
  int code = 0;
  absl::string_view message;
};

class Http1Decoder {
 public:
  enum class Event {
    kNeedMore,  // Nothing to say before more bytes come.
    kHead,      // head() is complete.
    kBody,      // body() is the next piece.
    kEnd,       // The request is over. Reset() before the next one.
    kError,     // error() says what.
  };

  explicit Http1Decoder(DecoderLimits limits);
  ~Http1Decoder();

  // Takes what it can of `input`, up to one event; `*consumed` bytes of it are done with. The next
  // call gets the rest and what came since.
  Event Next(absl::string_view input, size_t* consumed);
  void Reset();

  RequestHead& head() { return head_; }
  // A view into the input of the last Next.
  absl::string_view body() const { return body_; }
  const DecodeError& error() const { return error_; }
  // Valid from kHead on.
  bool keep_alive() const { return keep_alive_; }
  bool http_1_0() const { return http_1_0_; }
  bool expects_continue() const { return expects_continue_; }
  bool has_body() const { return has_body_; }

 private:
  class Parser;

  Event NextHead(absl::string_view input, size_t* consumed);
  Event NextBody(absl::string_view input, size_t* consumed);
  Event Fail(int status, int code, absl::string_view message);
  Event HeadTooLarge(absl::string_view input);
  // Checks and fills head_ and the facts about it; false after Fail.
  bool AcceptHead();
  bool AcceptTarget(absl::string_view target);
  bool AcceptFraming();
  bool AcceptHost();

  const DecoderLimits limits_;
  std::unique_ptr<Parser> parser_;
  // Bytes of the head that were searched for its end already.
  size_t searched_ = 0;
  RequestHead head_;
  absl::string_view body_;
  DecodeError error_;
  // The empty line that is forgiven has been.
  bool line_skipped_ = false;
  bool in_body_ = false;
  bool done_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool expects_continue_ = false;
  bool has_body_ = false;
};

}  // namespace sluice::http
