"""Copies brought up to date, and downloads gone on with: only what differs is transferred."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import BinaryIO

import google_crc32c

from sluice._download import PartFile, Progress, refuse_place
from sluice._errors import Cancelled, DamagedDownload, IncompleteStream, Unavailable
from sluice._transport import Stream
from sluice.v1 import snapshot_pb2

Requests = Iterator[snapshot_pb2.RefreshDatabaseRequest]
Start = Callable[[Requests], "Stream[snapshot_pb2.RefreshDatabaseResponse]"]

# Every database file begins so.
MAGIC = b"SQLite format 3\0"
FRUITLESS_ATTEMPTS_MAX = 5
FIRST_WAIT_SECONDS = 0.2
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
    with ResumedPart(path) as part:
        attempts = Attempts(start, wanted, part, progress)
        attempts.run()
        part.keep()
        return attempts.transferred + attempts.hashes_sent


def refuse_other(path: str) -> None:
    """Keeps what is neither empty nor a database: it would be lost."""
    try:
        with open(path, "rb") as file:
            header = file.read(len(MAGIC))
    except FileNotFoundError:
        return
    if header not in (b"", MAGIC):
        raise FileExistsError(f"{path} is no SQLite database, and would be lost")


class ResumedPart(PartFile):
    """The part that a download before has left, or a copy of the older file, or nothing yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.keep_part = False

    def __enter__(self) -> ResumedPart:
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        self.file: BinaryIO = os.fdopen(descriptor, "r+b", buffering=0)
        if not lock(self.file) or not self._is_ours():
            self.file.close()
            raise FileExistsError(f"{self._part} is being written by another")
        if self.size() == 0 and os.path.exists(self._path):
            try:
                shutil.copyfile(self._path, self._part)
            except BaseException:
                self.__exit__(None, None, None)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A disk that is full is not to stay full.
        if not self.file.closed and self.keep_part and self.size() > 0 and not isinstance(error, OSError):
            self.file.close()
        super().__exit__(kind, error, trace)

    def size(self) -> int:
        return os.fstat(self.file.fileno()).st_size

    def reader(self) -> BinaryIO:
        """The same bytes, for another thread."""
        return open(self._part, "rb")

    def write_at(self, offset: int, data: bytes) -> None:
        self.file.seek(offset)
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]


class Attempts:
    """Goes on until the server's last message, and the digest of what the disk holds, agree."""

    def __init__(
        self, start: Start, wanted: snapshot_pb2.RefreshStart, part: ResumedPart, progress: Progress | None
    ) -> None:
        self._start = start
        self._wanted = wanted
        self._part = part
        self._progress = progress
        self.transferred = 0
        self.hashes_sent = 0

    def run(self) -> None:
        fruitless = 0
        while True:
            before = self.transferred
            try:
                return self._attempt()
            # The server cancels a receiver that stood still for too long.
            except (Unavailable, Cancelled, DamagedDownload) as error:
                self._part.keep_part = True
                fruitless = 0 if self.transferred > before else fruitless + 1
                if fruitless >= FRUITLESS_ATTEMPTS_MAX:
                    raise error
                time.sleep(FIRST_WAIT_SECONDS * 2**fruitless)

    def _attempt(self) -> None:
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


class DifferenceCheck:
    """Takes the messages of one RefreshDatabase in turn and writes what agrees."""

    def __init__(self, to: ResumedPart, progress: Progress | None) -> None:
        self._to = to
        self._progress = progress
        self._size: int | None = None
        self._done = 0
        self._sha256: bytes | None = None

    def take(self, message: snapshot_pb2.RefreshDatabaseResponse) -> None:
        part = message.WhichOneof("part")
        if part == "queue":
            return  # It waits for its turn.
        if self._sha256 is not None or (part == "manifest") != (self._size is None):
            raise DamagedDownload("a message out of order")
        if part == "manifest":
            if message.manifest.size_bytes < 0:
                raise DamagedDownload("a manifest with a negative size")
            self._size = message.manifest.size_bytes
            self._report()
        elif part == "chunk":
            self._write(message.chunk)
        elif part == "digest":
            self._sha256 = message.digest.sha256
        else:
            raise DamagedDownload("a message of a kind that this client does not know")

    def _write(self, chunk: snapshot_pb2.SnapshotChunk) -> None:
        end = chunk.offset + len(chunk.data)
        if chunk.offset < self._done or self._size is None or end > self._size:
            raise DamagedDownload(f"a chunk for offset {chunk.offset} at {self._done}")
        if google_crc32c.value(chunk.data) != chunk.crc32c:
            raise DamagedDownload(f"the checksum of the chunk at {chunk.offset} does not agree")
        self._to.write_at(chunk.offset, chunk.data)
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


def lock(file: BinaryIO) -> bool:
    """Whether nobody else has it. Where files cannot be locked this way, nobody can tell."""
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
