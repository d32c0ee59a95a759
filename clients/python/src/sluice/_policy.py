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

    The method option `idempotency` says which; the throttle keeps retries from adding to an overload.
    """
    return json.dumps(
        {
            "methodConfig": [
                {
                    "name": [
                        {"service": method.containing_service.full_name, "method": method.name}
                        for method in methods()
                        if has_no_side_effects(method)
                    ],
                    "retryPolicy": {
                        "maxAttempts": 4,
                        "initialBackoff": "0.1s",
                        "maxBackoff": "2s",
                        "backoffMultiplier": 2,
                        "retryableStatusCodes": ["UNAVAILABLE"],
                    },
                }
            ],
            "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
        }
    )


def methods() -> Iterator[MethodDescriptor]:
    for file in _FILES:
        for service in file.services_by_name.values():
            yield from service.methods


def has_no_side_effects(method: MethodDescriptor) -> bool:
    extensions: Any = method.GetOptions().Extensions
    return bool(extensions[options_pb2.idempotency] == options_pb2.IDEMPOTENCY_NO_SIDE_EFFECTS)
