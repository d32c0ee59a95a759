from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from sluice.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReferenceAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFERENCE_ACTION_UNSPECIFIED: _ClassVar[ReferenceAction]
    REFERENCE_ACTION_NO_ACTION: _ClassVar[ReferenceAction]
    REFERENCE_ACTION_RESTRICT: _ClassVar[ReferenceAction]
    REFERENCE_ACTION_SET_NULL: _ClassVar[ReferenceAction]
    REFERENCE_ACTION_SET_DEFAULT: _ClassVar[ReferenceAction]
    REFERENCE_ACTION_CASCADE: _ClassVar[ReferenceAction]
REFERENCE_ACTION_UNSPECIFIED: ReferenceAction
REFERENCE_ACTION_NO_ACTION: ReferenceAction
REFERENCE_ACTION_RESTRICT: ReferenceAction
REFERENCE_ACTION_SET_NULL: ReferenceAction
REFERENCE_ACTION_SET_DEFAULT: ReferenceAction
REFERENCE_ACTION_CASCADE: ReferenceAction

class ColumnDefinition(_message.Message):
    __slots__ = ("name", "type", "not_null", "default_value", "default_expression", "unique", "check", "collation", "generated_expression", "generated_stored")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NOT_NULL_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    COLLATION_FIELD_NUMBER: _ClassVar[int]
    GENERATED_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    GENERATED_STORED_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    not_null: bool
    default_value: _value_pb2.Value
    default_expression: str
    unique: bool
    check: str
    collation: str
    generated_expression: str
    generated_stored: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ..., not_null: bool = ..., default_value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., default_expression: _Optional[str] = ..., unique: bool = ..., check: _Optional[str] = ..., collation: _Optional[str] = ..., generated_expression: _Optional[str] = ..., generated_stored: bool = ...) -> None: ...

class ForeignKeyDefinition(_message.Message):
    __slots__ = ("columns", "parent_table", "parent_columns", "on_delete", "on_update", "deferred")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    PARENT_TABLE_FIELD_NUMBER: _ClassVar[int]
    PARENT_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    ON_UPDATE_FIELD_NUMBER: _ClassVar[int]
    DEFERRED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    parent_table: str
    parent_columns: _containers.RepeatedScalarFieldContainer[str]
    on_delete: ReferenceAction
    on_update: ReferenceAction
    deferred: bool
    def __init__(self, columns: _Optional[_Iterable[str]] = ..., parent_table: _Optional[str] = ..., parent_columns: _Optional[_Iterable[str]] = ..., on_delete: _Optional[_Union[ReferenceAction, str]] = ..., on_update: _Optional[_Union[ReferenceAction, str]] = ..., deferred: bool = ...) -> None: ...

class UniqueDefinition(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, columns: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateTableRequest(_message.Message):
    __slots__ = ("database", "table", "columns", "primary_key", "autoincrement", "foreign_keys", "unique", "checks", "strict", "validate_only", "request_id", "without_rowid", "if_not_exists", "rows", "objects")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    AUTOINCREMENT_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    STRICT_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_ROWID_FIELD_NUMBER: _ClassVar[int]
    IF_NOT_EXISTS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    columns: _containers.RepeatedCompositeFieldContainer[ColumnDefinition]
    primary_key: _containers.RepeatedScalarFieldContainer[str]
    autoincrement: bool
    foreign_keys: _containers.RepeatedCompositeFieldContainer[ForeignKeyDefinition]
    unique: _containers.RepeatedCompositeFieldContainer[UniqueDefinition]
    checks: _containers.RepeatedScalarFieldContainer[str]
    strict: bool
    validate_only: bool
    request_id: str
    without_rowid: bool
    if_not_exists: bool
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    objects: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[ColumnDefinition, _Mapping]]] = ..., primary_key: _Optional[_Iterable[str]] = ..., autoincrement: bool = ..., foreign_keys: _Optional[_Iterable[_Union[ForeignKeyDefinition, _Mapping]]] = ..., unique: _Optional[_Iterable[_Union[UniqueDefinition, _Mapping]]] = ..., checks: _Optional[_Iterable[str]] = ..., strict: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., without_rowid: bool = ..., if_not_exists: bool = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., objects: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ...) -> None: ...

class CreateTableResponse(_message.Message):
    __slots__ = ("created", "sql", "statements", "inserted_count", "commit_token", "replayed")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    INSERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    created: bool
    sql: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    inserted_count: int
    commit_token: str
    replayed: bool
    def __init__(self, created: bool = ..., sql: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., inserted_count: _Optional[int] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class AlterTableRequest(_message.Message):
    __slots__ = ("database", "table", "changes", "validate_only", "request_id")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    changes: _containers.RepeatedCompositeFieldContainer[TableChange]
    validate_only: bool
    request_id: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[TableChange, _Mapping]]] = ..., validate_only: bool = ..., request_id: _Optional[str] = ...) -> None: ...

class TableChange(_message.Message):
    __slots__ = ("add_column", "rename_column", "rename_table", "drop_column", "alter_column", "reorder_columns", "set_primary_key", "add_foreign_key", "drop_foreign_key", "enable_full_text", "disable_full_text")
    ADD_COLUMN_FIELD_NUMBER: _ClassVar[int]
    RENAME_COLUMN_FIELD_NUMBER: _ClassVar[int]
    RENAME_TABLE_FIELD_NUMBER: _ClassVar[int]
    DROP_COLUMN_FIELD_NUMBER: _ClassVar[int]
    ALTER_COLUMN_FIELD_NUMBER: _ClassVar[int]
    REORDER_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    SET_PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    ADD_FOREIGN_KEY_FIELD_NUMBER: _ClassVar[int]
    DROP_FOREIGN_KEY_FIELD_NUMBER: _ClassVar[int]
    ENABLE_FULL_TEXT_FIELD_NUMBER: _ClassVar[int]
    DISABLE_FULL_TEXT_FIELD_NUMBER: _ClassVar[int]
    add_column: AddColumn
    rename_column: RenameColumn
    rename_table: RenameTable
    drop_column: DropColumn
    alter_column: AlterColumn
    reorder_columns: ReorderColumns
    set_primary_key: SetPrimaryKey
    add_foreign_key: ForeignKeyDefinition
    drop_foreign_key: DropForeignKey
    enable_full_text: EnableFullText
    disable_full_text: DisableFullText
    def __init__(self, add_column: _Optional[_Union[AddColumn, _Mapping]] = ..., rename_column: _Optional[_Union[RenameColumn, _Mapping]] = ..., rename_table: _Optional[_Union[RenameTable, _Mapping]] = ..., drop_column: _Optional[_Union[DropColumn, _Mapping]] = ..., alter_column: _Optional[_Union[AlterColumn, _Mapping]] = ..., reorder_columns: _Optional[_Union[ReorderColumns, _Mapping]] = ..., set_primary_key: _Optional[_Union[SetPrimaryKey, _Mapping]] = ..., add_foreign_key: _Optional[_Union[ForeignKeyDefinition, _Mapping]] = ..., drop_foreign_key: _Optional[_Union[DropForeignKey, _Mapping]] = ..., enable_full_text: _Optional[_Union[EnableFullText, _Mapping]] = ..., disable_full_text: _Optional[_Union[DisableFullText, _Mapping]] = ...) -> None: ...

class AddColumn(_message.Message):
    __slots__ = ("column",)
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    column: ColumnDefinition
    def __init__(self, column: _Optional[_Union[ColumnDefinition, _Mapping]] = ...) -> None: ...

class RenameColumn(_message.Message):
    __slots__ = ("column", "new_name")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    column: str
    new_name: str
    def __init__(self, column: _Optional[str] = ..., new_name: _Optional[str] = ...) -> None: ...

class RenameTable(_message.Message):
    __slots__ = ("new_name",)
    NEW_NAME_FIELD_NUMBER: _ClassVar[int]
    new_name: str
    def __init__(self, new_name: _Optional[str] = ...) -> None: ...

class DropColumn(_message.Message):
    __slots__ = ("column",)
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    column: str
    def __init__(self, column: _Optional[str] = ...) -> None: ...

class AlterColumn(_message.Message):
    __slots__ = ("column", "type", "not_null", "default_value", "default_expression", "drop_default", "collation")
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NOT_NULL_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    DROP_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    COLLATION_FIELD_NUMBER: _ClassVar[int]
    column: str
    type: str
    not_null: bool
    default_value: _value_pb2.Value
    default_expression: str
    drop_default: bool
    collation: str
    def __init__(self, column: _Optional[str] = ..., type: _Optional[str] = ..., not_null: bool = ..., default_value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., default_expression: _Optional[str] = ..., drop_default: bool = ..., collation: _Optional[str] = ...) -> None: ...

class ReorderColumns(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, columns: _Optional[_Iterable[str]] = ...) -> None: ...

class SetPrimaryKey(_message.Message):
    __slots__ = ("columns", "autoincrement")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    AUTOINCREMENT_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    autoincrement: bool
    def __init__(self, columns: _Optional[_Iterable[str]] = ..., autoincrement: bool = ...) -> None: ...

class DropForeignKey(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, columns: _Optional[_Iterable[str]] = ...) -> None: ...

class EnableFullText(_message.Message):
    __slots__ = ("columns", "tokenizer")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    TOKENIZER_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    tokenizer: str
    def __init__(self, columns: _Optional[_Iterable[str]] = ..., tokenizer: _Optional[str] = ...) -> None: ...

class DisableFullText(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AlterTableResponse(_message.Message):
    __slots__ = ("table", "sql", "statements", "commit_token", "replayed")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    SQL_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    table: str
    sql: str
    statements: _containers.RepeatedScalarFieldContainer[str]
    commit_token: str
    replayed: bool
    def __init__(self, table: _Optional[str] = ..., sql: _Optional[str] = ..., statements: _Optional[_Iterable[str]] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class DropTableRequest(_message.Message):
    __slots__ = ("database", "table", "cascade", "allow_missing", "validate_only", "request_id")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    CASCADE_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    cascade: bool
    allow_missing: bool
    validate_only: bool
    request_id: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., cascade: bool = ..., allow_missing: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ...) -> None: ...

class DropTableResponse(_message.Message):
    __slots__ = ("dropped", "row_count", "statements", "effects", "commit_token", "replayed")
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    STATEMENTS_FIELD_NUMBER: _ClassVar[int]
    EFFECTS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    dropped: bool
    row_count: int
    statements: _containers.RepeatedScalarFieldContainer[str]
    effects: _containers.RepeatedCompositeFieldContainer[CascadeEffect]
    commit_token: str
    replayed: bool
    def __init__(self, dropped: bool = ..., row_count: _Optional[int] = ..., statements: _Optional[_Iterable[str]] = ..., effects: _Optional[_Iterable[_Union[CascadeEffect, _Mapping]]] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class CascadeEffect(_message.Message):
    __slots__ = ("table", "deleted_count", "updated_count")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    table: str
    deleted_count: int
    updated_count: int
    def __init__(self, table: _Optional[str] = ..., deleted_count: _Optional[int] = ..., updated_count: _Optional[int] = ...) -> None: ...
