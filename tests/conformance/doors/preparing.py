"""Makes what the doors need, under `conformance/` of the build folder: Go programs, generated code, a virtual environment.

Each step is skipped while nothing it depends on has changed. One process at a time makes things.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PLUGINS = {"protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go",
           "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
           "protoc-gen-grpc-gateway": "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway"}
GENERATED = "sluice.test/grpcgateway/gen;gen"
# The module files are committed whole, so that a run never changes the tree.
GO_ENVIRONMENT = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly", GOWORK="off")


def folder(build):
    path = Path(build).resolve() / "conformance"
    path.mkdir(parents=True, exist_ok=True)
    return path


def run(command, **options):
    """Runs a command; its output is shown only when it fails."""
    result = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}")


@contextlib.contextmanager
def exclusively(build):
    with open(folder(build) / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(*paths):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def python(build):
    """The Python of a virtual environment with what the Python client needs to run."""
    venv = folder(build) / "venv"
    lock = ROOT / "clients/python/requirements.lock"
    stamp, wanted = venv / ".locks", fingerprint(lock)
    with exclusively(build):
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            run([sys.executable, "-m", "venv", "--clear", venv])
            run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
                 "--only-binary", ":all:", "-r", lock])
            stamp.write_text(wanted, encoding="ascii")
    return venv / "bin/python"


def go_client(build):
    """The program over the Go client."""
    program = folder(build) / "go_door"
    with exclusively(build):
        run(["go", "build", "-o", program, "."], cwd=HERE / "go", env=GO_ENVIRONMENT)
    return program


def grpc_gateway(build):
    """The real grpc-gateway, generated from this tree's protos and built."""
    work = folder(build) / "grpcgateway"
    program = folder(build) / "grpc_gateway_door"
    with exclusively(build):
        protos = sorted((ROOT / "proto/sluice/v1").glob("*.proto"))
        sources = sorted(path for path in (HERE / "grpcgateway").iterdir() if path.suffix in (".go", ".mod", ".sum"))
        stamp, wanted = work / ".sources", fingerprint(*protos, *sources)
        if not program.exists() or not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            shutil.rmtree(work, ignore_errors=True)
            (work / "gen").mkdir(parents=True)
            for source in sources:
                shutil.copy(source, work)
            generate(work, build, protos)
            run(["go", "build", "-o", program, "."], cwd=work, env=GO_ENVIRONMENT)
            stamp.write_text(wanted, encoding="ascii")
    return program


def generate(work, build, protos):
    """Runs protoc with the plug-ins that go.mod names."""
    run(["go", "build", "-o", f"{work}/bin/", "-tags", "plugins", *PLUGINS.values()], cwd=work, env=GO_ENVIRONMENT)
    command = ["protoc", f"-I{ROOT / 'proto'}", f"-I{Path(build).resolve() / 'deps/protos'}"]
    for plugin in PLUGINS:
        name = plugin.removeprefix("protoc-gen-")
        command += [f"--plugin={plugin}={work / 'bin' / plugin}", f"--{name}_out={work}",
                    f"--{name}_opt=module=sluice.test/grpcgateway"]
        command += [f"--{name}_opt=M{path.relative_to(ROOT / 'proto')}={GENERATED}" for path in protos]
    run([*command, *protos])


ALL = (python, go_client, grpc_gateway)
