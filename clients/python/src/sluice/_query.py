"""Results as they stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Protocol

from sluice._errors import IncompleteStream, Internal, TruncatedResult
from sluice._packed import lists_of, rows_of
from sluice._rows import Column, Header, Row
from sluice._transport import Stream
from sluice._values import Value, to_proto
from sluice.v1 import query_pb2, row_pb2

Params = Sequence[object] | Mapping[str, object]
# A query and a table stream alike.
Part = query_pb2.StreamQueryResponse | row_pb2.ReadRowsResponse
Parts = Stream[query_pb2.StreamQueryResponse] | Stream[row_pb2.ReadRowsResponse]


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


class Results:
    """The messages of one query. The first is received at once, so that a refused statement is refused here."""

    def __init__(self, stream: Parts) -> None:
        self._stream = stream
        self._closed = False
        self.stats: query_pb2.QueryStats | None = None
        self._truncated = False
        self._first: Part | None = self._receive()
        self.header = Header.of(self._first.columns)

    def next(self) -> Part | None:
        """The next message; None after the last, when the server has said that the result is whole. TruncatedResult when
        it said that there is more than it gives."""
        if self._first is not None:
            message, self._first = self._first, None
            return message
        if self._closed:
            return None
        if self.stats is not None:
            self._finish()
            return None
        message = self._receive()
        if message.columns:  # Of a call that goes on where another was cut.
            try:
                self.header.check(message.columns)
            except BaseException:
                self.close()
                raise
        return message

    def close(self) -> None:
        """Ends the query."""
        self._closed = True
        self._first = None
        self._stream.close()

    def _receive(self) -> Part:
        try:
            for message in self._stream:
                if message.HasField("stats"):
                    self.stats = message.stats
                    self._truncated = message.truncated
                return message
            raise IncompleteStream("the result was cut")
        except BaseException:
            self.close()
            raise

    def _finish(self) -> None:
        """After the statistics comes the status, which may still be an error."""
        self._closed = True
        for _ in self._stream:
            self._stream.close()
            raise Internal("the server sent more after the end of the result")
        if self._truncated:
            raise TruncatedResult.made("LIMIT", "the result is larger than the server's configuration allows")


class Rows(Iterator[Row]):
    """The rows of one query, given as they come.

    A query that breaks, or that the server ends because its reader paused for a minute, goes on where it stopped, if its
    rows come in the order of a key, then under the state of the database that it finds. It ends with IncompleteStream when
    the result was cut and with TruncatedResult when the server's configuration allows no more rows, so that a cut result
    is never taken for a whole one. `close` ends the query early, as does leaving it as a context manager or dropping it.
    """

    def __init__(self, stream: Parts) -> None:
        self._results = Results(stream)
        self._pending: deque[Row] = deque()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the result, known from the start."""
        return self._results.header.columns

    @property
    def stats(self) -> query_pb2.QueryStats | None:
        """What the query cost; None before all rows were taken."""
        return self._results.stats if not self._pending else None

    def __next__(self) -> Row:
        while not self._pending:
            message = self._results.next()
            if message is None:
                raise StopIteration
            try:
                self._pending.extend(rows_of(self._results.header, message.rows, message.packed))
            except BaseException:
                self.close()
                raise
        return self._pending.popleft()

    def close(self) -> None:
        """Ends the query; the rows not yet taken are gone."""
        self._pending.clear()
        self._results.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ColumnLists(NamedTuple):
    """A whole result, column by column: `lists` has one list of values for each of `columns`."""

    columns: tuple[Column, ...]
    lists: tuple[list[Value], ...]
    stats: query_pb2.QueryStats

    def as_dict(self) -> dict[str, list[Value]]:
        """The lists by column name, as data frames take them; of columns with the same name it has the first."""
        result: dict[str, list[Value]] = {}
        for column, values in zip(self.columns, self.lists):
            result.setdefault(column.name, values)
        return result


class QueryResult(NamedTuple):
    """A bounded result: `truncated` says whether there were more rows. What follows `stats` is of a query that writes, as
    in `Executed`."""

    columns: tuple[Column, ...]
    rows: list[Row]
    truncated: bool
    stats: query_pb2.QueryStats
    affected: int = 0
    last_insert_rowid: int = 0
    commit_token: str = ""
    replayed: bool = False

    @classmethod
    def of(cls, response: query_pb2.RunQueryResponse) -> QueryResult:
        header = Header.of(response.columns)
        rows = list(rows_of(header, response.rows, response.packed))
        return cls(
            header.columns,
            rows,
            response.truncated,
            response.stats,
            response.affected_count,
            response.last_insert_rowid,
            response.commit_token,
            response.replayed,
        )


def read_lists(stream: Stream[query_pb2.StreamQueryResponse]) -> ColumnLists:
    """Takes a stream to its end."""
    results = Results(stream)
    columns = results.header.columns
    lists: tuple[list[Value], ...] = tuple([] for _ in columns)
    try:
        while (message := results.next()) is not None:
            if message.rows:
                raise Internal("the server sent rows where packed columns were asked for")
            if message.packed.row_count:
                for whole, part in zip(lists, lists_of(message.packed, len(columns))):
                    whole.extend(part)
    except BaseException:
        results.close()
        raise
    assert results.stats is not None
    return ColumnLists(columns, lists, results.stats)
