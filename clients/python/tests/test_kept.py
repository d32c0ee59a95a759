from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import google_crc32c
import grpc
import pytest
import zstandard

import sluice
from sluice.v1 import snapshot_pb2

from .conftest import Failure, FakeServer
from .test_download import part_of
from .test_refresh import BLOCK, NOW

Part = snapshot_pb2.DownloadSnapshotResponse


def keeping(server: FakeServer, cuts: list[int], packed: bool) -> None:
    """Answers as a server that keeps NOW, maybe packed; `cuts` says after how many chunks each call ends."""

    def answer(request: snapshot_pb2.DownloadSnapshotRequest) -> Iterator[Part]:
        if request.offset > len(NOW):
            raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "BAD_REQUEST")
        left = cuts.pop(0) if cuts else -1
        manifest = snapshot_pb2.SnapshotManifest(page_size_bytes=1024, size_bytes=len(NOW))
        begin = request.offset
        if packed and request.compression == snapshot_pb2.COMPRESSION_ZSTD:
            manifest.compression, manifest.block_size_bytes = snapshot_pb2.COMPRESSION_ZSTD, BLOCK
            begin -= begin % BLOCK
        yield Part(manifest=manifest)
        for at in range(begin, len(NOW), BLOCK):
            if left == 0:
                raise Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
            left -= 1
            data = NOW[at : at + BLOCK]
            if manifest.compression:
                data = zstandard.compress(data)
            yield Part(chunk=snapshot_pb2.SnapshotChunk(offset=at, data=data, crc32c=google_crc32c.value(data)))
        yield Part(digest=snapshot_pb2.SnapshotDigest(sha256=hashlib.sha256(NOW).digest()))

    server.answers["DownloadSnapshot"] = answer


@pytest.mark.parametrize(
    ("left", "cuts", "offsets"),
    [
        (None, [], [0]),
        (None, [3, 2], [0, 3 * BLOCK, 5 * BLOCK]),
        (NOW[: BLOCK + 5], [], [BLOCK + 5]),
        (NOW + NOW, [], [2 * len(NOW), 0]),
        (bytes(BLOCK), [], [BLOCK, 0]),
        (NOW, [], [len(NOW)]),
    ],
    ids=["nothing there", "cut twice", "left by another", "something longer", "something else", "all of it there"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "packed"])
def test_a_download_of_a_kept_snapshot_goes_on(
    server: FakeServer,
    database: sluice.Database,
    tmp_path: Path,
    left: bytes | None,
    cuts: list[int],
    offsets: list[int],
    packed: bool,
) -> None:
    keeping(server, list(cuts), packed)
    path = tmp_path / "copy.db"
    if left is not None:
        part_of(path).write_bytes(left)
    database.download(path, snapshot="s")
    assert path.read_bytes() == NOW
    assert not part_of(path).exists()
    assert [request.offset for request in server.requests] == offsets


def test_a_kept_snapshot_that_is_not_there_leaves_nothing(
    server: FakeServer, database: sluice.Database, tmp_path: Path
) -> None:
    with pytest.raises(sluice.Unimplemented):
        database.download(tmp_path / "copy.db", snapshot="s")
    assert list(tmp_path.iterdir()) == []
