"""Bad input: the documented code and reason, and the server goes on."""

from registry import case, equal, holds

READING = [("CatalogService/ListTables", {}), ("CatalogService/GetTable", {"table": "stored"}),
           ("QueryService/Query", {"sql": "SELECT 1"}), ("QueryService/StreamQuery", {"sql": "SELECT 1"}),
           ("RowService/ListRows", {"table": "stored"}), ("RowService/GetRow", {"table": "stored", "key": "1"})]


@case()
def an_unknown_database_is_not_found(s):
    for method, request in [*READING, ("CatalogService/GetDatabase", {})]:
        failure = s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.call, method, database="absent", **request)
        equal(failure.metadata, {"database": "absent"}, method)
    for method, request in (("QueryService/ExportQuery", {"sql": "SELECT 1"}), ("RowService/BrowseRows", {"table": "t"})):
        s.fails("NOT_FOUND", "NO_SUCH_DATABASE", s.body, method, database="absent", **request)


@case()
def an_unknown_table_is_not_found(s):
    for method, request in (("CatalogService/GetTable", {}), ("RowService/ListRows", {}), ("RowService/GetRow", {"key": "1"})):
        for name in ("absent", "sqlite_master", "st ored", "stored' OR 1=1"):
            failure = s.fails("NOT_FOUND", "NO_SUCH_TABLE", s.call, method, database="values", table=name, **request)
            equal(failure.metadata, {"database": "values", "table": name}, method)
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", s.body, "RowService/BrowseRows", database="values", table="absent")


@case()
def an_empty_statement_is_refused(s):
    for sql in ("", " ", "-- nothing", ";"):
        for method in ("QueryService/Query", "QueryService/StreamQuery"):
            try:
                s.call(method, database="values", sql=sql)
            except s.Failure as failure:
                equal(failure.code, "INVALID_ARGUMENT", repr(sql))
                continue
            raise AssertionError(f"{sql!r} was answered")


@case()
def a_statement_that_sqlite_refuses_is_an_sql_error(s):
    for sql in ("SELEC 1", "SELECT * FROM absent", "SELECT absent FROM stored", "SELECT 1; SELECT 2", "SELECT (", "SELECT no_f(1)",
                "SELECT 'unended"):
        for method in ("QueryService/Query", "QueryService/StreamQuery"):
            failure = s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, method, database="values", sql=sql)
            holds(sql not in failure.message, "the message does not repeat the statement")
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.body, "QueryService/ExportQuery", database="values", sql=sql)
    failure = s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, "QueryService/Query", database="values", sql="SELECT 1 + absent")
    equal(failure.metadata.get("offset"), "11")


@case()
def statements_that_write_are_refused(s):
    before = s.plain("values", "SELECT count(*) FROM stored")
    for sql in ("DELETE FROM stored", "INSERT INTO stored VALUES(1000,'x',1)", "UPDATE stored SET v = 1", "DROP TABLE stored",
                "CREATE TABLE x(a)", "INSERT INTO stored(v) VALUES(1) RETURNING id", "VACUUM", "ANALYZE",
                "PRAGMA user_version = 5", "PRAGMA journal_mode = delete", "ATTACH ':memory:' AS a", "DETACH main", "BEGIN",
                "COMMIT", "SAVEPOINT a", "PRAGMA writable_schema = 1"):
        for method in ("QueryService/Query", "QueryService/StreamQuery"):
            s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, method, database="values", sql=sql)
            s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.rpc, method, s.token, database="values", sql=sql)
        s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.body, "QueryService/ExportQuery", database="values", sql=sql)
    # Without an index to make again it does nothing.
    s.fails("INVALID_ARGUMENT", "SQL_ERROR", s.call, "QueryService/Query", database="proj", sql="REINDEX")
    equal(s.plain("values", "SELECT count(*) FROM stored"), before)


@case()
def what_leads_out_of_the_database_is_closed(s):
    for sql in ("SELECT load_extension('x')", "SELECT readfile('/etc/passwd')", "SELECT writefile('x','y')",
                "SELECT * FROM sqlite_dbpage", "SELECT * FROM dbstat", "SELECT fts3_tokenizer('x')"):
        try:
            s.call("QueryService/Query", database="values", sql=sql)
        except s.Failure as failure:
            holds((failure.code, failure.reason) in (("PERMISSION_DENIED", "PERMISSION_DENIED"), ("INVALID_ARGUMENT", "SQL_ERROR")),
                  f"{sql}: {failure}")
            continue
        raise AssertionError(f"{sql} was answered")


@case()
def parameters_must_fit_the_statement(s):
    for request in ({"params": [{"integer": "1"}, {"integer": "2"}]}, {"params": []}, {"namedParams": {"b": {"integer": "1"}}},
                    {"params": [{"integer": "1"}], "namedParams": {"a": {"integer": "1"}}}):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/Query", database="values", sql="SELECT :a", **request)


@case()
def a_value_without_a_kind_is_refused(s):
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/Query", database="values", sql="SELECT ?", params=[{}])


@case()
def a_negative_number_of_rows_is_refused(s):
    failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "QueryService/Query", database="values", sql="SELECT 1", maxRows=-1)
    equal(failure.fields, ["max_rows"])


@case()
def a_statement_beyond_the_ceiling_is_refused(s):
    sql = "SELECT 1 --" + "x" * 100_000
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.call, "QueryService/StreamQuery", database="values", sql=sql)
    s.still_answers()


@case("grpc")
def a_message_beyond_the_ceiling_is_refused(s):
    request = {"database": "writes", "table": "anything", "columns": ["v"], "rows": [{"values": [{"text": "x" * (5 << 20)}]}]}
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", s.rpc, "RowService/InsertRows", s.token, **request)
    s.still_answers()


@case()
def a_wrong_token_is_refused(s):
    for method, request in READING:
        s.fails("UNAUTHENTICATED", "UNAUTHENTICATED", s.call, method, "wrong", database="values", **request)
    s.still_answers()
