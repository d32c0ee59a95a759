"""Words that must not be committed: unfinished work, names that say nothing, addresses of one machine."""

import re

from cpp import code_only
from tree import Finding

# Put together here, so that this file does not find itself.
_UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME"]) + r")\b")
_EMPTY_NAMES = "Manager|Helper|Util|Utils|Common|Impl|Data|Info"
_TYPE = re.compile(
    r"\b(?:class|struct|union|enum(?:\s+(?:class|struct))?)\s+(?:(?:ABSL|SLUICE)_\w+(?:\([^)]*\))?\s+|\[\[[^\]]*\]\]\s*)*"
    r"((?:\w+::)*\w+)\s*(?:final\s*)?(?:<[^{;]*>\s*)?(?::[^:][^;{]*)?\{"
    r"|\busing\s+(\w+)\s*=")
_EMPTY_TYPE = re.compile(rf"(?:{_EMPTY_NAMES})$")
_EMPTY_FILE = re.compile(rf"(?:^|_)(?:{_EMPTY_NAMES.lower()})(?:_test)?\.(?:cc|h)$")
_MACHINE = re.compile(
    r"(?<![\w.$}/-])/(?:" + "|".join(["work", "root", "workspace", "opt/wheels"]) + r")(?:/|\b)(?!\w)"
    r"|(?<![\w.$}/-])/home/\w+")
_REGISTRY = re.compile(
    r"\b(?:" + "|".join(re.escape(host) for host in (
        "registry." + "npmjs.org", "registry." + "yarnpkg.com", "proxy." + "golang.org", "sum." + "golang.org",
        "py" + "pi.org", "pythonhosted" + ".org", "deb." + "nodesource.com", "buf" + ".build/")) + r")"
    r"|\b[\w-]+\.pkg\.dev\b(?=/)", re.I)


def check(tree):
    for path in tree.files:
        for number, line in tree.lines(path):
            if _UNFINISHED.search(line):
                yield Finding(path, number, "unfinished", "finish it now, or open an issue and say nothing here")
            if _MACHINE.search(line):
                yield Finding(path, number, "machine-path", f"{_MACHINE.search(line).group()} exists on one machine only")
            if _REGISTRY.search(line):
                yield Finding(path, number, "registry", f"{_REGISTRY.search(line).group()}: leave it to the client's configuration")
    yield from _names(tree)


def _names(tree):
    for path in tree.cpp():
        name = path.rsplit("/", 1)[-1]
        if _EMPTY_FILE.search(name):
            yield Finding(path, 1, "name", f"{name} says nothing; name the file after what is in it")
        code = code_only(tree.text(path))
        for match in _TYPE.finditer(code):
            type_name = (match.group(1) or match.group(2)).split("::")[-1]
            if _EMPTY_TYPE.search(type_name):
                line = code.count("\n", 0, match.start()) + 1
                yield Finding(path, line, "name", f"{type_name}: name the type after what it is or does")
