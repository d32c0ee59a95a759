"""Many databases and many tables: lists go through them page after page, each once, in order."""

import shutil
import sqlite3
import unittest
from urllib.parse import quote

from outside import FolderTest, Server, call

DATABASES = 1_000
TABLES = 10_000


class ScaleTest(FolderTest):
    def walk(self, server, path, items):
        """All names, page by page."""
        names, token = [], ""
        while True:
            page = call(server.http, "GET", f"{path}?page_size=1000&page_token={quote(token)}").json
            names += [item["name"] for item in page[items]]
            self.assertLessEqual(len(page[items]), 1000)
            token = page["nextPageToken"]
            if not token:
                return names

    def test_a_thousand_databases_are_listed_once_each(self):
        first = self.folder / "db0000.db"
        connection = sqlite3.connect(first)
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        connection.commit()
        connection.close()
        for number in range(1, DATABASES):
            shutil.copyfile(first, self.folder / f"db{number:04}.db")
        server = Server([self.folder], "--read-only")
        self.addCleanup(server.stop)
        names = self.eventually("all are served", lambda: (
            found := self.walk(server, "/v1/databases", "databases")) and len(found) == DATABASES and found)
        self.assertEqual(names, [f"db{number:04}" for number in range(DATABASES)])
        page = call(server.http, "GET", "/v1/databases?page_size=1000").json["databases"]
        self.assertEqual({database["state"] for database in page}, {"STATE_SERVING"})
        self.assertEqual({database["tableCount"] for database in page}, {1})

    def test_ten_thousand_tables_are_listed_once_each_and_follow_changes(self):
        path = self.folder / "many.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN")
        for number in range(TABLES):
            connection.execute(f"CREATE TABLE t{number:05}(id INTEGER PRIMARY KEY, v TEXT)")
        connection.execute("COMMIT")
        server = Server([path])
        self.addCleanup(server.stop)
        tables = "/v1/databases/many/tables"
        self.assertEqual(self.walk(server, tables, "tables"), [f"t{number:05}" for number in range(TABLES)])
        connection.execute("DROP TABLE t00003")
        connection.execute("CREATE TABLE zz(id)")
        names = self.walk(server, tables, "tables")
        self.assertEqual((len(names), names[3], names[-1]), (TABLES, "t00004", "zz"))
        connection.execute("INSERT INTO zz VALUES (1)")
        self.assertEqual(call(server.http, "GET", f"{tables}/zz").json["table"]["rowCount"]["value"], "1")
        connection.close()


if __name__ == "__main__":
    unittest.main()
