"""Results as they stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol

from sluice._errors import IncompleteStream, Internal
from sluice._rows import Column, Header, Row
from sluice._transport import Stream
from sluice._values import to_proto
from sluice.v1 import query_pb2

Params = Sequence[object] | Mapping[str, object]


class HasParams(Protocol):
    """Any request with a statement."""

    params: Any
    named_params: Any


def set_params(request: HasParams, params: Params | None) -> None:
    """Sets parameters by name from a mapping, by position from a sequence."""
    if params is None:
        return
    if isinstance(params, Mapping):
        for name, value in params.items():
            request.named_params[name].CopyFrom(to_proto(value))
    elif isinstance(params, Sequence) and not isinstance(params, (str, bytes, bytearray, memoryview)):
        request.params.extend(map(to_proto, params))
    else:
        raise TypeError(f"params are a sequence or a mapping of values, and not a {type(params).__name__}")


class Rows(Iterator[Row]):
    """The rows of one query, given as they come.

    It ends with IncompleteStream when the result was cut, so that a cut result is never taken for a whole one. `close`
    ends the query early, as does leaving it as a context manager or dropping it.
    """

    def __init__(self, stream: Stream[query_pb2.StreamQueryResponse]) -> None:
        self._stream = stream
        self._pending: deque[Row] = deque()
        self._stats: query_pb2.QueryStats | None = None
        self._closed = False
        try:
            first = self._receive()
            self._header = Header.of(first.columns)
            self._take(first)
        except BaseException:
            self.close()
            raise

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the result, known from the start."""
        return self._header.columns

    @property
    def stats(self) -> query_pb2.QueryStats | None:
        """What the query cost; None before all rows were taken."""
        return self._stats if not self._pending else None

    def __next__(self) -> Row:
        while not self._pending:
            if self._closed:
                raise StopIteration
            if self._stats is not None:
                self._finish()
                raise StopIteration
            try:
                self._take(self._receive())
            except BaseException:
                self.close()
                raise
        return self._pending.popleft()

    def close(self) -> None:
        """Ends the query; the rows not yet taken are gone."""
        self._closed = True
        self._pending.clear()
        self._stream.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _receive(self) -> query_pb2.StreamQueryResponse:
        for message in self._stream:
            return message
        raise IncompleteStream("the result was cut")

    def _take(self, message: query_pb2.StreamQueryResponse) -> None:
        self._pending.extend(map(self._header.row, message.rows))
        if message.HasField("stats"):
            self._stats = message.stats

    def _finish(self) -> None:
        """After the statistics comes the status, which may still be an error."""
        self._closed = True
        for _ in self._stream:
            self._stream.close()
            raise Internal("the server sent more after the end of the result")
