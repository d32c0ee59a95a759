from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
    __slots__ = ("name", "declared_type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DECLARED_TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    declared_type: str
    def __init__(self, name: _Optional[str] = ..., declared_type: _Optional[str] = ...) -> None: ...

class Row(_message.Message):
    __slots__ = ("values", "key", "etag")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[Value]
    key: str
    etag: str
    def __init__(self, values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., key: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...
