"""Loads: any number of rows, fast, and resumed when the connection breaks."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from sluice._errors import Aborted, ResourceExhausted, SluiceError, Unavailable, Unknown
from sluice._packed import pack
from sluice._retry import Verdict, cut_if, go_on, stream_was_cut
from sluice._stubs import Stubs
from sluice._transport import Stream, Transport
from sluice._write import RowError
from sluice._write_requests import ACTION, DURABILITY, MISSING, Conflict, Durability
from sluice.v1 import load_pb2

MESSAGE_ROWS = 5000
# A message ends with the row that brings it to about as much.
MESSAGE_BYTES = 512 << 10
# Messages that wait for gRPC, and bytes that are kept to be sent again until they are acknowledged.
WAITING_MESSAGES_MAX = 4
UNACKNOWLEDGED_BYTES_MAX = 32 << 20


@dataclass(frozen=True)
class Loaded:
    """How far a load has come. `rows` are those that the server has on its disk or left out, `failed` those that were left
    out with `continue_on_error`, of which `errors` has at most 1 000 for each connection, by their place in the load. `id`
    names the load, for `load_id`; "" for one that is atomic."""

    rows: int = 0
    inserted: int = 0
    updated: int = 0
    ignored: int = 0
    failed: int = 0
    errors: tuple[RowError, ...] = ()
    commit_token: str = ""
    id: str = ""


class Loads:
    """The method of `Database` that loads rows."""

    _stubs: Stubs
    _transport: Transport
    name: str

    def load(
        self,
        table: str,
        rows: Iterable[Mapping[str, Any] | Sequence[Any]],
        *,
        columns: Sequence[str] | None = None,
        on_conflict: Conflict = "abort",
        target: Sequence[str] = (),
        update_columns: Sequence[str] = (),
        missing: Literal["default", "null"] = "default",
        atomic: bool = False,
        rows_per_commit: int = 0,
        load_id: str = "",
        continue_on_error: bool = False,
        validate_only: bool = False,
        durability: Durability = "disk",
        progress: Callable[[Loaded], None] | None = None,
        timeout: float | None = None,
    ) -> Loaded:
        """Adds any number of rows to a table, fast.

        Rows are sequences of values for `columns`, or mappings; without `columns` the first mapping says them, and all
        must give the same. They are taken one by one as they are sent, in this thread, and may come from a generator. A
        row may have 64 MiB.

        Without `atomic` the rows are kept part by part, `rows_per_commit` at a time (0 for 10 000), and a load whose
        connection breaks goes on by itself, up to five times in a row without a further row; no row is added twice.
        A load that failed says how far it came as `loaded` of its SluiceError. With its `loaded.id`, or a `load_id` of
        one's own (a UUID), another call, of another process too, goes on where this one stopped, given the same arguments
        and the same rows. With `atomic` all rows are kept or none; such a load is not resumed.

        Rows that fail end the load, or are left out with `continue_on_error`. `progress` is called now and then.
        """
        given = iter(rows)
        columns, given = _columns_of(given, columns)
        start = load_pb2.LoadRowsStart(
            database=self.name,
            table=table,
            columns=columns,
            mode=load_pb2.LOAD_MODE_ATOMIC if atomic else load_pb2.LOAD_MODE_DURABLE,
            rows_per_commit=rows_per_commit,
            load_id=load_id or ("" if atomic else uuid.uuid4().hex),
            missing_columns=MISSING[missing],
            continue_on_error=continue_on_error,
            validate_only=validate_only,
            durability=DURABILITY[durability],
        )
        if on_conflict != "abort" or target or update_columns:
            start.on_conflict.action = ACTION[on_conflict]
            start.on_conflict.target.extend(target)
            start.on_conflict.update_columns.extend(update_columns)
        messages = _Messages(given, list(columns))

        def begin(requests: Iterator[load_pb2.LoadRowsRequest]) -> Stream[load_pb2.LoadRowsResponse]:
            return self._transport.stream(self._stubs.row.LoadRows, requests, timeout)

        return _Loader(begin, start, messages, progress).run()


def _columns_of(rows: Iterator[Any], columns: Sequence[str] | None) -> tuple[Sequence[str], Iterator[Any]]:
    """The columns, and all rows still."""
    if columns is not None:
        if isinstance(columns, str):
            raise TypeError("columns are a sequence of names")
        return columns, rows
    for first in rows:
        if not isinstance(first, Mapping):
            raise TypeError(f"without columns given, a row is a mapping, and not a {type(first).__name__}")

        def all_rows(first: Any = first) -> Iterator[Any]:
            yield first
            yield from rows

        return list(first), all_rows()
    raise ValueError("there is no row, and no columns are given")


class _Messages:
    """Makes messages of rows, of which it knows the place in the load."""

    def __init__(self, rows: Iterator[Any], columns: list[str]) -> None:
        self._rows = rows
        self._columns = columns
        self._names = set(columns)
        self._next_row = 0

    def skip_to(self, row: int) -> None:
        """Forgets rows that another process has brought."""
        if row > self._next_row:
            self._next_row += sum(1 for _ in islice(self._rows, row - self._next_row))

    def next(self) -> load_pb2.LoadRowsRequest | None:
        rows: list[Sequence[Any]] = []
        size = 0
        for row in islice(self._rows, MESSAGE_ROWS):
            values = self._values(row)
            rows.append(values)
            # Numbers have no length.
            size += sum([len(value) if isinstance(value, (str, bytes, bytearray, memoryview)) else 8 for value in values])
            if size >= MESSAGE_BYTES:
                break
        if not rows:
            return None
        message = load_pb2.LoadRowsRequest(first_row=self._next_row)
        pack(rows, message.packed)
        self._next_row += len(rows)
        return message

    def _values(self, row: Any) -> Sequence[Any]:
        if isinstance(row, Mapping):
            if row.keys() != self._names:
                raise ValueError("every row must give the same columns")
            return [row[column] for column in self._columns]
        if isinstance(row, (str, bytes)) or len(row) != len(self._columns):
            raise ValueError(f"a row is a sequence of {len(self._columns)} values")
        values: Sequence[Any] = row
        return values


class _Call:
    """One call. gRPC takes messages and brings answers in threads of its own."""

    def __init__(self, begin: Callable[[Any], Stream[Any]], start: load_pb2.LoadRowsStart) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[load_pb2.LoadRowsRequest] = deque([load_pb2.LoadRowsRequest(start=start)])
        self._closed = False
        self._ended = False
        self._latest: load_pb2.LoadRowsResponse | None = None
        self._errors: list[load_pb2.LoadError] = []
        self.error: SluiceError | None = None
        self._stream = begin(self._requests())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: load_pb2.LoadRowsRequest) -> bool:
        """False when the call has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or len(self._waiting) < WAITING_MESSAGES_MAX)
            self._waiting.append(message)
            self._changed.notify_all()
            return not self._ended

    def close_sending(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def latest(
        self, beyond: int | None = None
    ) -> tuple[load_pb2.LoadRowsResponse | None, list[load_pb2.LoadError], bool]:
        """The latest answer, the errors since the last look, and whether the call goes on; first waits for one that
        acknowledges more than `beyond` rows."""
        with self._changed:
            if beyond is not None:
                self._changed.wait_for(
                    lambda: self._ended or (self._latest is not None and self._latest.acknowledged_rows > beyond)
                )
            errors, self._errors = self._errors, []
            return self._latest, errors, not self._ended

    def finish(self) -> None:
        self._reader.join()

    def cancel(self) -> None:
        self._stream.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._reader.join()

    def _requests(self) -> Iterator[load_pb2.LoadRowsRequest]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._closed or self._waiting)
                if self._ended or not self._waiting:
                    return
                message = self._waiting.popleft()
                self._changed.notify_all()
            yield message

    def _read(self) -> None:
        try:
            for answer in self._stream:
                with self._changed:
                    self._latest = answer
                    self._errors.extend(answer.errors)
                    self._changed.notify_all()
        except SluiceError as error:
            self.error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()


class _Loader:
    def __init__(
        self,
        begin: Callable[[Any], Stream[Any]],
        start: load_pb2.LoadRowsStart,
        messages: _Messages,
        progress: Callable[[Loaded], None] | None,
    ) -> None:
        self._begin = begin
        self._start = start
        self._messages = messages
        self._progress = progress
        self._atomic = start.mode == load_pb2.LOAD_MODE_ATOMIC
        self._unacknowledged: deque[load_pb2.LoadRowsRequest] = deque()
        self._unacknowledged_bytes = 0
        self._errors: list[RowError] = []
        self._loaded = Loaded(id=start.load_id)
        self._done = False

    def run(self) -> Loaded:
        try:
            go_on(self._attempt, self._verdict, lambda: self._loaded.rows)
        except SluiceError as error:
            error.loaded = self._loaded
            raise
        return self._loaded

    def _verdict(self, error: SluiceError) -> Verdict:
        """Whether the connection, and not the load, is at fault: also when the part before the cut was still being written
        while the next call began, when what became of it is not known, which the next call tells, and when the server held
        too many large rows of others."""
        held = isinstance(error, ResourceExhausted) and error.retry_delay is not None
        was_cut = stream_was_cut(error) or isinstance(error, (Unknown, Aborted)) or held
        return cut_if(was_cut and not self._atomic)

    def _attempt(self) -> None:
        call = _Call(self._begin, self._start)
        try:
            _, _, goes_on = self._take(call, beyond=-1)
            if goes_on and not self._done:
                self._messages.skip_to(self._loaded.rows)
                if self._send_all(call):
                    call.close_sending()
            call.finish()
            self._take(call)
        except BaseException:
            call.cancel()
            raise
        call.cancel()
        if call.error is not None:
            raise call.error
        if not self._done:
            raise Unavailable("the load was cut: it ended before it was done")

    def _send_all(self, call: _Call) -> bool:
        """First what was sent before and not acknowledged. False when the call has ended."""
        for sent in list(self._unacknowledged):
            if not call.send(sent):
                return False
        while not self._done and (message := self._messages.next()) is not None:
            if not self._atomic:
                self._unacknowledged.append(message)
                self._unacknowledged_bytes += message.ByteSize()
            if not call.send(message):
                return False
            self._take(call)
            while self._unacknowledged_bytes > UNACKNOWLEDGED_BYTES_MAX:
                if not self._take(call, beyond=self._loaded.rows)[2]:
                    return False
        return True

    def _take(
        self, call: _Call, beyond: int | None = None
    ) -> tuple[load_pb2.LoadRowsResponse | None, list[load_pb2.LoadError], bool]:
        taken = call.latest(beyond)
        answer, errors, _ = taken
        if answer is None:
            return taken
        self._errors.extend(RowError(e.row, e.code, e.reason, e.message, dict(e.metadata)) for e in errors)
        news = answer.acknowledged_rows > self._loaded.rows
        self._loaded = Loaded(
            rows=answer.acknowledged_rows,
            inserted=answer.inserted_count,
            updated=answer.updated_count,
            ignored=answer.ignored_count,
            failed=answer.failed_count,
            errors=tuple(self._errors),
            commit_token=answer.commit_token or self._loaded.commit_token,
            id=self._loaded.id,
        )
        self._done = answer.done
        while self._unacknowledged and _end_of(self._unacknowledged[0]) <= answer.acknowledged_rows:
            self._unacknowledged_bytes -= self._unacknowledged.popleft().ByteSize()
        if news and self._progress is not None:
            self._progress(self._loaded)
        return taken


def _end_of(message: load_pb2.LoadRowsRequest) -> int:
    return message.first_row + message.packed.row_count
