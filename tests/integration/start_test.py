"""Starting and stopping: flags, ports, tokens, two servers on one file, drain."""

import os
import socket
import subprocess
import threading
import unittest

from outside import FolderTest, Server, call, insert, make_database, query
from servers import StartFailed, programs


def run(*words, environment=None):
    """Runs sluiced to its end."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}
    return subprocess.run([programs() / "sluiced", *map(str, words)], env=kept | (environment or {}), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


def grpc_answer(address, method):
    """The bytes that a call without arguments gives, or the name of its error."""
    script = """if True:
        import sys, grpc
        try:
            answer = grpc.insecure_channel(sys.argv[1]).unary_unary(sys.argv[2])(b"", timeout=30)
            sys.stdout.buffer.write(answer)
        except grpc.RpcError as error:
            sys.exit(error.code().name)
        """
    ended = subprocess.run([programs().parent / "venv/bin/python", "-c", script, address, method], capture_output=True,
                           check=False, timeout=60)
    return ended.stdout if ended.returncode == 0 else ended.stderr.decode().splitlines()[-1]


class StartTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.database = make_database(self.folder / "data.db", "first")

    def test_a_port_in_use_is_refused_by_name_and_no_file_is_touched(self):
        before = self.database.read_bytes()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for flag in ("--listen", "--http", "--admin-listen"):
                others = [word for name in ("--listen", "--http", "--admin-listen") if name != flag
                          for word in (name, "127.0.0.1:0")]
                ended = run(flag, address, *others, self.database, environment={"XDG_STATE_HOME": str(self.folder / "state")})
                self.assertEqual(ended.returncode, 1, ended.stderr)
                self.assertIn(address, ended.stderr.splitlines()[-1])
        self.assertEqual(self.database.read_bytes(), before)
        self.assertFalse((self.folder / "data.db-wal").exists())

    def test_words_that_are_not_known_are_refused_with_a_suggestion(self):
        ended = run("--lisen", "127.0.0.1:0", self.database)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("did you mean listen?", ended.stderr)
        config = self.folder / "sluice.yaml"
        config.write_text("read_only: true\n", encoding="utf-8")
        ended = run("--config", config, self.database)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("sluice.yaml:1: unknown key read_only; did you mean read-only?", ended.stderr)

    def test_flags_win_over_the_environment_and_that_over_the_file(self):
        config = self.folder / "sluice.yaml"
        config.write_text("log-level: debug\nhttp: 127.0.0.1:1\nread-only: true\n", encoding="utf-8")
        ended = run("--config", config, "--log-level", "error", "--print-config", self.database,
                    environment={"SLUICE_LOG_LEVEL": "warning", "SLUICE_HTTP": "127.0.0.1:2", "SLUICE_ADMIN_TOKEN": "a secret word",
                                 "SLUICE_PORT": "tcp://10.0.0.1:7070"})
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("log-level: error  # --log-level\n", ended.stdout)
        self.assertIn("http: 127.0.0.1:2  # SLUICE_HTTP\n", ended.stdout)
        self.assertIn(f"read-only: true  # {config}:3\n", ended.stdout)
        self.assertNotIn("a secret word", ended.stdout + ended.stderr)
        self.assertIn("unknown variable SLUICE_PORT", ended.stderr)

    def test_addresses_that_are_not_loopback_need_to_be_asked_for(self):
        ended = run("--listen", "0.0.0.0:0", self.database)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("--allow-plaintext", ended.stderr)

    def test_an_address_that_is_none_is_told_with_its_key_and_where_it_came_from(self):
        for flag in ("--listen", "--http", "--admin-listen"):
            for address in ("foo", "7070", ":7070", "http://127.0.0.1:7072", "127.0.0.1:x", "127.0.0.1:70700", "::1:7070"):
                ended = run(flag, address, self.database)
                self.assertEqual(ended.returncode, 2, address)
                self.assertIn(f'{flag}: {flag[2:]} cannot be "{address}": it is host:port', ended.stderr)
        ended = run(self.database, environment={"SLUICE_HTTP": "http://127.0.0.1:7072"})
        self.assertIn('SLUICE_HTTP: http cannot be "http://127.0.0.1:7072"', ended.stderr)
        # What the command reads is another variable.
        ended = run("--check-config", self.database, environment={"SLUICE_HTTP_URL": "http://127.0.0.1:7072"})
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_a_configuration_that_cannot_be_read_is_said(self):
        ended = run("--config", self.folder / "no.yaml", self.database)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(f"cannot read {self.folder}/no.yaml", ended.stderr)

    def test_the_admin_address_speaks_grpc_too(self):
        with Server([self.database]) as server:
            ended = subprocess.run([programs() / "sluice", "--address", server.admin, "health"], capture_output=True, text=True,
                                   check=False, timeout=60, env={**os.environ, "XDG_STATE_HOME": str(server.state_home)})
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertIn("SERVING", ended.stdout)
            # gRPC's own tools ask for this; the main port does not have it.
            self.assertIn(b"\x12", grpc_answer(server.admin, "/grpc.channelz.v1.Channelz/GetServers"))
            for address, method in ((server.grpc, "/grpc.channelz.v1.Channelz/GetServers"),
                                    (server.admin, "/sluice.v1.CatalogService/ListDatabases")):
                self.assertEqual(grpc_answer(address, method), "UNIMPLEMENTED")
            # HTTP goes on beside it.
            self.assertEqual(call(server.admin, "GET", "/readyz").status, 200)

    def test_the_help_tells_the_defaults(self):
        text = run("--help").stdout
        for words in ("(127.0.0.1:7070)", "(127.0.0.1:7072)", "(127.0.0.1:7071)", "(info)", "(10G)"):
            self.assertIn(words, text)
        self.assertNotIn("--listen TEXT ...", text)

    def test_a_path_that_is_not_there_is_refused(self):
        self.assertEqual(run(self.folder / "no.db").returncode, 2)
        self.assertEqual(run().returncode, 2)

    def test_a_second_server_does_not_write_the_same_file(self):
        with Server([self.database]) as first, Server([self.database]) as second:
            self.assertEqual(query(first, "data", "SELECT 1").status, 200)
            refused = query(second, "data", "SELECT 1")
            self.assertEqual((refused.status, refused.reason), (503, "NOT_SERVED"))
            self.assertIn("another sluiced", refused.json["message"])
            self.assertEqual(insert(first, "data", marker="more").status, 200)

    def test_without_a_place_for_the_token_reads_go_on(self):
        state = self.folder / "state"
        state.write_text("a file where a folder should be", encoding="utf-8")
        with Server([self.database], environment={"XDG_STATE_HOME": state}) as server:
            self.assertEqual(query(server, "data", "SELECT 1").status, 200)
            self.assertIn("nobody can write", server.log)

    def test_the_token_stays_over_restarts_and_a_wrong_one_is_refused(self):
        environment = {"XDG_STATE_HOME": self.folder / "state"}
        with Server([self.database], environment=environment) as server:
            token = server.admin_token
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
                answer = call(server.http, "POST", "/v1/databases/data/tables/t/rows:insert", {"objects": [{}]}, headers)
                self.assertEqual((answer.status, answer.reason), (401, "UNAUTHENTICATED"))
        with Server([self.database], environment=environment) as server:
            self.assertEqual(server.admin_token, token)
            self.assertEqual(os.stat(self.folder / "state/sluice/admin-token").st_mode & 0o777, 0o600)

    def test_sigterm_lets_a_running_call_finish_and_ends_with_0(self):
        server = Server([self.database])
        self.addCleanup(server.kill)
        slow = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) AS n FROM n")
        answers = []
        caller = threading.Thread(target=lambda: answers.append(query(server, "data", slow)))
        caller.start()
        self.eventually("the call is under way", lambda: b'started_total{grpc_method="ExportQuery"' in (
            call(server.admin, "GET", "/metrics").body) and server_started(server))
        self.assertEqual(server.stop(), 0)
        caller.join()
        self.assertEqual(answers[0].status, 200)
        self.assertEqual(answers[0].json["rows"], [{"n": 3000000}])

    def test_an_answered_write_survives_a_kill(self):
        server = Server([self.database])
        self.assertEqual(insert(server, "data", marker="kept").status, 200)
        server.kill()
        with Server([self.database]) as again:
            answer = query(again, "data", "SELECT count(*) AS n FROM t WHERE marker = 'kept'")
            self.assertEqual(answer.json["rows"], [{"n": 1}])


def server_started(server):
    """Whether the server has begun an export."""
    for line in call(server.admin, "GET", "/metrics").body.decode().splitlines():
        if line.startswith('grpc_server_started_total{grpc_method="ExportQuery"'):
            return float(line.rsplit(" ", 1)[1]) > 0
    return False


class StandInTest(unittest.TestCase):
    def test_a_start_that_fails_says_why(self):
        with self.assertRaises(StartFailed):
            Server(["/nowhere/at/all.db"])
