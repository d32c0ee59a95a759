#include "server/wire/write_requests.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/limits.h"
#include "server/base/status.h"
#include "server/wire/mutations.h"
#include "server/wire/proto_writer.h"
#include "server/wire/row_key.h"

namespace sluice::wire {
namespace {

using engine::Mutation;
using engine::Precondition;

template <typename Request>
absl::Status SetKept(const Request& request, engine::KeptWriteOptions* kept) {
  kept->bytes = request.ByteSizeLong();
  kept->validate_only = request.validate_only();
  ASSIGN_OR_RETURN(kept->durability, ParseDurability(request.durability()));
  return absl::OkStatus();
}

// What rows take beside their bytes, as messages and as what they are parsed to: many times what
// small values are on the wire.
size_t MemoryOf(const std::vector<Mutation>& mutations) {
  constexpr size_t kRowBytes = 200;
  constexpr size_t kValueBytes = 100;
  size_t bytes = 0;
  for (const Mutation& mutation : mutations) {
    for (const Mutation::Row& row : mutation.rows) {
      bytes += kRowBytes + kValueBytes * row.values.size();
    }
  }
  return bytes;
}

template <typename Request>
absl::StatusOr<ParsedWrite> ParseOne(const Request& request) {
  ParsedWrite write;
  RETURN_IF_ERROR(SetKept(request, &write.spec.kept));
  RETURN_IF_ERROR(AddMutation(request, &write, &write.spec.success, &write.success));
  write.spec.kept.bytes += MemoryOf(write.spec.success);
  return write;
}

template <typename Request>
absl::StatusOr<ParsedWrite> ParseBatch(const Request& request) {
  ASSIGN_OR_RETURN(ParsedWrite write, ParseOne(request));
  write.spec.options.continue_on_error = request.continue_on_error();
  return write;
}

absl::StatusOr<Precondition::Comparison> ParseComparison(const v1::Comparison& comparison,
                                                         const std::string& field) {
  using Operator = Precondition::Operator;
  Precondition::Comparison parsed;
  parsed.column = comparison.column();
  switch (comparison.operator_()) {
    case v1::Comparison::OPERATOR_EQUAL:
      parsed.op = Operator::kEqual;
      break;
    case v1::Comparison::OPERATOR_NOT_EQUAL:
      parsed.op = Operator::kNotEqual;
      break;
    case v1::Comparison::OPERATOR_LESS:
      parsed.op = Operator::kLess;
      break;
    case v1::Comparison::OPERATOR_LESS_OR_EQUAL:
      parsed.op = Operator::kLessOrEqual;
      break;
    case v1::Comparison::OPERATOR_GREATER:
      parsed.op = Operator::kGreater;
      break;
    case v1::Comparison::OPERATOR_GREATER_OR_EQUAL:
      parsed.op = Operator::kGreaterOrEqual;
      break;
    default:
      return BadField(field + ".operator", "is not one of the operators");
  }
  ASSIGN_OR_RETURN(parsed.value, ParseValue(comparison.value(), field + ".value"));
  return parsed;
}

absl::StatusOr<Precondition> ParsePrecondition(const v1::Precondition& precondition,
                                               const std::string& field) {
  Precondition parsed;
  parsed.table = precondition.table();
  ASSIGN_OR_RETURN(parsed.key, ParseKey(precondition.key(), field + ".key"));
  switch (precondition.condition_case()) {
    case v1::Precondition::kExists:
      parsed.exists = precondition.exists();
      return parsed;
    case v1::Precondition::kEtag:
      if (precondition.etag().empty()) return BadField(field + ".etag", "is empty");
      parsed.etag = precondition.etag();
      return parsed;
    case v1::Precondition::kColumn: {
      ASSIGN_OR_RETURN(parsed.comparison,
                       ParseComparison(precondition.column(), field + ".column"));
      return parsed;
    }
    case v1::Precondition::CONDITION_NOT_SET:
      break;
  }
  return BadField(field, "has no condition: one of exists, etag, column");
}

template <typename Request>
absl::Status AddPart(const Request& request, const std::string& database, const std::string& field,
                     ParsedWrite* write, std::vector<Mutation>* mutations,
                     std::vector<std::unique_ptr<WriteResult>>* results) {
  if (!request.database().empty() && request.database() != database) {
    return BadField(field + ".database", "is another database than the Commit's");
  }
  if (request.continue_on_error() || request.validate_only() || !request.request_id().empty() ||
      request.durability() != v1::DURABILITY_UNSPECIFIED) {
    return BadField(field,
                    "continue_on_error, validate_only, request_id and durability are the Commit's");
  }
  return AddMutation(request, write, mutations, results);
}

absl::Status AddBranch(const google::protobuf::RepeatedPtrField<v1::Mutation>& branch,
                       const std::string& database, absl::string_view name, ParsedWrite* write,
                       std::vector<Mutation>* mutations,
                       std::vector<std::unique_ptr<WriteResult>>* results) {
  if (branch.size() > limits::kCommitPartsMax) {
    return BadField(name, absl::StrCat("at most ", limits::kCommitPartsMax, " are allowed"));
  }
  int64_t rows = 0;
  for (int i = 0; i < branch.size(); ++i) {
    const v1::Mutation& part = branch[i];
    const std::string field = absl::StrCat(name, "[", i, "]");
    absl::Status status = BadField(field, "has no mutation");
    if (part.has_insert()) {
      status = AddPart(part.insert(), database, field, write, mutations, results);
    } else if (part.has_upsert()) {
      status = AddPart(part.upsert(), database, field, write, mutations, results);
    } else if (part.has_update()) {
      status = AddPart(part.update(), database, field, write, mutations, results);
    } else if (part.has_delete_()) {
      status = AddPart(part.delete_(), database, field, write, mutations, results);
    }
    if (!status.ok()) return WithMetadata(status, "mutation", absl::StrCat(i));
    rows += static_cast<int64_t>(mutations->back().rows.size());
  }
  if (rows <= limits::kInsertRowsMax) return absl::OkStatus();
  return BadField(name, absl::StrCat("at most ", limits::kInsertRowsMax, " rows are allowed"));
}

void AppendResults(Buffer& out, const std::vector<std::unique_ptr<WriteResult>>& results,
                   const engine::WriteOutcome& outcome) {
  for (size_t i = 0; i < results.size(); ++i) {
    Buffer result;
    results[i]->AppendTo(result, outcome.results[i]);
    PutBytes(out, v1::CommitResponse::kResultsFieldNumber, result.view());
  }
}

}  // namespace

absl::StatusOr<engine::Durability> ParseDurability(v1::Durability durability) {
  switch (durability) {
    case v1::DURABILITY_UNSPECIFIED:
    case v1::DURABILITY_DISK:
      return engine::Durability::kDisk;
    case v1::DURABILITY_REPLICATED:
      return engine::Durability::kReplicated;
    default:
      return BadField("durability", "is not one of DURABILITY_DISK, DURABILITY_REPLICATED");
  }
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::InsertRowsRequest& request) {
  return ParseBatch(request);
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpsertRowsRequest& request) {
  return ParseBatch(request);
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpdateRowsRequest& request) {
  return ParseBatch(request);
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::DeleteRowsRequest& request) {
  return ParseBatch(request);
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::UpdateRowRequest& request) {
  ASSIGN_OR_RETURN(ParsedWrite write, ParseOne(request));
  write.answer = ParsedWrite::Answer::kRow;
  return write;
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::DeleteRowRequest& request) {
  ASSIGN_OR_RETURN(ParsedWrite write, ParseOne(request));
  write.answer = ParsedWrite::Answer::kNothing;
  return write;
}

absl::StatusOr<ParsedWrite> ParseWrite(const v1::CommitRequest& request) {
  ParsedWrite write;
  write.answer = ParsedWrite::Answer::kCommit;
  RETURN_IF_ERROR(SetKept(request, &write.spec.kept));
  if (request.preconditions_size() > limits::kCommitPartsMax) {
    return BadField("preconditions",
                    absl::StrCat("at most ", limits::kCommitPartsMax, " are allowed"));
  }
  if (request.success_size() + request.failure_size() == 0) {
    return BadField("success", "there is no mutation");
  }
  for (int i = 0; i < request.preconditions_size(); ++i) {
    ASSIGN_OR_RETURN(
        Precondition precondition,
        ParsePrecondition(request.preconditions(i), absl::StrCat("preconditions[", i, "]")));
    write.spec.preconditions.push_back(std::move(precondition));
  }
  RETURN_IF_ERROR(AddBranch(request.success(), request.database(), "success", &write,
                            &write.spec.success, &write.success));
  RETURN_IF_ERROR(AddBranch(request.failure(), request.database(), "failure", &write,
                            &write.spec.failure, &write.failure));
  write.spec.kept.bytes += MemoryOf(write.spec.success) + MemoryOf(write.spec.failure);
  return write;
}

absl::StatusOr<std::optional<engine::ReceiptKey>> ParseReceiptKey(
    const google::protobuf::Message& request, const std::string& request_id,
    const std::string& caller) {
  if (request_id.empty()) return std::nullopt;
  if (request_id.size() > limits::kRequestIdBytesMax) {
    return BadField("request_id",
                    absl::StrCat("is longer than ", limits::kRequestIdBytesMax, " bytes"));
  }
  // Maps have no order of their own, and a client may send them in another one.
  std::string bytes = request.GetDescriptor()->full_name();
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return engine::ReceiptKey{
      .caller = caller, .request_id = request_id, .fingerprint = std::move(digest)};
}

Buffer MakeAnswer(const ParsedWrite& write, const engine::WriteOutcome& outcome) {
  Buffer answer;
  switch (write.answer) {
    case ParsedWrite::Answer::kRows:
      write.success[0]->AppendTo(answer, outcome.results[0]);
      break;
    case ParsedWrite::Answer::kRow:
      write.success[0]->AppendRows(answer);
      break;
    case ParsedWrite::Answer::kNothing:
      break;
    case ParsedWrite::Answer::kCommit:
      PutBool(answer, v1::CommitResponse::kSucceededFieldNumber, outcome.succeeded);
      AppendResults(answer, outcome.succeeded ? write.success : write.failure, outcome);
      break;
  }
  return answer;
}

Buffer MakeWholeAnswer(const ParsedWrite& write, const engine::WriteOutcome& outcome) {
  return FinishAnswer(outcome.replayed_response.has_value() ? Buffer() : MakeAnswer(write, outcome),
                      outcome.replayed_response, outcome.commit_token);
}

}  // namespace sluice::wire
