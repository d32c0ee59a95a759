"""Databases, tables and columns may have any name."""

from fixtures import ODD_COLUMNS, ODD_TABLES, quoted
from registry import case, equal


@case()
def odd_tables_are_listed(s):
    answer, = s.call("CatalogService/ListTables", database="names")
    equal(sorted(item["name"] for item in answer["tables"]), sorted([*ODD_TABLES, "columns"]))


@case()
def odd_tables_are_described(s):
    for name in ODD_TABLES:
        answer, = s.call("CatalogService/GetTable", database="names", table=name)
        equal(answer["table"]["name"], name)
        equal([column["name"] for column in answer["table"]["columns"]], ["id", "v " + name])


@case()
def odd_tables_give_their_rows(s):
    for i, name in enumerate(ODD_TABLES):
        expected = (("integer", i), ("text", name))
        equal(s.rows("names", name).rows, [expected], name)
        equal(s.row("names", name, str(i)), expected, name)
        equal(s.query("names", f"SELECT * FROM {quoted(name)}").rows, [expected], name)


@case()
def odd_tables_take_rows(s):
    for name in ODD_TABLES:
        answer = s.insert("names", name, ["id", "v " + name], [[1000, "new"]])
        equal(answer["keys"], ["1000"], name)
        equal(s.row("names", name, "1000"), (("integer", 1000), ("text", "new")), name)


@case()
def odd_columns_keep_their_names(s):
    answer = s.rows("names", "columns")
    equal(answer.columns, ODD_COLUMNS)
    equal(answer.rows, [tuple(("integer", i) for i in range(len(ODD_COLUMNS)))])


@case()
def names_of_tables_ignore_case_as_in_sql(s):
    answer, = s.call("CatalogService/GetTable", database="names", table="GROUP")
    equal(answer["table"]["name"], "group")


@case()
def a_database_may_have_a_space_in_its_name(s):
    answer, = s.call("CatalogService/GetDatabase", database="odd name ü")
    equal(answer["database"]["name"], "odd name ü")
    equal(s.rows("odd name ü", "t").rows, [])
