"""A connection to a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import grpc

from sluice._address import resolve_address
from sluice._database import Database
from sluice._reads import LIST_PAGE_SIZE, paged
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice.v1 import catalog_pb2

# The server ends a statement after 30 s; this is for those who set no deadline and lose the server.
DEFAULT_TIMEOUT_S = 60.0


def connect(
    address: str | None = None,
    token: str | None = None,
    *,
    credentials: grpc.ChannelCredentials | None = None,
    allow_plaintext: bool = False,
    timeout: float | None = DEFAULT_TIMEOUT_S,
    options: Sequence[tuple[str, Any]] = (),
) -> Client:
    """A Client for `host:port`, or another name that gRPC resolves.

    Without an address it is $SLUICE_ADDRESS, or 127.0.0.1:7070. Without a token it is $SLUICE_TOKEN, or, on loopback
    only, this user's admin token ($XDG_STATE_HOME/sluice/admin-token); "" sends none.

    `credentials` encrypt the connection (grpc.ssl_channel_credentials). Without them it is plain text, which suits
    loopback and a mesh; a token goes so to another machine only with `allow_plaintext`. `timeout` is that of calls that
    are not streams, None for none; changes of tables have at least six minutes, and restores a day. `options` are channel options of gRPC's own, and win over those of this package.

    It does not wait for the connection: the first call makes it, and makes it again whenever it was lost.
    """
    address = resolve_address(address)
    return Client(Transport(address, token, credentials, allow_plaintext, timeout, options))


class Client:
    """A connection to a server, made by `connect`. Close it, or use it as a context manager."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._stubs = Stubs(transport)

    @property
    def channel(self) -> grpc.Channel:
        """The gRPC channel, for the generated stubs in sluice.v1; its calls carry the token and the retries."""
        return self._transport.channel

    def database(self, name: str) -> Database:
        """Names a database; it makes no call."""
        return Database(self._stubs, name)

    def databases(self, *, timeout: float | None = None) -> Iterator[catalog_pb2.Database]:
        """Every database by name, those that cannot be served included."""

        def fetch(token: str) -> tuple[Iterable[catalog_pb2.Database], str]:
            request = catalog_pb2.ListDatabasesRequest(page_size=LIST_PAGE_SIZE, page_token=token)
            response = self._transport.unary(self._stubs.catalog.ListDatabases, request, timeout)
            return response.databases, response.next_page_token

        return paged(fetch)

    def close(self) -> None:
        """Ends the connection and every call on it."""
        self._transport.channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
