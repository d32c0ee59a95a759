"""Retries, deadlines, errors and pages."""

from __future__ import annotations

import json
import threading
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

import sluice
from sluice._policy import idempotency_of, methods, service_config
from sluice.v1 import catalog_pb2, catalog_pb2_grpc, options_pb2, query_pb2, query_pb2_grpc, row_pb2

from .conftest import Failure, FakeServer, proto_columns, proto_row


def test_retries_are_for_methods_without_side_effects_only() -> None:
    reads = options_pb2.IDEMPOTENCY_NO_SIDE_EFFECTS
    retried = {method.full_name for method in methods() if idempotency_of(method) == reads}
    others = {method.full_name for method in methods()} - retried
    writes = ("InsertRows", "UpsertRows", "UpdateRows", "DeleteRows", "UpdateRow", "DeleteRow", "Commit", "LoadRows")
    statements = {f"sluice.v1.QueryService.{name}" for name in ("Execute", "BatchExecute", "RunQuery")}
    tables = {f"sluice.v1.CatalogService.{name}Table" for name in ("Create", "Alter", "Drop")}
    snapshots = {f"sluice.v1.SnapshotService.{name}Snapshot" for name in ("Create", "Delete")}
    restores = {
        f"sluice.v1.SnapshotService.{name}"
        for name in ("CreateUpload", "WriteUpload", "DeleteUpload", "RestoreDatabase", "RestoreSnapshot")
    }
    rows = {f"sluice.v1.RowService.{name}" for name in writes}
    assert others == rows | statements | tables | snapshots | restores
    assert {
        "sluice.v1.CatalogService.GetTable",
        "sluice.v1.QueryService.StreamQuery",
        "sluice.v1.RowService.ListRows",
        "sluice.v1.SnapshotService.DownloadDatabase",
    } <= retried


def test_what_takes_effect_once_is_sent_again_too() -> None:
    once = json.loads(service_config())["methodConfig"][1]
    assert {name["method"] for name in once["name"]} == {"RestoreDatabase", "WriteUpload"}


def test_reads_outlive_a_restart() -> None:
    before = FakeServer()
    before.stop()
    with sluice.connect(before.address) as client:
        # As long as a server takes to stop and start.
        started: list[FakeServer] = []
        later = threading.Timer(2.0, lambda: started.append(FakeServer(before.address)))
        later.start()
        try:
            with pytest.raises(sluice.Unimplemented):
                list(client.databases())
        finally:
            later.join()
            started[0].stop()


def test_calls_of_generated_stubs_carry_the_token(server: FakeServer) -> None:
    server.answers["StreamQuery"] = lambda _: iter([query_pb2.StreamQueryResponse(stats=query_pb2.QueryStats())])
    server.answers["GetTable"] = lambda _: catalog_pb2.GetTableResponse()
    with sluice.connect(server.address, "secret") as client:
        catalog = catalog_pb2_grpc.CatalogServiceStub(client.channel)  # type: ignore[no-untyped-call]
        catalog.GetTable(catalog_pb2.GetTableRequest(), metadata=(("mine", "1"),))
        assert (server.metadata["authorization"], server.metadata["mine"]) == ("Bearer secret", "1")
        catalog.GetTable(catalog_pb2.GetTableRequest(), metadata=(("authorization", "Bearer other"),))
        assert server.metadata["authorization"] == "Bearer other"
        query = query_pb2_grpc.QueryServiceStub(client.channel)  # type: ignore[no-untyped-call]
        assert len(list(query.StreamQuery(query_pb2.StreamQueryRequest()))) == 1
        assert server.metadata["authorization"] == "Bearer secret"


def test_reads_are_sent_again_when_the_server_is_unavailable(server: FakeServer, database: sluice.Database) -> None:
    def answer(_: Any) -> catalog_pb2.GetTableResponse:
        if server.calls < 3:
            raise Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED")
        return catalog_pb2.GetTableResponse(table=catalog_pb2.Table(name="t"))

    server.answers["GetTable"] = answer
    assert database.table("t").name == "t"
    assert server.calls == 3


def test_streams_are_sent_again_until_they_answer(server: FakeServer, database: sluice.Database) -> None:
    def answer(_: Any) -> Any:
        if server.calls == 1:
            raise Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
        yield query_pb2.StreamQueryResponse(stats=query_pb2.QueryStats())

    server.answers["StreamQuery"] = answer
    assert database.query_all("SELECT 1") == []
    assert server.calls == 2


def test_inserts_are_never_sent_again(server: FakeServer, database: sluice.Database) -> None:
    def answer(_: Any) -> Any:
        delay = duration_pb2.Duration(nanos=250_000_000)
        raise Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED", error_details_pb2.RetryInfo(retry_delay=delay))

    server.answers["InsertRows"] = answer
    with pytest.raises(sluice.Unavailable) as caught:
        database.insert("t", {"a": 1})
    assert caught.value.retry_delay == 0.25
    assert server.calls == 1


def test_other_errors_are_not_retried(server: FakeServer, database: sluice.Database) -> None:
    def answer(_: Any) -> Any:
        raise Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT")

    server.answers["GetTable"] = answer
    with pytest.raises(sluice.ResourceExhausted):
        database.table("t")
    assert server.calls == 1


def test_errors_carry_what_the_server_said(server: FakeServer, database: sluice.Database) -> None:
    def answer(_: Any) -> Any:
        violation = error_details_pb2.BadRequest.FieldViolation(field="table", description="is empty")
        raise Failure(
            grpc.StatusCode.NOT_FOUND, "NO_SUCH_TABLE", error_details_pb2.BadRequest(field_violations=[violation])
        )

    server.answers["GetTable"] = answer
    with pytest.raises(sluice.NotFound) as caught:
        database.table("t")
    error = caught.value
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, "NO_SUCH_TABLE")
    assert error.metadata == {"table": "t"}
    assert error.fields == (sluice.FieldViolation("table", "is empty"),)
    assert error.retry_delay is None
    assert str(error) == "NOT_FOUND (NO_SUCH_TABLE): said the server"


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_code_has_its_exception(server: FakeServer, database: sluice.Database, code: grpc.StatusCode) -> None:
    def answer(_: Any) -> Any:
        raise Failure(code, "X")

    server.answers["InsertRows"] = answer
    with pytest.raises(sluice.SluiceError) as caught:
        database.insert("t", {"a": 1})
    assert type(caught.value).__name__.lower() == code.name.replace("_", "").lower()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with sluice.connect("127.0.0.1:1", timeout=20) as client, pytest.raises(sluice.Unavailable) as caught:
        client.database("d").insert("t", {})
    assert caught.value.reason == ""


def test_unary_calls_have_a_deadline_and_streams_have_none(server: FakeServer, client: sluice.Client) -> None:
    database = client.database("d")
    with pytest.raises(sluice.Unimplemented):
        database.table("t")
    assert server.remaining is not None and 50 < server.remaining < 70
    with pytest.raises(sluice.Unimplemented):
        database.table("t", timeout=10)
    assert server.remaining is not None and server.remaining < 20
    with pytest.raises(sluice.Unimplemented):
        database.query("SELECT 1")
    assert server.remaining is None or server.remaining > 1e6


def test_a_deadline_that_passes_is_an_error(server: FakeServer, database: sluice.Database) -> None:
    release = threading.Event()
    server.answers["GetTable"] = lambda _: release.wait(20)
    with pytest.raises(sluice.DeadlineExceeded):
        database.table("t", timeout=0.1)
    release.set()


def test_iterators_walk_every_page(server: FakeServer, client: sluice.Client) -> None:
    def databases(request: catalog_pb2.ListDatabasesRequest) -> catalog_pb2.ListDatabasesResponse:
        name, token = ("b", "") if request.page_token else ("a", "2")
        return catalog_pb2.ListDatabasesResponse(databases=[catalog_pb2.Database(name=name)], next_page_token=token)

    server.answers["ListDatabases"] = databases
    server.answers["ListTables"] = lambda request: catalog_pb2.ListTablesResponse(
        tables=[catalog_pb2.Table(name=request.database)]
    )
    names = [table.name for found in client.databases() for table in client.database(found.name).tables()]
    assert names == ["a", "b"]


def test_rows_come_from_every_page_with_their_keys(server: FakeServer, database: sluice.Database) -> None:
    def answer(request: row_pb2.ListRowsRequest) -> row_pb2.ListRowsResponse:
        page = len(request.page_token)
        return row_pb2.ListRowsResponse(
            columns=proto_columns("id"),
            rows=[proto_row(page * 2 + i, key=str(page * 2 + i)) for i in range(2)],
            next_page_token="x" * (page + 1) if page < 2 else "",
        )

    server.answers["ListRows"] = answer
    assert [(row["id"], row.key) for row in database.rows("t")] == [(i, str(i)) for i in range(6)]
    assert server.calls == 3


def test_a_page_token_that_repeats_is_an_error(server: FakeServer, database: sluice.Database) -> None:
    server.answers["ListRows"] = lambda _: row_pb2.ListRowsResponse(next_page_token="again")
    with pytest.raises(sluice.Internal):
        list(database.rows("t"))
    assert server.calls == 2


def test_row_gives_key_and_etag(server: FakeServer, database: sluice.Database) -> None:
    server.answers["GetRow"] = lambda request: row_pb2.GetRowResponse(
        columns=proto_columns("name"), row=proto_row("smoot", key=request.key, etag="e1")
    )
    row = database.row("t", sluice.key("MINE", 1))
    assert (row["name"], row.key, row.etag) == ("smoot", "MINE,1", "e1")


def test_describe_gives_the_database(server: FakeServer, database: sluice.Database) -> None:
    server.answers["GetDatabase"] = lambda request: catalog_pb2.GetDatabaseResponse(
        database=catalog_pb2.Database(name=request.database)
    )
    assert database.describe().name == "d"
