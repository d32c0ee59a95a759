"""Kept snapshots: made, listed, read, removed."""

import base64
import hashlib

from registry import case, equal, holds


def created(s, database="values", **options):
    answer, = s.rpc("SnapshotService/CreateSnapshot", s.token, database=database, **options)
    return answer["snapshot"]


def names(s, database="values"):
    answer, = s.rpc("SnapshotService/ListSnapshots", database=database)
    return [snapshot["snapshot"] for snapshot in answer.get("snapshots", [])]


@case()
def a_kept_snapshot_is_made_found_read_and_removed(s):
    snapshot = created(s, ttl="600s")
    name = snapshot["snapshot"]
    equal((snapshot["database"], snapshot["state"]), ("values", "STATE_READY"))
    holds(name in names(s), "it is listed")
    answer, = s.rpc("SnapshotService/GetSnapshot", database="values", snapshot=name)
    equal(answer["snapshot"], snapshot)
    kind, content = s.body("SnapshotService/ReadSnapshotFile", database="values", snapshot=name)
    equal(kind, "application/vnd.sqlite3")
    if not getattr(s.door, "real_grpc_gateway", False):  # It puts line breaks between messages.
        equal(len(content), int(snapshot["sizeBytes"]))
        equal(hashlib.sha256(content).digest(), base64.b64decode(snapshot["sha256"]))
    s.rpc("SnapshotService/DeleteSnapshot", s.token, database="values", snapshot=name)
    holds(name not in names(s), "it is gone")


@case()
def one_state_is_kept_once(s):
    first, second = created(s, ttl="600s"), created(s, ttl="60s")
    equal(first["snapshot"], second["snapshot"])
    equal(first["expireTime"], second["expireTime"])
    s.rpc("SnapshotService/DeleteSnapshot", s.token, database="values", snapshot=first["snapshot"])


@case()
def some_tables_are_kept_compressed(s):
    snapshot = created(s, tables=["Typed", "stored"], compression="COMPRESSION_ZSTD", ttl="600s")
    equal((snapshot["tables"], snapshot["compression"], snapshot["compact"]), (["stored", "typed"], "COMPRESSION_ZSTD", True))
    kind, content = s.body("SnapshotService/ReadSnapshotFile", database="values", snapshot=snapshot["snapshot"])
    equal(kind, "application/zstd")
    if not getattr(s.door, "real_grpc_gateway", False):
        equal(len(content), int(snapshot["fileSizeBytes"]))
    restore = "SnapshotService/RestoreSnapshot"
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", s.rpc, restore, s.token, database="values", snapshot=snapshot["snapshot"])
    s.rpc("SnapshotService/DeleteSnapshot", s.token, database="values", snapshot=snapshot["snapshot"])


@case()
def kept_snapshots_have_clear_errors(s):
    create = "SnapshotService/CreateSnapshot"
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, create, database="values")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, create, s.token, database="values", ttl="0s")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, create, s.token, database="values", ttl="2592001s")
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, create, s.token, database="absent")
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", s.rpc, create, s.token, database="values", tables=["absent"])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, create, s.token, database="values", tables=["x" * 17000])
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, "SnapshotService/ListSnapshots", database="absent")
    for method in ("SnapshotService/GetSnapshot", "SnapshotService/DeleteSnapshot"):
        s.fails("NOT_FOUND", "NO_SUCH_SNAPSHOT", s.rpc, method, s.token, database="values", snapshot="none")
    s.fails("NOT_FOUND", "NO_SUCH_SNAPSHOT", s.body, "SnapshotService/ReadSnapshotFile", database="values", snapshot="none")
