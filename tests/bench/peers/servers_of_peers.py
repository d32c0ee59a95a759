"""Starts the peers that take writes, each with a table `small(id, name, value)` of its own that is empty: on free ports of
loopback, in a folder that is given, ended by process id. Each answers a commit only once it is on the disk.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

READY_SECONDS = 60
SECRET = "of no use outside of this run"
TABLE = "CREATE TABLE small(id INTEGER PRIMARY KEY, name TEXT, value REAL)"


class StartFailed(Exception):
    """The peer ended, or did not get ready in time."""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def make_database(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(TABLE)
    connection.commit()
    connection.close()


@contextlib.contextmanager
def running(command, address, path, stop=signal.SIGTERM, environment=None):
    """The program, once it answers GET of that path with 200."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | (environment or {}))
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(address, path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"{Path(str(command[0])).name} does not start")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(stop)
        process.wait(30)


def _answers(address, path):
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def datasette(python, folder, threads):
    """Its address, and the token of one who may insert."""
    folder.mkdir()
    make_database(folder / "data.db")
    address = f"127.0.0.1:{free_port()}"
    environment = {"DATASETTE_SECRET": SECRET}
    token = subprocess.run([python, "-m", "datasette", "create-token", "root"], env=os.environ | environment, check=True,
                           capture_output=True, text=True).stdout.strip()
    command = [python, "-m", "datasette", "serve", folder / "data.db", "--root", "--port", address.split(":")[1],
               "--setting", "num_sql_threads", str(threads)]
    with running(command, address, "/-/versions.json", signal.SIGINT, environment):
        yield address, token


@contextlib.contextmanager
def rqlite(program, folder):
    """The address of a single node."""
    folder.mkdir()
    address = f"127.0.0.1:{free_port()}"
    command = [program, "-http-addr", address, "-raft-addr", f"127.0.0.1:{free_port()}", folder / "node"]
    with running(command, address, "/readyz"):
        post(address, "/db/execute", [TABLE])
        yield address


def post(address, path, body):
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if "error" in json.dumps(answer):
        raise StartFailed(f"the peer refuses {path}: {answer}")


class Postgres:
    """A cluster of its own. PostgreSQL refuses root, so for root it is the package's user who runs it."""

    def __init__(self, programs, folder):
        self._programs = programs
        self._folder = folder
        folder.mkdir(mode=0o711)
        self._as = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
        self._port = free_port()

    def _run(self, *command, text=None):
        done = subprocess.run([*self._as, *command], input=text, capture_output=True, text=True, check=False, cwd=self._folder)
        if done.returncode != 0:
            raise StartFailed(f"{command[0]} failed: {done.stderr[-2000:]}")
        return done.stdout

    def __enter__(self):
        data = self._folder / "data"
        self._run(self._programs / "initdb", "--auth=trust", "--username=bench", "--encoding=UTF8", "--pgdata", data)
        # fsync and synchronous_commit are on unless they are said.
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -p {self._port} -c max_connections=100"
        self._run(self._programs / "pg_ctl", "start", "--wait", "--pgdata", data, "--log", self._folder / "log", "-o", options)
        try:
            self._sql("CREATE TABLE small(id bigserial PRIMARY KEY, name text, value double precision)")
            (self._folder / "insert.sql").write_text(
                "INSERT INTO small(name, value) VALUES ('a name of some bytes', 2.5);\n", encoding="ascii")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._run(self._programs / "pg_ctl", "stop", "--wait", "--mode=fast", "--pgdata", self._folder / "data")

    def _sql(self, sql):
        return self._run(self._programs / "psql", *self._address(), "--no-align", "--tuples-only", "--command", sql, "postgres")

    def _address(self):
        return ["--host", self._folder, "--port", str(self._port), "--username=bench"]

    def setting(self, name):
        return self._sql(f"SHOW {name}").strip()

    def inserts(self, connections, seconds):
        """Commits a second, one row each, prepared, through its socket."""
        told = self._run(self._programs / "pgbench", *self._address(), "--no-vacuum", "--protocol=prepared", "--file",
                         self._folder / "insert.sql", "--client", str(connections), "--jobs=1", "--time", str(round(seconds)),
                         "postgres")
        return next(float(line.split()[2]) for line in told.splitlines() if line.startswith("tps = "))
