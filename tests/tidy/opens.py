"""Nobody but SQLite opens a database file in the server's process.

Closing any descriptor of such a file drops every POSIX lock on it, SQLite's included. So a source that opens files must be
in allowed_opens.txt, with the reason why what it opens is never a database that SQLite has open.
"""

import re

from cpp import code_only
from tree import Finding, is_test

LIST = "tests/tidy/allowed_opens.txt"
_OPENS = re.compile(
    r"(?<![\w.>])(?:open|openat|openat2|open64|creat|fopen|fopen64|freopen)\s*\("
    r"|\b(?:basic_)?(?:i|o)?fstream\b(?!>)|\b(?:basic_)?filebuf\b"
    r"|\b(?:std::)?filesystem::copy(?:_file)?\s*\(|\bcopy_file\s*\(|\bfs::copy\s*\(|\bmkostemps?\s*\(|\bmkstemps?\s*\(")


def check(tree):
    allowed = _allowed(tree)
    opening = set()
    for path in tree.cpp(under="server/") + tree.cpp(under="gateway/"):
        if is_test(path):
            continue
        for number, line in enumerate(code_only(tree.text(path)).splitlines(), start=1):
            if line.lstrip().startswith("#"):
                continue
            match = _OPENS.search(line)
            if not match:
                continue
            opening.add(path)
            if path not in allowed:
                what = match.group().rstrip("( ")
                yield Finding(path, number, "open", f"{what} may drop SQLite's locks; if it cannot, say why in {LIST}")
    for path, number in allowed.items():
        if path in tree and path not in opening:
            yield Finding(LIST, number, "open", f"{path} opens nothing; take it out")


def _allowed(tree):
    """Path -> line number of the list."""
    if LIST not in tree:
        return {}
    named = {}
    for number, line in tree.lines(LIST):
        path = line.split("#")[0].strip()
        if path:
            named[path] = number
    return named
