#!/usr/bin/env python3
"""What the ready-made tools say: one subcommand each, run by CTest. Exit status 0 when there is nothing to say.

  lint.py format            clang-format on all C++ written by hand
  lint.py clang-tidy        clang-tidy with the repository's .clang-tidy
  lint.py thread-safety     clang's thread-safety analysis
  lint.py buf               buf lint and buf format on the protos
  lint.py shell             shellcheck on all shell scripts
  lint.py grpc-gateway      the plug-ins of the real grpc-gateway take our protos without a warning

clang-tidy and thread-safety look at the sources that changed since the branch left main (on main: in the last commit)
and those that are not committed yet, for some minutes; at everything with SLUICE_LINT=all in the environment. Option:
--build FOLDER.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import compile_commands
from changes import changed_files
from tree import Tree

ROOT = Path(__file__).resolve().parents[2]
# How long each analysis may take of a test run that is not about it.
SECONDS = None if os.environ.get("SLUICE_LINT") == "all" else 180


def run(command, **options):
    """The command's output, standard error included, and whether it succeeded."""
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            stdin=subprocess.DEVNULL, text=True, errors="replace", check=False, **options)
    return result.stdout, result.returncode == 0


def report(output, succeeded):
    if not succeeded:
        print(output)
    return succeeded


def clang_format(tree, _):
    files = tree.cpp()
    print(f"{len(files)} files")
    return not files or report(*run(["clang-format-19", "--dry-run", "-Werror", *files]))


def sources_to_analyse(tree, build):
    """Entries of the compilation database: all, or those that the change reaches."""
    entries = compile_commands.load(build, ROOT)
    ours = {path: entry for path, entry in entries.items() if path in tree and not tree.generated(path)}
    if SECONDS is None:
        return ours
    changed = changed_files(ROOT)
    if changed is None:
        print("no commit to compare with; SLUICE_LINT=all analyses everything")
        return {}
    reached = compile_commands.reached(tree, changed, ours)
    return {path: ours[path] for path in sorted(reached)}


def clang_tidy(tree, build):
    chosen = sources_to_analyse(tree, build)
    print(f"{len(chosen)} sources")
    with tempfile.TemporaryDirectory(dir=build) as folder:
        compile_commands.store(chosen.values(), folder)
        return compile_commands.for_each(
            chosen, lambda path, _: run(["clang-tidy-19", "--quiet", "--warnings-as-errors=*", "-p", folder, path]), SECONDS)


def thread_safety(tree, build):
    chosen = sources_to_analyse(tree, build)
    print(f"{len(chosen)} sources")
    flags = ["-fsyntax-only", "-Wno-everything", "-Wthread-safety", "-Wthread-safety-beta", "-Werror"]
    return compile_commands.for_each(
        chosen, lambda path, entry: run(["clang++-19", *compile_commands.clang_flags(entry), *flags, path]), SECONDS)


def buf(_, build):
    program = str(build / "deps/buf/bin/buf")
    # buf's own cache stays in the build folder.
    environment = dict(os.environ, BUF_CACHE_DIR=str(build / "buf-cache"))
    lint = report(*run([program, "lint"], env=environment))
    layout = report(*run([program, "format", "proto", "--diff", "--exit-code"], env=environment))
    if not layout:
        print(f"write it as buf does: {program} format proto --write")
    return lint and layout


def shell(tree, _):
    scripts = [path for path in tree.files
               if path.endswith(".sh") or tree.text(path).startswith(("#!/usr/bin/env bash", "#!/bin/sh", "#!/bin/bash"))]
    print(f"{len(scripts)} scripts")
    return not scripts or report(*run(["shellcheck", "--external-sources", "--severity=info", *scripts]))


def grpc_gateway(tree, build):
    protos = tree.named(".proto", under="proto/sluice/")
    plugins = build / "go/bin"
    with tempfile.TemporaryDirectory(dir=build) as out:
        command = ["protoc", "-Iproto", f"-I{build / 'deps/protos'}"]
        for plugin, option in (("grpc-gateway", "generate_unbound_methods=false"), ("openapiv2", "json_names_for_fields=true")):
            command += [f"--plugin=protoc-gen-{plugin}={plugins / ('protoc-gen-' + plugin)}",
                        f"--{plugin}_out={out}", f"--{plugin}_opt={option}"]
        output, succeeded = run([*command, *protos])
    # A warning is a failure too: the plug-ins are silent when all is well.
    return report(output, succeeded and not output.strip())


CHECKS = {"format": clang_format, "clang-tidy": clang_tidy, "thread-safety": thread_safety, "buf": buf, "shell": shell,
          "grpc-gateway": grpc_gateway}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    return 0 if CHECKS[arguments.check](Tree(ROOT), arguments.build.resolve()) else 1


if __name__ == "__main__":
    sys.exit(main())
