"""The compilation database as clang sees it, and what a change reaches."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import compile_commands
from changes import changed_files
from tree import Tree


class TemporaryCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class DatabaseTest(TemporaryCase):
    def test_what_only_gcc_understands_is_taken_out(self):
        command = "g++ -std=gnu++20 -I. -isystem gen -Winvalid-pch -include x/cmake_pch.hxx -include own.h -fsanitize=thread -c a.cc"
        self.write("build/compile_commands.json", json.dumps(
            [{"directory": str(self.root), "file": "a.cc", "command": command},
             {"directory": str(self.root), "file": "build/generated.cc", "command": command}]))
        entries = compile_commands.load(self.root / "build", self.root)
        self.assertEqual(list(entries), ["a.cc"])
        self.assertEqual(entries["a.cc"]["arguments"], ["g++", "-std=gnu++20", "-I.", "-isystem", "gen", "-include", "own.h", "-c", "a.cc"])
        self.assertEqual(compile_commands.clang_flags(entries["a.cc"]), ["-std=gnu++20", "-I.", "-isystem", "gen", "-include", "own.h"])

    def test_a_changed_header_reaches_its_source_or_one_that_includes_it(self):
        for name, text in (("server/a.h", ""), ("server/a.cc", ""), ("server/only.h", ""), ("server/b.cc", '#include "server/only.h"'),
                           ("server/c.cc", '#include "server/only.h"')):
            self.write(name, text)
        entries = {name: {} for name in ("server/a.cc", "server/b.cc", "server/c.cc")}
        reach = lambda *changed: compile_commands.reached(Tree(self.root), set(changed), entries)  # noqa: E731
        self.assertEqual(reach("server/a.h"), {"server/a.cc"})
        self.assertEqual(reach("server/only.h"), {"server/b.cc"})
        self.assertEqual(reach("server/c.cc", "README.md", "server/gone.h"), {"server/c.cc"})

    def test_what_takes_too_long_is_left(self):
        checked = []
        compile_commands.for_each({"a": 1, "b": 2}, lambda path, _: (checked.append(path), ("", True))[1], seconds=-1)
        self.assertEqual(checked, [])

    def test_one_failure_fails_all(self):
        self.assertFalse(compile_commands.for_each({"a": 1, "b": 2}, lambda path, _: ("", path == "a")))


class ChangesTest(TemporaryCase):
    def git(self, *arguments):
        subprocess.run(["git", "-C", str(self.root), "-c", "user.name=T", "-c", "user.email=t@example.test", *arguments],
                       check=True, capture_output=True)

    def commit(self, name):
        self.write(name)
        self.git("add", "-A")
        self.git("commit", "-m", name)

    def test_without_a_checkout_or_a_history_git_cannot_say(self):
        self.assertIsNone(changed_files(self.root))
        self.git("init", "-b", "main")
        self.commit("one")
        self.assertIsNone(changed_files(self.root))

    def test_on_main_it_is_the_last_commit_and_what_is_not_committed(self):
        self.git("init", "-b", "main")
        for name in ("one", "two", "three"):
            self.commit(name)
        self.write("new")
        self.write("two", "changed")
        self.assertEqual(changed_files(self.root), {"new", "two", "three"})

    def test_on_a_branch_it_is_all_since_it_left_main(self):
        self.git("init", "-b", "main")
        self.commit("one")
        self.git("switch", "-c", "work")
        self.commit("two")
        self.commit("three")
        self.assertEqual(changed_files(self.root), {"two", "three"})


if __name__ == "__main__":
    unittest.main()
