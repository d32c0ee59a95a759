from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import google_crc32c
import grpc
import pytest

import sluice
from sluice.v1 import upload_pb2

from .conftest import Failure, FakeServer

CONTENT = b"page" * 700_000


class Uploads:
    """What the server keeps of uploads. `failures` are answered to pieces, one each, the byte taken or not."""

    def __init__(self, server: FakeServer) -> None:
        self.received = b""
        self.there: list[upload_pb2.Upload] = []
        self.failures: list[tuple[Failure, bool]] = []
        self.restored: list[upload_pb2.RestoreDatabaseRequest] = []
        # What the answers to restores are instead, one after another.
        self.lost: list[Failure] = []
        for name in ("ListUploads", "CreateUpload", "WriteUpload", "GetUpload", "RestoreDatabase"):
            server.answers[name] = getattr(self, name)

    def state(self) -> upload_pb2.Upload:
        return upload_pb2.Upload(upload="u", received_bytes=len(self.received))

    def ListUploads(self, _: Any) -> upload_pb2.ListUploadsResponse:  # noqa: N802
        if not self.there:
            raise Failure(grpc.StatusCode.NOT_FOUND, "NO_SUCH_DATABASE")
        return upload_pb2.ListUploadsResponse(uploads=self.there)

    def CreateUpload(self, request: upload_pb2.CreateUploadRequest) -> upload_pb2.CreateUploadResponse:  # noqa: N802
        assert (request.size_bytes, request.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).digest())
        return upload_pb2.CreateUploadResponse(upload=self.state())

    def WriteUpload(self, request: upload_pb2.WriteUploadRequest) -> upload_pb2.WriteUploadResponse:  # noqa: N802
        assert request.crc32c == google_crc32c.value(request.content.data)
        failure, taken = self.failures.pop() if self.failures else (None, True)
        if taken:
            assert request.offset <= len(self.received)
            self.received = self.received[: request.offset] + request.content.data
        if failure is not None:
            raise failure
        return upload_pb2.WriteUploadResponse(upload=self.state())

    def GetUpload(self, _: Any) -> upload_pb2.GetUploadResponse:  # noqa: N802
        return upload_pb2.GetUploadResponse(upload=self.state())

    def RestoreDatabase(self, request: upload_pb2.RestoreDatabaseRequest) -> Any:  # noqa: N802
        self.restored.append(request)
        if self.lost:
            raise self.lost.pop(0)
        return upload_pb2.RestoreDatabaseResponse(result=upload_pb2.RestoreResult(commit_token="new-0"))


@pytest.fixture
def uploads(server: FakeServer) -> Uploads:
    return Uploads(server)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "backup.db"
    path.write_bytes(CONTENT)
    return path


def test_restore_sends_the_file_and_reports_progress(
    uploads: Uploads, database: sluice.Database, backup: Path, server: FakeServer
) -> None:
    seen: list[tuple[int, int]] = []
    result = database.restore(backup, lambda done, total: seen.append((done, total)), discard_replaced=True)
    assert result.commit_token == "new-0"
    assert uploads.received == CONTENT
    assert seen[0] == (0, len(CONTENT)) and seen[-1] == (len(CONTENT), len(CONTENT))
    assert uploads.restored[0].options.discard_replaced
    # Checking takes longer than other calls may.
    assert server.remaining is not None and server.remaining > 3600


def test_restore_goes_on_after_a_cut(uploads: Uploads, database: sluice.Database, backup: Path) -> None:
    uploads.failures = [
        (Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING"), False),
        (Failure(grpc.StatusCode.UNAVAILABLE, ""), True),
        (Failure(grpc.StatusCode.DATA_LOSS, "CORRUPT"), False),
    ]
    database.restore(backup)
    assert uploads.received == CONTENT


def test_restore_goes_on_with_what_was_sent_before(uploads: Uploads, database: sluice.Database, backup: Path) -> None:
    uploads.received = CONTENT[: 1 << 20]
    digest = hashlib.sha256(CONTENT).digest()
    other = upload_pb2.Upload(upload="other", size_bytes=len(CONTENT), sha256=b"other")
    mine = upload_pb2.Upload(upload="u", size_bytes=len(CONTENT), sha256=digest, received_bytes=1 << 20)
    uploads.there = [other, mine]
    database.restore(backup)
    assert uploads.received == CONTENT


def test_restore_gives_up_when_nothing_comes_of_it(uploads: Uploads, database: sluice.Database, backup: Path) -> None:
    uploads.failures = [(Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING"), False)] * 20
    with pytest.raises(sluice.Unavailable):
        database.restore(backup)
    uploads.failures = [(Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "DISK_FULL"), False)]
    with pytest.raises(sluice.ResourceExhausted):
        database.restore(backup)
    assert not uploads.restored


@pytest.mark.parametrize(("ending", "content"), [("-wal", b"frames"), ("-journal", b"")])
def test_restore_refuses_a_file_whose_log_is_beside_it(
    uploads: Uploads, database: sluice.Database, backup: Path, ending: str, content: bytes
) -> None:
    backup.with_name(backup.name + ending).write_bytes(content)
    with pytest.raises(FileExistsError, match="VACUUM INTO"):
        database.restore(backup)
    assert uploads.received == b""


def test_restore_takes_a_file_whose_log_is_empty(uploads: Uploads, database: sluice.Database, backup: Path) -> None:
    backup.with_name(backup.name + "-wal").touch()
    database.restore(backup)
    assert uploads.received == CONTENT


def test_a_piece_that_takes_too_long_is_sent_again(uploads: Uploads, database: sluice.Database, backup: Path) -> None:
    late = Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "")
    uploads.failures = [(late, False), (late, True)]
    database.restore(backup)
    assert uploads.received == CONTENT


def test_a_restore_whose_answer_is_lost_is_asked_for_again(
    uploads: Uploads, database: sluice.Database, backup: Path
) -> None:
    # gRPC itself asks twice.
    uploads.lost = [Failure(grpc.StatusCode.UNAVAILABLE, reason) for reason in ("", "", "DRAINING")]
    assert database.restore(backup).commit_token == "new-0"
    assert {request.upload for request in uploads.restored} == {"u"} and len(uploads.restored) == 4


def test_a_restore_that_cannot_have_the_database_ends(
    uploads: Uploads, database: sluice.Database, backup: Path
) -> None:
    uploads.lost = [Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED")] * 9
    with pytest.raises(sluice.Unavailable):
        database.restore(backup)
    assert len(uploads.restored) == 2
