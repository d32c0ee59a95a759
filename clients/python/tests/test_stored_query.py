from __future__ import annotations

import pytest

import sluice
from sluice.v1 import query_pb2, value_pb2

from .conftest import FakeServer, proto_columns, proto_row


def test_a_stored_query_runs_with_parameters_by_name(server: FakeServer, database: sluice.Database) -> None:
    packed = value_pb2.PackedRows(row_count=2, columns=[value_pb2.PackedColumn(integers=[1, 2])])
    server.answers["RunQuery"] = lambda request: query_pb2.RunQueryResponse(
        columns=proto_columns("a"), packed=packed, truncated=True, stats=query_pb2.QueryStats(row_count=2)
    )
    result = database.run("recent", {"station": "EPSG", "n": 5}, max_rows=2)
    request = server.requests[-1]
    assert (request.query, request.max_rows) == ("recent", 2)
    assert request.params["station"].text == "EPSG" and request.params["n"].integer == 5
    assert result.rows == [(1,), (2,)] and result.truncated and result.stats.row_count == 2
    server.answers["RunQuery"] = lambda request: query_pb2.RunQueryResponse(
        columns=proto_columns("a"), rows=[proto_row("x")]
    )
    assert database.run("recent").rows == [("x",)]


def test_stored_queries_are_listed_page_after_page(server: FakeServer, database: sluice.Database) -> None:
    def answer(request: query_pb2.ListQueriesRequest) -> query_pb2.ListQueriesResponse:
        if not request.page_token:
            return query_pb2.ListQueriesResponse(queries=[query_pb2.StoredQuery(name="a")], next_page_token="t")
        return query_pb2.ListQueriesResponse(queries=[query_pb2.StoredQuery(name="b")])

    server.answers["ListQueries"] = answer
    assert [query.name for query in database.queries()] == ["a", "b"]


def test_a_statement_is_explained(server: FakeServer, database: sluice.Database) -> None:
    server.answers["Describe"] = lambda request: query_pb2.DescribeResponse(
        read_only=True, plan=[query_pb2.PlanNode(detail=f"SCAN {request.sql}")]
    )
    assert database.explain("t").plan[0].detail == "SCAN t"


def test_a_value_that_sqlite_does_not_have_is_refused(database: sluice.Database) -> None:
    with pytest.raises(TypeError):
        database.run("recent", {"n": object()})


def test_a_stored_query_that_writes_says_what_it_did(server: FakeServer, database: sluice.Database) -> None:
    server.answers["RunQuery"] = lambda request: query_pb2.RunQueryResponse(
        columns=proto_columns("a"), rows=[proto_row(1)], affected_count=1, last_insert_rowid=7, commit_token="c", replayed=True
    )
    result = database.run("add", {"n": 5}, request_id="id", validate_only=True)
    request = server.requests[-1]
    assert (request.request_id, request.validate_only) == ("id", True)
    assert (result.rows, result.affected, result.last_insert_rowid) == ([(1,)], 1, 7)
    assert (result.commit_token, result.replayed) == ("c", True)
