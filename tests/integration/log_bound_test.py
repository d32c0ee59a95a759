"""The write-ahead log stays in bounds: reads that keep it from being cut are ended, and streams go on with their token."""

import http.client
import json
import re
import sqlite3
import unittest

from outside import FolderTest, Server, call, insert, query

BOUND_BYTES = 8 << 20


class LogBoundTest(FolderTest):
    def setUp(self):
        super().setUp()
        path = self.folder / "data.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, marker TEXT)")
        connection.execute("CREATE TABLE many(id INTEGER PRIMARY KEY, text TEXT)")
        connection.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
                           "INSERT INTO many SELECT i, printf('%500d', i) FROM n")
        connection.commit()
        connection.close()
        self.log = self.folder / "data.db-wal"
        self.server = Server([self.folder], "--wal-bytes-max", str(BOUND_BYTES))
        self.addCleanup(self.server.stop)

    def metric(self, name):
        connection = http.client.HTTPConnection(self.server.admin, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return float(re.search(rf'^{name}\{{database="data"\}} (\S+)$', text, re.M).group(1))

    def open_stream(self):
        """A stream that nobody reads beyond its head."""
        connection = http.client.HTTPConnection(self.server.http, timeout=30)
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/databases/data/rows:read", json.dumps({"table": "many"}))
        return connection.getresponse()

    def write_much(self):
        self.assertEqual(insert(self.server, "data", marker="x" * 500_000).status, 200)

    def test_a_stalled_reader_is_ended_and_goes_on_with_its_token(self):
        reader = self.open_stream()
        self.eventually("the stream has begun", lambda: self.metric("sluice_read_leases") == 1)

        def ended():
            self.write_much()
            return self.metric("sluice_wal_reads_ended_total") >= 1

        self.eventually("the reader is ended", ended)
        self.eventually("its connection is given back", lambda: self.metric("sluice_read_leases") == 0)

        def cut():
            self.write_much()
            return self.log.stat().st_size < BOUND_BYTES / 2

        self.eventually("the log is cut", cut)
        # What had been sent is whole messages, the last of them with a token to go on with.
        try:
            received = reader.read()
        except http.client.IncompleteRead as cut_short:
            received = cut_short.partial
        messages = [json.loads(line) for line in received.split(b"\n") if line]
        error = [message["error"] for message in messages if "error" in message]
        self.assertEqual([detail["reason"] for detail in error[0]["details"] if "reason" in detail], ["LOG_FULL"])
        results = [message["result"] for message in messages if "result" in message]
        seen = sum(len(result.get("rows", [])) for result in results)
        self.assertGreater(seen, 0)
        self.assertLess(seen, 60_000)
        answer = call(self.server.http, "POST", "/v1/databases/data/rows:read",
                      {"table": "many", "resumeToken": results[-1]["resumeToken"]})
        self.assertEqual(answer.status, 200)
        rest = [json.loads(line)["result"] for line in answer.body.split(b"\n") if line]
        self.assertEqual(seen + sum(len(result.get("rows", [])) for result in rest), 60_000)

    def test_reads_that_end_by_themselves_are_left_alone(self):
        for _ in range(60):
            self.write_much()
            self.assertEqual(query(self.server, "data", "SELECT count(*) AS n FROM many").json["rows"], [{"n": 60_000}])
        self.assertEqual(self.metric("sluice_wal_reads_ended_total"), 0)


if __name__ == "__main__":
    unittest.main()
