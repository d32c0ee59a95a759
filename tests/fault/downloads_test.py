"""Downloads that are cut, damaged or have no room: each ends as the whole database of one moment, or as nothing.

Writers move money between accounts all the time, so that a copy of anything but one moment has another sum. The number of
cuts is SLUICE_FAULT_CUTS (6 unless it is said); the random numbers begin with SLUICE_FAULT_SEED, which is printed.
"""

import hashlib
import http.client
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# pylint: disable=wrong-import-position
from cut_proxy import CutProxy, flip
from servers import Server, programs

CUTS = int(os.environ.get("SLUICE_FAULT_CUTS", "6"))
SEED = int(os.environ.get("SLUICE_FAULT_SEED", random.randrange(1 << 30)))
COMMAND_SECONDS = 120
ACCOUNTS = 100
BALANCE = 1000
BALLAST_BYTES = 6 << 20

SCHEMA = """
CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE ballast(id INTEGER PRIMARY KEY, bytes BLOB);
CREATE TABLE transfer(id INTEGER PRIMARY KEY, payer INTEGER, payee INTEGER, amount INTEGER);
CREATE TRIGGER move AFTER INSERT ON transfer BEGIN
  UPDATE account SET balance = balance - new.amount WHERE id = new.payer;
  UPDATE account SET balance = balance + new.amount WHERE id = new.payee;
  DELETE FROM transfer WHERE id < new.id - 100;
END;
"""


def make_bank(path):
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.executemany("INSERT INTO account VALUES (?, ?)", ((i, BALANCE) for i in range(ACCOUNTS)))
    connection.executemany("INSERT INTO ballast(bytes) VALUES (?)",
                           ((os.urandom(4000),) for _ in range(BALLAST_BYTES // 4000)))
    connection.commit()
    connection.close()


class Writers:
    """Moves money until it is left. Calls that fail while the server is down are made again."""

    def __init__(self, server):
        self.server = server
        self._stop = threading.Event()
        self.moved = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        numbers = random.Random(SEED)
        while not self._stop.wait(0.002):
            payer, payee = numbers.sample(range(ACCOUNTS), 2)
            body = json.dumps({"objects": [{"payer": payer, "payee": payee, "amount": numbers.randrange(1, 50)}]})
            try:
                connection = http.client.HTTPConnection(self.server.http, timeout=5)
                connection.request("POST", "/v1/databases/bank/tables/transfer/rows:insert", body, {
                    "Authorization": f"Bearer {self.server.admin_token}", "Content-Type": "application/json"})
                self.moved += connection.getresponse().status == 200
                connection.close()
            except (OSError, http.client.HTTPException):
                continue


class DownloadFaults(unittest.TestCase):
    """Each test has a bank that is being written and a proxy before it."""

    @classmethod
    def setUpClass(cls):
        print(f"SLUICE_FAULT_SEED={SEED}", file=sys.stderr)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-fault-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.copy = self.folder / "copy.db"
        self.part = self.folder / "copy.db.part"
        make_bank(self.folder / "bank.db")
        self.server = Server([self.folder / "bank.db"])
        self.addCleanup(lambda: self.server.__exit__())
        self.proxy = CutProxy(self.server.grpc)
        self.addCleanup(lambda: self.proxy.__exit__())
        self.writers = Writers(self.server)
        self.writers.__enter__()
        self.addCleanup(lambda: self.writers.__exit__())
        self.random = random.Random(SEED)

    def start(self, *arguments, **options):
        return subprocess.Popen([programs() / "sluice", "--address", self.proxy.address, "-o", "json", *arguments],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "XDG_STATE_HOME": str(self.folder)}, **options)

    def finish(self, process):
        out, error = process.communicate(timeout=COMMAND_SECONDS)
        return process.returncode, out, error

    def get(self, *flags):
        """A download that must succeed: what the command says of it."""
        status, out, error = self.finish(self.start("snapshot", "get", "bank", "-o", self.copy, *flags))
        self.assertEqual(status, 0, error)
        return json.loads(out)

    def check(self, told):
        """The copy is what the server sent, one moment, sound, and nothing else is left."""
        self.assertEqual(hashlib.sha256(self.copy.read_bytes()).hexdigest(), told["sha256"])
        connection = sqlite3.connect(f"file:{self.copy}?mode=ro", uri=True)
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(connection.execute("SELECT sum(balance), count(*) FROM account").fetchone(),
                         (ACCOUNTS * BALANCE, ACCOUNTS))
        connection.close()
        self.assertFalse(self.part.exists())
        self.copy.unlink()

    def an_offset(self):
        return self.random.randrange(100_000, BALLAST_BYTES - 1_000_000)

    def went_on(self, offset):
        """What came after the cut was the rest, not all again: what the writers changed is small."""
        self.assertLess(self.proxy.passed, BALLAST_BYTES - offset + 3_000_000)

    # --- cuts ---

    def reset_once(self, offset):
        def cut(*_):
            self.proxy.reset()
            self.proxy.at(1 << 60, None)
        self.proxy.at(offset, cut)
        told = self.get()
        self.went_on(offset)
        return told

    def kill_the_server_once(self, offset):
        def cut(*_):
            self.server.process.kill()
            self.proxy.reset()
            killed.set()
        killed = threading.Event()
        self.proxy.at(offset, cut)
        process = self.start("snapshot", "get", "bank", "-o", self.copy)
        self.assertTrue(killed.wait(COMMAND_SECONDS))
        # In this thread: a server dies with the thread that started it.
        self.server.kill()
        self.server = self.writers.server = Server([self.folder / "bank.db"])
        self.proxy.upstream = self.server.grpc
        self.proxy.at(1 << 60, None)
        status, out, error = self.finish(process)
        if status != 0:
            # It gave up before the server was there again, and left what had come.
            self.assertEqual(status, 5, error)
            self.assertTrue(self.part.exists())
            out = json.dumps(self.get())
        self.went_on(offset)
        return json.loads(out)

    def kill_the_client_once(self, offset):
        def cut(*_):
            process.kill()
            process.wait()
            self.proxy.reset()
        process = None
        self.proxy.at(offset, cut)
        process = self.start("snapshot", "get", "bank", "-o", self.copy)
        process.communicate(timeout=COMMAND_SECONDS)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertFalse(self.copy.exists())
        self.assertTrue(self.part.exists())
        self.proxy.at(1 << 60, None)
        told = self.get()
        self.went_on(offset)
        return told

    def test_every_cut_download_ends_whole(self):
        kinds = [self.reset_once, self.kill_the_server_once, self.kill_the_client_once]
        for number in range(CUTS):
            kind, offset = kinds[number % len(kinds)], self.an_offset()
            with self.subTest(kind=kind.__name__, offset=offset):
                self.check(kind(offset))
        self.assertGreater(self.writers.moved, 0)

    # --- damage and want of room ---

    def test_a_flipped_bit_is_found(self):
        for _ in range(3):
            self.proxy.at(self.an_offset(), flip)
            self.check(self.get())

    def test_a_full_disk_is_a_clear_error_and_leaves_nothing(self):
        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        process = self.start("snapshot", "get", "bank", "-o", self.copy, preexec_fn=no_room)
        status, _, error = self.finish(process)
        self.assertEqual(status, 1, error)
        self.assertIn("cannot write", error)
        self.assertFalse(self.copy.exists() or self.part.exists())

    def test_a_copy_from_before_becomes_the_present_by_what_changed(self):
        self.get()
        before = self.writers.moved
        while self.writers.moved < before + 10:
            pass
        told = self.get("--refresh", self.copy)
        self.assertLess(told["bytesTransferred"], told["sizeBytes"] // 4)
        self.check(told)

    @unittest.skipIf(CUTS < 50, "takes a minute")
    def test_a_receiver_that_stalls_is_cut_and_goes_on(self):
        process = None

        def stall(*_):
            process.send_signal(signal.SIGSTOP)
        self.proxy.at(2_000_000, stall)
        process = self.start("snapshot", "get", "bank", "-o", self.copy)
        threading.Event().wait(75)
        process.send_signal(signal.SIGCONT)
        status, out, error = self.finish(process)
        self.assertEqual(status, 0, error)
        self.check(json.loads(out))


if __name__ == "__main__":
    unittest.main()
