#include "gateway/http1_decoder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/optional.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace sluice::http {
namespace {

namespace beast = boost::beast;

absl::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// Lines end in CRLF and nothing else has CR, LF or NUL; no header line continues another.
bool LinesAreStrict(absl::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '\0') return false;
    if (c == '\n' && (i == 0 || head[i - 1] != '\r')) return false;
    if (c != '\r') continue;
    if (i + 1 >= head.size() || head[i + 1] != '\n') return false;
    if (i + 2 < head.size() && (head[i + 2] == ' ' || head[i + 2] == '\t')) return false;
  }
  return true;
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

size_t CountOf(const Headers& headers, absl::string_view name) {
  return static_cast<size_t>(std::count_if(
      headers.all().begin(), headers.all().end(),
      [name](const Header& header) { return absl::EqualsIgnoreCase(header.name, name); }));
}

}  // namespace

// Beast's parser, its events written into the decoder's fields.
class Http1Decoder::Parser : public beast::http::basic_parser<true> {
 public:
  Headers headers;
  std::string method;
  std::string target;
  int version = 0;
  absl::string_view piece;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method_text,
                       beast::string_view target_text, int version_number,
                       beast::error_code&) override {
    method = std::string(View(method_text));
    target = std::string(View(target_text));
    version = version_number;
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    // Trailers mean nothing to us and must not look like headers.
    if (!is_header_done()) headers.Add(View(name), View(value));
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    piece = View(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions,
                            beast::error_code& failure) override {
    // Beast lets a quoted value hold a line feed, where another reader may end the line.
    const absl::string_view text = View(extensions);
    if (std::any_of(text.begin(), text.end(), [](char c) {
          return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t';
        })) {
      failure = beast::http::error::bad_chunk_extension;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code&) override {
    piece = View(body);
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}
};

Http1Decoder::Http1Decoder(DecoderLimits limits) : limits_(limits) {}
Http1Decoder::~Http1Decoder() = default;

void Http1Decoder::Reset() {
  parser_.reset();
  searched_ = 0;
  head_ = RequestHead();
  body_ = {};
  error_ = {};
  line_skipped_ = in_body_ = done_ = keep_alive_ = http_1_0_ = expects_continue_ = has_body_ =
      false;
}

Http1Decoder::Event Http1Decoder::Next(absl::string_view input, size_t* consumed) {
  *consumed = 0;
  if (error_.status != 0) return Event::kError;
  if (done_) return Event::kEnd;
  return in_body_ ? NextBody(input, consumed) : NextHead(input, consumed);
}

Http1Decoder::Event Http1Decoder::Fail(int status, int code, absl::string_view message) {
  error_ = {status, code, message};
  return Event::kError;
}

Http1Decoder::Event Http1Decoder::HeadTooLarge(absl::string_view input) {
  if (input.substr(0, limits_.head_bytes_max).find('\n') == absl::string_view::npos) {
    return Fail(414, 3, "The request target is too long");
  }
  return Fail(431, 3, "The request headers are too large");
}

Http1Decoder::Event Http1Decoder::NextHead(absl::string_view input, size_t* consumed) {
  // One empty line before a request is forgiven, as RFC 9112 asks (some clients end a body so).
  const size_t skipped = !line_skipped_ && absl::StartsWith(input, "\r\n") ? 2 : 0;
  input.remove_prefix(skipped);
  if (input.empty()) {
    // It belongs to the request before, so that no request has begun by it.
    *consumed = skipped;
    line_skipped_ = skipped > 0 || line_skipped_;
    return Event::kNeedMore;
  }
  const size_t from = searched_ > 3 ? searched_ - 3 : 0;
  const size_t end = input.find("\r\n\r\n", from);
  if (end == absl::string_view::npos) {
    if (input.size() >= limits_.head_bytes_max) return HeadTooLarge(input);
    searched_ = input.size();
    return Event::kNeedMore;
  }
  const absl::string_view raw = input.substr(0, end + 4);
  if (raw.size() > limits_.head_bytes_max) return HeadTooLarge(input);
  if (!LinesAreStrict(raw)) return Fail(400, 3, "Malformed request headers");

  parser_ = std::make_unique<Parser>();
  parser_->eager(false);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.head_bytes_max + 4));
  parser_->body_limit(limits_.body_bytes_max);
  size_t used = 0;
  beast::error_code failure;
  while (used < raw.size() && !parser_->is_header_done() && !failure) {
    used += parser_->put(boost::asio::const_buffer(raw.data() + used, raw.size() - used), failure);
  }
  if (failure == beast::http::error::bad_version) {
    return Fail(505, 12, "Only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  if (failure == beast::http::error::body_limit) {
    AcceptHead();
    return Fail(413, 8, "The request body is too large");
  }
  if (!AcceptHead()) return Event::kError;
  if (failure || used != raw.size() || !parser_->is_header_done()) {
    return Fail(400, 3, "Malformed request");
  }
  *consumed = skipped + raw.size();
  in_body_ = true;
  done_ = false;
  return Event::kHead;
}

bool Http1Decoder::AcceptHead() {
  head_.method = std::move(parser_->method);
  head_.headers = std::move(parser_->headers);
  http_1_0_ = parser_->version == 10;
  if (head_.headers.all().size() > limits_.headers_max) {
    Fail(431, 3, "Too many request headers");
    return false;
  }
  if (!AcceptTarget(parser_->target) || !AcceptFraming() || !AcceptHost()) return false;
  keep_alive_ = !http_1_0_ && parser_->keep_alive();
  const std::string expect = head_.headers.Joined("Expect");
  if (!expect.empty() && !absl::EqualsIgnoreCase(expect, "100-continue")) {
    Fail(417, 12, "Only 100-continue can be expected");
    return false;
  }
  expects_continue_ = !expect.empty() && has_body_ && !http_1_0_;
  return true;
}

bool Http1Decoder::AcceptTarget(absl::string_view target) {
  if (target.size() > limits_.target_bytes_max) {
    Fail(414, 3, "The request target is too long");
    return false;
  }
  if (const size_t scheme = target.find("://");
      scheme != absl::string_view::npos && scheme > 0 && target[0] != '/' && target[0] != '*') {
    // absolute-form: its authority counts and the Host header does not.
    target.remove_prefix(scheme + 3);
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    head_.headers.Set("Host", target.substr(0, end));
    target.remove_prefix(end);
  }
  const size_t mark = std::min(target.find('?'), target.size());
  head_.path = std::string(target.substr(0, mark));
  head_.query = std::string(target.substr(std::min(mark + 1, target.size())));
  if (head_.path.empty()) head_.path.push_back('/');
  const bool asterisk = head_.path == "*" && head_.method == "OPTIONS";
  if (head_.path[0] != '/' && !asterisk) {
    Fail(400, 3, "The request target must begin with a slash");
    return false;
  }
  if (target.find('#') != absl::string_view::npos) {
    Fail(400, 3, "The request target holds a fragment");
    return false;
  }
  return true;
}

bool Http1Decoder::AcceptFraming() {
  const size_t lengths = CountOf(head_.headers, "Content-Length");
  const size_t codings = CountOf(head_.headers, "Transfer-Encoding");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) || (codings > 0 && http_1_0_)) {
    Fail(400, 3, "Ambiguous request length");
    return false;
  }
  const absl::string_view length = head_.headers.Get("Content-Length");
  if (lengths == 1 && !AllDigits(length)) {
    Fail(400, 3, "Malformed Content-Length");
    return false;
  }
  if (codings == 1 && !absl::EqualsIgnoreCase(head_.headers.Get("Transfer-Encoding"), "chunked")) {
    const bool mixed =
        absl::StrContains(absl::AsciiStrToLower(head_.headers.Get("Transfer-Encoding")), "chunked");
    mixed ? Fail(400, 3, "Malformed Transfer-Encoding")
          : Fail(501, 12, "Only the transfer coding chunked is known");
    return false;
  }
  has_body_ =
      codings == 1 || (lengths == 1 && length.find_first_not_of('0') != absl::string_view::npos);
  return true;
}

bool Http1Decoder::AcceptHost() {
  const size_t hosts = CountOf(head_.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) {
    Fail(400, 3, "A request needs one Host header");
    return false;
  }
  return true;
}

Http1Decoder::Event Http1Decoder::NextBody(absl::string_view input, size_t* consumed) {
  parser_->piece = {};
  while (!parser_->is_done()) {
    if (input.size() == *consumed) return Event::kNeedMore;
    beast::error_code failure;
    const absl::string_view rest = input.substr(*consumed);
    const size_t used = parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), failure);
    *consumed += used;
    if (!parser_->piece.empty()) {
      body_ = parser_->piece;
      return Event::kBody;
    }
    if (failure == beast::http::error::need_more) {
      if (used == 0 && rest.size() >= limits_.head_bytes_max) {
        return Fail(431, 3, "A chunk header or the trailers are too large");
      }
      if (used == 0) return Event::kNeedMore;
      continue;
    }
    if (failure == beast::http::error::body_limit) {
      return Fail(413, 8, "The request body is too large");
    }
    if (failure) return Fail(400, 3, "Malformed request body");
  }
  done_ = true;
  return Event::kEnd;
}

}  // namespace sluice::http
