"""What is gone on with after it was cut, and when it is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

import grpc

from sluice._errors import Cancelled, Internal, SluiceError, Unavailable, Unknown

# Attempts that bring nothing further, one after another, before what can be gone on with gives up.
FRUITLESS_ATTEMPTS_MAX = 5
# Attempts whose bytes were damaged, in all: what is damaged twice stays damaged, whatever else arrives.
DAMAGED_ATTEMPTS_MAX = 2
FIRST_WAIT_SECONDS = 0.2

# What gRPC says of calls that this process cancelled, by `close` of the stream or of the client.
_CANCELLED_HERE = ("Locally cancelled by application!", "Channel closed!")

Result = TypeVar("Result")


class Verdict(Enum):
    """What the error of an attempt says about another one."""

    FINAL = "another attempt would end alike"
    CUT = "the connection was at fault"
    SPOILT = "the bytes were other than they were sent"


def go_on(
    attempt: Callable[[], Result], judge: Callable[[SluiceError], Verdict], reached: Callable[[], int]
) -> Result:
    """Makes attempts until one succeeds, `judge` calls its error final, or nothing comes of them.

    `reached` tells how far they have come together; it grows with everything that need not be sent again.
    """
    fruitless = damaged = 0
    while True:
        before = reached()
        try:
            return attempt()
        except SluiceError as error:
            verdict = judge(error)
            if verdict is Verdict.FINAL:
                raise
            damaged += verdict is Verdict.SPOILT
            fruitless = 0 if reached() > before else fruitless + 1
            if fruitless >= FRUITLESS_ATTEMPTS_MAX or damaged >= DAMAGED_ATTEMPTS_MAX:
                raise
        time.sleep(FIRST_WAIT_SECONDS * 2**fruitless)


def connection_lost(error: SluiceError) -> bool:
    """Whether gRPC, and not the server, says that a connection broke or could not be made; also when the server was going
    away, which ends connections."""
    if isinstance(error, Unavailable):
        return error.reason in ("", "DRAINING")
    # Of a stream that was reset, in the words of gRPC or of a proxy.
    of_grpc = isinstance(error.__cause__, grpc.RpcError)
    return isinstance(error, (Internal, Unknown)) and of_grpc and not error.reason


def stream_was_cut(error: SluiceError) -> bool:
    """Whether a stream ended for no fault of its own: also when the server could not serve it for now, or ended it because
    its reader or writer paused for too long, which gRPC calls CANCELLED."""
    if isinstance(error, Cancelled):
        return bool(error.reason) or (isinstance(error.__cause__, grpc.RpcError) and error.message not in _CANCELLED_HERE)
    return connection_lost(error) or isinstance(error, Unavailable)


def cut_if(was: bool) -> Verdict:
    return Verdict.CUT if was else Verdict.FINAL
