from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2

import sluice
from sluice import _load
from sluice._packed import lists_of, pack
from sluice._retry import FRUITLESS_ATTEMPTS_MAX
from sluice.v1 import load_pb2, value_pb2

from .conftest import FakeServer, Failure


class Table:
    """Takes loads as the server does: a part for each message. `breaks` says, for each call, after how many messages it is
    cut; the rows of the message that is cut are taken, and nobody is told."""

    def __init__(self, breaks: list[int]) -> None:
        self.breaks = breaks
        self.starts: list[load_pb2.LoadRowsStart] = []
        self.rows: list[tuple[Any, ...]] = []
        self.received = 0

    def answer(self, requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        self.starts.append(next(requests).start)
        yield load_pb2.LoadRowsResponse(acknowledged_rows=len(self.rows))
        left = self.breaks.pop(0) if self.breaks else -1
        for request in requests:
            self.received += 1
            assert request.first_row <= len(self.rows)
            new = list(zip(*lists_of(request.packed, len(self.starts[0].columns))))
            self.rows += new[len(self.rows) - request.first_row :]
            if left == 0:
                raise Failure(grpc.StatusCode.UNAVAILABLE, "DRAINING")
            left -= 1
            yield load_pb2.LoadRowsResponse(acknowledged_rows=len(self.rows), inserted_count=len(self.rows))
        yield load_pb2.LoadRowsResponse(
            acknowledged_rows=len(self.rows), inserted_count=len(self.rows), commit_token="c", done=True
        )


@pytest.fixture(autouse=True)
def small_and_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_load, "MESSAGE_ROWS", 10)


def test_rows_are_taken_one_by_one_and_packed(server: FakeServer, database: sluice.Database) -> None:
    table = Table([])
    server.answers["LoadRows"] = table.answer
    seen: list[int] = []
    rows = ({"n": n, "text": f"row {n}"} for n in range(25))
    loaded = database.load("t", rows, rows_per_commit=7, on_conflict="ignore", progress=lambda l: seen.append(l.rows))
    assert (loaded.rows, loaded.inserted, loaded.commit_token) == (25, 25, "c")
    assert table.rows == [(n, f"row {n}") for n in range(25)] and table.received == 3
    start = table.starts[0]
    assert (list(start.columns), start.rows_per_commit, len(start.load_id)) == (["n", "text"], 7, 32)
    assert start.on_conflict.action == start.on_conflict.ACTION_IGNORE and start.mode == load_pb2.LOAD_MODE_DURABLE
    assert seen[-1] == 25


def test_a_load_that_breaks_goes_on_and_adds_no_row_twice(server: FakeServer, database: sluice.Database) -> None:
    table = Table([1, 0, 2])
    server.answers["LoadRows"] = table.answer
    assert database.load("t", [(n,) for n in range(95)], columns=["n"]).rows == 95
    assert table.rows == [(n,) for n in range(95)]
    assert len({start.load_id for start in table.starts}) == 1 and len(table.starts) == 4


def test_a_load_of_another_process_is_gone_on_with(server: FakeServer, database: sluice.Database) -> None:
    table = Table([])
    table.rows = [(n,) for n in range(12)]
    server.answers["LoadRows"] = table.answer
    assert database.load("t", ((n,) for n in range(20)), columns=["n"], load_id="mine").rows == 20
    assert table.rows == [(n,) for n in range(20)] and table.received == 1 and table.starts[0].load_id == "mine"


def test_a_load_gives_up_when_nothing_comes_further(server: FakeServer, database: sluice.Database) -> None:
    def refuse(requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        next(requests)
        raise Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED")
        yield

    server.answers["LoadRows"] = refuse
    with pytest.raises(sluice.Unavailable):
        database.load("t", [(1,)], columns=["n"])
    assert server.calls == FRUITLESS_ATTEMPTS_MAX
    with pytest.raises(sluice.Unavailable):
        database.load("t", [(1,)], columns=["n"], atomic=True)
    assert server.calls == FRUITLESS_ATTEMPTS_MAX + 1


def test_a_load_that_gives_up_tells_how_to_go_on(server: FakeServer, database: sluice.Database) -> None:
    table = Table([1])

    def once(requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        if not table.starts:
            yield from table.answer(requests)
        raise Failure(grpc.StatusCode.UNAVAILABLE, "OVERLOADED")

    server.answers["LoadRows"] = once
    with pytest.raises(sluice.Unavailable) as caught:
        database.load("t", [(n,) for n in range(35)], columns=["n"])
    loaded = caught.value.loaded
    assert loaded is not None and (loaded.rows, loaded.id) == (10, table.starts[0].load_id)
    server.answers["LoadRows"] = table.answer
    assert database.load("t", [(n,) for n in range(35)], columns=["n"], load_id=loaded.id).rows == 35
    assert table.rows == [(n,) for n in range(35)]


def test_rows_that_are_skipped_were_perhaps_taken_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_load, "MESSAGE_BYTES", 100)
    messages = _load._Messages(((n, "x" * 30) for n in range(20)), ["n", "text"])
    first = messages.next()
    assert first is not None and first.packed.row_count < 10
    for skipped in (first.packed.row_count + 1, 15):
        messages.skip_to(skipped)
        message = messages.next()
        assert message is not None
        assert (message.first_row, message.packed.columns[0].integers[0]) == (skipped, skipped)


def test_an_error_of_a_row_ends_a_load(server: FakeServer, database: sluice.Database) -> None:
    def fail_later(requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        next(requests)
        yield load_pb2.LoadRowsResponse()
        next(requests)
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "CHECK")

    server.answers["LoadRows"] = fail_later
    endless = ((n,) for n in iter(int, 1))
    with pytest.raises(sluice.FailedPrecondition) as caught:
        database.load("t", endless, columns=["n"])
    assert caught.value.reason == "CHECK" and server.calls == 1


def test_what_the_rows_raise_is_raised(server: FakeServer, database: sluice.Database) -> None:
    server.answers["LoadRows"] = Table([]).answer

    def broken() -> Iterator[tuple[int]]:
        yield (1,)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        database.load("t", broken(), columns=["n"])
    for rows, columns in (([{"a": 1}, {"b": 1}], None), ([(1, 2)], ["a"]), ([], None)):
        with pytest.raises(ValueError):
            database.load("t", rows, columns=columns)
    with pytest.raises(TypeError):
        database.load("t", [(1,)])


def test_rows_that_were_left_out_are_told(server: FakeServer, database: sluice.Database) -> None:
    def answer(requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        next(requests)
        error = load_pb2.LoadError(row=3_000_000_000, code=9, reason="CHECK", message="m", metadata={"columns": "t.a"})
        yield load_pb2.LoadRowsResponse(acknowledged_rows=5, failed_count=1, errors=[error])
        yield load_pb2.LoadRowsResponse(acknowledged_rows=5, failed_count=1, done=True)

    server.answers["LoadRows"] = answer


    loaded = database.load("t", [], columns=["n"], continue_on_error=True)
    assert loaded.errors == (sluice.RowError(3_000_000_000, 9, "CHECK", "m", {"columns": "t.a"}),)


def test_large_rows_make_small_messages(
    server: FakeServer, database: sluice.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_load, "MESSAGE_BYTES", 1000)
    table = Table([])
    server.answers["LoadRows"] = table.answer
    rows = [(n, "x" * (400 if n % 7 else 3000)) for n in range(50)]
    assert database.load("t", rows, columns=["n", "text"]).rows == 50
    assert table.rows == rows and table.received > 10


def test_no_more_rows_are_taken_than_a_message_holds() -> None:
    taken: list[int] = []

    def rows() -> Iterator[tuple[bytes]]:
        for n in range(5):
            taken.append(n)
            yield (b"x" * (1 << 20),)

    messages = _load._Messages(rows(), ["blob"])
    message = messages.next()
    assert message is not None and message.packed.row_count == 1 and taken == [0]


def test_a_load_goes_on_when_the_server_held_too_many_large_rows(server: FakeServer, database: sluice.Database) -> None:
    table = Table([])
    retry = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=1))
    refusals = [Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT", retry)]

    def answer(requests: Iterator[load_pb2.LoadRowsRequest]) -> Iterator[load_pb2.LoadRowsResponse]:
        if refusals:
            raise refusals.pop()
        yield from table.answer(requests)

    server.answers["LoadRows"] = answer
    assert database.load("t", [(1,)], columns=["n"]).rows == 1 and table.rows == [(1,)]
    refusals.append(Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT"))
    with pytest.raises(sluice.ResourceExhausted):
        database.load("t", [(1,)], columns=["n"])


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, None, 3],
        [None, None],
        [None, "a", b"b", 2.5, sluice.RawText(b"\xff"), ""],
        [sluice.RawText(b"\xff"), None],
        [True, False],
        [2.5, 1],
        [b"", None, b"x"],
    ],
)
def test_columns_keep_every_value(values: list[Any]) -> None:
    packed = value_pb2.PackedRows()
    pack([(value,) for value in values], packed)
    (unpacked,) = lists_of(packed, 1)
    assert unpacked == values
    assert [type(value) for value in unpacked] == [int if isinstance(value, bool) else type(value) for value in values]
