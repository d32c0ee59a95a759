from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RowLayout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROW_LAYOUT_UNSPECIFIED: _ClassVar[RowLayout]
    ROW_LAYOUT_ROWS: _ClassVar[RowLayout]
    ROW_LAYOUT_COLUMNS: _ClassVar[RowLayout]
ROW_LAYOUT_UNSPECIFIED: RowLayout
ROW_LAYOUT_ROWS: RowLayout
ROW_LAYOUT_COLUMNS: RowLayout

class Value(_message.Message):
    __slots__ = ("null", "integer", "real", "text", "blob", "raw_text")
    NULL_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    REAL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    BLOB_FIELD_NUMBER: _ClassVar[int]
    RAW_TEXT_FIELD_NUMBER: _ClassVar[int]
    null: _struct_pb2.NullValue
    integer: int
    real: float
    text: str
    blob: bytes
    raw_text: bytes
    def __init__(self, null: _Optional[_Union[_struct_pb2.NullValue, str]] = ..., integer: _Optional[int] = ..., real: _Optional[float] = ..., text: _Optional[str] = ..., blob: _Optional[bytes] = ..., raw_text: _Optional[bytes] = ...) -> None: ...

class Column(_message.Message):
    __slots__ = ("name", "declared_type", "label_of")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECLARED_TYPE_FIELD_NUMBER: _ClassVar[int]
    LABEL_OF_FIELD_NUMBER: _ClassVar[int]
    name: str
    declared_type: str
    label_of: str
    def __init__(self, name: _Optional[str] = ..., declared_type: _Optional[str] = ..., label_of: _Optional[str] = ...) -> None: ...

class Row(_message.Message):
    __slots__ = ("values", "key", "etag")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[Value]
    key: str
    etag: str
    def __init__(self, values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., key: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class PackedRows(_message.Message):
    __slots__ = ("row_count", "columns", "keys")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    columns: _containers.RepeatedCompositeFieldContainer[PackedColumn]
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, row_count: _Optional[int] = ..., columns: _Optional[_Iterable[_Union[PackedColumn, _Mapping]]] = ..., keys: _Optional[_Iterable[str]] = ...) -> None: ...

class PackedColumn(_message.Message):
    __slots__ = ("integers", "reals", "texts", "blobs", "nulls", "other_rows", "others")
    INTEGERS_FIELD_NUMBER: _ClassVar[int]
    REALS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    BLOBS_FIELD_NUMBER: _ClassVar[int]
    NULLS_FIELD_NUMBER: _ClassVar[int]
    OTHER_ROWS_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    integers: _containers.RepeatedScalarFieldContainer[int]
    reals: _containers.RepeatedScalarFieldContainer[float]
    texts: _containers.RepeatedScalarFieldContainer[str]
    blobs: _containers.RepeatedScalarFieldContainer[bytes]
    nulls: _containers.RepeatedScalarFieldContainer[int]
    other_rows: _containers.RepeatedScalarFieldContainer[int]
    others: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, integers: _Optional[_Iterable[int]] = ..., reals: _Optional[_Iterable[float]] = ..., texts: _Optional[_Iterable[str]] = ..., blobs: _Optional[_Iterable[bytes]] = ..., nulls: _Optional[_Iterable[int]] = ..., other_rows: _Optional[_Iterable[int]] = ..., others: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...
