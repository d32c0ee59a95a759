from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import sluice
from sluice._packed import rows_of
from sluice._rows import Header
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


def test_a_query_that_breaks_goes_on_where_it_stopped(server: FakeServer, database: sluice.Database) -> None:
    def answer(request: query_pb2.StreamQueryRequest) -> Iterator[Response]:
        if request.resume_token:
            yield Response(columns=proto_columns("a"), rows=[proto_row(2)], stats=END)
            return
        yield Response(columns=proto_columns("a"), rows=[proto_row(1)], resume_token="one")
        raise Failure(grpc.StatusCode.UNAVAILABLE, "LOG_FULL")

    server.answers["StreamQuery"] = answer
    assert database.query_all("SELECT") == [(1,), (2,)]
    assert [request.resume_token for request in server.requests] == ["", "one"]


def test_a_result_that_the_server_has_cut_is_no_whole_one(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), rows=[proto_row(1)], stats=END, truncated=True))
    rows = database.query("SELECT")
    assert next(rows) == (1,)
    with pytest.raises(sluice.TruncatedResult):
        next(rows)
    with pytest.raises(sluice.ResourceExhausted):
        database.query_all("SELECT")


def test_a_query_names_other_databases(server: FakeServer, database: sluice.Database) -> None:
    sending(server, Response(columns=proto_columns("a"), stats=END))
    database.query_all("SELECT", databases=["other", "third"])
    assert list(server.requests[-1].databases) == ["other", "third"]


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


def packed(*columns: value_pb2.PackedColumn) -> Response:
    return Response(columns=proto_columns("a"), packed=value_pb2.PackedRows(row_count=3, columns=columns))


Packed = value_pb2.PackedColumn
PACKED = [
    (Packed(integers=[1, 0, -3], nulls=[1]), [1, None, -3]),
    (Packed(reals=[1.5, 0, 2]), [1.5, 0.0, 2.0]),
    (
        Packed(
            texts=["", "", "x"],
            other_rows=[0, 1],
            others=[value_pb2.Value(raw_text=b"\xff"), value_pb2.Value(integer=7)],
        ),
        [sluice.RawText(b"\xff"), 7, "x"],
    ),
    (Packed(blobs=[b"", b"1", b""], nulls=[2]), [b"", b"1", None]),
    (Packed(), [None, None, None]),
]


@pytest.mark.parametrize("column, values", PACKED)
def test_packed_columns_become_rows_or_lists(
    server: FakeServer, database: sluice.Database, column: value_pb2.PackedColumn, values: list[Any]
) -> None:
    sending(server, packed(column), Response(stats=END))
    rows = database.query_all("SELECT")
    assert server.requests[-1].layout == value_pb2.ROW_LAYOUT_COLUMNS
    assert [(row[0], type(row["a"])) for row in rows] == [(value, type(value)) for value in values]
    result = database.query_columns("SELECT")
    assert result.columns == (sluice.Column("a", ""),) and result.stats == END
    assert result.as_dict() == {"a": values}


def test_lists_of_columns_hold_every_chunk(server: FakeServer, database: sluice.Database) -> None:
    more = Response(packed=value_pb2.PackedRows(row_count=1, columns=[Packed(texts=["x"])]), stats=END)
    sending(server, packed(Packed(integers=[1, 2, 3])), more)
    assert database.query_columns("SELECT").lists == ([1, 2, 3, "x"],)
    sending(server, packed(Packed(integers=[1, 2, 3])))
    with pytest.raises(sluice.IncompleteStream):
        database.query_columns("SELECT")
    sending(server, Response(columns=proto_columns("a"), stats=END))
    assert database.query_columns("SELECT").lists == ([],)


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [Packed(), Packed()],
        [Packed(integers=[1, 2])],
        [Packed(integers=[1, 2, 3], nulls=[3])],
        [Packed(integers=[1, 2, 3], other_rows=[9], others=[value_pb2.Value(text="x")])],
        [Packed(integers=[1, 2, 3], other_rows=[1])],
        [Packed(integers=[1, 2, 3], other_rows=[1], others=[value_pb2.Value()])],
    ],
    ids=["none", "two", "short", "null", "other", "unmatched", "odd"],
)
def test_packed_columns_that_do_not_fit_are_errors(
    server: FakeServer, database: sluice.Database, columns: list[value_pb2.PackedColumn]
) -> None:
    sending(server, packed(*columns), Response(stats=END))
    with pytest.raises(sluice.Internal):
        database.query_all("SELECT")
    with pytest.raises(sluice.Internal):
        database.query_columns("SELECT")


def test_keys_of_packed_rows_come_with_the_rows() -> None:
    header = Header.of(proto_columns("a"))
    message = value_pb2.PackedRows(row_count=2, columns=[Packed(integers=[1, 2])], keys=["1", "2"])
    assert [row.key for row in rows_of(header, [], message)] == ["1", "2"]
    del message.keys[1]
    with pytest.raises(sluice.Internal):
        list(rows_of(header, [], message))


def test_a_result_that_the_configuration_cuts_is_no_whole_one(server: FakeServer, database: sluice.Database) -> None:
    packed = value_pb2.PackedRows(row_count=1, columns=[value_pb2.PackedColumn(integers=[1])])
    sending(server, Response(columns=proto_columns("a"), packed=packed, stats=END, truncated=True))
    rows = database.query("SELECT")
    assert next(rows) == (1,)
    for read in (lambda: next(rows), lambda: database.query_all("SELECT"), lambda: database.query_columns("SELECT")):
        with pytest.raises(sluice.ResourceExhausted) as caught:
            read()
        assert caught.value.reason == "LIMIT"


def test_a_message_cannot_claim_more_rows_than_it_can_hold(server: FakeServer, database: sluice.Database) -> None:
    packed = value_pb2.PackedRows(row_count=4_000_000_000, columns=[value_pb2.PackedColumn()])
    sending(server, Response(columns=proto_columns("a"), packed=packed, stats=END))
    with pytest.raises(sluice.Internal):
        database.query_all("SELECT")
