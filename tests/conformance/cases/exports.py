"""Natural JSON, NDJSON and CSV, byte for byte."""

import json

from registry import case, equal, holds

SQL = ("SELECT 1 AS i, 2.5 AS r, 'a\"b,c' AS t, x'00FF' AS b, NULL AS n, 9223372036854775807 AS big "
       "UNION ALL SELECT -1, 1e300, 'ü\n', x'', NULL, 0")
BLOB = '{"$base64":true,"encoded":"%s"}'
OBJECTS = ('{"i":1,"r":2.5,"t":"a\\"b,c","b":' + BLOB % "AP8=" + ',"n":null,"big":9223372036854775807}',
           '{"i":-1,"r":1e+300,"t":"ü\\n","b":' + BLOB % "" + ',"n":null,"big":0}')


def exported(s, sql, **fields):
    return s.body("QueryService/ExportQuery", database="values", sql=sql, **fields)


def same(s, answer, kind, expected):
    equal(answer[0], kind, "the content type")
    holds(s.door.same_body(answer[1], expected.encode()), f"got {answer[1]!r}, expected {expected!r}")


@case()
def ndjson_has_a_line_for_each_row(s):
    same(s, exported(s, SQL, format="ndjson"), "application/x-ndjson", "".join(line + "\n" for line in OBJECTS))


@case()
def json_has_columns_and_rows(s):
    kind, content = exported(s, SQL)
    equal(kind, "application/json")
    answer = json.loads(content)
    equal([column["name"] for column in answer["columns"]], ["i", "r", "t", "b", "n", "big"])
    equal(answer["rows"], [json.loads(line) for line in OBJECTS])
    equal(answer["truncated"], False)


@case()
def csv_quotes_what_it_must(s):
    same(s, exported(s, "SELECT 1 AS a, 'x' AS \"b,c\" UNION ALL SELECT 2.5, 'say \"hi\", you' UNION ALL SELECT NULL, ''",
                     format="csv"), "text/csv; charset=utf-8", 'a,"b,c"\r\n1,x\r\n2.5,"say ""hi"", you"\r\n,\r\n')


@case()
def integers_may_be_texts_where_json_is_read_as_doubles(s):
    _, content = exported(s, "SELECT 9007199254740993 AS a, 9007199254740991 AS b", format="ndjson", int64="string")
    holds(s.door.same_body(content, b'{"a":"9007199254740993","b":9007199254740991}\n'), repr(content))


@case()
def infinity_is_a_text(s):
    _, content = exported(s, "SELECT 9e999 AS a, -9e999 AS b", format="ndjson")
    holds(s.door.same_body(content, b'{"a":"Infinity","b":"-Infinity"}\n'), repr(content))


@case()
def rows_may_be_arrays(s):
    _, content = exported(s, "SELECT 1 AS a, 'x' AS a", shape="arrays")
    equal(json.loads(content)["rows"], [[1, "x"]])
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", exported, s, "SELECT 1 AS a, 'x' AS a")


@case()
def parameters_are_natural_json(s):
    sql = "SELECT ?1 AS a, typeof(?1) AS t, typeof(?2) AS u, typeof(?3) AS w, typeof(?4) AS x, typeof(?5) AS y"
    params = [1.5, 1, "x", {"$base64": True, "encoded": "AA=="}, {"$integer": "9223372036854775807"}]
    _, content = exported(s, sql, params=params, format="ndjson")
    holds(s.door.same_body(content, b'{"a":1.5,"t":"real","u":"integer","w":"text","x":"blob","y":"integer"}\n'), repr(content))
    _, content = exported(s, "SELECT :who AS w", params={"who": "EPSG"}, format="ndjson")
    holds(s.door.same_body(content, b'{"w":"EPSG"}\n'), repr(content))


@case()
def a_large_export_is_whole(s):
    sql = "WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<50000) SELECT n, 'row ' || n AS name FROM c"
    _, content = exported(s, sql, format="csv")
    expected = b"n,name\r\n" + b"".join(b"%d,row %d\r\n" % (n, n) for n in range(1, 50001))
    holds(s.door.same_body(content, expected), f"{len(content)} bytes, expected {len(expected)}")
    _, content = exported(s, sql, format="ndjson")
    expected = b"".join(b'{"n":%d,"name":"row %d"}\n' % (n, n) for n in range(1, 50001))
    holds(s.door.same_body(content, expected), f"{len(content)} bytes, expected {len(expected)}")


@case()
def an_unknown_format_is_refused(s):
    for fields in ({"format": "xml"}, {"int64": "float"}, {"shape": "round"}):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", exported, s, "SELECT 1", **fields)
        equal(failure.fields, list(fields))
