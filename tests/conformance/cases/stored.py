"""What the configuration says: stored queries, words for people, ceilings; and statements that are described."""

import json

import neutral
from registry import GRPC, HTTP, case, equal, holds

SETTINGS = """
title: Conformance
databases:
  values:
    title: Values of all kinds
    license: CC0
    source_url: https://example.com/
    queries:
      first: SELECT n, square FROM series ORDER BY n LIMIT 3
      between:
        title: A part of the series
        sql: SELECT n FROM series WHERE n BETWEEN :low AND :high ORDER BY n
        params:
          low: {type: integer, description: where it begins}
          high: {type: integer, default: 12}
      magic: SELECT :_actor_id AS actor, :_now_epoch > 1700000000 AS now, length(:_random_chars_9) AS random
      agent: SELECT :_header_user_agent AS agent
      broken: SELECT * FROM gone
    tables:
      series:
        title: A series
        description: Numbers and their squares
        columns: {square: the number times itself}
        units: {square: m²}
      big: {hidden: true}
  library:
    queries:
      squares:
        sql: SELECT title, square FROM book JOIN "values".series ON n = id WHERE id = :id
        databases: values
    tables:
      shop: {label_column: town}
      visit: {sort_desc: n, size: 2}
  writes:
    queries:
      add_note:
        write: true
        sql: INSERT INTO note(text, n) VALUES (:text, :n) RETURNING text, n
        params:
          text: text
          n: {type: integer, default: 3}
      sign: {write: true, sql: "INSERT INTO anything(v) VALUES (:_actor_id || :_random_chars_5) RETURNING v"}
  empty:
    limits: {rows: 2, stream-rows: 3}
"""


def values(**named):
    return {name: {"integer": str(value)} for name, value in named.items()}


@case()
def stored_queries_are_listed(s):
    answer, = s.rpc("QueryService/ListQueries", database="values")
    equal([query["name"] for query in answer["queries"]], ["agent", "between", "broken", "first", "magic"])
    page, = s.rpc("QueryService/ListQueries", database="values", pageSize=2)
    rest, = s.rpc("QueryService/ListQueries", database="values", pageSize=4, pageToken=page["nextPageToken"])
    equal([query["name"] for query in page["queries"] + rest["queries"]], ["agent", "between", "broken", "first", "magic"])
    equal(s.rpc("QueryService/ListQueries", database="names")[0].get("queries", []), [])
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, "QueryService/ListQueries", database="absent")


@case()
def a_stored_query_says_what_it_takes(s):
    query = s.rpc("QueryService/GetQuery", database="values", query="between")[0]["query"]
    equal(query["about"]["title"], "A part of the series")
    equal([(parameter["name"], parameter["type"], parameter.get("defaultValue")) for parameter in query["parameters"]],
          [("low", "TYPE_INTEGER", None), ("high", "TYPE_INTEGER", {"integer": "12"})])
    equal(s.rpc("QueryService/GetQuery", database="values", query="magic")[0]["query"].get("parameters", []), [])
    holds(s.rpc("QueryService/GetQuery", database="values", query="broken")[0]["query"]["unavailableReason"], "a reason")
    for name in ("absent", "FIRST"):
        s.fails("NOT_FOUND", "NO_SUCH_QUERY", s.rpc, "QueryService/GetQuery", database="values", query=name)


@case()
def a_stored_query_runs_with_its_parameters(s):
    def run(name, **params):
        answer, = s.rpc("QueryService/RunQuery", database="values", query=name, params=params)
        return [[value.get("integer") for value in row["values"]] for row in answer.get("rows", [])]

    equal(run("first"), [[str(n), str(n * n)] for n in (1, 2, 3)])
    equal(run("between", **values(low=10)), [["10"], ["11"], ["12"]])
    equal(run("between", **values(low=3, high=4)), [["3"], ["4"]])
    for wrong in ({}, values(low=1, other=2), {"low": {"text": "1"}}, {"low": {"null": "NULL_VALUE"}}, {"low": {}},
                  values(low=1, _now_epoch=5)):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/RunQuery", database="values", query="between",
                params=wrong)
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/RunQuery", database="values", query="broken")
    s.fails("NOT_FOUND", "NO_SUCH_QUERY", s.rpc, "QueryService/RunQuery", database="values", query="absent")


@case()
def only_the_server_fills_magic_parameters(s):
    def run(token):
        answer, = s.rpc("QueryService/RunQuery", token, database="values", query="magic")
        return neutral.table([answer]).rows[0]

    equal(run(""), (("null", None), ("integer", 1), ("integer", 9)))
    equal(run(s.token)[0], ("text", "admin"))
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/RunQuery", database="values", query="magic",
            params={"_actor_id": {"text": "root"}})


@case(GRPC)
def headers_reach_a_stored_query(s):
    answer, = s.rpc("QueryService/RunQuery", database="values", query="agent")
    holds(answer["rows"][0]["values"][0].get("text"), "a user agent")


@case()
def a_stored_query_that_writes_runs_for_those_who_may(s):
    def run(token=None, **request):
        answer, = s.rpc("QueryService/RunQuery", s.token if token is None else token, database="writes", query="add_note",
                        **request)
        return answer

    def count():
        return s.query("writes", "SELECT count(*) FROM note WHERE text = 'stored'").rows[0][0][1]

    before = count()
    params = {"text": {"text": "stored"}}
    answer = run(params=params)
    equal([value for value in answer["rows"][0]["values"]], [{"text": "stored"}, {"integer": "3"}])
    equal((int(answer["affectedCount"]), bool(answer["commitToken"]), int(answer["lastInsertRowid"]) > 0), (1, True, True))
    packed = run(params=params | values(n=4), layout="ROW_LAYOUT_COLUMNS")
    equal(neutral.table([packed]).rows, [(("text", "stored"), ("integer", 4))])
    equal(count(), before + 2)
    equal(run(params=params, validateOnly=True).get("commitToken", ""), "")
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", run, token="", params=params)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", run)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", run, params={"text": {"integer": "5"}})
    s.fails("FAILED_PRECONDITION", "CHECK", run, params=params | values(n=5000))
    equal(count(), before + 2)


@case()
def a_stored_query_that_writes_takes_effect_once_for_one_request_id(s):
    def sign(request_id):
        return s.rpc("QueryService/RunQuery", s.token, database="writes", query="sign", requestId=request_id)[0]

    first, again, other = sign("stored-" + s.door_name), sign("stored-" + s.door_name), sign("other-" + s.door_name)
    equal((again.pop("replayed", False), first.pop("replayed", False)), (True, False))
    equal(again, first)
    holds(first["rows"][0]["values"][0]["text"].startswith("admin"), first)
    holds(other["rows"] != first["rows"], "another id is another run")
    s.fails("FAILED_PRECONDITION", "REQUEST_ID_REUSED", s.rpc, "QueryService/RunQuery", s.token, database="writes",
            query="add_note", params={"text": {"text": "x"}}, requestId="stored-" + s.door_name)


@case()
def a_stored_query_that_writes_says_so_and_is_not_exported(s):
    query = s.rpc("QueryService/GetQuery", database="writes", query="add_note")[0]["query"]
    equal((query["writes"], query.get("unavailableReason", ""), [item["name"] for item in query["parameters"]]),
          (True, "", ["text", "n"]))
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.body, "QueryService/ExportStoredQuery", s.token, database="writes",
            query="add_note", params={"text": "x"})


@case()
def a_stored_query_is_exported(s):
    _, body = s.body("QueryService/ExportStoredQuery", database="values", query="between", params={"low": 11}, format="csv")
    holds(s.door.same_body(body, b"n\r\n11\r\n12\r\n"), repr(body))
    _, body = s.body("QueryService/ExportStoredQuery", database="values", query="first", format="json")
    equal(json.loads(body)["rows"], [{"n": n, "square": n * n} for n in (1, 2, 3)])
    for wrong in ({"low": "11"}, [11], {"low": 11, "_now_epoch": 1}):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.body, "QueryService/ExportStoredQuery", database="values",
                query="between", params=wrong)


@case()
def the_catalogue_shows_the_configuration(s):
    database = s.rpc("CatalogService/GetDatabase", database="values")[0]["database"]
    equal((database["about"]["title"], database["about"]["license"], int(database["queryCount"])),
          ("Values of all kinds", "CC0", 5))
    table = s.rpc("CatalogService/GetTable", database="values", table="SERIES")[0]["table"]
    equal(table["about"]["title"], "A series")
    visit = s.rpc("CatalogService/GetTable", database="library", table="visit")[0]["table"]
    equal((visit["defaultOrderBy"], int(visit["defaultPageSize"])), ("n desc", 2))
    square, = [column for column in table["columns"] if column["name"] == "square"]
    equal((square["description"], square["unit"]), ("the number times itself", "m²"))


@case()
def a_page_that_asks_for_none_has_the_configured_order_and_size(s):
    def ids(**request):
        page = neutral.table(s.rpc("RowService/ListRows", database="library", table="VISIT", **request))
        return [row[0][1] for row in page.rows], page.next_page_token

    first, token = ids()
    second, token = ids(pageToken=token)
    last, end = ids(pageToken=token)
    equal((first, second, last, end), ([2, 3], [5, 1], [4], ""))
    equal(ids(orderBy="id", pageSize=3)[0], [1, 2, 3])
    equal(ids(pageSize=1000)[0], [2, 3, 5, 1, 4])
    _, body = s.body("RowService/BrowseRows", database="library", table="visit", format="json")
    equal([row["id"] for row in json.loads(body)["rows"]], [2, 3])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/ListRows", database="library", table="visit",
            orderBy="n desc", pageToken=ids()[1])
    rows = neutral.table(s.rpc("RowService/ReadRows", database="library", table="visit")).rows
    equal([row[0][1] for row in rows], [1, 2, 3, 4, 5])


@case()
def labels_are_of_the_configured_column(s):
    answer, = s.rpc("RowService/ListRows", database="library", table="visit", orderBy="id", pageSize=2, labels=["shop"],
                    columns=["shop"], facets=["shop"])
    equal([row[1] for row in neutral.table([answer]).rows], [("text", "Ulm"), ("null", None)])
    equal(answer["facets"][0]["values"][0].get("label"), {"text": "Ulm"})
    answer, = s.rpc("RowService/GetRow", database="library", table="visit", key="1", labels=["*"])
    equal(answer["row"]["values"][-1], {"text": "Ulm"})


@case()
def ceilings_hold_for_rows_without_sql(s):
    def execute(sql):
        s.rpc("QueryService/Execute", s.token, database="empty", sql=sql)

    def read(**request):
        messages = s.rpc("RowService/ReadRows", database="empty", table="ceiled", **request)
        return sum(len(message.get("rows", [])) for message in messages), messages[-1]

    execute("CREATE TABLE ceiled AS SELECT value AS a FROM json_each('[1,2,3,4,5]')")
    try:
        page, = s.rpc("RowService/ListRows", database="empty", table="ceiled", pageSize=500)
        equal((len(page["rows"]), bool(page.get("nextPageToken"))), (2, True))
        count, last = read()
        equal((count, last.get("truncated"), int(last["stats"]["rowCount"])), (3, True, 3))
        count, rest = read(resumeToken=last["resumeToken"])
        equal((count, rest.get("truncated", False), rest.get("resumeToken", "")), (2, False, ""))
        equal((read(rowLimit="3")[0], read(rowLimit="3")[1].get("truncated", False)), (3, False))
    finally:
        execute("DROP TABLE ceiled")


@case()
def tables_that_the_configuration_hides_are_not_listed(s):
    def names(**request):
        return [table["name"] for table in s.rpc("CatalogService/ListTables", database="values", **request)[0]["tables"]]

    holds("big" not in names() and "series" in names(), names())
    holds("big" in names(showHidden=True), names(showHidden=True))
    holds(s.rpc("CatalogService/GetTable", database="values", table="big")[0]["table"].get("hidden"), "hidden")
    equal(len(s.query("values", "SELECT id FROM big LIMIT 1").rows), 1)


@case()
def ceilings_of_the_configuration_cut_results_and_say_so(s):
    sql = "SELECT * FROM (VALUES (1), (2), (3), (4))"
    answer, = s.rpc("QueryService/Query", database="empty", sql=sql, maxRows=500)
    equal((len(answer["rows"]), answer.get("truncated")), (2, True))
    answers = s.rpc("QueryService/StreamQuery", database="empty", sql=sql)
    equal((sum(len(answer.get("rows", [])) for answer in answers), answers[-1].get("truncated")), (3, True))
    equal(int(answers[-1]["stats"]["rowCount"]), 3)
    whole = s.rpc("QueryService/StreamQuery", database="empty", sql="VALUES (1), (2), (3)")
    equal(bool(whole[-1].get("truncated")), False)


@case(GRPC)
def an_export_beyond_a_ceiling_does_not_look_whole(s):
    sql = "SELECT * FROM (VALUES (1), (2), (3), (4))"
    _, body = s.body("QueryService/ExportQuery", database="empty", sql=sql, format="json")
    equal((len(json.loads(body)["rows"]), json.loads(body)["truncated"]), (3, True))
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.body, "QueryService/ExportQuery", database="empty", sql=sql, format="csv")


@case()
def a_statement_is_described(s):
    answer, = s.rpc("QueryService/Describe", database="values", sql="SELECT n, square + :x FROM series WHERE name = ?2")
    equal([parameter.get("name", "") for parameter in answer["parameters"]], ["x", ""])
    equal([(column["name"], column.get("table", ""), column.get("column", "")) for column in answer["columns"]],
          [("n", "series", "n"), ("square + :x", "", "")])
    equal((answer["readOnly"], answer["permissions"]), (True, ["PERMISSION_QUERY"]))
    equal([(table["name"], sorted(table["columnsRead"])) for table in answer["tables"]],
          [("series", ["n", "name", "square"])])
    equal([step["detail"] for step in answer["plan"]], ["SCAN series"])


@case()
def a_statement_that_writes_is_described_and_does_not_run(s):
    before = s.query("writes", "SELECT count(*) FROM note").rows
    answer, = s.rpc("QueryService/Describe", database="writes", sql="DELETE FROM note WHERE id = 1")
    equal((answer.get("readOnly", False), answer["tables"][0].get("deletes")), (False, True))
    equal(s.query("writes", "SELECT count(*) FROM note").rows, before)
    for sql in ("DROP TABLE note", "SELEC 1", "SELECT 1; SELECT 2", "SELECT * FROM _sluice_commit", "PRAGMA user_version"):
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/Describe", database="writes", sql=sql)


@case()
def a_stream_goes_on_after_a_resume_token(s):
    sql = "SELECT n, name FROM series WHERE n > ? ORDER BY n DESC"

    def stream(**request):
        return s.rpc("QueryService/StreamQuery", database="values", **request)

    whole = stream(sql=sql, params=[{"integer": "5"}])
    rows = [row for answer in whole for row in answer.get("rows", [])]
    equal(len(rows), 4495)
    holds(len(whole) > 1 and not whole[-1].get("resumeToken"), f"{len(whole)} messages")
    seen = 0
    for answer in whole[:-1]:
        seen += len(answer["rows"])
        again = stream(sql=sql, params=[{"integer": "5"}], resumeToken=answer["resumeToken"])
        equal([row for later in again for row in later.get("rows", [])], rows[seen:])
    token = whole[0]["resumeToken"]
    for other in ({"params": [{"integer": "6"}]}, {"params": [{"integer": "5"}], "sql": sql + " LIMIT 9"},
                  {"params": [{"integer": "5"}], "resumeToken": token[:-2] + "AA"}):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", stream, **({"sql": sql, "resumeToken": token} | other))
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/StreamQuery", s.token, database="values", sql=sql,
            params=[{"integer": "5"}], resumeToken=token)
    holds(not stream(sql="SELECT name FROM series")[0].get("resumeToken"), "no token without a key")


@case(HTTP)
def a_stored_query_runs_from_a_url(s):
    _, body = s.body("QueryService/ExportStoredQuery", database="values", query="between", params={"low": 12}, format="ndjson")
    holds(s.door.same_body(body, b'{"n":12}\n'), repr(body))
