"""SQL that reads."""

import neutral
from registry import case, equal, holds

SERIES = "WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<{}) SELECT {} FROM c"


@case()
def columns_have_names_and_declared_types(s):
    answer, = s.rpc("QueryService/Query", database="values", sql="SELECT id, i AS other, r + 1, t FROM typed LIMIT 0")
    equal([(column["name"], column.get("declaredType", "")) for column in answer["columns"]],
          [("id", "INTEGER"), ("other", "INTEGER"), ("r + 1", ""), ("t", "TEXT")])
    equal(neutral.table([answer]).rows, [])


@case()
def names_of_columns_may_repeat(s):
    answer = s.query("values", "SELECT 1 AS a, 2 AS a")
    equal((answer.columns, answer.rows), (["a", "a"], [(("integer", 1), ("integer", 2))]))


@case()
def a_result_is_cut_at_max_rows_and_says_so(s):
    for asked, given, truncated in [(0, 1000, True), (3, 3, True), (5000, 1000, True), (1000, 1000, True)]:
        answer = neutral.table(s.rpc("QueryService/Query", database="values", sql=SERIES.format(1500, "n"), maxRows=asked))
        equal((len(answer.rows), answer.truncated), (given, truncated), f"maxRows {asked}")
    for rows in (1000, 999):
        answer = neutral.table(s.rpc("QueryService/Query", database="values", sql=SERIES.format(rows, "n")))
        equal((len(answer.rows), answer.truncated), (rows, False))


@case()
def a_result_is_cut_at_its_bytes_and_says_so(s):
    answer = neutral.table(s.rpc("QueryService/Query", database="values", sql=SERIES.format(20, "n, zeroblob(900000)")))
    holds(answer.truncated and 1 <= len(answer.rows) <= 5, f"{len(answer.rows)} rows")


@case()
def a_long_stream_comes_whole(s):
    rows = s.stream("values", SERIES.format(200_000, "n, 'row ' || n, n * 0.5")).rows
    equal(len(rows), 200_000)
    for n in (1, 2, 99_999, 200_000):
        equal(rows[n - 1], (("integer", n), ("text", f"row {n}"), neutral.real(n * 0.5)))
    equal(sum(row[0][1] for row in rows), 200_000 * 200_001 // 2)


@case()
def a_stream_without_rows_has_its_columns(s):
    answer = s.stream("values", "SELECT id, v FROM stored WHERE 0")
    equal((answer.columns, answer.rows), (["id", "v"], []))


@case()
def a_stream_ends_with_statistics(s):
    answers = s.rpc("QueryService/StreamQuery", database="values", sql=SERIES.format(3000, "n"))
    equal([index for index, answer in enumerate(answers) if answer.get("stats")], [len(answers) - 1])
    equal(int(answers[-1]["stats"]["rowCount"]), 3000)
    equal([index for index, answer in enumerate(answers) if answer.get("columns")], [0])


@case()
def views_of_the_sample_are_read(s):
    sql = "SELECT * FROM crs_view WHERE auth_name = ? ORDER BY code LIMIT 50"
    equal(s.query("proj", sql, ["EPSG"]).rows, s.plain("proj", sql, ["EPSG"]))


@case()
def a_statement_that_fails_midway_is_an_error(s):
    sql = SERIES.format(5000, "CASE WHEN n < 4000 THEN n ELSE abs(-9223372036854775807 - 1) END")
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, "QueryService/StreamQuery", database="values", sql=sql)
    s.still_answers()


@case()
def explain_tells_the_plan(s):
    holds(s.query("values", "EXPLAIN QUERY PLAN SELECT * FROM stored WHERE id = 1").rows, "there is a plan")


@case()
def packed_columns_hold_what_rows_hold(s):
    for sql in ("SELECT * FROM typed ORDER BY id", "SELECT * FROM stored ORDER BY id", "SELECT NULL, 1 WHERE 0",
                SERIES.format(30_000, "CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN 'a' ELSE n END, n, NULL, n * 0.5, x'00'")):
        for method in ("QueryService/Query", "QueryService/StreamQuery"):
            rows = s.rpc(method, database="values", sql=sql, layout="ROW_LAYOUT_ROWS")
            packed = s.rpc(method, database="values", sql=sql, layout="ROW_LAYOUT_COLUMNS")
            equal([answer.get("rows", []) for answer in packed], [[]] * len(packed))
            equal(neutral.table(packed).columns, neutral.table(rows).columns)
            equal(neutral.table(packed).rows[:1000], neutral.table(rows).rows[:1000], sql)
            equal(len(neutral.table(packed).rows), len(neutral.table(rows).rows), sql)


@case()
def a_layout_that_is_none_is_refused(s):
    for method in ("QueryService/Query", "QueryService/StreamQuery"):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, method, database="values", sql="SELECT 1", layout=99)
