"""Files that come, change and go while they are served."""

import os
import shutil
import sqlite3
import unittest

from outside import FolderTest, Server, call, insert, make_database, query


class FilesTest(FolderTest):
    def served(self, server, name):
        """Whether the database answers."""
        return query(server, name, "SELECT 1").status == 200

    def listed(self, server, name):
        for database in call(server.http, "GET", "/v1/databases").json["databases"]:
            if database["name"] == name:
                return database
        return None

    def marker(self, server, name):
        return query(server, name, "SELECT DISTINCT marker FROM t").json["rows"]

    def test_of_two_files_of_one_name_the_log_tells_both_paths(self):
        for name in ("one", "two"):
            (self.folder / name).mkdir()
            make_database(self.folder / name / "same.db", name)
        with Server([self.folder / "one", self.folder / "two"]) as server:
            line = self.eventually("the refusal is logged", lambda: next(
                (line for line in server.log.splitlines() if "the same database name" in line), None))
            self.assertIn(str(self.folder / "one/same.db"), line)
            self.assertIn(str(self.folder / "two/same.db"), line)

    def test_a_folder_is_followed(self):
        make_database(self.folder / "one.db", "one")
        (self.folder / "notes.txt").write_text("no database", encoding="utf-8")
        make_database(self.folder / ".hidden.db", "hidden")
        with Server([self.folder]) as server:
            self.assertTrue(self.served(server, "one"))
            make_database(self.folder / "two.sqlite3", "two")
            self.eventually("the new file is served", lambda: self.served(server, "two"))
            os.remove(self.folder / "two.sqlite3")
            self.eventually("the removed file is gone", lambda: query(server, "two", "SELECT 1").status == 404)
            self.assertEqual([database["name"] for database in call(server.http, "GET", "/v1/databases").json["databases"]],
                             ["one"])

    def test_what_is_no_whole_database_is_refused_and_the_others_go_on(self):
        good = make_database(self.folder / "good.db", "good")
        (self.folder / "text.db").write_text("this is a text and no database at all\n" * 100, encoding="utf-8")
        (self.folder / "empty.db").touch()
        whole = good.read_bytes()
        (self.folder / "half.db").write_bytes(whole[:len(whole) // 2])
        damaged = bytearray(make_database(self.folder / "damaged.db", "damaged", rows=5000).read_bytes())
        damaged[4096:8192] = os.urandom(4096)
        (self.folder / "damaged.db").write_bytes(damaged)
        with Server([self.folder]) as server:
            for name in ("text", "empty", "half"):
                listed = self.eventually(f"{name} is refused", lambda name=name: (
                    self.listed(server, name) or {}).get("state") == "STATE_REFUSED" and self.listed(server, name))
                self.assertTrue(listed["stateReason"])
                self.assertNotIn(str(self.folder), listed["stateReason"])
                answer = query(server, name, "SELECT 1")
                self.assertEqual((answer.status, answer.reason), (503, "NOT_SERVED"))
            self.eventually("the good one is served", lambda: self.served(server, "good"))
            answer = self.eventually("damage is found", lambda: self._damage(server))
            self.assertEqual((answer.status, answer.reason), (500, "CORRUPT"))
            self.assertTrue(self.served(server, "good"))

    def _damage(self, server):
        answer = query(server, "damaged", "SELECT count(marker), min(marker) FROM t")
        return answer if answer.status == 500 else None

    def test_a_half_copied_file_is_served_once_it_is_whole(self):
        whole = make_database(self.folder / "source.bin", "copied", rows=5000).read_bytes()
        (self.folder / "copy.db").write_bytes(whole[:len(whole) // 2])
        with Server([self.folder]) as server:
            self.eventually("the half is refused", lambda: (
                self.listed(server, "copy") or {}).get("state") == "STATE_REFUSED")
            with open(self.folder / "copy.db", "ab") as file:
                file.write(whole[len(whole) // 2:])
            self.eventually("the whole is served", lambda: self.served(server, "copy"))
            self.assertEqual(self.marker(server, "copy"), [{"marker": "copied"}])

    def test_a_file_replaced_under_a_live_log_is_read_as_itself(self):
        make_database(self.folder / "data.db", "old")
        with Server([self.folder]) as server:
            # The log holds pages of the old file that a reader of the new one must not see.
            for _ in range(20):
                self.assertEqual(insert(server, "data", marker="old").status, 200)
            make_database(self.folder / "new.part", "new")
            os.rename(self.folder / "new.part", self.folder / "data.db")
            self.eventually("the new file is served", lambda: self.served(server, "data") and
                            self.marker(server, "data") == [{"marker": "new"}])
            self.assertEqual(insert(server, "data", marker="new").status, 200)
        aside = [path.name for path in self.folder.iterdir() if ".replaced-" in path.name]
        self.assertTrue(any(name.startswith("data.db-wal") for name in aside), aside)
        connection = sqlite3.connect(self.folder / "data.db")
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(connection.execute("SELECT DISTINCT marker FROM t").fetchall(), [("new",)])
        connection.close()

    def test_two_files_of_one_name_give_one_database(self):
        make_database(self.folder / "a.db", "first")
        make_database(self.folder / "a.sqlite", "second")
        with Server([self.folder]) as server:
            self.assertEqual(self.marker(server, "a"), [{"marker": "first"}])
            self.assertIn(str(self.folder / "a.sqlite"), server.log)

    @unittest.skipIf(os.geteuid() != 0, "needs another user to run as")
    def test_a_folder_that_may_not_be_written_is_read(self):
        make_database(self.folder / "data.db", "read")
        shutil.chown(self.folder, "nobody")
        with Server([self.folder], "--read-only") as server:
            before = (self.folder / "data.db").read_bytes()
            self.assertEqual(self.marker(server, "data"), [{"marker": "read"}])
            answer = insert(server, "data", marker="x")
            self.assertEqual((answer.status, answer.reason), (400, "READ_ONLY"))
            self.assertEqual((self.folder / "data.db").read_bytes(), before)

    def test_another_program_may_write_beside(self):
        make_database(self.folder / "data.db", "ours")
        with Server([self.folder]) as server:
            other = sqlite3.connect(self.folder / "data.db")
            other.execute("INSERT INTO t(marker) VALUES ('theirs')")
            other.execute("ALTER TABLE t ADD COLUMN extra DEFAULT 'x'")
            other.commit()
            page = call(server.http, "GET", "/v1/databases/data/tables/t/rows?page_size=1").json
            self.assertEqual([column["name"] for column in page["columns"]], ["id", "marker", "extra"])
            self.assertEqual(insert(server, "data", marker="ours").status, 200)
            self.assertEqual(other.execute("SELECT count(*) FROM t").fetchone(), (52,))
            other.close()
