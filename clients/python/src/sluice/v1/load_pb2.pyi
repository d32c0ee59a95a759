from google.api import field_behavior_pb2 as _field_behavior_pb2
from sluice.v1 import value_pb2 as _value_pb2
from sluice.v1 import write_pb2 as _write_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LoadMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOAD_MODE_UNSPECIFIED: _ClassVar[LoadMode]
    LOAD_MODE_DURABLE: _ClassVar[LoadMode]
    LOAD_MODE_ATOMIC: _ClassVar[LoadMode]
LOAD_MODE_UNSPECIFIED: LoadMode
LOAD_MODE_DURABLE: LoadMode
LOAD_MODE_ATOMIC: LoadMode

class LoadRowsRequest(_message.Message):
    __slots__ = ("start", "first_row", "rows", "packed")
    START_FIELD_NUMBER: _ClassVar[int]
    FIRST_ROW_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    start: LoadRowsStart
    first_row: int
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    packed: _value_pb2.PackedRows
    def __init__(self, start: _Optional[_Union[LoadRowsStart, _Mapping]] = ..., first_row: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ...) -> None: ...

class LoadRowsStart(_message.Message):
    __slots__ = ("database", "table", "columns", "mode", "rows_per_commit", "load_id", "on_conflict", "missing_columns", "continue_on_error", "validate_only", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ROWS_PER_COMMIT_FIELD_NUMBER: _ClassVar[int]
    LOAD_ID_FIELD_NUMBER: _ClassVar[int]
    ON_CONFLICT_FIELD_NUMBER: _ClassVar[int]
    MISSING_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    mode: LoadMode
    rows_per_commit: int
    load_id: str
    on_conflict: _write_pb2.OnConflict
    missing_columns: _write_pb2.MissingColumns
    continue_on_error: bool
    validate_only: bool
    durability: _write_pb2.Durability
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., mode: _Optional[_Union[LoadMode, str]] = ..., rows_per_commit: _Optional[int] = ..., load_id: _Optional[str] = ..., on_conflict: _Optional[_Union[_write_pb2.OnConflict, _Mapping]] = ..., missing_columns: _Optional[_Union[_write_pb2.MissingColumns, str]] = ..., continue_on_error: bool = ..., validate_only: bool = ..., durability: _Optional[_Union[_write_pb2.Durability, str]] = ...) -> None: ...

class LoadRowsResponse(_message.Message):
    __slots__ = ("acknowledged_rows", "inserted_count", "updated_count", "ignored_count", "failed_count", "errors", "commit_token", "done")
    ACKNOWLEDGED_ROWS_FIELD_NUMBER: _ClassVar[int]
    INSERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    acknowledged_rows: int
    inserted_count: int
    updated_count: int
    ignored_count: int
    failed_count: int
    errors: _containers.RepeatedCompositeFieldContainer[LoadError]
    commit_token: str
    done: bool
    def __init__(self, acknowledged_rows: _Optional[int] = ..., inserted_count: _Optional[int] = ..., updated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[LoadError, _Mapping]]] = ..., commit_token: _Optional[str] = ..., done: bool = ...) -> None: ...

class LoadError(_message.Message):
    __slots__ = ("row", "code", "reason", "message", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ROW_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    row: int
    code: int
    reason: str
    message: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, row: _Optional[int] = ..., code: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...
