"""Changes of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sluice import tables
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice._write_requests import set_objects, set_rows
from sluice.v1 import table_pb2, value_pb2, write_pb2

# The server takes five minutes for a change of a table, once it has its turn.
TABLE_SECONDS = 360.0


class TableChanges:
    """The methods of `Database` that change tables; `sluice.tables` has what they are made of. What `validate_only` and
    `request_id` do stands in `Database.insert`."""

    _stubs: Stubs
    _transport: Transport
    name: str

    def create_table(
        self,
        table: str,
        columns: Mapping[str, str] | Iterable[table_pb2.ColumnDefinition] = (),
        *,
        primary_key: str | Sequence[str] = (),
        autoincrement: bool = False,
        foreign_keys: Iterable[table_pb2.ForeignKeyDefinition] = (),
        unique: Iterable[str | Sequence[str]] = (),
        checks: Iterable[str] = (),
        strict: bool = False,
        without_rowid: bool = False,
        if_not_exists: bool = False,
        rows: Iterable[Mapping[str, Any]] = (),
        validate_only: bool = False,
        request_id: str = "",
        timeout: float | None = None,
    ) -> table_pb2.CreateTableResponse:
        """Makes a table, in a transaction of its own that is on the server's disk when it returns.

        `columns` are a mapping from name to type, or what `tables.column` makes. `rows` are its first ones: columns that
        only they give are made, and columns without a type get that of their values.
        """
        request = table_pb2.CreateTableRequest(
            database=self.name, table=table, primary_key=tables.names(primary_key), autoincrement=autoincrement,
            foreign_keys=foreign_keys, checks=checks, strict=strict, without_rowid=without_rowid,
            if_not_exists=if_not_exists, validate_only=validate_only, request_id=request_id,
        )  # fmt: skip
        if isinstance(columns, Mapping):
            columns = [tables.column(name, type) for name, type in columns.items()]
        request.columns.extend(columns)
        for each in unique:
            request.unique.add(columns=tables.names(each))
        set_first_rows(request, list(rows))
        response = self._transport.unary(self._stubs.catalog.CreateTable, request, timeout, TABLE_SECONDS)
        return cast(table_pb2.CreateTableResponse, response)

    def alter_table(
        self,
        table: str,
        changes: Iterable[table_pb2.TableChange],
        *,
        validate_only: bool = False,
        request_id: str = "",
        timeout: float | None = None,
    ) -> table_pb2.AlterTableResponse:
        """Changes a table: all changes in order, or none. Rows, indexes, triggers and rows of other tables that refer to it
        survive. With `validate_only` the answer shows the statements and nothing is kept."""
        request = table_pb2.AlterTableRequest(
            database=self.name, table=table, changes=changes, validate_only=validate_only, request_id=request_id
        )
        response = self._transport.unary(self._stubs.catalog.AlterTable, request, timeout, TABLE_SECONDS)
        return cast(table_pb2.AlterTableResponse, response)

    def drop_table(
        self,
        table: str,
        *,
        cascade: bool = False,
        allow_missing: bool = False,
        validate_only: bool = False,
        request_id: str = "",
        timeout: float | None = None,
    ) -> table_pb2.DropTableResponse:
        """Drops a table or a view. FailedPrecondition (`IN_USE`) while rows of other tables refer to it or views and triggers
        need it, unless `cascade`; `metadata` of the error says which."""
        request = table_pb2.DropTableRequest(
            database=self.name, table=table, cascade=cascade, allow_missing=allow_missing, validate_only=validate_only,
            request_id=request_id,
        )  # fmt: skip
        response = self._transport.unary(self._stubs.catalog.DropTable, request, timeout, TABLE_SECONDS)
        return cast(table_pb2.DropTableResponse, response)


def set_first_rows(request: table_pb2.CreateTableRequest, rows: list[Mapping[str, Any]]) -> None:
    """Rows go typed when they all give the same columns, the table's among them, and as natural JSON otherwise."""
    given = write_pb2.InsertRowsRequest()
    set_rows(given, rows, None)
    defined = [column.name for column in request.columns]
    if not given.rows or not set(defined) <= set(given.columns):
        set_objects(request, rows)
        return
    places = {name: place for place, name in enumerate(given.columns)}
    request.columns.extend(table_pb2.ColumnDefinition(name=name) for name in given.columns if name not in defined)
    for row in given.rows:
        request.rows.append(value_pb2.Row(values=[row.values[places[column.name]] for column in request.columns]))
