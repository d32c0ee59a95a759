"""Which calls gRPC sends again, as the contract says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FileDescriptor, MethodDescriptor

from sluice.v1 import catalog_pb2, options_pb2, query_pb2, row_pb2, snapshot_pb2

_FILES: tuple[FileDescriptor, ...] = (
    catalog_pb2.DESCRIPTOR,
    query_pb2.DESCRIPTOR,
    row_pb2.DESCRIPTOR,
    snapshot_pb2.DESCRIPTOR,
)


def service_config() -> str:
    """gRPC's service config: which methods are sent again, and how.

    The method option `idempotency` says which; the throttle keeps retries from adding to an overload, and lets a client of
    some tens of calls at a time ride out a restart.
    """
    return json.dumps(
        {
            "methodConfig": [
                _retried(options_pb2.IDEMPOTENCY_NO_SIDE_EFFECTS, 5),
                # Once: a restore may have kept the database from others for a minute before it says UNAVAILABLE.
                _retried(options_pb2.IDEMPOTENCY_IDEMPOTENT, 2),
            ],
            "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
        }
    )


def _retried(idempotency: options_pb2.Idempotency, attempts: int) -> dict[str, Any]:
    """Waits 0.2, 0.5, 1.2 and 2 s, a fifth more or less: a server is stopped and started in less, and nobody waits long for
    one that is not there."""
    return {
        "name": [
            {"service": method.containing_service.full_name, "method": method.name}
            for method in methods()
            if idempotency_of(method) == idempotency
        ],
        "retryPolicy": {
            "maxAttempts": attempts,
            "initialBackoff": "0.2s",
            "maxBackoff": "2s",
            "backoffMultiplier": 2.5,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }


def methods() -> Iterator[MethodDescriptor]:
    for file in _FILES:
        for service in file.services_by_name.values():
            yield from service.methods


def idempotency_of(method: MethodDescriptor) -> int:
    extensions: Any = method.GetOptions().Extensions
    return int(extensions[options_pb2.idempotency])
