#!/usr/bin/env python3
"""Prints the names of the CTest tests that the CMakeLists.txt files of the given folders add.

Reads `ctest --show-only=json-v1` on standard input. Usage: tests_of_rooms.py FOLDER...
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def added_in(listing, folders):
    graph = listing["backtraceGraph"]
    wanted = {str(ROOT / folder / "CMakeLists.txt") for folder in folders}
    for test in listing["tests"]:
        node = test.get("backtrace")
        while node is not None:
            if graph["files"][graph["nodes"][node]["file"]] in wanted:
                yield test["name"]
                break
            node = graph["nodes"][node].get("parent")


if __name__ == "__main__":
    print(*added_in(json.load(sys.stdin), sys.argv[1:]))
