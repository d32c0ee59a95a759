"""Downloads, kept only when they arrived as they were sent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import google_crc32c
import zstandard

from sluice._errors import DamagedDownload, IncompleteStream
from sluice._part import PartFile, refuse_log
from sluice._transport import Stream
from sluice.v1 import snapshot_pb2

Progress = Callable[[int, int], object]

# Of a server's blocks: a larger one would be memory for nothing.
BLOCK_BYTES_MAX = 8 << 20


def download(stream: Stream[snapshot_pb2.DownloadDatabaseResponse], path: str, progress: Progress | None) -> None:
    """Writes a download to path.part and makes it path when everything agrees; else path stays as it was."""
    with stream:
        refuse_place(path)
        first = next(iter(stream), None)  # Before the file is made: most errors come here.
        if first is None:
            raise IncompleteStream("the download was cut")
        with PartFile(path) as part:
            check = SnapshotCheck(part, progress)
            check.take(first)
            for message in stream:
                check.take(message)
            if not check.whole:
                raise IncompleteStream("the download was cut")
            part.keep()


def refuse_place(path: str) -> None:
    """Tells before anything is transferred that path cannot become the download."""
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a folder")
    if os.path.exists(path) and not os.path.isfile(path):
        raise FileExistsError(f"{path} is not an ordinary file")
    refuse_log(path)


class SnapshotCheck:
    """Takes the messages of one DownloadDatabase in turn and writes what agrees."""

    def __init__(self, to: PartFile, progress: Progress | None) -> None:
        self._to = to
        self._progress = progress
        self._sha256 = hashlib.sha256()
        self._size: int | None = None
        self._unpack: Unpacker | None = None
        self._written = 0
        self.whole = False

    def take(self, message: snapshot_pb2.DownloadDatabaseResponse) -> None:
        part = message.WhichOneof("part")
        if part == "queue":
            return  # It waits for its turn.
        if part == "chunk":
            self._write(message.chunk)
        elif part == "manifest":
            self._begin(message.manifest)
        elif part == "digest":
            self._end(message.digest)
        else:
            raise DamagedDownload("a message of a kind that this client does not know")

    def _begin(self, manifest: snapshot_pb2.SnapshotManifest) -> None:
        if self._size is not None:
            raise DamagedDownload("a second manifest")
        if (
            min(manifest.size_bytes, manifest.page_count, manifest.page_size_bytes) < 0
            or manifest.size_bytes != manifest.page_size_bytes * manifest.page_count
        ):
            raise DamagedDownload("a manifest whose sizes disagree")
        if manifest.compression != snapshot_pb2.COMPRESSION_UNSPECIFIED:
            self._unpack = Unpacker(manifest)
        self._size = manifest.size_bytes
        self._report()

    def _write(self, chunk: snapshot_pb2.SnapshotChunk) -> None:
        data = chunk.data
        if self._size is None or self.whole:
            raise DamagedDownload("a chunk out of order")
        if chunk.offset != self._written:
            raise DamagedDownload(f"a chunk for offset {chunk.offset} at {self._written}")
        if google_crc32c.value(data) != chunk.crc32c:
            raise DamagedDownload(f"the checksum of the chunk at {self._written} does not agree")
        if self._unpack is not None:
            data = self._unpack(data, self._written)
        if len(data) > self._size - self._written:
            raise DamagedDownload("more bytes than the manifest says")
        self._to.write(data)
        self._sha256.update(data)
        self._written += len(data)
        self._report()

    def _end(self, digest: snapshot_pb2.SnapshotDigest) -> None:
        if self._size is None or self.whole:
            raise DamagedDownload("a digest out of order")
        if self._written != self._size:
            raise DamagedDownload(f"{self._written} of {self._size} bytes")
        if self._sha256.digest() != digest.sha256:
            raise DamagedDownload("the SHA-256 does not agree")
        self.whole = True

    def _report(self) -> None:
        if self._progress is not None and self._size is not None:
            self._progress(self._written, self._size)


class Unpacker:
    """Makes bytes of the frames of one download, and takes no more memory than one block, whatever a frame says."""

    def __init__(self, manifest: snapshot_pb2.SnapshotManifest) -> None:
        self._manifest = manifest
        self._block = manifest.block_size_bytes
        if manifest.compression != snapshot_pb2.COMPRESSION_ZSTD or not 0 < self._block <= BLOCK_BYTES_MAX:
            raise DamagedDownload("a manifest that is packed in a way that this client does not know")
        self._decompressor = zstandard.ZstdDecompressor()

    def __call__(self, frame: bytes, offset: int) -> bytes:
        """The block at an offset of the database."""
        size = min(self._block, self._manifest.size_bytes - offset)
        try:
            # It would take as much as the frame says of itself.
            if zstandard.frame_content_size(frame) == size:
                data = self._decompressor.decompress(frame, max_output_size=size, allow_extra_data=False)
                if len(data) == size:
                    return data
        except zstandard.ZstdError:
            pass
        raise DamagedDownload(f"the chunk at {offset} is not a block of {size} bytes")
