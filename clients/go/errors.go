package sluice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// ErrDamaged is what a download that arrived other than it was sent wraps. The file under its name is as it was.
var ErrDamaged = errors.New("sluice: the downloaded bytes are not what the server read")

// ErrTruncated is the end of a stream of rows when there are more than the server's configuration allows one stream: an
// [*Error] with the code ResourceExhausted and the reason LIMIT.
var ErrTruncated error = newError(codes.ResourceExhausted, "LIMIT", "the result is larger than the server's configuration allows")

// Error is a call that failed. The code says what a caller can do about it, the reason says what happened, and the
// message is for people. [errors.Is] finds [context.Canceled] and [context.DeadlineExceeded] in it, and
// [status.FromError] the gRPC status.
type Error struct {
	Code codes.Code
	// A name from `ErrorReason` of the contract, such as "NO_SUCH_TABLE"; "" when the error does not come from Sluice,
	// such as that of a connection.
	Reason  string
	Message string
	// What the reason comes with, such as "table" for NO_SUCH_TABLE.
	Metadata map[string]string
	// The fields of the request that are at fault.
	Fields []FieldViolation
	// After how long a new try may succeed; 0 when the server does not say so.
	RetryDelay time.Duration

	status *status.Status
}

// FieldViolation is one field of a request that is at fault.
type FieldViolation struct {
	Field       string
	Description string
}

// Error gives code, reason and message.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("sluice: %s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("sluice: %s (%s): %s", e.Code, e.Reason, e.Message)
}

// GRPCStatus is the status as it came.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Is finds the context's errors in the codes that stand for them; but what the server cancelled, with a reason, is not
// the context's.
func (e *Error) Is(target error) bool {
	return target == context.Canceled && e.Code == codes.Canceled && e.Reason == "" ||
		target == context.DeadlineExceeded && e.Code == codes.DeadlineExceeded
}

// fromGRPC makes an error of gRPC an *Error; nil, the end of a stream and an *Error stay what they are.
func fromGRPC(err error) error {
	var known *Error
	if err == nil || err == io.EOF || errors.As(err, &known) {
		return err
	}
	st, ok := status.FromError(err)
	if !ok {
		st = status.FromContextError(err)
	}
	result := &Error{Code: st.Code(), Message: st.Message(), status: st}
	for _, detail := range st.Details() {
		result.add(detail)
	}
	return result
}

func (e *Error) add(detail any) {
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		if detail.GetDomain() == "sluice" {
			e.Reason = detail.GetReason()
			e.Metadata = detail.GetMetadata()
		}
	case *errdetails.BadRequest:
		for _, violation := range detail.GetFieldViolations() {
			e.Fields = append(e.Fields, FieldViolation{violation.GetField(), violation.GetDescription()})
		}
	case *errdetails.RetryInfo:
		e.RetryDelay = detail.GetRetryDelay().AsDuration()
	}
}

// newError is an error that this package makes itself of what the server answered.
func newError(code codes.Code, reason, message string) *Error {
	return &Error{Code: code, Reason: reason, Message: message, status: status.New(code, message)}
}

func newRowError(e *sluicev1.RowError) RowError {
	result := RowError{Row: int(e.GetRow()), Error: *newError(codes.Code(e.GetCode()), e.GetReason(), e.GetMessage())}
	result.Metadata = e.GetMetadata()
	return result
}

func newLoadError(e *sluicev1.LoadError) RowError {
	result := newRowError(&sluicev1.RowError{Code: e.GetCode(), Reason: e.GetReason(), Message: e.GetMessage(),
		Metadata: e.GetMetadata()})
	result.Row = int(e.GetRow())
	return result
}
