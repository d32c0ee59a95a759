"""Tables as streams, and single values as bytes."""

import neutral
from fixtures import BIG_BLOB, VALUES
from neutral import InvalidText
from registry import case, equal, holds


def read(s, database, name, **request):
    return s.rpc("RowService/ReadRows", database=database, table=name, **request)


@case()
def a_stream_gives_the_whole_table(s):
    for name, order in (("two", "auth, code"), ("no_key", "rowid"), ("computed", "id"), ("nocase", "k")):
        equal(neutral.table(s.call("RowService/ReadRows", database="keys", table=name)).rows,
              s.plain("keys", f"SELECT * FROM {name} ORDER BY {order}"), name)
    equal(neutral.table(s.call("RowService/ReadRows", database="values", table="series")).rows,
          s.plain("values", "SELECT * FROM series ORDER BY n"))
    equal(sorted(map(repr, neutral.table(read(s, "keys", "ties")).rows)), sorted(map(repr, s.plain("keys", "SELECT * FROM ties"))))


@case()
def a_stream_is_chosen_and_ordered(s):
    expected = s.plain("values", "SELECT name, n FROM series WHERE n > 100 ORDER BY name DESC, n DESC LIMIT 1500")
    found = neutral.table(s.call("RowService/ReadRows", database="values", table="series", filter="n > 100", orderBy="name desc",
                                 columns=["name", "n"], rowLimit=1500))
    equal(found.rows, expected)
    equal(neutral.table(read(s, "library", "book", search="sea", columns=["id"])).rows, [(("integer", 3),), (("integer", 1),)])


@case()
def a_stream_says_what_it_cost_and_goes_on_after_each_message(s):
    messages = read(s, "values", "series", orderBy="name")
    equal(messages[-1]["stats"]["rowCount"], "4500")
    holds(len(messages) > 1 and all(not message.get("stats") for message in messages[:-1]), "only the last message has statistics")
    holds(all(message["resumeToken"] for message in messages[:-1]), "each message but the last can be continued after")
    whole = neutral.table(messages).rows
    for at in (0, len(messages) // 2):
        given = len(neutral.table(messages[:at + 1]).rows)
        rest = read(s, "values", "series", orderBy="name", resumeToken=messages[at]["resumeToken"])
        equal(neutral.table(rest).rows, whole[given:], f"after {given} rows")
    failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", read, s, "values", "series", orderBy="name desc",
                      resumeToken=messages[0]["resumeToken"])
    equal(failure.fields, ["resume_token"])
    for request, field in (({"rowLimit": -1}, "row_limit"), ({"filter": "nosuch = 1"}, "filter"),
                           ({"orderBy": "nosuch"}, "order_by")):
        equal(s.fails("INVALID_ARGUMENT", "BAD_REQUEST", read, s, "values", "series", **request).fields, [field])
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", read, s, "values", "nosuch")


@case()
def a_value_is_its_bytes(s):
    for i, (what, item) in enumerate(VALUES.items(), 1):
        kind, content = s.body("RowService/ReadValue", database="values", table="stored", key=str(i), column="v")
        if isinstance(item, (bytes, InvalidText)):
            wanted = item if isinstance(item, bytes) else item.bytes
        elif isinstance(item, str):
            wanted = item.encode()
        elif item is None:
            wanted = b""
        else:
            number = float(content) if isinstance(item, float) else int(content)
            equal(number, item, what)
            wanted = content
        holds(s.door.same_body(content, wanted), f"{what}: {content[:80]!r}")
        equal(kind, "application/octet-stream" if isinstance(item, bytes) else "text/plain; charset=utf-8", what)


@case()
def a_large_value_comes_in_pieces(s):
    _, content = s.body("RowService/ReadValue", database="values", table="big", key="1", column="data")
    holds(s.door.same_body(content, BIG_BLOB), "5 MiB come as they are")


@case()
def a_value_that_is_not_there_is_refused(s):
    def value(database="values", table="stored", key="1", column="v"):
        return s.body("RowService/ReadValue", database=database, table=table, key=key, column=column)

    s.fails("NOT_FOUND", "NO_SUCH_ROW", value, key="99999")
    s.fails("NOT_FOUND", "NO_SUCH_TABLE", value, table="nosuch")
    equal(s.fails("INVALID_ARGUMENT", "BAD_REQUEST", value, column="nosuch").fields, ["column"])
    equal(s.fails("INVALID_ARGUMENT", "BAD_REQUEST", value, key="1,2").fields, ["key"])
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", value, database="keys", table="ties", column="x")
