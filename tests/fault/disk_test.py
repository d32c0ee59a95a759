"""A disk that is full: writes say so, reads go on, and writes go on too once there is room, without a restart.

The disk is a small tmpfs in a mount namespace of the test's own, where the system lets the test make one.
"""

import base64
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# pylint: disable=wrong-import-position
from servers import Server

DISK_BYTES = 8 << 20
IN_NAMESPACE = "SLUICE_FAULT_IN_NAMESPACE"


def can_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


class FullDiskTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sluice-disk-")
        self.addCleanup(folder.cleanup)
        self.disk = Path(folder.name) / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", self.disk], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", self.disk], check=True))
        connection = sqlite3.connect(self.disk / "data.db")
        connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, bytes BLOB)")
        connection.close()
        self.server = Server([self.disk / "data.db"])
        self.addCleanup(self.server.stop)

    def call(self, path, body):
        connection = http.client.HTTPConnection(self.server.http, timeout=30)
        connection.request("POST", path, json.dumps(body), {
            "Authorization": f"Bearer {self.server.admin_token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = json.loads(answer.read())
        connection.close()
        return answer.status, text

    def insert(self, size):
        return self.call("/v1/databases/data:execute", {
            "sql": "INSERT INTO t(bytes) VALUES (randomblob(?))", "params": [{"integer": str(size)}]})

    def count(self):
        status, answer = self.call("/v1/databases/data:query", {"sql": "SELECT count(*) FROM t"})
        self.assertEqual(status, 200, answer)
        return int(answer["rows"][0]["values"][0]["integer"])

    def left(self):
        """What snapshots and uploads have left beside the database, locks aside."""
        return sorted(str(file.relative_to(self.disk)) for folder in (".sluice-snapshots", ".sluice-uploads")
                      for file in (self.disk / folder).glob("*") if file.name != "lock")

    def test_a_snapshot_and_an_upload_find_a_full_disk_before_a_byte_is_written(self):
        for _ in range(10):
            self.assertEqual(self.insert(100_000)[0], 200)
        disk = os.statvfs(self.disk)
        (self.disk / "ballast").write_bytes(b"x" * (disk.f_bavail * disk.f_frsize - 500_000))
        free = os.statvfs(self.disk).f_bavail
        base = "/v1/databases/data"
        digest = base64.b64encode(b"0" * 32).decode()
        for path, body in (("/snapshots", {}), ("/snapshots", {"compact": True}), ("/snapshots", {"tables": ["t"]}),
                           ("/snapshots", {"compression": "COMPRESSION_ZSTD"}), ("/uploads", {"sizeBytes": 1 << 20, "sha256": digest})):
            status, text = self.call(base + path, body)
            self.assertEqual((status, text["details"][0]["reason"]), (429, "DISK_FULL"), (path, body, text))
            self.assertEqual(self.left(), [], (path, body))
        self.assertGreaterEqual(os.statvfs(self.disk).f_bavail + 4, free)
        self.assertEqual(self.count(), 10)
        (self.disk / "ballast").unlink()
        for body in ({"compact": True}, {"tables": ["t"], "compression": "COMPRESSION_ZSTD"}):
            status, text = self.call(base + "/snapshots", body)
            self.assertEqual(status, 200, text)
        status, text = self.call(base + "/uploads", {"sizeBytes": 1 << 20, "sha256": digest})
        self.assertEqual(status, 200, text)

    def test_a_full_disk_is_said_and_survived(self):
        ballast = self.disk / "ballast"
        ballast.write_bytes(b"x" * (4 << 20))
        answered = 0
        while (answer := self.insert(100_000))[0] == 200:
            answered += 1
            self.assertLess(answered, 200, "the disk never fills")
        for _ in range(3):
            status, text = answer
            self.assertEqual(status, 429, text)
            self.assertEqual(text["code"], 8, text)
            self.assertEqual(text["details"][0]["reason"], "DISK_FULL", text)
            self.assertEqual(self.count(), answered)
            answer = self.insert(100_000)
        ballast.unlink()
        # The next write does: nobody had to restart anything.
        status, text = self.insert(100_000)
        self.assertEqual(status, 200, text)
        self.assertEqual(self.count(), answered + 1)
        self.assertEqual(self.server.stop(), 0)
        connection = sqlite3.connect(self.disk / "data.db")
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(connection.execute("SELECT count(*) FROM t").fetchone(), (answered + 1,))
        connection.close()


def load_tests(_loader, tests, _pattern):
    """Outside of a namespace: one test, which runs this file inside of one."""
    return tests if os.environ.get(IN_NAMESPACE) else unittest.TestSuite([Namespaced("test_in_a_namespace")])


class Namespaced(unittest.TestCase):
    @unittest.skipUnless(can_mount(), "needs root and mount namespaces")
    def test_in_a_namespace(self):
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", sys.executable, "-B", __file__],
                              env={**os.environ, IN_NAMESPACE: "1"}, check=False)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=[__file__, "FullDiskTest"] if os.environ.get(IN_NAMESPACE) else None)
