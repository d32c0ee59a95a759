// The seam between the wire protocol and what answers it. A server (HTTP/1.1 today) turns bytes
// into RequestHead, body pieces and cancellation; a Handler makes an Exchange of each request; the
// Exchange answers through a ResponseWriter, which says when it can take more. Nothing here knows
// how a request is framed, so that another protocol version enters as another server.
//
// Threads: a Handler is called from any of the server's threads, for many requests at once. The
// calls on one Exchange come one after the other. A ResponseWriter may be used from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::http {

struct Header {
  std::string name;
  std::string value;
};

// A list of headers in their order; names compare without regard to case. A value type.
class Headers {
 public:
  void Add(absl::string_view name, absl::string_view value);
  // Replaces every header of that name.
  void Set(absl::string_view name, absl::string_view value);
  void Remove(absl::string_view name);
  // The first value, or null. Valid until the next change.
  const std::string* Find(absl::string_view name) const;
  // The first value, or "".
  absl::string_view Get(absl::string_view name) const;
  // All values joined with ", " as HTTP allows for lists.
  std::string Joined(absl::string_view name) const;

  const std::vector<Header>& all() const { return headers_; }

 private:
  std::vector<Header> headers_;
};

struct RequestHead {
  std::string method;
  // As sent: percent-escapes untouched. `*` for `OPTIONS *`; otherwise it begins with `/`.
  std::string path;
  // What follows the first `?`, without it.
  std::string query;
  Headers headers;
  // The numeric address of the caller, without its port.
  std::string peer;
};

struct ResponseHead {
  int status = 200;
  Headers headers = {};
  // The body's size when it is known. A body that turns out otherwise is cut, never padded.
  std::optional<uint64_t> content_length = {};
};

// How one request is answered: Start, Write as often as needed, then Finish or Abort. Calls after
// the caller went away do nothing. Thread-safe, but the calls for one answer need one order.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  virtual void Start(ResponseHead head) = 0;
  // Queues `bytes`. False when enough is queued: Exchange::OnWritable tells when to go on.
  virtual bool Write(std::string bytes) = 0;
  // The answer is whole.
  virtual void Finish() = 0;
  // The answer is not whole: what is queued is sent, then the connection ends so that the caller
  // can tell.
  virtual void Abort() = 0;
};

// Start, Write and Finish of an answer whose body is at hand.
void Respond(ResponseWriter* writer, ResponseHead head, std::string body);

// One request on its way. The server holds it until the answer is finished or the caller is gone.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // The body, piece by piece; the view is valid during the call. Pieces that come after the answer
  // is finished are dropped before they get here.
  virtual void OnBody(absl::string_view piece) = 0;
  // The body is whole. Comes at once after OnRequest for a request without one.
  virtual void OnBodyEnd() = 0;
  // After a Write that returned false: there is room again.
  virtual void OnWritable() = 0;
  // The caller is gone. The last call.
  virtual void OnCancel() = 0;
};

// What a server serves. Outlives the server.
class Handler {
 public:
  virtual ~Handler() = default;

  // Begins a request. It may answer at once; null when it did and needs to hear nothing more.
  // `writer` may outlive the connection.
  virtual std::shared_ptr<Exchange> OnRequest(RequestHead head,
                                              std::shared_ptr<ResponseWriter> writer) = 0;
};

// The reason phrase, "Unknown" for a status without one.
absl::string_view ReasonPhrase(int status);

// The body of an error of HTTP itself, in the form all our HTTP errors have: google.rpc.Status in
// JSON with a google.rpc.ErrorInfo, whose reason follows from the canonical `code`. `message` is
// escaped.
std::string ErrorJson(int code, absl::string_view message);

// Answers with ErrorJson and Content-Type application/json.
void RespondError(ResponseWriter* writer, int status, int code, absl::string_view message);

}  // namespace sluice::http
