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

class Durability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DURABILITY_UNSPECIFIED: _ClassVar[Durability]
    DURABILITY_DISK: _ClassVar[Durability]
    DURABILITY_REPLICATED: _ClassVar[Durability]

class Return(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETURN_UNSPECIFIED: _ClassVar[Return]
    RETURN_NONE: _ClassVar[Return]
    RETURN_KEYS: _ClassVar[Return]
    RETURN_ROWS: _ClassVar[Return]

class MissingColumns(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MISSING_COLUMNS_UNSPECIFIED: _ClassVar[MissingColumns]
    MISSING_COLUMNS_DEFAULT: _ClassVar[MissingColumns]
    MISSING_COLUMNS_NULL: _ClassVar[MissingColumns]
DURABILITY_UNSPECIFIED: Durability
DURABILITY_DISK: Durability
DURABILITY_REPLICATED: Durability
RETURN_UNSPECIFIED: Return
RETURN_NONE: Return
RETURN_KEYS: Return
RETURN_ROWS: Return
MISSING_COLUMNS_UNSPECIFIED: MissingColumns
MISSING_COLUMNS_DEFAULT: MissingColumns
MISSING_COLUMNS_NULL: MissingColumns

class OnConflict(_message.Message):
    __slots__ = ("action", "target", "update_columns")
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[OnConflict.Action]
        ACTION_ABORT: _ClassVar[OnConflict.Action]
        ACTION_IGNORE: _ClassVar[OnConflict.Action]
        ACTION_REPLACE: _ClassVar[OnConflict.Action]
        ACTION_UPDATE: _ClassVar[OnConflict.Action]
    ACTION_UNSPECIFIED: OnConflict.Action
    ACTION_ABORT: OnConflict.Action
    ACTION_IGNORE: OnConflict.Action
    ACTION_REPLACE: OnConflict.Action
    ACTION_UPDATE: OnConflict.Action
    ACTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    UPDATE_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    action: OnConflict.Action
    target: _containers.RepeatedScalarFieldContainer[str]
    update_columns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, action: _Optional[_Union[OnConflict.Action, str]] = ..., target: _Optional[_Iterable[str]] = ..., update_columns: _Optional[_Iterable[str]] = ...) -> None: ...

class RowError(_message.Message):
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

class InsertRowsRequest(_message.Message):
    __slots__ = ("database", "table", "columns", "rows", "objects", "on_conflict", "missing_columns", "continue_on_error", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    RETURN_FIELD_NUMBER: _ClassVar[int]
    ON_CONFLICT_FIELD_NUMBER: _ClassVar[int]
    MISSING_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    objects: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    on_conflict: OnConflict
    missing_columns: MissingColumns
    continue_on_error: bool
    validate_only: bool
    request_id: str
    durability: Durability
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., objects: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., on_conflict: _Optional[_Union[OnConflict, _Mapping]] = ..., missing_columns: _Optional[_Union[MissingColumns, str]] = ..., continue_on_error: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ..., **kwargs) -> None: ...

class InsertRowsResponse(_message.Message):
    __slots__ = ("inserted_count", "keys", "columns", "rows", "commit_token", "errors", "updated_count", "ignored_count", "replayed")
    INSERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    inserted_count: int
    keys: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    commit_token: str
    errors: _containers.RepeatedCompositeFieldContainer[RowError]
    updated_count: int
    ignored_count: int
    replayed: bool
    def __init__(self, inserted_count: _Optional[int] = ..., keys: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., commit_token: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RowError, _Mapping]]] = ..., updated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., replayed: bool = ...) -> None: ...

class UpsertRowsRequest(_message.Message):
    __slots__ = ("database", "table", "columns", "rows", "objects", "target", "missing_columns", "continue_on_error", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    RETURN_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    MISSING_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    objects: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    target: _containers.RepeatedScalarFieldContainer[str]
    missing_columns: MissingColumns
    continue_on_error: bool
    validate_only: bool
    request_id: str
    durability: Durability
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., objects: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., target: _Optional[_Iterable[str]] = ..., missing_columns: _Optional[_Union[MissingColumns, str]] = ..., continue_on_error: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ..., **kwargs) -> None: ...

class UpsertRowsResponse(_message.Message):
    __slots__ = ("inserted_count", "keys", "columns", "rows", "commit_token", "errors", "updated_count", "ignored_count", "replayed")
    INSERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    inserted_count: int
    keys: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    commit_token: str
    errors: _containers.RepeatedCompositeFieldContainer[RowError]
    updated_count: int
    ignored_count: int
    replayed: bool
    def __init__(self, inserted_count: _Optional[int] = ..., keys: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., commit_token: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RowError, _Mapping]]] = ..., updated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., replayed: bool = ...) -> None: ...

class UpdateRowsRequest(_message.Message):
    __slots__ = ("database", "table", "columns", "rows", "objects", "keys", "allow_missing", "continue_on_error", "validate_only", "request_id", "durability", "filter", "all_rows", "max_affected")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    RETURN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ALL_ROWS_FIELD_NUMBER: _ClassVar[int]
    MAX_AFFECTED_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    objects: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    keys: _containers.RepeatedScalarFieldContainer[str]
    allow_missing: bool
    continue_on_error: bool
    validate_only: bool
    request_id: str
    durability: Durability
    filter: str
    all_rows: bool
    max_affected: int
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., objects: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ..., keys: _Optional[_Iterable[str]] = ..., allow_missing: bool = ..., continue_on_error: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ..., filter: _Optional[str] = ..., all_rows: bool = ..., max_affected: _Optional[int] = ..., **kwargs) -> None: ...

class UpdateRowsResponse(_message.Message):
    __slots__ = ("keys", "columns", "rows", "commit_token", "errors", "updated_count", "ignored_count", "replayed")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    commit_token: str
    errors: _containers.RepeatedCompositeFieldContainer[RowError]
    updated_count: int
    ignored_count: int
    replayed: bool
    def __init__(self, keys: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., commit_token: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RowError, _Mapping]]] = ..., updated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., replayed: bool = ...) -> None: ...

class DeleteRowsRequest(_message.Message):
    __slots__ = ("database", "table", "keys", "etags", "allow_missing", "continue_on_error", "validate_only", "request_id", "durability", "filter", "all_rows", "max_affected")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    ETAGS_FIELD_NUMBER: _ClassVar[int]
    RETURN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MISSING_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ALL_ROWS_FIELD_NUMBER: _ClassVar[int]
    MAX_AFFECTED_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    etags: _containers.RepeatedScalarFieldContainer[str]
    allow_missing: bool
    continue_on_error: bool
    validate_only: bool
    request_id: str
    durability: Durability
    filter: str
    all_rows: bool
    max_affected: int
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., etags: _Optional[_Iterable[str]] = ..., allow_missing: bool = ..., continue_on_error: bool = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ..., filter: _Optional[str] = ..., all_rows: bool = ..., max_affected: _Optional[int] = ..., **kwargs) -> None: ...

class DeleteRowsResponse(_message.Message):
    __slots__ = ("keys", "columns", "rows", "commit_token", "errors", "ignored_count", "replayed", "deleted_count")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    commit_token: str
    errors: _containers.RepeatedCompositeFieldContainer[RowError]
    ignored_count: int
    replayed: bool
    deleted_count: int
    def __init__(self, keys: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., commit_token: _Optional[str] = ..., errors: _Optional[_Iterable[_Union[RowError, _Mapping]]] = ..., ignored_count: _Optional[int] = ..., replayed: bool = ..., deleted_count: _Optional[int] = ...) -> None: ...

class UpdateRowRequest(_message.Message):
    __slots__ = ("database", "table", "key", "columns", "values", "object", "if_match", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    IF_MATCH_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    key: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    values: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    object: _struct_pb2.Struct
    if_match: str
    validate_only: bool
    request_id: str
    durability: Durability
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., key: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., values: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., object: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., if_match: _Optional[str] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ...) -> None: ...

class UpdateRowResponse(_message.Message):
    __slots__ = ("columns", "row", "commit_token", "replayed")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    row: _value_pb2.Row
    commit_token: str
    replayed: bool
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., row: _Optional[_Union[_value_pb2.Row, _Mapping]] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class DeleteRowRequest(_message.Message):
    __slots__ = ("database", "table", "key", "if_match", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    IF_MATCH_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    key: str
    if_match: str
    validate_only: bool
    request_id: str
    durability: Durability
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., key: _Optional[str] = ..., if_match: _Optional[str] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ...) -> None: ...

class DeleteRowResponse(_message.Message):
    __slots__ = ("commit_token", "replayed")
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    commit_token: str
    replayed: bool
    def __init__(self, commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...

class Precondition(_message.Message):
    __slots__ = ("table", "key", "exists", "etag", "column")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    EXISTS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    table: str
    key: str
    exists: bool
    etag: str
    column: Comparison
    def __init__(self, table: _Optional[str] = ..., key: _Optional[str] = ..., exists: bool = ..., etag: _Optional[str] = ..., column: _Optional[_Union[Comparison, _Mapping]] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ("column", "operator", "value")
    class Operator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OPERATOR_UNSPECIFIED: _ClassVar[Comparison.Operator]
        OPERATOR_EQUAL: _ClassVar[Comparison.Operator]
        OPERATOR_NOT_EQUAL: _ClassVar[Comparison.Operator]
        OPERATOR_LESS: _ClassVar[Comparison.Operator]
        OPERATOR_LESS_OR_EQUAL: _ClassVar[Comparison.Operator]
        OPERATOR_GREATER: _ClassVar[Comparison.Operator]
        OPERATOR_GREATER_OR_EQUAL: _ClassVar[Comparison.Operator]
    OPERATOR_UNSPECIFIED: Comparison.Operator
    OPERATOR_EQUAL: Comparison.Operator
    OPERATOR_NOT_EQUAL: Comparison.Operator
    OPERATOR_LESS: Comparison.Operator
    OPERATOR_LESS_OR_EQUAL: Comparison.Operator
    OPERATOR_GREATER: Comparison.Operator
    OPERATOR_GREATER_OR_EQUAL: Comparison.Operator
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    column: str
    operator: Comparison.Operator
    value: _value_pb2.Value
    def __init__(self, column: _Optional[str] = ..., operator: _Optional[_Union[Comparison.Operator, str]] = ..., value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class Mutation(_message.Message):
    __slots__ = ("insert", "upsert", "update", "delete")
    INSERT_FIELD_NUMBER: _ClassVar[int]
    UPSERT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    insert: InsertRowsRequest
    upsert: UpsertRowsRequest
    update: UpdateRowsRequest
    delete: DeleteRowsRequest
    def __init__(self, insert: _Optional[_Union[InsertRowsRequest, _Mapping]] = ..., upsert: _Optional[_Union[UpsertRowsRequest, _Mapping]] = ..., update: _Optional[_Union[UpdateRowsRequest, _Mapping]] = ..., delete: _Optional[_Union[DeleteRowsRequest, _Mapping]] = ...) -> None: ...

class CommitRequest(_message.Message):
    __slots__ = ("database", "preconditions", "success", "failure", "validate_only", "request_id", "durability")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    PRECONDITIONS_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    database: str
    preconditions: _containers.RepeatedCompositeFieldContainer[Precondition]
    success: _containers.RepeatedCompositeFieldContainer[Mutation]
    failure: _containers.RepeatedCompositeFieldContainer[Mutation]
    validate_only: bool
    request_id: str
    durability: Durability
    def __init__(self, database: _Optional[str] = ..., preconditions: _Optional[_Iterable[_Union[Precondition, _Mapping]]] = ..., success: _Optional[_Iterable[_Union[Mutation, _Mapping]]] = ..., failure: _Optional[_Iterable[_Union[Mutation, _Mapping]]] = ..., validate_only: bool = ..., request_id: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ...) -> None: ...

class MutationResult(_message.Message):
    __slots__ = ("inserted_count", "keys", "columns", "rows", "updated_count", "ignored_count", "deleted_count")
    INSERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    inserted_count: int
    keys: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    updated_count: int
    ignored_count: int
    deleted_count: int
    def __init__(self, inserted_count: _Optional[int] = ..., keys: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., updated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., deleted_count: _Optional[int] = ...) -> None: ...

class CommitResponse(_message.Message):
    __slots__ = ("succeeded", "results", "commit_token", "replayed")
    SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    succeeded: bool
    results: _containers.RepeatedCompositeFieldContainer[MutationResult]
    commit_token: str
    replayed: bool
    def __init__(self, succeeded: bool = ..., results: _Optional[_Iterable[_Union[MutationResult, _Mapping]]] = ..., commit_token: _Optional[str] = ..., replayed: bool = ...) -> None: ...
