from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import google_crc32c
import grpc
import pytest

import sluice
from sluice._retry import DAMAGED_ATTEMPTS_MAX
from sluice.v1 import snapshot_pb2

from .conftest import Failure, FakeServer
from .test_download import part_of

Request = snapshot_pb2.RefreshDatabaseRequest
Response = snapshot_pb2.RefreshDatabaseResponse

BLOCK = 8192
HEADER = b"SQLite format 3\0" + (1024).to_bytes(2, "big")
# 12 blocks and a half, each different, behind a header that tells pages of 1024 bytes.
NOW = HEADER + b"".join(n.to_bytes(4, "big") for n in range(BLOCK * 25 // 8))[len(HEADER) :]


def refreshing(
    server: FakeServer,
    cut: Callable[[int], Exception | None] = lambda _: None,
    spoil: Callable[[snapshot_pb2.SnapshotChunk], None] = lambda _: None,
) -> None:
    """Answers as a server that has NOW; `cut` ends the n-th call after its first chunk."""
    calls = 0

    def answer(requests: Iterator[Request]) -> Iterator[Response]:
        nonlocal calls
        calls += 1
        start = next(requests).start
        assert (start.database, start.block_size_bytes) == ("d", BLOCK)
        hashes = b"".join(request.hashes.sha256_prefixes for request in requests)
        yield Response(manifest=snapshot_pb2.SnapshotManifest(page_size_bytes=1024, size_bytes=len(NOW)))
        for number, at in enumerate(range(0, len(NOW), BLOCK)):
            block = NOW[at : at + BLOCK]
            if hashes[number * 16 : number * 16 + 16] == hashlib.sha256(block).digest()[:16]:
                continue
            chunk = snapshot_pb2.SnapshotChunk(offset=at, data=block, crc32c=google_crc32c.value(block))
            spoil(chunk)
            yield Response(chunk=chunk)
            if (end := cut(calls)) is not None:
                raise end
        yield Response(digest=snapshot_pb2.SnapshotDigest(sha256=hashlib.sha256(NOW).digest()))

    server.answers["RefreshDatabase"] = answer


@pytest.mark.parametrize(
    ("before", "transferred_max"),
    [
        (None, 2 * len(NOW)),
        (NOW, 2 * BLOCK),
        (NOW[: 2 * BLOCK] + b"x" + NOW[2 * BLOCK + 1 :], 3 * BLOCK),
        (NOW + NOW, 2 * BLOCK),
        (NOW[: 3 * BLOCK + 7], len(NOW) - 2 * BLOCK),
        (b"", 2 * len(NOW)),
    ],
    ids=["none", "the same", "a block changed", "longer", "shorter", "empty"],
)
def test_refresh_transfers_what_differs(
    server: FakeServer, database: sluice.Database, tmp_path: Path, before: bytes | None, transferred_max: int
) -> None:
    refreshing(server)
    path = tmp_path / "copy.db"
    if before is not None:
        path.write_bytes(before)
    seen: list[tuple[int, int]] = []
    transferred = database.refresh(path, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == NOW
    assert transferred <= transferred_max
    assert seen[-1] == (len(NOW), len(NOW))
    assert not part_of(path).exists()


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
def test_a_cut_refresh_goes_on(
    server: FakeServer, database: sluice.Database, tmp_path: Path, code: grpc.StatusCode
) -> None:
    refreshing(server, lambda call: Failure(code, "") if call <= 3 else None)
    path = tmp_path / "copy.db"
    part_of(path).write_bytes(NOW[: 3 * BLOCK])  # Left by a process that was killed.
    database.refresh(path)
    assert path.read_bytes() == NOW


def test_a_refresh_that_gives_up_leaves_its_part(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    def answer(_: Iterator[Request]) -> Iterator[Response]:
        yield Response(queue=snapshot_pb2.SnapshotQueue(position=1))  # After it gRPC does not try again by itself.
        raise Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED")

    server.answers["RefreshDatabase"] = answer
    path = tmp_path / "copy.db"
    part_of(path).write_bytes(NOW[: 3 * BLOCK])
    with pytest.raises(sluice.Unavailable):
        database.refresh(path)
    assert part_of(path).read_bytes() == NOW[: 3 * BLOCK]
    assert not path.exists()


def test_a_damaged_chunk_is_asked_for_again(server: FakeServer, database: sluice.Database, tmp_path: Path) -> None:
    spoiled: list[int] = []

    def spoil(chunk: snapshot_pb2.SnapshotChunk) -> None:
        if chunk.offset == 5 * BLOCK and not spoiled:
            spoiled.append(chunk.offset)
            chunk.crc32c ^= 1

    refreshing(server, spoil=spoil)
    path = tmp_path / "copy.db"
    path.write_bytes(NOW[:BLOCK])
    database.refresh(path)
    assert path.read_bytes() == NOW
    assert spoiled


@pytest.mark.parametrize("whole", [False, True])
def test_a_refresh_that_stays_damaged_ends(
    server: FakeServer, database: sluice.Database, tmp_path: Path, whole: bool
) -> None:
    def spoil(chunk: snapshot_pb2.SnapshotChunk) -> None:
        if not whole and chunk.offset > 0:
            chunk.crc32c ^= 1
        elif whole:
            chunk.data = b"x" + chunk.data[1:]
            chunk.crc32c = google_crc32c.value(chunk.data)

    refreshing(server, spoil=spoil)
    with pytest.raises(sluice.DamagedDownload):
        database.refresh(tmp_path / "copy.db", timeout=10)
    assert server.calls == DAMAGED_ATTEMPTS_MAX
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("end", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["ctrl-c", "full"])
def test_a_refresh_that_is_interrupted_is_gone_on_with_unless_the_disk_is_full(
    server: FakeServer, database: sluice.Database, tmp_path: Path, end: BaseException
) -> None:
    refreshing(server)
    path = tmp_path / "copy.db"

    def progress(done: int, total: int) -> None:
        if done >= 4 * BLOCK:
            raise end

    with pytest.raises(type(end)):
        database.refresh(path, progress)
    assert part_of(path).exists() == isinstance(end, KeyboardInterrupt)
    assert database.refresh(path) > 0
    assert path.read_bytes() == NOW


def test_a_refresh_that_takes_too_long_is_gone_on_with(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    path = tmp_path / "copy.db"
    refreshing(server, cut=lambda call: Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "") if call == 1 else None)
    with pytest.raises(sluice.DeadlineExceeded):
        database.refresh(path)
    assert part_of(path).stat().st_size == BLOCK
    database.refresh(path)
    assert path.read_bytes() == NOW


def test_a_refused_refresh_leaves_the_copy(server: FakeServer, database: sluice.Database, tmp_path: Path) -> None:
    def answer(_: Iterator[Request]) -> Iterator[Response]:
        raise Failure(grpc.StatusCode.NOT_FOUND, "NO_SUCH_DATABASE")
        yield  # pylint: disable=unreachable

    server.answers["RefreshDatabase"] = answer
    path = tmp_path / "copy.db"
    path.write_bytes(NOW)
    with pytest.raises(sluice.NotFound):
        database.refresh(path)
    assert path.read_bytes() == NOW
    assert not part_of(path).exists()


def test_two_refreshes_of_one_path_never_mix(server: FakeServer, database: sluice.Database, tmp_path: Path) -> None:
    refreshing(server)
    path = tmp_path / "copy.db"

    def progress(done: int, total: int) -> None:
        if done == 0:
            with pytest.raises(FileExistsError):
                database.refresh(path)

    database.refresh(path, progress)
    assert path.read_bytes() == NOW


@pytest.mark.parametrize("content", [b"precious notes, longer than a header", b"short"])
def test_a_file_that_is_no_database_is_kept(
    server: FakeServer, database: sluice.Database, tmp_path: Path, content: bytes
) -> None:
    refreshing(server)
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(FileExistsError, match="no SQLite database"):
        database.refresh(path)
    assert path.read_bytes() == content
    assert not part_of(path).exists()
