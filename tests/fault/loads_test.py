"""Loads whose connections break: every row is there once in the end, whatever was cut and when.

The number of cuts of each load is SLUICE_FAULT_CUTS (6 unless it is said); the random numbers begin with
SLUICE_FAULT_SEED, which is printed.
"""

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# pylint: disable=wrong-import-position
from cut_proxy import CutProxy
from servers import Server, programs

CUTS = int(os.environ.get("SLUICE_FAULT_CUTS", "6"))
SEED = int(os.environ.get("SLUICE_FAULT_SEED", random.randrange(1 << 30)))
COMMAND_SECONDS = 120
ROWS = 200_000


class LoadsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-fault-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "data.db"
        connection = sqlite3.connect(self.path)
        # Without a key: a row that came twice would be there twice.
        connection.execute("CREATE TABLE t(n INTEGER, text TEXT)")
        connection.commit()
        connection.close()
        self.file = self.folder / "rows.csv"
        with self.file.open("w", encoding="ascii") as file:
            file.write("n,text\n")
            file.writelines(f"{n},row number {n}\n" for n in range(ROWS))
        self.server = Server([self.path])
        self.addCleanup(lambda: self.server.stop())  # pylint: disable=unnecessary-lambda

    def command(self, address, *arguments):
        environment = os.environ | {"SLUICE_ADDRESS": address, "SLUICE_TOKEN": self.server.admin_token}
        return [str(programs() / "sluice"), "load", "data", "t", str(self.file), *arguments], environment

    def assert_every_row_once(self):
        connection = sqlite3.connect(self.path)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT count(*), count(DISTINCT n), min(n), max(n) FROM t").fetchone(),
                         (ROWS, ROWS, 0, ROWS - 1))

    def test_a_load_goes_on_when_its_connection_breaks(self):
        numbers = random.Random(SEED)
        print(f"SLUICE_FAULT_SEED={SEED}")
        with CutProxy(self.server.grpc) as proxy:
            command, environment = self.command(proxy.address, "--rows-per-commit", "2000")
            done = threading.Event()
            cuts = 0

            def cut_now_and_then():
                nonlocal cuts
                while cuts < CUTS and not done.wait(numbers.uniform(0.02, 0.3)):
                    proxy.reset()
                    cuts += 1

            cutter = threading.Thread(target=cut_now_and_then)
            cutter.start()
            result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
            done.set()
            cutter.join()
        self.assertEqual(result.returncode, 0, f"seed {SEED}: {result.stderr}")
        self.assert_every_row_once()

    def test_a_load_that_was_killed_goes_on_by_its_id(self):
        numbers = random.Random(SEED)
        command, environment = self.command(self.server.grpc, "--rows-per-commit", "1000", "--load-id", "the load")
        for _ in range(CUTS):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(numbers.uniform(0.02, 0.2))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        subprocess.run(command, env=environment, capture_output=True, timeout=COMMAND_SECONDS, check=True)
        self.assert_every_row_once()
        # Once more, when all is done: nothing is added.
        subprocess.run(command, env=environment, capture_output=True, timeout=COMMAND_SECONDS, check=True)
        self.assert_every_row_once()

    def test_a_load_goes_on_when_its_server_was_killed(self):
        numbers = random.Random(SEED)
        command, environment = self.command(self.server.grpc, "--rows-per-commit", "1000", "--load-id", "the load")
        for _ in range(max(2, CUTS // 3)):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            threading.Event().wait(numbers.uniform(0.05, 0.3))
            self.server.kill()
            process.kill()
            process.wait()
            self.server = Server([self.path])
            command, environment = self.command(self.server.grpc, "--rows-per-commit", "1000", "--load-id", "the load")
        subprocess.run(command, env=environment, capture_output=True, timeout=COMMAND_SECONDS, check=True)
        self.assert_every_row_once()
        connection = sqlite3.connect(self.path)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))

    def test_an_atomic_load_that_breaks_leaves_nothing(self):
        was_cut = threading.Event()
        with CutProxy(self.server.grpc) as proxy:
            def cut(*_):
                was_cut.set()
                proxy.reset()

            # While rows are sent: so much comes back of HTTP/2's own frames.
            proxy.at(300, cut)
            command, environment = self.command(proxy.address, "--atomic")
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            _, errors = process.communicate(timeout=COMMAND_SECONDS)
        self.assertTrue(was_cut.is_set())
        connection = sqlite3.connect(self.path)
        self.addCleanup(connection.close)
        count = connection.execute("SELECT count(*) FROM t").fetchone()[0]
        self.assertIn(count, (0, ROWS), errors)
        self.assertEqual(count == ROWS, process.returncode == 0, errors)


if __name__ == "__main__":
    unittest.main()
