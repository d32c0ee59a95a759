"""Where the examples of a document run: a folder that looks like the checkout's root, a server on the sample database,
and bash."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from examples import same, script_of  # noqa: E402
from servers import ROOT, Server  # noqa: E402

SAMPLE = Path("/usr/share/proj/proj.db")
BLOCK_SECONDS = 120
# What documents call the addresses, and which of the server's stands behind it.
PRINTED = {"grpc": 7070, "http": 7072, "admin": 7071}


class Session:
    """Runs blocks in order. What one exports, and the folder it changes to, the next one finds."""

    def __init__(self, build, sample=SAMPLE):
        self._folder = tempfile.TemporaryDirectory(prefix="sluice-examples-")
        self._home = Path(self._folder.name)
        self._place = self._home / "checkout"
        self._background = []
        self._place.mkdir()
        for name in os.listdir(ROOT):
            if name != ".git":
                (self._place / name).symlink_to(ROOT / name)
        database = self._home / "data/proj.db"
        database.parent.mkdir()
        shutil.copyfile(sample, database)
        self._server = Server([database], build=build, environment={"XDG_STATE_HOME": self._home / "state"})
        self._state = self._home / "session.sh"
        self._state.write_text(f"cd {self._place}\n", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._background:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._server.stop()
        self._folder.cleanup()

    def run_all(self, blocks):
        """What went wrong, each as `line: what`."""
        failures, printed = [], None
        for block in blocks:
            if block.kind == "file":
                file = self._place / block.argument
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(self._with_ports(block.text), encoding="utf-8")
            elif block.kind == "background":
                self._background.append(self._start(block))
            elif block.kind == "output":
                if printed is None or not same(block.text, printed):
                    failures.append(f"{block.line}: the example before prints something else:\n{printed}")
            else:
                printed, status = self._run(block)
                if (status == 0) == (block.kind == "fails"):
                    failures.append(f"{block.line}: exit status {status}:\n{printed}")
        return failures

    def _run(self, block):
        try:
            done = subprocess.run(self._bash(block), env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=BLOCK_SECONDS, check=False)
        except subprocess.TimeoutExpired as late:
            return f"{(late.stdout or b'').decode(errors='replace')}\nnot done after {BLOCK_SECONDS} s", -1
        return self._without_ports(done.stdout), done.returncode

    def _start(self, block):
        return subprocess.Popen(self._bash(block), env=self._environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def _bash(self, block):
        keep = f"trap 'code=$?; {{ export -p; printf \"cd %q\\n\" \"$PWD\"; }} >{self._state}; exit $code' EXIT\n"
        return ["bash", "-c", f". {self._state}\n{keep}set -euo pipefail\n{self._with_ports(script_of(block.text))}"]

    def _environment(self):
        """As after quickstart.sh, with the state and configuration folders of this session."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SLUICE_")}
        return kept | {"XDG_STATE_HOME": str(self._home / "state"), "XDG_CONFIG_HOME": str(self._home / "config"),
                       "SLUICE_ADDRESS": self._server.grpc}

    def _ports(self):
        for name, printed in PRINTED.items():
            yield str(printed), getattr(self._server, name).rsplit(":", 1)[1]

    def _with_ports(self, text):
        for printed, actual in self._ports():
            text = text.replace(f"127.0.0.1:{printed}", f"127.0.0.1:{actual}").replace(f"localhost:{printed}", f"localhost:{actual}")
        return text

    def _without_ports(self, text):
        for printed, actual in self._ports():
            text = text.replace(f"127.0.0.1:{actual}", f"127.0.0.1:{printed}").replace(f"localhost:{actual}", f"localhost:{printed}")
        return text
