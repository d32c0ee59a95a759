"""The compilation database, made fit for clang: g++'s precompiled headers and flags are taken out, so that every source
is read as if it stood alone."""

import json
import os
import shlex
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
    """Drops `-include …/cmake_pch.hxx`, sanitizers and what only g++ knows."""
    following = iter(arguments)
    for argument in following:
        if argument == "-include":
            header = next(following, "")
            if "cmake_pch" not in header:
                yield from (argument, header)
        elif argument not in ("-Winvalid-pch", "-fpch-preprocess") and not argument.startswith("-fsanitize"):
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


def for_each(chosen, check):
    """Runs check(path, entry) -> (output, succeeded) over all of them, prints what failed, and says whether none did."""
    jobs = os.cpu_count() if os.environ.get("SLUICE_LINT") == "all" else 1
    good = True
    with ThreadPoolExecutor(jobs) as pool:
        for path, (output, succeeded) in zip(chosen, pool.map(lambda item: check(*item), chosen.items())):
            if not succeeded:
                good = False
                print(f"--- {path}\n{output}", flush=True)
    return good
