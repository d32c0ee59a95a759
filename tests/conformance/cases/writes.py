"""Rows are changed and deleted, one transaction a request, and sent twice they are written once."""

import uuid

import neutral
from registry import case, equal, holds
from session import typed_rows


def write(s, method, **request):
    answer, = s.call(f"RowService/{method}", s.token, database="writes", **request)
    return answer


def plain(s, sql, *params):
    return s.plain("writes", sql, params)


def number(answer, name):
    return int(answer.get(name) or 0)


def values(*row):
    return [neutral.to_json(neutral.of_python(item)) for item in row]


def new_notes(s, *texts):
    """Keys of new rows of `note`, so that no case meets another's."""
    return s.insert("writes", "note", ["text"], [[text] for text in texts])["keys"]


@case()
def a_clash_is_ignored_replaced_or_merged(s):
    taken, = new_notes(s, "old")
    rows = typed_rows([[int(taken), "new"]])
    answer = write(s, "InsertRows", table="note", columns=["id", "text"], rows=rows, onConflict={"action": "ACTION_IGNORE"})
    equal((number(answer, "insertedCount"), number(answer, "ignoredCount"), answer["keys"]), (0, 1, [""]))
    equal(plain(s, "SELECT text FROM note WHERE id = ?", int(taken)), [(("text", "old"),)])
    merge = {"action": "ACTION_UPDATE", "target": ["id"], "updateColumns": ["text"]}
    answer = write(s, "InsertRows", table="note", columns=["id", "text"], rows=rows, onConflict=merge)
    equal((number(answer, "insertedCount"), number(answer, "updatedCount"), answer["keys"]), (0, 1, [taken]))
    rows = typed_rows([[int(taken), "newer"]])
    answer = write(s, "InsertRows", table="note", columns=["id", "text"], rows=rows, onConflict={"action": "ACTION_REPLACE"})
    equal((number(answer, "insertedCount"), answer["keys"]), (1, [taken]))
    equal(plain(s, "SELECT text FROM note WHERE id = ?", int(taken)), [(("text", "newer"),)])


@case()
def an_upsert_tells_new_rows_from_old(s):
    name = s.door_name
    write(s, "UpsertRows", table="pair", columns=["a", "b", "v"], rows=typed_rows([[name, 901, "one"]]))
    answer = write(s, "UpsertRows", table="pair", columns=["a", "b", "v"],
                   rows=typed_rows([[name, 901, "uno"], [name, 902, "dos"]]), **{"return": "RETURN_ROWS"})
    equal((number(answer, "insertedCount"), number(answer, "updatedCount")), (1, 1))
    equal(answer["keys"], [f"{name},901", f"{name},902"])
    equal(neutral.table([answer]).rows,
          [(("text", name), ("integer", 901), ("text", "uno")), (("text", name), ("integer", 902), ("text", "dos"))])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", write, s, "UpsertRows", table="pair", columns=["a"], rows=typed_rows([[name]]))
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", write, s, "UpsertRows", table="anything", columns=["v"], rows=typed_rows([[1]]))


@case()
def missing_columns_are_defaults_or_null(s):
    for missing, n in (("MISSING_COLUMNS_DEFAULT", ("integer", 7)), ("MISSING_COLUMNS_NULL", ("null", None))):
        answer = write(s, "InsertRows", table="note", columns=["text"], rows=typed_rows([["x"]]), missingColumns=missing)
        equal(plain(s, "SELECT n FROM note WHERE id = ?", int(answer["keys"][0])), [(n,)], missing)


@case()
def rows_are_updated_by_their_keys(s):
    one, two = new_notes(s, "one", "two")
    rows = [{"key": one, "values": values("uno")}, {"key": two, "values": values("dos")}]
    answer = write(s, "UpdateRows", table="note", columns=["text"], rows=rows)
    equal((number(answer, "updatedCount"), answer["keys"]), (2, [one, two]))
    equal(plain(s, "SELECT text FROM note WHERE id IN (?, ?) ORDER BY id", int(one), int(two)), [(("text", "uno"),), (("text", "dos"),)])
    answer, = s.rpc("RowService/UpdateRows", s.token, database="writes", table="note", objects=[{"id": int(one), "text": "ein"}])
    equal(answer["keys"], [one])
    answer, = s.rpc("RowService/UpdateRows", s.token, database="writes", table="note", objects=[{"text": "zwei"}], keys=[two])
    equal(plain(s, "SELECT text FROM note WHERE id IN (?, ?) ORDER BY id", int(one), int(two)), [(("text", "ein"),), (("text", "zwei"),)])


@case()
def rows_that_are_not_there_fail_unless_allowed(s):
    one, = new_notes(s, "one")
    rows = [{"key": one, "values": values("uno")}, {"key": "999999", "values": values("x")}]
    failure = s.fails("NOT_FOUND", "NO_SUCH_ROW", write, s, "UpdateRows", table="note", columns=["text"], rows=rows)
    equal(failure.metadata["row"], "1")
    equal(plain(s, "SELECT text FROM note WHERE id = ?", int(one)), [(("text", "one"),)])
    s.fails("NOT_FOUND", "NO_SUCH_ROW", write, s, "DeleteRows", table="note", keys=["999999"])
    answer = write(s, "DeleteRows", table="note", keys=["999999", one], allowMissing=True, **{"return": "RETURN_KEYS"})
    equal((number(answer, "deletedCount"), number(answer, "ignoredCount"), answer["keys"]), (1, 1, ["", one]))


@case()
def deleted_rows_are_told_as_they_were(s):
    one, two = new_notes(s, "one", "two")
    answer = write(s, "DeleteRows", table="note", keys=[two, one], **{"return": "RETURN_ROWS"})
    equal(number(answer, "deletedCount"), 2)
    equal([row[1] for row in neutral.table([answer]).rows], [("text", "two"), ("text", "one")])
    equal(plain(s, "SELECT count(*) FROM note WHERE id IN (?, ?)", int(one), int(two)), [(("integer", 0),)])


@case()
def each_row_that_fails_is_told_and_the_others_are_kept(s):
    answer = write(s, "InsertRows", table="note", columns=["text", "n"],
                   rows=typed_rows([["good", 1], [None, 2], ["checked", 1000], ["better", 3]]), continueOnError=True)
    equal(number(answer, "insertedCount"), 2)
    equal([bool(key) for key in answer["keys"]], [True, False, False, True])
    errors = answer["errors"]
    equal([(int(error.get("row", 0)), error["reason"]) for error in errors], [(1, "NOT_NULL"), (2, "CHECK")])
    equal((int(errors[0]["code"]), errors[0]["metadata"].get("columns")), (9, "note.text"))


@case()
def a_write_that_is_only_validated_leaves_nothing(s):
    before = plain(s, "SELECT count(*), max(id) FROM note")
    answer = write(s, "InsertRows", table="note", columns=["text"], rows=typed_rows([["x"]]), validateOnly=True)
    equal((number(answer, "insertedCount"), answer.get("commitToken") or ""), (1, ""))
    s.fails("FAILED_PRECONDITION", "CHECK", write, s, "InsertRows", table="note", columns=["text", "n"],
            rows=typed_rows([["x", 1000]]), validateOnly=True)
    s.fails("FAILED_PRECONDITION", "FOREIGN_KEY", write, s, "InsertRows", table="late_child", columns=["p"],
            rows=typed_rows([[77]]), validateOnly=True)
    equal(plain(s, "SELECT count(*), max(id) FROM note"), before)


@case()
def the_same_request_id_is_answered_alike(s):
    request = {"table": "note", "columns": ["text"], "rows": typed_rows([["once"]]), "requestId": str(uuid.uuid4())}
    first = write(s, "InsertRows", **request)
    again = write(s, "InsertRows", **request)
    equal((again["keys"], again["commitToken"], again["replayed"]), (first["keys"], first["commitToken"], True))
    holds(not first.get("replayed"), "the first answer is no replay")
    equal(len(plain(s, "SELECT 1 FROM note WHERE id = ?", int(first["keys"][0]) + 1)), 0, "rows of the second try")
    s.fails("FAILED_PRECONDITION", "REQUEST_ID_REUSED", write, s, "InsertRows",
            **{**request, "rows": typed_rows([["other"]])})
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", write, s, "InsertRows", **{**request, "requestId": "x" * 129})


@case()
def one_row_is_changed_only_while_it_is_what_was_seen(s):
    key, = new_notes(s, "seen")
    row, = s.call("RowService/GetRow", database="writes", table="note", key=key)
    etag = row["row"]["etag"]
    changed = write(s, "UpdateRow", table="note", key=key, columns=["text"], values=values("changed"), ifMatch=etag)
    equal(changed["row"]["key"], key)
    equal(neutral.table([changed]).rows[0][1], ("text", "changed"))
    now, = s.call("RowService/GetRow", database="writes", table="note", key=key)
    equal(changed["row"]["etag"], now["row"]["etag"])
    token = changed["commitToken"]
    holds(token != "", "a write of one row tells its commit")
    for method, rest in (("UpdateRow", {"columns": ["text"], "values": values("late")}), ("DeleteRow", {})):
        s.fails("ABORTED", "CONFLICT", write, s, method, table="note", key=key, ifMatch=etag, **rest)
    deleted = write(s, "DeleteRow", table="note", key=key, ifMatch=now["row"]["etag"])
    holds(deleted["commitToken"] not in ("", token), "so does its deletion")
    s.fails("NOT_FOUND", "NO_SUCH_ROW", write, s, "DeleteRow", table="note", key=key)


@case()
def one_row_takes_a_natural_object(s):
    key, = new_notes(s, "typed")
    answer, = s.rpc("RowService/UpdateRow", s.token, database="writes", table="note", key=key,
                    object={"text": "natural", "u": {"$base64": True, "encoded": "AAI="}})
    equal(neutral.table([answer]).rows[0][1:5:3], (("text", "natural"), ("blob", b"\0\2")))
    s.rpc("RowService/DeleteRow", s.token, database="writes", table="note", key=key)


@case()
def a_commit_changes_several_tables_if_its_preconditions_hold(s):
    one, = new_notes(s, "account")
    request = {
        "database": "writes",
        "preconditions": [
            {"table": "note", "key": one, "exists": True},
            {"table": "note", "key": one, "column": {"column": "text", "operator": "OPERATOR_EQUAL", "value": {"text": "account"}}},
        ],
        "success": [
            {"update": {"table": "note", "columns": ["text"], "rows": [{"key": one, "values": values("moved")}]}},
            {"insert": {"table": "guarded", "columns": ["v"], "rows": typed_rows([[1]])}},
        ],
    }
    answer, = s.rpc("RowService/Commit", s.token, **request)
    equal((answer["succeeded"], len(answer["results"])), (True, 2))
    equal(number(answer["results"][0], "updatedCount"), 1)
    equal(number(answer["results"][1], "insertedCount"), 1)
    before = plain(s, "SELECT count(*) FROM guarded")
    failure = s.fails("ABORTED", "CONFLICT", s.rpc, "RowService/Commit", s.token, **request)
    equal(failure.metadata["precondition"], "1")
    answer, = s.rpc("RowService/Commit", s.token, **request, failure=[{"delete": {"table": "note", "keys": [one]}}])
    equal((answer.get("succeeded", False), number(answer["results"][0], "deletedCount")), (False, 1))
    # What fails in the second mutation takes the first back.
    two, = new_notes(s, "stays")
    failure = s.fails("FAILED_PRECONDITION", "TRIGGER", s.rpc, "RowService/Commit", s.token, database="writes", success=[
        {"delete": {"table": "note", "keys": [two]}},
        {"insert": {"table": "guarded", "columns": ["v"], "rows": typed_rows([[7]])}}])
    equal((failure.metadata["mutation"], failure.metadata["row"]), ("1", "0"))
    equal(plain(s, "SELECT text FROM note WHERE id = ?", int(two)), [(("text", "stays"),)])
    equal(plain(s, "SELECT count(*) FROM guarded"), before)


@case()
def every_write_needs_the_token(s):
    key, = new_notes(s, "kept")
    rows = typed_rows([["x"]])
    for method, request in (
            ("UpsertRows", {"table": "note", "columns": ["text"], "rows": rows}),
            ("UpdateRows", {"table": "note", "columns": ["text"], "rows": [{"key": key, **rows[0]}]}),
            ("DeleteRows", {"table": "note", "keys": [key]}),
            ("UpdateRow", {"table": "note", "key": key, "columns": ["text"], "values": values("x")}),
            ("DeleteRow", {"table": "note", "key": key}),
            ("Commit", {"success": [{"delete": {"table": "note", "keys": [key]}}]})):
        s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, f"RowService/{method}", "", database="writes", **request)
    equal(plain(s, "SELECT text FROM note WHERE id = ?", int(key)), [(("text", "kept"),)])


@case()
def malformed_writes_are_refused(s):
    for method, request in (
            ("UpdateRows", {"table": "note", "columns": ["text"], "rows": typed_rows([["x"]])}),
            ("UpdateRows", {"table": "note", "objects": [{"text": "x"}]}),
            ("UpdateRows", {"table": "note", "objects": [{"text": "x"}], "keys": ["1", "2"]}),
            ("UpdateRows", {"table": "note", "objects": [{"nosuch": "x"}], "keys": ["1"]}),
            ("DeleteRows", {"table": "note"}),
            ("DeleteRows", {"table": "note", "keys": ["~"]}),
            ("UpdateRow", {"table": "note", "key": "1"}),
            ("Commit", {}),
            ("Commit", {"success": [{}]})):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, f"RowService/{method}", s.token, database="writes", **request)
    s.fails("FAILED_PRECONDITION", "READ_ONLY", s.rpc, "RowService/UpdateRow", s.token, database="writes", table="note", key="1",
            object={"twice": 1})
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", s.rpc, "RowService/DeleteRows", s.token, database="writes", table="notes", keys=["1"])
    s.still_answers()
