"""Rows that come column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from sluice._errors import Internal
from sluice._rows import Header, Row
from sluice._values import Value, from_proto, to_proto
from sluice.v1 import value_pb2

# What a message may make this client allocate, since columns of NULL say nothing but the number of rows: a row counts as a
# byte at least where the server fills a message, 128 KiB with up to 2 000 columns.
ROWS_MAX = 72 << 20
VALUES_MAX = 1 << 28


def lists_of(packed: value_pb2.PackedRows, width: int) -> list[list[Value]]:
    """The values of each column, in the order of the rows."""
    if packed.row_count > ROWS_MAX or packed.row_count * width > VALUES_MAX:
        raise Internal(f"the server says that one message has {packed.row_count} rows of {width} columns")
    if len(packed.columns) != width:
        raise Internal(f"the server sent {len(packed.columns)} packed columns for {width} columns")
    return [_values(column, packed.row_count) for column in packed.columns]


def rows_of(header: Header, rows: Iterable[value_pb2.Row], packed: value_pb2.PackedRows) -> Iterator[Row]:
    """The rows of a message, in whichever layout they came."""
    yield from map(header.row, rows)
    if not packed.row_count:
        return
    lists = lists_of(packed, len(header.columns))
    if packed.keys and len(packed.keys) != packed.row_count:
        raise Internal(f"the server sent {len(packed.keys)} keys for {packed.row_count} rows")
    yield from map(header.make, zip(*lists), packed.keys or repeat(""), repeat(""))


def _values(column: value_pb2.PackedColumn, count: int) -> list[Value]:
    # Slices, since they are copied at once, and iterating asks for each element.
    values: list[Any] = column.integers[:] or column.texts[:] or column.reals[:] or column.blobs[:] or [None] * count
    if len(values) != count or len(column.others) != len(column.other_rows):
        raise Internal(f"the server sent a packed column of {len(values)} values for {count} rows")
    try:
        for row in column.nulls:
            values[row] = None
        for row, value in zip(column.other_rows, column.others):
            values[row] = from_proto(value)
    except IndexError:
        raise Internal("the server sent a packed column that names a row it does not have") from None
    return values


_ARRAYS = {int: "integers", float: "reals", str: "texts", bytes: "blobs"}


def pack(rows: Sequence[Sequence[object]], target: value_pb2.PackedRows) -> None:
    """Fills `target` with rows of one length."""
    target.row_count = len(rows)
    for values in zip(*rows):
        _pack_column(values, target.columns.add())


def _pack_column(values: tuple[object, ...], column: value_pb2.PackedColumn) -> None:
    kinds = set(map(type, values))
    if len(kinds) == 1 and (name := _ARRAYS.get(next(iter(kinds)))) is not None:
        getattr(column, name).extend(values)
        return
    kind = next((type(value) for value in values if type(value) in _ARRAYS), None)
    if kind is None:
        if kinds == {type(None)}:
            return
        kind = int
    array, filler = getattr(column, _ARRAYS[kind]), kind()
    for row, value in enumerate(values):
        if type(value) is kind:
            array.append(value)
            continue
        array.append(filler)
        if value is None:
            column.nulls.append(row)
        else:
            column.other_rows.append(row)
            column.others.append(to_proto(value))
