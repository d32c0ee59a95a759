"""Writes that nobody should send: each has its code, its reason, the row at fault and its columns, and leaves nothing."""

from registry import case, equal
from session import typed_rows
from writes import new_notes, number, plain, values, write


def refused(s, code, reason, method, **request):
    return s.fails(code, reason, s.rpc, f"RowService/{method}", s.token, database="writes", **request)


@case()
def a_key_that_comes_twice_in_a_batch_is_told(s):
    rows = typed_rows([["twice", 1], ["twice", 2], ["twice", 1]])
    failure = refused(s, "ALREADY_EXISTS", "UNIQUE", "InsertRows", table="pair", columns=["a", "b"], rows=rows)
    equal((failure.metadata["row"], failure.metadata["columns"]), ("2", "pair.a, pair.b"))
    equal(plain(s, "SELECT count(*) FROM pair WHERE a = 'twice'"), [(("integer", 0),)])
    answer, = s.rpc("RowService/InsertRows", s.token, database="writes", table="pair", columns=["a", "b"], rows=rows, continueOnError=True)
    equal((number(answer, "insertedCount"), answer["errors"][0]["row"], answer["errors"][0]["reason"]), (2, 2, "UNIQUE"))
    # An upsert takes the last of them.
    answer, = s.rpc("RowService/UpsertRows", s.token, database="writes", table="pair", columns=["a", "b"], rows=rows)
    equal((number(answer, "insertedCount"), number(answer, "updatedCount")), (0, 3))


@case()
def keys_without_all_of_their_parts_are_refused(s):
    for method, request in (("DeleteRows", {"keys": ["one"]}), ("DeleteRows", {"keys": ["one,1,2"]}),
                            ("UpdateRows", {"columns": ["v"], "rows": [{"key": "one", "values": values(1)}]}),
                            ("UpdateRow", {"key": "one", "columns": ["v"], "values": values(1)}),
                            ("UpsertRows", {"columns": ["a", "v"], "rows": typed_rows([["one", 1]])}),
                            ("UpdateRows", {"objects": [{"a": "one", "v": 1}]})):
        refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", method, table="pair", **request)
    failure = refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "UpsertRows", table="pair", columns=["a", "b"],
                      rows=typed_rows([["whole", 1], [None, 1]]))
    equal(failure.metadata["row"], "1")


@case()
def names_that_are_words_of_sql_are_names(s):
    name = s.door_name
    write(s, "InsertRows", table="order", columns=["group", "select"], rows=typed_rows([[name, 1]]))
    answer = write(s, "UpdateRows", table="order", columns=["select"], rows=typed_rows([[2]]), filter=f'group = "{name}" AND select = 1')
    equal((number(answer, "updatedCount"), answer["keys"]), (1, [name]))
    write(s, "UpsertRows", table="order", columns=["group", "select"], rows=typed_rows([[name, 3]]), target=["group"])
    equal(plain(s, 'SELECT "select" FROM "order" WHERE "group" = ?', name), [(("integer", 3),)])
    equal(number(write(s, "DeleteRows", table="order", filter=f'group = "{name}"'), "deletedCount"), 1)


@case()
def a_hundred_thousand_columns_are_refused_at_once(s):
    many = [f"c{i}" for i in range(100_000)]
    failure = refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "InsertRows", table="note", columns=many,
                      rows=[{"values": [{"integer": "1"}] * len(many)}])
    equal(failure.fields, ["columns"])
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "UpdateRows", table="note", columns=many,
            rows=[{"key": "1", "values": [{"integer": "1"}] * len(many)}])
    s.still_answers()


@case()
def a_value_of_a_gigabyte_is_refused(s):
    before = plain(s, "SELECT count(*) FROM anything")
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.rpc, "QueryService/Execute", s.token, database="writes",
            sql="INSERT INTO anything VALUES (zeroblob(1000000000))")
    equal(plain(s, "SELECT count(*) FROM anything"), before)
    s.still_answers()


@case()
def generated_columns_and_closed_views_are_not_written(s):
    key, = new_notes(s, "generated")
    for method, request in (("InsertRows", {"columns": ["text", "twice"], "rows": typed_rows([["x", 1]])}),
                            ("UpdateRows", {"columns": ["twice"], "rows": [{"key": key, "values": values(1)}]}),
                            ("UpdateRows", {"columns": ["twice"], "rows": typed_rows([[1]]), "filter": 'text = "generated"'})):
        refused(s, "FAILED_PRECONDITION", "READ_ONLY", method, table="note", **request)
    for method, request in (("InsertRows", {"columns": ["text"], "rows": typed_rows([["x"]])}),
                            ("UpdateRows", {"columns": ["text"], "rows": typed_rows([["x"]]), "filter": 'text = "generated"'}),
                            ("DeleteRows", {"filter": 'text = "generated"'})):
        refused(s, "FAILED_PRECONDITION", "READ_ONLY", method, table="notes", **request)
    equal(plain(s, "SELECT count(*) FROM note WHERE id = ?", int(key)), [(("integer", 1),)])


@case()
def a_trigger_that_raises_says_which_row_it_was(s):
    failure = refused(s, "FAILED_PRECONDITION", "TRIGGER", "InsertRows", table="guarded", columns=["v"], rows=typed_rows([[1], [2], [7]]))
    equal(failure.metadata["row"], "2")
    failure = refused(s, "FAILED_PRECONDITION", "DATATYPE", "InsertRows", table="exact", columns=["i", "t"],
                      rows=typed_rows([[1, "a"], ["one", "b"]]))
    equal((failure.metadata["row"], failure.metadata["columns"]), ("1", "exact.i"))


@case()
def every_method_says_which_row_was_at_fault(s):
    name = f"at fault {s.door_name}"
    one, two = s.insert("writes", "exact", ["i", "t"], [[1, name], [2, name]])["keys"]
    updates = [{"key": one, "values": values(5)}, {"key": two, "values": values("five")}]
    upserts = typed_rows([[int(one), 6], [int(two), "six"]])
    for method, request in (("UpdateRows", {"columns": ["i"], "rows": updates}), ("UpsertRows", {"columns": ["id", "i"], "rows": upserts}),
                            ("UpdateRows", {"objects": [{"id": int(one), "i": 5}, {"id": int(two), "i": "five"}]}),
                            ("UpsertRows", {"objects": [{"id": int(one), "i": 6}, {"id": int(two), "i": "six"}]})):
        failure = refused(s, "FAILED_PRECONDITION", "DATATYPE", method, table="exact", **request)
        equal((failure.metadata["row"], failure.metadata["columns"]), ("1", "exact.i"), f"{method} {request}")
    refused(s, "FAILED_PRECONDITION", "DATATYPE", "UpdateRow", table="exact", key=one, columns=["i"], values=values("five"))
    refused(s, "FAILED_PRECONDITION", "DATATYPE", "UpdateRows", table="exact", columns=["i"], rows=typed_rows([["five"]]),
            filter=f't = "{name}"')
    good = {"insert": {"table": "exact", "columns": ["i", "t"], "rows": typed_rows([[3, name]])}}
    bad = {"insert": {"table": "exact", "columns": ["i", "t"], "rows": typed_rows([[4, name], ["five", name]])}}
    failure = refused(s, "FAILED_PRECONDITION", "DATATYPE", "Commit", success=[good, bad])
    equal((failure.metadata["mutation"], failure.metadata["row"], failure.metadata["columns"]), ("1", "1", "exact.i"))
    s.fails("FAILED_PRECONDITION", "DATATYPE", s.rpc, "QueryService/Execute", s.token, database="writes",
            sql="UPDATE exact SET i = ? WHERE t = ?", params=values("five", name))
    equal(plain(s, "SELECT i FROM exact WHERE t = ? ORDER BY id", name), [(("integer", 1),), (("integer", 2),)])
    # Asked otherwise, the rows without fault are written.
    for method, request, count in (("UpdateRows", {"columns": ["i"], "rows": updates}, 5), ("UpsertRows", {"columns": ["id", "i"], "rows": upserts}, 6)):
        answer, = s.rpc(f"RowService/{method}", s.token, database="writes", table="exact", continueOnError=True, **request)
        error, = answer["errors"]
        equal((number(answer, "updatedCount"), int(error["row"]), error["reason"], error["metadata"]["columns"]), (1, 1, "DATATYPE", "exact.i"))
        equal(plain(s, "SELECT i FROM exact WHERE t = ? ORDER BY id", name), [(("integer", count),), (("integer", 2),)])


@case()
def columns_that_are_not_there_are_told_by_every_method(s):
    name = f"unknown {s.door_name}"
    key, = new_notes(s, name)
    rows = typed_rows([[name, 1]])
    for method, request in (
            ("InsertRows", {"columns": ["text", "absent"], "rows": rows}), ("InsertRows", {"objects": [{"text": name}, {"absent": 1}]}),
            ("UpsertRows", {"columns": ["text", "absent"], "rows": rows, "target": ["u"]}),
            ("UpdateRows", {"columns": ["text", "absent"], "rows": [{"key": key, "values": values(name, 1)}]}),
            ("UpdateRows", {"columns": ["absent"], "rows": typed_rows([[1]]), "filter": f'text = "{name}"'}),
            ("DeleteRows", {"filter": "absent = 1"}),
            ("UpdateRow", {"key": key, "columns": ["absent"], "values": values(1)}),
            ("InsertRows", {"columns": ["text"], "rows": typed_rows([[name]]),
                            "onConflict": {"action": "ACTION_UPDATE", "target": ["absent"], "updateColumns": ["text"]}}),
            ("InsertRows", {"columns": ["text"], "rows": typed_rows([[name]]),
                            "onConflict": {"action": "ACTION_UPDATE", "target": ["id"], "updateColumns": ["absent"]}})):
        refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", method, table="note", **request)
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "Commit", success=[{"insert": {"table": "note", "columns": ["absent"],
                                                                                 "rows": typed_rows([[1]])}}])
    equal(plain(s, "SELECT count(*) FROM note WHERE text = ?", name), [(("integer", 1),)])


@case()
def a_hundred_thousand_columns_are_refused_however_they_come(s):
    many = [f"c{i}" for i in range(100_000)]
    one = [{"values": [{"integer": "1"}] * len(many)}]
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "InsertRows", table="note", objects=[dict.fromkeys(many, 1)])
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "UpsertRows", table="pair", columns=many, rows=one)
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "UpdateRow", table="note", key="1", columns=many, values=one[0]["values"])
    refused(s, "INVALID_ARGUMENT", "BAD_REQUEST", "Commit", success=[{"insert": {"table": "note", "columns": many, "rows": one}}])
    sql = "INSERT INTO anything VALUES (1, " + ", ".join("1" for _ in range(30_000)) + ")"
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/Execute", s.token, database="writes", sql=sql)
    s.still_answers()


@case("grpc")
def a_hundred_thousand_columns_are_not_loaded(s):
    many = [f"c{i}" for i in range(100_000)]
    failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/LoadRows", s.token,
                      start={"database": "writes", "table": "loaded", "columns": many})
    equal(failure.fields, ["columns"])
    s.still_answers()
