"""Writes of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sluice._rows import Header, Row
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice._values import to_proto
from sluice._write_requests import (
    DURABILITY,
    Conflict,
    Durability,
    Returning,
    RowsGiven,
    delete_request,
    delete_where_request,
    insert_request,
    set_options,
    update_request,
    update_where_request,
    upsert_request,
)
from sluice.v1 import write_pb2

_OPERATOR = {
    "=": write_pb2.Comparison.OPERATOR_EQUAL,
    "!=": write_pb2.Comparison.OPERATOR_NOT_EQUAL,
    "<": write_pb2.Comparison.OPERATOR_LESS,
    "<=": write_pb2.Comparison.OPERATOR_LESS_OR_EQUAL,
    ">": write_pb2.Comparison.OPERATOR_GREATER,
    ">=": write_pb2.Comparison.OPERATOR_GREATER_OR_EQUAL,
}


@dataclass(frozen=True)
class RowError:
    """Why one row of a write with `continue_on_error` was not written: its index in the request, the code's number, the
    reason as in `SluiceError.reason`, and words for people."""

    row: int
    code: int
    reason: str
    message: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """What a write did.

    `keys` and `rows` have one entry for each row of the request, in its order: "" and None for one that was not written.
    `commit_token` says where the database's sequence of commits stands after it (opaque). `replayed` says that this is what
    an earlier request with the same `request_id` was answered.
    """

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    ignored: int = 0
    keys: tuple[str, ...] = ()
    rows: tuple[Row | None, ...] = ()
    errors: tuple[RowError, ...] = ()
    commit_token: str = ""
    replayed: bool = False

    @property
    def count(self) -> int:
        """Rows inserted, updated and deleted."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True)
class Committed:
    """What a commit did: whether all preconditions held, and what each mutation of the branch that was run did."""

    succeeded: bool
    results: tuple[Written, ...]
    commit_token: str
    replayed: bool


class Mutations:
    """The changes of one branch of a commit, each as the method of the same name of `Database` takes it."""

    def __init__(self) -> None:
        self.parts: list[write_pb2.Mutation] = []

    def insert(
        self,
        table: str,
        rows: RowsGiven,
        *,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        on_conflict: Conflict = "abort",
        target: Sequence[str] = (),
        update_columns: Sequence[str] = (),
        missing: Literal["default", "null"] = "default",
    ) -> Mutations:
        request = insert_request(
            "", table, rows, columns=columns, returning=returning, on_conflict=on_conflict, target=target,
            update_columns=update_columns, missing=missing,
        )  # fmt: skip
        return self._add(write_pb2.Mutation(insert=request))

    def upsert(
        self,
        table: str,
        rows: RowsGiven,
        *,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        target: Sequence[str] = (),
        missing: Literal["default", "null"] = "default",
    ) -> Mutations:
        request = upsert_request(
            "", table, rows, columns=columns, returning=returning, target=target, missing=missing
        )
        return self._add(write_pb2.Mutation(upsert=request))

    def update(
        self,
        table: str,
        rows: RowsGiven,
        *,
        keys: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        allow_missing: bool = False,
    ) -> Mutations:
        request = update_request(
            "", table, rows, keys=keys, columns=columns, returning=returning, allow_missing=allow_missing
        )
        return self._add(write_pb2.Mutation(update=request))

    def delete(
        self, table: str, keys: Iterable[str], *, returning: Returning = "none", allow_missing: bool = False
    ) -> Mutations:
        request = delete_request("", table, keys, returning=returning, allow_missing=allow_missing)
        return self._add(write_pb2.Mutation(delete=request))

    def update_where(
        self,
        table: str,
        filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
        values: Mapping[str, Any],
        *,
        all_rows: bool = False,
        max_affected: int = 0,
        returning: Returning = "none",
    ) -> Mutations:
        request = update_where_request(
            "", table, filter, values, all_rows=all_rows, max_affected=max_affected, returning=returning
        )
        return self._add(write_pb2.Mutation(update=request))

    def delete_where(
        self,
        table: str,
        filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
        *,
        all_rows: bool = False,
        max_affected: int = 0,
        returning: Returning = "none",
    ) -> Mutations:
        request = delete_where_request(
            "", table, filter, all_rows=all_rows, max_affected=max_affected, returning=returning
        )
        return self._add(write_pb2.Mutation(delete=request))

    def _add(self, part: write_pb2.Mutation) -> Mutations:
        self.parts.append(part)
        return self


def row_exists(table: str, key: str, exists: bool = True) -> write_pb2.Precondition:
    """Whether there is a row with this key."""
    return write_pb2.Precondition(table=table, key=key, exists=exists)


def row_unchanged(table: str, key: str, etag: str) -> write_pb2.Precondition:
    """The row still has this etag."""
    return write_pb2.Precondition(table=table, key=key, etag=etag)


def row_where(
    table: str, key: str, column: str, operator: Literal["=", "!=", "<", "<=", ">", ">="], value: Any
) -> write_pb2.Precondition:
    """The row's column compares so with a value, as SQL compares."""
    comparison = write_pb2.Comparison(column=column, operator=_OPERATOR[operator], value=to_proto(value))
    return write_pb2.Precondition(table=table, key=key, column=comparison)


class Writes:
    """The writing methods of `Database`.

    A write is one transaction that is on the server's disk when the method returns. It is never sent again by itself:
    `SluiceError.retry_delay` says when the server did not run it. With a `request_id` of one's own (a UUID) the same
    write may be sent again at any time: it takes effect once and is answered alike. `validate_only` runs everything and
    keeps nothing. With `durability="replicated"` the answer waits for the replica; it is refused while no replication runs.
    With `continue_on_error` rows that fail are left out and told in `Written.errors`.
    """

    _stubs: Stubs
    _transport: Transport
    name: str

    def insert(
        self,
        table: str,
        rows: RowsGiven,
        *,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        on_conflict: Conflict = "abort",
        target: Sequence[str] = (),
        update_columns: Sequence[str] = (),
        missing: Literal["default", "null"] = "default",
        continue_on_error: bool = False,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Adds rows to a table.

        Rows are mappings from column to value, or sequences of values for `columns`. A column that a row does not give
        takes its default, or NULL as `missing` says. `on_conflict` says what becomes of a row that clashes with one that is
        there; `target` and `update_columns` are those of SQL's ON CONFLICT … DO UPDATE.
        """
        request = insert_request(
            self.name, table, rows, columns=columns, returning=returning, on_conflict=on_conflict, target=target,
            update_columns=update_columns, missing=missing,
        )  # fmt: skip
        set_options(request, continue_on_error, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.InsertRows, request, timeout))

    def upsert(
        self,
        table: str,
        rows: RowsGiven,
        *,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        target: Sequence[str] = (),
        missing: Literal["default", "null"] = "default",
        continue_on_error: bool = False,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Inserts rows that are not there and updates those that are, told apart by the primary key or by the columns
        `target`. Rows that are there keep the columns that are not given."""
        request = upsert_request(
            self.name, table, rows, columns=columns, returning=returning, target=target, missing=missing
        )
        set_options(request, continue_on_error, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.UpsertRows, request, timeout))

    def update(
        self,
        table: str,
        rows: RowsGiven,
        *,
        keys: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        returning: Returning = "keys",
        allow_missing: bool = False,
        continue_on_error: bool = False,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Changes rows, each to its own values. `keys` names them in order; without it each row gives its primary key
        itself. NotFound for a row that is not there, unless `allow_missing`."""
        request = update_request(
            self.name, table, rows, keys=keys, columns=columns, returning=returning, allow_missing=allow_missing
        )
        set_options(request, continue_on_error, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.UpdateRows, request, timeout))

    def delete(
        self,
        table: str,
        keys: Iterable[str],
        *,
        returning: Returning = "none",
        allow_missing: bool = False,
        continue_on_error: bool = False,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Deletes the rows with these keys. NotFound for a row that is not there, unless `allow_missing`."""
        request = delete_request(self.name, table, keys, returning=returning, allow_missing=allow_missing)
        set_options(request, continue_on_error, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.DeleteRows, request, timeout))

    def update_where(
        self,
        table: str,
        filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
        values: Mapping[str, Any],
        *,
        all_rows: bool = False,
        max_affected: int = 0,
        returning: Returning = "none",
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Changes all rows for which the filter holds, to the same values. `filter` is that of `rows`; every row of the
        table is meant only with `all_rows` and an empty filter. When more than `max_affected` rows match (0 for 10 000),
        nothing is changed (ResourceExhausted, `LIMIT`)."""
        request = update_where_request(
            self.name, table, filter, values, all_rows=all_rows, max_affected=max_affected, returning=returning
        )
        set_options(request, False, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.UpdateRows, request, timeout))

    def delete_where(
        self,
        table: str,
        filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
        *,
        all_rows: bool = False,
        max_affected: int = 0,
        returning: Returning = "none",
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Deletes all rows for which the filter holds; as `update_where`."""
        request = delete_where_request(
            self.name, table, filter, all_rows=all_rows, max_affected=max_affected, returning=returning
        )
        set_options(request, False, validate_only, request_id, durability)
        return written(self._transport.unary(self._stubs.row.DeleteRows, request, timeout))

    def update_row(
        self,
        table: str,
        key: str,
        values: Mapping[str, Any],
        *,
        if_match: str = "",
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Changes one row, with the etag `if_match` only if the row still has it (else Aborted, `CONFLICT`). What was
        written has the row, with its new etag, as the one of its `rows`."""
        request = write_pb2.UpdateRowRequest(
            database=self.name, table=table, key=key, if_match=if_match, validate_only=validate_only, request_id=request_id,
            durability=DURABILITY[durability],
        )  # fmt: skip
        for column, value in values.items():
            request.columns.append(column)
            request.values.append(to_proto(value))
        response = self._transport.unary(self._stubs.row.UpdateRow, request, timeout)
        row = Header.of(response.columns).row(response.row)
        return Written(
            updated=1, keys=(row.key,), rows=(row,), commit_token=response.commit_token, replayed=response.replayed
        )

    def delete_row(
        self,
        table: str,
        key: str,
        *,
        if_match: str = "",
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Written:
        """Deletes one row, with the etag `if_match` only if it still has it (else Aborted, `CONFLICT`)."""
        request = write_pb2.DeleteRowRequest(
            database=self.name, table=table, key=key, if_match=if_match, validate_only=validate_only, request_id=request_id,
            durability=DURABILITY[durability],
        )  # fmt: skip
        response = self._transport.unary(self._stubs.row.DeleteRow, request, timeout)
        return Written(deleted=1, keys=(key,), commit_token=response.commit_token, replayed=response.replayed)

    def commit(
        self,
        success: Mutations,
        *,
        preconditions: Iterable[write_pb2.Precondition] = (),
        failure: Mutations | None = None,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Committed:
        """Runs mutations of several tables in one transaction, if all `preconditions` hold, and `failure` if not; without
        that the call then fails (Aborted, `CONFLICT`). `row_exists`, `row_unchanged` and `row_where` make preconditions."""
        request = write_pb2.CommitRequest(
            database=self.name, preconditions=preconditions, success=success.parts,
            failure=failure.parts if failure else (), validate_only=validate_only, request_id=request_id,
            durability=DURABILITY[durability],
        )  # fmt: skip
        response = self._transport.unary(self._stubs.row.Commit, request, timeout)
        return Committed(
            succeeded=response.succeeded,
            results=tuple(map(written, response.results)),
            commit_token=response.commit_token,
            replayed=response.replayed,
        )


def written(response: Any) -> Written:
    """What any answer to a write says; each has some of the fields."""
    header = Header.of(response.columns)
    return Written(
        inserted=getattr(response, "inserted_count", 0),
        updated=getattr(response, "updated_count", 0),
        deleted=getattr(response, "deleted_count", 0),
        ignored=response.ignored_count,
        keys=tuple(response.keys),
        rows=tuple(header.row(row) if row.values else None for row in response.rows),
        errors=tuple(
            RowError(error.row, error.code, error.reason, error.message, dict(error.metadata))
            for error in getattr(response, "errors", ())
        ),
        commit_token=getattr(response, "commit_token", ""),
        replayed=getattr(response, "replayed", False),
    )
