"""Files that are loaded into tables, and rows that are larger than a request may be."""

import collections
import json
import os
import sqlite3
import subprocess
import unittest
from pathlib import Path

from outside import FolderTest, Server, query
from servers import programs

COMMAND_SECONDS = 120
MIB = 1 << 20
# What a server without callers takes, what it may hold of large messages, and as much again in gRPC and SQLite.
RESIDENT_BYTES_MAX = 1200 * MIB


def resident_peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


class LoadsTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "data.db"
        connection = sqlite3.connect(self.path)
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
        connection.commit()
        connection.close()
        self.server = Server([self.path])
        self.addCleanup(self.server.stop)

    def load(self, table, text, *arguments, ends=0):
        environment = os.environ | {"SLUICE_ADDRESS": self.server.grpc, "SLUICE_TOKEN": self.server.admin_token}
        done = subprocess.run([programs() / "sluice", "load", "data", table, "-", *arguments], input=text, env=environment,
                              capture_output=True, timeout=COMMAND_SECONDS, check=False)
        self.assertEqual(done.returncode, ends, done.stderr)
        return done

    def rows(self, sql):
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def large_rows(self, loads, mebibytes, how="later"):
        """How often each outcome was."""
        script = Path(__file__).with_name("large_rows.py")
        done = subprocess.run([programs().parent / "venv/bin/python", "-B", script, self.server.grpc, self.server.admin_token,
                               str(loads), str(mebibytes), how], capture_output=True, check=True, timeout=COMMAND_SECONDS)
        return collections.Counter(json.loads(done.stdout))

    def test_a_table_is_made_of_what_the_first_rows_hold(self):
        lines = [{"n": 1, "r": 1, "t": "x", "m": 1}, {"n": None, "r": 2.5, "t": "007", "m": "y"}]
        self.load("made", "\n".join(map(json.dumps, lines)).encode(), "--format", "ndjson", "--create", "--pk", "id")
        self.assertEqual(self.rows("SELECT name, type, pk FROM pragma_table_info('made')"),
                         [("id", "INTEGER", 1), ("n", "INTEGER", 0), ("r", "REAL", 0), ("t", "TEXT", 0), ("m", "", 0)])
        self.assertEqual(self.rows("SELECT * FROM made"), [(1, 1, 1.0, "x", 1), (2, None, 2.5, "007", "y")])
        self.load("csv", b"a,b,c\n1,x,2.5\n2,,\n", "--create", "--types", "c=any", "--pk", "a")
        self.assertEqual(self.rows("SELECT name, type, pk FROM pragma_table_info('csv')"),
                         [("a", "INTEGER", 1), ("b", "TEXT", 0), ("c", "", 0)])
        # It is there now; the rows go where it is.
        self.load("csv", b"a,b,c\n3,z,1\n", "--create")
        self.assertEqual(self.rows("SELECT count(*) FROM csv"), [(3,)])

    def test_a_table_that_may_not_be_made_is_told(self):
        self.assertIn(b"sqlite_", self.load("sqlite_mine", b"a\n1\n", "--create", ends=1).stderr)
        self.assertIn(b"--create", self.load("absent", b"a\n1\n", ends=3).stderr)

    def test_rows_up_to_their_ceiling_are_loaded(self):
        sizes = (5 * MIB, 60 * MIB, 1, 20 * MIB)
        text = b"id,v\n" + b"".join(b"%d,%s\n" % (i, b"x" * size) for i, size in enumerate(sizes))
        self.load("t", text)
        self.assertEqual(self.rows("SELECT id, length(v) FROM t"), list(enumerate(sizes)))
        self.load("t", text.replace(b"id,v\n", b"v0,v\n").replace(b"v0", b"id"), "--atomic", "--on-conflict", "replace")
        self.assertEqual(self.rows("SELECT count(*) FROM t"), [(4,)])
        refused = self.load("t", b"id,v\n9,%s\n" % (b"x" * (65 * MIB)), ends=1)
        self.assertIn(b"(LIMIT, row 0)", refused.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM t WHERE id = 9"), [(0,)])
        self.assertEqual(query(self.server, "data", "SELECT 1 AS one").json["rows"], [{"one": 1}])

    def test_a_message_that_begins_a_load_is_as_small_as_others(self):
        self.assertEqual(self.large_rows(1, 5, "first"), {"RESOURCE_EXHAUSTED LIMIT": 1})
        self.assertEqual(self.large_rows(1, 3, "first"), {"done": 1})
        self.assertEqual(self.large_rows(1, 60), {"done": 1})

    def test_what_is_compressed_is_not_taken(self):
        self.assertEqual(self.large_rows(4, 500, "gzip"), {"UNIMPLEMENTED": 4})
        self.assertLess(resident_peak(self.server.pid), 200 * MIB)

    def test_many_large_rows_at_once_do_not_take_the_memory(self):
        outcomes = self.large_rows(100, 24)
        self.assertGreater(outcomes["done"], 0, outcomes)
        for outcome in outcomes:
            self.assertIn(outcome.split()[0], ("done", "RESOURCE_EXHAUSTED", "UNAVAILABLE"), outcomes)
        self.assertEqual(self.rows("SELECT count(*) FROM t"), [(outcomes["done"],)])
        # Before anybody has said what he is about to load.
        first = self.large_rows(100, 24, "first")
        self.assertEqual({outcome.split()[0] for outcome in first}, {"RESOURCE_EXHAUSTED"}, first)
        print(dict(outcomes), dict(first), resident_peak(self.server.pid) // MIB, "MiB")
        self.assertLess(resident_peak(self.server.pid), RESIDENT_BYTES_MAX)
        # Everything has been given back.
        self.assertEqual(self.large_rows(3, 60)["done"], 3)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])


if __name__ == "__main__":
    unittest.main()
