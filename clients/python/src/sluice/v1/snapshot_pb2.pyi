import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sluice.v1 import options_pb2 as _options_pb2
from sluice.v1 import upload_pb2 as _upload_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Compression(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPRESSION_UNSPECIFIED: _ClassVar[Compression]
    COMPRESSION_ZSTD: _ClassVar[Compression]
COMPRESSION_UNSPECIFIED: Compression
COMPRESSION_ZSTD: Compression

class Snapshot(_message.Message):
    __slots__ = ("database", "snapshot", "state", "page_size_bytes", "size_bytes", "sha256", "commit_token", "create_time", "expire_time", "compact", "tables", "compression", "file_size_bytes")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Snapshot.State]
        STATE_CREATING: _ClassVar[Snapshot.State]
        STATE_READY: _ClassVar[Snapshot.State]
    STATE_UNSPECIFIED: Snapshot.State
    STATE_CREATING: Snapshot.State
    STATE_READY: Snapshot.State
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPACT_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    FILE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    state: Snapshot.State
    page_size_bytes: int
    size_bytes: int
    sha256: bytes
    commit_token: str
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    compact: bool
    tables: _containers.RepeatedScalarFieldContainer[str]
    compression: Compression
    file_size_bytes: int
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ..., state: _Optional[_Union[Snapshot.State, str]] = ..., page_size_bytes: _Optional[int] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[bytes] = ..., commit_token: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., compact: bool = ..., tables: _Optional[_Iterable[str]] = ..., compression: _Optional[_Union[Compression, str]] = ..., file_size_bytes: _Optional[int] = ...) -> None: ...

class CreateSnapshotRequest(_message.Message):
    __slots__ = ("database", "compact", "ttl", "tables", "compression", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    COMPACT_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    compact: bool
    ttl: _duration_pb2.Duration
    tables: _containers.RepeatedScalarFieldContainer[str]
    compression: Compression
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., compact: bool = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., tables: _Optional[_Iterable[str]] = ..., compression: _Optional[_Union[Compression, str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class CreateSnapshotResponse(_message.Message):
    __slots__ = ("snapshot",)
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    snapshot: Snapshot
    def __init__(self, snapshot: _Optional[_Union[Snapshot, _Mapping]] = ...) -> None: ...

class ListSnapshotsRequest(_message.Message):
    __slots__ = ("database", "page_size", "page_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    page_size: int
    page_token: str
    def __init__(self, database: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSnapshotsResponse(_message.Message):
    __slots__ = ("snapshots", "next_page_token")
    SNAPSHOTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    snapshots: _containers.RepeatedCompositeFieldContainer[Snapshot]
    next_page_token: str
    def __init__(self, snapshots: _Optional[_Iterable[_Union[Snapshot, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetSnapshotRequest(_message.Message):
    __slots__ = ("database", "snapshot")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ...) -> None: ...

class GetSnapshotResponse(_message.Message):
    __slots__ = ("snapshot",)
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    snapshot: Snapshot
    def __init__(self, snapshot: _Optional[_Union[Snapshot, _Mapping]] = ...) -> None: ...

class DeleteSnapshotRequest(_message.Message):
    __slots__ = ("database", "snapshot")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ...) -> None: ...

class DeleteSnapshotResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DownloadSnapshotRequest(_message.Message):
    __slots__ = ("database", "snapshot", "offset", "compression")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    offset: int
    compression: Compression
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ..., offset: _Optional[int] = ..., compression: _Optional[_Union[Compression, str]] = ...) -> None: ...

class DownloadSnapshotResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "digest", "queue")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    manifest: SnapshotManifest
    chunk: SnapshotChunk
    digest: SnapshotDigest
    queue: SnapshotQueue
    def __init__(self, manifest: _Optional[_Union[SnapshotManifest, _Mapping]] = ..., chunk: _Optional[_Union[SnapshotChunk, _Mapping]] = ..., digest: _Optional[_Union[SnapshotDigest, _Mapping]] = ..., queue: _Optional[_Union[SnapshotQueue, _Mapping]] = ...) -> None: ...

class ReadSnapshotFileRequest(_message.Message):
    __slots__ = ("database", "snapshot")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    database: str
    snapshot: str
    def __init__(self, database: _Optional[str] = ..., snapshot: _Optional[str] = ...) -> None: ...

class DownloadDatabaseRequest(_message.Message):
    __slots__ = ("database", "compression", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    compression: Compression
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., compression: _Optional[_Union[Compression, str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class DownloadDatabaseResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "digest", "queue")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    manifest: SnapshotManifest
    chunk: SnapshotChunk
    digest: SnapshotDigest
    queue: SnapshotQueue
    def __init__(self, manifest: _Optional[_Union[SnapshotManifest, _Mapping]] = ..., chunk: _Optional[_Union[SnapshotChunk, _Mapping]] = ..., digest: _Optional[_Union[SnapshotDigest, _Mapping]] = ..., queue: _Optional[_Union[SnapshotQueue, _Mapping]] = ...) -> None: ...

class SnapshotQueue(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class SnapshotManifest(_message.Message):
    __slots__ = ("page_size_bytes", "page_count", "size_bytes", "commit_token", "compression", "block_size_bytes")
    PAGE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    BLOCK_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    page_size_bytes: int
    page_count: int
    size_bytes: int
    commit_token: str
    compression: Compression
    block_size_bytes: int
    def __init__(self, page_size_bytes: _Optional[int] = ..., page_count: _Optional[int] = ..., size_bytes: _Optional[int] = ..., commit_token: _Optional[str] = ..., compression: _Optional[_Union[Compression, str]] = ..., block_size_bytes: _Optional[int] = ...) -> None: ...

class SnapshotChunk(_message.Message):
    __slots__ = ("offset", "data", "crc32c")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    CRC32C_FIELD_NUMBER: _ClassVar[int]
    offset: int
    data: bytes
    crc32c: int
    def __init__(self, offset: _Optional[int] = ..., data: _Optional[bytes] = ..., crc32c: _Optional[int] = ...) -> None: ...

class SnapshotDigest(_message.Message):
    __slots__ = ("sha256",)
    SHA256_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    def __init__(self, sha256: _Optional[bytes] = ...) -> None: ...

class RefreshDatabaseRequest(_message.Message):
    __slots__ = ("start", "hashes")
    START_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    start: RefreshStart
    hashes: RefreshHashes
    def __init__(self, start: _Optional[_Union[RefreshStart, _Mapping]] = ..., hashes: _Optional[_Union[RefreshHashes, _Mapping]] = ...) -> None: ...

class RefreshStart(_message.Message):
    __slots__ = ("database", "block_size_bytes", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    BLOCK_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    block_size_bytes: int
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., block_size_bytes: _Optional[int] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class RefreshHashes(_message.Message):
    __slots__ = ("sha256_prefixes",)
    SHA256_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    sha256_prefixes: bytes
    def __init__(self, sha256_prefixes: _Optional[bytes] = ...) -> None: ...

class RefreshDatabaseResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "digest", "queue")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    manifest: SnapshotManifest
    chunk: SnapshotChunk
    digest: SnapshotDigest
    queue: SnapshotQueue
    def __init__(self, manifest: _Optional[_Union[SnapshotManifest, _Mapping]] = ..., chunk: _Optional[_Union[SnapshotChunk, _Mapping]] = ..., digest: _Optional[_Union[SnapshotDigest, _Mapping]] = ..., queue: _Optional[_Union[SnapshotQueue, _Mapping]] = ...) -> None: ...

class ReadDatabaseFileRequest(_message.Message):
    __slots__ = ("database", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., min_commit_token: _Optional[str] = ...) -> None: ...
