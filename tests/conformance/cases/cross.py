"""Statements that read several databases."""

import csv
import io

import neutral
from registry import HTTP, case, equal, holds

JOIN = ("SELECT s.n, b.title FROM series AS s JOIN library.book AS b ON b.id = s.n JOIN \"names\".\"a b\" AS o ON o.id = 2 "
        "WHERE s.n <= 2 ORDER BY s.n")
ROWS = [(("integer", 1), ("text", "The Sea")), (("integer", 2), ("text", 'a "quoted" one'))]
OTHERS = ["library", "names"]


@case()
def a_statement_reads_tables_of_other_databases(s):
    for method in ("QueryService/Query", "QueryService/StreamQuery"):
        for layout in ("ROW_LAYOUT_ROWS", "ROW_LAYOUT_COLUMNS"):
            equal(neutral.table(s.rpc(method, database="values", sql=JOIN, databases=OTHERS, layout=layout)).rows, ROWS)
    named, = s.rpc("QueryService/Query", database="values", sql="SELECT title FROM book WHERE id = :id", databases=["library"],
                   namedParams={"id": {"integer": "1"}})
    equal(neutral.table([named]).rows, [(("text", "The Sea"),)])


@case()
def an_export_reads_tables_of_other_databases(s):
    _, body = s.body("QueryService/ExportQuery", database="values", sql=JOIN, databases=OTHERS, format="csv")
    equal([row for row in csv.reader(io.StringIO(body.decode())) if row], [["n", "title"], ["1", "The Sea"], ["2", 'a "quoted" one']])


@case()
def a_name_alone_is_looked_for_in_the_own_database_first(s):
    for own, other in (("values", "keys"), ("keys", "values")):
        rows = neutral.table(s.rpc("QueryService/Query", database=own, databases=[other],
                                   sql="SELECT (SELECT count(*) FROM series), (SELECT count(*) FROM code)")).rows
        equal(rows, [(("integer", 4500), ("integer", 10))])
    count = "SELECT count(*) FROM anything"
    own = s.query("keys", count).rows
    equal(neutral.table(s.rpc("QueryService/Query", database="keys", databases=["writes"], sql=count)).rows, own)


@case()
def a_full_text_index_of_another_database_is_searched(s):
    answer, = s.rpc("QueryService/Query", database="values", databases=["keys"],
                    sql="SELECT rowid FROM keys.text_index WHERE text_index MATCH 'gates'")
    equal(neutral.table([answer]).rows, [(("integer", 7),)])


@case()
def what_a_statement_over_several_databases_touches_is_described(s):
    answer, = s.rpc("QueryService/Describe", database="values", sql="SELECT n, title FROM series, library.book", databases=["library"])
    equal([(table.get("database", ""), table["name"]) for table in answer["tables"]], [("", "series"), ("library", "book")])
    equal([column.get("database", "") for column in answer["columns"]], ["", "library"])
    holds(answer["plan"], "there is a plan")


@case()
def a_database_that_is_not_there_is_not_found(s):
    for method in ("QueryService/Query", "QueryService/StreamQuery", "QueryService/Describe"):
        failure = s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.rpc, method, database="values", sql="SELECT 1", databases=["absent"])
        equal(failure.metadata, {"database": "absent"})
    s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.body, "QueryService/ExportQuery", database="values", sql="SELECT 1",
            databases=["absent"])


@case()
def databases_of_different_encodings_are_not_read_together(s):
    failure = s.fails("FAILED_PRECONDITION", "UNSUPPORTED", s.rpc, "QueryService/Query", database="values", sql="SELECT 1",
                      databases=["utf16"])
    equal(failure.metadata.get("database"), "utf16")


@case()
def names_that_sql_cannot_tell_apart_are_refused(s):
    for wrong in (["values"], [""], ["library", "library"], ["library", "LIBRARY"], ["main"], ["Temp"]):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/Query", database="values", sql="SELECT 1",
                          databases=wrong)
        equal(failure.fields, ["databases"])
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.rpc, "QueryService/Query", database="values", sql="SELECT 1",
            databases=[f"d{n}" for n in range(11)])


@case()
def only_what_was_asked_for_is_there_and_only_to_read(s):
    for sql in ("SELECT * FROM library.book", "SELECT * FROM keys.code, library.book", "ATTACH 'library.db' AS library",
                "SELECT * FROM keys.sqlite_dbpage", "SELECT * FROM keys._sluice_commit", "DELETE FROM keys.code",
                "CREATE TABLE keys.made(a)", "DETACH keys", "SELECT * FROM pragma_database_list", "PRAGMA keys.user_version"):
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/Query", database="values", sql=sql, databases=["keys"])
    s.still_answers()


@case()
def a_stream_over_several_databases_has_no_resume_tokens(s):
    messages = s.rpc("QueryService/StreamQuery", database="values", sql="SELECT n FROM series ORDER BY n", databases=["keys"])
    holds(len(messages) > 1 and not any(message.get("resumeToken") for message in messages), f"{len(messages)} messages")
    token = s.rpc("QueryService/StreamQuery", database="values", sql="SELECT n FROM series ORDER BY n")[0]["resumeToken"]
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/StreamQuery", database="values",
            sql="SELECT n FROM series ORDER BY n", databases=["keys"], resumeToken=token)


@case()
def a_stored_query_reads_the_databases_that_it_names(s):
    answer, = s.rpc("QueryService/RunQuery", database="library", query="squares", params={"id": {"integer": "3"}})
    equal(neutral.table([answer]).rows, [(("text", "sea storm at sea"), ("integer", 9))])
    query = s.rpc("QueryService/GetQuery", database="library", query="squares")[0]["query"]
    equal((query["databases"], query.get("unavailableReason", "")), (["values"], ""))
    _, body = s.body("QueryService/ExportStoredQuery", database="library", query="squares", params={"id": 3}, format="csv")
    equal([row for row in csv.reader(io.StringIO(body.decode())) if row][1:], [["sea storm at sea", "9"]])


@case(HTTP)
def a_url_names_other_databases(s):
    response = s.door.exchange("GET", "/v1/databases/values/query?format=ndjson&databases=library&databases=keys&sql="
                               "SELECT+count(*)+AS+n+FROM+library.author%2C+keys.two")
    equal((response.status, response.body.strip()), (200, b'{"n":16}'))
