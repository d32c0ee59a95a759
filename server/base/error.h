// Errors with a reason. An error that reaches a caller is an absl::Status that carries, as
// payloads, what google.rpc.ErrorInfo, BadRequest and RetryInfo say; rpc/status turns them into
// those messages. sluice/v1/error.proto explains the reasons.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

// The domain of every reason.
inline constexpr char kErrorDomain[] = "sluice";

// The values of sluice.v1.ErrorReason without their prefix; a test compares the two lists.
namespace reason {
inline constexpr absl::string_view kBadRequest = "BAD_REQUEST";
inline constexpr absl::string_view kSqlError = "SQL_ERROR";
inline constexpr absl::string_view kNoSuchDatabase = "NO_SUCH_DATABASE";
inline constexpr absl::string_view kNoSuchTable = "NO_SUCH_TABLE";
inline constexpr absl::string_view kNoSuchRow = "NO_SUCH_ROW";
inline constexpr absl::string_view kNoSuchQuery = "NO_SUCH_QUERY";
inline constexpr absl::string_view kUnique = "UNIQUE";
inline constexpr absl::string_view kCheck = "CHECK";
inline constexpr absl::string_view kNotNull = "NOT_NULL";
inline constexpr absl::string_view kForeignKey = "FOREIGN_KEY";
inline constexpr absl::string_view kTrigger = "TRIGGER";
inline constexpr absl::string_view kDatatype = "DATATYPE";
inline constexpr absl::string_view kReadOnly = "READ_ONLY";
inline constexpr absl::string_view kUnsupported = "UNSUPPORTED";
inline constexpr absl::string_view kOverloaded = "OVERLOADED";
inline constexpr absl::string_view kDraining = "DRAINING";
inline constexpr absl::string_view kLimit = "LIMIT";
inline constexpr absl::string_view kDiskFull = "DISK_FULL";
inline constexpr absl::string_view kCommitOutcomeUnknown = "COMMIT_OUTCOME_UNKNOWN";
inline constexpr absl::string_view kUnauthenticated = "UNAUTHENTICATED";
inline constexpr absl::string_view kPermissionDenied = "PERMISSION_DENIED";
inline constexpr absl::string_view kCorrupt = "CORRUPT";
inline constexpr absl::string_view kNotServed = "NOT_SERVED";
inline constexpr absl::string_view kDeadline = "DEADLINE";
inline constexpr absl::string_view kCancelled = "CANCELLED";
inline constexpr absl::string_view kInternal = "INTERNAL";
inline constexpr absl::string_view kNoSuchRoute = "NO_SUCH_ROUTE";
inline constexpr absl::string_view kConflict = "CONFLICT";
inline constexpr absl::string_view kRequestIdReused = "REQUEST_ID_REUSED";
inline constexpr absl::string_view kNoSuchSnapshot = "NO_SUCH_SNAPSHOT";
inline constexpr absl::string_view kInUse = "IN_USE";
inline constexpr absl::string_view kNameTaken = "NAME_TAKEN";
inline constexpr absl::string_view kNoSuchUpload = "NO_SUCH_UPLOAD";
inline constexpr absl::string_view kUploadOffset = "UPLOAD_OFFSET";
inline constexpr absl::string_view kUploadIncomplete = "UPLOAD_INCOMPLETE";
inline constexpr absl::string_view kDatabaseExists = "DATABASE_EXISTS";
inline constexpr absl::string_view kUnsafeSchema = "UNSAFE_SCHEMA";
inline constexpr absl::string_view kOtherHistory = "OTHER_HISTORY";
inline constexpr absl::string_view kCommitNotReached = "COMMIT_NOT_REACHED";
inline constexpr absl::string_view kNotReplicated = "NOT_REPLICATED";
inline constexpr absl::string_view kLogFull = "LOG_FULL";
inline constexpr absl::string_view kLoadExpired = "LOAD_EXPIRED";
// All of them.
inline constexpr absl::string_view kAll[] = {kBadRequest,
                                             kSqlError,
                                             kNoSuchDatabase,
                                             kNoSuchTable,
                                             kNoSuchRow,
                                             kNoSuchQuery,
                                             kUnique,
                                             kCheck,
                                             kNotNull,
                                             kForeignKey,
                                             kTrigger,
                                             kDatatype,
                                             kReadOnly,
                                             kUnsupported,
                                             kOverloaded,
                                             kDraining,
                                             kLimit,
                                             kDiskFull,
                                             kCommitOutcomeUnknown,
                                             kUnauthenticated,
                                             kPermissionDenied,
                                             kCorrupt,
                                             kNotServed,
                                             kDeadline,
                                             kCancelled,
                                             kInternal,
                                             kNoSuchRoute,
                                             kConflict,
                                             kRequestIdReused,
                                             kNoSuchSnapshot,
                                             kInUse,
                                             kNameTaken,
                                             kNoSuchUpload,
                                             kUploadOffset,
                                             kUploadIncomplete,
                                             kDatabaseExists,
                                             kUnsafeSchema,
                                             kOtherHistory,
                                             kCommitNotReached,
                                             kNotReplicated,
                                             kLogFull,
                                             kLoadExpired};
}  // namespace reason

// An error with a reason. `message` is for people and must hold no SQL text, no value and no path.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message);

// INVALID_ARGUMENT, BAD_REQUEST, with the field that is wrong. The message reads `field: what`.
absl::Status BadField(absl::string_view field, absl::string_view what);
// The same for a place in a field's text: bytes from its start, also as the metadata `offset`.
absl::Status BadFieldAt(absl::string_view field, size_t offset, absl::string_view what);

// Each adds to an error and returns it; an OK status stays as it is.
absl::Status WithMetadata(absl::Status status, absl::string_view key, absl::string_view value);
absl::Status WithoutMetadata(absl::Status status, absl::string_view key);
absl::Status WithField(absl::Status status, absl::string_view field, absl::string_view what);
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);
// The same payloads with another message.
absl::Status WithMessage(const absl::Status& status, absl::string_view message);

// What an error carries. ReasonOf is empty for a status that Error() did not make.
std::string ReasonOf(const absl::Status& status);
// ZeroDuration when there is none.
absl::Duration RetryAfterOf(const absl::Status& status);
// Empty when there is none.
std::string MetadataOf(const absl::Status& status, absl::string_view key);
using PairVisitor = std::function<void(absl::string_view, absl::string_view)>;
void VisitMetadata(const absl::Status& status, const PairVisitor& visit);
void VisitFields(const absl::Status& status, const PairVisitor& visit);

}  // namespace sluice
