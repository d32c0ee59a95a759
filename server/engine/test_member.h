// For tests of the writer: a write that does what the test says and remembers its answer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/engine/write_group.h"

namespace sluice::engine {

// What one write was told. Read it after the writer is done with the write.
struct Answer {
  std::atomic<int> times{0};
  int runs = 0;
  absl::Status status;
  std::string token;

  bool ok() const { return times == 1 && status.ok() && !token.empty(); }
  // Answered once, with an error of this reason.
  bool failed(absl::string_view reason) const {
    return times == 1 && !status.ok() && ReasonOf(status) == reason && token.empty();
  }
};

using Work = std::function<absl::Status(sqlite::Connection&)>;

class TestMember : public WriteMember {
 public:
  TestMember(Work work, Answer* answer, const Interrupt& interrupt = Interrupt(), size_t bytes = 1,
             uint64_t caller = 0, bool alone = false)
      : work_(std::move(work)),
        answer_(answer),
        interrupt_(interrupt),
        bytes_(bytes),
        caller_(caller),
        alone_(alone) {}

  absl::Status Apply(sqlite::Connection& connection) override {
    ++answer_->runs;
    return work_(connection);
  }
  size_t bytes() const override { return bytes_; }
  uint64_t caller() const override { return caller_; }
  bool alone() const override { return alone_; }
  const Interrupt& interrupt() const override { return interrupt_; }
  void Done(const absl::Status& status, const std::string& commit_token) override {
    answer_->status = status;
    answer_->token = commit_token;
    ++answer_->times;
  }

 private:
  const Work work_;
  Answer* const answer_;
  const Interrupt interrupt_;
  const size_t bytes_;
  const uint64_t caller_;
  const bool alone_;
};

// Runs statements one after the other and stops at the first error.
inline Work Sql(std::vector<std::string> statements) {
  return [statements = std::move(statements)](sqlite::Connection& connection) {
    for (const std::string& sql : statements) RETURN_IF_ERROR(connection.Execute(sql));
    return absl::OkStatus();
  };
}

}  // namespace sluice::engine
