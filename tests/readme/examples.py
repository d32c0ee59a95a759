"""The marked blocks of a Markdown document: see run.py for the marks."""

import re
from dataclasses import dataclass

_MARK = re.compile(r"^\s*<!--\s*test(?::\s*(?P<what>.*?))?\s*-->\s*$")
_FENCE = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|~{3,})\s*(?P<language>[\w-]*)")
_KINDS = ("", "fails", "output", "background", "file")


@dataclass
class Block:
    """One marked block: where it opens, what it is for, its text."""

    line: int
    kind: str
    argument: str
    text: str


class BadDocument(Exception):
    """A mark that leads nowhere, or that nobody knows."""


def blocks_of(text):
    """The marked blocks of a document, in order."""
    blocks, mark, fence = [], None, None
    for number, line in enumerate(text.splitlines(), start=1):
        opened = _FENCE.match(line)
        if fence:
            if opened and line.strip() == fence["fence"]:
                if mark:
                    blocks.append(_block(fence, mark, body))
                fence, mark = None, None
            else:
                body.append(line.removeprefix(fence["indent"]))
        elif opened:
            fence, body = {**opened.groupdict(), "line": number}, []
        elif _MARK.match(line):
            if mark:
                raise BadDocument(f"{number}: two marks before one block")
            mark = (_MARK.match(line).group("what") or "", number)
        elif line.strip() and mark:
            raise BadDocument(f"{mark[1]}: the mark stands before no block")
    if mark or fence:
        raise BadDocument("the document ends inside a block or after a mark")
    return blocks


def _block(fence, mark, body):
    kind, _, argument = mark[0].partition(" ")
    if kind not in _KINDS or (kind == "file") != bool(argument):
        raise BadDocument(f"{mark[1]}: no such mark: {mark[0]}")
    return Block(fence["line"], kind, argument.strip(), "\n".join(body) + "\n")


def same(expected, actual):
    """Whether the output is what the document shows."""
    pattern = ""
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += r"[^\n]*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, actual.rstrip() + "\n") is not None


def script_of(text):
    """The text without the prompts of a terminal."""
    return re.sub(r"^\$ ", "", text, flags=re.M)
