#include "clients/cpp/retry.h"

#include "absl/time/clock.h"
#include "clients/cpp/error_details.h"

namespace sluice::client {
namespace {

constexpr int kFruitlessAttemptsMax = 5;
constexpr int kDamagedAttemptsMax = 2;
constexpr absl::Duration kFirstWait = absl::Milliseconds(200);

bool ConnectionLost(const absl::Status& status, const ErrorDetails& details) {
  if (absl::IsUnavailable(status)) return details.reason.empty() || details.reason == "DRAINING";
  // Of a stream that was reset, in the words of gRPC or of a proxy.
  return details.reason.empty() && (absl::IsInternal(status) || absl::IsUnknown(status));
}

}  // namespace

absl::Status GoOn(const Endeavour& endeavour) {
  int fruitless = 0;
  int damaged = 0;
  while (true) {
    const int64_t before = endeavour.reached();
    const absl::Status status = endeavour.attempt();
    if (status.ok()) return status;
    const Verdict verdict = endeavour.judge(status);
    if (verdict == Verdict::kFinal) return status;
    if (endeavour.given_up && endeavour.given_up()) return status;
    if (verdict == Verdict::kSpoilt) ++damaged;
    fruitless = endeavour.reached() > before ? 0 : fruitless + 1;
    if (fruitless >= kFruitlessAttemptsMax || damaged >= kDamagedAttemptsMax) return status;
    const absl::Duration wait = kFirstWait * (1 << fruitless);
    if (absl::Now() + wait >= endeavour.end) return status;
    if (endeavour.resumed) endeavour.resumed(status);
    absl::SleepFor(wait);
  }
}

bool ConnectionLost(const absl::Status& status) {
  return ConnectionLost(status, DetailsOf(status));
}

bool StreamWasCut(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  if (details.domain == kClientDomain) return details.reason == client_reason::kCut;
  return absl::IsUnavailable(status) || ConnectionLost(status, details) ||
         absl::IsCancelled(status);
}

}  // namespace sluice::client
