"""Another program holds the database's lock: writes wait for it and then say so, reads go on, and all is well afterwards."""

import os
import sqlite3
import threading
import time
import unittest

from outside import FolderTest, Server, call, insert, make_database, query

# How long the lock is held. tests/run.sh --full=fault holds it for a minute.
HOLD_SECONDS = float(os.environ.get("SLUICE_OUTSIDE_LOCK_SECONDS", "3"))
BUSY_WAIT_SECONDS = 1


class OutsideLockTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.path = make_database(self.folder / "data.db", "x", rows=10)
        self.server = Server([self.folder], "--busy-wait", f"{BUSY_WAIT_SECONDS}s")
        self.addCleanup(self.server.stop)
        self.assertEqual(insert(self.server, "data", marker="before").status, 200)

    def hold(self):
        """A connection of ours that holds the write lock."""
        outside = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self.addCleanup(outside.close)
        outside.execute("BEGIN IMMEDIATE")
        outside.execute("INSERT INTO t(marker) VALUES ('outside')")
        return outside

    def test_writes_wait_and_then_say_so_while_reads_go_on(self):
        outside = self.hold()
        until = time.monotonic() + HOLD_SECONDS
        refused = 0
        while time.monotonic() < until:
            begun = time.monotonic()
            answer = insert(self.server, "data", marker="refused")
            self.assertEqual((answer.status, answer.reason), (503, "OVERLOADED"), answer.body)
            self.assertGreaterEqual(time.monotonic() - begun, BUSY_WAIT_SECONDS * 0.9)
            retry = [detail for detail in answer.json["details"] if detail["@type"].endswith("RetryInfo")]
            self.assertEqual(len(retry), 1, answer.body)
            refused += 1
            self.assertEqual(query(self.server, "data", "SELECT count(*) AS n FROM t").json["rows"], [{"n": 11}])
            self.assertEqual(call(self.server.admin, "GET", "/readyz").status, 200)
        self.assertGreater(refused, 0)
        outside.execute("COMMIT")
        self.assertEqual(insert(self.server, "data", marker="after").status, 200)
        rows = query(self.server, "data", "SELECT marker FROM t WHERE id > 10 ORDER BY id").json["rows"]
        self.assertEqual([row["marker"] for row in rows], ["before", "outside", "after"])

    def test_a_write_waits_for_a_lock_that_is_let_go_in_time(self):
        outside = self.hold()
        answers = []
        writer = threading.Thread(target=lambda: answers.append(insert(self.server, "data", marker="patient")))
        writer.start()
        outside.execute("ROLLBACK")
        writer.join()
        self.assertEqual(answers[0].status, 200, answers[0].body)

    def test_an_outside_writer_has_its_turn_among_ours(self):
        outside = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        self.addCleanup(outside.close)
        for i in range(20):
            self.assertEqual(insert(self.server, "data", marker=f"ours {i}").status, 200)
            outside.execute("INSERT INTO t(marker) VALUES (?)", (f"theirs {i}",))
        self.assertEqual(query(self.server, "data", "SELECT count(*) AS n FROM t").json["rows"], [{"n": 51}])
        self.assertEqual(outside.execute("PRAGMA integrity_check").fetchone(), ("ok",))


if __name__ == "__main__":
    unittest.main()
