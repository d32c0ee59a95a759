"""Where things stand: the top level, the size of files, design notes, the opening of headers."""

import re

from tree import Finding

TOP_LEVEL = {"CMakeLists.txt", "proto", "server", "clients", "gateway", "tests", "deploy", "buf.yaml", "README.md",
             "LICENSE", "CHANGELOG.md", "CMakePresets.json"}
LINES_MAX = 500
DESIGN_LINES_MAX = 150


def check(tree):
    yield from _top_level(tree)
    yield from _sizes(tree)
    yield from _designs(tree)
    yield from _headers(tree)


def _top_level(tree):
    seen = set()
    for path in tree.files:
        name = path.split("/")[0]
        if name in TOP_LEVEL or name.startswith(".") or name in seen:
            continue
        seen.add(name)
        yield Finding(path, 1, "top-level", f"{name} has no place at the top; put it into one of the rooms")


def _sizes(tree):
    for path in tree.sources():
        count = len(tree.text(path).splitlines())
        if count > LINES_MAX:
            yield Finding(path, LINES_MAX + 1, "size", f"{count} lines; split it (at most {LINES_MAX})")


def _designs(tree):
    for folder in sorted(_libraries(tree)):
        design = f"{folder}/DESIGN.md"
        if design not in tree:
            yield Finding(design, 1, "design", f"{folder} needs it: purpose, how, decisions and their price")
            continue
        count = len(tree.text(design).splitlines())
        if count > DESIGN_LINES_MAX:
            yield Finding(design, DESIGN_LINES_MAX + 1, "design", f"{count} lines; shorten it (at most {DESIGN_LINES_MAX})")


def _libraries(tree):
    for path in tree.named("CMakeLists.txt"):
        if "/" in path and re.search(r"^\s*sluice_library\(", tree.text(path), re.M):
            yield path.rsplit("/", 1)[0]
    for folder in ("gateway", "clients/cpp", "clients/go", "clients/python"):
        if any(f.startswith(folder + "/") for f in tree.sources()):
            yield folder


def _headers(tree):
    for path in tree.cpp():
        if not path.endswith(".h"):
            continue
        text = tree.text(path)
        if not text.startswith("//"):
            yield Finding(path, 1, "header", "open with what it is, who may call it from which thread, who owns what")
        if not re.search(r"^#pragma once$", text, re.M):
            yield Finding(path, 1, "header", "add #pragma once after the opening comment")
