"""What databases and tables there are."""

from fixtures import MADE
from registry import case, equal, holds

DATABASES = sorted([*MADE, "garbage", "proj"])


def walk(s, method, field, **request):
    """Names of all items, one a page."""
    names, token = [], ""
    while True:
        answer, = s.rpc(method, pageSize=1, pageToken=token, **request)
        holds(len(answer.get(field, [])) <= 1, "one an answer")
        names += [item["name"] for item in answer.get(field, [])]
        token = answer.get("nextPageToken", "")
        if not token:
            return names


@case()
def databases_are_listed_by_name(s):
    answer, = s.call("CatalogService/ListDatabases")
    equal([item["name"] for item in answer["databases"]], DATABASES)


@case()
def databases_are_listed_one_a_page(s):
    equal(walk(s, "CatalogService/ListDatabases", "databases"), DATABASES)


@case()
def tables_are_listed_one_a_page(s):
    expected = [row[0][1] for row in s.plain("proj", "SELECT name FROM sqlite_master WHERE type IN ('table','view') "
                                             "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")]
    equal(walk(s, "CatalogService/ListTables", "tables", database="proj"), expected)
    answer, = s.call("CatalogService/ListTables", database="proj")
    equal([item["name"] for item in answer["tables"]], expected)


@case()
def a_database_says_what_it_is(s):
    answer, = s.call("CatalogService/GetDatabase", database="proj")
    found = answer["database"]
    equal((found["name"], found["state"], found["encoding"]), ("proj", "STATE_SERVING", "UTF-8"))
    kinds = [row[0][1] for row in s.plain("proj", "SELECT type FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")]
    equal((found["tableCount"], found["viewCount"]), (kinds.count("table"), kinds.count("view")))
    equal(int(found["sizeBytes"]) % found["pageSizeBytes"], 0)
    answer, = s.call("CatalogService/GetDatabase", database="utf16")
    equal(answer["database"]["encoding"], "UTF-16le")


@case()
def an_empty_database_has_no_tables(s):
    answer, = s.call("CatalogService/ListTables", database="empty")
    equal(answer.get("tables", []), [])
    answer, = s.call("CatalogService/GetDatabase", database="empty")
    equal(answer["database"]["userVersion"], 7)
    equal(s.query("empty", "SELECT 1").rows, [(("integer", 1),)])


def described(s, database, name):
    answer, = s.call("CatalogService/GetTable", database=database, table=name)
    return answer["table"]


@case()
def tables_say_what_kind_they_are(s):
    two = described(s, "keys", "two")
    equal((two["kind"], two.get("withoutRowid"), two["primaryKey"]), ("KIND_TABLE", True, ["auth", "code"]))
    equal(described(s, "keys", "swapped")["primaryKey"], ["a", "b"])
    equal(described(s, "keys", "strict_one").get("strict"), True)
    equal(described(s, "keys", "over_computed")["kind"], "KIND_VIEW")
    index = described(s, "keys", "text_index")
    equal((index["kind"], index["module"]), ("KIND_VIRTUAL", "fts5"))
    equal(described(s, "keys", "no_key").get("primaryKey", []), [])


@case()
def generated_columns_are_marked(s):
    columns = {column["name"]: column["generated"] for column in described(s, "keys", "computed")["columns"]}
    equal(columns, {"id": "GENERATED_NO", "a": "GENERATED_NO", "twice": "GENERATED_VIRTUAL", "square": "GENERATED_STORED",
                    "z": "GENERATED_NO"})


@case()
def shadow_tables_are_shown_when_asked(s):
    answer, = s.rpc("CatalogService/ListTables", database="keys")
    plain = {item["name"] for item in answer["tables"]}
    answer, = s.rpc("CatalogService/ListTables", database="keys", showHidden=True)
    shown = {item["name"]: item for item in answer["tables"]}
    holds(plain < set(shown), "there are hidden ones")
    equal(shown["text_index_content"]["kind"], "KIND_SHADOW")
    equal([name for name in plain if name.startswith("text_index_")], [])


@case()
def rows_are_counted(s):
    equal(described(s, "values", "series")["rowCount"], {"kind": "KIND_EXACT", "value": "4500"})
    count = described(s, "keys", "no_rows")["rowCount"]
    equal((count["kind"], int(count.get("value", 0))), ("KIND_EXACT", 0))


@case()
def legacy_text_literals_work_where_views_and_triggers_hold_them(s):
    answer, = s.call("CatalogService/GetDatabase", database="legacy")
    equal(answer["database"].get("legacyStringLiterals"), True)
    equal(s.rows("legacy", "old_style").rows[0], (("integer", 1), ("text", "literal text")))
    s.insert("legacy", "t", ["v"], [["two"]])
    equal(s.query("legacy", "SELECT what FROM log LIMIT 1").rows, [(("text", "inserted"),)])


@case()
def an_unknown_virtual_table_does_not_spoil_the_others(s):
    equal(s.rows("ghost", "good").rows, [(("integer", 1), ("text", "fine"))])
    equal(s.row("ghost", "good", "1"), (("integer", 1), ("text", "fine")))
    answer, = s.call("CatalogService/ListTables", database="ghost")
    ghost, = [item for item in answer["tables"] if item["name"] == "ghost"]
    holds(ghost.get("unavailableReason"), "the table says why it cannot be read")
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", s.call, "RowService/ListRows", database="ghost", table="ghost")
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, "QueryService/StreamQuery", database="ghost", sql="SELECT * FROM ghost")


@case()
def a_file_that_is_no_database_is_refused_by_name(s):
    answer, = s.call("CatalogService/GetDatabase", database="garbage")
    equal(answer["database"]["state"], "STATE_REFUSED")
    holds(answer["database"]["stateReason"] and "/" not in answer["database"]["stateReason"], "it says why, without a path")
    s.fails("UNAVAILABLE", "NOT_SERVED", s.call, "CatalogService/ListTables", database="garbage")
    s.fails("UNAVAILABLE", "NOT_SERVED", s.call, "QueryService/StreamQuery", database="garbage", sql="SELECT 1")
