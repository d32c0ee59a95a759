from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from sluice.v1 import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DownloadDatabaseRequest(_message.Message):
    __slots__ = ("database",)
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    database: str
    def __init__(self, database: _Optional[str] = ...) -> None: ...

class DownloadDatabaseResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "digest")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    manifest: SnapshotManifest
    chunk: SnapshotChunk
    digest: SnapshotDigest
    def __init__(self, manifest: _Optional[_Union[SnapshotManifest, _Mapping]] = ..., chunk: _Optional[_Union[SnapshotChunk, _Mapping]] = ..., digest: _Optional[_Union[SnapshotDigest, _Mapping]] = ...) -> None: ...

class SnapshotManifest(_message.Message):
    __slots__ = ("page_size_bytes", "page_count", "size_bytes", "commit_token")
    PAGE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size_bytes: int
    page_count: int
    size_bytes: int
    commit_token: str
    def __init__(self, page_size_bytes: _Optional[int] = ..., page_count: _Optional[int] = ..., size_bytes: _Optional[int] = ..., commit_token: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("database", "block_size_bytes")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    BLOCK_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    database: str
    block_size_bytes: int
    def __init__(self, database: _Optional[str] = ..., block_size_bytes: _Optional[int] = ...) -> None: ...

class RefreshHashes(_message.Message):
    __slots__ = ("sha256_prefixes",)
    SHA256_PREFIXES_FIELD_NUMBER: _ClassVar[int]
    sha256_prefixes: bytes
    def __init__(self, sha256_prefixes: _Optional[bytes] = ...) -> None: ...

class RefreshDatabaseResponse(_message.Message):
    __slots__ = ("manifest", "chunk", "digest")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    manifest: SnapshotManifest
    chunk: SnapshotChunk
    digest: SnapshotDigest
    def __init__(self, manifest: _Optional[_Union[SnapshotManifest, _Mapping]] = ..., chunk: _Optional[_Union[SnapshotChunk, _Mapping]] = ..., digest: _Optional[_Union[SnapshotDigest, _Mapping]] = ...) -> None: ...

class ReadDatabaseFileRequest(_message.Message):
    __slots__ = ("database",)
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    database: str
    def __init__(self, database: _Optional[str] = ...) -> None: ...
