"""What the contract and the runbook must say: options of every RPC, every ceiling."""

import re

from tree import Finding

OPTIONS = ("permission", "idempotency")
LIMITS = "server/base/limits.h"
RUNBOOK = "deploy/README.md"

_BLANK = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
_RPC = re.compile(r"\brpc\s+(\w+)\s*\([^)]*\)\s*returns\s*\([^)]*\)\s*([;{])")
_CONSTANT = re.compile(r"^\s*(?:inline\s+)?constexpr\s+[\w:<>]+\s+(k[A-Z]\w*)", re.M)


def check(tree):
    for path in tree.named(".proto", under="proto/"):
        yield from _rpc_options(tree, path)
    yield from _ceilings(tree)


def _rpc_options(tree, path):
    text = _BLANK.sub(lambda m: "\n" * m.group().count("\n") or '""', tree.text(path))
    for match in _RPC.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        body = _block(text, match.end()) if match.group(2) == "{" else ""
        for option in OPTIONS:
            value = re.search(rf"\boption\s*\(\s*(?:sluice\.v1\.)?{option}\s*\)\s*=\s*(\w+)", body)
            if not value:
                yield Finding(path, line, "rpc-option", f"{match.group(1)} needs option ({option})")
            elif value.group(1).endswith("_UNSPECIFIED"):
                yield Finding(path, line, "rpc-option", f"{match.group(1)}: {value.group(1)} says nothing; choose")


def _block(text, start):
    """What stands between the brace before `start` and its counterpart."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position]
    return text[start:]


def _ceilings(tree):
    if LIMITS not in tree or RUNBOOK not in tree:
        return
    code, runbook = tree.text(LIMITS), tree.text(RUNBOOK)
    constants = {}
    for match in _CONSTANT.finditer(code):
        constants[match.group(1)] = code.count("\n", 0, match.start(1)) + 1
    listed = set(re.findall(r"`(k[A-Z]\w*)`", runbook))
    for name, line in constants.items():
        if name not in listed:
            yield Finding(LIMITS, line, "ceiling", f"list `{name}` in {RUNBOOK}, with its value and what happens there")
    for number, text in tree.lines(RUNBOOK):
        for name in re.findall(r"`(k[A-Z]\w*)`", text):
            if name not in constants:
                yield Finding(RUNBOOK, number, "ceiling", f"{LIMITS} has no {name}; take it out")
