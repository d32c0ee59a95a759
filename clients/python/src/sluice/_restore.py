"""Files and snapshots in the place of databases."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import BinaryIO

import google_crc32c
from google.api import httpbody_pb2

from sluice._errors import Aborted, DataLoss, DeadlineExceeded, NotFound, SluiceError
from sluice._retry import Verdict, connection_lost, cut_if, go_on, stream_was_cut
from sluice._stubs import Stubs
from sluice.v1 import upload_pb2

Progress = Callable[[int, int], object]

PIECE_BYTES = 1 << 20
# A check takes as long as the file is large.
RESTORE_SECONDS = 24 * 3600.0


class Restores:
    """The part of a database that replaces it."""

    _stubs: Stubs
    name: str

    def restore(
        self,
        path: str | os.PathLike[str],
        progress: Progress | None = None,
        *,
        create: bool = False,
        validate_only: bool = False,
        discard_replaced: bool = False,
        allow_foreign_key_violations: bool = False,
        timeout: float | None = None,
    ) -> upload_pb2.RestoreResult:
        """Puts the file at `path` in the place of the database; `create` makes a new one of it.

        It is sent in pieces. One that was sent before, whole or in part, is gone on with, also by another process, and a
        connection that breaks is taken up again, up to five times in a row without a further byte. The server checks the
        file before anything is replaced; what it replaces becomes a kept snapshot, which the result names, unless
        `discard_replaced`. `validate_only` lets the server check everything and change nothing. `progress` is called
        with the bytes that are on the server's disk and all of them. `timeout` is for the last call, which checks the
        file and puts it in place.

        A file with a `-wal` that is not empty, or a `-journal`, beside it is refused (FileExistsError): a part of the
        database is in there, and would not be sent. VACUUM INTO makes a copy that is whole; so does closing the database,
        which ends both.
        """
        refuse_live(os.fspath(path))
        with open(path, "rb") as file:
            upload = _Upload(self._stubs, self.name, file, create, progress).send()
        request = upload_pb2.RestoreDatabaseRequest(
            database=self.name,
            upload=upload,
            options=_options(validate_only, discard_replaced, allow_foreign_key_violations),
        )

        def restore() -> upload_pb2.RestoreDatabaseResponse:
            answer: upload_pb2.RestoreDatabaseResponse = self._stubs.transport.unary(
                self._stubs.snapshot.RestoreDatabase, request, timeout, RESTORE_SECONDS
            )
            return answer

        # When the answer is lost: the server restores an upload once, and answers alike.
        return go_on(restore, lambda error: cut_if(connection_lost(error)), lambda: 0).result

    def restore_snapshot(
        self,
        snapshot: str,
        *,
        validate_only: bool = False,
        discard_replaced: bool = False,
        allow_foreign_key_violations: bool = False,
        timeout: float | None = None,
    ) -> upload_pb2.RestoreResult:
        """Puts the database back to a kept snapshot, as `restore` does with a file."""
        request = upload_pb2.RestoreSnapshotRequest(
            database=self.name,
            snapshot=snapshot,
            options=_options(validate_only, discard_replaced, allow_foreign_key_violations),
        )
        response: upload_pb2.RestoreSnapshotResponse = self._stubs.transport.unary(
            self._stubs.snapshot.RestoreSnapshot, request, timeout, RESTORE_SECONDS
        )
        return response.result


def refuse_live(path: str) -> None:
    """Refuses a file of which a part may stand in a log beside it."""
    wal, journal = path + "-wal", path + "-journal"
    if os.path.lexists(journal):
        log = journal
    elif os.path.exists(wal) and os.path.getsize(wal) > 0:
        log = wal
    else:
        return
    raise FileExistsError(
        f"not sending {path}: a part of the database may be in {log}; close it, run PRAGMA wal_checkpoint(TRUNCATE), "
        "or send a copy made by VACUUM INTO"
    )


def _options(
    validate_only: bool, discard_replaced: bool, allow_foreign_key_violations: bool
) -> upload_pb2.RestoreOptions:
    return upload_pb2.RestoreOptions(
        validate_only=validate_only,
        discard_replaced=discard_replaced,
        allow_foreign_key_violations=allow_foreign_key_violations,
    )


class _Upload:
    """A file on its way to the server."""

    def __init__(self, stubs: Stubs, database: str, file: BinaryIO, create: bool, progress: Progress | None) -> None:
        self._stubs = stubs
        self._transport = stubs.transport
        self._database = database
        self._file = file
        self._create = create
        self._progress = progress
        digest = hashlib.sha256()
        self._size = 0
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            self._size += len(piece)
        self._sha256 = digest.digest()
        # As far as the server has told.
        self._upload = upload_pb2.Upload()
        # Nothing has failed since, so that the server need not be asked.
        self._known = False

    def send(self) -> str:
        """Gives the upload's name, once all of the file is on the server's disk."""
        self._upload = self._find_or_create()
        self._known = True
        go_on(self._send_rest, _verdict_of, lambda: self._upload.received_bytes)
        return self._upload.upload

    def _send_rest(self) -> None:
        if not self._known:
            self._upload = self._look()
        self._known = False
        while True:
            if self._progress is not None:
                self._progress(self._upload.received_bytes, self._size)
            if self._upload.received_bytes >= self._size:
                return
            self._upload = self._send_piece(self._upload)

    def _find_or_create(self) -> upload_pb2.Upload:
        """One of the same bytes that has not been restored yet, or a new one."""
        listing = upload_pb2.ListUploadsRequest(database=self._database)
        try:
            there: upload_pb2.ListUploadsResponse = self._transport.unary(
                self._stubs.snapshot.ListUploads, listing, None
            )
        except NotFound:
            there = upload_pb2.ListUploadsResponse()
        for upload in there.uploads:
            if (upload.sha256, upload.size_bytes, upload.create_database) == (
                self._sha256,
                self._size,
                self._create,
            ) and upload.state != upload_pb2.Upload.STATE_RESTORED:
                return upload
        request = upload_pb2.CreateUploadRequest(
            database=self._database, size_bytes=self._size, sha256=self._sha256, create_database=self._create
        )
        made: upload_pb2.CreateUploadResponse = self._transport.unary(self._stubs.snapshot.CreateUpload, request, None)
        return made.upload

    def _send_piece(self, upload: upload_pb2.Upload) -> upload_pb2.Upload:
        self._file.seek(upload.received_bytes)
        piece = self._file.read(PIECE_BYTES)
        if not piece:
            raise EOFError("the file became shorter while it was sent")
        request = upload_pb2.WriteUploadRequest(
            database=self._database,
            upload=upload.upload,
            offset=upload.received_bytes,
            content=httpbody_pb2.HttpBody(data=piece),
            crc32c=google_crc32c.value(piece),
        )
        written: upload_pb2.WriteUploadResponse = self._transport.unary(
            self._stubs.snapshot.WriteUpload, request, None
        )
        return written.upload

    def _look(self) -> upload_pb2.Upload:
        """How far it is."""
        request = upload_pb2.GetUploadRequest(database=self._database, upload=self._upload.upload)
        found: upload_pb2.GetUploadResponse = self._transport.unary(self._stubs.snapshot.GetUpload, request, None)
        return found.upload


def _verdict_of(error: SluiceError) -> Verdict:
    """Whether another attempt may do better: the server knows how far the upload is. A piece that took too long was cut."""
    return cut_if(
        stream_was_cut(error)
        or isinstance(error, DeadlineExceeded)
        or (isinstance(error, Aborted) and error.reason == "UPLOAD_OFFSET")
        or (isinstance(error, DataLoss) and error.reason == "CORRUPT")
    )
