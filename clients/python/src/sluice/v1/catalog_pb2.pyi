from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from sluice.v1 import about_pb2 as _about_pb2
from sluice.v1 import options_pb2 as _options_pb2
from sluice.v1 import table_pb2 as _table_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListDatabasesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatabasesResponse(_message.Message):
    __slots__ = ("databases", "next_page_token")
    DATABASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    databases: _containers.RepeatedCompositeFieldContainer[Database]
    next_page_token: str
    def __init__(self, databases: _Optional[_Iterable[_Union[Database, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetDatabaseRequest(_message.Message):
    __slots__ = ("database",)
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    database: str
    def __init__(self, database: _Optional[str] = ...) -> None: ...

class GetDatabaseResponse(_message.Message):
    __slots__ = ("database",)
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    database: Database
    def __init__(self, database: _Optional[_Union[Database, _Mapping]] = ...) -> None: ...

class Database(_message.Message):
    __slots__ = ("name", "state", "state_reason", "read_only", "size_bytes", "page_size_bytes", "journal_mode", "wal_bytes", "table_count", "view_count", "hidden_table_count", "encoding", "application_id", "user_version", "commit_token", "legacy_string_literals", "about", "query_count", "sha256")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Database.State]
        STATE_SERVING: _ClassVar[Database.State]
        STATE_OPENING: _ClassVar[Database.State]
        STATE_REFUSED: _ClassVar[Database.State]
    STATE_UNSPECIFIED: Database.State
    STATE_SERVING: Database.State
    STATE_OPENING: Database.State
    STATE_REFUSED: Database.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    READ_ONLY_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_MODE_FIELD_NUMBER: _ClassVar[int]
    WAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    TABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    VIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_TABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LEGACY_STRING_LITERALS_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    QUERY_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Database.State
    state_reason: str
    read_only: bool
    size_bytes: int
    page_size_bytes: int
    journal_mode: str
    wal_bytes: int
    table_count: int
    view_count: int
    hidden_table_count: int
    encoding: str
    application_id: int
    user_version: int
    commit_token: str
    legacy_string_literals: bool
    about: _about_pb2.About
    query_count: int
    sha256: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Database.State, str]] = ..., state_reason: _Optional[str] = ..., read_only: bool = ..., size_bytes: _Optional[int] = ..., page_size_bytes: _Optional[int] = ..., journal_mode: _Optional[str] = ..., wal_bytes: _Optional[int] = ..., table_count: _Optional[int] = ..., view_count: _Optional[int] = ..., hidden_table_count: _Optional[int] = ..., encoding: _Optional[str] = ..., application_id: _Optional[int] = ..., user_version: _Optional[int] = ..., commit_token: _Optional[str] = ..., legacy_string_literals: bool = ..., about: _Optional[_Union[_about_pb2.About, _Mapping]] = ..., query_count: _Optional[int] = ..., sha256: _Optional[str] = ...) -> None: ...

class ListTablesRequest(_message.Message):
    __slots__ = ("database", "page_size", "page_token", "show_hidden")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SHOW_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    page_size: int
    page_token: str
    show_hidden: bool
    def __init__(self, database: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., show_hidden: bool = ...) -> None: ...

class ListTablesResponse(_message.Message):
    __slots__ = ("tables", "next_page_token")
    TABLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tables: _containers.RepeatedCompositeFieldContainer[Table]
    next_page_token: str
    def __init__(self, tables: _Optional[_Iterable[_Union[Table, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetTableRequest(_message.Message):
    __slots__ = ("database", "table")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ...) -> None: ...

class GetTableResponse(_message.Message):
    __slots__ = ("table",)
    TABLE_FIELD_NUMBER: _ClassVar[int]
    table: Table
    def __init__(self, table: _Optional[_Union[Table, _Mapping]] = ...) -> None: ...

class Table(_message.Message):
    __slots__ = ("name", "kind", "hidden", "without_rowid", "strict", "primary_key", "unavailable_reason", "module", "label_column", "columns", "foreign_keys", "referenced_by", "indexes", "triggers", "fts_table", "row_count", "sql", "about", "default_order_by", "default_page_size")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Table.Kind]
        KIND_TABLE: _ClassVar[Table.Kind]
        KIND_VIEW: _ClassVar[Table.Kind]
        KIND_VIRTUAL: _ClassVar[Table.Kind]
        KIND_SHADOW: _ClassVar[Table.Kind]
    KIND_UNSPECIFIED: Table.Kind
    KIND_TABLE: Table.Kind
    KIND_VIEW: Table.Kind
    KIND_VIRTUAL: Table.Kind
    KIND_SHADOW: Table.Kind
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_ROWID_FIELD_NUMBER: _ClassVar[int]
    STRICT_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    LABEL_COLUMN_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    REFERENCED_BY_FIELD_NUMBER: _ClassVar[int]
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    TRIGGERS_FIELD_NUMBER: _ClassVar[int]
    FTS_TABLE_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: Table.Kind
    hidden: bool
    without_rowid: bool
    strict: bool
    primary_key: _containers.RepeatedScalarFieldContainer[str]
    unavailable_reason: str
    module: str
    label_column: str
    columns: _containers.RepeatedCompositeFieldContainer[TableColumn]
    foreign_keys: _containers.RepeatedCompositeFieldContainer[ForeignKey]
    referenced_by: _containers.RepeatedCompositeFieldContainer[ForeignKey]
    indexes: _containers.RepeatedCompositeFieldContainer[Index]
    triggers: _containers.RepeatedCompositeFieldContainer[Trigger]
    fts_table: str
    row_count: RowCount
    sql: str
    about: _about_pb2.About
    default_order_by: str
    default_page_size: int
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[Table.Kind, str]] = ..., hidden: bool = ..., without_rowid: bool = ..., strict: bool = ..., primary_key: _Optional[_Iterable[str]] = ..., unavailable_reason: _Optional[str] = ..., module: _Optional[str] = ..., label_column: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[TableColumn, _Mapping]]] = ..., foreign_keys: _Optional[_Iterable[_Union[ForeignKey, _Mapping]]] = ..., referenced_by: _Optional[_Iterable[_Union[ForeignKey, _Mapping]]] = ..., indexes: _Optional[_Iterable[_Union[Index, _Mapping]]] = ..., triggers: _Optional[_Iterable[_Union[Trigger, _Mapping]]] = ..., fts_table: _Optional[str] = ..., row_count: _Optional[_Union[RowCount, _Mapping]] = ..., sql: _Optional[str] = ..., about: _Optional[_Union[_about_pb2.About, _Mapping]] = ..., default_order_by: _Optional[str] = ..., default_page_size: _Optional[int] = ...) -> None: ...

class TableColumn(_message.Message):
    __slots__ = ("name", "declared_type", "affinity", "not_null", "default_sql", "primary_key_position", "generated", "hidden", "description", "unit")
    class Affinity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        AFFINITY_UNSPECIFIED: _ClassVar[TableColumn.Affinity]
        AFFINITY_BLOB: _ClassVar[TableColumn.Affinity]
        AFFINITY_TEXT: _ClassVar[TableColumn.Affinity]
        AFFINITY_NUMERIC: _ClassVar[TableColumn.Affinity]
        AFFINITY_INTEGER: _ClassVar[TableColumn.Affinity]
        AFFINITY_REAL: _ClassVar[TableColumn.Affinity]
    AFFINITY_UNSPECIFIED: TableColumn.Affinity
    AFFINITY_BLOB: TableColumn.Affinity
    AFFINITY_TEXT: TableColumn.Affinity
    AFFINITY_NUMERIC: TableColumn.Affinity
    AFFINITY_INTEGER: TableColumn.Affinity
    AFFINITY_REAL: TableColumn.Affinity
    class Generated(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GENERATED_UNSPECIFIED: _ClassVar[TableColumn.Generated]
        GENERATED_NO: _ClassVar[TableColumn.Generated]
        GENERATED_VIRTUAL: _ClassVar[TableColumn.Generated]
        GENERATED_STORED: _ClassVar[TableColumn.Generated]
    GENERATED_UNSPECIFIED: TableColumn.Generated
    GENERATED_NO: TableColumn.Generated
    GENERATED_VIRTUAL: TableColumn.Generated
    GENERATED_STORED: TableColumn.Generated
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECLARED_TYPE_FIELD_NUMBER: _ClassVar[int]
    AFFINITY_FIELD_NUMBER: _ClassVar[int]
    NOT_NULL_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_SQL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_POSITION_FIELD_NUMBER: _ClassVar[int]
    GENERATED_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    declared_type: str
    affinity: TableColumn.Affinity
    not_null: bool
    default_sql: str
    primary_key_position: int
    generated: TableColumn.Generated
    hidden: bool
    description: str
    unit: str
    def __init__(self, name: _Optional[str] = ..., declared_type: _Optional[str] = ..., affinity: _Optional[_Union[TableColumn.Affinity, str]] = ..., not_null: bool = ..., default_sql: _Optional[str] = ..., primary_key_position: _Optional[int] = ..., generated: _Optional[_Union[TableColumn.Generated, str]] = ..., hidden: bool = ..., description: _Optional[str] = ..., unit: _Optional[str] = ...) -> None: ...

class ForeignKey(_message.Message):
    __slots__ = ("table", "columns", "parent_table", "parent_columns", "on_update", "on_delete")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    PARENT_TABLE_FIELD_NUMBER: _ClassVar[int]
    PARENT_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ON_UPDATE_FIELD_NUMBER: _ClassVar[int]
    ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    parent_table: str
    parent_columns: _containers.RepeatedScalarFieldContainer[str]
    on_update: str
    on_delete: str
    def __init__(self, table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., parent_table: _Optional[str] = ..., parent_columns: _Optional[_Iterable[str]] = ..., on_update: _Optional[str] = ..., on_delete: _Optional[str] = ...) -> None: ...

class Index(_message.Message):
    __slots__ = ("name", "unique", "partial", "origin", "columns", "sql")
    NAME_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    name: str
    unique: bool
    partial: bool
    origin: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    sql: str
    def __init__(self, name: _Optional[str] = ..., unique: bool = ..., partial: bool = ..., origin: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., sql: _Optional[str] = ...) -> None: ...

class Trigger(_message.Message):
    __slots__ = ("name", "sql")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    name: str
    sql: str
    def __init__(self, name: _Optional[str] = ..., sql: _Optional[str] = ...) -> None: ...

class RowCount(_message.Message):
    __slots__ = ("kind", "value")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[RowCount.Kind]
        KIND_EXACT: _ClassVar[RowCount.Kind]
        KIND_CAPPED: _ClassVar[RowCount.Kind]
        KIND_UNKNOWN: _ClassVar[RowCount.Kind]
        KIND_TIMED_OUT: _ClassVar[RowCount.Kind]
    KIND_UNSPECIFIED: RowCount.Kind
    KIND_EXACT: RowCount.Kind
    KIND_CAPPED: RowCount.Kind
    KIND_UNKNOWN: RowCount.Kind
    KIND_TIMED_OUT: RowCount.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    kind: RowCount.Kind
    value: int
    def __init__(self, kind: _Optional[_Union[RowCount.Kind, str]] = ..., value: _Optional[int] = ...) -> None: ...
