"""Files in the place of databases, as people put them there: curl, the command, readers that are under way."""

import base64
import hashlib
import http.client
import json
import os
import sqlite3
import subprocess
import threading
import unittest

from outside import FolderTest, Server, call, make_database, query
from servers import programs

PIECE = 1 << 20


class RestoresTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.served = self.folder / "served"
        self.served.mkdir()
        # More than sockets hold, so that a reader who takes nothing keeps the server at it.
        make_database(self.served / "data.db", "old" * 60, rows=150_000)
        self.backup = make_database(self.folder / "backup.db", "new" * 60, rows=30_000)
        self.start()

    def start(self, *flags):
        self.server = Server([self.served], *flags, environment={"SLUICE_ADMIN_TOKEN": "k" * 32})
        self.addCleanup(lambda server=self.server: server.__exit__())

    def call(self, verb, path, body=None):
        return call(self.server.http, verb, f"/v1/databases/data{path}", body, {"Authorization": "Bearer " + "k" * 32})

    def put(self, upload, offset, data):
        connection = http.client.HTTPConnection(self.server.http, timeout=30)
        connection.request("PUT", f"/v1/databases/data/uploads/{upload}/content?offset={offset}", data,
                           {"Authorization": "Bearer " + "k" * 32})
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    def begin(self):
        data = self.backup.read_bytes()
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        answer = self.call("POST", "/uploads", {"sizeBytes": len(data), "sha256": digest})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["upload"]["upload"], data

    def send(self):
        upload, data = self.begin()
        for offset in range(0, len(data), PIECE):
            self.assertEqual(self.put(upload, offset, data[offset:offset + PIECE])[0], 200)
        return upload

    def count(self, database="data"):
        answer = query(self.server, database, "SELECT count(*) AS n, min(substr(marker, 1, 3)) AS m FROM t")
        self.assertEqual(answer.status, 200, answer.body)
        return list(answer.json["rows"][0].values())

    def sluice(self, *arguments):
        return subprocess.run([programs() / "sluice", "--address", self.server.grpc, *map(str, arguments)],
                              capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, "SLUICE_TOKEN": "k" * 32})

    # --- readers and writers over the swap ---

    def test_a_stream_over_the_swap_ends_on_the_old_content(self):
        upload = self.send()
        connection = http.client.HTTPConnection(self.server.http, timeout=60)
        connection.request("GET", "/v1/databases/data/content")
        stream = connection.getresponse()
        content = stream.read(1000)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.call("POST", f"/uploads/{upload}:restore", {})))
        thread.start()

        def turned_away():
            answer = query(self.server, "data", "SELECT 1")
            return answer if answer.status == 503 else None

        answer = self.eventually("new calls are turned away", turned_away)
        self.assertEqual(answer.reason, "NOT_SERVED")
        self.assertIsNotNone(answer.headers["Retry-After"])
        refused = insert_as_admin(self.server)
        self.assertEqual((refused.status, refused.reason), (503, "NOT_SERVED"))
        self.assertEqual(self.call("GET", f"/uploads/{upload}").json["upload"]["state"], "STATE_RESTORING")
        content += stream.read()
        connection.close()
        thread.join()
        self.assertEqual(answers[0].status, 200, answers[0].body)
        (self.folder / "old.db").write_bytes(content)
        old = sqlite3.connect(self.folder / "old.db")
        self.assertEqual(old.execute("SELECT count(*), min(substr(marker, 1, 3)) FROM t").fetchone(), (150_000, "old"))
        old.close()
        self.assertEqual(self.count(), [30_000, "new"])

    def test_a_write_after_the_swap_is_in_the_new_content(self):
        self.assertEqual(self.call("POST", f"/uploads/{self.send()}:restore", {}).status, 200)
        self.assertEqual(insert_as_admin(self.server).status, 200)
        self.server.stop()
        file = sqlite3.connect(self.served / "data.db")
        self.assertEqual(file.execute("SELECT count(*) FROM t").fetchone(), (30_001,))
        self.assertEqual(file.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        file.close()

    # --- what was begun ---

    def test_an_upload_goes_on_after_the_server_was_killed(self):
        upload, data = self.begin()
        self.assertEqual(self.put(upload, 0, data[:PIECE])[0], 200)
        self.server.kill()
        self.start()
        self.assertEqual(self.call("GET", f"/uploads/{upload}").json["upload"]["receivedBytes"], str(PIECE))
        done = self.sluice("-o", "json", "snapshot", "restore", "data", "--file", self.backup)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.call("GET", f"/uploads/{upload}").json["upload"]["state"], "STATE_RESTORED")
        self.assertEqual(self.count(), [30_000, "new"])

    def test_there_is_room_before_a_byte_is_sent(self):
        self.server.stop()
        self.start("--upload-quota", "1M")
        answer = self.call("POST", "/uploads", {"sizeBytes": 1 << 21, "sha256": base64.b64encode(b"0" * 32).decode()})
        self.assertEqual((answer.status, answer.reason), (429, "LIMIT"))
        self.assertEqual(self.call("GET", "/uploads").json["uploads"], [])

    # --- the command ---

    def test_the_command_restores_a_file_and_puts_it_back(self):
        checked = self.sluice("snapshot", "restore", "data", "--file", self.backup, "--validate-only")
        self.assertEqual((checked.returncode, self.count()), (0, [150_000, "old"]), checked.stderr)
        restored = json.loads(self.sluice("-o", "json", "snapshot", "restore", "data", "--file", self.backup).stdout)
        self.assertEqual(self.count(), [30_000, "new"])
        self.assertIn("until deleted", self.sluice("-o", "table", "snapshot", "ls", "data").stdout)
        line = self.sluice("--curl", "snapshot", "restore", "data", restored["replacedSnapshot"]).stdout
        self.assertIn(f"/snapshots/{restored['replacedSnapshot']}:restore", line)
        back = self.sluice("-o", "table", "snapshot", "restore", "data", restored["replacedSnapshot"])
        self.assertEqual(back.returncode, 0, back.stderr)
        self.assertIn("restored; what was there is snapshot", back.stdout)
        self.assertEqual(self.count(), [150_000, "old"])
        removed = self.sluice("snapshot", "rm", "data", restored["replacedSnapshot"])
        self.assertEqual(removed.returncode, 0, removed.stderr)

    def test_the_command_makes_a_new_database(self):
        made = self.sluice("snapshot", "restore", "fresh", "--file", self.backup, "--create")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(self.count("fresh"), [30_000, "new"])
        self.assertTrue((self.served / "fresh.db").exists())
        self.assertEqual(self.sluice("snapshot", "restore", "absent", "--file", self.backup).returncode, 3)

    def test_the_command_says_what_is_wrong(self):
        for arguments in (["data"], ["data", "none", "--file", "x.db"], ["data", "none", "--create"]):
            self.assertEqual(self.sluice("snapshot", "restore", *arguments).returncode, 2, arguments)
        self.assertEqual(self.sluice("snapshot", "restore", "data", "none").returncode, 3)
        self.assertEqual(self.sluice("snapshot", "restore", "data", "--file", self.folder / "absent.db").returncode, 1)
        (self.folder / "no.db").write_bytes(b"x" * 4096)
        failed = self.sluice("snapshot", "restore", "data", "--file", self.folder / "no.db")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("not a SQLite database", failed.stderr)
        self.assertEqual(self.count(), [150_000, "old"])


def insert_as_admin(server):
    return call(server.http, "POST", "/v1/databases/data/tables/t/rows:insert", {"objects": [{"marker": "newer"}]},
                {"Authorization": "Bearer " + "k" * 32})


if __name__ == "__main__":
    unittest.main()
