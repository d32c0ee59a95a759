"""The JSON door as curl and browsers use it, in front of the real server."""

import http.client
import json
import sqlite3
from urllib.parse import quote

from outside import Answer, FolderTest, Server, call, insert, make_database, query


class HttpTest(FolderTest):
    def setUp(self):
        super().setUp()
        make_database(self.folder / "data.db", "x", rows=250)
        self.server = Server([self.folder])
        self.addCleanup(self.server.stop)

    def get(self, path, **headers):
        return call(self.server.http, "GET", path, headers=headers)

    def post(self, path, body):
        """A body as it is, with the admin's token."""
        connection = http.client.HTTPConnection(self.server.http, timeout=30)
        self.addCleanup(connection.close)
        try:
            connection.request("POST", path, body, {"Authorization": f"Bearer {self.server.admin_token}"})
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has answered before it had everything.
        return Answer(connection.getresponse())

    def test_pages_follow_one_another(self):
        seen, token = [], ""
        while True:
            page = self.get(f"/v1/databases/data/tables/t/rows?page_size=100&page_token={token}")
            self.assertEqual(page.status, 200)
            seen += [row["id"] for row in page.json["rows"]]
            token = page.json["nextPageToken"]
            self.assertEqual(page.headers.get("Grpc-Metadata-Sluice-Next-Page-Token", ""), token)
            if not token:
                break
        self.assertEqual(seen, list(range(1, 251)))

    def test_a_token_serves_only_the_table_that_gave_it(self):
        other = sqlite3.connect(self.folder / "data.db")
        other.execute("CREATE TABLE u(id INTEGER PRIMARY KEY)")
        other.commit()
        other.close()
        token = self.get("/v1/databases/data/tables/t/rows?page_size=1").json["nextPageToken"]
        answer = self.get(f"/v1/databases/data/tables/u/rows?page_token={token}")
        self.assertEqual((answer.status, answer.reason), (400, "BAD_REQUEST"))

    def test_errors_have_codes_and_reasons(self):
        for path, status, reason in (
                ("/v1/databases/nosuch", 404, "NO_SUCH_DATABASE"),
                ("/v1/databases/data/tables/nosuch", 404, "NO_SUCH_TABLE"),
                ("/v1/databases/data/tables/sqlite_schema", 404, "NO_SUCH_TABLE"),
                ("/v1/databases/data/tables/t/rows/99999", 404, "NO_SUCH_ROW"),
                ("/v1/databases/data/tables/t/rows/1,2", 400, "BAD_REQUEST"),
                ("/v1/databases/data/tables/t/rows?page_size=-1", 400, "BAD_REQUEST"),
                ("/v1/databases/data/tables/t/rows?format=xml", 400, "BAD_REQUEST"),
                ("/v1/databases/data/query?sql=" + quote("DELETE FROM t"), 400, "SQL_ERROR"),
                ("/v1/databases/data/query?sql=" + quote("SELECT 1; SELECT 2"), 400, "SQL_ERROR"),
                ("/v1/databases/data/query?sql=" + quote("PRAGMA journal_mode = DELETE"), 400, "SQL_ERROR"),
                ("/v1/databases/data/query?sql=" + quote("SELECT randomblob(2000000)"), 429, "LIMIT")):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.reason), (status, reason), path)
        self.assertEqual(query(self.server, "data", "SELECT count(*) AS n FROM t").json["rows"], [{"n": 250}])

    def test_a_wrong_method_is_told_which_are_right(self):
        answer = call(self.server.http, "PUT", "/v1/databases/data/tables/t/rows")
        self.assertEqual(answer.status, 405)
        self.assertIn("GET", answer.headers["Allow"])
        self.assertEqual(self.get("/nowhere").status, 404)

    def test_the_page_and_its_headers(self):
        answer = self.get("/")
        self.assertEqual(answer.status, 200)
        self.assertIn("text/html", answer.headers["Content-Type"])
        self.assertIn("Content-Security-Policy", answer.headers)

    def test_a_foreign_host_name_is_refused_on_loopback(self):
        self.assertIn(self.get("/v1/databases", Host="evil.example").status, (403, 421))
        self.assertEqual(self.get("/v1/databases", Host="localhost:7072").status, 200)

    def test_a_foreign_host_name_reads_no_metrics(self):
        for path in ("/metrics", "/readyz", "/livez"):
            self.assertEqual(call(self.server.admin, "GET", path, headers={"Host": "evil.example"}).status, 421, path)
            self.assertEqual(call(self.server.admin, "GET", path, headers={"Host": "localhost:7071"}).status, 200, path)

    def test_a_mistyped_parameter_does_not_widen_the_answer(self):
        answer = self.get("/v1/databases/data/tables/t/rows?filtr=id%3D1")
        self.assertEqual((answer.status, answer.reason), (400, "BAD_REQUEST"))
        self.assertIn("filtr", answer.json["message"])
        self.assertEqual(self.get("/v1/databases/data/tables/t/rows?utm_source=x&_=1").status, 200)

    def test_numbers_come_back_in_as_they_went_out(self):
        db = sqlite3.connect(self.folder / "data.db")
        db.execute("CREATE TABLE numbers(id INTEGER PRIMARY KEY, v)")
        db.commit()
        db.close()
        written = "1.0,-0.0,1e3,2.5,9007199254740993,-9223372036854775808,7,{\"$real\":5.0}".split(",")
        body = '{"objects":[%s]}' % ",".join('{"v":%s}' % number for number in written)
        self.assertEqual(self.post("/v1/databases/data/tables/numbers/rows:insert", body).status, 200)
        text = query(self.server, "data", "SELECT typeof(v) AS t, v FROM numbers ORDER BY id").body.decode()
        rows = [line.rstrip(",") for line in text.splitlines()[1:-1]]
        expected = [("real", "1.0"), ("real", "-0.0"), ("real", "1000.0"), ("real", "2.5"), ("integer", "9007199254740993"),
                    ("integer", "-9223372036854775808"), ("integer", "7"), ("real", "5.0")]
        self.assertEqual(rows, ['{"t":"%s","v":%s}' % pair for pair in expected])
        # What was printed goes in again and is the same.
        again = '{"objects":[%s]}' % ",".join('{"v":%s}' % pair[1] for pair in expected)
        self.assertEqual(self.post("/v1/databases/data/tables/numbers/rows:insert", again).status, 200)
        twice = query(self.server, "data", "SELECT typeof(v) AS t, v FROM numbers WHERE id > 8 ORDER BY id").body.decode()
        self.assertEqual(twice, text)

    def test_requests_that_are_too_large_are_told_alike(self):
        for size in (4_300_000, 6_000_000):
            answer = self.post("/v1/databases/data:query", json.dumps({"sql": "x" * size}))
            self.assertEqual((answer.status, answer.json["code"], answer.reason), (413, 8, "LIMIT"), size)

    def test_a_download_is_the_database(self):
        self.assertEqual(insert(self.server, "data", marker="fresh").status, 200)
        answer = self.get("/v1/databases/data/content")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        self.assertIn('filename="data.db"', answer.headers["Content-Disposition"])
        copy = self.folder / "copy.bin"
        copy.write_bytes(answer.body)
        connection = sqlite3.connect(f"file:{copy}?immutable=1", uri=True)
        self.assertEqual(connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        self.assertEqual(connection.execute("SELECT count(*) FROM t").fetchone(), (251,))
        connection.close()

    def test_a_download_that_is_known_is_not_sent(self):
        path = "/v1/databases/data/content"
        whole = self.get(path)
        tag = whole.headers["ETag"]
        self.assertNotIn("Accept-Ranges", whole.headers, "a bare Range is not honoured")
        again = self.get(path, **{"If-None-Match": tag})
        self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        self.assertNotIn("Content-Type", again.headers)
        head = call(self.server.http, "HEAD", path)
        self.assertEqual((head.status, head.headers["ETag"], int(head.headers["Content-Length"]), head.body),
                         (200, tag, len(whole.body), b""))
        self.assertEqual(insert(self.server, "data", marker="fresh").status, 200)
        changed = self.get(path, **{"If-None-Match": tag})
        self.assertEqual(changed.status, 200)
        self.assertNotEqual(changed.headers["ETag"], tag)

    def test_a_range_of_a_live_database_must_name_its_state(self):
        path = "/v1/databases/data/content"
        whole = self.get(path)
        tag, size = whole.headers["ETag"], len(whole.body)
        for asked, begin, end in (("bytes=0-99", 0, 100), ("bytes=4000-5000", 4000, 5001), (f"bytes={size - 10}-", size - 10, size),
                                  ("bytes=-5000", size - 5000, size), (f"bytes=4096-{size * 2}", 4096, size)):
            part = self.get(path, Range=asked, **{"If-Range": tag})
            self.assertEqual((part.status, part.headers["Content-Range"]), (206, f"bytes {begin}-{end - 1}/{size}"), asked)
            self.assertEqual(part.body, whole.body[begin:end], asked)
        beyond = self.get(path, Range=f"bytes={size}-", **{"If-Range": tag})
        self.assertEqual((beyond.status, beyond.headers["Content-Range"], beyond.json["code"]), (416, f"bytes */{size}", 11))
        self.assertEqual(self.get(path, Range="bytes=5-").status, 200)
        self.assertEqual(insert(self.server, "data", marker="fresh").status, 200)
        self.assertEqual(self.get(path, Range="bytes=5-", **{"If-Range": tag}).status, 200)

    def test_a_reader_who_leaves_stops_the_statement(self):
        connection = http.client.HTTPConnection(self.server.http, timeout=30)
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        connection.request("GET", f"/v1/databases/data/query?format=ndjson&sql={quote(endless)}")
        response = connection.getresponse()
        self.assertEqual(json.loads(response.readline()), {"i": 1})
        response.close()
        connection.close()
        self.eventually("the connection to the database is idle", lambda: (
            b'sluice_read_leases{database="data"} 0' in call(self.server.admin, "GET", "/metrics").body))

    def test_many_stalled_readers_do_not_stop_the_others(self):
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        stalled = []
        for _ in range(30):
            connection = http.client.HTTPConnection(self.server.http, timeout=30)
            connection.request("GET", f"/v1/databases/data/query?format=ndjson&sql={quote(endless)}")
            stalled.append((connection, connection.getresponse()))
        for _ in range(20):
            self.assertEqual(query(self.server, "data", "SELECT 1").status, 200)
            self.assertEqual(self.get("/v1/databases/data/tables/t/rows/7").status, 200)
        for connection, response in stalled:
            response.close()
            connection.close()
