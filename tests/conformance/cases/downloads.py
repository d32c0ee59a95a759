"""Whole databases, the same bytes through every door."""

import sqlite3

from registry import case, equal, holds


def downloaded(s, database):
    path = s.downloads / f"{database}.db"
    path.unlink(missing_ok=True)
    return path, s.door.download(database, path)


@case()
def a_download_is_the_same_behind_every_door_and_whole(s):
    for database in ("proj", "values", "utf16", "empty"):
        path, digest = downloaded(s, database)
        equal(digest, s.reference_digest(database), f"the SHA-256 of {database}")
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        equal(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        tables = "SELECT name FROM sqlite_master ORDER BY 1"
        original = sqlite3.connect(f"file:{s.path(database)}?mode=ro", uri=True)
        equal(connection.execute(tables).fetchall(), original.execute(tables).fetchall())
        connection.close()
        original.close()
        holds(path.read_bytes()[18:20] == b"\x01\x01", "it opens where nothing can be written")


@case()
def a_download_of_nothing_is_not_found(s):
    method = "SnapshotService/ReadDatabaseFile"
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.body, method, database="absent")
    s.fails("UNAVAILABLE", "NOT_SERVED", s.body, method, database="garbage")
