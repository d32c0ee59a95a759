"""What the tests of this folder share: folders with databases, and calls over HTTP."""

import http.client
import json
import sqlite3
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from servers import Server  # noqa: E402,F401

WAIT_SECONDS = 30


def make_database(path, marker, rows=50):
    """A database with one table `t(id, marker)`; returns its path."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, marker TEXT)")
    connection.executemany("INSERT INTO t(marker) VALUES (?)", [(marker,)] * rows)
    connection.commit()
    connection.close()
    return Path(path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        """The reason of an error, as ErrorInfo has it."""
        for detail in self.json.get("details", []):
            if detail["@type"].endswith("ErrorInfo"):
                return detail["reason"]
        return ""


def call(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=WAIT_SECONDS)
    try:
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def query(server, database, sql):
    return call(server.http, "GET", f"/v1/databases/{quote(database, safe='')}/query?sql={quote(sql)}")


def insert(server, database, **values):
    return call(server.http, "POST", f"/v1/databases/{database}/tables/t/rows:insert", {"objects": [values]},
                {"Authorization": f"Bearer {server.admin_token}"})


class FolderTest(unittest.TestCase):
    """A test with a folder of its own, `self.folder`."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="sluice-integration-")
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)

    def eventually(self, what, condition):
        """Waits until the condition holds and returns what it gave."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                self.fail(f"never: {what}")
            time.sleep(0.02)
