#!/usr/bin/env python3
"""Measures Sluice beside Datasette: the same database, machine and run, in turns. Prints both and the ratio.

Datasette (its newest pre-release, with uvloop and httptools) runs in an environment of its own under build/, once with
`num_sql_threads` 3 and once with 0; of each figure the better one counts. Run with `tests/run.sh --full=peers`.
"""

import argparse
import contextlib
import http.client
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))

# pylint: disable=wrong-import-position
from servers import Server

ROWS = 1_000_000
CONNECTIONS = (1, 8, 64)
FACETS = ("kind", "flag", "qty")
# What the peer may do as it likes: no limit of time or size cuts its answers.
SETTINGS = {"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000, "max_csv_mb": 0, "max_returned_rows": 10_000}


def make_database(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE big(id INTEGER PRIMARY KEY, qty INTEGER, price REAL, kind TEXT, note TEXT, flag INTEGER)")
    connection.execute(
        f"INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS}) SELECT i, i % 977, "
        "i * 0.25, 'kind ' || (i % 7), printf('a note of thirty bytes %07d', i), i % 2 FROM n")
    connection.commit()
    connection.close()


def make_environment(folder):
    """The peer's own Python environment, made once; its interpreter."""
    python = folder / "bin/python"
    wanted = (Path(__file__).parent / "requirements.txt").read_text(encoding="ascii")
    stamp = folder / "requirements"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", Path(__file__).parent / "requirements.txt"], check=True)
        stamp.write_text(wanted, encoding="ascii")
    return python


@contextlib.contextmanager
def datasette(python, path, threads):
    """Its address while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = SETTINGS | {"num_sql_threads": threads}
    words = [word for name, value in settings.items() for word in ("--setting", name, str(value))]
    process = subprocess.Popen([python, "-m", "datasette", "serve", path, "--port", str(port), *words],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"127.0.0.1:{port}", process)
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def wait_for(address, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection(address, timeout=5)
            connection.request("GET", "/-/versions.json")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the peer does not start")


class Load:
    def __init__(self, build, seconds):
        self._program = build / "bench/bench_load"
        self._seconds = str(seconds)

    def _run(self, *words):
        return float(subprocess.run([self._program, *words], check=True, capture_output=True, text=True).stdout)

    def http(self, address, path, connections, times=1):
        """Requests a second, over `times` as long as usual."""
        return self._run("http", address, path, str(connections), str(times * float(self._seconds)))

    def whole(self, address, path):
        return ROWS / self._run("whole", address, path)

    def row(self, address, calls):
        return self._run("row", address, "big", "500000", str(calls), self._seconds)


def measure(load, server, peers, turns):
    """Yields (what, Sluice's figure, the peer's, the aim)."""
    sql = quote("SELECT * FROM big")
    ours = "/v1/databases/data/tables/big/rows"
    facets = ours + "?page_size=1" + "".join(f"&facets={name}" for name in FACETS)
    peer_facets = "/data/big.json?_size=1&" + "&".join(f"_facet={name}" for name in FACETS)

    def best(run):
        return max(statistics.median(run(peer) for _ in range(turns)) for peer in peers)

    def median(run):
        return statistics.median(run() for _ in range(turns))

    for count in CONNECTIONS:
        peer = best(lambda address, count=count: load.http(address, "/data/big/500000.json", count))
        yield (f"one row over HTTP, {count} connections, requests/s",
               median(lambda count=count: load.http(server.http, ours + "/500000", count)), peer, 20)
        yield (f"one row over gRPC, {count} in flight, requests/s",
               median(lambda count=count: load.row(server.grpc, count)), peer, 40)
    for count in CONNECTIONS:
        yield (f"a page of 100 rows, {count} connections, requests/s",
               median(lambda count=count: load.http(server.http, ours + "?page_size=100", count)),
               best(lambda address, count=count: load.http(address, "/data/big.json?_size=100", count)), 15)
    for count in CONNECTIONS[:2]:
        yield (f"three facets on 1 M rows, {count} connections, requests/s",
               median(lambda count=count: load.http(server.http, facets, count)),
               # One takes the peer seconds.
               best(lambda address, count=count: load.http(address, peer_facets, count, times=10)), 3)
    yield ("1 M rows as CSV, rows/s",
           median(lambda: load.whole(server.http, "/v1/databases/data/query?format=csv&sql=" + sql)),
           best(lambda address: load.whole(address, "/data/big.csv?_stream=on&_size=max")), 10)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    python = make_environment(arguments.build / "peers/datasette")
    with tempfile.TemporaryDirectory(prefix="sluice-peers-") as folder, contextlib.ExitStack() as stack:
        path = Path(folder, "data.db")
        make_database(path)
        peers = [stack.enter_context(datasette(python, path, threads)) for threads in (3, 0)]
        own = Path(folder, "own")
        own.mkdir()
        shutil.copy(path, own / "data.db")
        server = stack.enter_context(Server([own], "--read-only", build=arguments.build))
        print("| what | Sluice | Datasette | ratio | aim |\n|---|---|---|---|---|")
        for what, ours, peer, aim in measure(Load(arguments.build, arguments.seconds), server, peers, arguments.turns):
            ratio = f"{ours / peer:.1f}" if peer > 0 else "the peer answered none in time"
            print(f"| {what} | {ours:,.1f} | {peer:,.1f} | {ratio} | {aim} |", flush=True)


if __name__ == "__main__":
    main()
