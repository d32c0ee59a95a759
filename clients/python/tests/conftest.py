"""A server in this process, which answers as each test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

import sluice
from sluice._values import to_proto
from sluice.v1 import catalog_pb2_grpc, query_pb2_grpc, row_pb2_grpc, snapshot_pb2_grpc, value_pb2

Answer = Callable[..., Any]


SERVICES: tuple[tuple[Any, type], ...] = (
    (catalog_pb2_grpc.add_CatalogServiceServicer_to_server, catalog_pb2_grpc.CatalogServiceServicer),
    (query_pb2_grpc.add_QueryServiceServicer_to_server, query_pb2_grpc.QueryServiceServicer),
    (row_pb2_grpc.add_RowServiceServicer_to_server, row_pb2_grpc.RowServiceServicer),
    (snapshot_pb2_grpc.add_SnapshotServiceServicer_to_server, snapshot_pb2_grpc.SnapshotServiceServicer),
)


class Failure(Exception):
    """What an answer raises to fail its call."""

    def __init__(self, code: grpc.StatusCode, reason: str, *details: Any) -> None:
        info = error_details_pb2.ErrorInfo(domain="sluice", reason=reason, metadata={"table": "t"})
        self.code = code
        self.status = status_pb2.Status(code=code.value[0], message="said the server")
        for detail in (info, *details):
            packed = any_pb2.Any()
            packed.Pack(detail)
            self.status.details.append(packed)


class FakeServer:
    """Answers each method with what its test sets, by the method's name; one that is not set is UNIMPLEMENTED."""

    def __init__(self, address: str = "127.0.0.1:0") -> None:
        self.answers: dict[str, Answer] = {}
        self.calls = 0
        self.requests: list[Any] = []
        self.metadata: dict[str, Any] = {}
        self.remaining: float | None = None
        self.ended = threading.Event()
        self._server = grpc.server(
            futures.ThreadPoolExecutor(max_workers=4), options=[("grpc.max_send_message_length", -1)]
        )
        for register, base in SERVICES:
            register(self._servicer(base), self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port(address)}"
        self._server.start()

    def _servicer(self, base: type) -> Any:
        streams = {"StreamQuery", "ReadRows", "ReadValue", "DownloadDatabase", "RefreshDatabase", "DownloadSnapshot", "LoadRows"}
        methods = {
            name: self._stream(name) if name in streams else self._unary(name)
            for name in vars(base)
            if not name.startswith("_")
        }
        return type("Fake" + base.__name__, (base,), methods)()

    def _note(self, request: Any, context: grpc.ServicerContext) -> None:
        self.calls += 1
        self.requests.append(request)
        self.metadata = {item.key: item.value for item in context.invocation_metadata()}  # type: ignore[attr-defined]
        self.remaining = context.time_remaining()

    def _unary(self, name: str) -> Answer:
        def method(_: Any, request: Any, context: grpc.ServicerContext) -> Any:
            self._note(request, context)
            try:
                return self._answer(name)(request)
            except Failure as failure:
                fail(failure, context)

        return method

    def _stream(self, name: str) -> Answer:
        def method(_: Any, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            self._note(request, context)
            context.add_callback(self.ended.set)
            try:
                yield from self._answer(name)(request)
            except Failure as failure:
                fail(failure, context)

        return method

    def _answer(self, name: str) -> Answer:
        if name not in self.answers:
            raise Failure(grpc.StatusCode.UNIMPLEMENTED, "NOT_IN_THIS_TEST")
        return self.answers[name]

    def stop(self) -> None:
        self._server.stop(None).wait()


def fail(failure: Failure, context: grpc.ServicerContext) -> None:
    context.set_trailing_metadata((("grpc-status-details-bin", failure.status.SerializeToString()),))
    context.abort(failure.code, failure.status.message)


def proto_row(*values: object, key: str = "", etag: str = "") -> value_pb2.Row:
    return value_pb2.Row(values=map(to_proto, values), key=key, etag=etag)


def proto_columns(*names: str) -> list[value_pb2.Column]:
    return [value_pb2.Column(name=name) for name in names]


@pytest.fixture(autouse=True)
def no_token_of_this_user(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if request.node.get_closest_marker("real_server"):
        return
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("SLUICE_TOKEN", raising=False)
    monkeypatch.delenv("SLUICE_ADDRESS", raising=False)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice._retry.FIRST_WAIT_SECONDS", 0.001)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.stop()


@pytest.fixture
def client(server: FakeServer) -> Iterator[sluice.Client]:
    with sluice.connect(server.address) as connected:
        yield connected


@pytest.fixture
def database(client: sluice.Client) -> sluice.Database:
    return client.database("d")
