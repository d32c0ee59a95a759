from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from sluice.v1 import about_pb2 as _about_pb2
from sluice.v1 import execute_pb2 as _execute_pb2
from sluice.v1 import options_pb2 as _options_pb2
from sluice.v1 import value_pb2 as _value_pb2
from sluice.v1 import write_pb2 as _write_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class QueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "named_params", "max_rows", "layout", "databases", "min_commit_token")
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
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    max_rows: int
    layout: _value_pb2.RowLayout
    databases: _containers.RepeatedScalarFieldContainer[str]
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., max_rows: _Optional[int] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ..., databases: _Optional[_Iterable[str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("row_count", "byte_count", "vm_steps", "elapsed_us")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    BYTE_COUNT_FIELD_NUMBER: _ClassVar[int]
    VM_STEPS_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_US_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    byte_count: int
    vm_steps: int
    elapsed_us: int
    def __init__(self, row_count: _Optional[int] = ..., byte_count: _Optional[int] = ..., vm_steps: _Optional[int] = ..., elapsed_us: _Optional[int] = ...) -> None: ...

class StreamQueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "named_params", "layout", "resume_token", "databases", "min_commit_token")
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
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    named_params: _containers.MessageMap[str, _value_pb2.Value]
    layout: _value_pb2.RowLayout
    resume_token: str
    databases: _containers.RepeatedScalarFieldContainer[str]
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., named_params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ..., resume_token: _Optional[str] = ..., databases: _Optional[_Iterable[str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class StreamQueryResponse(_message.Message):
    __slots__ = ("columns", "rows", "stats", "packed", "resume_token", "truncated")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    stats: QueryStats
    packed: _value_pb2.PackedRows
    resume_token: str
    truncated: bool
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., stats: _Optional[_Union[QueryStats, _Mapping]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ..., resume_token: _Optional[str] = ..., truncated: bool = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ("database", "sql", "databases")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    databases: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., databases: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeResponse(_message.Message):
    __slots__ = ("parameters", "columns", "read_only", "tables", "permissions", "plan")
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    READ_ONLY_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    parameters: _containers.RepeatedCompositeFieldContainer[StatementParameter]
    columns: _containers.RepeatedCompositeFieldContainer[ResultColumn]
    read_only: bool
    tables: _containers.RepeatedCompositeFieldContainer[TouchedTable]
    permissions: _containers.RepeatedScalarFieldContainer[_options_pb2.Permission]
    plan: _containers.RepeatedCompositeFieldContainer[PlanNode]
    def __init__(self, parameters: _Optional[_Iterable[_Union[StatementParameter, _Mapping]]] = ..., columns: _Optional[_Iterable[_Union[ResultColumn, _Mapping]]] = ..., read_only: bool = ..., tables: _Optional[_Iterable[_Union[TouchedTable, _Mapping]]] = ..., permissions: _Optional[_Iterable[_Union[_options_pb2.Permission, str]]] = ..., plan: _Optional[_Iterable[_Union[PlanNode, _Mapping]]] = ...) -> None: ...

class StatementParameter(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResultColumn(_message.Message):
    __slots__ = ("name", "declared_type", "table", "column", "database")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECLARED_TYPE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    name: str
    declared_type: str
    table: str
    column: str
    database: str
    def __init__(self, name: _Optional[str] = ..., declared_type: _Optional[str] = ..., table: _Optional[str] = ..., column: _Optional[str] = ..., database: _Optional[str] = ...) -> None: ...

class TouchedTable(_message.Message):
    __slots__ = ("name", "columns_read", "columns_updated", "inserts", "updates", "deletes", "database")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_READ_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_UPDATED_FIELD_NUMBER: _ClassVar[int]
    INSERTS_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    DELETES_FIELD_NUMBER: _ClassVar[int]
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    name: str
    columns_read: _containers.RepeatedScalarFieldContainer[str]
    columns_updated: _containers.RepeatedScalarFieldContainer[str]
    inserts: bool
    updates: bool
    deletes: bool
    database: str
    def __init__(self, name: _Optional[str] = ..., columns_read: _Optional[_Iterable[str]] = ..., columns_updated: _Optional[_Iterable[str]] = ..., inserts: bool = ..., updates: bool = ..., deletes: bool = ..., database: _Optional[str] = ...) -> None: ...

class PlanNode(_message.Message):
    __slots__ = ("detail", "children")
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    detail: str
    children: _containers.RepeatedCompositeFieldContainer[PlanNode]
    def __init__(self, detail: _Optional[str] = ..., children: _Optional[_Iterable[_Union[PlanNode, _Mapping]]] = ...) -> None: ...

class ExportQueryRequest(_message.Message):
    __slots__ = ("database", "sql", "params", "format", "int64", "shape", "databases", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INT64_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    sql: str
    params: _struct_pb2.Value
    format: str
    int64: str
    shape: str
    databases: _containers.RepeatedScalarFieldContainer[str]
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., sql: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., format: _Optional[str] = ..., int64: _Optional[str] = ..., shape: _Optional[str] = ..., databases: _Optional[_Iterable[str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class ListQueriesRequest(_message.Message):
    __slots__ = ("database", "page_size", "page_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    page_size: int
    page_token: str
    def __init__(self, database: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListQueriesResponse(_message.Message):
    __slots__ = ("queries", "next_page_token")
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    queries: _containers.RepeatedCompositeFieldContainer[StoredQuery]
    next_page_token: str
    def __init__(self, queries: _Optional[_Iterable[_Union[StoredQuery, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetQueryRequest(_message.Message):
    __slots__ = ("database", "query")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    database: str
    query: str
    def __init__(self, database: _Optional[str] = ..., query: _Optional[str] = ...) -> None: ...

class GetQueryResponse(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: StoredQuery
    def __init__(self, query: _Optional[_Union[StoredQuery, _Mapping]] = ...) -> None: ...

class StoredQuery(_message.Message):
    __slots__ = ("name", "sql", "about", "parameters", "unavailable_reason", "writes", "databases")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    WRITES_FIELD_NUMBER: _ClassVar[int]
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    name: str
    sql: str
    about: _about_pb2.About
    parameters: _containers.RepeatedCompositeFieldContainer[StoredQueryParameter]
    unavailable_reason: str
    writes: bool
    databases: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., sql: _Optional[str] = ..., about: _Optional[_Union[_about_pb2.About, _Mapping]] = ..., parameters: _Optional[_Iterable[_Union[StoredQueryParameter, _Mapping]]] = ..., unavailable_reason: _Optional[str] = ..., writes: bool = ..., databases: _Optional[_Iterable[str]] = ...) -> None: ...

class StoredQueryParameter(_message.Message):
    __slots__ = ("name", "type", "description", "default_value")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[StoredQueryParameter.Type]
        TYPE_ANY: _ClassVar[StoredQueryParameter.Type]
        TYPE_INTEGER: _ClassVar[StoredQueryParameter.Type]
        TYPE_REAL: _ClassVar[StoredQueryParameter.Type]
        TYPE_TEXT: _ClassVar[StoredQueryParameter.Type]
        TYPE_BLOB: _ClassVar[StoredQueryParameter.Type]
        TYPE_BOOLEAN: _ClassVar[StoredQueryParameter.Type]
    TYPE_UNSPECIFIED: StoredQueryParameter.Type
    TYPE_ANY: StoredQueryParameter.Type
    TYPE_INTEGER: StoredQueryParameter.Type
    TYPE_REAL: StoredQueryParameter.Type
    TYPE_TEXT: StoredQueryParameter.Type
    TYPE_BLOB: StoredQueryParameter.Type
    TYPE_BOOLEAN: StoredQueryParameter.Type
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: StoredQueryParameter.Type
    description: str
    default_value: _value_pb2.Value
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[StoredQueryParameter.Type, str]] = ..., description: _Optional[str] = ..., default_value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ExportStoredQueryRequest(_message.Message):
    __slots__ = ("database", "query", "params", "format", "int64", "shape", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INT64_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    query: str
    params: _struct_pb2.Value
    format: str
    int64: str
    shape: str
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., query: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., format: _Optional[str] = ..., int64: _Optional[str] = ..., shape: _Optional[str] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class RunQueryRequest(_message.Message):
    __slots__ = ("database", "query", "params", "max_rows", "layout", "validate_only", "request_id", "durability", "min_commit_token")
    class ParamsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _value_pb2.Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROWS_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    query: str
    params: _containers.MessageMap[str, _value_pb2.Value]
    max_rows: int
    layout: _value_pb2.RowLayout
    validate_only: bool
    request_id: str
    durability: _write_pb2.Durability
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., query: _Optional[str] = ..., params: _Optional[_Mapping[str, _value_pb2.Value]] = ..., max_rows: _Optional[int] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[_write_pb2.Durability, str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class RunQueryResponse(_message.Message):
    __slots__ = ("columns", "rows", "truncated", "stats", "packed", "commit_token", "affected_count", "last_insert_rowid", "replayed")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AFFECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_INSERT_ROWID_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    truncated: bool
    stats: QueryStats
    packed: _value_pb2.PackedRows
    commit_token: str
    affected_count: int
    last_insert_rowid: int
    replayed: bool
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., truncated: bool = ..., stats: _Optional[_Union[QueryStats, _Mapping]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ..., commit_token: _Optional[str] = ..., affected_count: _Optional[int] = ..., last_insert_rowid: _Optional[int] = ..., replayed: bool = ...) -> None: ...
