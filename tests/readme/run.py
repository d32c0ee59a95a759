#!/usr/bin/env python3
"""Runs the examples of a Markdown document as a reader would, and compares what they print where the document shows it.

A fenced block is an example when an HTML comment, invisible to readers, stands before it:

  <!-- test -->                the block is run by bash; it must succeed
  <!-- test: fails -->         it must not succeed
  <!-- test: output -->        the block is what the example before it prints, on standard output and standard error
  <!-- test: background -->    it is started and goes on while the later ones run; ended at the end of the document
  <!-- test: file NAME -->     the block is written to that file in the folder where the examples run

All examples of a document share one shell session's folder and one server on a copy of the sample database. What they
print is compared line by line after trailing blanks are cut; a line `...` stands for any number of lines, and `…` in a
line for anything. In the environment: SLUICE_ADDRESS, and a `$` at the start of a line, as prompts are shown, is cut.
Usage: run.py [--build FOLDER] [--check] DOCUMENT.
"""

import argparse
import sys
from pathlib import Path

from examples import BadDocument, blocks_of


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", type=Path)
    parser.add_argument("--build", type=Path, default=Path(__file__).resolve().parents[2] / "build")
    parser.add_argument("--check", action="store_true", help="only read the document's marks")
    arguments = parser.parse_args()
    blocks = blocks_of(arguments.document.read_text(encoding="utf-8"))
    if arguments.check or not blocks:
        print(f"{len(blocks)} examples in {arguments.document.name}")
        return 0
    from session import Session  # needs the programs, which --check does not

    with Session(arguments.build.resolve()) as session:
        failures = session.run_all(blocks)
    for failure in failures:
        print(f"{arguments.document}:{failure}")
    ran = sum(block.kind != "output" for block in blocks)
    print(f"{ran} examples run, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BadDocument as problem:
        sys.exit(f"{sys.argv[-1]}:{problem}")
