"""Shell scripts use no command that set-up does not install.

Debian's essential packages are always there; of all else that scripts are known to reach for, the package must be in
one of the lists of deploy/setup.sh.
"""

import re

from tree import Finding

SETUP = "deploy/setup.sh"
# Command -> Debian packages that bring it. A command that is not here is taken for an essential one.
PACKAGE_OF = {
    "clang-19": ("clang-19",), "clang++-19": ("clang-19",), "clang-format-19": ("clang-format-19",),
    "clang-tidy-19": ("clang-tidy-19",), "cmake": ("cmake",), "ctest": ("cmake",), "curl": ("curl",), "file": ("file",),
    "fuser": ("psmisc",), "g++": ("g++",), "git": ("git",), "go": ("golang-1.23-go",), "grpcurl": ("grpcurl",),
    "ip": ("iproute2",), "jq": ("jq",), "killall": ("psmisc",), "litestream": ("litestream",), "lsof": ("lsof",), "make": ("make",),
    "nc": ("netcat-openbsd",), "netstat": ("net-tools",), "ninja": ("ninja-build",), "node": ("nodejs", "npm"), "npm": ("npm",),
    "npx": ("npm",), "openssl": ("openssl",), "pgrep": ("procps",), "pip": ("python3-pip",), "pip3": ("python3-pip",),
    "pkill": ("procps",), "protoc": ("protobuf-compiler",), "ps": ("procps",), "python3": ("python3",), "rsync": ("rsync",),
    "shellcheck": ("shellcheck",), "sqlite3": ("sqlite3",), "ss": ("iproute2",), "strace": ("strace",), "unzip": ("unzip",),
    "wget": ("wget",), "xxd": ("xxd",), "zip": ("zip",), "zstd": ("zstd",), "bc": ("bc",), "gdb": ("gdb",),
}
_LISTS = re.compile(r"^readonly (SERVE_PACKAGES|TEST_PACKAGES|[A-Z_]+_PACKAGES?)=\(?([^)]*)\)?", re.M)
_COMMENT = re.compile(r"(^|\s)#.*$")
_QUOTED = re.compile(r"'[^']*'")
# A word in the place of a command: first in a line, or after what ends or opens one.
_COMMAND = re.compile(
    r"(?:^|[;|&({`!]|\$\(|\b(?:then|do|else|elif|if|while|until|exec|sudo|env|nice|as_root|timeout [\d.]+s?)\b)\s*"
    r"(?:[A-Z_]+=\S*\s+)*([\w+.-]+)(?=[\s;|)&]|$)", re.M)


def check(tree):
    if SETUP not in tree:
        return
    installed = set()
    for match in _LISTS.finditer(tree.text(SETUP)):
        installed |= set(match.group(2).split())
    for path in tree.files:
        if path.endswith(".sh") or tree.text(path).startswith(("#!/usr/bin/env bash", "#!/bin/sh", "#!/bin/bash")):
            for number, line in tree.lines(path):
                yield from _line(path, number, line, installed)


def _line(path, number, line, installed):
    for command in _COMMAND.findall(_QUOTED.sub("''", _COMMENT.sub("", line))):
        packages = PACKAGE_OF.get(command)
        if packages and not installed.intersection(packages):
            yield Finding(path, number, "command", f"set-up installs no {command}: add {packages[0]} to a list of {SETUP}")
