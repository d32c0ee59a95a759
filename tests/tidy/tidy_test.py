"""Each rule of tidy meets a small tree that breaks it, and one that does not."""

import tempfile
import unittest
from pathlib import Path

import tidy
from tree import Tree

HEADER = "// What it is.\n#pragma once\n"


def check(files):
    """What tidy says of a tree made of these texts, as printed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return [str(finding) for finding in tidy.findings(Tree(folder))]


class TidyCase(unittest.TestCase):
    def assert_finds(self, files, *expected):
        """Each finding starts with the expectation at its place, and there are no others."""
        found = check(files)
        self.assertEqual(len(found), len(expected), found)
        for line, start in zip(sorted(found), sorted(expected)):
            self.assertTrue(line.startswith(start), f"{line!r} does not start with {start!r}")

    def assert_clean(self, files):
        self.assertEqual(check(files), [])


class ArrowsTest(TidyCase):
    def test_a_room_may_know_the_rooms_below_it(self):
        self.assert_clean({"server/engine/query.h": HEADER + '#include "server/sqlite/pool.h"\n#include "server/base/status.h"\n'})

    def test_a_room_may_not_know_the_rooms_above_it(self):
        self.assert_finds({"server/sqlite/pool.h": HEADER + '#include "server/engine/query.h"\n'},
                          "server/sqlite/pool.h:3: arrows: sqlite must not know engine")

    def test_rpc_goes_through_the_engine(self):
        self.assert_finds({"server/rpc/row.h": HEADER + '#include "server/sqlite/pool.h"\n'},
                          "server/rpc/row.h:3: arrows: rpc must not know sqlite")

    def test_a_unit_test_of_rpc_may_make_databases(self):
        self.assert_clean({"server/rpc/row_test.cc": '#include "server/sqlite/pool.h"\n'})

    def test_engine_sees_of_auth_only_the_grants(self):
        self.assert_finds({"server/engine/a.h": HEADER + '#include "server/auth/grants.h"\n#include "server/auth/token.h"\n'},
                          "server/engine/a.h:4: arrows: engine knows auth's grants only")

    def test_the_gateway_links_no_server_library_but_base(self):
        self.assert_finds({"gateway/http.h": HEADER + '#include "server/base/log.h"\n#include "server/rpc/call.h"\n',
                           "gateway/DESIGN.md": "Why.\n"},
                          "gateway/http.h:4: arrows: gateway must not know rpc")

    def test_clients_know_no_server(self):
        self.assert_finds({"clients/cpp/client.h": HEADER + '#include "server/base/log.h"\n', "clients/cpp/DESIGN.md": "Why.\n"},
                          "clients/cpp/client.h:3: arrows: clients/cpp must not know base")

    def test_nobody_knows_the_tests(self):
        self.assert_finds({"server/app.h": HEADER + '#include "tests/support/files.h"\n'},
                          "server/app.h:3: arrows: app must not know tests")

    def test_tests_know_everybody(self):
        self.assert_clean({"tests/integration/a.h": HEADER + '#include "server/rpc/call.h"\n#include <grpcpp/grpcpp.h>\n'})

    def test_a_folder_that_is_no_room_is_found(self):
        self.assert_finds({"server/misc/a.h": HEADER}, "server/misc/a.h:1: arrows: server/misc/ is not a room")

    def test_sqlite3_h_stays_in_its_room(self):
        self.assert_finds({"server/engine/a.h": HEADER + "#include <sqlite3.h>\n", "server/sqlite/b.h": HEADER + "#include <sqlite3.h>\n"},
                          "server/engine/a.h:3: sqlite3.h: only server/sqlite")

    def test_grpc_stays_in_its_rooms(self):
        self.assert_finds({"server/wire/a.h": HEADER + '#include "grpcpp/grpcpp.h"\n#include "sluice/v1/row.grpc.pb.h"\n',
                           "server/rpc/b.h": HEADER + "#include <grpcpp/grpcpp.h>\n", "server/app.h": HEADER + "#include <grpc/grpc.h>\n"},
                          "server/wire/a.h:3: grpc: wire must not know gRPC", "server/wire/a.h:4: grpc: wire must not know gRPC")

    def test_protos_stay_out_of_the_engine(self):
        self.assert_finds({"server/engine/a.h": HEADER + '#include "sluice/v1/row.pb.h"\n', "server/wire/b.h": HEADER + '#include "sluice/v1/row.pb.h"\n'},
                          "server/engine/a.h:3: proto: engine must not know the protos")

    def test_includes_are_written_from_the_root(self):
        self.assert_finds({"server/base/a.h": HEADER + '#include "b.h"\n#include "../base/b.h"\n', "server/base/b.h": HEADER},
                          'server/base/a.h:3: include-path: write the path from the root: "server/base/b.h"',
                          "server/base/a.h:4: include-path: write the path of ../base/b.h from the root")

    def test_the_gateway_names_no_service_of_ours(self):
        files = {"proto/sluice/v1/row.proto": "service RowService {\n}\n", "gateway/DESIGN.md": "Why.\n",
                 "gateway/main.h": HEADER + "// RowService in a comment is fine.\n", "gateway/main.cc": "RowService",
                 "gateway/testing/fake.h": HEADER + "class Fake : RowService {};\n",
                 "gateway/routes.h": HEADER + 'const char* kName = "sluice.v1.RowService";\n'}
        self.assert_finds(files, "gateway/routes.h:3: gateway: the gateway must not name sluice.v1")


class LayoutTest(TidyCase):
    def test_the_top_level_is_fixed(self):
        self.assert_finds({"notes.txt": "a\n", "docs/a.md": "a\n", "docs/b.md": "b\n", ".editorconfig": "", "README.md": "a\n"},
                          "docs/a.md:1: top-level: docs has no place", "notes.txt:1: top-level: notes.txt has no place")

    def test_a_long_source_is_found_and_a_generated_one_is_not(self):
        long = "x = 1\n" * 501
        self.assert_finds({"tests/a.py": long, "clients/go/gen/a.pb.go": long, "clients/go/DESIGN.md": "Why.\n",
                           "tests/b.py": "# Code generated by x. DO NOT EDIT.\n" + long},
                          "tests/a.py:501: size: 501 lines")

    def test_a_library_needs_its_design(self):
        self.assert_finds({"server/base/CMakeLists.txt": "sluice_library(sluice_base SOURCES a.cc)\n", "server/base/a.cc": ""},
                          "server/base/DESIGN.md:1: design: server/base needs it")

    def test_a_client_needs_its_design(self):
        self.assert_finds({"clients/python/sluice.py": ""}, "clients/python/DESIGN.md:1: design")

    def test_a_long_design_is_found(self):
        self.assert_finds({"clients/python/sluice.py": "", "clients/python/DESIGN.md": "a\n" * 151},
                          "clients/python/DESIGN.md:151: design: 151 lines")

    def test_a_header_opens_with_its_comment_and_guards_itself(self):
        self.assert_finds({"server/base/a.h": "int x;\n"},
                          "server/base/a.h:1: header: add #pragma once", "server/base/a.h:1: header: open with what it is")


class TargetsTest(TidyCase):
    def test_a_source_and_a_test_in_no_target_are_found(self):
        files = {"server/CMakeLists.txt": "add_library(a base/built.cc) # base/only_in_a_comment.cc\n"}
        files |= {f"server/base/{name}.cc": "" for name in ("built", "only_in_a_comment", "stray_test")}
        self.assert_finds(files, "server/base/only_in_a_comment.cc:1: target: this source is in no target",
                          "server/base/stray_test.cc:1: target: this test is in no target")

    def test_names_from_the_root_and_names_with_variables_count(self):
        self.assert_clean({"tests/CMakeLists.txt": 'add_executable(a "${PROJECT_SOURCE_DIR}/server/a.cc" ${name}_test.cc)\n',
                           "server/a.cc": "", "tests/b_test.cc": ""})

    def test_a_glob_is_found(self):
        self.assert_finds({"server/CMakeLists.txt": "file(GLOB x *.cc)\n"}, "server/CMakeLists.txt:1: target: name the files")


class ContractTest(TidyCase):
    RPC = ("service Fish {\n  // rpc Ghost(A) returns (B);\n  rpc Swim(A) returns (stream B) {\n"
           '    option (google.api.http) = { post: "/v1/{a}:swim" };\n    %s\n  }\n}\n')

    def test_an_rpc_needs_both_options(self):
        self.assert_finds({"proto/sluice/v1/fish.proto": self.RPC % "option (permission) = PERMISSION_QUERY;"},
                          "proto/sluice/v1/fish.proto:3: rpc-option: Swim needs option (idempotency)")

    def test_an_rpc_without_a_body_needs_them_too(self):
        self.assert_finds({"proto/a.proto": "service Fish {\n  rpc Swim(A) returns (B);\n}\n"},
                          "proto/a.proto:2: rpc-option: Swim needs option (idempotency)",
                          "proto/a.proto:2: rpc-option: Swim needs option (permission)")

    def test_an_option_that_says_nothing_is_found(self):
        self.assert_finds({"proto/a.proto": self.RPC % "option (permission) = PERMISSION_UNSPECIFIED; option (sluice.v1.idempotency) = SAFE;"},
                          "proto/a.proto:3: rpc-option: Swim: PERMISSION_UNSPECIFIED")

    def test_ceilings_and_runbook_say_the_same(self):
        limits = HEADER + "inline constexpr size_t kRowsMax = 1;\ninline constexpr absl::Duration kTimeMax = absl::Seconds(1);\n"
        self.assert_finds({"server/base/limits.h": limits, "deploy/README.md": "`kRowsMax`\n`kGone`\n"},
                          "deploy/README.md:2: ceiling: server/base/limits.h has no kGone", "server/base/limits.h:4: ceiling: list `kTimeMax`")

    def test_without_a_runbook_the_rule_is_silent(self):
        self.assert_clean({"server/base/limits.h": HEADER + "inline constexpr int kRowsMax = 1;\n"})


class OpensTest(TidyCase):
    def test_what_opens_files_is_found(self):
        opening = HEADER + "int f = open(path, 0);\nstd::ifstream in(path);\nFILE* g = ::fopen(path, mode);\n"
        self.assert_finds({"server/engine/a.h": opening}, *(f"server/engine/a.h:{n}: open:" for n in (3, 4, 5)))

    def test_comments_literals_methods_and_tests_open_nothing(self):
        self.assert_clean({"server/engine/a.h": HEADER + '#include <fstream>\n// open(x)\nauto s = "open(";\nint n = 1\'000; Open(x); reopen(y); acceptor.open(tcp); a->open();\n',
                           "server/engine/a_test.cc": "open(x);"})

    def test_a_listed_source_may_open_and_an_idle_entry_is_found(self):
        self.assert_finds({"server/a.h": HEADER + "int f = open(p, 0);\n", "server/b.h": HEADER,
                           "tests/tidy/allowed_opens.txt": "# why\nserver/a.h # the lock\nserver/b.h # nothing\nserver/later.h # not there yet\n"},
                          "tests/tidy/allowed_opens.txt:3: open: server/b.h opens nothing")


class WordsTest(TidyCase):
    def test_unfinished_work_is_found(self):
        self.assert_finds({"server/a.h": HEADER + "// TO" "DO: later\n"}, "server/a.h:3: unfinished")

    def test_type_names_that_say_nothing_are_found(self):
        code = ("class PoolManager {\n};\nstruct RowData : Base {};\nenum class KindInfo { kA };\nusing StringUtil = int;\n"
                "class Metadata {};\nclass Informed;\nnamespace x { class [[nodiscard]] FileImpl final : public A {}; }\n")
        self.assert_finds({"server/a.h": HEADER + code}, *(f"server/a.h:{n}: name:" for n in (3, 5, 6, 7, 10)))

    def test_names_of_others_are_not_ours(self):
        self.assert_clean({"server/a.h": HEADER + "google::rpc::ErrorInfo info;\nclass grpc_impl;\nusing google::rpc::ErrorInfo;\n"})

    def test_file_names_that_say_nothing_are_found(self):
        self.assert_finds({"server/base/string_util.h": HEADER}, "server/base/string_util.h:1: name")

    def test_paths_of_one_machine_are_found(self):
        self.assert_finds({"deploy/a.md": "see /wo" "rk/x\nand /ho" "me/jo/x\nnot build/wo" "rk/x, $PWD/ro" "ot\n"},
                          "deploy/a.md:1: machine-path", "deploy/a.md:2: machine-path")

    def test_registry_addresses_are_found(self):
        self.assert_finds({"clients/a.json": '"https://registry.npm' 'js.org/x"\n'}, "clients/a.json:1: registry")


class LinksTest(TidyCase):
    def test_links_that_lead_nowhere_are_found(self):
        text = "# One Word: `x`\n[a](gone.md) [b](proto/README.md) [c](#one-word-x) [d](#gone) [e](https://x.test/)\n```\n[f](gone)\n```\n`[g](gone)`\n"
        found = check({"README.md": text, "proto/README.md": "# A\n[up](../README.md#one-word-x)\n[folder](../proto/)\n"})
        self.assertEqual([line.split(": link: ")[1] for line in found],
                         ["README.md has no heading for #gone", "gone.md leads nowhere"])


class CommandsTest(TidyCase):
    SETUP = "readonly SERVE_PACKAGES=(\n  git python3)\n"

    def test_a_command_that_nobody_installs_is_found(self):
        self.assert_finds({"deploy/setup.sh": self.SETUP, "tests/a.sh": "git status | jq .\necho jq  # jq .\nx=$(curl x)\n"},
                          "tests/a.sh:1: command: set-up installs no jq", "tests/a.sh:3: command: set-up installs no curl")

    def test_installed_commands_and_words_that_look_like_them_are_fine(self):
        self.assert_clean({"deploy/setup.sh": self.SETUP, "tests/a.sh": "if git status; then python3 x; fi\nsay curl is nice\n"})


class TreeTest(TidyCase):
    def test_what_was_built_is_not_part_of_the_tree(self):
        self.assert_clean({"build/x.txt": "", "build-asan/y.cc": "", "clients/__pycache__/z.py": ""})


if __name__ == "__main__":
    unittest.main()
