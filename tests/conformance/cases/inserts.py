"""Rows go in all or none, and every constraint says which it was."""

import neutral
from registry import case, equal, holds


def count(s, name):
    return s.query("writes", f"SELECT count(*) FROM {name}").rows[0][0][1]


@case()
def the_answer_tells_nothing_keys_or_rows(s):
    answer = s.insert("writes", "note", ["text"], [["a"], ["b"]], "RETURN_NONE")
    equal((int(answer["insertedCount"]), answer.get("keys") or [], answer.get("rows") or []), (2, [], []))
    holds(answer["commitToken"], "there is a commit token")
    answer = s.insert("writes", "note", ["id", "text"], [[100, "c"], [50, "d"]])
    equal((int(answer["insertedCount"]), answer["keys"], answer.get("rows") or []), (2, ["100", "50"], []))
    answer = s.insert("writes", "note", ["id", "text"], [[200, "e"]], "RETURN_ROWS")
    rows = neutral.table([answer])
    equal(rows.columns, ["id", "text", "n", "twice", "u"])
    equal(rows.rows, [(("integer", 200), ("text", "e"), ("integer", 7), ("integer", 14), ("null", None))])
    equal(s.row("writes", "note", "200"), rows.rows[0])


@case()
def every_value_goes_in_as_it_is(s):
    from fixtures import VALUES  # pylint: disable=import-outside-toplevel
    items = list(VALUES.values())
    answer = s.insert("writes", "anything", ["v"], [[item] for item in items])
    stored = [s.row("writes", "anything", key)[0] for key in answer["keys"]]
    equal(stored, list(map(neutral.of_python, items)))


@case()
def rows_may_be_natural_objects(s):
    objects = [{"text": "plain", "n": 5}, {"text": {"$text": "Infinity"}, "u": {"$base64": True, "encoded": "AAE="}},
               {"text": True, "u": {"$integer": "9223372036854775807"}}]
    answer, = s.rpc("RowService/InsertRows", s.token, database="writes", table="note", objects=objects)
    rows = [s.row("writes", "note", key) for key in answer["keys"]]
    equal([row[1:] for row in rows],
          [(("text", "plain"), ("integer", 5), ("integer", 10), ("null", None)),
           (("text", "Infinity"), ("integer", 7), ("integer", 14), ("blob", b"\0\1")),
           (("text", "1"), ("integer", 7), ("integer", 14), ("integer", 2**63 - 1))])


@case()
def rows_of_defaults_need_no_columns(s):
    answer, = s.rpc("RowService/InsertRows", s.token, database="writes", table="anything", rows=[{}, {}])
    equal([s.row("writes", "anything", key) for key in answer["keys"]], [(("null", None),)] * 2)


@case()
def keys_of_compound_keys_are_answered(s):
    name = f"EPSG:{s.door_name}"
    answer = s.insert("writes", "pair", ["b", "a"], [[1, name], [2, name]])
    equal(answer["keys"], [f"EPSG~3A{s.door_name},1", f"EPSG~3A{s.door_name},2"])
    equal(s.row("writes", "pair", answer["keys"][0]), (("text", name), ("integer", 1), ("null", None)))


# Table, columns, rows, code, reason, index of the row at fault, columns that are told.
REFUSED = {
    "a unique column": ("note", ["text", "u"], [["x", "new"], ["y", "taken"]], "ALREADY_EXISTS", "UNIQUE", "1", "note.u"),
    "a primary key": ("note", ["id", "text"], [[1, "x"]], "ALREADY_EXISTS", "UNIQUE", "0", "note.id"),
    "a null": ("note", ["text"], [["x"], ["y"], [None]], "FAILED_PRECONDITION", "NOT_NULL", "2", "note.text"),
    "a check": ("note", ["text", "n"], [["x", 1000]], "FAILED_PRECONDITION", "CHECK", "0", None),
    "a foreign key": ("child", ["p"], [[1], [77]], "FAILED_PRECONDITION", "FOREIGN_KEY", "1", None),
    "a late foreign key": ("late_child", ["p"], [[77]], "FAILED_PRECONDITION", "FOREIGN_KEY", None, None),
    "a trigger": ("guarded", ["v"], [[1], [7]], "FAILED_PRECONDITION", "TRIGGER", "1", None),
    "a strict column": ("exact", ["i"], [[1], ["x"]], "FAILED_PRECONDITION", "DATATYPE", "1", None),
}


@case()
def every_constraint_says_which_it_was(s):
    for what, (name, columns, rows, code, reason, row, told) in REFUSED.items():
        before = count(s, name)
        failure = s.fails(code, reason, s.insert, "writes", name, columns, rows)
        if row is not None:
            equal(failure.metadata.get("row"), row, f"the row of {what} in {failure.metadata}")
        if told is not None:
            equal(failure.metadata.get("columns"), told, f"the columns of {what}")
        equal(count(s, name), before, f"rows after {what}")
    s.still_answers()


@case()
def the_words_of_a_trigger_are_told(s):
    failure = s.fails("FAILED_PRECONDITION", "TRIGGER", s.insert, "writes", "guarded", ["v"], [[7]])
    holds("seven is not allowed" in failure.message, failure.message)


@case()
def what_cannot_be_written_says_so(s):
    s.fails("FAILED_PRECONDITION", "READ_ONLY", s.insert, "writes", "note", ["text", "twice"], [["x", 1]])
    s.fails("FAILED_PRECONDITION", "READ_ONLY", s.insert, "writes", "notes", ["text"], [["x"]])


@case()
def malformed_inserts_are_refused(s):
    for name, columns, rows in (("note", ["absent"], [[1]]), ("note", ["text", "text"], [["a", "b"]]), ("note", ["text"], [[]]),
                                ("note", ["text"], [["a", "b"]])):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.insert, "writes", name, columns, rows)
    both = {"columns": ["text"], "rows": [{"values": [{"text": "a"}]}], "objects": [{"text": "b"}]}
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/InsertRows", s.token, database="writes", table="note", **both)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/InsertRows", s.token, database="writes", table="note",
            columns=["text"], rows=[{"values": [{}]}])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/InsertRows", s.token, database="writes", table="note",
            objects=[{"text": [1]}])
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", s.insert, "writes", "absent", ["a"], [[1]])
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.insert, "absent", "note", ["a"], [[1]])


@case()
def writing_needs_the_token(s):
    before = count(s, "anything")
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.insert, "writes", "anything", ["v"], [[1]], token="")
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.insert, "writes", "anything", ["v"], [[1]], token="wrong")
    equal(count(s, "anything"), before)


@case()
def what_was_inserted_is_in_the_file(s):
    answer = s.insert("writes", "anything", ["v"], [["durable"]])
    equal(s.plain("writes", "SELECT v FROM anything WHERE rowid = ?", [int(answer["keys"][0])]), [(("text", "durable"),)])
