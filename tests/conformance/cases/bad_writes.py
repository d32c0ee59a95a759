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
