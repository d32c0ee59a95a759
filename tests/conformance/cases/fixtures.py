"""The databases that the cases speak of, made by Python's own SQLite."""

import shutil
import sqlite3
from pathlib import Path

from neutral import InvalidText

SAMPLE = Path("/usr/share/proj/proj.db")
INVALID = b"ab\xff\xfe\x00z"
BIG_BLOB = bytes(range(256)) * (5 * 4096)  # 5 MiB

# What every door must give back unchanged, by name.
VALUES = {
    "null": None, "zero": 0, "one": 1, "minus one": -1, "biggest": 2**63 - 1, "smallest": -2**63,
    "biggest in JSON": 2**53 - 1, "beyond JSON": 2**53 + 1, "beyond JSON below": -2**53 - 1, "32 bits": 2**31,
    "real zero": 0.0, "minus zero": -0.0, "tenth": 0.1, "third": 1 / 3, "whole real": 5.0, "smallest real": 5e-324,
    "biggest real": 1.7976931348623157e308, "big whole real": 1e22, "infinity": float("inf"), "minus infinity": float("-inf"),
    "pi": 3.141592653589793, "empty text": "", "text": "plain", "quotes": "'\"`[]\\", "line ends": "a\r\nb\nc\r", "tab": "\t",
    "nul": "a\0b", "only nul": "\0", "emoji": "🐘 ünï", "separators": "\u2028\u2029\x7f\ufeff", "looks like a number": "4326",
    "looks like infinity": "Infinity", "looks like markup": "<b>&amp;</b>", "formula": "=1+1", "comma": "a,b;c",
    "invalid text": InvalidText(INVALID), "lone byte": InvalidText(b"\x80"), "surrogate": InvalidText(b"\xed\xa0\x80"),
    "overlong": InvalidText(b"\xc0\x80"), "empty blob": b"", "blob": b"\x00\x01\xfe\xff", "blob of text": b"text",
}
TYPED = [(2**63 - 1, 1.5, "t", b"b", 7), (None, None, None, None, None), (-2**63, -0.0, "", b"", 0.5),
         ("not a number", "not a real", 5, "text in a blob column", "n"), (2.5, float("inf"), 2.5, 9, -0.0)]

ODD_TABLES = ["group", "select", "a b", "a/b", "100%", "%2F", "say \"x\"", "it's", "[br]", "`tick`", "🐘", "_hidden", "semi;colon",
              "a.b", "..", "q?x=1&y#z", "Tab\tle", "per%41cent", "dash-dash--", "ünïcode", "c:verb", "+plus+"]
ODD_COLUMNS = ["select", "group", "a b", "a/b", "100%", "\"q\"", "'", "[x]", "🐘", "", "_u", "rowid2", "a.b", "key"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def put(connection, sql, values):
    """Runs an INSERT whose parameters may be invalid text."""
    places, plain = [], []
    for item in values:
        invalid = isinstance(item, InvalidText)
        places.append("CAST(? AS TEXT)" if invalid else "?")
        plain.append(item.bytes if invalid else item)
    connection.execute(sql.replace("…", ",".join(places)), plain)


def values(db):
    db.execute("CREATE TABLE stored(id INTEGER PRIMARY KEY, what TEXT, v)")
    for i, (what, item) in enumerate(VALUES.items(), 1):
        put(db, "INSERT INTO stored VALUES(…)", (i, what, item))
    db.execute("CREATE TABLE typed(id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC)")
    db.executemany("INSERT INTO typed(i,r,t,b,n) VALUES(?,?,?,?,?)", TYPED)
    db.execute("CREATE TABLE big(id INTEGER PRIMARY KEY, data BLOB)")
    db.execute("INSERT INTO big VALUES(1,?)", (BIG_BLOB,))
    db.execute("CREATE TABLE series(n INTEGER PRIMARY KEY, square INTEGER, name TEXT)")
    db.execute("WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<4500) "
               "INSERT INTO series SELECT n, n*n, 'row ' || n FROM c")


def names(db):
    for i, name in enumerate(ODD_TABLES):
        db.execute(f"CREATE TABLE {quoted(name)}(id INTEGER PRIMARY KEY, {quoted('v ' + name)})")
        db.execute(f"INSERT INTO {quoted(name)} VALUES(?,?)", (i, name))
    db.execute(f"CREATE TABLE columns({','.join(map(quoted, ODD_COLUMNS))})")
    db.execute(f"INSERT INTO columns VALUES({','.join('?' * len(ODD_COLUMNS))})", list(range(len(ODD_COLUMNS))))


def keys(db):
    db.executescript("""
      CREATE TABLE no_key(v);
      INSERT INTO no_key(rowid, v) VALUES (5,'e'),(-3,'m'),(9223372036854775807,'max'),(1,'a');
      CREATE TABLE no_rows(id INTEGER PRIMARY KEY, v);
      CREATE TABLE code(id TEXT PRIMARY KEY, v);
      INSERT INTO code VALUES ('EPSG:4326',1),('',2),('4326',3),('-1',4),('a/b,c%~d e',5),('🐘',6),('.',7),('..',8),('~n',9),
        ('with' || char(0) || 'nul',10);
      CREATE TABLE two(auth TEXT, code, v, PRIMARY KEY(auth, code)) WITHOUT ROWID;
      INSERT INTO two VALUES ('EPSG','4326','text'),('EPSG',4326,'integer'),('EPSG',2.5,'real'),('a,b','c',1),('a','b,c',2),
        ('EPSG',x'DEADBEEF','blob'),('EPSG',x'','empty blob'),('',''  ,'empty');
      CREATE TABLE swapped(v, b, a, PRIMARY KEY(a, b));
      INSERT INTO swapped VALUES ('x',1,'one'),('y',2,'two'),('z',1,'two');
      CREATE TABLE anything(k PRIMARY KEY, v);
      INSERT INTO anything VALUES (1,'integer'),('1','text'),(2.5,'real'),(1e300,'big'),(x'31','blob'),(x'','empty'),
        (NULL,'null one'),(NULL,'null two'),('','empty text'),(-9223372036854775808,'least'),(9e999,'inf'),(-9e999,'-inf');
      CREATE TABLE nocase(k TEXT COLLATE NOCASE PRIMARY KEY, v) WITHOUT ROWID;
      INSERT INTO nocase VALUES ('b',1),('A',2),('C',3),('a b',4);
      CREATE TABLE backwards(a, b, PRIMARY KEY(a DESC, b)) WITHOUT ROWID;
      INSERT INTO backwards VALUES (1,1),(1,2),(2,1),(3,9),(2,0),('t',1);
      CREATE TABLE strict_one(id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, a ANY) STRICT;
      INSERT INTO strict_one VALUES (1,2,2.5,'t',x'00','any'),(2,NULL,NULL,NULL,NULL,7);
      CREATE TABLE computed(id INTEGER PRIMARY KEY, a INT, twice INT AS (a*2) VIRTUAL, square INT AS (a*a) STORED, z);
      INSERT INTO computed(id,a,z) VALUES (1,3,'p'),(2,5,'q');
      CREATE VIEW over_computed AS SELECT z, twice FROM computed;
      CREATE VIEW ties AS SELECT x FROM (SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT NULL UNION ALL SELECT NULL
        UNION ALL SELECT 'a' UNION ALL SELECT 'a' UNION ALL SELECT 1 UNION ALL SELECT 2.0 UNION ALL SELECT x'61');
      CREATE VIRTUAL TABLE text_index USING fts5(title, body);
      INSERT INTO text_index(rowid, title, body) VALUES (7,'sluice','gates and water'),(9,'river','more water');
    """)


def writes(db):
    db.executescript("""
      CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT NOT NULL, n INTEGER DEFAULT 7, twice INT AS (n*2), u UNIQUE,
        CHECK(n < 1000));
      INSERT INTO note(id,text,u) VALUES (1,'first','taken');
      CREATE TABLE parent(id INTEGER PRIMARY KEY);
      INSERT INTO parent VALUES (1);
      CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent(id));
      CREATE TABLE late_child(id INTEGER PRIMARY KEY, p REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE exact(id INTEGER PRIMARY KEY, i INT, t TEXT) STRICT;
      CREATE TABLE guarded(id INTEGER PRIMARY KEY, v);
      CREATE TRIGGER no_seven BEFORE INSERT ON guarded WHEN new.v = 7 BEGIN SELECT RAISE(ABORT, 'seven is not allowed'); END;
      CREATE TABLE pair(a TEXT, b INTEGER, v, PRIMARY KEY(a,b)) WITHOUT ROWID;
      CREATE TABLE anything(v);
      CREATE TABLE every(v);
      CREATE TABLE "order"("group" TEXT PRIMARY KEY, "select" INTEGER) WITHOUT ROWID;
      CREATE TABLE loaded(n INTEGER, v);
      CREATE VIEW notes AS SELECT text FROM note;
    """)


def library(db):
    db.executescript("""
      CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO author VALUES (1,'Ada'),(2,'Bo');
      CREATE TABLE book(id INTEGER PRIMARY KEY, title TEXT COLLATE NOCASE, pages INTEGER, author REFERENCES author, tags TEXT,
        made TEXT, any_, cover BLOB);
      INSERT INTO book VALUES
        (1,'The Sea',100,1,'["sea","calm","sea"]','2024-05-01T10:00',1,x'00ff'),
        (2,'a "quoted" one',300,2,'["zoo",5]','2024-05-02','1',NULL),
        (3,'sea storm at sea',50,1,'["sea"]','2024-05-01',1.5,NULL),
        (4,'100% wool',200,2,'not json','2024-05-02 23:59',x'31',NULL),
        (5,NULL,NULL,NULL,NULL,NULL,NULL,NULL),
        (6,'',60,NULL,'[]','2023-01-01','b',x'');
      CREATE INDEX book_author ON book(author);
      CREATE TABLE loan(book REFERENCES book, reader TEXT);
      INSERT INTO loan VALUES (1,'ann'),(2,'bob'),(1,'bob');
      CREATE TABLE shop(id INTEGER PRIMARY KEY, name TEXT, town TEXT);
      INSERT INTO shop VALUES (1,'Pages','Ulm'),(2,'Leaves',NULL);
      CREATE TABLE visit(id INTEGER PRIMARY KEY, shop REFERENCES shop, n INTEGER);
      INSERT INTO visit VALUES (1,1,5),(2,2,9),(3,1,7),(4,NULL,1),(5,2,5);
      CREATE TABLE price(book REFERENCES book, shop TEXT, amount REAL, PRIMARY KEY(shop, book)) WITHOUT ROWID;
      INSERT INTO price VALUES (1,'north',5),(2,'north',5),(1,'south',NULL),(3,'south',4.5);
      CREATE VIEW titles AS SELECT title, author FROM book;
      CREATE VIRTUAL TABLE book_words USING fts5(title, content='book', content_rowid='id');
      INSERT INTO book_words(book_words) VALUES ('rebuild');
      CREATE VIRTUAL TABLE author_words USING fts4(content="author", name);
      INSERT INTO author_words(author_words) VALUES ('rebuild');
    """)


def legacy(db):
    db.executescript("""
      CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);
      INSERT INTO t VALUES (1,'one');
      CREATE TABLE log(what TEXT);
      CREATE VIEW old_style AS SELECT id, "literal text" AS l FROM t;
      CREATE TRIGGER old_trigger AFTER INSERT ON t BEGIN INSERT INTO log VALUES ("inserted"); END;
    """)


def ghost(db):
    db.executescript("""
      CREATE TABLE good(id INTEGER PRIMARY KEY, v);
      INSERT INTO good VALUES (1,'fine');
      PRAGMA writable_schema=ON;
      INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)
        VALUES ('table','ghost','ghost',0,'CREATE VIRTUAL TABLE ghost USING no_such_module(x)');
    """)


def utf16(db):
    db.execute("PRAGMA encoding='UTF-16le'")
    db.executescript("CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t VALUES ('ü🐘',1),('a',2),('Z',3),('\uffee',4);")


def empty(db):
    db.execute("PRAGMA user_version=7")


def odd(db):
    db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")


MADE = {"values": values, "names": names, "keys": keys, "writes": writes, "library": library, "legacy": legacy, "ghost": ghost,
        "utf16": utf16, "empty": empty, "odd name ü": odd}


def make(folder):
    """Writes every database into a folder."""
    for name, fill in MADE.items():
        connection = sqlite3.connect(folder / f"{name}.db", isolation_level=None)
        if fill is not utf16:
            connection.execute("BEGIN")
        fill(connection)
        if connection.in_transaction:
            connection.execute("COMMIT")
        connection.close()
    (folder / "garbage.db").write_bytes(b"this is no database at all, only some text " * 200)
    shutil.copyfile(SAMPLE, folder / "proj.db")
    return sorted([*MADE, "garbage", "proj"])
