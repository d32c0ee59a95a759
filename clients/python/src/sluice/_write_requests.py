"""Requests that write rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from google.protobuf import struct_pb2

from sluice._values import to_natural, to_proto
from sluice.v1 import value_pb2, write_pb2

Returning = Literal["none", "keys", "rows"]
Conflict = Literal["abort", "ignore", "replace", "update"]
Durability = Literal["disk", "replicated"]
RowsGiven: TypeAlias = Mapping[str, Any] | Iterable[Mapping[str, Any] | Sequence[Any]]

_RETURN = {"none": write_pb2.RETURN_NONE, "keys": write_pb2.RETURN_KEYS, "rows": write_pb2.RETURN_ROWS}
ACTION = {
    "abort": write_pb2.OnConflict.ACTION_ABORT,
    "ignore": write_pb2.OnConflict.ACTION_IGNORE,
    "replace": write_pb2.OnConflict.ACTION_REPLACE,
    "update": write_pb2.OnConflict.ACTION_UPDATE,
}
DURABILITY = {
    "disk": write_pb2.DURABILITY_UNSPECIFIED,
    "replicated": write_pb2.DURABILITY_REPLICATED,
}
MISSING = {"default": write_pb2.MISSING_COLUMNS_UNSPECIFIED, "null": write_pb2.MISSING_COLUMNS_NULL}


class _HasRows(Protocol):
    columns: Any
    rows: Any
    objects: Any


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
    request = write_pb2.InsertRowsRequest(database=database, table=table, missing_columns=MISSING[missing])
    setattr(request, "return", _RETURN[returning])
    if on_conflict != "abort" or target or update_columns:
        request.on_conflict.action = ACTION[on_conflict]
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
        database=database, table=table, target=target, missing_columns=MISSING[missing]
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


def update_where_request(
    database: str,
    table: str,
    filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
    values: Mapping[str, Any],
    *,
    all_rows: bool = False,
    max_affected: int = 0,
    returning: Returning = "none",
) -> write_pb2.UpdateRowsRequest:
    check_filter(filter, all_rows)
    request = write_pb2.UpdateRowsRequest(
        database=database, table=table, filter=filter, all_rows=all_rows, max_affected=max_affected
    )
    setattr(request, "return", _RETURN[returning])
    set_rows(request, values, None)
    return request


def delete_where_request(
    database: str,
    table: str,
    filter: str,  # noqa: A002  # pylint: disable=redefined-builtin
    *,
    all_rows: bool = False,
    max_affected: int = 0,
    returning: Returning = "none",
) -> write_pb2.DeleteRowsRequest:
    check_filter(filter, all_rows)
    request = write_pb2.DeleteRowsRequest(
        database=database, table=table, filter=filter, all_rows=all_rows, max_affected=max_affected
    )
    setattr(request, "return", _RETURN[returning])
    return request


def check_filter(condition: str, all_rows: bool) -> None:
    if bool(condition) == all_rows:
        raise ValueError("give a filter, or all_rows with an empty one")


def set_options(
    request: Any, continue_on_error: bool, validate_only: bool, request_id: str, durability: Durability
) -> None:
    request.continue_on_error = continue_on_error
    request.validate_only = validate_only
    request.request_id = request_id
    request.durability = DURABILITY[durability]


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
