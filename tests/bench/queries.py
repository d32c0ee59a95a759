#!/usr/bin/env python3
"""Measures what queries cost beside their rows: how soon a caller that goes away is forgotten, what streams hold in memory,
how soon the first row comes, and what the Python client makes of rows and of columns. Prints a table as bench does. Run by
run.sh with the Python client's environment."""

import argparse
import http.client
import re
import shutil
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "clients/python/src")]

# pylint: disable=wrong-import-position
import grpc
from servers import Server

import sluice
from sluice.v1 import catalog_pb2, catalog_pb2_grpc, query_pb2, query_pb2_grpc, value_pb2

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
MILLION = "SELECT * FROM big"
TEN_MILLIONS = "SELECT a.* FROM big AS a, (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10))"


def make_database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE big(id INTEGER PRIMARY KEY, qty INTEGER, price REAL, code TEXT, note TEXT, at INTEGER)")
    connection.execute(
        "INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i, i % 977, "
        "i * 0.25, printf('code-%07d', i), CASE WHEN i % 5 THEN printf('a note of thirty bytes %07d', i) END, "
        "1700000000000 + i FROM n")
    connection.commit()
    connection.close()


def make_tables(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    for number in range(10_000):
        connection.execute(f"CREATE TABLE t{number:05}(id INTEGER PRIMARY KEY, v TEXT)")
    connection.execute("COMMIT")
    connection.close()


def make_databases(folder):
    """A thousand files."""
    first = folder / "d0000.db"
    connection = sqlite3.connect(first)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
    connection.close()
    for number in range(1, 1000):
        shutil.copy(first, folder / f"d{number:04}.db")


def slowest_page(ask):
    """Seconds of the slowest page of a walk, the first walk left out; `ask` gives the page after a token."""
    slowest = 0
    for walk in range(3):
        token = ""
        while True:
            begun = time.perf_counter()
            page = ask(token)
            if walk > 0:
                slowest = max(slowest, time.perf_counter() - begun)
            token = page.next_page_token
            if not token:
                break
    return slowest


class Bench:
    def __init__(self, server):
        self.server = server
        self.client = sluice.connect(server.grpc)
        self.database = self.client.database("data")
        self.stub = query_pb2_grpc.QueryServiceStub(grpc.insecure_channel(server.grpc))
        self.admin = http.client.HTTPConnection(server.admin, timeout=60)

    def leases(self):
        self.admin.request("GET", "/metrics")
        text = self.admin.getresponse().read().decode()
        return int(float(re.search(r'^sluice_read_leases\{database="data"\} (\S+)$', text, re.M).group(1)))

    def seconds_until(self, leases):
        begun = time.perf_counter()
        while self.leases() != leases:
            if time.perf_counter() - begun > 60:
                raise RuntimeError(f"{self.leases()} connections on loan")
        return time.perf_counter() - begun

    def resident(self):
        """Bytes of the server's resident memory."""
        text = Path(f"/proc/{self.server.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) << 10

    def request(self, sql, layout=value_pb2.ROW_LAYOUT_COLUMNS):
        return query_pb2.StreamQueryRequest(database="data", sql=sql, layout=layout)

    # --- cancelling ---
    def cancel_grpc(self):
        call = self.stub.StreamQuery(self.request(ENDLESS))
        self.seconds_until(1)
        call.cancel()
        return self.seconds_until(0)

    def cancel_http(self):
        host, port = self.server.http.rsplit(":", 1)
        body = f'{{"sql":"{ENDLESS}"}}'
        caller = socket.create_connection((host, int(port)))
        caller.sendall(f"POST /v1/databases/data/query HTTP/1.1\r\nHost: {self.server.http}\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.seconds_until(1)
        caller.close()
        return self.seconds_until(0)

    # --- memory ---
    def growth_of(self, read):
        """How far resident memory rises above what it was while `read`, a generator, goes on."""
        before, most = self.resident(), 0
        for i, _ in enumerate(read):
            if i % 16 == 0:
                most = max(most, self.resident())
        return max(most, self.resident()) - before

    def stream(self):
        yield from self.stub.StreamQuery(self.request(TEN_MILLIONS))

    def export(self):
        connection = http.client.HTTPConnection(self.server.http)
        connection.request("GET", "/v1/databases/data/query?format=csv&sql=" + TEN_MILLIONS.replace(" ", "%20"))
        answer = connection.getresponse()
        while chunk := answer.read(1 << 20):
            yield chunk
        connection.close()

    def unread_streams(self, count):
        """What many streams hold whose messages nobody takes: bytes for each of them, and how many run; the others are
        refused. Each has a connection of its own, so that HTTP/2's window of one connection does not stop them all."""
        self.stub.Query(query_pb2.QueryRequest(database="data", sql="SELECT 1"))
        before = self.resident()
        streams = []
        try:
            for i in range(count):
                channel = grpc.insecure_channel(self.server.grpc, [("grpc.use_local_subchannel_pool", 1), ("bench", i)])
                streams.append((channel, query_pb2_grpc.QueryServiceStub(channel).StreamQuery(self.request(MILLION))))
            time.sleep(10)
            return (self.resident() - before) / count, self.leases()
        finally:
            for channel, call in streams:
                call.cancel()
                channel.close()

    # --- several databases ---
    def one_row(self):
        begun = time.perf_counter()
        self.stub.Query(query_pb2.QueryRequest(database="data", sql="SELECT * FROM big WHERE id = 7"))
        return time.perf_counter() - begun

    # --- the catalogue ---
    def page_of_tables(self):
        """Of a walk through 10 000 tables."""
        stub = catalog_pb2_grpc.CatalogServiceStub(grpc.insecure_channel(self.server.grpc))
        return slowest_page(lambda token: stub.ListTables(
            catalog_pb2.ListTablesRequest(database="many", page_size=1000, page_token=token)))

    def over_two(self):
        begun = time.perf_counter()
        self.stub.Query(query_pb2.QueryRequest(
            database="data", databases=["other"],
            sql="SELECT b.*, t.v FROM big AS b JOIN other.t ON t.id = b.id WHERE b.id = 7"))
        return time.perf_counter() - begun

    # --- Python ---
    def rows(self):
        """Rows a second from row messages, made into tuples by the plain generated classes."""
        begun, count = time.perf_counter(), 0
        for message in self.stub.StreamQuery(self.request(MILLION, value_pb2.ROW_LAYOUT_ROWS)):
            for row in message.rows:
                tuple(getattr(value, value.WhichOneof("kind")) for value in row.values)
                count += 1
        return count / (time.perf_counter() - begun)

    def lists(self):
        begun = time.perf_counter()
        result = self.database.query_columns(MILLION)
        return len(result.lists[0]) / (time.perf_counter() - begun)


def percentile(values, part):
    return sorted(values)[round(part * (len(values) - 1))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--streams", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        make_database(Path(folder, "data.db"))
        make_tables(Path(folder, "many.db"))
        with sqlite3.connect(Path(folder, "other.db")) as other:
            other.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)")
        with Server([Path(folder)], build=arguments.build) as server:
            run(Bench(server), arguments)
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        make_databases(Path(folder))
        with Server([Path(folder)], "--read-only", build=arguments.build) as server:
            stub = catalog_pb2_grpc.CatalogServiceStub(grpc.insecure_channel(server.grpc))
            slowest = slowest_page(lambda token: stub.ListDatabases(
                catalog_pb2.ListDatabasesRequest(page_size=1000, page_token=token)))
            print(f"| ListDatabases, slowest page of 1 000 databases | {slowest * 1e3:.0f} ms | under 200 ms |")


def run(bench, arguments):
    print("| what | measured | aim |\n|---|---|---|")

    def row(what, measured, aim):
        print(f"| {what} | {measured} | {aim} |", flush=True)

    # First, while the server has not grown yet.
    row("resident memory of a 10 M-row stream", f"{bench.growth_of(bench.stream()) / 2**20:.1f} MiB", "under 32 MiB")
    row("resident memory of a 10 M-row CSV export", f"{bench.growth_of(bench.export()) / 2**20:.1f} MiB", "under 32 MiB")
    each, running = bench.unread_streams(arguments.streams)
    row(f"resident memory of each of {arguments.streams} unread streams, {running} of which run",
        f"{each / 1024:.0f} KiB", "under 64 KiB")
    for name, cancel in (("gRPC", bench.cancel_grpc), ("HTTP", bench.cancel_http)):
        times = [cancel() * 1e3 for _ in range(arguments.times)]
        row(f"cancelled over {name} until idle, p50 / p99", f"{percentile(times, 0.5):.1f} / {percentile(times, 0.99):.1f} ms",
            "under 50 ms")
    query = statistics.median(bench.one_row() for _ in range(arguments.times))
    row("ListTables, slowest page of 1 000 of 10 000 tables", f"{bench.page_of_tables() * 1e3:.0f} ms", "under 200 ms")
    over_two = statistics.median(bench.over_two() for _ in range(arguments.times))
    row("Query of one row", f"{query * 1e3:.2f} ms", "")
    row("Query over two databases", f"{over_two * 1e3:.2f} ms, {over_two / query:.1f} times", "")
    lists, rows = (statistics.median(measure() for _ in range(3)) for measure in (bench.lists, bench.rows))
    row("Python: columns to lists, to rows to tuples", f"{lists / 1e6:.2f} M rows/s, {lists / rows:.1f} times", "3 times")


if __name__ == "__main__":
    main()
