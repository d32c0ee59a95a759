from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from sluice.v1 import execute_pb2 as _execute_pb2
from sluice.v1 import options_pb2 as _options_pb2
from sluice.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "named_params", "max_rows", "layout")
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
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    max_rows: int
    layout: _value_pb2.RowLayout
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., max_rows: _Optional[int] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ...) -> None: ...

class QueryResponse(_message.Message):
    __slots__ = ("columns", "rows", "truncated", "stats", "packed")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    truncated: bool
    stats: QueryStats
    packed: _value_pb2.PackedRows
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., truncated: bool = ..., stats: _Optional[_Union[QueryStats, _Mapping]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ...) -> None: ...

class QueryStats(_message.Message):
    __slots__ = ("row_count", "vm_steps", "elapsed_us")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    VM_STEPS_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_US_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    vm_steps: int
    elapsed_us: int
    def __init__(self, row_count: _Optional[int] = ..., vm_steps: _Optional[int] = ..., elapsed_us: _Optional[int] = ...) -> None: ...

class StreamQueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "named_params", "layout")
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
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    layout: _value_pb2.RowLayout
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ...) -> None: ...

class StreamQueryResponse(_message.Message):
    __slots__ = ("columns", "rows", "stats", "packed")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    stats: QueryStats
    packed: _value_pb2.PackedRows
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., stats: _Optional[_Union[QueryStats, _Mapping]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ...) -> None: ...

class ExportQueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "format", "int64", "shape")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INT64_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _struct_pb2.Value
    format: str
    int64: str
    shape: str
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., format: _Optional[str] = ..., int64: _Optional[str] = ..., shape: _Optional[str] = ...) -> None: ...
