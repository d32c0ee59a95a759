"""Restores whose server is killed: whatever the moment, the database is the old one or the new one, whole.

The number of kills is SLUICE_FAULT_KILLS (6 unless it is said); the random numbers begin with SLUICE_FAULT_SEED, which is
printed.
"""

import base64
import hashlib
import http.client
import json
import os
import random
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

# pylint: disable=wrong-import-position
from servers import Server

CUTS = int(os.environ.get("SLUICE_FAULT_CUTS", "6"))
KILLS = int(os.environ.get("SLUICE_FAULT_KILLS", "6"))
SEED = int(os.environ.get("SLUICE_FAULT_SEED", random.randrange(1 << 30)))
WAIT_SECONDS = 60
ROWS = 2000
PIECE = 1 << 20


def content(folder, generation, rows=ROWS):
    """The bytes of a database all of whose rows hold the generation, and a sum that only a whole one has."""
    path = Path(folder, "made.tmp")
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, bytes BLOB)")
    connection.execute("CREATE INDEX by_generation ON t(generation, id)")
    connection.executemany("INSERT INTO t(generation, bytes) VALUES (?, ?)",
                           ((generation, os.urandom(1000)) for _ in range(rows)))
    connection.commit()
    connection.close()
    data = path.read_bytes()
    path.unlink()
    return data


class RestoresTest(unittest.TestCase):
    def setUp(self):
        print(f"SLUICE_FAULT_SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        temporary = tempfile.TemporaryDirectory(prefix="sluice-fault-")
        self.addCleanup(temporary.cleanup)
        self.scratch = Path(temporary.name)
        self.folder = self.scratch / "served"
        self.folder.mkdir()
        self.path = self.folder / "data.db"
        self.server = None
        self.addCleanup(self.end)

    def start(self):
        self.server = Server([self.folder], environment={"SLUICE_ADMIN_TOKEN": "k" * 32})

    def end(self):
        if self.server is not None:
            self.server.__exit__()

    def call(self, verb, path, body=None):
        connection = http.client.HTTPConnection(self.server.http, timeout=WAIT_SECONDS)
        try:
            raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body)
            connection.request(verb, f"/v1/databases/data{path}", raw, {"Authorization": "Bearer " + "k" * 32})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def answered(self, verb, path, body=None):
        """The answer of a call that works, as soon as the server has the database."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            status, answer = self.call(verb, path, body)
            if status != 503 or time.monotonic() > deadline:
                self.assertEqual(status, 200, answer)
                return answer
            time.sleep(0.02)

    def upload(self, data):
        answer = self.answered("POST", "/uploads", {
            "sizeBytes": len(data), "sha256": base64.b64encode(hashlib.sha256(data).digest()).decode()})
        name = answer["upload"]["upload"]
        for offset in range(0, len(data), PIECE):
            self.answered("PUT", f"/uploads/{name}/content?offset={offset}", data[offset:offset + PIECE])
        return name

    def write(self, generation):
        """A row that only the log holds yet."""
        self.answered("POST", "/tables/t/rows:insert", {"objects": [{"generation": generation}]})

    def query(self, sql):
        return list(self.answered("GET", "/query?sql=" + sql.replace(" ", "%20"))["rows"][0].values())

    def restore(self, name, outcome):
        try:
            outcome.append(self.call("POST", f"/uploads/{name}:restore", {}))
        except (OSError, http.client.HTTPException, ValueError):
            outcome.append(None)  # The server was killed.

    def generation_of_a_whole_database(self, writes):
        """What the database is, which must be one thing from end to end."""
        low, high, count = self.query("SELECT min(generation), max(generation), count(*) FROM t")
        self.assertEqual(low, high)
        indexed, = self.query("SELECT count(*) FROM t INDEXED BY by_generation WHERE generation >= 0")
        self.assertEqual(indexed, count)
        self.assertEqual(count, ROWS + writes.get(low, 0), "every write that was answered is there, and none of another's")
        return low

    @unittest.skipIf(CUTS < 50, "takes most of a minute")
    def test_a_reader_that_is_slower_than_it_may_be_is_ended_and_the_restore_goes_through(self):
        # More than sockets hold.
        self.path.write_bytes(content(self.scratch, 0, rows=60_000))
        self.start()
        name = self.upload(content(self.scratch, 1))
        host, port = self.server.http.split(":")
        slow = socket.create_connection((host, int(port)))
        self.addCleanup(slow.close)
        slow.sendall(b"GET /v1/databases/data/content HTTP/1.1\r\nHost: localhost\r\n\r\n")
        done = threading.Event()
        read = []

        def sip():
            try:
                while piece := slow.recv(1 << 17):
                    read.append(len(piece))
                    done.wait(1)
            except OSError:
                pass
        reader = threading.Thread(target=sip)
        reader.start()
        while not read:
            time.sleep(0.01)
        begun = time.monotonic()
        connection = http.client.HTTPConnection(self.server.http, timeout=120)
        connection.request("POST", f"/v1/databases/data/uploads/{name}:restore", "{}", {"Authorization": "Bearer " + "k" * 32})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        self.assertEqual(response.status, 200, text)
        seconds = time.monotonic() - begun
        print(f"restored {seconds:.1f} s after it was asked for", file=sys.stderr)
        self.assertTrue(29 < seconds < 45, seconds)
        done.set()
        reader.join()
        self.assertLess(sum(read), 60_000 * 1000, "a cut answer does not look whole")
        self.assertEqual(self.query("SELECT min(generation), max(generation), count(*) FROM t"), [1, 1, ROWS])

    def test_a_kill_amid_a_restore_leaves_the_old_or_the_new(self):
        self.path.write_bytes(content(self.scratch, 0))
        self.start()
        generation, writes, done, seconds = 0, {}, 0, 0.5
        for turn in range(1, KILLS + 1):
            name = self.upload(content(self.scratch, turn))
            self.write(generation)
            writes[generation] = writes.get(generation, 0) + 1
            outcome = []
            thread = threading.Thread(target=self.restore, args=(name, outcome))
            begun = time.monotonic()
            thread.start()
            thread.join(self.random.uniform(0, 1.2 * seconds))
            if not thread.is_alive():
                seconds = min(seconds, time.monotonic() - begun)
            self.server.kill()
            thread.join()
            self.start()
            found = self.generation_of_a_whole_database(writes)
            self.assertIn(found, (generation, turn))
            if outcome[0] is not None and outcome[0][0] == 200:
                self.assertEqual(found, turn, "what was answered is there")
            state = self.answered("GET", f"/uploads/{name}")["upload"]["state"]
            self.assertEqual(state, "STATE_RESTORED" if found == turn else "STATE_RECEIVED")
            if found != turn:
                # It can be taken up where it was; and the next turn begins from either.
                if self.random.random() < 0.5:
                    self.answered("POST", f"/uploads/{name}:restore", {"options": {"discardReplaced": True}})
                    found = self.generation_of_a_whole_database(writes)
                    self.assertEqual(found, turn)
                else:
                    self.answered("DELETE", f"/uploads/{name}")
            done += found == turn
            generation = found
        print(f"{KILLS} kills, {done} restores came true", file=sys.stderr)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(sqlite3.connect(self.path).execute("PRAGMA integrity_check").fetchone(), ("ok",))
        beside = [entry.name for entry in self.folder.iterdir() if not entry.name.startswith(".")]
        self.assertEqual([name for name in beside if "replaced" in name], [], "no log was left for another file")
        left = [entry.name for entry in (self.folder / ".sluice-uploads").iterdir() if entry.suffix in (".old", ".part")]
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
