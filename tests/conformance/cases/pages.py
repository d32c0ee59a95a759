"""Walks over pages give each row once, whatever the size of a page."""

import json

import neutral
from registry import case, equal, holds

SMALL = {"no_key": "rowid", "code": "rowid", "swapped": "rowid", "anything": "rowid", "two": "auth, code", "nocase": "k",
         "backwards": "a, b", "strict_one": "id", "computed": "id", "no_rows": "id"}


def walked(s, database, name, order, sizes):
    expected = s.plain(database, f"SELECT * FROM \"{name}\" ORDER BY {order}")
    for size in sizes:
        answer = s.walk(database, name, size)
        equal(answer.rows, expected, f"{name}, pages of {size}")


@case()
def small_tables_are_walked_by_pages_of_every_size(s):
    for name, order in SMALL.items():
        walked(s, "keys", name, order, (1, 2, 1000))


@case()
def every_storage_class_is_walked_one_by_one(s):
    walked(s, "values", "stored", "id", (1, 2, 1000))


@case()
def a_view_with_ties_is_walked_row_by_row(s):
    expected = s.plain("keys", "SELECT * FROM ties")
    for size in (1, 2, 3, 1000):
        answer = s.walk("keys", "ties", size)
        equal(sorted(map(repr, answer.rows)), sorted(map(repr, expected)), f"pages of {size}")


@case()
def a_longer_table_is_walked_by_pages_of_a_thousand(s):
    walked(s, "values", "series", "n", (1000, 999))


@case()
def tables_of_the_sample_are_walked(s):
    for name, order in (("unit_of_measure", "auth_name, code"), ("ellipsoid", "auth_name, code"), ("metadata", "key")):
        walked(s, "proj", name, order, (7, 1000))


@case()
def the_ordinary_page_has_a_hundred_rows_and_the_longest_a_thousand(s):
    equal([len(s.page("values", "series", size).rows) for size in (0, 1, 1000, 5000)], [100, 1, 1000, 1000])


@case()
def browsing_gives_the_same_rows(s):
    found, token = [], ""
    while True:
        kind, content = s.body("RowService/BrowseRows", database="values", table="series", pageSize=1000, pageToken=token)
        equal(kind, "application/json")
        answer = json.loads(content)
        found += [(row["n"], row["square"], row["name"]) for row in answer["rows"]]
        token = answer.get("nextPageToken", "")
        if not token:
            break
    equal(found, [(n, n * n, f"row {n}") for n in range(1, 4501)])


@case()
def browsing_speaks_csv_and_ndjson(s):
    kind, content = s.body("RowService/BrowseRows", database="values", table="series", pageSize=2, format="csv")
    equal((kind, content), ("text/csv; charset=utf-8", b"n,square,name\r\n1,1,row 1\r\n2,4,row 2\r\n"))
    kind, content = s.body("RowService/BrowseRows", database="values", table="series", pageSize=2, format="ndjson")
    equal((kind, content), ("application/x-ndjson", b'{"n":1,"square":1,"name":"row 1"}\n{"n":2,"square":4,"name":"row 2"}\n'))


@case()
def a_token_serves_its_own_table_only(s):
    token = s.page("keys", "code", 1).next_page_token
    for name in ("swapped", "two", "ties"):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.page, "keys", name, 1, token)
        equal(failure.fields, ["page_token"])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.page, "values", "stored", 1, token)


@case()
def a_changed_token_is_refused(s):
    token = s.page("keys", "code", 1).next_page_token
    middle = len(token) // 2
    for bad in (token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:], token[:-2], token + "AA", "x", "!!",
                token.lower() + "Zz"):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.page, "keys", "code", 1, bad)
        equal(failure.fields, ["page_token"])
    equal(len(s.page("keys", "code", 1, token).rows), 1)


@case()
def tokens_of_lists_are_checked_too(s):
    for method, request in (("CatalogService/ListDatabases", {}), ("CatalogService/ListTables", {"database": "keys"})):
        answer, = s.rpc(method, pageSize=1, **request)
        holds(answer["nextPageToken"], "there is more")
        for bad in ("x", answer["nextPageToken"] + "AA"):
            s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, method, pageToken=bad, **request)
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, method, pageSize=-1, **request)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.page, "keys", "code", -1)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.body, "RowService/BrowseRows", database="keys", table="code", pageSize=-1)
    equal(len(neutral.table(s.rpc("RowService/ListRows", database="keys", table="code")).rows), 10)
