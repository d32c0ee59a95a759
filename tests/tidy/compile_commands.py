"""The compilation database, made fit for clang: g++'s precompiled headers and flags are taken out, so that every source
is read as if it stood alone."""

import json
import os
import shlex
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cpp import includes


def load(build, root):
    """Path from the root -> entry with `arguments`, for what lies in the checkout."""
    entries = {}
    for entry in json.loads((Path(build) / "compile_commands.json").read_text()):
        file = Path(entry["directory"], entry["file"]).resolve()
        if file.is_relative_to(root) and not file.is_relative_to(build):
            arguments = entry.get("arguments") or shlex.split(entry["command"])
            entries[file.relative_to(root).as_posix()] = {
                "directory": entry["directory"], "file": str(file), "arguments": list(_without_gcc(arguments))}
    return entries


def _without_gcc(arguments):
    """Drops `-include …/cmake_pch.hxx`, sanitizers, and warnings, which g++ gives when it builds."""
    following = iter(arguments)
    for argument in following:
        if argument == "-include":
            header = next(following, "")
            if "cmake_pch" not in header:
                yield from (argument, header)
        elif argument != "-fpch-preprocess" and not argument.startswith(("-fsanitize", "-W")):
            yield argument


def store(entries, folder):
    Path(folder, "compile_commands.json").write_text(json.dumps(list(entries)))


def clang_flags(entry):
    """Where to find headers, definitions and the language: what clang needs to understand the source."""
    flags, following = [], iter(entry["arguments"][1:])
    for argument in following:
        if argument in ("-isystem", "-I", "-D", "-include"):
            flags += [argument, next(following, "")]
        elif argument.startswith(("-I", "-D", "-std=", "-isystem")):
            flags.append(argument)
    return flags


def reached(tree, changed, entries):
    """Sources to look at after a change: the changed ones and, for a changed header, its own source and one that
    includes it."""
    chosen = {path for path in changed if path in entries}
    for header in (path for path in changed if path.endswith(".h") and path in tree):
        own = [path for path in (header[:-2] + ".cc", header[:-2] + "_test.cc") if path in entries]
        chosen.update(own or _first_including(tree, header, entries))
    return chosen


def _first_including(tree, header, entries):
    for path in sorted(entries):
        if any(name == header for _, _, name in includes(tree, path)):
            return [path]
    return []


def for_each(chosen, check, seconds=None):
    """Runs check(path, entry) -> (output, succeeded) over them, prints what failed, and says whether none did.

    With `seconds` it starts nothing more after that time, and says how much is left. A source that cannot be finished in
    time is no failure: a large change is for the long run.
    """
    started = time.monotonic()
    left = []

    def checked(item):
        if seconds is not None and time.monotonic() - started > seconds:
            left.append(item[0])
            return "", True
        return check(*item)

    good = True
    with ThreadPoolExecutor(1 if seconds else os.cpu_count()) as pool:
        for path, (output, succeeded) in zip(chosen, pool.map(checked, chosen.items())):
            if not succeeded:
                good = False
                print(f"--- {path}\n{output}", flush=True)
    if left:
        print(f"{len(left)} sources left after {seconds} s; tests/run.sh --full=lint looks at all")
    return good
