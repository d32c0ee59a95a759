"""Kept snapshots as people take them: curl, wget, aria2c, the command."""

import base64
import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

from outside import FolderTest, Server, call, insert, make_database
from servers import programs


class SnapshotsTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.database = make_database(self.folder / "data.db", "x" * 200, rows=20_000)
        self.start()

    def start(self, *flags):
        self.server = Server([self.database], *flags)
        self.addCleanup(lambda server=self.server: server.__exit__())
        self.admin = {"Authorization": f"Bearer {self.server.admin_token}"}

    def create(self, **options):
        return call(self.server.http, "POST", "/v1/databases/data/snapshots", options, self.admin)

    def made(self, **options):
        """A new snapshot: what is told of it, and the address of its bytes."""
        answer = self.create(**options)
        self.assertEqual(answer.status, 200, answer.body)
        snapshot = answer.json["snapshot"]
        self.assertEqual(snapshot["state"], "STATE_READY")
        return snapshot, f"http://{self.server.http}/v1/databases/data/snapshots/{snapshot['snapshot']}/content"

    def same(self, path, snapshot):
        content = path.read_bytes()
        self.assertEqual(len(content), int(snapshot["sizeBytes"]))
        self.assertEqual(hashlib.sha256(content).digest(), base64.b64decode(snapshot["sha256"]))

    def run_tool(self, *command):
        if shutil.which(command[0]) is None:
            self.fail(f"{command[0]} is not installed; it is one of the test packages of deploy/setup.sh")
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=120,
                                env={**os.environ, "no_proxy": "127.0.0.1"})
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        return result

    def begin(self, url, count):
        """The first bytes, as a download that was cut has left them."""
        self.run_tool("curl", "-sS", "-o", "part.db", url)
        content = (self.folder / "part.db").read_bytes()
        (self.folder / "part.db").write_bytes(content[:count])

    # --- tools ---

    def test_curl_goes_on(self):
        snapshot, url = self.made()
        self.begin(url, 1_234_567)
        result = self.run_tool("curl", "-sS", "-C", "-", "-o", "part.db", "-w", "%{http_code} %{size_download}", url)
        self.assertEqual(result.stdout, f"206 {int(snapshot['sizeBytes']) - 1_234_567}")
        self.same(self.folder / "part.db", snapshot)

    def test_wget_goes_on(self):
        snapshot, url = self.made()
        self.begin(url, 777_777)
        self.assertIn("206", self.run_tool("wget", "--no-proxy", "-c", "-O", "part.db", url).stderr)
        self.same(self.folder / "part.db", snapshot)

    def test_aria2c_takes_four_parts_at_once(self):
        snapshot, url = self.made()
        self.run_tool("aria2c", "-x4", "-s4", "--min-split-size=1M", "--all-proxy=", "-o", "whole.db", url)
        self.same(self.folder / "whole.db", snapshot)

    def test_a_browser_gets_a_name_and_a_length(self):
        snapshot, url = self.made()
        head = self.run_tool("curl", "-sS", "-I", url).stdout.lower()
        self.assertIn(f"content-length: {snapshot['sizeBytes']}", head)
        self.assertIn("accept-ranges: bytes", head)
        self.assertIn(f'filename="data-{snapshot["snapshot"]}.db"', head)
        etag = next(line.split(": ", 1)[1] for line in head.splitlines() if line.startswith("etag"))
        answer = self.run_tool("curl", "-sS", "-o", os.devnull, "-w", "%{http_code} %{size_download}",
                               "-H", f"If-None-Match: {etag}", url)
        self.assertEqual(answer.stdout, "304 0")

    def sluice(self, *arguments):
        return subprocess.run([programs() / "sluice", "--address", self.server.grpc, *arguments], capture_output=True,
                              text=True, check=False, timeout=120,
                              env={**os.environ, "SLUICE_TOKEN": self.server.admin_token})

    def test_the_command_creates_lists_gets_verifies_and_removes(self):
        made = json.loads(self.sluice("-o", "json", "snapshot", "create", "data", "--ttl", "2h").stdout)
        listed = self.sluice("-o", "json", "snapshot", "ls", "data").stdout
        self.assertEqual([json.loads(line)["snapshot"] for line in listed.splitlines()], [made["snapshot"]])
        copy = self.folder / "copy.db"
        got = self.sluice("-o", "json", "snapshot", "get", "data", "--snapshot", made["snapshot"], "-o", copy)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.same(copy, made)
        self.assertIn(made["snapshot"], self.sluice("snapshot", "verify", copy, "--database", "data").stdout)
        self.assertEqual(self.sluice("snapshot", "verify", copy, "--sha256", json.loads(got.stdout)["sha256"]).returncode, 0)
        # A download that was cut goes on from where it ended.
        (self.folder / "copy.db.part").write_bytes(copy.read_bytes()[:1_000_001])
        again = self.sluice("-o", "json", "snapshot", "get", "data", "--snapshot", made["snapshot"], "-o", copy, "-f")
        self.assertEqual(json.loads(again.stdout)["bytesTransferred"], int(made["sizeBytes"]) - 1_000_001)
        self.same(copy, made)
        with open(copy, "r+b") as file:
            file.seek(100_000)
            file.write(b"!")
        self.assertEqual(self.sluice("snapshot", "verify", copy, "--database", "data").returncode, 1)
        self.assertEqual(self.sluice("snapshot", "rm", "data", made["snapshot"]).returncode, 0)
        self.assertEqual(self.sluice("snapshot", "rm", "data", made["snapshot"]).returncode, 3)

    # --- what must hold ---

    def test_it_does_not_change_and_outlives_the_server(self):
        snapshot, url = self.made()
        self.assertEqual(insert(self.server, "data", marker="later").status, 200)
        self.run_tool("curl", "-sS", "-o", "before.db", url)
        self.same(self.folder / "before.db", snapshot)
        self.server.stop()
        self.start()
        found = call(self.server.http, "GET", f"/v1/databases/data/snapshots/{snapshot['snapshot']}").json["snapshot"]
        self.assertEqual(found, snapshot)
        other, _ = self.made()
        self.assertNotEqual(other["snapshot"], snapshot["snapshot"])

    def test_a_killed_server_leaves_no_orphans(self):
        kept = self.folder / ".sluice-snapshots"
        snapshot, _ = self.made()
        (kept / "20260101t000000-00000000.db.part").write_bytes(b"half")
        self.server.kill()
        self.start()
        names = sorted(path.name for path in kept.iterdir() if path.name != "lock")
        self.assertEqual(names, [snapshot["snapshot"] + ".db", snapshot["snapshot"] + ".info"])
        self.assertEqual(kept.stat().st_mode & 0o777, 0o700)

    def test_many_who_ask_at_once_share_one(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.create().json["snapshot"]["snapshot"]))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(answers)), 1)

    def test_the_room_is_bounded(self):
        self.server.stop()
        self.start("--snapshot-quota", "1M")
        answer = self.create()
        self.assertEqual((answer.status, answer.reason), (429, "LIMIT"))
        self.assertEqual([path.name for path in (self.folder / ".sluice-snapshots").iterdir()], ["lock"])

    def test_one_caller_gets_his_share_of_the_bandwidth(self):
        self.server.stop()
        self.start("--download-bandwidth", "1500K")
        begun = time.monotonic()
        whole = call(self.server.http, "GET", "/v1/databases/data/content")
        self.assertEqual(whole.status, 200)
        # The first second's share is there at once.
        self.assertGreater(time.monotonic() - begun, len(whole.body) / 1_536_000 - 1.2)

    def test_errors_are_clear(self):
        base = "/v1/databases/data/snapshots"
        self.assertEqual(call(self.server.http, "POST", base, {}).status, 401)
        for body, status, reason in (({"ttl": "0s"}, 400, "BAD_REQUEST"), ({"ttl": "2592001s"}, 400, "BAD_REQUEST")):
            answer = self.create(**body)
            self.assertEqual((answer.status, answer.reason), (status, reason))
        for path in (f"{base}/none", f"{base}/none/content", f"{base}/..%2F..%2Fdata/content"):
            answer = call(self.server.http, "GET", path)
            self.assertEqual((answer.status, answer.reason), (404, "NO_SUCH_SNAPSHOT"), path)
        answer = call(self.server.http, "GET", "/v1/databases/none/snapshots")
        self.assertEqual((answer.status, answer.reason), (404, "NO_SUCH_DATABASE"))

    def test_a_compact_one_is_smaller_and_sound(self):
        other = sqlite3.connect(self.database)
        other.execute("DELETE FROM t WHERE id % 10 != 0")
        other.commit()
        other.close()
        plain, _ = self.made()
        snapshot, url = self.made(compact=True)
        self.assertLess(int(snapshot["sizeBytes"]), int(plain["sizeBytes"]) // 5)
        self.run_tool("curl", "-sS", "-o", "compact.db", url)
        self.same(self.folder / "compact.db", snapshot)
        copy = sqlite3.connect(self.folder / "compact.db")
        self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(copy.execute("SELECT count(*) FROM t").fetchone(), (2000,))
        copy.close()

    # --- compressed, and of some tables ---

    def unpacked(self, name):
        self.run_tool("zstd", "-q", "-d", "-f", name)
        return self.folder / name.removesuffix(".zst")

    def test_a_compressed_one_is_a_zstd_file_whole_and_in_ranges(self):
        snapshot, url = self.made(compression="COMPRESSION_ZSTD")
        size = int(snapshot["fileSizeBytes"])
        self.assertLess(size, int(snapshot["sizeBytes"]) // 2)
        head = self.run_tool("curl", "-sS", "-I", url).stdout.lower()
        self.assertIn(f"content-length: {size}", head)
        self.assertIn("content-type: application/zstd", head)
        self.assertNotIn("content-encoding", head)
        self.assertIn(f'filename="data-{snapshot["snapshot"]}.db.zst"', head)
        self.begin(url, size // 3)
        self.run_tool("curl", "-sS", "-C", "-", "-o", "part.db", url)
        (self.folder / "part.db").rename(self.folder / "copy.db.zst")
        told = self.sluice("snapshot", "verify", self.folder / "copy.db.zst", "--database", "data")
        self.assertIn(snapshot["snapshot"], told.stdout, told.stderr)
        self.same(self.unpacked("copy.db.zst"), snapshot)
        (self.folder / "copy.db.zst").write_bytes((self.folder / "copy.db.zst").read_bytes()[:-1])
        self.assertEqual(self.sluice("snapshot", "verify", self.folder / "copy.db.zst", "--database", "data").returncode, 1)
        self.server.stop()
        self.start()
        found = call(self.server.http, "GET", f"/v1/databases/data/snapshots/{snapshot['snapshot']}").json["snapshot"]
        self.assertEqual(found, snapshot)

    def test_the_command_unpacks_what_is_compressed(self):
        made = json.loads(self.sluice("-o", "json", "snapshot", "create", "data", "--zstd").stdout)
        copy = self.folder / "copy.db"
        got = self.sluice("-o", "json", "snapshot", "get", "data", "--snapshot", made["snapshot"], "-o", copy)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.same(copy, made)
        self.assertLess(json.loads(got.stdout)["bytesTransferred"], int(made["fileSizeBytes"]))
        # A download that was cut goes on with the block that it had begun.
        (self.folder / "copy.db.part").write_bytes(copy.read_bytes()[:3_000_001])
        again = self.sluice("-o", "json", "snapshot", "get", "data", "--snapshot", made["snapshot"], "-o", copy, "-f")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertLess(json.loads(again.stdout)["bytesTransferred"], json.loads(got.stdout)["bytesTransferred"] * 2 // 3)
        self.same(copy, made)
        live = self.sluice("-o", "json", "snapshot", "get", "data", "--zstd", "-o", copy, "-f")
        self.assertEqual(live.returncode, 0, live.stderr)
        self.same(copy, made)
        self.assertLess(json.loads(live.stdout)["bytesTransferred"], int(made["sizeBytes"]) // 2)

    def test_some_tables_are_a_database_of_their_own(self):
        other = sqlite3.connect(self.database)
        other.executescript("""
            CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT, t REFERENCES t(id));
            CREATE VIRTUAL TABLE docs_fts USING fts5(body, content='docs', content_rowid='id');
            CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN INSERT INTO docs_fts(rowid, body) VALUES (new.id, new.body); END;
            CREATE VIEW both AS SELECT body, marker FROM docs JOIN t ON t.id = docs.t;
            CREATE VIEW bodies AS SELECT body FROM docs;
            INSERT INTO docs VALUES (5, 'lighthouse', 1)""")
        other.close()
        made = json.loads(self.sluice("-o", "json", "snapshot", "create", "data", "--table", "docs").stdout)
        self.assertEqual(made["tables"], ["docs"])
        self.assertLess(int(made["sizeBytes"]), 100_000)
        self.assertIn("only docs", self.sluice("-o", "table", "snapshot", "ls", "data").stdout)
        copy = self.folder / "copy.db"
        self.sluice("snapshot", "get", "data", "--snapshot", made["snapshot"], "-o", copy)
        self.same(copy, made)
        connection = sqlite3.connect(copy)
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(connection.execute("SELECT body FROM docs_fts WHERE docs_fts MATCH 'lighthouse'").fetchall(), [("lighthouse",)])
        self.assertEqual(connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY 1").fetchall(),
                         [("bodies",), ("docs_ai",)])
        connection.close()
        line = self.sluice("--curl", "snapshot", "create", "data", "--table", "docs", "--table", "t", "--zstd").stdout
        self.assertIn('"tables":["docs","t"],"compression":"COMPRESSION_ZSTD"}', line)
        refused = self.sluice("snapshot", "restore", "data", made["snapshot"])
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("only some tables", refused.stderr)
        for table, code in (("absent", 3), ("bodies", 1), ("docs_fts_data", 3)):
            self.assertEqual(self.sluice("snapshot", "create", "data", "--table", table).returncode, code, table)

    def test_a_reader_who_takes_nothing_holds_only_his_own_place(self):
        _, url = self.made()
        path = url.split(self.server.http, 1)[1]
        host, port = self.server.http.split(":")
        idle = socket.create_connection((host, int(port)))
        idle.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.run_tool("curl", "-sS", "-o", "other.db", url)
        idle.close()


if __name__ == "__main__":
    unittest.main()
