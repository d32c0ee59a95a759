"""Rows that come column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from sluice._errors import Internal
from sluice._rows import Header, Row
from sluice._values import Value, from_proto
from sluice.v1 import value_pb2


def lists_of(packed: value_pb2.PackedRows, width: int) -> list[list[Value]]:
    """The values of each column, in the order of the rows."""
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
