"""One connection: token, limits, retries, deadlines, and errors made ours. The only module that opens channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

import grpc

from sluice._address import default_token, is_header_text, is_loopback
from sluice._errors import from_grpc
from sluice._policy import service_config
from sluice._token import TokenInterceptor

# A row of the largest size comes as one message: 64 MiB and what stands around it.
RECEIVE_BYTES_MAX = 72 << 20

Message = TypeVar("Message")


class Transport:
    """Makes calls by the stubs' callables."""

    def __init__(
        self,
        address: str,
        token: str | None,
        credentials: grpc.ChannelCredentials | None,
        allow_plaintext: bool,
        timeout: float | None,
        options: Sequence[tuple[str, Any]],
    ) -> None:
        if token is None:
            token = default_token(address)
        if not is_header_text(token):
            raise ValueError("the token holds characters that no token has")
        if token and credentials is None and not allow_plaintext and not is_loopback(address):
            raise ValueError(
                f"refusing to send a token to {address} in plain text: "
                "give credentials, or allow_plaintext=True where a mesh encrypts"
            )
        merged = [*channel_options(address), *options]
        self.plain_channel: grpc.Channel = (
            grpc.insecure_channel(address, merged)
            if credentials is None
            else grpc.secure_channel(address, credentials, merged)
        )
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self.channel = grpc.intercept_channel(self.plain_channel, TokenInterceptor(self._metadata))
        self._timeout = timeout

    def unary(self, method: Any, request: Any, timeout: float | None, at_least: float = 0.0) -> Any:
        """Makes a call, within `timeout` seconds or the connection's own, which is lengthened to `at_least`."""
        if timeout is None and self._timeout is not None:
            timeout = max(self._timeout, at_least)
        try:
            return method(request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise from_grpc(error) from error

    def stream(self, method: Any, request: Any, timeout: float | None) -> Stream[Any]:
        """Starts a stream. It has no deadline unless one is given: a download may take hours."""
        return Stream(method(request, timeout=timeout, metadata=self._metadata))


class Stream(Generic[Message]):
    """The messages of one server stream. Leaving it, early or not, ends the server's work."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        try:
            message: Message = next(self._call)
        except grpc.RpcError as error:
            raise from_grpc(error) from error
        return message

    def close(self) -> None:
        self._call.cancel()

    def __enter__(self) -> Stream[Message]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def channel_options(address: str) -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
        ("grpc.service_config", service_config()),
        ("grpc.primary_user_agent", "sluice-python/0.1.0"),
        # A server that was restarted is found again within this; gRPC's own is two minutes.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        # A peer that vanished is noticed after both together, when a call is waiting for it. Servers of gRPC end a
        # connection that is asked more often than every five minutes.
        ("grpc.keepalive_time_ms", 300_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    if is_loopback(address):
        # gRPC would hand loopback to $http_proxy too, and the admin token with it.
        options.append(("grpc.enable_http_proxy", 0))
    return options
