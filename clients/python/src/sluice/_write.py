"""Writes of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from google.protobuf import struct_pb2

from sluice._rows import Header, Row
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice._values import to_natural, to_proto
from sluice.v1 import value_pb2, write_pb2

Returning = Literal["none", "keys", "rows"]
Conflict = Literal["abort", "ignore", "replace", "update"]
RowsGiven: TypeAlias = Mapping[str, Any] | Iterable[Mapping[str, Any] | Sequence[Any]]

_RETURN = {"none": write_pb2.RETURN_NONE, "keys": write_pb2.RETURN_KEYS, "rows": write_pb2.RETURN_ROWS}
_ACTION = {
    "abort": write_pb2.OnConflict.ACTION_ABORT,
    "ignore": write_pb2.OnConflict.ACTION_IGNORE,
    "replace": write_pb2.OnConflict.ACTION_REPLACE,
    "update": write_pb2.OnConflict.ACTION_UPDATE,
}
_MISSING = {"default": write_pb2.MISSING_COLUMNS_UNSPECIFIED, "null": write_pb2.MISSING_COLUMNS_NULL}
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


class _HasRows(Protocol):
    columns: Any
    rows: Any
    objects: Any


class Mutations:
    """The changes of one branch of a commit, each as the method of the same name of `Database` takes it."""

    def __init__(self) -> None:
        self.parts: list[write_pb2.Mutation] = []

    def insert(self, table: str, rows: RowsGiven, **options: Any) -> Mutations:
        self.parts.append(write_pb2.Mutation(insert=insert_request("", table, rows, **options)))
        return self

    def upsert(self, table: str, rows: RowsGiven, **options: Any) -> Mutations:
        self.parts.append(write_pb2.Mutation(upsert=upsert_request("", table, rows, **options)))
        return self

    def update(self, table: str, rows: RowsGiven, **options: Any) -> Mutations:
        self.parts.append(write_pb2.Mutation(update=update_request("", table, rows, **options)))
        return self

    def delete(self, table: str, keys: Iterable[str], **options: Any) -> Mutations:
        self.parts.append(write_pb2.Mutation(delete=delete_request("", table, keys, **options)))
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
    keeps nothing. With `continue_on_error` rows that fail are left out and told in `Written.errors`.
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
        set_options(request, continue_on_error, validate_only, request_id)
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
        timeout: float | None = None,
    ) -> Written:
        """Inserts rows that are not there and updates those that are, told apart by the primary key or by the columns
        `target`. Rows that are there keep the columns that are not given."""
        request = upsert_request(
            self.name, table, rows, columns=columns, returning=returning, target=target, missing=missing
        )
        set_options(request, continue_on_error, validate_only, request_id)
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
        timeout: float | None = None,
    ) -> Written:
        """Changes rows, each to its own values. `keys` names them in order; without it each row gives its primary key
        itself. NotFound for a row that is not there, unless `allow_missing`."""
        request = update_request(
            self.name, table, rows, keys=keys, columns=columns, returning=returning, allow_missing=allow_missing
        )
        set_options(request, continue_on_error, validate_only, request_id)
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
        timeout: float | None = None,
    ) -> Written:
        """Deletes the rows with these keys. NotFound for a row that is not there, unless `allow_missing`."""
        request = delete_request(self.name, table, keys, returning=returning, allow_missing=allow_missing)
        set_options(request, continue_on_error, validate_only, request_id)
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
        timeout: float | None = None,
    ) -> Row:
        """Changes one row and gives it back with its new etag. With the etag `if_match` only if the row still has it (else
        Aborted, `CONFLICT`)."""
        request = write_pb2.UpdateRowRequest(
            database=self.name, table=table, key=key, if_match=if_match, validate_only=validate_only, request_id=request_id
        )  # fmt: skip
        for column, value in values.items():
            request.columns.append(column)
            request.values.append(to_proto(value))
        response = self._transport.unary(self._stubs.row.UpdateRow, request, timeout)
        return Header.of(response.columns).row(response.row)

    def delete_row(
        self,
        table: str,
        key: str,
        *,
        if_match: str = "",
        validate_only: bool = False,
        request_id: str = "",
        timeout: float | None = None,
    ) -> None:
        """Deletes one row, with the etag `if_match` only if it still has it (else Aborted, `CONFLICT`)."""
        request = write_pb2.DeleteRowRequest(
            database=self.name, table=table, key=key, if_match=if_match, validate_only=validate_only, request_id=request_id
        )  # fmt: skip
        self._transport.unary(self._stubs.row.DeleteRow, request, timeout)

    def commit(
        self,
        success: Mutations,
        *,
        preconditions: Iterable[write_pb2.Precondition] = (),
        failure: Mutations | None = None,
        validate_only: bool = False,
        request_id: str = "",
        timeout: float | None = None,
    ) -> Committed:
        """Runs mutations of several tables in one transaction, if all `preconditions` hold, and `failure` if not; without
        that the call then fails (Aborted, `CONFLICT`). `row_exists`, `row_unchanged` and `row_where` make preconditions."""
        request = write_pb2.CommitRequest(
            database=self.name, preconditions=preconditions, success=success.parts,
            failure=failure.parts if failure else (), validate_only=validate_only, request_id=request_id,
        )  # fmt: skip
        response = self._transport.unary(self._stubs.row.Commit, request, timeout)
        return Committed(
            succeeded=response.succeeded,
            results=tuple(map(written, response.results)),
            commit_token=response.commit_token,
            replayed=response.replayed,
        )


def insert_request(
    database: str,
    table: str,
    rows: RowsGiven,
    *,
    columns: Sequence[str] | None = None,
    returning: Returning = "keys",
    on_conflict: Conflict = "abort",
    target: Sequence[str] = (),
    update_columns: Sequence[str] = (),
    missing: Literal["default", "null"] = "default",
) -> write_pb2.InsertRowsRequest:
    request = write_pb2.InsertRowsRequest(database=database, table=table, missing_columns=_MISSING[missing])
    setattr(request, "return", _RETURN[returning])
    if on_conflict != "abort" or target or update_columns:
        request.on_conflict.action = _ACTION[on_conflict]
        request.on_conflict.target.extend(target)
        request.on_conflict.update_columns.extend(update_columns)
    set_rows(request, rows, columns)
    return request


def upsert_request(
    database: str,
    table: str,
    rows: RowsGiven,
    *,
    columns: Sequence[str] | None = None,
    returning: Returning = "keys",
    target: Sequence[str] = (),
    missing: Literal["default", "null"] = "default",
) -> write_pb2.UpsertRowsRequest:
    request = write_pb2.UpsertRowsRequest(
        database=database, table=table, target=target, missing_columns=_MISSING[missing]
    )
    setattr(request, "return", _RETURN[returning])
    set_rows(request, rows, columns)
    return request


def update_request(
    database: str,
    table: str,
    rows: RowsGiven,
    *,
    keys: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    returning: Returning = "keys",
    allow_missing: bool = False,
) -> write_pb2.UpdateRowsRequest:
    request = write_pb2.UpdateRowsRequest(database=database, table=table, allow_missing=allow_missing)
    setattr(request, "return", _RETURN[returning])
    if keys is None:
        # The row's own key columns name it, which only objects can.
        set_objects(request, as_mappings(rows, columns))
        return request
    set_rows(request, rows, columns)
    if request.objects:
        request.keys.extend(keys)
    elif len(keys) != len(request.rows):
        raise ValueError(f"there are {len(keys)} keys for {len(request.rows)} rows")
    for row, key in zip(request.rows, keys):
        row.key = key
    return request


def delete_request(
    database: str, table: str, keys: Iterable[str], *, returning: Returning = "none", allow_missing: bool = False
) -> write_pb2.DeleteRowsRequest:
    if isinstance(keys, str):
        raise TypeError("keys are a sequence of keys")
    request = write_pb2.DeleteRowsRequest(database=database, table=table, keys=keys, allow_missing=allow_missing)
    setattr(request, "return", _RETURN[returning])
    return request


def set_options(request: Any, continue_on_error: bool, validate_only: bool, request_id: str) -> None:
    request.continue_on_error = continue_on_error
    request.validate_only = validate_only
    request.request_id = request_id


def set_rows(request: _HasRows, rows: RowsGiven, columns: Sequence[str] | None) -> None:
    if columns is not None:
        set_typed(request, columns, rows)
    else:
        set_mappings(request, [rows] if isinstance(rows, Mapping) else list(rows))


def set_typed(request: _HasRows, columns: Sequence[str], rows: Iterable[Any]) -> None:
    if isinstance(columns, str):
        raise TypeError("columns are a sequence of names")
    request.columns.extend(columns)
    for row in rows:
        if isinstance(row, (Mapping, str, bytes)):
            raise TypeError(f"with columns given, a row is a sequence of values, and not a {type(row).__name__}")
        request.rows.append(value_pb2.Row(values=map(to_proto, row)))


def set_mappings(request: _HasRows, rows: Sequence[Any]) -> None:
    """Rows that all give the same columns go typed. Others can only go as natural JSON, whose rows give each its own."""
    check_mappings(rows)
    if not rows:
        return
    columns = list(rows[0])
    if all(row.keys() == rows[0].keys() for row in rows):
        set_typed(request, columns, ([row[column] for column in columns] for row in rows))
    else:
        set_objects(request, rows)


def set_objects(request: _HasRows, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        target: struct_pb2.Struct = request.objects.add()
        for column, value in row.items():
            target.fields[column].CopyFrom(to_natural(value))


def as_mappings(rows: RowsGiven, columns: Sequence[str] | None) -> Sequence[Mapping[str, Any]]:
    given: list[Any] = [rows] if isinstance(rows, Mapping) else list(rows)
    if columns is not None:
        return [dict(zip(columns, row, strict=True)) for row in given]
    check_mappings(given)
    return given


def check_mappings(rows: Iterable[Any]) -> None:
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError(f"without columns given, a row is a mapping, and not a {type(row).__name__}")


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
