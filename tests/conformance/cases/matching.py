"""Rows are changed and deleted by filter, never more than were meant."""

from registry import case, equal
from session import typed_rows
from writes import new_notes, number, plain, write


def new_group(s, word, *numbers):
    """Notes that only a filter over `word` finds: no other case meets them."""
    s.insert("writes", "note", ["text", "n"], [[word, n] for n in numbers])


def texts(s, word):
    return [row[0] for row in plain(s, "SELECT n FROM note WHERE text = ? ORDER BY n", word)]


@case()
def rows_are_updated_by_filter(s):
    word = f"update {s.door_name}"
    new_group(s, word, 1, 2, 3)
    answer = write(s, "UpdateRows", table="note", columns=["n"], rows=typed_rows([[50]]), filter=f'text = "{word}" AND n > 1')
    equal((number(answer, "updatedCount"), number(answer, "ignoredCount"), len(answer["keys"])), (2, 0, 2))
    equal(texts(s, word), [("integer", 1), ("integer", 50), ("integer", 50)])
    answer = write(s, "UpdateRows", table="note", columns=["n"], rows=typed_rows([[0]]), filter='text = "nobody"')
    equal((number(answer, "updatedCount"), answer.get("keys") or []), (0, []))


@case()
def rows_are_deleted_by_filter_and_told_as_they_were(s):
    word = f"delete {s.door_name}"
    new_group(s, word, 1, 2)
    answer = write(s, "DeleteRows", table="note", filter=f'text = "{word}"', validateOnly=True)
    equal((number(answer, "deletedCount"), len(texts(s, word))), (2, 2))
    answer = write(s, "DeleteRows", table="note", filter=f'text = "{word}"', **{"return": "RETURN_ROWS"})
    equal((number(answer, "deletedCount"), len(answer["rows"])), (2, 2))
    equal(texts(s, word), [])


@case()
def more_rows_than_may_are_none(s):
    word = f"bounded {s.door_name}"
    new_group(s, word, 1, 2, 3)
    failure = s.fails("RESOURCE_EXHAUSTED", "LIMIT", write, s, "DeleteRows", table="note", filter=f'text = "{word}"', maxAffected=2)
    equal((failure.metadata["limit"], failure.fields), ("2", ["max_affected"]))
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", write, s, "UpdateRows", table="note", columns=["n"], rows=typed_rows([[0]]),
            filter=f'text = "{word}"', maxAffected=2)
    equal(len(texts(s, word)), 3)
    answer = write(s, "DeleteRows", table="note", filter=f'text = "{word}"', maxAffected=3, **{"return": "RETURN_NONE"})
    equal((number(answer, "deletedCount"), answer.get("keys") or []), (3, []))


@case()
def every_row_is_meant_only_when_said_so(s):
    for method, rest in (("DeleteRows", {}), ("UpdateRows", {"columns": ["v"], "rows": typed_rows([[1]])})):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, f"RowService/{method}", s.token, database="writes", table="every",
                filter="", **rest)
    s.insert("writes", "every", ["v"], [[1], [2]])
    answer = write(s, "UpdateRows", table="every", columns=["v"], rows=typed_rows([[9]]), allRows=True)
    equal(number(answer, "updatedCount"), 2)
    equal(plain(s, "SELECT DISTINCT v FROM every"), [(("integer", 9),)])
    answer = write(s, "DeleteRows", table="every", allRows=True)
    equal(number(answer, "deletedCount"), 2)


@case()
def a_filter_does_not_go_with_keys(s):
    for request, field in (({"keys": ["1"], "filter": "n = 1"}, "keys"), ({"filter": "n ="}, "filter"),
                           ({"filter": "n = 1", "allRows": True}, "all_rows"), ({"filter": "absent = 1"}, "filter"),
                           ({"filter": "n = 1", "maxAffected": -1}, "max_affected"), ({"keys": ["1"], "maxAffected": 1}, "max_affected"),
                           ({"filter": "n = 1", "allowMissing": True}, "allow_missing"),
                           ({"filter": "n = 1", "continueOnError": True}, "continue_on_error"),
                           ({"filter": "n = 1", "etags": ["x"]}, "etags"),
                           ({"filter": "n = 1", "maxAffected": 10001}, "max_affected")):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/DeleteRows", s.token, database="writes", table="note",
                          **request)
        equal(failure.fields, [field])


@case()
def a_commit_takes_changes_by_filter(s):
    word = f"commit {s.door_name}"
    new_group(s, word, 1, 2)
    answer, = s.rpc("RowService/Commit", s.token, database="writes", success=[
        {"update": {"table": "note", "columns": ["n"], "rows": typed_rows([[5]]), "filter": f'text = "{word}"'}},
        {"delete": {"table": "note", "filter": f'text = "{word}" AND n = 5', "return": "RETURN_NONE"}}])
    equal([number(answer["results"][0], "updatedCount"), number(answer["results"][1], "deletedCount")], [2, 2])


@case()
def a_write_is_replicated_only_where_replication_runs(s):
    key, = new_notes(s, "kept")
    for method, rest in (("InsertRows", {"columns": ["text"], "rows": typed_rows([["x"]])}), ("DeleteRows", {"keys": [key]}),
                         ("DeleteRow", {"key": key})):
        s.fails("FAILED_PRECONDITION", "NOT_REPLICATED", write, s, method, table="note", durability="DURABILITY_REPLICATED", **rest)
    for method, rest in (("QueryService/Execute", {"sql": "DELETE FROM note"}),
                         ("RowService/Commit", {"success": [{"delete": {"table": "note", "keys": [key]}}]})):
        s.fails("FAILED_PRECONDITION", "NOT_REPLICATED", s.rpc, method, s.token, database="writes",
                durability="DURABILITY_REPLICATED", **rest)
    write(s, "DeleteRows", table="note", keys=[key], durability="DURABILITY_DISK")
