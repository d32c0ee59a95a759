"""Reading the marks of documents, and comparing outputs."""

import unittest

from examples import BadDocument, blocks_of, same, script_of

DOCUMENT = """\
Text.
```sh
never run
```
<!-- test -->

```sh
$ echo one
```
<!-- test: output -->
```
one
```
1. Item
   <!-- test: file main.go -->
   ```go
   package main
   ```
<!-- test: fails -->
~~~sh
false
```
~~~
"""


class BlocksTest(unittest.TestCase):
    def test_only_marked_blocks_are_examples(self):
        found = [(b.line, b.kind, b.argument, b.text) for b in blocks_of(DOCUMENT)]
        self.assertEqual(found, [(7, "", "", "$ echo one\n"), (11, "output", "", "one\n"),
                                 (16, "file", "main.go", "package main\n"), (20, "fails", "", "false\n```\n")])

    def test_a_mark_before_no_block_is_an_error(self):
        for text in ("<!-- test -->\nText.\n", "<!-- test -->\n", "<!-- test -->\n<!-- test -->\n```\n```\n", "```\nopen\n"):
            with self.subTest(text), self.assertRaises(BadDocument):
                blocks_of(text)

    def test_an_unknown_mark_is_an_error(self):
        for mark in ("sometimes", "file", "output x"):
            with self.subTest(mark), self.assertRaises(BadDocument):
                blocks_of(f"<!-- test: {mark} -->\n```\n```\n")


class OutputTest(unittest.TestCase):
    def test_equal_but_for_trailing_blanks(self):
        self.assertTrue(same("a\nb\n", "a  \nb\n\n"))
        self.assertFalse(same("a\n", "a\nb\n"))
        self.assertFalse(same("a.c\n", "abc\n"))

    def test_dots_stand_for_lines_and_an_ellipsis_for_the_rest_of_one(self):
        self.assertTrue(same("a\n...\nz\n", "a\nb\nc\nz\n"))
        self.assertTrue(same("a\n...\nz\n", "a\nz\n"))
        self.assertTrue(same("took … ms\n", "took 12 ms\n"))
        self.assertFalse(same("took … ms\n", "took 12\n ms\n"))

    def test_prompts_are_cut(self):
        self.assertEqual(script_of("$ echo '$ 5'\n"), "echo '$ 5'\n")


if __name__ == "__main__":
    unittest.main()
