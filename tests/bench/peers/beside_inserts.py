#!/usr/bin/env python3
"""Measures durable inserts beside Datasette, rqlite (one node) and PostgreSQL: the same machine, disk and run, in turns.

Every figure is of rows a second that are on the disk when they are answered. Run with `tests/run.sh --full=peers`.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

# pylint: disable=wrong-import-position
import servers_of_peers as peers
from beside_datasette import make_environment
from servers import Server

CONNECTIONS = (1, 8, 64)
# What Datasette takes in one request unless its settings say otherwise.
BATCH = 100
NAME, VALUE = "a name of some bytes", 2.5


class Load:
    """Requests a second."""

    def __init__(self, build, seconds):
        self._program = build / "bench/bench_inserts"
        self.seconds = seconds

    def _run(self, *words, text=""):
        return float(subprocess.run([self._program, *map(str, words)], input=text, check=True, capture_output=True, text=True).stdout)

    def grpc(self, address, token, rows, calls):
        return rows * self._run("grpc", address, token, rows, calls, self.seconds)

    def post(self, address, path, token, body, rows, connections):
        return rows * self._run("post", address, path, token, connections, self.seconds, text=json.dumps(body))


class Sluice:
    def __init__(self, load, server):
        self._load, self._server, self._token = load, server, server.admin_token

    def grpc(self, rows, connections):
        return self._load.grpc(self._server.grpc, self._token, rows, connections)

    def http(self, rows, connections):
        body = {"objects": [{"name": NAME, "value": VALUE}] * rows}
        return self._load.post(self._server.http, "/v1/databases/data/tables/small/rows:insert", self._token, body, rows, connections)


class Datasette:
    def __init__(self, load, servers):
        self._load, self._servers = load, servers

    def rows(self, rows, connections):
        """The better of its settings."""
        body = {"rows": [{"name": NAME, "value": VALUE}] * rows}
        return max(self._load.post(address, "/data/small/-/insert", token, body, rows, connections)
                   for address, token in self._servers)


class Rqlite:
    def __init__(self, load, address):
        self._load, self._address = load, address

    def rows(self, rows, connections):
        body = [["INSERT INTO small(name, value) VALUES (?, ?)", NAME, VALUE]] * rows
        return self._load.post(self._address, "/db/execute?transaction" if rows > 1 else "/db/execute", "-", body, rows, connections)


class System(NamedTuple):
    """Something that takes inserts."""
    name: str
    # Of a request.
    rows: int
    # Rows a second over so many connections.
    run: Callable[[int], float]
    is_ours: bool = False

    @property
    def words(self):
        return f"{self.name}, {self.rows} a request"


def systems(load, sluice, datasette, rqlite, postgres):
    for rows in (1, BATCH):
        yield System("Sluice, gRPC", rows, lambda count, rows=rows: sluice.grpc(rows, count), is_ours=True)
        yield System("Sluice, HTTP", rows, lambda count, rows=rows: sluice.http(rows, count), is_ours=True)
        yield System("Datasette", rows, lambda count, rows=rows: datasette.rows(rows, count))
        if rqlite is not None:
            yield System("rqlite, one node", rows, lambda count, rows=rows: rqlite.rows(rows, count))
    yield System("PostgreSQL 15, pgbench", 1, lambda count: postgres.inserts(count, load.seconds))


def measure(all_systems, turns):
    """For each system its median for each number of connections."""
    figures = [[[] for _ in CONNECTIONS] for _ in all_systems]
    for _ in range(turns):
        for place, count in enumerate(CONNECTIONS):
            for system, own in zip(all_systems, figures):
                own[place].append(system.run(count))
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {system: [statistics.median(each) for each in own] for system, own in zip(all_systems, figures)}


def print_table(corner, heads, lines):
    print(f"| {corner} | " + " | ".join(heads) + " |")
    print("|---|" + "---|" * len(heads))
    for words, cells in lines:
        print(f"| {words} | " + " | ".join(cells) + " |")
    print()


def print_ratios(measured, rows, peers_rows):
    """What Sluice does with so many rows a request, to what others do."""
    ours = {system: figures for system, figures in measured.items() if system.is_ours and system.rows == rows}
    heads = [f"{system.name.split(', ')[1]}, {count}" for system in ours for count in CONNECTIONS]
    lines = [(system.words, [f"{figure / other:.2f}" for figures in ours.values() for figure, other in zip(figures, theirs)])
             for system, theirs in measured.items() if not system.is_ours and system.rows in peers_rows]
    print_table(f"Sluice, {rows} a request, to", heads, lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--rqlited", type=Path, help="the program; rqlite is left out when there is none")
    parser.add_argument("--postgres", type=Path, default=Path("/usr/lib/postgresql/15/bin"), help="the folder of its programs")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    arguments = parser.parse_args()
    python = make_environment(arguments.build / "peers/datasette")
    load = Load(arguments.build, arguments.seconds)
    with tempfile.TemporaryDirectory(prefix="sluice-peers-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        own = folder / "sluice"
        own.mkdir()
        peers.make_database(own / "data.db")
        sluice = Sluice(load, stack.enter_context(Server([own], build=arguments.build)))
        datasette = Datasette(load, [stack.enter_context(peers.datasette(python, folder / f"datasette{threads}", threads))
                                     for threads in (3, 0)])
        rqlite = None
        if arguments.rqlited is not None and arguments.rqlited.exists():
            rqlite = Rqlite(load, stack.enter_context(peers.rqlite(arguments.rqlited, folder / "rqlite")))
        postgres = stack.enter_context(peers.Postgres(arguments.postgres, folder / "postgres"))
        if (postgres.setting("fsync"), postgres.setting("synchronous_commit")) != ("on", "on"):
            raise peers.StartFailed("PostgreSQL does not sync")
        measured = measure(list(systems(load, sluice, datasette, rqlite, postgres)), arguments.turns)
    print_table("durable inserts, rows/s", [f"connections: {count}" for count in CONNECTIONS],
                [(system.words, [f"{figure:,.0f}" for figure in figures]) for system, figures in measured.items()])
    print_ratios(measured, 1, (1, BATCH))
    print_ratios(measured, BATCH, (BATCH,))


if __name__ == "__main__":
    main()
