// What all writes of callers have in common: they may have a request id, and may be only validated.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/base/deadline.h"
#include "server/engine/database.h"
#include "server/engine/receipts.h"
#include "server/engine/write_group.h"

namespace sluice::engine {

// When a write is answered.
enum class Durability { kDisk, kReplicated };

struct KeptWriteOptions {
  // Everything runs and nothing is kept.
  bool validate_only = false;
  // For a write with a request id.
  std::optional<ReceiptKey> receipt = std::nullopt;
  // Bytes that the request holds in memory.
  size_t bytes = 0;
  // See WriteMember.
  uint64_t caller = 0;
  Durability durability = Durability::kDisk;
};

// What a write came to.
struct KeptAnswer {
  // Empty for a write that was only validated.
  std::string commit_token;
  // When this is what an earlier request was answered: what its Respond gave.
  std::optional<std::string> replayed_response = std::nullopt;
};

// FAILED_PRECONDITION (FOREIGN_KEY) while a deferred foreign key is violated, which COMMIT would
// fail for.
absl::Status CheckDeferred(const sqlite::Connection& connection);

class KeptWrite : public WriteMember {
 public:
  // The writer that such a write is for. FAILED_PRECONDITION (READ_ONLY, NOT_REPLICATED) when it
  // cannot be done as asked.
  static absl::StatusOr<Writer*> FindWriter(Database& database, const KeptWriteOptions& options);

  // `database` answers its writes before it dies, and could not die on its own writer's thread,
  // where this does: so it is not owned.
  KeptWrite(Database* database, KeptWriteOptions options, const Interrupt& interrupt)
      : database_(database), options_(std::move(options)), interrupt_(interrupt) {}

  absl::Status Apply(sqlite::Connection& connection) final;
  void Done(const absl::Status& status, const std::string& commit_token) final;
  size_t bytes() const override { return options_.bytes; }
  uint64_t caller() const override { return options_.caller; }
  const Interrupt& interrupt() const override { return interrupt_; }

 protected:
  Database& database() const { return *database_; }
  // Does the write, from nothing each time.
  virtual absl::Status Run(sqlite::Connection& connection) = 0;
  // What the receipt keeps of what Run has done. On the writer's thread.
  virtual std::string Respond() = 0;
  // Once, as WriteMember::Done.
  virtual void Answer(absl::StatusOr<KeptAnswer> answer) = 0;

 private:
  Database* const database_;
  const KeptWriteOptions options_;
  const Interrupt interrupt_;
  // Of the latest Apply.
  KeptAnswer answer_;
  bool validated_ = false;
};

}  // namespace sluice::engine
