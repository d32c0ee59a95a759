"""Copies brought up to date, and downloads gone on with: only what differs is transferred."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator

import google_crc32c

from sluice._download import Progress, Unpacker, refuse_place
from sluice._errors import DamagedDownload, IncompleteStream, InvalidArgument, SluiceError
from sluice._part import PartFile
from sluice._retry import Verdict, cut_if, go_on, stream_was_cut
from sluice._transport import Stream
from sluice.v1 import snapshot_pb2

Requests = Iterator[snapshot_pb2.RefreshDatabaseRequest]
Start = Callable[[Requests], "Stream[snapshot_pb2.RefreshDatabaseResponse]"]
# The rest of a kept snapshot, from an offset on.
Rest = Callable[[int], "Stream[snapshot_pb2.DownloadSnapshotResponse]"]

# Every database file begins so.
MAGIC = b"SQLite format 3\0"
HASH_BYTES = 16
HASHES_EACH = 2048
# Two pages: one would double the hashes, four the bytes that come with a changed page.
BLOCK_PAGES = 2
BLOCK_BYTES_MIN = 8 << 10
READ_BYTES = 1 << 20


def refresh(start: Start, wanted: snapshot_pb2.RefreshStart, path: str, progress: Progress | None) -> int:
    """Makes path the present state of the database that is wanted; returns how many bytes went over the network, hashes included."""
    refuse_place(path)
    refuse_other(path)
    with PartFile(path, resume=True) as part:
        part.copy_older()
        difference = Difference(start, wanted, part, progress)
        go_on(difference.attempt, verdict_of, lambda: difference.transferred)
        part.keep()
        return difference.transferred + difference.hashes_sent


def download_kept(rest: Rest, path: str, progress: Progress | None) -> None:
    """Makes path a kept snapshot, whose bytes never change, so that what has come is its beginning."""
    refuse_place(path)
    with PartFile(path, resume=True) as part:
        kept = Kept(rest, part, progress)
        go_on(kept.attempt, verdict_of, lambda: kept.transferred)
        part.keep()


def verdict_of(error: SluiceError) -> Verdict:
    return Verdict.SPOILT if isinstance(error, DamagedDownload) else cut_if(stream_was_cut(error))


def refuse_other(path: str) -> None:
    """Keeps what is neither empty nor a database: it would be lost."""
    try:
        with open(path, "rb") as file:
            header = file.read(len(MAGIC))
    except FileNotFoundError:
        return
    if header not in (b"", MAGIC):
        raise FileExistsError(f"{path} is no SQLite database, and would be lost")


class Difference:
    """What a file differs in from the present state, on its way."""

    def __init__(
        self, start: Start, wanted: snapshot_pb2.RefreshStart, part: PartFile, progress: Progress | None
    ) -> None:
        self._start = start
        self._wanted = wanted
        self._part = part
        self._progress = progress
        self.transferred = 0
        self.hashes_sent = 0

    def attempt(self) -> None:
        check = DifferenceCheck(self._part, self._progress)
        with self._start(self._requests()) as stream:
            for message in stream:
                self.transferred += len(message.chunk.data)
                check.take(message)
        check.finish()

    def _requests(self) -> Requests:
        with self._part.reader() as file:
            size = os.fstat(file.fileno()).st_size
            page = page_size_of(file.read(18))
            block = max(BLOCK_BYTES_MIN, page * BLOCK_PAGES)
            request = snapshot_pb2.RefreshDatabaseRequest(start=self._wanted)
            request.start.block_size_bytes = block
            yield request
            file.seek(0)
            blocks = size // block if page else 0
            while blocks > 0:
                count = min(blocks, HASHES_EACH)
                blocks -= count
                hashes = b"".join(hashlib.sha256(file.read(block)).digest()[:HASH_BYTES] for _ in range(count))
                self.hashes_sent += len(hashes)
                yield snapshot_pb2.RefreshDatabaseRequest(hashes=snapshot_pb2.RefreshHashes(sha256_prefixes=hashes))


class Kept:
    """A kept snapshot on its way."""

    def __init__(self, rest: Rest, part: PartFile, progress: Progress | None) -> None:
        self._rest = rest
        self._part = part
        self._progress = progress
        self.transferred = 0

    def attempt(self) -> None:
        offset = self._part.size()
        try:
            self._attempt_from(offset)
        except InvalidArgument:
            if offset == 0:
                raise
            self._part.file.truncate(0)  # What was left is of something longer.
            self._attempt_from(0)

    def _attempt_from(self, offset: int) -> None:
        check = DifferenceCheck(self._part, self._progress, offset)
        with self._rest(offset) as stream:
            for message in stream:
                self.transferred += len(message.chunk.data)
                check.take(message)
        check.finish()


class DifferenceCheck:
    """Takes the messages of one RefreshDatabase, or of the rest of a kept snapshot, in turn and writes what agrees."""

    def __init__(self, to: PartFile, progress: Progress | None, done: int = 0) -> None:
        self._to = to
        self._progress = progress
        self._size: int | None = None
        self._unpack: Unpacker | None = None
        self._done = done
        self._sha256: bytes | None = None

    def take(self, message: snapshot_pb2.RefreshDatabaseResponse | snapshot_pb2.DownloadSnapshotResponse) -> None:
        part = message.WhichOneof("part")
        if part == "queue":
            return  # It waits for its turn.
        if self._sha256 is not None or (part == "manifest") != (self._size is None):
            raise DamagedDownload("a message out of order")
        if part == "manifest":
            self._begin(message.manifest)
        elif part == "chunk":
            self._write(message.chunk)
        elif part == "digest":
            self._sha256 = message.digest.sha256
        else:
            raise DamagedDownload("a message of a kind that this client does not know")

    def _begin(self, manifest: snapshot_pb2.SnapshotManifest) -> None:
        if manifest.size_bytes < 0:
            raise DamagedDownload("a manifest with a negative size")
        if manifest.compression != snapshot_pb2.COMPRESSION_UNSPECIFIED:
            self._unpack = Unpacker(manifest)
            self._done -= self._done % manifest.block_size_bytes  # A block comes whole.
        self._size = manifest.size_bytes
        self._report()

    def _write(self, chunk: snapshot_pb2.SnapshotChunk) -> None:
        data = chunk.data
        if self._size is None or not self._done <= chunk.offset <= self._size:
            raise DamagedDownload(f"a chunk for offset {chunk.offset} at {self._done}")
        if google_crc32c.value(data) != chunk.crc32c:
            raise DamagedDownload(f"the checksum of the chunk at {chunk.offset} does not agree")
        if self._unpack is not None:
            data = self._unpack(data, chunk.offset)
        end = chunk.offset + len(data)
        if end > self._size:
            raise DamagedDownload("more bytes than the manifest says")
        self._to.write_at(chunk.offset, data)
        self._to.has_come = True
        self._done = end
        self._report()

    def finish(self) -> None:
        if self._sha256 is None or self._size is None:
            raise IncompleteStream("the download was cut")
        self._to.file.truncate(self._size)
        sha256 = hashlib.sha256()
        self._to.file.seek(0)
        while piece := self._to.file.read(READ_BYTES):
            sha256.update(piece)
        if sha256.digest() != self._sha256:
            # What is wrong with it is not known, so nothing of it is of use.
            self._to.file.truncate(0)
            raise DamagedDownload("the SHA-256 does not agree")
        self._done = self._size
        self._report()

    def _report(self) -> None:
        if self._progress is not None and self._size is not None:
            self._progress(self._done, self._size)


def page_size_of(header: bytes) -> int:
    """The page size that the beginning of a database file tells; 0 when it is none."""
    if len(header) < 18 or header[:16] != MAGIC:
        return 0
    page = int.from_bytes(header[16:18], "big")
    page = 65536 if page == 1 else page
    return page if page >= 512 and page & (page - 1) == 0 else 0
