#!/usr/bin/env python3
"""Runs a command beside a server on a copy of the sample database, and ends with the command's exit status.

The command finds SLUICE_ADDRESS (gRPC), SLUICE_HTTP_URL and SLUICE_ADMIN (URLs), and the admin token in XDG_STATE_HOME.
Usage: with_server.py [--build FOLDER] [--database FILE] COMMAND...
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from servers import Server

SAMPLE = Path("/usr/share/proj/proj.db")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path)
    parser.add_argument("--database", type=Path, default=SAMPLE, help="what is copied and served")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("which command?")
    with tempfile.TemporaryDirectory(prefix="sluice-with-server-") as folder:
        database = Path(folder, arguments.database.name)
        shutil.copyfile(arguments.database, database)
        with Server([database], build=arguments.build) as server:
            environment = dict(os.environ, SLUICE_ADDRESS=server.grpc, SLUICE_HTTP_URL=f"http://{server.http}",
                               SLUICE_ADMIN=f"http://{server.admin}", XDG_STATE_HOME=str(server.state_home))
            status = subprocess.run(arguments.command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
            if status != 0:
                print(f"the server's log:\n{server.log}", file=sys.stderr)
            return status


if __name__ == "__main__":
    sys.exit(main())
