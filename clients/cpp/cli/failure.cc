#include "clients/cpp/cli/failure.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/cli/display.h"
#include "clients/cpp/error_details.h"

namespace sluice::cli {
namespace {

constexpr absl::string_view kUsageUrl = "sluice.cli/usage";
constexpr absl::string_view kExcerptUrl = "sluice.cli/excerpt";

// Cells of a statement's line that are shown.
constexpr size_t kExcerptWidth = 100;

bool IsUsage(const absl::Status& status) { return status.GetPayload(kUsageUrl).has_value(); }

std::string Value(const ErrorDetails& details, const char* key) {
  const auto found = details.metadata.find(key);
  return found == details.metadata.end() ? std::string() : EscapeForTerminal(found->second);
}

std::string UnavailableHint(const ErrorDetails& details, absl::string_view address) {
  if (details.retry_delay.has_value()) {
    return absl::StrCat("try again in ", absl::FormatDuration(*details.retry_delay));
  }
  if (!details.reason.empty()) return "";
  return absl::StrCat("is a server running at ", address,
                      "? Start one with: sluiced FILE.db (or ./deploy/quickstart.sh); name another "
                      "with --address or SLUICE_ADDRESS");
}

// What to try next; empty when nothing better comes to mind than the message.
std::string HintFor(const absl::Status& status, const ErrorDetails& details,
                    absl::string_view address) {
  if (details.reason == "NO_SUCH_DATABASE") return "sluice ls shows the databases";
  if (details.reason == "NO_SUCH_TABLE") {
    return absl::StrCat("sluice ls ", Value(details, "database"), " shows the tables");
  }
  if (details.reason == "COMMIT_OUTCOME_UNKNOWN") return "look whether the rows are there";
  if (details.reason == client_reason::kLocalFile &&
      (absl::IsAlreadyExists(status) || absl::StrContains(status.message(), "would be lost"))) {
    return "--force replaces it";
  }
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      return "give a token with --token or SLUICE_TOKEN; a server of the same user on this machine "
             "keeps one in ~/.local/state/sluice/admin-token";
    case absl::StatusCode::kUnavailable:
      return UnavailableHint(details, address);
    case absl::StatusCode::kDeadlineExceeded:
      return "allow more time with --deadline 5m";
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("what answers at ", address, " is no Sluice server, or an older one");
    default:
      return "";
  }
}

std::string ReasonSuffix(const ErrorDetails& details) {
  if (details.reason.empty()) return "";
  std::string suffix = absl::StrCat(" (", EscapeForTerminal(details.reason));
  for (const auto& [key, value] : details.metadata) {
    absl::StrAppend(&suffix, ", ", EscapeForTerminal(key), " ", EscapeForTerminal(value));
  }
  return suffix + ")";
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (IsUsage(status)) return kUsageExitCode;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kNotFound:
      return 3;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return 4;
    case absl::StatusCode::kUnavailable:
      return 5;
    case absl::StatusCode::kDeadlineExceeded:
      return 6;
    default:
      return 1;
  }
}

absl::Status UsageError(absl::string_view message) {
  auto status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

absl::Status WithExcerpt(absl::Status status, absl::string_view excerpt) {
  if (!excerpt.empty()) status.SetPayload(kExcerptUrl, absl::Cord(excerpt));
  return status;
}

std::string SqlExcerpt(const absl::Status& status, absl::string_view sql) {
  const ErrorDetails details = DetailsOf(status);
  const auto found = details.metadata.find("offset");
  size_t offset = 0;
  if (details.reason != "SQL_ERROR" || found == details.metadata.end() ||
      !absl::SimpleAtoi(found->second, &offset) || offset > sql.size()) {
    return "";
  }
  const size_t break_before = offset == 0 ? absl::string_view::npos : sql.rfind('\n', offset - 1);
  const size_t begin = break_before == absl::string_view::npos ? 0 : break_before + 1;
  const absl::string_view line = sql.substr(begin, sql.find('\n', begin) - begin);
  const std::string before = EscapeForTerminal(line.substr(0, offset - begin));
  return absl::StrCat("  ", CutToWidth(EscapeForTerminal(line), kExcerptWidth), "\n",
                      DisplayWidth(before) >= kExcerptWidth
                          ? ""
                          : absl::StrCat("  ", std::string(DisplayWidth(before), ' '), "^\n"));
}

std::string DescribeFailure(const absl::Status& status, absl::string_view address) {
  const ErrorDetails details = DetailsOf(status);
  std::string out =
      absl::StrCat("error: ", EscapeForTerminal(status.message()), ReasonSuffix(details), "\n");
  for (const FieldViolation& violation : details.field_violations) {
    const std::string description = EscapeForTerminal(violation.description);
    // The message of a single violation often is the violation.
    if (absl::EndsWith(status.message(), violation.description)) continue;
    absl::StrAppend(&out, "  ", EscapeForTerminal(violation.field), ": ", description, "\n");
  }
  if (const auto excerpt = status.GetPayload(kExcerptUrl); excerpt.has_value()) {
    out.append(std::string(*excerpt));
  }
  const std::string hint = HintFor(status, details, address);
  if (!hint.empty()) absl::StrAppend(&out, "hint: ", hint, "\n");
  return out;
}

}  // namespace sluice::cli
