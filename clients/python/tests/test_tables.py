from __future__ import annotations

from collections.abc import Callable

import pytest

import sluice
from sluice import tables
from sluice.v1 import table_pb2

from .conftest import FakeServer


def test_create_table_sends_a_whole_definition(server: FakeServer, database: sluice.Database) -> None:
    server.answers["CreateTable"] = lambda _: table_pb2.CreateTableResponse(created=True, statements=["CREATE …"])
    made = database.create_table(
        "dogs",
        [
            tables.column("name", "TEXT", not_null=True, default="x", unique=True, collation="NOCASE"),
            tables.column("at", default_expression="CURRENT_TIMESTAMP", check="at > 1"),
            tables.column("twice", generated="age * 2", stored=True),
        ],
        primary_key="id",
        autoincrement=True,
        foreign_keys=[tables.foreign_key("owner", "owners", on_delete="cascade", deferred=True)],
        unique=["name", ["name", "at"]],
        checks=["1 = 1"],
        strict=True,
        if_not_exists=True,
        validate_only=True,
        request_id="id",
    )
    request = server.requests[-1]
    assert made.created and list(made.statements) == ["CREATE …"]
    assert (request.database, request.table, list(request.primary_key)) == ("d", "dogs", ["id"])
    assert request.columns[0].default_value.text == "x" and request.columns[1].WhichOneof("default") == "default_expression"
    assert request.columns[2].generated_stored and request.columns[2].WhichOneof("default") is None
    assert request.foreign_keys[0].on_delete == table_pb2.REFERENCE_ACTION_CASCADE and request.foreign_keys[0].deferred
    assert [list(each.columns) for each in request.unique] == [["name"], ["name", "at"]]
    assert request.autoincrement and request.strict and request.if_not_exists and request.validate_only


def test_create_table_sends_rows_typed_or_as_objects(server: FakeServer, database: sluice.Database) -> None:
    server.answers["CreateTable"] = lambda _: table_pb2.CreateTableResponse()
    database.create_table("dogs", {"name": "TEXT"}, rows=[{"age": 5, "name": "Cleo"}])
    request = server.requests[-1]
    assert [(column.name, column.type) for column in request.columns] == [("name", "TEXT"), ("age", "")]
    assert [value.WhichOneof("kind") for value in request.rows[0].values] == ["text", "integer"]
    database.create_table("dogs", {"at": "TEXT"}, rows=[{"name": "Cleo"}, {"age": 1}])
    request = server.requests[-1]
    assert not request.rows and "name" in request.objects[0].fields
    database.create_table("dogs", {"at": "TEXT"})
    assert not server.requests[-1].rows and not server.requests[-1].objects


def test_alter_table_sends_changes_in_order(server: FakeServer, database: sluice.Database) -> None:
    server.answers["AlterTable"] = lambda _: table_pb2.AlterTableResponse(table="u")
    altered = database.alter_table(
        "t",
        [
            tables.add_column("a", "INTEGER", default=None),
            tables.rename_column("a", "b"),
            tables.rename_table("u"),
            tables.drop_column("c"),
            tables.alter_column("b", type="", not_null=False, drop_default=True),
            tables.alter_column("b", default=1.5),
            tables.reorder_columns("b", "d"),
            tables.set_primary_key("b", autoincrement=True),
            tables.add_foreign_key(tables.foreign_key(["b"], "p", ["q"])),
            tables.drop_foreign_key("b"),
            tables.enable_full_text("b", tokenizer="porter"),
            tables.disable_full_text(),
        ],
        validate_only=True,
    )
    changes = server.requests[-1].changes
    assert altered.table == "u" and server.requests[-1].validate_only
    assert [change.WhichOneof("change") for change in changes][-2:] == ["enable_full_text", "disable_full_text"]
    assert changes[0].add_column.column.default_value.WhichOneof("kind") == "null"
    assert changes[4].alter_column.HasField("type") and changes[4].alter_column.drop_default
    assert not changes[4].alter_column.HasField("collation")
    assert changes[5].alter_column.default_value.real == 1.5 and not changes[5].alter_column.HasField("not_null")
    assert list(changes[8].add_foreign_key.parent_columns) == ["q"]


def test_drop_table_takes_its_options(server: FakeServer, database: sluice.Database) -> None:
    server.answers["DropTable"] = lambda _: table_pb2.DropTableResponse(dropped=True, row_count=3)
    dropped = database.drop_table("t", cascade=True, allow_missing=True, request_id="id")
    request = server.requests[-1]
    assert dropped.dropped and dropped.row_count == 3
    assert request.cascade and request.allow_missing and request.request_id == "id"


def test_changes_of_tables_have_the_time_that_the_server_takes(server: FakeServer) -> None:
    for timeout, at_least in ((60.0, 300.0), (3600.0, 3500.0)):
        with sluice.connect(server.address, timeout=timeout) as client:
            database = client.database("d")
            changes: list[Callable[[], object]] = [
                lambda: database.create_table("t"),
                lambda: database.alter_table("t", []),
                lambda: database.drop_table("t"),
            ]
            for change in changes:
                with pytest.raises(sluice.Unimplemented):
                    change()
                assert server.remaining is not None and server.remaining > at_least
    with sluice.connect(server.address, timeout=None) as client, pytest.raises(sluice.Unimplemented):
        client.database("d").drop_table("t")
    assert server.remaining is None or server.remaining > 1e6
