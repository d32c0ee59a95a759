"""Any number of rows are loaded, by a stream both ways: once each, part by part or all in one transaction."""

import uuid

import fixtures
import neutral
from registry import case, equal, holds
from session import typed_rows
from writes import number, plain


def start(name, columns, **options):
    return {"database": "writes", "table": name, "columns": columns, **options}


def load(s, name, columns, rows, **options):
    """Through the client's own call."""
    answer, = s.call("RowService/LoadRows", s.token, start=start(name, columns, **options), rows=typed_rows(rows))
    return answer


def message(s, begin, rows, first=0):
    """One message and the end, through the method itself: all that it answered."""
    return s.rpc("RowService/LoadRows", s.token, start=begin, rows=typed_rows(rows), firstRow=first)


@case("grpc")
def every_value_is_loaded_as_it_is(s):
    items = list(fixtures.VALUES.values())
    answer = load(s, "loaded", ["n", "v"], [[i, item] for i, item in enumerate(items)])
    equal((number(answer, "acknowledgedRows"), number(answer, "insertedCount")), (len(items), len(items)))
    holds(answer["commitToken"], "the commit is told")
    equal([row[0] for row in plain(s, "SELECT v FROM loaded ORDER BY n")], [neutral.of_python(item) for item in items])


@case("grpc")
def more_rows_than_one_part_are_loaded(s):
    answer = load(s, "loaded", ["n", "v"], [[i, "many"] for i in range(25_000)], rowsPerCommit=10_000)
    equal((number(answer, "acknowledgedRows"), number(answer, "insertedCount")), (25_000, 25_000))
    equal(plain(s, "SELECT count(*), count(DISTINCT n) FROM loaded WHERE v = 'many'"), [(("integer", 25_000), ("integer", 25_000))])


@case("grpc")
def a_clash_is_ignored_replaced_or_merged_when_loaded(s):
    load(s, "pair", ["a", "b", "v"], [["load", 1, "old"], ["load", 2, "old"]])
    answer = load(s, "pair", ["a", "b", "v"], [["load", 1, "new"], ["load", 3, "new"]], onConflict={"action": "ACTION_IGNORE"})
    equal((number(answer, "insertedCount"), number(answer, "ignoredCount")), (1, 1))
    answer = load(s, "pair", ["a", "b", "v"], [["load", 1, "merged"], ["load", 4, "new"]],
                  onConflict={"action": "ACTION_UPDATE", "target": ["a", "b"], "updateColumns": ["v"]})
    equal((number(answer, "insertedCount"), number(answer, "updatedCount")), (1, 1))
    answer = load(s, "pair", ["a", "b", "v"], [["load", 2, "replaced"]], onConflict={"action": "ACTION_REPLACE"})
    equal([row[0][1] for row in plain(s, "SELECT v FROM pair WHERE a = 'load' ORDER BY b")], ["merged", "replaced", "new", "new"])


@case("grpc")
def the_first_row_that_fails_ends_a_load(s):
    failure = s.fails("FAILED_PRECONDITION", "CHECK", load, s, "note", ["text", "n"], [["load ends", 1], ["load ends", 1000]])
    equal(failure.metadata["row"], "1")
    equal(plain(s, "SELECT count(*) FROM note WHERE text = 'load ends'"), [(("integer", 0),)])
    failure = s.fails("FAILED_PRECONDITION", "TRIGGER", load, s, "guarded", ["v"], [[1], [7]], mode="LOAD_MODE_ATOMIC")
    equal(failure.metadata["row"], "1")
    s.fails("FAILED_PRECONDITION", "FOREIGN_KEY", load, s, "late_child", ["p"], [[77]])


@case("grpc")
def rows_that_fail_are_left_out_and_told(s):
    answer = load(s, "note", ["text", "n"], [["left", 1], [None, 2], ["left", 1000], ["left", 3]], continueOnError=True)
    equal((number(answer, "insertedCount"), number(answer, "failedCount"), number(answer, "acknowledgedRows")), (2, 2, 4))
    errors = answer["errors"]
    equal([(int(error.get("row", 0)), error["reason"]) for error in errors], [(1, "NOT_NULL"), (2, "CHECK")])
    equal((int(errors[0]["code"]), errors[0]["metadata"].get("columns")), (9, "note.text"))


@case("grpc")
def a_load_with_an_id_takes_effect_once(s):
    begin = start("loaded", ["n", "v"], loadId=str(uuid.uuid4()))
    rows = [[i, "once"] for i in range(10)]
    answers = message(s, begin, rows)
    equal([(number(a, "acknowledgedRows"), a.get("done", False)) for a in answers], [(0, False), (10, True)])
    answers = message(s, begin, rows)
    equal([(number(a, "acknowledgedRows"), a.get("done", False)) for a in answers], [(10, True)])
    equal(plain(s, "SELECT count(*) FROM loaded WHERE v = 'once'"), [(("integer", 10),)])
    s.fails("FAILED_PRECONDITION", "REQUEST_ID_REUSED", message, s, {**begin, "table": "anything", "columns": ["v"]}, [[1]])


@case("grpc")
def an_atomic_load_is_kept_whole_or_not_at_all(s):
    answer = load(s, "loaded", ["n", "v"], [[i, "whole"] for i in range(12_000)], mode="LOAD_MODE_ATOMIC")
    equal(number(answer, "insertedCount"), 12_000)
    rows = [[i, "nothing"] for i in range(12_000)]
    answer = load(s, "loaded", ["n", "v"], rows, mode="LOAD_MODE_ATOMIC", validateOnly=True)
    equal((number(answer, "insertedCount"), answer.get("commitToken") or ""), (12_000, ""))
    s.fails("ALREADY_EXISTS", "UNIQUE", load, s, "pair", ["a", "b"], [[f"row {i // 2}", 1] for i in range(4)], mode="LOAD_MODE_ATOMIC")
    equal(plain(s, "SELECT count(*) FROM loaded WHERE v = 'nothing'"), [(("integer", 0),)])


@case("grpc")
def a_load_of_nothing_is_done_at_once(s):
    for mode in ("LOAD_MODE_DURABLE", "LOAD_MODE_ATOMIC"):
        answer = load(s, "loaded", ["n"], [], mode=mode)
        equal((number(answer, "acknowledgedRows"), answer["done"]), (0, True))


@case("grpc")
def malformed_loads_are_refused(s):
    for begin, rows, first, field in (
            (None, [[1]], 0, "start"), (start("loaded", []), [], 0, "start.columns"),
            (start("loaded", ["n"]), [[1, 2]], 0, "rows[0]"), (start("loaded", ["n"]), [[1]], 5, "first_row"),
            (start("loaded", ["n"], rowsPerCommit=100_001), [], 0, "start.rows_per_commit"),
            (start("loaded", ["n"], validateOnly=True), [], 0, "start.validate_only"),
            (start("loaded", ["n"], loadId="x" * 129), [], 0, "start.load_id"),
            (start("loaded", ["absent"]), [[1]], 0, "columns"), (start("loaded", ["n", "n"]), [[1, 1]], 0, "columns")):
        request = {"rows": typed_rows(rows), "firstRow": first, **({"start": begin} if begin else {})}
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/LoadRows", s.token, **request)
        equal(failure.fields, [field])
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", load, s, "absent", ["n"], [[1]])
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, "RowService/LoadRows", s.token,
            start={"database": "absent", "table": "t", "columns": ["n"]})
    s.fails("FAILED_PRECONDITION", "READ_ONLY", load, s, "note", ["twice"], [[1]])
    s.fails("FAILED_PRECONDITION", "READ_ONLY", load, s, "notes", ["text"], [["x"]])
    s.fails("FAILED_PRECONDITION", "NOT_REPLICATED", load, s, "loaded", ["n"], [[1]], durability="DURABILITY_REPLICATED")
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, "RowService/LoadRows", start=start("loaded", ["n"]))
    s.still_answers()
