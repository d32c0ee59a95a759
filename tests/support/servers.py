"""Starts `sluiced` and `sluice-gateway` for tests that look from outside: on free ports of loopback, with a state folder
of their own, ready when the call returns, ended by process id.

    with Server([database]) as server:
        call(server.grpc, server.admin_token)

Not thread-safe, but for `log`. A test that dies takes its servers with it.
"""

import ctypes
import http.client
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 30
STOP_SECONDS = 20

_SERVING = re.compile(r' info "serving(?: HTTP)?"(?= |$)(.*)')
_FIELD = re.compile(r' (\w+)=("(?:\\.|[^"\\])*"|\S+)')


class StartFailed(Exception):
    """The program ended, or did not get ready in time. The message holds its log."""


def programs(build=None):
    """The folder of the programs: of the given build tree, of SLUICE_BUILD, or of build/."""
    return Path(build or os.environ.get("SLUICE_BUILD") or ROOT / "build") / "bin"


class Program:
    """One running program that logs `info "serving" name=address …` once it listens."""

    def __init__(self, command, environment=None, ready_on=None, folder=None):
        """Starts it and waits. `ready_on` names the address that answers /readyz; `folder` is its working folder."""
        self._lines = []
        self._serving = threading.Event()
        self.addresses = {}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", cwd=folder, env=_clean_environment(environment or {}), preexec_fn=_die_with_parent)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait_until_ready(ready_on)
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        """Everything it has logged so far."""
        return "".join(list(self._lines))

    def stop(self):
        """Asks it to end, waits until it has, and returns its exit status. Fails when it takes too long."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return status

    def kill(self):
        """Ends it at once, as a crash would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        else:
            self._close()

    def _close(self):
        self._reader.join(STOP_SECONDS)
        self.process.stderr.close()

    def _read(self):
        for line in self.process.stderr:
            self._lines.append(line)
            match = _SERVING.search(line.rstrip("\n"))
            if match and not self._serving.is_set():
                self.addresses = {key: value.strip('"') for key, value in _FIELD.findall(match.group(1))}
                self._serving.set()

    def _wait_until_ready(self, ready_on):
        deadline = time.monotonic() + READY_SECONDS
        while not self._serving.wait(0.02):
            if self.process.poll() is not None:
                self._reader.join(STOP_SECONDS)
                raise StartFailed(f"ended with status {self.process.returncode}:\n{self.log}")
            if time.monotonic() > deadline:
                raise StartFailed(f"is not serving after {READY_SECONDS} s:\n{self.log}")
        while ready_on and not answers_ready(self.addresses[ready_on]):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"serves but is not ready:\n{self.log}")
            time.sleep(0.02)


class Server(Program):
    """`sluiced` on databases. Attributes `grpc`, `http`, `admin` are its addresses, as `127.0.0.1:41234`."""

    def __init__(self, paths, *flags, build=None, environment=None, folder=None):
        self._state = tempfile.TemporaryDirectory(prefix="sluice-state-")
        environment = {"XDG_STATE_HOME": self._state.name} | (environment or {})
        self.state_home = Path(environment["XDG_STATE_HOME"])
        command = [programs(build) / "sluiced", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
                   "--admin-listen", "127.0.0.1:0", *flags, *paths]
        try:
            super().__init__(command, environment, ready_on="admin", folder=folder)
        except BaseException:
            self._state.cleanup()
            raise
        self.grpc, self.http, self.admin = (self.addresses[name] for name in ("grpc", "http", "admin"))

    @property
    def admin_token(self):
        """What allows everything on this server."""
        return (self.state_home / "sluice/admin-token").read_text(encoding="ascii").strip()

    def _close(self):
        super()._close()
        self._state.cleanup()


class Gateway(Program):
    """`sluice-gateway` in front of a gRPC server. Attribute `http` is its address."""

    def __init__(self, upstream, *flags, build=None, environment=None):
        super().__init__([programs(build) / "sluice-gateway", "--upstream", upstream, "--http", "127.0.0.1:0", *flags],
                         environment, ready_on="address")
        self.http = self.addresses["address"]


def answers_ready(address):
    """Whether GET /readyz on this address says 200."""
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _clean_environment(additions):
    """This process's environment without what would configure the program from outside."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}
    return kept | {key: str(value) for key, value in additions.items()}


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
