"""Who may know whom: the #include edges between the rooms, and which room may include what from outside.

The rooms and their arrows are those of the architecture: base <- sqlite <- engine <- wire <- rpc <- app;
base <- auth <- engine (its grants only), rpc; base <- replication <- rpc, app; the gateway knows base alone; clients know
no server; nobody but tests knows tests.
"""

import re
from pathlib import PurePosixPath

from cpp import includes
from tree import Finding, is_test

# What the sources of a room may include, itself left out. `app` are the files directly in server/.
MAY_KNOW = {
    "base": set(),
    "sqlite": {"base"},
    "auth": {"base"},
    "engine": {"base", "sqlite", "auth"},
    "replication": {"base"},
    "wire": {"base", "sqlite", "engine"},
    "rpc": {"base", "auth", "engine", "replication", "wire"},
    "app": {"base", "sqlite", "auth", "engine", "replication", "wire", "rpc", "gateway"},
    "gateway": {"base"},
    "clients/cpp": set(),
}
# A unit test may also stand on what its room stands on.
TEST_MAY_KNOW = {"rpc": {"sqlite"}, "wire": {"auth"}}
# The one header of auth that engine may see.
ENGINE_SEES_OF_AUTH = re.compile(r"^server/auth/grants?\.h$")

PROTO_ROOMS = {"wire", "rpc", "app", "gateway", "clients/cpp", "tests"}
GRPC_ROOMS = {"rpc", "app", "gateway", "clients/cpp", "tests"}
SQLITE_ROOMS = {"sqlite", "tests"}

_GENERATED = re.compile(r"^(sluice|google/(api|rpc)|grpc/(health|reflection))/.*\.pb\.h$")
_GRPC = re.compile(r"^(grpcpp|grpc\+\+|grpc)/|\.grpc\.pb\.h$")
_SQLITE = re.compile(r"^sqlite3(ext)?\.h$")


def room_of(path):
    """The room of a source or of an include's name; None for what is nobody's room."""
    parts = PurePosixPath(path).parts
    if parts[0] == "server":
        return parts[1] if len(parts) > 2 else "app"
    if parts[:2] == ("clients", "cpp"):
        return "clients/cpp"
    return parts[0] if len(parts) > 1 and parts[0] in ("gateway", "tests") else None


def check(tree):
    for path in tree.cpp():
        room = room_of(path)
        if room is None:
            continue
        if room not in MAY_KNOW and room != "tests":
            yield Finding(path, 1, "arrows", f"server/{room}/ is not a room of the architecture")
            continue
        for line, quote, name in includes(tree, path):
            yield from _edge(tree, path, room, line, quote, name)
    yield from _gateway_names_no_rpc(tree)


def _edge(tree, path, room, line, quote, name):
    if _SQLITE.match(name) and room not in SQLITE_ROOMS:
        yield Finding(path, line, "sqlite3.h", f"only server/sqlite includes {name}; use its classes")
    elif _GRPC.search(name) and room not in GRPC_ROOMS:
        yield Finding(path, line, "grpc", f"{room} must not know gRPC ({name}); that is rpc's business")
    elif _GENERATED.match(name) and room not in PROTO_ROOMS:
        yield Finding(path, line, "proto", f"{room} must not know the protos ({name}); wire translates them")
    elif quote == '"':
        yield from _edge_between_rooms(tree, path, room, line, name)


def _edge_between_rooms(tree, path, room, line, name):
    if name not in tree and str(PurePosixPath(path).parent / name) in tree:
        yield Finding(path, line, "include-path", f'write the path from the root: "{PurePosixPath(path).parent / name}"')
        return
    if name.startswith((".", "/")):
        yield Finding(path, line, "include-path", f"write the path of {name} from the root")
        return
    if not name.startswith(("server/", "gateway/", "clients/", "tests/")) or room == "tests":
        return
    known = room_of(name)
    if known is None or known == room:
        return
    allowed = MAY_KNOW[room] | (TEST_MAY_KNOW.get(room, set()) if is_test(path) else set())
    if known not in allowed:
        yield Finding(path, line, "arrows", f"{room} must not know {known} ({name})")
    elif (room, known) == ("engine", "auth") and not is_test(path) and not ENGINE_SEES_OF_AUTH.match(name):
        yield Finding(path, line, "arrows", f"engine knows auth's grants only, not {name}")


def _gateway_names_no_rpc(tree):
    """The gateway serves whatever descriptors it is given; only its main may name ours."""
    services = {match for path in tree.named(".proto", under="proto/sluice/")
                for match in re.findall(r"^service (\w+)", tree.text(path), re.M)}
    if not services:
        return
    names = re.compile(r"\b(" + "|".join(sorted(services)) + r")\b|sluice[./:]+v1")
    for path in tree.cpp(under="gateway/"):
        if is_test(path) or path == "gateway/main.cc":
            continue
        # Names in literals and includes count too, those in comments do not.
        uncommented = re.sub(r"//[^\n]*", "", tree.text(path))
        for number, line in enumerate(uncommented.splitlines(), start=1):
            match = names.search(line)
            if match:
                yield Finding(path, number, "gateway", f"the gateway must not name {match.group()}; read it from the descriptors")
