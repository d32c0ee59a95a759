#!/usr/bin/env python3
"""Checks what the architecture asks of the tree. Prints `file:line: rule: what to do` and fails if there is anything.

Rules look at what is there and are silent about what is not there yet. Usage: tidy.py [ROOT].
"""

import sys
from pathlib import Path

import arrows
import commands
import contract
import layout
import links
import opens
import targets
import words
from tree import Tree

RULES = (layout, arrows, targets, contract, opens, words, links, commands)


def findings(tree):
    return sorted({finding for rule in RULES for finding in rule.check(tree)})


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    tree = Tree(root)
    found = findings(tree)
    for finding in found:
        print(finding)
    print(f"tidy: {len(tree.files)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
