"""A server that is killed while eight callers write: what it had answered is there, nothing is half done, and it serves
again at once.

Each caller keeps a ledger of what it was answered. The number of deaths is SLUICE_FAULT_KILLS (25 unless it is said).
"""

import http.client
import json
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# pylint: disable=wrong-import-position
from servers import Server

KILLS = int(os.environ.get("SLUICE_FAULT_KILLS", "25"))
SEED = int(os.environ.get("SLUICE_FAULT_SEED", random.randrange(1 << 30)))
WRITERS = 8
LIFE_SECONDS_MAX = 0.5
# Ten times the 300 ms that are aimed at; what was measured is printed.
SERVING_SECONDS_MAX = 3

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE debit(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
CREATE TABLE credit(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
CREATE TABLE balance(sum INTEGER NOT NULL);
INSERT INTO balance VALUES (0);
CREATE TRIGGER paid AFTER INSERT ON debit BEGIN UPDATE balance SET sum = sum - new.amount; END;
CREATE TRIGGER received AFTER INSERT ON credit BEGIN UPDATE balance SET sum = sum + new.amount; END;
"""


class Caller(threading.Thread):
    """Writes a row to each of two tables with one Commit, again and again, while the server answers."""

    def __init__(self, number, server):
        super().__init__()
        self._next = (number + 1) * 1_000_000_000
        self._server = server
        self._token = server.admin_token
        self.answered = []
        self.sent = 0

    def run(self):
        connection = http.client.HTTPConnection(self._server.http, timeout=30)
        try:
            while True:
                self._write(connection)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def _write(self, connection):
        self._next += 1
        row = {"columns": ["id", "amount"], "rows": [{"values": [{"integer": str(self._next)}, {"integer": "7"}]}]}
        body = json.dumps({"success": [{"insert": {"table": table} | row} for table in ("debit", "credit")]})
        self.sent += 1
        connection.request("POST", "/v1/databases/bank:commit", body, {
            "Authorization": f"Bearer {self._token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{answer.status} {text!r}")
        self.answered.append(self._next)

    def goes_on_as(self, server):
        """The caller that continues this one's numbers and ledger with another server."""
        other = Caller(0, server)
        other._next = self._next  # pylint: disable=protected-access
        other.answered = self.answered
        return other


class CrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-crash-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "bank.db"
        connection = sqlite3.connect(self.path)
        connection.executescript(SCHEMA)
        connection.close()
        self.random = random.Random(SEED)
        self.serving_seconds = []
        self.checked = set()

    def start(self):
        """Starts the server; the time until it answers, after a death, is kept."""
        begun = time.monotonic()
        server = Server([self.path], environment={"XDG_STATE_HOME": str(self.folder)})
        self.serving_seconds.append(time.monotonic() - begun)
        return server

    def live_and_die(self, server, callers):
        for caller in callers:
            caller.start()
        # At a random moment, once anything has been answered.
        answered = sum(len(caller.answered) for caller in callers)
        deadline = time.monotonic() + 30
        while sum(len(caller.answered) for caller in callers) == answered and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(self.random.uniform(0, LIFE_SECONDS_MAX))
        server.kill()
        for caller in callers:
            caller.join()

    def check(self, callers):
        """Looks at a copy, so that the server finds the file as it was left."""
        with tempfile.TemporaryDirectory(prefix="sluice-crash-") as folder:
            for file in self.folder.glob("bank.db*"):
                if not file.name.endswith("-shm"):
                    shutil.copy(file, folder)
            connection = sqlite3.connect(Path(folder) / "bank.db")
            debits, credits_ = ({row[0] for row in connection.execute(f"SELECT id FROM {table}")}
                                for table in ("debit", "credit"))
            self.assertEqual(debits, credits_, "a write is half done")
            self.assertEqual(connection.execute("SELECT sum FROM balance").fetchone(), (0,))
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            connection.close()
        answered = {number for caller in callers for number in caller.answered}
        self.assertEqual(answered - debits, set(), "an answered write is lost")
        self.assertEqual(self.checked - debits, set(), "a write that was there is lost")
        self.checked = debits

    def test_no_answered_write_is_lost_when_the_server_is_killed(self):
        print(f"SLUICE_FAULT_SEED={SEED}", file=sys.stderr)
        server = self.start()
        callers = [Caller(number, server) for number in range(WRITERS)]
        for death in range(KILLS):
            with self.subTest(death=death):
                self.live_and_die(server, callers)
                self.check(callers)
                server = self.start()
                callers = [caller.goes_on_as(server) for caller in callers]
        self.assertEqual(server.stop(), 0)
        answered = sum(len(caller.answered) for caller in callers)
        self.assertGreater(answered, KILLS * WRITERS)
        restarts = sorted(self.serving_seconds[1:])
        p99 = restarts[min(len(restarts) - 1, int(0.99 * len(restarts)))]
        print(f"{answered} answered writes, {KILLS} deaths; serving again after {statistics.median(restarts) * 1e3:.0f} ms "
              f"(p99 {p99 * 1e3:.0f} ms)", file=sys.stderr)
        self.assertLess(p99, SERVING_SECONDS_MAX)


if __name__ == "__main__":
    unittest.main()
