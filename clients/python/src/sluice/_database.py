"""One database of a server."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from sluice._download import Progress, download
from sluice._execute import Executes
from sluice._load import Loads
from sluice._query import ColumnLists, Params, QueryResult, Rows, read_lists, set_params
from sluice._reads import LIST_PAGE_SIZE, RowReads, names, paged
from sluice._refresh import download_kept, refresh
from sluice._restore import Restores
from sluice._resumed import ResumedStream
from sluice._rows import Row
from sluice._stubs import Stubs
from sluice._tables import TableChanges
from sluice._transport import Stream
from sluice._values import to_proto
from sluice._write import Writes
from sluice._write_requests import DURABILITY, Durability
from sluice.v1 import catalog_pb2, query_pb2, snapshot_pb2, value_pb2

SNAPSHOT_POLL_SECONDS = 1.0


class Database(RowReads, Writes, Executes, TableChanges, Loads, Restores):
    """One database. Every method takes `timeout` in seconds; without it streams have no deadline, and other calls that
    of `connect`."""

    def __init__(self, stubs: Stubs, name: str) -> None:
        self._stubs = stubs
        self._transport = stubs.transport
        self.name = name
        self._min_token = ""

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    def at_least(self, commit_token: str) -> Database:
        """The same database, whose reads see a state at least as new as the write that was answered with this commit
        token. They fail with Unavailable (`COMMIT_NOT_REACHED`) where it has not arrived, and with FailedPrecondition
        (`OTHER_HISTORY`) when the database was restored or replaced since."""
        reads = Database(self._stubs, self.name)
        reads._min_token = commit_token
        return reads

    def describe(self, *, timeout: float | None = None) -> catalog_pb2.Database:
        """Size, counts and state of the database."""
        request = catalog_pb2.GetDatabaseRequest(database=self.name)
        response: catalog_pb2.GetDatabaseResponse = self._transport.unary(
            self._stubs.catalog.GetDatabase, request, timeout
        )
        return response.database

    def tables(self, *, timeout: float | None = None) -> Iterator[catalog_pb2.Table]:
        """The tables and views by name, without the hidden ones. `table` has their columns."""

        def fetch(token: str) -> tuple[Iterable[catalog_pb2.Table], str]:
            request = catalog_pb2.ListTablesRequest(database=self.name, page_size=LIST_PAGE_SIZE, page_token=token)
            response = self._transport.unary(self._stubs.catalog.ListTables, request, timeout)
            return response.tables, response.next_page_token

        return paged(fetch)

    def table(self, name: str, *, timeout: float | None = None) -> catalog_pb2.Table:
        """A table or view: columns, keys, indexes, triggers, number of rows."""
        request = catalog_pb2.GetTableRequest(database=self.name, table=name)
        response: catalog_pb2.GetTableResponse = self._transport.unary(self._stubs.catalog.GetTable, request, timeout)
        return response.table

    def query(
        self, sql: str, params: Params | None = None, *, databases: Sequence[str] = (), timeout: float | None = None
    ) -> Rows:
        """Runs one reading statement and streams its result, of any size, under one read transaction.

        `params` are a sequence by position or a mapping by name, without the `:`, `@` or `$`. `databases` are others that
        the statement reads too, each as a schema of its name: `SELECT … FROM orders JOIN "2024-archive".orders`.
        """
        return Rows(self._stream(sql, params, databases, timeout))

    def query_all(
        self, sql: str, params: Params | None = None, *, databases: Sequence[str] = (), timeout: float | None = None
    ) -> list[Row]:
        """query for results that fit in memory."""
        with self.query(sql, params, databases=databases, timeout=timeout) as rows:
            return list(rows)

    def query_columns(
        self, sql: str, params: Params | None = None, *, databases: Sequence[str] = (), timeout: float | None = None
    ) -> ColumnLists:
        """query for results that fit in memory and are wanted column by column: several times faster than rows."""
        return read_lists(self._stream(sql, params, databases, timeout))

    def explain(
        self, sql: str, *, databases: Sequence[str] = (), timeout: float | None = None
    ) -> query_pb2.DescribeResponse:
        """What a statement is, without running it: parameters, columns and their origins, what it touches, its plan.
        `databases` as in `query`."""
        request = query_pb2.DescribeRequest(database=self.name, sql=sql, databases=names(databases))
        response: query_pb2.DescribeResponse = self._transport.unary(self._stubs.query.Describe, request, timeout)
        return response

    def queries(self, *, timeout: float | None = None) -> Iterator[query_pb2.StoredQuery]:
        """The queries that the server's configuration stores for the database, by name."""

        def fetch(token: str) -> tuple[Iterable[query_pb2.StoredQuery], str]:
            request = query_pb2.ListQueriesRequest(database=self.name, page_size=LIST_PAGE_SIZE, page_token=token)
            response = self._transport.unary(self._stubs.query.ListQueries, request, timeout)
            return response.queries, response.next_page_token

        return paged(fetch)

    def run(
        self,
        query: str,
        params: Mapping[str, object] | None = None,
        *,
        max_rows: int = 0,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> QueryResult:
        """Runs a stored query with parameters by name. The result has at most 1 000 rows; `truncated` says whether there
        were more. `validate_only`, `request_id` and `durability` are for one that writes, as in `Database.insert`."""
        request = query_pb2.RunQueryRequest(
            database=self.name,
            min_commit_token=self._min_token,
            query=query,
            max_rows=max_rows,
            layout=value_pb2.ROW_LAYOUT_COLUMNS,
            validate_only=validate_only,
            request_id=request_id,
            durability=DURABILITY[durability],
        )
        for name, value in (params or {}).items():
            request.params[name].CopyFrom(to_proto(value))
        return QueryResult.of(self._transport.unary(self._stubs.query.RunQuery, request, timeout))

    def _stream(
        self, sql: str, params: Params | None, databases: Sequence[str], timeout: float | None
    ) -> Stream[query_pb2.StreamQueryResponse]:
        request = query_pb2.StreamQueryRequest(
            database=self.name,
            min_commit_token=self._min_token,
            sql=sql,
            databases=names(databases),
            layout=value_pb2.ROW_LAYOUT_COLUMNS,
        )
        set_params(request, params)
        return ResumedStream(self._transport, self._stubs.query.StreamQuery, request, timeout)

    def create_snapshot(
        self,
        *,
        compact: bool = False,
        tables: Iterable[str] = (),
        compress: bool = False,
        ttl: float | None = None,
        timeout: float | None = None,
    ) -> snapshot_pb2.Snapshot:
        """Keeps the present state on the server's disk, for many to download, and waits until it is ready.

        One of the same state is shared. `compact` writes the database anew without free pages; with `tables` it holds
        only those (CreateSnapshotRequest in snapshot.proto says what comes with them); `compress` keeps it as a zstd
        file; `ttl` says for how many seconds to keep it. `timeout` is for each call, of which there may be many.
        """
        request = snapshot_pb2.CreateSnapshotRequest(
            database=self.name,
            min_commit_token=self._min_token,
            compact=compact,
            tables=tables,
            compression=_compression(compress),
        )
        if ttl is not None:
            request.ttl.FromMilliseconds(int(ttl * 1000))
        snapshot = self._transport.unary(self._stubs.snapshot.CreateSnapshot, request, timeout).snapshot
        while snapshot.state == snapshot_pb2.Snapshot.STATE_CREATING:
            time.sleep(SNAPSHOT_POLL_SECONDS)
            again = snapshot_pb2.GetSnapshotRequest(database=self.name, snapshot=snapshot.snapshot)
            snapshot = self._transport.unary(self._stubs.snapshot.GetSnapshot, again, timeout).snapshot
        return cast(snapshot_pb2.Snapshot, snapshot)

    def snapshots(self, *, timeout: float | None = None) -> Iterator[snapshot_pb2.Snapshot]:
        """The kept snapshots, the newest first."""

        def fetch(token: str) -> tuple[Iterable[snapshot_pb2.Snapshot], str]:
            request = snapshot_pb2.ListSnapshotsRequest(
                database=self.name, page_size=LIST_PAGE_SIZE, page_token=token
            )
            response = self._transport.unary(self._stubs.snapshot.ListSnapshots, request, timeout)
            return response.snapshots, response.next_page_token

        return paged(fetch)

    def delete_snapshot(self, snapshot: str, *, timeout: float | None = None) -> None:
        """Removes a kept snapshot."""
        request = snapshot_pb2.DeleteSnapshotRequest(database=self.name, snapshot=snapshot)
        self._transport.unary(self._stubs.snapshot.DeleteSnapshot, request, timeout)

    def download(
        self,
        path: str | os.PathLike[str],
        progress: Progress | None = None,
        *,
        snapshot: str = "",
        compress: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Writes one consistent state of the database to a file, while the database is in use; or a kept `snapshot`.

        With `compress` the server packs what it sends, for a slow network; a snapshot that is kept compressed comes so
        anyway.

        The bytes go to path.part, which becomes path only when their number, every checksum and the SHA-256 of the whole
        agree with what the server read; until then, and after any error, path stays as it was. It refuses to replace a
        file with a `-wal` or a `-journal` beside it. `progress` is called with the bytes so far and in all.

        DamagedDownload and IncompleteStream mean that the transfer failed and may be tried again. The bytes of a kept
        snapshot never change, so that a connection that breaks is taken up again, and path.part stays and is gone on
        with, as in `refresh`; `timeout` is then for each attempt.
        """
        if snapshot:

            def rest(offset: int) -> Stream[snapshot_pb2.DownloadSnapshotResponse]:
                kept = snapshot_pb2.DownloadSnapshotRequest(
                    database=self.name, snapshot=snapshot, offset=offset, compression=_compression(True)
                )
                return self._transport.stream(self._stubs.snapshot.DownloadSnapshot, kept, timeout)

            download_kept(rest, os.fspath(path), progress)
            return
        request = snapshot_pb2.DownloadDatabaseRequest(
            database=self.name, min_commit_token=self._min_token, compression=_compression(compress)
        )
        stream: Stream[snapshot_pb2.DownloadDatabaseResponse] = self._transport.stream(
            self._stubs.snapshot.DownloadDatabase, request, timeout
        )
        download(stream, os.fspath(path), progress)

    def refresh(
        self, path: str | os.PathLike[str], progress: Progress | None = None, *, timeout: float | None = None
    ) -> int:
        """Makes an older copy at `path` the present state, transferring only what differs; returns how many bytes that
        was. Without a copy it is a whole download.

        It works in path.part and renames as `download` does. A connection that breaks is taken up again, up to five
        times in a row without a further byte, and bytes that arrive damaged are asked for once more; after that, after
        Ctrl-C, and after the process was killed, path.part stays and the next refresh goes on with it. The bytes of a
        sound path.part or an older copy need not be trusted: the result is checked as a whole. `timeout` is for each
        attempt.
        """
        return refresh(
            lambda requests: self._transport.stream(self._stubs.snapshot.RefreshDatabase, requests, timeout),
            snapshot_pb2.RefreshStart(database=self.name, min_commit_token=self._min_token),
            os.fspath(path),
            progress,
        )


def _compression(wanted: bool) -> snapshot_pb2.Compression:
    return snapshot_pb2.COMPRESSION_ZSTD if wanted else snapshot_pb2.COMPRESSION_UNSPECIFIED
