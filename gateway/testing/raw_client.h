// A TCP client for tests that says exactly the bytes it is told to. Every wait has a deadline: a
// test that would hang fails instead.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::http::testing {

// One response, as it came.
struct RawResponse {
  int status = 0;
  std::string head;
  std::string body;
  // The body ended as its framing says.
  bool complete = false;

  // A header's value, or "".
  std::string Header(absl::string_view name) const;
};

class RawClient {
 public:
  // Connects to 127.0.0.1. A small receive buffer makes a reader that does not read felt soon.
  explicit RawClient(int port, int receive_buffer_bytes = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the other side is gone.
  bool Send(absl::string_view bytes);
  // `METHOD path HTTP/1.1` with Host, these header lines and a Content-Length for the body.
  bool Request(absl::string_view method, absl::string_view path, absl::string_view headers = "",
               absl::string_view body = "");
  // Reads one response with its body. `to_head` for the answer to a HEAD.
  RawResponse Read(bool to_head = false);
  // Reads at most `bytes`; less only at the end of the connection.
  std::string ReadSome(size_t bytes);
  // Everything up to the end of the connection.
  std::string ReadAll();
  // The other side has closed, or does so within `patience`.
  bool IsClosed(std::chrono::milliseconds patience = std::chrono::milliseconds(5'000));
  void CloseWriting();
  // Closes with a reset.
  void Reset();

 private:
  // False at the end of the connection, or when nothing comes for a long time.
  bool Fill();
  bool ReadChunks(std::string* body);

  int socket_ = -1;
  std::string buffer_;
};

}  // namespace sluice::http::testing
