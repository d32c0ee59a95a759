#include "server/engine/cross_read.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status.h"
#include "server/sqlite/quote.h"

namespace sluice::engine {
namespace {

constexpr char kMain[] = "main";
// Between two looks at a schema somebody may change it; not every time.
constexpr int kBeginsMax = 10;

}  // namespace

const sqlite::AccessPolicy& CrossPolicy::Of(absl::string_view schema,
                                            absl::string_view table) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return schema.empty() ? part.policy->schema()->Find(table) != nullptr
                          : absl::EqualsIgnoreCase(part.schema, schema);
  });
  return found == parts_.end() ? *parts_[0].policy : *found->policy;
}

absl::StatusOr<std::unique_ptr<CrossRead>> CrossRead::Open(Database& database,
                                                           OtherDatabases others,
                                                           const Interrupt& interrupt) {
  std::vector<std::pair<Database*, std::string>> databases{{&database, kMain}};
  for (const auto& other : others) databases.emplace_back(other.get(), other->name());
  std::sort(databases.begin(), databases.end(),
            [](const auto& a, const auto& b) { return a.first->name() < b.first->name(); });
  std::vector<Part> parts;
  for (auto& [each, schema] : databases) {
    ASSIGN_OR_RETURN(sqlite::ReadLease lease, each->Acquire(interrupt));
    lease->guard().Arm({.interrupt = interrupt});
    parts.push_back({each, std::move(schema), std::move(lease)});
  }
  const auto own = std::find_if(parts.begin(), parts.end(),
                                [](const Part& part) { return part.schema == kMain; });
  std::rotate(parts.begin(), own, own + 1);
  auto read = std::unique_ptr<CrossRead>(new CrossRead(std::move(others), std::move(parts)));
  RETURN_IF_ERROR(read->Connect(interrupt));
  return read;
}

absl::Status CrossRead::Connect(const Interrupt& interrupt) {
  sqlite::OpenOptions options = parts_[0].database->reading();
  for (const Part& part : parts_) {
    // Else the views that need them could not be read.
    options.legacy_string_literals =
        options.legacy_string_literals || part.database->legacy_string_literals();
  }
  ASSIGN_OR_RETURN(connection_, sqlite::Connection::Open(options));
  connection_->guard().Arm({.interrupt = interrupt});
  for (size_t i = 1; i < parts_.size(); ++i) {
    RETURN_IF_ERROR(connection_->Attach(parts_[i].schema, parts_[i].database->reading()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CrossPolicy>> CrossRead::Begin() {
  for (int i = 0; i < kBeginsMax; ++i) {
    ASSIGN_OR_RETURN(auto policy, TryBegin());
    if (policy != nullptr) return policy;
    RETURN_IF_ERROR(connection_->Execute("ROLLBACK"));
  }
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, reason::kOverloaded,
                              "the schema of a database keeps changing"),
                        absl::Seconds(1));
}

absl::StatusOr<std::shared_ptr<const CrossPolicy>> CrossRead::TryBegin() {
  RETURN_IF_ERROR(connection_->Execute("BEGIN"));
  std::vector<CrossPolicy::Part> policies;
  for (Part& part : parts_) {
    // The first look begins the database's transaction.
    const std::string ask =
        absl::StrCat("PRAGMA ", sqlite::QuoteIdentifier(part.schema), ".schema_version");
    ASSIGN_OR_RETURN(const int64_t version, connection_->QueryInteger(ask));
    ASSIGN_OR_RETURN(auto policy, part.database->CurrentPolicy(*part.lease));
    if (policy->schema()->version() != version) {
      return std::shared_ptr<const CrossPolicy>();
    }
    policies.push_back({part.schema, std::move(policy)});
  }
  return std::make_shared<const CrossPolicy>(std::move(policies));
}

}  // namespace sluice::engine
