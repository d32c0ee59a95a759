"""Rows of results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, overload

from sluice._errors import Aborted, Internal
from sluice._values import Value, from_proto
from sluice.v1 import value_pb2


class Column(NamedTuple):
    """A column of a result.

    `name` is its name or alias; names may repeat within a result. `declared_type` is the type written in the schema, ""
    for an expression: only a hint, since any column may hold any value. `label_of` is the column whose values this one
    labels, "" for others.
    """

    name: str
    declared_type: str = ""
    label_of: str = ""


class Row(tuple[Value, ...]):
    """One row: a tuple of its values, which also takes column names as indexes (of a repeated name, the first).

    `key` names the row in its table, for `Database.row`; "" where the row does not come from a table with keys. `etag`
    is a fingerprint of the stored row, which only `Database.row` gives.
    """

    columns: tuple[Column, ...]
    key: str
    etag: str
    _index: dict[str, int]

    @overload  # type: ignore[override]
    def __getitem__(self, place: int | str) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Value, ...]: ...

    def __getitem__(self, place: int | str | slice) -> Any:
        if isinstance(place, str):
            try:
                place = self._index[place]
            except KeyError:
                raise KeyError(place) from None
        return super().__getitem__(place)

    def as_dict(self) -> dict[str, Value]:
        """The row by column name; of columns with the same name it has the first."""
        return {name: self[i] for name, i in self._index.items()}

    def __repr__(self) -> str:
        return "Row(" + ", ".join(f"{column.name}={value!r}" for column, value in zip(self.columns, self)) + ")"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (tuple(self), self.columns, self.key, self.etag))


class Header:
    """What all rows of a result share."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self.columns = tuple(columns)
        self.index: dict[str, int] = {}
        for i, column in enumerate(self.columns):
            self.index.setdefault(column.name, i)

    @classmethod
    def of(cls, columns: Iterable[value_pb2.Column]) -> Header:
        return cls(Column(column.name, column.declared_type, column.label_of) for column in columns)

    def check(self, columns: Iterable[value_pb2.Column]) -> None:
        """Fails when what came later has other columns: its values would stand under the wrong ones."""
        if Header.of(columns).columns != self.columns:
            raise Aborted("the columns changed while the rows were read")

    def row(self, row: value_pb2.Row) -> Row:
        if len(row.values) != len(self.columns):
            raise Internal(f"the server sent a row of {len(row.values)} values for {len(self.columns)} columns")
        return self.make(map(from_proto, row.values), row.key, row.etag)

    def make(self, values: Iterable[Value], key: str, etag: str) -> Row:
        result = Row(values)
        result.columns = self.columns
        result.key = key
        result.etag = etag
        result._index = self.index
        return result


def _restore(values: tuple[Value, ...], columns: tuple[Column, ...], key: str, etag: str) -> Row:
    return Header(columns).make(values, key, etag)
