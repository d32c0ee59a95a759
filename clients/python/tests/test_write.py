from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

import sluice
from sluice.v1 import row_pb2, write_pb2

from .conftest import FakeServer, proto_columns, proto_row


def sent(server: FakeServer) -> dict[str, Any]:
    result: dict[str, Any] = json_format.MessageToDict(server.requests[-1])
    return result


def test_insert_says_what_becomes_of_clashes(server: FakeServer, database: sluice.Database) -> None:
    server.answers["InsertRows"] = lambda _: write_pb2.InsertRowsResponse()
    database.insert(
        "t", {"a": 1}, on_conflict="update", target=["a"], update_columns=["b"], missing="null", continue_on_error=True,
        validate_only=True, request_id="id",
    )  # fmt: skip
    assert sent(server) == {
        "database": "d",
        "table": "t",
        "columns": ["a"],
        "rows": [{"values": [{"integer": "1"}]}],
        "return": "RETURN_KEYS",
        "onConflict": {"action": "ACTION_UPDATE", "target": ["a"], "updateColumns": ["b"]},
        "missingColumns": "MISSING_COLUMNS_NULL",
        "continueOnError": True,
        "validateOnly": True,
        "requestId": "id",
    }


def test_rows_that_were_not_written_are_none_and_have_errors(server: FakeServer, database: sluice.Database) -> None:
    server.answers["UpsertRows"] = lambda _: write_pb2.UpsertRowsResponse(
        inserted_count=1,
        updated_count=2,
        ignored_count=3,
        keys=["1", ""],
        columns=proto_columns("a"),
        rows=[proto_row(1, key="1"), proto_row()],
        errors=[write_pb2.RowError(row=1, code=6, reason="UNIQUE", message="m", metadata={"columns": "t.a"})],
        replayed=True,
    )
    written = database.upsert("t", [{"a": 1}, {"a": 2}], returning="rows", target=["a"])
    assert sent(server)["target"] == ["a"]
    assert (written.inserted, written.updated, written.ignored, written.count) == (1, 2, 3, 3)
    assert written.keys == ("1", "") and written.rows[1] is None and written.replayed
    assert written.errors == (sluice.RowError(1, 6, "UNIQUE", "m", {"columns": "t.a"}),)


def test_update_names_rows_by_keys_or_by_their_own(server: FakeServer, database: sluice.Database) -> None:
    server.answers["UpdateRows"] = lambda _: write_pb2.UpdateRowsResponse(updated_count=1)
    database.update("t", [{"b": 1}], keys=["k"], allow_missing=True)
    request = sent(server)
    assert request["rows"] == [{"values": [{"integer": "1"}], "key": "k"}] and request["allowMissing"]
    database.update("t", [{"b": 1}, {"c": 1}], keys=["k", "l"])
    assert sent(server)["keys"] == ["k", "l"]
    database.update("t", [(1, 2)], columns=["id", "b"])
    assert "rows" not in sent(server) and sent(server)["objects"] == [{"id": {"$integer": "1"}, "b": {"$integer": "2"}}]
    with pytest.raises(ValueError, match="2 keys for 1 rows"):
        database.update("t", {"b": 1}, keys=["k", "l"])


def test_delete_takes_keys(server: FakeServer, database: sluice.Database) -> None:
    server.answers["DeleteRows"] = lambda _: write_pb2.DeleteRowsResponse(deleted_count=2)
    assert database.delete("t", ["1", "2"]).deleted == 2
    assert sent(server) == {"database": "d", "table": "t", "keys": ["1", "2"], "return": "RETURN_NONE"}
    with pytest.raises(TypeError):
        database.delete("t", "12")


def test_one_row_is_changed_under_its_etag(server: FakeServer, database: sluice.Database) -> None:
    server.answers["UpdateRow"] = lambda _: write_pb2.UpdateRowResponse(
        columns=proto_columns("a"), row=proto_row(2, key="1", etag="new"), commit_token="ab-1", replayed=True
    )
    server.answers["DeleteRow"] = lambda _: write_pb2.DeleteRowResponse(commit_token="ab-2", replayed=True)
    written = database.update_row("t", "1", {"a": 2}, if_match="old")
    (row,) = written.rows
    assert row is not None
    assert (row["a"], row.key, row.etag, sent(server)["ifMatch"]) == (2, "1", "new", "old")
    assert (written.updated, written.keys, written.commit_token, written.replayed) == (1, ("1",), "ab-1", True)
    deleted = database.delete_row("t", "1", if_match="new")
    assert (deleted.deleted, deleted.commit_token, deleted.replayed) == (1, "ab-2", True)
    assert sent(server) == {"database": "d", "table": "t", "key": "1", "ifMatch": "new"}


def test_commit_runs_one_branch(server: FakeServer, database: sluice.Database) -> None:
    server.answers["Commit"] = lambda _: write_pb2.CommitResponse(
        succeeded=False, results=[write_pb2.MutationResult(deleted_count=1)], commit_token="c"
    )
    committed = database.commit(
        sluice.Mutations().insert("t", {"a": 1}).upsert("t", {"a": 1}).update("t", {"b": 2}, keys=["1"]),
        preconditions=[
            sluice.row_exists("t", "1", False),
            sluice.row_unchanged("t", "2", "e"),
            sluice.row_where("t", "3", "b", ">=", 4),
        ],
        failure=sluice.Mutations().delete("t", ["1"]),
        request_id="id",
    )
    assert not committed.succeeded and committed.results[0].deleted == 1 and committed.commit_token == "c"
    request = sent(server)
    assert [list(part) for part in request["success"]] == [["insert"], ["upsert"], ["update"]]
    assert request["preconditions"] == [
        {"table": "t", "key": "1", "exists": False},
        {"table": "t", "key": "2", "etag": "e"},
        {
            "table": "t",
            "key": "3",
            "column": {"column": "b", "operator": "OPERATOR_GREATER_OR_EQUAL", "value": {"integer": "4"}},
        },
    ]
    assert request["failure"][0]["delete"]["keys"] == ["1"] and request["requestId"] == "id"


def test_writes_by_filter_say_what_they_mean(server: FakeServer, database: sluice.Database) -> None:
    server.answers["UpdateRows"] = lambda _: write_pb2.UpdateRowsResponse(updated_count=2)
    server.answers["DeleteRows"] = lambda _: write_pb2.DeleteRowsResponse(deleted_count=3)
    assert database.update_where("t", "a > 1", {"b": 1}, max_affected=5).updated == 2
    assert sent(server) == {
        "database": "d",
        "table": "t",
        "columns": ["b"],
        "rows": [{"values": [{"integer": "1"}]}],
        "filter": "a > 1",
        "maxAffected": "5",
        "return": "RETURN_NONE",
    }
    assert database.delete_where("t", "", all_rows=True, durability="replicated").deleted == 3
    assert sent(server)["allRows"] and sent(server)["durability"] == "DURABILITY_REPLICATED"
    for condition, all_rows in (("", False), ("a = 1", True)):
        with pytest.raises(ValueError, match="filter"):
            database.delete_where("t", condition, all_rows=all_rows)


def test_reads_ask_for_at_least_a_commit(server: FakeServer, database: sluice.Database) -> None:
    server.answers["GetRow"] = lambda _: row_pb2.GetRowResponse(columns=proto_columns("a"), row=proto_row(1, key="1"))
    database.at_least("ab-1").row("t", "1")
    assert sent(server) == {"database": "d", "table": "t", "key": "1", "minCommitToken": "ab-1"}
    database.row("t", "1")
    assert "minCommitToken" not in sent(server)
