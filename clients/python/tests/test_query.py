from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import sluice
from sluice.v1 import query_pb2, value_pb2

from .conftest import Failure, FakeServer, proto_columns, proto_row

Response = query_pb2.StreamQueryResponse
END = query_pb2.QueryStats(row_count=1)


def sending(server: FakeServer, *messages: Any) -> None:
    """Makes the server answer a query with these messages; an exception among them is raised."""

    def answer(_: Any) -> Iterator[Any]:
        for message in messages:
            if isinstance(message, Exception):
                raise message
            yield message

    server.answers["StreamQuery"] = answer


def test_query_gives_the_rows_of_every_chunk(server: FakeServer, database: sluice.Database) -> None:
    sending(
        server,
        Response(columns=proto_columns("a", "b", "a"), rows=[proto_row(1, "x", None)]),
        Response(rows=[proto_row(2.5, b"", sluice.RawText(b"\xff")), proto_row("", -1, "z")]),
        Response(stats=END),
    )
    rows = database.query("SELECT")
    assert [column.name for column in rows.columns] == ["a", "b", "a"]
    assert rows.stats is None
    assert list(rows) == [(1, "x", None), (2.5, b"", b"\xff"), ("", -1, "z")]
    assert rows.stats is not None and rows.stats.row_count == 1
    assert list(rows) == []


def test_an_empty_result_has_its_columns(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), stats=END))
    rows = database.query("SELECT")
    assert rows.columns == (sluice.Column("a", ""),)
    assert list(rows) == []


def test_a_stream_without_statistics_was_cut(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), rows=[proto_row(1)]))
    rows = database.query("SELECT")
    assert next(rows) == (1,)
    with pytest.raises(sluice.IncompleteStream):
        next(rows)
    with pytest.raises(sluice.IncompleteStream):
        database.query_all("SELECT")
    sending(server)
    with pytest.raises(sluice.IncompleteStream):
        database.query("SELECT")


def test_an_error_midway_ends_the_rows(server: FakeServer, database: sluice.Database) -> None:
    stalled = Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "STALLED")
    sending(server, Response(columns=proto_columns("a"), rows=[proto_row(1)]), stalled)
    rows = database.query("SELECT")
    assert next(rows) == (1,)
    with pytest.raises(sluice.DeadlineExceeded) as caught:
        next(rows)
    assert caught.value.reason == "STALLED"
    assert list(rows) == []


def test_an_error_after_the_statistics_is_an_error(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), stats=END), Failure(grpc.StatusCode.INTERNAL, "INTERNAL"))
    with pytest.raises(sluice.Internal):
        database.query_all("SELECT")


def test_more_after_the_end_is_an_error(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), stats=END), Response(rows=[proto_row(1)]))
    with pytest.raises(sluice.Internal):
        database.query_all("SELECT")


def test_an_error_of_the_statement_is_raised_by_query(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Failure(grpc.StatusCode.INVALID_ARGUMENT, "SQL_ERROR"))
    with pytest.raises(sluice.InvalidArgument):
        database.query("SELEC")


@pytest.mark.parametrize(
    "row", [proto_row(1, 2), value_pb2.Row(), value_pb2.Row(values=[value_pb2.Value()])], ids=["long", "short", "odd"]
)
def test_a_row_that_does_not_fit_its_columns_is_an_error(
    server: FakeServer, database: sluice.Database, row: value_pb2.Row
) -> None:
    sending(server, Response(columns=proto_columns("a"), rows=[row], stats=END))
    with pytest.raises(sluice.Internal):
        database.query_all("SELECT")


def endless(_: Any) -> Iterator[Response]:
    yield Response(columns=proto_columns("a"), rows=[proto_row(1)])
    while True:
        yield Response(rows=[proto_row(1)])


def test_closing_ends_the_servers_work(server: FakeServer, database: sluice.Database) -> None:
    server.answers["StreamQuery"] = endless
    with database.query("SELECT") as rows:
        assert next(rows) == (1,)
    assert list(rows) == []
    assert server.ended.wait(20)


def test_dropping_the_rows_ends_the_servers_work(server: FakeServer, database: sluice.Database) -> None:
    server.answers["StreamQuery"] = endless
    for _ in database.query("SELECT"):
        break
    assert server.ended.wait(20)


def test_parameters_go_by_position_or_by_name(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(stats=END))
    database.query_all("SELECT", (4326, "EPSG"))
    assert [value.WhichOneof("kind") for value in server.requests[-1].params] == ["integer", "text"]
    database.query_all("SELECT", {"code": 4326, "none": None})
    named = server.requests[-1].named_params
    assert named["code"].integer == 4326 and named["none"].WhichOneof("kind") == "null"
    for wrong in ("EPSG", b"EPSG", 4326):
        with pytest.raises(TypeError):
            database.query("SELECT", wrong)  # type: ignore[arg-type]


def test_messages_beyond_four_mebibytes_arrive(server: FakeServer, database: sluice.Database) -> None:
    blob = bytes(20 << 20)
    sending(server, Response(columns=proto_columns("a"), rows=[proto_row(blob)], stats=END))
    assert database.query_all("SELECT") == [(blob,)]
