from __future__ import annotations

import sluice
from sluice.v1 import execute_pb2

from .conftest import FakeServer, proto_columns, proto_row


def test_execute_sends_parameters_and_tells_what_was_done(server: FakeServer, database: sluice.Database) -> None:
    server.answers["Execute"] = lambda _: execute_pb2.ExecuteResponse(
        columns=proto_columns("a"),
        rows=[proto_row(7)],
        affected_count=1,
        last_insert_rowid=7,
        truncated=True,
        commit_token="c",
        replayed=True,
    )
    done = database.execute("INSERT …", {"x": 1}, max_rows=5, validate_only=True, request_id="id")
    request = server.requests[-1]
    assert (request.sql, request.named_params["x"].integer, request.max_rows) == ("INSERT …", 1, 5)
    assert request.validate_only and request.request_id == "id"
    assert done.rows[0]["a"] == 7 and done.columns[0].name == "a"
    assert (done.affected, done.last_insert_rowid, done.truncated, done.commit_token, done.replayed) == (1, 7, True, "c", True)


def test_batch_execute_takes_sql_with_or_without_parameters(server: FakeServer, database: sluice.Database) -> None:
    server.answers["BatchExecute"] = lambda _: execute_pb2.BatchExecuteResponse(
        results=[execute_pb2.StatementResult(), execute_pb2.StatementResult(affected_count=2)], commit_token="c"
    )
    done = database.batch_execute(["CREATE …", ("INSERT …", [1, 2])])
    assert [statement.sql for statement in server.requests[-1].statements] == ["CREATE …", "INSERT …"]
    assert [value.integer for value in server.requests[-1].statements[1].params] == [1, 2]
    assert [each.affected for each in done] == [0, 2] and done[0].commit_token == "c"
