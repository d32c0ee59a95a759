"""deploy/quickstart.sh as its user meets it, with stand-ins for cmake, ninja, the packages and the server."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SERVER = """\
    #!{python}
    import http.server, os, signal, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *_):
            pass
    print("arguments:", *sys.argv[1:], file=sys.stderr, flush=True)
    if "refuse" in sys.argv[-1]:
        sys.exit(3)
    def end(number, _):
        print("ending", file=sys.stderr, flush=True)
        os._exit(5)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    address = sys.argv[sys.argv.index("--http") + 1].split(":")
    http.server.HTTPServer((address[0], int(address[1])), Handler).serve_forever()
"""
# What quickstart.sh may use of a machine where nothing is installed.
ESSENTIAL = ("bash", "awk", "cat", "chmod", "cp", "cut", "dirname", "env", "getent", "grep", "id", "mkdir", "mv", "nproc", "python3",
             "rm", "sleep", "tail", "touch")


class Running:
    """A quickstart in progress; its output is collected."""

    def __init__(self, checkout, *arguments, environment):
        self.process = subprocess.Popen(
            ["bash", str(checkout / "deploy/quickstart.sh"), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True)
        self.output = ""
        self._printed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self._printed:
                self.output += line
                self._printed.notify_all()

    def wait_for(self, text):
        with self._printed:
            if not self._printed.wait_for(lambda: text in self.output, timeout=30):
                raise AssertionError(f"{text!r} is not in:\n{self.output}")

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)


class QuickstartTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.checkout = Path(folder.name, "checkout")
        self.stubs = Path(folder.name, "stubs")
        shutil.copytree(ROOT / "deploy", self.checkout / "deploy")
        self.stub("dpkg-query", "echo installed")
        self.stub("cmake", f'echo "$@" >>{folder.name}/cmake.log; touch "{self.checkout}/build/CMakeCache.txt"')
        self.stub("ninja", f'mkdir -p "{self.checkout}/build/bin"; cp {folder.name}/sluiced "{self.checkout}/build/bin/sluiced"')
        self.cmake_log = Path(folder.name, "cmake.log")
        server = Path(folder.name, "sluiced")
        server.write_text(textwrap.dedent(SERVER).format(python=sys.executable), encoding="utf-8")
        server.chmod(0o755)
        setup = (ROOT / "deploy/setup.sh").read_text(encoding="utf-8")
        for name, variable in (("sqlite", "SQLITE"), ("protos", "PROTOS")):
            version = re.search(rf"{variable}_NPM=\(\S+ (\S+)", setup).group(1)
            done = self.checkout / f"build/deps/{name}/.done-{version}"
            done.parent.mkdir(parents=True)
            done.touch()
        self.database = Path(folder.name, "my.db")
        self.database.touch()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}
        self.environment |= {"PATH": f"{self.stubs}:{os.environ['PATH']}", "XDG_STATE_HOME": folder.name}

    def stub(self, name, script):
        self.stubs.mkdir(exist_ok=True)
        path = self.stubs / name
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run_quickstart(self, *arguments, path=None):
        environment = self.environment | ({"PATH": path} if path else {})
        done = subprocess.run(["bash", str(self.checkout / "deploy/quickstart.sh"), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, timeout=60, check=False)
        return done.returncode, done.stdout

    def start(self, *arguments):
        running = Running(self.checkout, *arguments, environment=self.environment)
        self.addCleanup(lambda: (running.process.poll() is None and running.process.kill(), running.process.wait(),
                                 running.process.stdout.close()))
        return running

    def test_it_serves_and_says_where_and_what_to_try(self):
        running = self.start(str(self.database))
        running.wait_for("/v1/databases\n")
        addresses = dict(re.findall(r"--(\S+) 127\.0\.0\.1:(\d+)", running.output))
        self.assertIn(f"gRPC             127.0.0.1:{addresses['listen']}\n", running.output)
        self.assertIn(f"http://127.0.0.1:{addresses['http']}/\n", running.output)
        self.assertIn(f"http://127.0.0.1:{addresses['admin-listen']}/metrics\n", running.output)
        self.assertIn("/sluice/admin-token\n", running.output)
        self.assertIn(f"-- {self.database}\n", running.output)
        running.end()

    def test_signals_reach_the_server_and_its_status_is_the_answer(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                running = self.start(str(self.database))
                running.wait_for("Sluice is serving")
                self.assertEqual(running.end(number), 5)
                running.wait_for("ending")

    def test_a_server_that_refuses_ends_it(self):
        refused = self.database.with_name("refuse")
        refused.touch()
        status, output = self.run_quickstart(str(refused))
        self.assertEqual(status, 3)
        self.assertNotIn("Sluice is serving", output)

    def test_a_taken_port_is_replaced_by_the_next_free_one(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", 7070))
                taken.listen()
            except OSError:
                pass  # somebody else has it, which serves as well
            running = self.start(str(self.database))
            running.wait_for("Sluice is serving")
            self.assertIn("some of the ports 7070, 7072, 7071 are taken", running.output)
            port = int(re.search(r"--listen 127\.0\.0\.1:(\d+)", running.output).group(1))
            self.assertGreater(port, 7072)
            running.end()

    def test_a_tree_that_is_there_keeps_its_options(self):
        for expected in (True, False):
            running = self.start(str(self.database))
            running.wait_for("Sluice is serving")
            running.end()
            self.assertEqual("-DSLUICE_TESTS=OFF" in self.cmake_log.read_text(encoding="utf-8").splitlines()[-1], expected)

    def test_the_sample_is_copied_once_and_kept(self):
        copy = self.checkout / "build/quickstart/proj.db"
        copy.parent.mkdir(parents=True)
        copy.write_text("mine", encoding="utf-8")
        running = self.start()
        running.wait_for("crs_view/rows")
        self.assertIn(f"-- {copy}\n", running.output)
        self.assertEqual(copy.read_text(encoding="utf-8"), "mine")
        running.end()

    def test_wrong_usage_is_said(self):
        for arguments, message in ((["/not/there"], "/not/there is not there"), (["--fast"], "unknown option --fast")):
            with self.subTest(arguments):
                status, output = self.run_quickstart(*arguments)
                self.assertEqual((status, message in output), (1, True), output)

    def test_missing_packages_are_named_and_left_alone(self):
        self.stub("dpkg-query", "exit 1")
        status, output = self.run_quickstart("--no-install", str(self.database))
        self.assertEqual(status, 1)
        self.assertRegex(output, r"these packages are missing: .*libgrpc\+\+-dev.*\(run without --no-install, or: apt-get install ")

    def test_a_system_without_apt_is_told_what_it_lacks(self):
        for name in ESSENTIAL:
            (self.stubs / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))
        self.stub("dpkg-query", "exit 1")
        status, output = self.run_quickstart(str(self.database), path=str(self.stubs))
        self.assertEqual(status, 1)
        self.assertRegex(output, r"this system has no apt-get, so install these by hand, .*: .*protobuf-compiler")

    def test_an_apt_that_fails_shows_its_log(self):
        self.stub("dpkg-query", "exit 1")
        self.stub("apt-get", 'case "$*" in *update*) ;; *) echo "E: Unable to locate package x" >&2; exit 100 ;; esac')
        self.stub("sudo", 'exec "$@"')
        status, output = self.run_quickstart(str(self.database))
        self.assertEqual(status, 1)
        self.assertIn("E: Unable to locate package x", output)
        self.assertIn("error: apt-get could not install", output)

    def test_sources_that_cannot_be_taken_or_are_not_the_pinned_ones_are_refused(self):
        shutil.rmtree(self.checkout / "build/deps/sqlite")
        for npm, message in (("echo no network >&2; exit 1", "npm could not take better-sqlite3@"),
                             ("tar -czf x.tgz --files-from /dev/null", "is not what was pinned")):
            with self.subTest(message):
                self.stub("npm", npm)
                status, output = self.run_quickstart(str(self.database))
                self.assertEqual((status, message in output), (1, True), output)
                self.assertFalse((self.checkout / "build/deps/sqlite").exists())


if __name__ == "__main__":
    unittest.main()
