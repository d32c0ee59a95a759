from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody

import sluice
from sluice.v1 import catalog_pb2, query_pb2, row_pb2, value_pb2

from .conftest import Failure, FakeServer, proto_columns, proto_row

Part = row_pb2.ReadRowsResponse
END = query_pb2.QueryStats(row_count=1)


def test_rows_are_chosen_ordered_and_labelled(server: FakeServer, database: sluice.Database) -> None:
    column = value_pb2.Column(name="a_label", label_of="a")
    server.answers["ListRows"] = lambda request: row_pb2.ListRowsResponse(
        columns=[*proto_columns("a"), column], rows=[proto_row(1, "one", key="1")]
    )
    row, *rest = database.rows("t", filter="a > 0", order_by="a desc", search="x", columns=["a"], labels=["*"])
    assert (row, row.key, rest) == ((1, "one"), "1", [])
    assert row.columns[1] == sluice.Column("a_label", "", "a")
    request = server.requests[0]
    assert (request.filter, request.order_by, request.search) == ("a > 0", "a desc", "x")
    assert (list(request.columns), list(request.labels)) == (["a"], ["*"])


def test_names_are_no_single_text(database: sluice.Database) -> None:
    with pytest.raises(TypeError):
        database.rows("t", columns="abc")


def parts(server: FakeServer, *calls: list[Any]) -> None:
    """Makes each call of ReadRows give its messages; an exception among them is raised."""
    left = list(calls)

    def answer(_: Any) -> Iterator[Any]:
        for message in left.pop(0):
            if isinstance(message, Exception):
                raise message
            yield message

    server.answers["ReadRows"] = answer


def test_a_broken_stream_goes_on_where_it_stopped(server: FakeServer, database: sluice.Database) -> None:
    away = Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
    parts(
        server,
        [Part(columns=proto_columns("a"), rows=[proto_row(1), proto_row(2)], resume_token="two"), away],
        [Part(columns=proto_columns("a"), rows=[proto_row(3)], resume_token="three"), Part(stats=END)],
    )
    assert list(database.stream_rows("t", limit=10)) == [(1,), (2,), (3,)]
    assert [(request.resume_token, request.row_limit) for request in server.requests] == [("", 10), ("two", 8)]


# Without a reason where a message was on its way and gRPC cancelled the stream.
@pytest.mark.parametrize("reason", ["CANCELLED", ""])
def test_a_stream_whose_reader_paused_for_too_long_goes_on(
    server: FakeServer, database: sluice.Database, reason: str
) -> None:
    stalled = Failure(grpc.StatusCode.CANCELLED, reason)
    parts(
        server,
        [Part(columns=proto_columns("a"), rows=[proto_row(1)], resume_token="one"), stalled],
        [Part(columns=proto_columns("a"), stats=END)],
    )
    assert list(database.stream_rows("t")) == [(1,)]


def test_values_never_stand_under_other_columns(server: FakeServer, database: sluice.Database) -> None:
    away = Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
    parts(
        server,
        [Part(columns=proto_columns("a", "b"), rows=[proto_row(1, 2)], resume_token="one"), away],
        [Part(columns=proto_columns("b", "a"), rows=[proto_row(3, 4)], stats=END)],
    )
    server.answers["ListRows"] = lambda request: row_pb2.ListRowsResponse(
        columns=proto_columns(*("ba" if request.page_token else "ab")),
        rows=[proto_row(1, 2)],
        next_page_token="" if request.page_token else "more",
    )
    for rows in (database.stream_rows("t"), database.rows("t")):
        assert next(rows) == (1, 2)
        with pytest.raises(sluice.Aborted):
            next(rows)


def test_a_stream_that_gives_nothing_twice_has_failed(server: FakeServer, database: sluice.Database) -> None:
    away = Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
    parts(server, [Part(columns=proto_columns("a"), rows=[proto_row(1)], resume_token="one"), away], *[[away]] * 9)
    rows = database.stream_rows("t")
    assert next(rows) == (1,)
    with pytest.raises(sluice.Unavailable):
        next(rows)


def test_a_cut_stream_is_not_taken_for_a_whole_one(server: FakeServer, database: sluice.Database) -> None:
    parts(server, [Part(columns=proto_columns("a"), rows=[proto_row(1)], resume_token="one")])
    with pytest.raises(sluice.IncompleteStream):
        list(database.stream_rows("t"))


def test_a_summary_has_count_facets_and_suggestions(server: FakeServer, database: sluice.Database) -> None:
    def value(item: object) -> value_pb2.Value:
        return proto_row(item).values[0]

    server.answers["ListRows"] = lambda request: row_pb2.ListRowsResponse(
        count=catalog_pb2.RowCount(kind=catalog_pb2.RowCount.KIND_EXACT, value=7),
        facets=[
            row_pb2.Facet(name="a", values=[row_pb2.FacetValue(value=value(1), count=5, label=value("one"))], truncated=True),
            row_pb2.Facet(name="date(b)", timed_out=True),
        ],
        suggested_facets=["c"],
    )
    summary = database.summary("t", filter="x = 1", facets=["a", "date(b)"])
    assert summary.count is not None and summary.count.value == 7
    assert summary.facets == (
        sluice.Facet("a", (sluice.FacetValue(1, 5, "one"),), True, False),
        sluice.Facet("date(b)", (), False, True),
    )
    assert summary.suggested_facets == ("c",)
    assert server.requests[0].count == row_pb2.ListRowsRequest.COUNT_EXACT


def test_references_and_values(server: FakeServer, database: sluice.Database) -> None:
    server.answers["GetRow"] = lambda request: row_pb2.GetRowResponse(
        columns=proto_columns("a"), row=proto_row(1), references=[row_pb2.Reference(table="u", columns=["t"])]
    )
    assert [reference.table for reference in database.references("t", "1")] == ["u"]
    server.answers["ReadValue"] = lambda request: iter([HttpBody(data=b"ab"), HttpBody(data=b"c")])
    assert b"".join(database.value("t", "1", "a")) == b"abc"
