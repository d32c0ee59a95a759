from google.api import field_behavior_pb2 as _field_behavior_pb2
from sluice.v1 import value_pb2 as _value_pb2
from sluice.v1 import write_pb2 as _write_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExecuteRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "named_params", "max_rows", "validate_only", "request_id", "durability")
    class NamedParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    NAMED_PARAMS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    max_rows: int
    validate_only: bool
    request_id: str
    durability: _write_pb2.Durability
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., max_rows: _Optional[int] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[_write_pb2.Durability, str]] = ...) -> None: ...

class ExecuteResponse(_message.Message):
    __slots__ = ("columns", "rows", "commit_token", "truncated", "affected_count", "last_insert_rowid", "replayed")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    AFFECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_INSERT_ROWID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    commit_token: str
    truncated: bool
    affected_count: int
    last_insert_rowid: int
    replayed: bool
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., commit_token: _Optional[str] = ..., truncated: bool = ..., affected_count: _Optional[int] = ..., last_insert_rowid: _Optional[int] = ..., replayed: bool = ...) -> None: ...

class BatchExecuteRequest(_message.Message):
    __slots__ = ("database", "statements", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    statements: _containers.RepeatedCompositeFieldContainer[Statement]
    validate_only: bool
    request_id: str
    durability: _write_pb2.Durability
    def __init__(self, database: _Optional[str] = ..., statements: _Optional[_Iterable[_Union[Statement, _Mapping]]] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[_write_pb2.Durability, str]] = ...) -> None: ...

class Statement(_message.Message):
    __slots__ = ("sql", "params", "named_params", "max_rows")
    class NamedParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    NAMED_PARAMS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    max_rows: int
    def __init__(self, sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., max_rows: _Optional[int] = ...) -> None: ...

class BatchExecuteResponse(_message.Message):
    __slots__ = ("results", "commit_token", "replayed")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[StatementResult]
    commit_token: str
    replayed: bool
    def __init__(self, results: _Optional[_Iterable[_Union[StatementResult, _Mapping]]] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class StatementResult(_message.Message):
    __slots__ = ("columns", "rows", "truncated", "affected_count", "last_insert_rowid")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    AFFECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_INSERT_ROWID_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    truncated: bool
    affected_count: int
    last_insert_rowid: int
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., truncated: bool = ..., affected_count: _Optional[int] = ..., last_insert_rowid: _Optional[int] = ...) -> None: ...
