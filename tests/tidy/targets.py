"""Every source is built: each C and C++ file stands in the lists of some CMakeLists.txt, by name."""

import re
from posixpath import dirname, join, normpath

from tree import Finding

_COMMENT = re.compile(r"#\[\[.*?\]\]|#[^\n]*", re.S)
_SOURCE = re.compile(r'[^\s()";]+\.(?:cc|c)\b')
_ROOT = re.compile(r"^\$\{(PROJECT|CMAKE)_SOURCE_DIR\}/")
_HERE = re.compile(r"^\$\{CMAKE_CURRENT_(SOURCE|LIST)_DIR\}/")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_GLOB = re.compile(r"^\s*file\(\s*GLOB", re.I)


def check(tree):
    cmake_files = [f for f in tree.files if f.endswith(("CMakeLists.txt", ".cmake"))]
    if not cmake_files:
        return
    built = [pattern for path in cmake_files for pattern in _sources_of(tree, path)]
    exact = {pattern for pattern in built if isinstance(pattern, str)}
    patterns = [pattern for pattern in built if not isinstance(pattern, str)]
    for path in tree.named(".cc", ".c"):
        if path in exact or any(pattern.fullmatch(path) for pattern in patterns):
            continue
        if path.endswith("_test.cc"):
            yield Finding(path, 1, "target", "this test is in no target: name it in a sluice_test()")
        else:
            yield Finding(path, 1, "target", "this source is in no target: name it in a sluice_library() or remove it")
    for path in cmake_files:
        for number, line in tree.lines(path):
            if _GLOB.match(line):
                yield Finding(path, number, "target", "name the files; a glob hides what is built")


def _sources_of(tree, cmake_file):
    """Paths from the root, or patterns where a name holds a variable."""
    text = _COMMENT.sub("", tree.text(cmake_file))
    for name in _SOURCE.findall(text):
        if _ROOT.match(name):
            path = _ROOT.sub("", name)
        else:
            path = join(dirname(cmake_file), _HERE.sub("", name))
        path = normpath(path)
        if "${" not in path:
            yield path
        elif not path.split("/")[-1].startswith("${ARG"):
            yield re.compile("[a-z0-9_]*".join(re.escape(part) for part in _VARIABLE.split(path)))
