"""Our gateway as a program of its own."""

import re
import subprocess
import threading

import servers
from http_door import HttpDoor

_ADDRESS = re.compile(r" info \"serving[^\"]*\" .*\b(?:address|http)=\"?([0-9.]+:[0-9]+)")


class SluiceGatewayDoor(HttpDoor):
    """`sluice-gateway` before the gRPC address of a server."""

    def __init__(self, build, upstream):
        command = [servers.programs(build) / "sluice-gateway", "--upstream", upstream, "--http", "127.0.0.1:0"]
        self._process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,  # pylint: disable=consider-using-with
                                         stderr=subprocess.PIPE, text=True)
        super().__init__(self._wait_for_address())
        # It must never wait for somebody to read its log.
        self._reader = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._reader.start()

    def close(self):
        self._process.terminate()
        self._process.wait(20)
        self._reader.join(20)
        self._process.stderr.close()

    def _wait_for_address(self):
        log = ""
        for line in self._process.stderr:
            log += line
            if match := _ADDRESS.search(line):
                return match[1]
        raise RuntimeError(f"sluice-gateway ended with {self._process.wait(5)}:\n{log}")
