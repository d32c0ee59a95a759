"""Values of every storage class come back as they are stored, and go in as parameters."""

import neutral
from fixtures import BIG_BLOB, TYPED, VALUES, InvalidText
from registry import case, equal

EVERY = [(what, neutral.of_python(item)) for what, item in VALUES.items()]


@case()
def stored_values_come_through_a_query(s):
    rows = s.query("values", "SELECT what, v FROM stored ORDER BY id").rows
    equal(rows, [(("text", what), item) for what, item in EVERY])


@case()
def stored_values_come_through_a_stream(s):
    rows = s.stream("values", "SELECT v FROM stored ORDER BY id").rows
    equal(rows, [(item,) for _, item in EVERY])


@case()
def stored_values_come_through_pages(s):
    equal(s.rows("values", "stored").rows, s.plain("values", "SELECT * FROM stored ORDER BY id"))


@case()
def stored_values_come_through_single_rows(s):
    for i, (what, item) in enumerate(EVERY, 1):
        equal(s.row("values", "stored", str(i))[2], item, what)


@case()
def values_in_typed_columns_are_what_sqlite_made_of_them(s):
    rows = s.rows("values", "typed").rows
    equal(rows, s.plain("values", "SELECT * FROM typed ORDER BY id"))
    equal(len(rows), len(TYPED))


@case()
def parameters_by_position_keep_class_and_value(s):
    for what, item in VALUES.items():
        expected = neutral.of_python(item)
        kind = {"raw_text": "text"}.get(expected[0], expected[0])
        equal(s.query("values", "SELECT ?1, typeof(?1)", [item]).rows, [(expected, ("text", kind))], what)


@case()
def parameters_by_name_keep_class_and_value(s):
    equal(s.stream("values", "SELECT :a, @b, $c, :a", a=2**63 - 1, b=b"\0", c=InvalidText(b"\xff")).rows,
          [(("integer", 2**63 - 1), ("blob", b"\0"), ("raw_text", b"\xff"), ("integer", 2**63 - 1))])


@case()
def a_big_blob_comes_by_key_and_by_page(s):
    expected = ("blob", BIG_BLOB)
    equal(s.row("values", "big", "1")[1] == expected, True, "GetRow")
    equal(s.rows("values", "big").rows[0][1] == expected, True, "ListRows")


@case()
def a_big_blob_comes_by_sql_with_the_token(s):
    answer = neutral.table(s.call("QueryService/StreamQuery", s.token, database="values", sql="SELECT data FROM big"))
    equal(answer.rows[0][0] == ("blob", BIG_BLOB), True)


@case()
def a_big_blob_is_beyond_anonymous_sql(s):
    for method in ("QueryService/Query", "QueryService/StreamQuery", "QueryService/ExportQuery"):
        call = s.body if method.endswith("ExportQuery") else s.call
        s.fails("RESOURCE_EXHAUSTED", "LIMIT", call, method, database="values", sql="SELECT data FROM big")
    s.still_answers()


@case()
def typed_null_parameters_are_null(s):
    answer = s.rpc("QueryService/Query", database="values", sql="SELECT ? IS NULL", params=[{"null": None}])
    equal(neutral.table(answer).rows, [(("integer", 1),)])
