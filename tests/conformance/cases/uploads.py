"""Files in the place of databases: sent in pieces, checked, put in place, put back."""

import base64
import hashlib
import sqlite3

from registry import case, equal, holds

PIECE = 3000


def made(s, *statements):
    """The bytes of a database that plain SQLite makes."""
    path = s.downloads / "made.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path.read_bytes()


def holding(s, value):
    return made(s, "CREATE TABLE t(a)", f"INSERT INTO t VALUES ({value})")


def begun(s, content, database, **more):
    digest = base64.b64encode(more.pop("digest", hashlib.sha256(content).digest())).decode()
    answer, = s.rpc("SnapshotService/CreateUpload", s.token, database=database, sizeBytes=str(len(content)), sha256=digest, **more)
    return answer["upload"]["upload"]


def piece(s, database, upload, offset, content, **more):
    answer, = s.rpc("SnapshotService/WriteUpload", s.token, database=database, upload=upload, offset=str(offset),
                    content={"contentType": "application/octet-stream", "data": base64.b64encode(content).decode()}, **more)
    return answer["upload"]


def sent(s, content, database, **more):
    upload = begun(s, content, database, **more)
    for offset in range(0, len(content), PIECE):
        piece(s, database, upload, offset, content[offset:offset + PIECE])
    return upload


def restored(s, database, upload, **options):
    answer, = s.rpc("SnapshotService/RestoreDatabase", s.token, database=database, upload=upload, options=options)
    return answer.get("result")


def fresh(s, content):
    """A new database of these bytes, for this case and this door alone."""
    fresh.number += 1
    name = f"restored{fresh.number}"
    restored(s, name, sent(s, content, name, createDatabase=True))
    return name


fresh.number = 0


@case()
def an_uploaded_file_is_a_new_database_at_once(s):
    name = fresh(s, holding(s, "'first'"))
    equal(s.query(name, "SELECT a FROM t").rows, [(("text", "first"),)])
    listed, = s.rpc("CatalogService/GetDatabase", database=name)
    equal(listed["database"]["name"], name)
    holds(listed["database"]["commitToken"], "it has the first token of its own epoch")


@case()
def a_restored_database_is_the_uploaded_one_and_can_be_put_back(s):
    name = fresh(s, holding(s, "'first'"))
    before, = s.rpc("CatalogService/GetDatabase", database=name)
    upload = sent(s, holding(s, "'second'"), name)
    result = restored(s, name, upload)
    equal(s.query(name, "SELECT a FROM t").rows, [(("text", "second"),)])
    after, = s.rpc("CatalogService/GetDatabase", database=name)
    equal(after["database"]["commitToken"], result["commitToken"])
    holds(after["database"]["commitToken"] != before["database"]["commitToken"], "a new epoch has begun")
    equal(restored(s, name, upload), result, "the same call again")
    kept, = s.rpc("SnapshotService/GetSnapshot", database=name, snapshot=result["replacedSnapshot"])
    holds(not kept["snapshot"].get("expireTime"), "what was replaced stays until it is deleted")
    s.insert(name, "t", ["a"], [("third",)])
    back, = s.rpc("SnapshotService/RestoreSnapshot", s.token, database=name, snapshot=result["replacedSnapshot"])
    equal(s.query(name, "SELECT a FROM t").rows, [(("text", "first"),)])
    holds(back["result"]["replacedSnapshot"] not in ("", result["replacedSnapshot"]), "that was kept too")


@case()
def a_clients_own_restore_sends_the_file_and_puts_it_in_place(s):
    path = s.downloads / "backup.db"
    path.write_bytes(holding(s, "zeroblob(3000000)"))
    fresh.number += 1
    name = f"restored{fresh.number}"
    s.door.restore(name, path, s.token, create=True)
    path.write_bytes(holding(s, "'other'"))
    result = s.door.restore(name, path, s.token)
    equal(s.query(name, "SELECT a FROM t").rows, [(("text", "other"),)])
    answer, = s.rpc("SnapshotService/ListSnapshots", database=name)
    equal([snapshot["snapshot"] for snapshot in answer["snapshots"]], [result["replacedSnapshot"]])
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.door.restore, "absent", path, s.token)
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.door.restore, name, path, "")


@case()
def an_upload_tells_how_far_it_is_and_goes_on_there(s):
    content = holding(s, "zeroblob(10000)")
    upload = begun(s, content, "values", ttl="600s")
    state = piece(s, "values", upload, 0, content[:PIECE])
    equal((state["state"], state["receivedBytes"]), ("STATE_RECEIVING", str(PIECE)))
    found, = s.rpc("SnapshotService/GetUpload", s.token, database="values", upload=upload)
    equal(found["upload"], state)
    wrong = s.fails("ABORTED", "UPLOAD_OFFSET", piece, s, "values", upload, PIECE + 1, b"x")
    equal(wrong.metadata["offset"], str(PIECE))
    equal(piece(s, "values", upload, 0, content[:PIECE])["receivedBytes"], str(PIECE), "the same piece again")
    s.fails("ABORTED", "UPLOAD_OFFSET", piece, s, "values", upload, 0, b"other")
    s.fails("DATA_LOSS", "CORRUPT", piece, s, "values", upload, PIECE, b"x", crc32c=1)
    short = s.fails("FAILED_PRECONDITION", "UPLOAD_INCOMPLETE", restored, s, "values", upload)
    equal(short.metadata["offset"], str(PIECE))
    listing, = s.rpc("SnapshotService/ListUploads", s.token, database="values")
    holds(upload in [each["upload"] for each in listing["uploads"]], "it is listed")
    s.rpc("SnapshotService/DeleteUpload", s.token, database="values", upload=upload)
    s.fails("NOT_FOUND", "NO_SUCH_UPLOAD", s.rpc, "SnapshotService/GetUpload", s.token, database="values", upload=upload)


@case()
def a_restore_that_only_checks_changes_nothing(s):
    name = fresh(s, holding(s, 1))
    upload = sent(s, holding(s, 2), name)
    equal(restored(s, name, upload, validateOnly=True), None)
    equal(s.query(name, "SELECT a FROM t").rows, [(("integer", 1),)])
    restored(s, name, upload, discardReplaced=True)
    equal(s.query(name, "SELECT a FROM t").rows, [(("integer", 2),)])


@case()
def hostile_files_are_refused_and_change_nothing(s):
    name = fresh(s, holding(s, 1))
    sound = holding(s, "zeroblob(20000)")
    page_count = bytearray(sound)
    page_count[31] += 1
    damaged = bytearray(sound)
    damaged[4096:4200] = b"x" * 104
    wal = bytearray(sound)
    wal[18:20] = b"\2\2"
    orphan = made(s, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p)", "INSERT INTO c VALUES (7)")
    for what, content, code, reason in (
            ("no database", b"x" * 8192, "DATA_LOSS", "CORRUPT"),
            ("cut short", sound[:-4096], "DATA_LOSS", "CORRUPT"),
            ("another page count", bytes(page_count), "DATA_LOSS", "CORRUPT"),
            ("a damaged page", bytes(damaged), "DATA_LOSS", "CORRUPT"),
            ("a row that refers to nothing", orphan, "FAILED_PRECONDITION", "FOREIGN_KEY"),
            ("a view of the pages", made(s, "CREATE VIEW v AS SELECT data FROM sqlite_dbpage"), "FAILED_PRECONDITION", "UNSAFE_SCHEMA"),
            ("a trigger that looks into statistics", made(
                s, "CREATE TABLE t(a)", "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT * FROM dbstat; END"),
             "FAILED_PRECONDITION", "UNSAFE_SCHEMA"),
            ("a table of the server", made(s, "CREATE TABLE _sluice_commit(a)"), "FAILED_PRECONDITION", "UNSAFE_SCHEMA")):
        upload = sent(s, content, name)
        try:
            s.fails(code, reason, restored, s, name, upload)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from error
        s.rpc("SnapshotService/DeleteUpload", s.token, database=name, upload=upload)
    upload = sent(s, sound, name, digest=b"0" * 32)
    s.fails("DATA_LOSS", "CORRUPT", restored, s, name, upload)
    equal(s.query(name, "SELECT a FROM t").rows, [(("integer", 1),)])
    restored(s, name, sent(s, bytes(wal), name))
    equal(s.query(name, "SELECT length(a) FROM t").rows, [(("integer", 20000),)])


@case()
def uploads_have_clear_errors(s):
    create = "SnapshotService/CreateUpload"
    good = {"sizeBytes": "4096", "sha256": base64.b64encode(b"0" * 32).decode()}
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, create, database="values", **good)
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, create, s.token, database="absent", **good)
    s.fails("ALREADY_EXISTS", "DATABASE_EXISTS", s.rpc, create, s.token, database="values", createDatabase=True, **good)
    for field, bad in (("sizeBytes", "0"), ("sizeBytes", "4000"), ("sizeBytes", "-512"), ("sha256", ""), ("ttl", "0s"), ("ttl", "604801s")):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, create, s.token, database="values", **good | {field: bad})
        equal(failure.fields, [{"sizeBytes": "size_bytes"}.get(field, field)])
    for name in (".hidden", "x" * 201, "a\tb"):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, create, s.token, database=name, createDatabase=True, **good)
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.rpc, create, s.token, database="values", **good | {"sizeBytes": str(1 << 40)})
    s.fails("NOT_FOUND", "NO_SUCH_UPLOAD", restored, s, "values", "none")
    s.fails("NOT_FOUND", "NO_SUCH_UPLOAD", piece, s, "values", "none", 0, b"x")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", piece, s, "values", "none", -1, b"x")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", piece, s, "values", "none", 0, b"")
    s.fails("NOT_FOUND", "NO_SUCH_SNAPSHOT", s.rpc, "SnapshotService/RestoreSnapshot", s.token, database="values", snapshot="none")
    s.still_answers()


@case()
def a_piece_may_have_four_mebibytes(s):
    content = holding(s, "randomblob(5000000)")
    upload = begun(s, content, "values")
    equal(piece(s, "values", upload, 0, content[:4 << 20])["receivedBytes"], str(4 << 20))
    s.rpc("SnapshotService/DeleteUpload", s.token, database="values", upload=upload)
