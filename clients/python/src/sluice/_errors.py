"""What a failed call raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

if TYPE_CHECKING:
    from sluice._load import Loaded

_DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class FieldViolation:
    """A field of a request that is at fault."""

    field: str
    description: str


@dataclass
class _Details:
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    fields: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None


class SluiceError(Exception):
    """A call that failed.

    `code` says what a caller can do about it and names the subclass. `reason` says what happened: a name from
    ErrorReason of the contract, such as NO_SUCH_TABLE, or "" when the error does not come from Sluice, such as that of a
    connection. `metadata` is what the reason comes with, `fields` are the request's fields at fault, and `retry_delay`
    is after how many seconds a new try may succeed, or None when the server does not say so. `loaded` is how far a load
    has come that failed.
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN
    # Of a load that failed: how far it has come.
    loaded: Loaded | None = None

    @classmethod
    def made(cls, reason: str, message: str) -> SluiceError:
        """An error that this package makes itself of what the server answered."""
        return cls(message, _Details(reason=reason))

    def __init__(self, message: str, details: _Details | None = None) -> None:
        super().__init__(message)
        details = details or _Details()
        self.message = message
        self.reason = details.reason
        self.metadata = details.metadata
        self.fields = details.fields
        self.retry_delay = details.retry_delay

    def __str__(self) -> str:
        return f"{self.code.name} ({self.reason}): {self.message}" if self.reason else f"{self.code.name}: {self.message}"


class Cancelled(SluiceError):
    code = grpc.StatusCode.CANCELLED


class Unknown(SluiceError):
    code = grpc.StatusCode.UNKNOWN


class InvalidArgument(SluiceError):
    code = grpc.StatusCode.INVALID_ARGUMENT


class DeadlineExceeded(SluiceError):
    code = grpc.StatusCode.DEADLINE_EXCEEDED


class NotFound(SluiceError):
    code = grpc.StatusCode.NOT_FOUND


class AlreadyExists(SluiceError):
    code = grpc.StatusCode.ALREADY_EXISTS


class PermissionDenied(SluiceError):
    code = grpc.StatusCode.PERMISSION_DENIED


class ResourceExhausted(SluiceError):
    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class FailedPrecondition(SluiceError):
    code = grpc.StatusCode.FAILED_PRECONDITION


class Aborted(SluiceError):
    code = grpc.StatusCode.ABORTED


class OutOfRange(SluiceError):
    code = grpc.StatusCode.OUT_OF_RANGE


class Unimplemented(SluiceError):
    code = grpc.StatusCode.UNIMPLEMENTED


class Internal(SluiceError):
    """A fault of the server; also an answer of it that makes no sense."""

    code = grpc.StatusCode.INTERNAL


class Unavailable(SluiceError):
    code = grpc.StatusCode.UNAVAILABLE


class DataLoss(SluiceError):
    code = grpc.StatusCode.DATA_LOSS


class Unauthenticated(SluiceError):
    code = grpc.StatusCode.UNAUTHENTICATED


class IncompleteStream(Unavailable):
    """A stream that ended without its end: a result that is not whole, a download that was cut."""


class TruncatedResult(ResourceExhausted):
    """The end of a stream of rows when there are more than the server's configuration allows one stream."""


class DamagedDownload(DataLoss):
    """A download that arrived other than it was sent. The file under its name is as it was."""


_CLASSES: dict[grpc.StatusCode, type[SluiceError]] = {
    kind.code: kind
    for kind in (
        Cancelled,
        Unknown,
        InvalidArgument,
        DeadlineExceeded,
        NotFound,
        AlreadyExists,
        PermissionDenied,
        ResourceExhausted,
        FailedPrecondition,
        Aborted,
        OutOfRange,
        Unimplemented,
        Internal,
        Unavailable,
        DataLoss,
        Unauthenticated,
    )
}


def from_grpc(error: grpc.RpcError) -> SluiceError:
    """The SluiceError that an error of gRPC stands for."""
    if not isinstance(error, grpc.Call):
        return Unknown(str(error))
    kind = _CLASSES.get(error.code(), Unknown)
    return kind(error.details() or "", _parse_details(error))


def _parse_details(call: grpc.Call) -> _Details:
    details = _Details()
    for key, value in call.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                for detail in status_pb2.Status.FromString(value).details:
                    _add(details, detail)
            except DecodeError:  # From a proxy that knows better; the code and the message stand without it.
                pass
    return details


def _add(details: _Details, detail: object) -> None:
    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    if detail.Unpack(info):  # type: ignore[attr-defined]
        if info.domain == "sluice":
            details.reason = info.reason
            details.metadata = dict(info.metadata)
    elif detail.Unpack(bad_request):  # type: ignore[attr-defined]
        details.fields += tuple(FieldViolation(v.field, v.description) for v in bad_request.field_violations)
    elif detail.Unpack(retry):  # type: ignore[attr-defined]
        details.retry_delay = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
