// Which web pages of other origins may read answers, and what a browser asks before it lets them.
// Immutable and thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gateway/http.h"

namespace sluice::gateway {

class CorsPolicy {
 public:
  // Each an origin (`https://example.org`), one with its subdomains open (`https://*.example.org`)
  // or `*`. None: no CORS headers at all. INVALID_ARGUMENT for anything else.
  static absl::StatusOr<CorsPolicy> Make(const std::vector<std::string>& origins);

  CorsPolicy() = default;

  bool Allows(absl::string_view origin) const;
  bool empty() const { return exact_.empty() && suffixes_.empty() && !any_; }

  static bool IsPreflight(const http::RequestHead& request);
  // The answer to a preflight for a path that has these methods.
  http::ResponseHead Preflight(const http::RequestHead& request,
                               const std::vector<std::string>& methods) const;
  // Adds what an actual answer needs; call it last, when the other headers are there.
  void Decorate(absl::string_view origin, http::ResponseHead* head) const;

 private:
  struct Suffix {
    std::string scheme;  // `https://`
    std::string domain;  // `.example.org`
  };
  std::vector<std::string> exact_;
  std::vector<Suffix> suffixes_;
  bool any_ = false;
};

// Whether a browser sent this for a page of another origin than the one it talks to.
bool IsCrossOrigin(const http::RequestHead& request);

}  // namespace sluice::gateway
