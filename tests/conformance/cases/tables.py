"""Tables made, changed and dropped, and full-text indexes over them."""

import uuid

import neutral
from registry import HTTP, case, equal, holds
from session import typed_rows


def own(s, what):
    """The name of a table of this door's and this case's own."""
    return f"table_{what}_{s.door_name}".replace("-", "_")


def create(s, table, columns, **request):
    answer, = s.call("CatalogService/CreateTable", s.token, database="writes", table=table,
                     columns=[column if isinstance(column, dict) else {"name": column} for column in columns], **request)
    return answer


def alter(s, table, *changes, **request):
    answer, = s.call("CatalogService/AlterTable", s.token, database="writes", table=table, changes=list(changes), **request)
    return answer


def drop(s, table, **request):
    answer, = s.call("CatalogService/DropTable", s.token, database="writes", table=table, **request)
    return answer


def execute(s, sql):
    s.rpc("QueryService/Execute", s.token, database="writes", sql=sql)


def plain(s, sql):
    """Rows of plain values."""
    return [tuple(float(value) if kind == "real" else value for kind, value in row) for row in s.plain("writes", sql)]


def columns_of(s, table):
    return plain(s, f"SELECT name, type FROM pragma_table_xinfo('{table}')")


def exists(s, name):
    return plain(s, f"SELECT count(*) FROM sqlite_schema WHERE name = '{name}'") == [(1,)]


@case()
def a_table_is_made_as_it_is_described(s):
    parent, table = own(s, "parent"), own(s, "made")
    create(s, parent, [{"name": "id", "type": "INTEGER"}], primaryKey=["id"])
    answer = create(s, table, [
        {"name": "id", "type": "INTEGER"},
        {"name": "na\"me", "type": "VARCHAR(30)", "notNull": True, "defaultValue": {"text": "it's"}},
        {"name": "at", "type": "TEXT", "defaultExpression": "CURRENT_TIMESTAMP"},
        {"name": "size", "type": "REAL", "check": "size > 0", "collation": "NOCASE"},
        {"name": "twice", "generatedExpression": "size * 2", "generatedStored": True},
        {"name": "parent", "type": "INTEGER", "unique": True}],
        primaryKey=["id"], autoincrement=True, unique=[{"columns": ["at", "size"]}], checks=["length(at) > 1"],
        foreignKeys=[{"columns": ["parent"], "parentTable": parent, "onDelete": "REFERENCE_ACTION_CASCADE"}])
    equal((answer["created"], bool(answer["commitToken"]), len(answer["statements"])), (True, True, 1))
    equal(answer["sql"], plain(s, f"SELECT sql FROM sqlite_schema WHERE name = '{table}'")[0][0])
    described, = s.call("CatalogService/GetTable", database="writes", table=table)
    described = described["table"]
    equal([(column["name"], column.get("declaredType") or "", column.get("generated") or "") for column in described["columns"]],
          [("id", "INTEGER", "GENERATED_NO"), ("na\"me", "VARCHAR(30)", "GENERATED_NO"), ("at", "TEXT", "GENERATED_NO"),
           ("size", "REAL", "GENERATED_NO"), ("twice", "", "GENERATED_STORED"), ("parent", "INTEGER", "GENERATED_NO")])
    equal((described["primaryKey"], described["foreignKeys"][0]["onDelete"]), (["id"], "CASCADE"))
    execute(s, f"INSERT INTO {table}(size) VALUES (1.5)")
    equal(plain(s, f"SELECT id, \"na\"\"me\", twice FROM {table}"), [(1, "it's", 3.0)])


@case()
def a_table_is_made_from_rows(s):
    table = own(s, "rows")
    answer = create(s, table, ["name", {"name": "age", "type": "INT"}, "tag"], primaryKey=["name"], strict=True, withoutRowid=True,
                    rows=typed_rows([["Cleo", 5, b"x"], ["Pancakes", None, 7]]))
    equal((int(answer["insertedCount"]), answer["created"]), (2, True))
    equal(columns_of(s, table), [("name", "TEXT"), ("age", "INT"), ("tag", "ANY")])
    equal(plain(s, f"SELECT * FROM {table} ORDER BY age"), [("Pancakes", None, 7), ("Cleo", 5, b"x")])


@case()
def a_table_is_made_from_objects(s):
    table = own(s, "objects")
    objects = [{"name": "Cleo", "age": 5}, {"name": "Pancakes", "weight": 1.5, "age": 4.5, "blob": {"$base64": True, "encoded": "AP8="}}]
    answer, = s.rpc("CatalogService/CreateTable", s.token, database="writes", table=table, primaryKey=["id"], objects=objects)
    equal(int(answer["insertedCount"]), 2)
    equal(columns_of(s, table), [("id", "INTEGER"), ("age", "REAL"), ("blob", "BLOB"), ("name", "TEXT"), ("weight", "REAL")])
    equal(plain(s, f"SELECT id, name, age, weight, blob FROM {table}"),
          [(1, "Cleo", 5.0, None, None), (2, "Pancakes", 4.5, 1.5, b"\x00\xff")])
    fresh = own(s, "unkept")
    failure = s.fails("ALREADY_EXISTS", "UNIQUE", s.rpc, "CatalogService/CreateTable", s.token, database="writes", table=fresh,
                      primaryKey=["a"], objects=[{"a": 1}, {"a": 1}])
    equal(failure.metadata["row"], "1")
    holds(not exists(s, fresh), "nothing of it was kept")


@case()
def names_that_are_taken_are_told(s):
    table = own(s, "taken")
    create(s, table, ["a"])
    failure = s.fails("ALREADY_EXISTS", "NAME_TAKEN", create, s, table.upper(), ["b"])
    equal((failure.metadata["database"], failure.metadata["table"]), ("writes", table.upper()))
    equal(create(s, table, ["b"], ifNotExists=True).get("created") or False, False)
    execute(s, f"CREATE VIEW {table}_view AS SELECT 1 AS one")
    s.fails("ALREADY_EXISTS", "NAME_TAKEN", create, s, f"{table}_view", ["a"], ifNotExists=True)


@case()
def hostile_names_are_names(s):
    for name in ("select", "a b", "say \"x\"", "it's", "semi;colon", "🐘", "--", "[br]", "100%", "`"):
        table = own(s, "odd") + name
        create(s, table, [name, {"name": name + "2"}], primaryKey=[name])
        alter(s, table, {"renameColumn": {"column": name + "2", "newName": name + "3"}},
              {"alterColumn": {"column": name + "3", "type": "TEXT", "notNull": True}})
        described, = s.call("CatalogService/GetTable", database="writes", table=table)
        equal([column["name"] for column in described["table"]["columns"]], [name, name + "3"])
        equal(drop(s, table)["dropped"], True)


@case()
def what_is_wrong_with_a_definition_is_told_by_field(s):
    def wrong(field, columns, table="wrong", code="INVALID_ARGUMENT", reason="BAD_REQUEST", **request):
        failure = s.fails(code, reason, create, s, table, columns, **request)
        if field is not None:
            equal(failure.fields, [field], f"the field of {str(columns)[:100]} {request}")

    for name in ("a\0b", "sqlite_x", "_sluice_x", "_Litestream_x", "x" * 2000):
        wrong("table", ["a"], table=name)
    wrong("columns", [])
    wrong("columns", [f"c{i}" for i in range(100_000)])
    wrong("columns[1].name", ["a", "A"])
    wrong("columns[0].name", ["a\0"])
    wrong("columns[0].name", [""])
    wrong("columns[0].type", [{"name": "a", "type": "VARCHAR"}], strict=True)
    wrong("columns[0].type", [{"name": "a", "type": "INT PRIMARY KEY"}])
    wrong("columns[0].type", [{"name": "a", "type": "INT); DROP TABLE anything; --"}])
    wrong("columns[0].collation", [{"name": "a", "collation": "UNICODE"}])
    wrong("columns[0].default_expression", [{"name": "a", "defaultExpression": "1); DROP TABLE anything; --"}])
    wrong("columns[0].default_expression", [{"name": "a", "defaultExpression": "(SELECT 1)"}], reason="SQL_ERROR")
    wrong("columns[0].default_expression", [{"name": "a", "defaultExpression": "load_extension('x')"}], reason="SQL_ERROR")
    wrong("columns[0].default_value", [{"name": "a", "defaultValue": {"text": "a\0b"}}])
    wrong("columns[0].check", [{"name": "a", "check": "a IN (SELECT 1)"}], reason="SQL_ERROR")
    wrong("primary_key", ["a"], primaryKey=["a", "b"])
    wrong("autoincrement", ["a"], primaryKey=["a"], autoincrement=True)
    wrong("without_rowid", ["a"], withoutRowid=True)
    wrong("foreign_keys[0].parent_table", ["a"], foreignKeys=[{"columns": ["a"], "parentTable": "nowhere"}])
    wrong("foreign_keys[0].columns", ["a"], foreignKeys=[{"columns": ["b"], "parentTable": "anything"}])
    wrong(None, [{"name": "a", "generatedExpression": "random()"}, "b"], reason="SQL_ERROR")
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, "CatalogService/CreateTable", s.token, database="nowhere", table="a",
            columns=[{"name": "a"}])
    holds(not exists(s, "wrong"), "nothing was made")
    s.still_answers()


@case()
def a_table_is_changed_as_a_whole(s):
    parent, table, child = own(s, "up"), own(s, "changed"), own(s, "down")
    create(s, parent, [{"name": "id", "type": "INTEGER"}], primaryKey=["id"])
    create(s, table, [{"name": "id", "type": "INTEGER"}, "a", "b", "c"], primaryKey=["id"], autoincrement=True)
    create(s, child, ["x"], foreignKeys=[{"columns": ["x"], "parentTable": table, "onDelete": "REFERENCE_ACTION_CASCADE"}])
    execute(s, f"INSERT INTO {parent} VALUES (1)")
    execute(s, f"INSERT INTO {table} VALUES (3, '1', 'x', 1), (9, '2', 'y', NULL)")
    execute(s, f"INSERT INTO {child} VALUES (3), (9)")
    execute(s, f"CREATE INDEX {table}_b ON {table}(b)")
    execute(s, f"CREATE TRIGGER {table}_t AFTER INSERT ON {table} BEGIN UPDATE {table} SET b = 'set' WHERE id = new.id; END")
    changes = [{"addColumn": {"column": {"name": "d", "type": "TEXT", "defaultExpression": "'made ' || 'so'"}}},
               {"renameColumn": {"column": "b", "newName": "group"}},
               {"alterColumn": {"column": "a", "type": "INTEGER", "notNull": True, "defaultValue": {"integer": "7"}}},
               {"addForeignKey": {"columns": ["c"], "parentTable": parent}},
               {"reorderColumns": {"columns": ["group"]}}]
    shown = alter(s, table, *changes, validateOnly=True)
    holds(any(sql.startswith("CREATE TABLE") for sql in shown["statements"]), "the statements are shown")
    equal((shown.get("commitToken") or "", columns_of(s, table)[1]), ("", ("a", "")))
    answer = alter(s, table, *changes)
    equal((answer["table"], answer["statements"]), (table, shown["statements"]))
    equal(columns_of(s, table), [("group", ""), ("id", "INTEGER"), ("a", "INTEGER"), ("c", ""), ("d", "TEXT")])
    equal(plain(s, f"SELECT * FROM {table}"), [("x", 3, 1, 1, "made so"), ("y", 9, 2, None, "made so")])
    equal(plain(s, f"SELECT count(*) FROM {child}"), [(2,)])
    execute(s, f"INSERT INTO {table}(c) VALUES (1)")
    equal(plain(s, f"SELECT \"group\", id, a FROM {table} WHERE id > 9"), [("set", 10, 7)])
    s.fails("FAILED_PRECONDITION", "FOREIGN_KEY", execute, s, f"INSERT INTO {table}(c) VALUES (77)")
    alter(s, table, {"dropForeignKey": {"columns": ["c"]}}, {"dropColumn": {"column": "d"}},
          {"setPrimaryKey": {"columns": ["id"]}}, {"renameTable": {"newName": f"{table}_now"}})
    equal(plain(s, f"SELECT count(*) FROM {child} JOIN {table}_now ON x = id"), [(2,)])
    execute(s, f"DELETE FROM {table}_now WHERE id = 3")
    equal(plain(s, f"SELECT x FROM {child}"), [(9,)])


@case()
def a_change_that_fails_leaves_everything_as_it_was(s):
    table, child = own(s, "kept"), own(s, "of_kept")
    create(s, table, [{"name": "id", "type": "INTEGER"}, "a", "b"], primaryKey=["id"])
    create(s, child, ["x"], foreignKeys=[{"columns": ["x"], "parentTable": table, "onDelete": "REFERENCE_ACTION_CASCADE"}])
    execute(s, f"INSERT INTO {table} VALUES (1, NULL, 'x'), (2, 'y', 'x')")
    execute(s, f"INSERT INTO {child} VALUES (1), (2)")
    execute(s, f"CREATE VIEW {table}_view AS SELECT a FROM {table}")
    before = plain(s, "SELECT type, name, sql FROM sqlite_schema ORDER BY name")
    rename = {"renameColumn": {"column": "b", "newName": "renamed"}}

    def fails(code, reason, *changes):
        return s.fails(code, reason, alter, s, table, rename, *changes)

    failure = fails("FAILED_PRECONDITION", "NOT_NULL", {"alterColumn": {"column": "a", "notNull": True}})
    equal((failure.metadata["columns"], "_sluice" in failure.message.replace(table, "")), (f"{table}.a", False))
    fails("ALREADY_EXISTS", "UNIQUE", {"setPrimaryKey": {"columns": ["renamed"]}})
    fails("FAILED_PRECONDITION", "FOREIGN_KEY", {"setPrimaryKey": {"columns": ["a"]}})
    failure = fails("FAILED_PRECONDITION", "IN_USE", {"dropColumn": {"column": "a"}})
    equal((failure.metadata["needed_by"], failure.metadata["change"]), (f"view {table}_view", "1"))
    fails("FAILED_PRECONDITION", "IN_USE", {"dropColumn": {"column": "id"}})
    failure = fails("INVALID_ARGUMENT", "BAD_REQUEST", {"addColumn": {"column": {"name": "RENAMED"}}})
    equal(failure.fields, ["changes[1].add_column.column.name"])
    failure = fails("INVALID_ARGUMENT", "BAD_REQUEST", {})
    equal(failure.fields, ["changes[1]"])
    fails("ALREADY_EXISTS", "NAME_TAKEN", {"renameTable": {"newName": child}})
    equal(plain(s, "SELECT type, name, sql FROM sqlite_schema ORDER BY name"), before)
    equal(plain(s, f"SELECT count(*) FROM {child}"), [(2,)])
    s.fails("FAILED_PRECONDITION", "FOREIGN_KEY", execute, s, f"INSERT INTO {child} VALUES (77)")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", alter, s, table)
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", alter, s, f"{table}_view", rename)
    for hidden in ("nowhere", "sqlite_schema", "_sluice_commit"):
        s.fails("NOT_FOUND", "NO_SUCH_TABLE", alter, s, hidden, rename)


@case()
def a_full_text_index_follows_the_rows(s):
    table = own(s, "texts")
    create(s, table, [{"name": "id", "type": "INTEGER"}, "title", "body"], primaryKey=["id"],
           rows=typed_rows([[1, "Running dogs", "fast"], [2, "Cats", "asleep"]]))

    def found(words):
        page, = s.rpc("RowService/ListRows", database="writes", table=table, search=words, columns=["id"])
        return [row[0][1] for row in neutral.table([page]).rows]

    alter(s, table, {"enableFullText": {"columns": ["title", "body"], "tokenizer": "porter"}})
    described, = s.call("CatalogService/GetTable", database="writes", table=table)
    equal(described["table"]["ftsTable"], f"{table}_fts")
    equal((found("run"), found("asleep")), ([1], [2]))
    s.insert("writes", table, ["id", "title"], [[3, "I run"]])
    s.rpc("RowService/DeleteRows", s.token, database="writes", table=table, keys=["1"])
    equal(found("run"), [3])
    failure = s.fails("FAILED_PRECONDITION", "IN_USE", alter, s, table, {"renameColumn": {"column": "body", "newName": "text"}})
    equal(failure.metadata["needed_by"], f"{table}_fts")
    alter(s, table, {"disableFullText": {}}, {"renameColumn": {"column": "body", "newName": "text"}},
          {"enableFullText": {"columns": ["text"]}})
    equal((found("run"), found("asleep")), ([], [2]))
    failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", alter, s, table, {"enableFullText": {"columns": ["text"], "tokenizer": "no"}})
    equal(failure.fields, ["changes[0].enable_full_text.tokenizer"])
    alter(s, table, {"disableFullText": {}})
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", alter, s, table, {"disableFullText": {}})
    holds(not exists(s, f"{table}_fts"), "the index is gone")


@case()
def a_full_text_index_stays_while_others_need_it(s):
    table = own(s, "needed")
    create(s, table, ["title", "body"])
    alter(s, table, {"enableFullText": {"columns": ["title", "body"]}})
    for made, name in (("VIEW {} AS SELECT title FROM {}_fts", f"{table}_view"),
                       ("TRIGGER {} AFTER INSERT ON {} BEGIN SELECT count(*) FROM {}_fts; END", f"{table}_trigger")):
        execute(s, "CREATE " + made.format(name, table, table))
        failure = s.fails("FAILED_PRECONDITION", "IN_USE", alter, s, table, {"disableFullText": {}})
        equal(failure.metadata["needed_by"], name)
        execute(s, f"DROP {made.split()[0]} {name}")
    alter(s, table, {"disableFullText": {}})
    equal(exists(s, f"{table}_fts"), False)


@case()
def a_table_is_dropped_when_nothing_needs_it(s):
    table, child, other = own(s, "dropped"), own(s, "of_dropped"), own(s, "holding")
    create(s, table, [{"name": "id", "type": "INTEGER"}], primaryKey=["id"])
    for name, action in ((child, "CASCADE"), (other, "NO_ACTION")):
        create(s, name, ["x"], foreignKeys=[{"columns": ["x"], "parentTable": table, "onDelete": f"REFERENCE_ACTION_{action}"}])
    execute(s, f"INSERT INTO {table} VALUES (1), (2)")
    execute(s, f"INSERT INTO {child} VALUES (1), (1), (NULL)")
    execute(s, f"INSERT INTO {other} VALUES (2)")
    failure = s.fails("FAILED_PRECONDITION", "IN_USE", drop, s, table)
    equal((failure.metadata["referring_rows"], failure.metadata[f"rows_of.{child}"]), ("3", "2 ON DELETE CASCADE"))
    s.fails("FAILED_PRECONDITION", "FOREIGN_KEY", drop, s, table, cascade=True)
    execute(s, f"DELETE FROM {other}")
    shown = drop(s, table, cascade=True, validateOnly=True)
    answer = drop(s, table, cascade=True)
    for each in (shown, answer):
        equal([(effect["table"], int(effect["deletedCount"])) for effect in each["effects"]], [(child, 2)])
        equal(int(each["rowCount"]), 2)
    equal((shown.get("commitToken") or "", bool(answer["commitToken"])), ("", True))
    equal(plain(s, f"SELECT x FROM {child}"), [(None,)])
    for hidden in (table, "nowhere", "sqlite_schema", "_sluice_commit", "sqlite_sequence"):
        s.fails("NOT_FOUND", "NO_SUCH_TABLE", drop, s, hidden)
    equal(drop(s, table, allowMissing=True).get("dropped") or False, False)
    execute(s, f"CREATE VIEW {child}_view AS SELECT x FROM {child}")
    failure = s.fails("FAILED_PRECONDITION", "IN_USE", drop, s, child)
    equal(failure.metadata["needed_by"], f"{child}_view")
    equal(drop(s, f"{child}_view")["dropped"], True)
    equal(drop(s, child)["dropped"], True)


@case()
def the_same_request_id_takes_effect_once(s):
    table = own(s, "once")
    ids = [str(uuid.uuid4()) for _ in range(3)]
    change = {"addColumn": {"column": {"name": "b"}}}
    for call, arguments, request_id in ((create, (table, ["a"]), ids[0]), (alter, (table, change), ids[1]), (drop, (table,), ids[2])):
        first = call(s, *arguments, requestId=request_id)
        again = call(s, *arguments, requestId=request_id)
        equal((again["replayed"], again["commitToken"], again["statements"]), (True, first["commitToken"], first["statements"]))
    s.fails("FAILED_PRECONDITION", "REQUEST_ID_REUSED", create, s, table, ["b"], requestId=ids[0])


@case()
def changes_of_tables_need_the_token(s):
    for method, request in (("CreateTable", {"columns": [{"name": "a"}]}), ("AlterTable", {"changes": [{"disableFullText": {}}]}),
                            ("DropTable", {})):
        failure = s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, f"CatalogService/{method}", "", database="writes",
                          table="anything", **request)
        equal(failure.metadata["permission"], "table.change")
    holds(exists(s, "anything"), "nothing was dropped")


@case(HTTP)
def names_go_in_the_body_too(s):
    table = own(s, "body")
    create(s, table, ["a"])
    headers = {"Authorization": f"Bearer {s.token}", "Content-Type": "application/json"}
    answer = s.door.exchange("POST", "/v1/databases/writes/tables:alter",
                             b'{"table":"%s","changes":[{"addColumn":{"column":{"name":"b"}}}]}' % table.encode(), headers)
    equal((answer.status, columns_of(s, table)), (200, [("a", ""), ("b", "")]))
    answer = s.door.exchange("POST", "/v1/databases/writes/tables:drop", b'{"table":"%s"}' % table.encode(), headers)
    equal((answer.status, exists(s, table)), (200, False))
