"""Row keys: every row of every kind of table has one, and it finds that row alone."""

import neutral
from registry import case, equal, holds

# Table -> the rows' order, and the keys in it.
KEYS = {
    "no_key": ("rowid", ["-3", "1", "5", "9223372036854775807"]),
    "no_rows": ("rowid", []),
    "code": ("rowid", ["EPSG~3A4326", "~t", "~t4326", "~t-1", "a~2Fb~2Cc~25~7Ed~20e", "~F0~9F~90~98", ".", "..", "~7En",
                       "with~00nul"]),
    "swapped": ("rowid", ["one,1", "two,2", "two,1"]),
    "anything": ("rowid", ["1", "~t1", "~r2.5", "~r1e300", "~b31", "~b", "~i7", "~i8", "~t", "-9223372036854775808", "~rInf",
                           "~r-Inf"]),
    "nocase": ("k", ["A", "a~20b", "b", "C"]),
    "strict_one": ("id", ["1", "2"]),
    "computed": ("id", ["1", "2"]),
}


@case()
def every_row_has_the_key_that_the_format_says(s):
    for name, (order, expected) in KEYS.items():
        answer = s.rows("keys", name)
        equal(answer.keys, expected, name)
        equal(answer.rows, s.plain("keys", f"SELECT * FROM {name} ORDER BY {order}"), name)


@case()
def keys_of_compound_keys_tell_types_apart(s):
    answer = s.rows("keys", "two")
    equal(answer.rows, s.plain("keys", "SELECT * FROM two ORDER BY auth, code"))
    equal(sorted(answer.keys), sorted(["EPSG,~t4326", "EPSG,4326", "EPSG,~r2.5", "a~2Cb,c", "a,b~2Cc", "EPSG,~bDEADBEEF",
                                       "EPSG,~b", "~t,~t"]))


@case()
def every_listed_key_finds_its_row(s):
    for name in [*KEYS, "two", "backwards"]:
        answer = s.rows("keys", name)
        equal(len(set(answer.keys)), len(answer.keys), f"different keys of {name}")
        for key, row in zip(answer.keys, answer.rows):
            equal(s.row("keys", name, key), row, f"{name} {key}")


@case()
def the_first_rows_of_the_sample_are_found_by_key(s):
    for name in ("unit_of_measure", "geodetic_crs", "grid_alternatives", "metadata"):
        page = s.page("proj", name, 20)
        holds(page.rows, f"{name} has rows")
        for key, row in zip(page.keys, page.rows):
            equal(s.row("proj", name, key), row, f"{name} {key}")


@case()
def rows_have_etags_that_stay(s):
    first, = s.call("RowService/GetRow", database="keys", table="code", key="EPSG~3A4326")
    second, = s.rpc("RowService/GetRow", database="keys", table="code", key="EPSG~3A4326")
    other, = s.rpc("RowService/GetRow", database="keys", table="code", key="~t")
    holds(first["row"]["etag"], "there is an etag")
    equal(first["row"]["etag"], second["row"]["etag"])
    holds(first["row"]["etag"] != other["row"]["etag"], "other rows have other etags")


@case()
def a_key_of_another_spelling_or_shape_is_refused(s):
    for name, key in [("no_key", ""), ("no_key", "x y"), ("no_key", "~zz"), ("code", "a~2fb"), ("code", "~"), ("code", "~t~3"),
                      ("two", "EPSG"), ("two", "EPSG,1,2"), ("no_key", "1,2"), ("anything", "~bF"),
                      ("no_key", "9223372036854775808")]:
        if key or not s.door.http:  # An empty segment of a path is another path.
            s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/GetRow", database="keys", table=name, key=key)


@case()
def a_key_of_no_row_is_not_found(s):
    for name, key in [("no_key", "77"), ("code", "EPSG~3A1"), ("two", "EPSG,1"), ("anything", "~n")]:
        failure = s.fails("NOT_FOUND", "NO_SUCH_ROW", s.call, "RowService/GetRow", database="keys", table=name, key=key)
        equal(failure.metadata, {"database": "keys", "table": name})


@case()
def views_have_rows_without_keys(s):
    answer = s.rows("keys", "over_computed")
    equal(answer.rows, s.plain("keys", "SELECT * FROM over_computed ORDER BY 1, 2"))
    equal(answer.keys, ["", ""])
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", s.call, "RowService/GetRow", database="keys", table="over_computed", key="1")


@case()
def full_text_tables_give_their_rows(s):
    answer = s.rows("keys", "text_index")
    equal(answer.rows, [(("text", "sluice"), ("text", "gates and water")), (("text", "river"), ("text", "more water"))])
    equal(s.query("keys", "SELECT title FROM text_index WHERE text_index MATCH ?", ["gates"]).rows, [(("text", "sluice"),)])
    for key, row in zip(answer.keys, answer.rows):
        equal(s.row("keys", "text_index", key), row)


@case()
def texts_of_a_utf16_database_come_as_utf8(s):
    answer = s.rows("utf16", "t")
    equal([row[0][1] for row in answer.rows], ["ü🐘", "a", "Z", "\uffee"])
    for key, row in zip(answer.keys, answer.rows):
        equal(s.row("utf16", "t", key), row)
    equal(s.query("utf16", "SELECT v FROM t WHERE k = ?", ["ü🐘"]).rows, [(neutral.of_python(1),)])
