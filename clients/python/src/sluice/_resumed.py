"""Streams of rows that go on where they were cut."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from sluice._errors import SluiceError
from sluice._retry import stream_was_cut
from sluice._transport import Stream, Transport
from sluice.v1 import query_pb2, row_pb2

Part = TypeVar("Part", query_pb2.StreamQueryResponse, row_pb2.ReadRowsResponse)


class ResumedStream(Stream[Part], Generic[Part]):
    """The messages of a StreamQuery or a ReadRows, which goes on after its last message when the server was away, if that
    said how."""

    def __init__(self, transport: Transport, method: Any, request: Any, timeout: float | None) -> None:
        self._transport = transport
        self._method = method
        self._request = request
        self._timeout = timeout
        self._may_resume = False
        self._limited = isinstance(request, row_pb2.ReadRowsRequest) and request.row_limit > 0
        self._part: Stream[Part] = self._open()

    def _open(self) -> Stream[Part]:
        return self._transport.stream(self._method, self._request, self._timeout)

    def __next__(self) -> Part:
        try:
            message = next(self._part)
        except SluiceError as error:
            if not self._may_resume or not stream_was_cut(error):
                raise
            # Once, until something has come again.
            self._may_resume = False
            self._part = self._open()
            message = next(self._part)
        self._request.resume_token = message.resume_token
        self._may_resume = message.resume_token != ""
        if self._limited:
            self._request.row_limit -= len(message.rows) + message.packed.row_count
        return message

    def close(self) -> None:
        self._part.close()
