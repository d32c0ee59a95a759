import datetime

from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Upload(_message.Message):
    __slots__ = ("database", "upload", "state", "size_bytes", "sha256", "received_bytes", "verified_bytes", "create_time", "expire_time", "create_database", "result")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Upload.State]
        STATE_RECEIVING: _ClassVar[Upload.State]
        STATE_RECEIVED: _ClassVar[Upload.State]
        STATE_RESTORING: _ClassVar[Upload.State]
        STATE_RESTORED: _ClassVar[Upload.State]
    STATE_UNSPECIFIED: Upload.State
    STATE_RECEIVING: Upload.State
    STATE_RECEIVED: Upload.State
    STATE_RESTORING: Upload.State
    STATE_RESTORED: Upload.State
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_BYTES_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_BYTES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_DATABASE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    database: str
    upload: str
    state: Upload.State
    size_bytes: int
    sha256: bytes
    received_bytes: int
    verified_bytes: int
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    create_database: bool
    result: RestoreResult
    def __init__(self, database: _Optional[str] = ..., upload: _Optional[str] = ..., state: _Optional[_Union[Upload.State, str]] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[bytes] = ..., received_bytes: _Optional[int] = ..., verified_bytes: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_database: bool = ..., result: _Optional[_Union[RestoreResult, _Mapping]] = ...) -> None: ...

class RestoreResult(_message.Message):
    __slots__ = ("commit_token", "replaced_snapshot")
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REPLACED_SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    commit_token: str
    replaced_snapshot: str
    def __init__(self, commit_token: _Optional[str] = ..., replaced_snapshot: _Optional[str] = ...) -> None: ...

class CreateUploadRequest(_message.Message):
    __slots__ = ("database", "size_bytes", "sha256", "create_database", "ttl")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATE_DATABASE_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    database: str
    size_bytes: int
    sha256: bytes
    create_database: bool
    ttl: _duration_pb2.Duration
    def __init__(self, database: _Optional[str] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[bytes] = ..., create_database: bool = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CreateUploadResponse(_message.Message):
    __slots__ = ("upload",)
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    upload: Upload
    def __init__(self, upload: _Optional[_Union[Upload, _Mapping]] = ...) -> None: ...

class WriteUploadRequest(_message.Message):
    __slots__ = ("database", "upload", "offset", "content", "crc32c")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CRC32C_FIELD_NUMBER: _ClassVar[int]
    database: str
    upload: str
    offset: int
    content: _httpbody_pb2.HttpBody
    crc32c: int
    def __init__(self, database: _Optional[str] = ..., upload: _Optional[str] = ..., offset: _Optional[int] = ..., content: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ..., crc32c: _Optional[int] = ...) -> None: ...

class WriteUploadResponse(_message.Message):
    __slots__ = ("upload",)
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    upload: Upload
    def __init__(self, upload: _Optional[_Union[Upload, _Mapping]] = ...) -> None: ...

class GetUploadRequest(_message.Message):
    __slots__ = ("database", "upload")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    database: str
    upload: str
    def __init__(self, database: _Optional[str] = ..., upload: _Optional[str] = ...) -> None: ...

class GetUploadResponse(_message.Message):
    __slots__ = ("upload",)
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    upload: Upload
    def __init__(self, upload: _Optional[_Union[Upload, _Mapping]] = ...) -> None: ...

class ListUploadsRequest(_message.Message):
    __slots__ = ("database",)
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    database: str
    def __init__(self, database: _Optional[str] = ...) -> None: ...

class ListUploadsResponse(_message.Message):
    __slots__ = ("uploads",)
    UPLOADS_FIELD_NUMBER: _ClassVar[int]
    uploads: _containers.RepeatedCompositeFieldContainer[Upload]
    def __init__(self, uploads: _Optional[_Iterable[_Union[Upload, _Mapping]]] = ...) -> None: ...

class DeleteUploadRequest(_message.Message):
    __slots__ = ("database", "upload")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    database: str
    upload: str
    def __init__(self, database: _Optional[str] = ..., upload: _Optional[str] = ...) -> None: ...

class DeleteUploadResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RestoreDatabaseRequest(_message.Message):
    __slots__ = ("database", "upload", "options")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    database: str
    upload: str
    options: RestoreOptions
    def __init__(self, database: _Optional[str] = ..., upload: _Optional[str] = ..., options: _Optional[_Union[RestoreOptions, _Mapping]] = ...) -> None: ...

class RestoreDatabaseResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: RestoreResult
    def __init__(self, result: _Optional[_Union[RestoreResult, _Mapping]] = ...) -> None: ...

class RestoreSnapshotRequest(_message.Message):
    __slots__ = ("database", "snapshot", "options")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    options: RestoreOptions
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ..., options: _Optional[_Union[RestoreOptions, _Mapping]] = ...) -> None: ...

class RestoreSnapshotResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: RestoreResult
    def __init__(self, result: _Optional[_Union[RestoreResult, _Mapping]] = ...) -> None: ...

class RestoreOptions(_message.Message):
    __slots__ = ("validate_only", "discard_replaced", "allow_foreign_key_violations")
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    DISCARD_REPLACED_FIELD_NUMBER: _ClassVar[int]
    ALLOW_FOREIGN_KEY_VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    validate_only: bool
    discard_replaced: bool
    allow_foreign_key_violations: bool
    def __init__(self, validate_only: bool = ..., discard_replaced: bool = ..., allow_foreign_key_violations: bool = ...) -> None: ...
