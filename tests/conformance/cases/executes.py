"""SQL that writes: one statement or several, a transaction of its own, and nothing else than rows and definitions."""

import uuid

import neutral
from registry import case, equal, holds


def execute(s, sql, params=(), **request):
    typed = [neutral.to_json(neutral.of_python(item)) for item in params]
    answer, = s.rpc("QueryService/Execute", s.token, database="writes", sql=sql, params=typed, **request)
    return answer


def batch(s, *statements, **request):
    answer, = s.rpc("QueryService/BatchExecute", s.token, database="writes", statements=[{"sql": sql} for sql in statements],
                    **request)
    return answer


def own(s, what):
    """The name of a table of this door's and this case's own."""
    return f"made_{what}_{s.door_name}".replace("-", "_")


@case()
def a_statement_tells_what_it_did(s):
    table = own(s, "told")
    execute(s, f"CREATE TABLE {table}(id INTEGER PRIMARY KEY, v)")
    answer = execute(s, f"INSERT INTO {table}(v) VALUES (?), (?) RETURNING id, v AS value", ["a", b"\0"])
    equal((int(answer["affectedCount"]), int(answer["lastInsertRowid"])), (2, 2))
    holds(answer["commitToken"], "there is a commit token")
    rows = neutral.table([answer])
    equal((rows.columns, rows.rows), (["id", "value"], [(("integer", 1), ("text", "a")), (("integer", 2), ("blob", b"\0"))]))
    answer = execute(s, f"UPDATE {table} SET v = 1 WHERE id > 1", maxRows=1)
    equal(int(answer["affectedCount"]), 1)
    equal(s.plain("writes", f"SELECT v FROM {table}"), [(("text", "a"),), (("integer", 1),)])


@case()
def a_batch_is_kept_whole_or_not_at_all(s):
    table = own(s, "whole")
    answer = batch(s, f"CREATE TABLE {table}(v UNIQUE)", f"INSERT INTO {table} VALUES (1), (2)", f"SELECT sum(v) FROM {table}")
    equal([int(result.get("affectedCount") or 0) for result in answer["results"]], [0, 2, 0])
    equal(neutral.table([answer["results"][2]]).rows, [(("integer", 3),)])
    failure = s.fails("ALREADY_EXISTS", "UNIQUE", batch, s, f"DELETE FROM {table} WHERE v = 2", f"INSERT INTO {table} VALUES (1)")
    equal(failure.metadata["statement"], "1")
    equal(s.plain("writes", f"SELECT count(*) FROM {table}"), [(("integer", 2),)])


@case()
def what_is_only_validated_is_not_kept(s):
    table = own(s, "unkept")
    equal(execute(s, f"CREATE TABLE {table}(v)", validateOnly=True).get("commitToken") or "", "")
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", execute, s, f"INSERT INTO {table} VALUES (1)")


@case()
def the_same_request_id_runs_once(s):
    table = own(s, "once")
    execute(s, f"CREATE TABLE {table}(v)")
    request_id = str(uuid.uuid4())
    first = execute(s, f"INSERT INTO {table} VALUES (1)", requestId=request_id)
    again = execute(s, f"INSERT INTO {table} VALUES (1)", requestId=request_id)
    equal((again["affectedCount"], again["commitToken"], again["replayed"]), (first["affectedCount"], first["commitToken"], True))
    equal(s.plain("writes", f"SELECT count(*) FROM {table}"), [(("integer", 1),)])
    s.fails("FAILED_PRECONDITION", "REQUEST_ID_REUSED", execute, s, f"DELETE FROM {table}", requestId=request_id)


@case()
def statements_keep_to_rows_and_definitions(s):
    execute(s, "INSERT INTO anything VALUES (1)")
    for sql in ("BEGIN", "COMMIT", "SAVEPOINT a", "ATTACH ':memory:' AS other", "PRAGMA synchronous = OFF", "VACUUM",
                "CREATE TEMP TABLE x(a)", "DELETE FROM _sluice_commit", "CREATE TABLE _sluice_x(a)", "SELECT 1; SELECT 2",
                "ALTER TABLE anything RENAME TO _sluice_x", "nonsense"):
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", execute, s, sql)
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", batch, s, sql)
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", execute, s, "")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", execute, s, "SELECT ?")
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/BatchExecute", s.token, database="writes")
    s.still_answers()


@case()
def reading_methods_still_refuse_to_write(s):
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/Query", s.token, database="writes",
            sql="INSERT INTO anything VALUES (1)")


@case()
def sql_that_writes_needs_the_token(s):
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, "QueryService/Execute", "", database="writes", sql="SELECT 1")
    s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.rpc, "QueryService/BatchExecute", "", database="writes",
            statements=[{"sql": "SELECT 1"}])


@case()
def nothing_that_sql_makes_reaches_the_servers_own_tables(s):
    view, table = own(s, "peep"), own(s, "referring")
    execute(s, f"CREATE VIEW {view} AS SELECT seq FROM _sluice_commit")
    try:
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "RowService/ListRows", database="writes", table=view)
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, "QueryService/Query", database="writes", sql=f"SELECT * FROM {view}")
    finally:
        execute(s, f"DROP VIEW {view}")
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", execute, s, f"CREATE TABLE {table}(a REFERENCES _sluice_receipts)")
    execute(s, f"CREATE TABLE {table}(a)", requestId=str(uuid.uuid4()))
