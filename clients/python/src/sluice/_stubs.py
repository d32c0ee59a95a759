"""The generated stubs of one connection."""

from __future__ import annotations

from sluice._transport import Transport
from sluice.v1 import catalog_pb2_grpc, query_pb2_grpc, row_pb2_grpc, snapshot_pb2_grpc


class Stubs:
    def __init__(self, transport: Transport) -> None:
        channel = transport.plain_channel
        self.transport = transport
        self.catalog = catalog_pb2_grpc.CatalogServiceStub(channel)  # type: ignore[no-untyped-call]
        self.query = query_pb2_grpc.QueryServiceStub(channel)  # type: ignore[no-untyped-call]
        self.row = row_pb2_grpc.RowServiceStub(channel)  # type: ignore[no-untyped-call]
        self.snapshot = snapshot_pb2_grpc.SnapshotServiceStub(channel)  # type: ignore[no-untyped-call]
