from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_REQUEST: _ClassVar[ErrorReason]
    ERROR_REASON_SQL_ERROR: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_DATABASE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_TABLE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_ROW: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_QUERY: _ClassVar[ErrorReason]
    ERROR_REASON_UNIQUE: _ClassVar[ErrorReason]
    ERROR_REASON_CHECK: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_NULL: _ClassVar[ErrorReason]
    ERROR_REASON_FOREIGN_KEY: _ClassVar[ErrorReason]
    ERROR_REASON_TRIGGER: _ClassVar[ErrorReason]
    ERROR_REASON_DATATYPE: _ClassVar[ErrorReason]
    ERROR_REASON_READ_ONLY: _ClassVar[ErrorReason]
    ERROR_REASON_UNSUPPORTED: _ClassVar[ErrorReason]
    ERROR_REASON_OVERLOADED: _ClassVar[ErrorReason]
    ERROR_REASON_DRAINING: _ClassVar[ErrorReason]
    ERROR_REASON_LIMIT: _ClassVar[ErrorReason]
    ERROR_REASON_DISK_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_COMMIT_OUTCOME_UNKNOWN: _ClassVar[ErrorReason]
    ERROR_REASON_UNAUTHENTICATED: _ClassVar[ErrorReason]
    ERROR_REASON_PERMISSION_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_CORRUPT: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_SERVED: _ClassVar[ErrorReason]
    ERROR_REASON_DEADLINE: _ClassVar[ErrorReason]
    ERROR_REASON_CANCELLED: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_ROUTE: _ClassVar[ErrorReason]
    ERROR_REASON_CONFLICT: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SUCH_SNAPSHOT: _ClassVar[ErrorReason]
    ERROR_REASON_OTHER_HISTORY: _ClassVar[ErrorReason]
    ERROR_REASON_COMMIT_NOT_REACHED: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_REPLICATED: _ClassVar[ErrorReason]
    ERROR_REASON_LOG_FULL: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_BAD_REQUEST: ErrorReason
ERROR_REASON_SQL_ERROR: ErrorReason
ERROR_REASON_NO_SUCH_DATABASE: ErrorReason
ERROR_REASON_NO_SUCH_TABLE: ErrorReason
ERROR_REASON_NO_SUCH_ROW: ErrorReason
ERROR_REASON_NO_SUCH_QUERY: ErrorReason
ERROR_REASON_UNIQUE: ErrorReason
ERROR_REASON_CHECK: ErrorReason
ERROR_REASON_NOT_NULL: ErrorReason
ERROR_REASON_FOREIGN_KEY: ErrorReason
ERROR_REASON_TRIGGER: ErrorReason
ERROR_REASON_DATATYPE: ErrorReason
ERROR_REASON_READ_ONLY: ErrorReason
ERROR_REASON_UNSUPPORTED: ErrorReason
ERROR_REASON_OVERLOADED: ErrorReason
ERROR_REASON_DRAINING: ErrorReason
ERROR_REASON_LIMIT: ErrorReason
ERROR_REASON_DISK_FULL: ErrorReason
ERROR_REASON_COMMIT_OUTCOME_UNKNOWN: ErrorReason
ERROR_REASON_UNAUTHENTICATED: ErrorReason
ERROR_REASON_PERMISSION_DENIED: ErrorReason
ERROR_REASON_CORRUPT: ErrorReason
ERROR_REASON_NOT_SERVED: ErrorReason
ERROR_REASON_DEADLINE: ErrorReason
ERROR_REASON_CANCELLED: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_NO_SUCH_ROUTE: ErrorReason
ERROR_REASON_CONFLICT: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_NO_SUCH_SNAPSHOT: ErrorReason
ERROR_REASON_OTHER_HISTORY: ErrorReason
ERROR_REASON_COMMIT_NOT_REACHED: ErrorReason
ERROR_REASON_NOT_REPLICATED: ErrorReason
ERROR_REASON_LOG_FULL: ErrorReason
