"""Links in Markdown lead to files and headings that are there."""

import re
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from tree import Finding

_FENCE = re.compile(r"^\s*(```|~~~)")
_CODE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s+<?(\S+?)>?\s*$")
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.I)


def check(tree):
    for path in tree.named(".md"):
        for number, line in _prose(tree, path):
            for match in _LINK.finditer(_CODE.sub("``", line)):
                target = match.group(1) or match.group(2)
                if not _ELSEWHERE.match(target):
                    yield from _target(tree, path, number, target)


def _target(tree, path, number, target):
    name, _, anchor = target.partition("#")
    file = normpath(join(dirname(path), unquote(name))) if name else path
    if file not in tree and not tree.has_folder(file):
        yield Finding(path, number, "link", f"{target} leads nowhere")
    elif anchor and file.endswith(".md") and anchor.lower() not in _anchors(tree, file):
        yield Finding(path, number, "link", f"{file} has no heading for #{anchor}")


def _prose(tree, path):
    """The lines outside fenced blocks."""
    fenced = False
    for number, line in tree.lines(path):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _anchors(tree, path):
    """GitHub's names for the headings."""
    anchors, seen = set(), {}
    for _, line in _prose(tree, path):
        match = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if not match:
            continue
        slug = re.sub(r"[^\w\- ]", "", match.group(1).lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        anchors.add(f"{slug}-{count}" if count else slug)
    return anchors
