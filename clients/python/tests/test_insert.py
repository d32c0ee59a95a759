from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf import json_format

import sluice
from sluice.v1 import write_pb2

from .conftest import FakeServer, proto_columns, proto_row


@pytest.fixture(autouse=True)
def answer(server: FakeServer) -> None:
    server.answers["InsertRows"] = lambda _: write_pb2.InsertRowsResponse(
        inserted_count=1, keys=["1"], columns=proto_columns("a"), rows=[proto_row(1, key="1")], commit_token="c"
    )


def test_rows_of_every_form_become_the_same_request(server: FakeServer, database: sluice.Database) -> None:
    expected = write_pb2.InsertRowsRequest(
        database="d",
        table="t",
        columns=["code", "name"],
        rows=[proto_row(1, "smoot")],
    )
    setattr(expected, "return", write_pb2.RETURN_KEYS)
    row = {"code": 1, "name": "smoot"}
    database.insert("t", row)
    database.insert("t", [row])
    database.insert("t", (each for each in [row]))
    database.insert("t", [(1, "smoot")], columns=["code", "name"])
    assert server.requests == [expected] * 4


def test_insert_tells_what_it_did(database: sluice.Database) -> None:
    inserted = database.insert("t", {"a": 1}, returning="rows")
    assert inserted == sluice.Written(inserted=1, keys=("1",), rows=inserted.rows, commit_token="c")
    assert inserted.rows[0] is not None and inserted.rows[0]["a"] == 1 and inserted.rows[0].key == "1"


def test_rows_with_different_columns_go_as_objects(server: FakeServer, database: sluice.Database) -> None:
    database.insert(
        "t",
        [
            {"i": 2**63 - 1, "r": 2.0, "n": None},
            {"t": "Infinity", "b": b"\xde\xad", "w": sluice.RawText(b"\xff"), "p": math.inf, "m": -math.inf},
        ],
    )
    request = server.requests[-1]
    assert not request.rows and not request.columns
    assert [json_format.MessageToDict(each) for each in request.objects] == [
        {"i": {"$integer": "9223372036854775807"}, "r": {"$real": 2.0}, "n": None},
        {
            "t": {"$text": "Infinity"},
            "b": {"$base64": True, "encoded": "3q0="},
            "w": {"$raw_text": "/w=="},
            "p": "Infinity",
            "m": "-Infinity",
        },
    ]


def test_equal_columns_in_another_order_are_typed(server: FakeServer, database: sluice.Database) -> None:
    database.insert("t", [{"a": 1, "b": 2}, {"b": 4, "a": 3}])
    assert [[value.integer for value in row.values] for row in server.requests[-1].rows] == [[1, 2], [3, 4]]


def test_what_is_not_rows_is_refused_before_it_is_sent(server: FakeServer, database: sluice.Database) -> None:
    wrong: list[tuple[Any, Any]] = [
        (1, None),
        ("x", None),
        ([1], None),
        ([("x",)], None),
        ({"a": object()}, None),
        ([{"a": 1}], ["a"]),
        (["x"], ["a"]),
        ([(1,)], "a"),
    ]
    for rows, columns in wrong:
        with pytest.raises(TypeError):
            database.insert("t", rows, columns=columns)
    assert server.calls == 0


def test_no_rows_are_the_servers_to_answer(server: FakeServer, database: sluice.Database) -> None:
    database.insert("t", [])
    assert not server.requests[-1].rows


def test_rows_of_defaults_give_no_columns(server: FakeServer, database: sluice.Database) -> None:
    database.insert("t", [{}, {}])
    assert len(server.requests[-1].rows) == 2 and not server.requests[-1].columns
