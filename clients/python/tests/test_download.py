from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import google_crc32c
import grpc
import pytest
import zstandard

import sluice
from sluice.v1 import snapshot_pb2

from .conftest import Failure, FakeServer

Part = snapshot_pb2.DownloadDatabaseResponse
CONTENT = b"page" * 1024


def whole() -> list[Part]:
    """A download that arrived as it was sent: manifest, two chunks, digest."""
    manifest = snapshot_pb2.SnapshotManifest(page_size_bytes=1024, page_count=4, size_bytes=4096)
    chunks = [
        snapshot_pb2.SnapshotChunk(
            offset=offset, data=CONTENT[offset : offset + 2048], crc32c=google_crc32c.value(CONTENT[offset : offset + 2048])
        )
        for offset in (0, 2048)
    ]
    digest = snapshot_pb2.SnapshotDigest(sha256=hashlib.sha256(CONTENT).digest())
    return [Part(manifest=manifest), *(Part(chunk=chunk) for chunk in chunks), Part(digest=digest)]


def sending(server: FakeServer, parts: list[Part], end: Exception | None = None) -> None:
    def answer(_: Any) -> Iterator[Part]:
        yield from parts
        if end is not None:
            raise end

    server.answers["DownloadDatabase"] = answer


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def test_download_makes_the_file_and_reports_progress(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())
    path = tmp_path / "copy.db"
    path.write_bytes(b"old" * 9000)
    part_of(path).write_bytes(b"old" * 9000)
    seen: list[tuple[int, int]] = []
    database.download(path, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert not part_of(path).exists()
    assert seen == [(0, 4096), (2048, 4096), (4096, 4096)]


def flip_a_bit(parts: list[Part]) -> list[Part]:
    data = bytearray(parts[1].chunk.data)
    data[7] ^= 1
    parts[1].chunk.data = bytes(data)
    return parts


def flip_a_checksum(parts: list[Part]) -> list[Part]:
    parts[2].chunk.crc32c ^= 1
    return parts


def with_digest(digest: bytes) -> Callable[[list[Part]], list[Part]]:
    return lambda p: [*p[:3], Part(digest=snapshot_pb2.SnapshotDigest(sha256=digest))]


def with_size(pages: int, size: int) -> Callable[[list[Part]], list[Part]]:
    manifest = snapshot_pb2.SnapshotManifest(page_size_bytes=1024, page_count=pages, size_bytes=size)
    return lambda p: [Part(manifest=manifest), *p[1:]]


DAMAGES: dict[str, Callable[[list[Part]], list[Part]]] = {
    "a flipped bit": flip_a_bit,
    "a flipped checksum": flip_a_checksum,
    "another digest": with_digest(bytes(32)),
    "a short digest": with_digest(b""),
    "a missing chunk": lambda p: [p[0], p[1], p[3]],
    "the first chunk gone": lambda p: [p[0], p[2], p[3]],
    "chunks swapped": lambda p: [p[0], p[2], p[1], p[3]],
    "a chunk twice": lambda p: [p[0], p[1], p[1], p[2], p[3]],
    "no manifest": lambda p: p[1:],
    "two manifests": lambda p: [p[0], *p],
    "only a digest": lambda p: p[3:],
    "two digests": lambda p: [*p, p[3]],
    "a chunk at the end": lambda p: [*p, p[2]],
    "too small a size": with_size(2, 2048),
    "too large a size": with_size(8, 8192),
    "a size off pages": with_size(4, 4095),
    "a negative size": with_size(-1, -1024),
    "an unknown message": lambda p: [p[0], Part(), *p[1:]],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_download_keeps_nothing_that_does_not_agree(
    server: FakeServer, database: sluice.Database, tmp_path: Path, damage: Callable[[list[Part]], list[Part]]
) -> None:
    sending(server, damage(whole()))
    path = tmp_path / "copy.db"
    path.write_bytes(b"old")
    with pytest.raises(sluice.DamagedDownload):
        database.download(path)
    assert path.read_bytes() == b"old"
    assert not part_of(path).exists()


@pytest.mark.parametrize("length", range(4))
def test_a_cut_download_keeps_nothing(
    server: FakeServer, database: sluice.Database, tmp_path: Path, length: int
) -> None:
    path = tmp_path / "copy.db"
    sending(server, whole()[:length])
    with pytest.raises(sluice.IncompleteStream):
        database.download(path)
    sending(server, whole()[:length], Failure(grpc.StatusCode.DATA_LOSS, "CORRUPT"))
    with pytest.raises(sluice.DataLoss) as caught:
        database.download(path)
    assert caught.value.reason == "CORRUPT"
    assert list(tmp_path.iterdir()) == []


def test_an_error_after_the_digest_is_an_error(server: FakeServer, database: sluice.Database, tmp_path: Path) -> None:
    sending(server, whole(), Failure(grpc.StatusCode.INTERNAL, "INTERNAL"))
    with pytest.raises(sluice.Internal):
        database.download(tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_download_refuses_a_file_with_a_log_beside_it(
    server: FakeServer, database: sluice.Database, tmp_path: Path, ending: str
) -> None:
    sending(server, whole())
    (tmp_path / ("copy.db" + ending)).touch()
    with pytest.raises(FileExistsError):
        database.download(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_download_says_when_its_place_cannot_be_written(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())
    with pytest.raises(FileNotFoundError):
        database.download(tmp_path / "missing" / "copy.db")


def test_an_error_of_the_progress_callback_ends_the_download(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())

    def progress(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.download(tmp_path / "copy.db", progress)
    assert list(tmp_path.iterdir()) == []


def test_a_second_download_to_one_path_is_refused(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())
    path = tmp_path / "copy.db"
    refused: list[int] = []

    def progress(done: int, total: int) -> None:
        if done == 2048:  # The first is halfway.
            with pytest.raises(FileExistsError):
                database.download(path)
            refused.append(done)

    database.download(path, progress)
    assert path.read_bytes() == CONTENT
    assert refused and not part_of(path).exists()


def test_a_folder_is_refused_before_anything_is_transferred(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    sending(server, whole())
    seen: list[int] = []
    with pytest.raises(IsADirectoryError):
        database.download(tmp_path, lambda done, _: seen.append(done))
    assert seen == []
    assert not part_of(tmp_path).exists()


def packed(block: int) -> list[Part]:
    """The same in frames of so many bytes."""
    first, *_, last = whole()
    first.manifest.compression = snapshot_pb2.COMPRESSION_ZSTD
    first.manifest.block_size_bytes = block
    frames = [
        (offset, zstandard.compress(CONTENT[offset : offset + block])) for offset in range(0, len(CONTENT), block)
    ]
    chunks = [
        Part(chunk=snapshot_pb2.SnapshotChunk(offset=offset, data=frame, crc32c=google_crc32c.value(frame)))
        for offset, frame in frames
    ]
    return [first, *chunks, last]


@pytest.mark.parametrize("block", [1000, 1024, 4096, 1 << 20])
def test_a_packed_download_is_unpacked(
    server: FakeServer, database: sluice.Database, tmp_path: Path, block: int
) -> None:
    asked = []

    def answer(request: snapshot_pb2.DownloadDatabaseRequest) -> Iterator[Part]:
        asked.append(request.compression)
        yield from packed(block)

    server.answers["DownloadDatabase"] = answer
    database.download(tmp_path / "copy.db", compress=True)
    assert (tmp_path / "copy.db").read_bytes() == CONTENT
    assert asked == [snapshot_pb2.COMPRESSION_ZSTD]


def set_data(part: Part, data: bytes) -> None:
    part.chunk.data, part.chunk.crc32c = data, google_crc32c.value(data)


def set_block(parts: list[Part], block: int) -> None:
    parts[0].manifest.block_size_bytes = block


PACKED_CHANGES: dict[str, Callable[[list[Part]], object]] = {
    "frames of more": lambda parts: set_block(parts, 999),
    "frames of less": lambda parts: set_block(parts, 1001),
    "blocks of any size": lambda parts: set_block(parts, 1 << 30),
    "blocks of no size": lambda parts: set_block(parts, 0),
    "what is no frame": lambda parts: set_data(parts[1], b"no frame"),
    "a frame that is cut": lambda parts: set_data(parts[1], parts[1].chunk.data[:10]),
    "a frame twice": lambda parts: set_data(parts[1], parts[1].chunk.data * 2),
    "a frame with more yet": lambda parts: set_data(parts[1], parts[1].chunk.data + b"more"),
    # Of a tebibyte, by its own account.
    "a bomb": lambda parts: set_data(parts[1], b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\0\0"),
}


@pytest.mark.parametrize("name", PACKED_CHANGES)
def test_a_frame_that_is_not_its_block_is_refused(
    server: FakeServer, database: sluice.Database, tmp_path: Path, name: str
) -> None:
    parts = packed(1000)
    PACKED_CHANGES[name](parts)
    sending(server, parts)
    with pytest.raises(sluice.DamagedDownload):
        database.download(tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
