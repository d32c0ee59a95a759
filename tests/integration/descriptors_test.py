"""More connections than descriptors: the server turns some away, keeps its ports, and recovers."""

import os
import resource
import socket
import subprocess
import time

from outside import FolderTest, Server, call, insert, make_database, query
from servers import Gateway, answers_ready, programs

LIMIT = 256


class LowLimits:
    """Programs that are started inside have few descriptors, and cannot ask for more."""

    def __init__(self, soft, hard):
        self._limits = (soft, hard)

    def __enter__(self):
        self._before = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._start = subprocess.Popen.__init__
        limits, start = self._limits, self._start

        def popen(process, *words, preexec_fn=None, **named):
            def prepare():
                if preexec_fn:
                    preexec_fn()
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)

            start(process, *words, preexec_fn=prepare, **named)

        subprocess.Popen.__init__ = popen
        return self

    def __exit__(self, *_):
        subprocess.Popen.__init__ = self._start


def lists_databases(server):
    """Whether a new gRPC client gets an answer."""
    ended = subprocess.run([programs() / "sluice", "--address", server.grpc, "--deadline", "5s", "ls"],
                           capture_output=True, check=False, timeout=60,
                           env={**os.environ, "XDG_STATE_HOME": str(server.state_home)})
    return ended.returncode == 0


class DescriptorsTest(FolderTest):
    def setUp(self):
        super().setUp()
        make_database(self.folder / "data.db", "x")

    def serve(self):
        with LowLimits(LIMIT, LIMIT):
            server = Server([self.folder])
        self.addCleanup(server.stop)
        return server

    def crowd(self, address, count=LIMIT + 100):
        """So many connections that say nothing."""
        host, port = address.split(":")
        connections = []
        for _ in range(count):
            connection = socket.create_connection((host, int(port)), timeout=10)
            self.addCleanup(connection.close)
            connections.append(connection)
        return connections

    def test_a_low_soft_limit_is_raised(self):
        with LowLimits(LIMIT, 4096):
            server = Server([self.folder])
        self.addCleanup(server.stop)
        with open(f"/proc/{server.pid}/limits", encoding="ascii") as limits:
            line = next(line for line in limits if line.startswith("Max open files"))
        self.assertEqual(line.split()[3], "4096")

    def test_idle_http_connections_leave_room_for_all_else(self):
        server = self.serve()
        connections = self.crowd(server.http)
        self.assertTrue(lists_databases(server))
        self.assertTrue(answers_ready(server.admin))
        for connection in connections:
            connection.close()
        self.eventually("HTTP is served again", lambda: answers_ready(server.http))
        self.assertEqual(query(server, "data", "SELECT 1").status, 200)

    def test_idle_grpc_connections_take_neither_the_port_nor_the_files(self):
        server = self.serve()
        connections = self.crowd(server.grpc)
        self.eventually("readiness tells that new gRPC callers are turned away", lambda: not answers_ready(server.admin))
        self.assertEqual(insert(server, "data", marker="while crowded").status, 200)
        self.assertIn("turned gRPC connections away", server.log)
        for connection in connections:
            connection.close()
        self.eventually("gRPC is served again", lambda: lists_databases(server))
        self.eventually("and readiness says so", lambda: answers_ready(server.admin) and answers_ready(server.http))

    def test_silent_grpc_connections_are_let_go(self):
        with Server([self.folder]) as server:
            connection = self.crowd(server.grpc, 1)[0]
            connection.settimeout(60)
            # gRPC says its settings first, and ends what answers nothing.
            began = time.monotonic()
            while connection.recv(4096):
                pass
            self.assertLess(time.monotonic() - began, 60)

    def test_readiness_asks_the_port_itself_and_not_often(self):
        with Server([self.folder]) as server:
            before = health_checks(server)
            for _ in range(50):
                self.assertTrue(answers_ready(server.admin))
                self.assertTrue(answers_ready(server.http))
            # Once for the start at least, and for all of these a few times: an answer is good for a second.
            self.assertGreater(before, 0)
            self.assertLess(health_checks(server) - before, 50)


def health_checks(server):
    count = 0.0
    for line in call(server.admin, "GET", "/metrics").body.decode().splitlines():
        if line.startswith('grpc_server_started_total{grpc_method="Check"'):
            count += float(line.rsplit(" ", 1)[1])
    return count


class GatewayCredentialsTest(FolderTest):
    """sluice-gateway keeps callers' credentials to itself and the service."""

    def setUp(self):
        super().setUp()
        make_database(self.folder / "data.db", "x")
        self.server = Server([self.folder])
        self.addCleanup(self.server.stop)

    def test_a_proxy_of_the_environment_sees_nothing(self):
        with socket.socket() as proxy:
            proxy.bind(("127.0.0.1", 0))
            proxy.listen()
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            environment = {name: address for name in ("http_proxy", "grpc_proxy", "https_proxy")} | {"no_proxy": "", "no_grpc_proxy": ""}
            with Gateway(self.server.grpc, environment=environment) as gateway:
                answer = call(gateway.http, "GET", "/v1/databases", headers={"Authorization": f"Bearer {self.server.admin_token}"})
                self.assertEqual(answer.status, 200)
            proxy.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                proxy.accept()

    def test_an_upstream_elsewhere_needs_to_be_asked_for(self):
        command = [programs() / "sluice-gateway", "--http", "127.0.0.1:0", "--upstream"]
        for upstream in ("192.0.2.1:7070", "db.example:7070", "dns:///db.example:7070", "localhost.evil.example:1"):
            ended = subprocess.run([*command, upstream], capture_output=True, text=True, timeout=30, check=False,
                                   env=os.environ | {"SLUICE_GATEWAY_ALLOW_PLAINTEXT": "false"})
            self.assertEqual(ended.returncode, 2, upstream)
            self.assertIn("--allow-plaintext", ended.stderr)

    def test_strangers_are_not_told_where_the_service_was(self):
        with Gateway(self.server.grpc) as gateway:
            self.server.stop()
            for path in ("/v1/databases", "/readyz"):
                answer = call(gateway.http, "GET", path)
                self.assertEqual(answer.status, 503)
                self.assertNotIn(self.server.grpc, answer.body.decode())
            answer = call(gateway.http, "GET", "/v1/databases")
            self.assertEqual((answer.json["message"], answer.reason), ("the service cannot be reached", "NOT_SERVED"))
            self.assertIn("cannot be reached", gateway.log)
