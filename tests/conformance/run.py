#!/usr/bin/env python3
"""Runs the cases through the doors and prints how many held behind each.

  run.py [--build FOLDER] [--door NAME]... [--case NAME]...     a NAME of a case may be its module's
  run.py --prepare                                              only makes what the doors need
  run.py --list
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "cases"), str(HERE / "doors"), str(HERE.parent / "support")]

# pylint: disable=wrong-import-position
import fixtures
import preparing
import registry
import stored
from adapter_door import AdapterDoor
from grpc_gateway_door import GrpcGatewayDoor
from http_door import HttpDoor
from sluice_gateway_door import SluiceGatewayDoor
from neutral import Failure
from servers import Server
from session import Session

# A case that takes longer is named.
SLOW_SECONDS = 5
MODULES = ("values", "names", "keys", "catalog", "queries", "exports", "pages", "choosing", "reading", "downloads", "snapshots",
           "bad_input", "http_edges", "inserts", "writes", "matching", "bad_writes", "executes", "tables", "loads", "tokens",
           "stored", "cross",
           # Makes databases of its own.
           "uploads")


def cpp(build, server):
    return AdapterDoor([preparing.folder(build) / "cpp_door", server.grpc])


def go(build, server):
    return AdapterDoor([preparing.go_client(build), server.grpc])


def python(build, server):
    return AdapterDoor([preparing.python(build), HERE / "doors/python/adapter.py", server.grpc])


def gateway(_, server):
    return HttpDoor(server.http)


def sluice_gateway(build, server):
    return SluiceGatewayDoor(build, server.grpc)


def grpc_gateway(build, server):
    return GrpcGatewayDoor(preparing.grpc_gateway(build), server.grpc, server.http)


DOORS = {"cpp": cpp, "go": go, "python": python, "gateway": gateway, "sluice-gateway": sluice_gateway,
         "grpc-gateway": grpc_gateway}


def chosen_cases(names):
    left_out = {path.stem for path in (HERE / "cases").glob("*.py") if "\n@case(" in path.read_text(encoding="utf-8")} - set(MODULES)
    assert not left_out, f"cases that nobody runs: {left_out}"
    for module in MODULES:
        importlib.import_module(module)
    return {name: found for name, found in registry.ALL.items()
            if not names or name in names or name.split(".")[0] in names}


def run_case(name, function, session):
    """Whether the case held; says why not."""
    started = time.monotonic()
    try:
        function(session)
        if time.monotonic() - started > SLOW_SECONDS:
            print(f"slow: {name}, {time.monotonic() - started:.1f} s")
        return True
    except (AssertionError, Failure) as error:
        print(f"FAILED {name}: {error}")
        place = traceback.extract_tb(error.__traceback__)
        print("".join(f"    {Path(frame.filename).name}:{frame.lineno}: {frame.line}\n" for frame in place
                      if "/cases/" in frame.filename), end="")
    except Exception:  # pylint: disable=broad-except
        print(f"FAILED {name}:\n{traceback.format_exc()}")
    return False


def run_door(name, build, cases):
    """The number of cases that failed behind one door, and one more for a server that does not end."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluice-conformance-") as temporary:
        folder, downloads = Path(temporary, "databases"), Path(temporary, "downloads")
        folder.mkdir()
        downloads.mkdir()
        fixtures.make(folder)
        settings = Path(temporary, "metadata.yaml")
        settings.write_text(stored.SETTINGS, encoding="utf-8")
        with Server([folder], "--metadata", settings, build=build) as server:
            door = DOORS[name](build, server)
            try:
                session = Session(name, door, server, folder, downloads)
                fitting = [(title, function) for title, (function, kinds) in cases.items() if door.kind in kinds]
                failed = sum(not run_case(title, function, session) for title, function in fitting)
            finally:
                door.close()
            stuck = False
            try:
                server.stop()
            except subprocess.TimeoutExpired:
                print("FAILED: the server did not end when it was asked to")
                stuck = True
            if failed or stuck:
                print(f"the end of the server's log:\n{server.log[-3000:]}")
    print(f"{name}: {len(fitting) - failed} of {len(fitting)} cases held, {time.monotonic() - started:.1f} s", flush=True)
    return failed + stuck


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path(os.environ.get("SLUICE_BUILD") or HERE.parents[1] / "build"))
    parser.add_argument("--door", action="append", choices=DOORS, help="all when left out")
    parser.add_argument("--case", action="append", help="all when left out")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.prepare:
        for make in preparing.ALL:
            make(arguments.build)
        return 0
    cases = chosen_cases(arguments.case)
    if arguments.list:
        print("\n".join(cases))
        return 0
    if not cases:
        parser.error("no such case")
    return 1 if sum(run_door(door, arguments.build, cases) for door in arguments.door or DOORS) else 0


if __name__ == "__main__":
    sys.exit(main())
