"""Files and tables that are made when the server starts."""

import sqlite3
import unittest

from outside import FolderTest, Server, call, query
from servers import StartFailed
from start_test import run


def plain(path, sql):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


class CreateTest(FolderTest):
    def config(self, text):
        path = self.folder / "sluice.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_a_file_that_is_not_there_is_made_and_served(self):
        path = self.folder / "new.db"
        with Server([], "--create", path) as server:
            self.assertEqual(call(server.http, "GET", "/v1/databases/new").json["database"]["journalMode"], "wal")
            made = call(server.http, "POST", "/v1/databases/new/tables", {"table": "t", "objects": [{"a": 1}]},
                        {"Authorization": f"Bearer {server.admin_token}"})
            self.assertEqual(made.status, 200, made.body)
        self.assertEqual(plain(path, "SELECT a FROM t"), [(1,)])
        self.assertEqual(sorted(entry.name for entry in self.folder.iterdir() if not entry.name.startswith("new.db-")),
                         ["new.db"] if not (self.folder / ".sluice-snapshots").exists() else [".sluice-snapshots", "new.db"])
        with Server([], "--create", path) as server:
            self.assertEqual(query(server, "new", "SELECT a FROM t").json["rows"], [{"a": 1}])

    def test_two_files_and_a_folder_that_holds_one_of_them(self):
        with Server([self.folder], environment={"SLUICE_CREATE": f"{self.folder}/a.db,{self.folder}/b.db"}) as server:
            names = [each["name"] for each in call(server.http, "GET", "/v1/databases").json["databases"]]
            self.assertEqual(names, ["a", "b"])

    def test_what_cannot_be_made_is_told_at_start(self):
        for words in (("--read-only",), ("--immutable",)):
            ended = run(*words, "--create", self.folder / "new.db")
            self.assertEqual(ended.returncode, 2, ended.stderr)
            self.assertIn("create makes a file", ended.stderr)
        with self.assertRaisesRegex(StartFailed, "there is no such folder"):
            Server([], "--create", self.folder / "no" / "new.db")
        (self.folder / "folder.db").mkdir()
        with self.assertRaisesRegex(StartFailed, "something else has the name"):
            Server([], "--create", self.folder / "folder.db")
        self.assertFalse((self.folder / "new.db").exists())
        shown = run("--create", "a.db", "--print-config")
        self.assertIn("create: a.db  # --create\n", shown.stdout)

    def test_tables_of_the_configuration_are_made_once(self):
        path = self.folder / "kennel.db"
        config = self.config(f"""
            create: [{path}]
            databases:
              kennel:
                init:
                  tables:
                    dogs: {{columns: {{id: integer, name: {{type: text, not-null: true}}}}, pk: id}}
                    log: CREATE TABLE log(a); INSERT INTO log VALUES (1)
                  views: {{names: SELECT name FROM dogs}}
            """)
        for _ in range(2):
            with Server([], "--config", config) as server:
                tables = call(server.http, "GET", "/v1/databases/kennel/tables").json["tables"]
                self.assertEqual([table["name"] for table in tables], ["dogs", "log", "names"])
                self.assertEqual(query(server, "kennel", "SELECT count(*) AS n FROM log").json["rows"], [{"n": 1}])

    def test_an_init_that_fails_refuses_the_database_and_says_why(self):
        path = self.folder / "kennel.db"
        config = self.config(f"""
            create: [{path}]
            databases: {{kennel: {{init: {{tables: {{a: CREATE TABLE a(x), b: CREATE TABLE other(x)}}}}}}}}
            """)
        with Server([], "--config", config) as server:
            listed = call(server.http, "GET", "/v1/databases/kennel").json["database"]
            self.assertEqual((listed["state"], listed["stateReason"]), ("STATE_REFUSED", "init of b: the SQL does not make it"))
        self.assertEqual(plain(path, "SELECT name FROM sqlite_schema"), [])

    def test_unknown_keys_of_init_are_refused_with_a_suggestion(self):
        config = self.config("create: [a.db]\ndatabases: {a: {init: {tabels: {}}}}\n")
        ended = run("--config", config, "--check-config")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("sluice.yaml:2: unknown key tabels; did you mean tables?", ended.stderr)


if __name__ == "__main__":
    unittest.main()
