"""The starter of servers, against a stand-in that behaves and misbehaves as programs do."""

import os
import stat
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

import servers

STAND_IN = """\
    import http.server, os, pathlib, signal, sys, threading
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/readyz" else 404)
            self.end_headers()
        def log_message(self, *_):
            pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    state = pathlib.Path(os.environ["XDG_STATE_HOME"], "sluice")
    state.mkdir(parents=True, exist_ok=True)
    (state / "admin-token").write_text("secret\\n")
    address = "127.0.0.1:%d" % server.server_port
    print("configured:", os.environ.get("SLUICE_TOKEN"), file=sys.stderr)
    print("2026-01-01T00:00:00.000Z info \\"serving\\" grpc=127.0.0.1:1 http=%s admin=%s" % (address, address), file=sys.stderr, flush=True)
    server.serve_forever()
    sys.exit(7)
"""


class ServersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = Path(folder.name)

    def install(self, text):
        program = self.build / "bin/sluiced"
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(text))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def test_addresses_come_from_the_log_and_the_token_from_the_state_folder(self):
        self.install(STAND_IN)
        with servers.Server([], build=self.build) as server:
            self.assertEqual(server.grpc, "127.0.0.1:1")
            self.assertEqual(server.http, server.admin)
            self.assertEqual(server.admin_token, "secret")

    def test_stopping_gives_the_exit_status_and_leaves_no_folder(self):
        self.install(STAND_IN)
        server = servers.Server([], build=self.build)
        self.assertTrue(server.state_home.exists())
        self.assertEqual(server.stop(), 7)
        self.assertFalse(server.state_home.exists())

    def test_a_program_that_ends_tells_why(self):
        self.install("import sys\nsys.exit('no such database')")
        with self.assertRaisesRegex(servers.StartFailed, "status 1:\nno such database"):
            servers.Server([], build=self.build)

    def test_a_program_that_never_serves_is_given_up(self):
        self.install("import time\ntime.sleep(60)")
        with mock.patch.object(servers, "READY_SECONDS", 0.2), self.assertRaisesRegex(servers.StartFailed, "not serving after"):
            servers.Server([], build=self.build)

    def test_the_environment_of_the_tester_does_not_configure_the_program(self):
        self.install(STAND_IN)
        with mock.patch.dict(os.environ, {"SLUICE_TOKEN": "mine"}), servers.Server([], build=self.build) as server:
            self.assertIn("configured: None", server.log)

    def test_killing_is_at_once(self):
        self.install(STAND_IN)
        server = servers.Server([], build=self.build)
        server.kill()
        self.assertEqual(server.process.returncode, -9)


if __name__ == "__main__":
    unittest.main()
