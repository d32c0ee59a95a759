"""Filters, orders, columns, labels, searches, counts and facets: every door chooses the same rows as plain SQL."""

import json

import neutral
from registry import case, equal, holds

# Filters and the SQL that says the same.
FILTERS = {
    "pages > 100": "pages > 100",
    "pages >= 100 AND author = 1 OR author = 2": "pages >= 100 AND (author = 1 OR author = 2)",
    "title = \"the sea\"": "title = 'the sea'",
    "contains(title, SEA)": "title LIKE '%SEA%'",
    "NOT contains(title, \"100%\")": "title NOT LIKE '%100\\%%' ESCAPE '\\'",
    "startsWith(title, the) -isNull(author)": "title LIKE 'the%' AND author IS NOT NULL",
    "glob(title, \"T*\")": "title GLOB 'T*'",
    "in(pages, 50, 300, null)": "pages IN (50, 300) OR pages IS NULL",
    "isBlank(title)": "title IS NULL OR title = ''",
    "author:*": "author IS NOT NULL",
    "arrayContains(tags, \"sea\")": "id IN (1, 3)",
    "tags:sea": "id IN (1, 3)",
    "date(made) >= \"2024-05-02\"": "date(made) >= '2024-05-02'",
    "through(loan, (reader = ann))": "id IN (SELECT book FROM loan WHERE reader = 'ann')",
    "NOT through(loan, (reader:*))": "id NOT IN (SELECT book FROM loan)",
    "title = \"a \\\"quoted\\\" one\"": "title = 'a \"quoted\" one'",
    "title = Größe": "title = 'Größe'",
    "cover = base64(\"AP8=\")": "cover = x'00ff'",
    "rowid <= 2": "id <= 2",
}
ORDERS = {"title": "title", "pages desc": "pages DESC", "author desc, pages": "author DESC, pages",
          "pages nulls last, title desc": "pages NULLS LAST, title DESC", "any_ desc": "any_ DESC"}


def chosen(s, name="book", size=0, token="", **request):
    return neutral.table(s.rpc("RowService/ListRows", database="library", table=name, pageSize=size, pageToken=token, **request))


def walked(s, name, size, **request):
    rows, token = [], ""
    while True:
        page = chosen(s, name, size, token, **request)
        rows += page.rows
        token = page.next_page_token
        if not token:
            return rows


def browsed(s, **request):
    kind, content = s.body("RowService/BrowseRows", database="library", table=request.pop("table", "book"), **request)
    equal(kind, "application/json")
    return json.loads(content)


@case()
def a_filter_gives_what_sql_gives(s):
    for text, sql in FILTERS.items():
        equal(chosen(s, filter=text).rows, s.plain("library", f"SELECT * FROM book WHERE {sql} ORDER BY id"), text)


@case()
def an_order_gives_what_sql_gives_on_pages_of_every_size(s):
    for text, sql in ORDERS.items():
        tie = "id DESC" if text.endswith("desc") else "id"
        expected = s.plain("library", f"SELECT * FROM book ORDER BY {sql}, {tie}")
        for size in (1, 2, 100):
            equal(walked(s, "book", size, orderBy=text), expected, f"{text}, pages of {size}")


@case()
def filters_orders_and_columns_go_together(s):
    expected = s.plain("library", "SELECT title, id FROM book WHERE pages > 60 ORDER BY author DESC, id DESC")
    for size in (1, 3):
        equal(walked(s, "book", size, filter="pages > 60", orderBy="author desc", columns=["title", "id"]), expected)
    page = chosen(s, columns=["title"], size=1)
    equal((page.columns, page.keys), (["title"], ["1"]))


@case()
def tables_without_rowid_and_views_are_ordered_too(s):
    equal(walked(s, "price", 1, orderBy="amount desc"),
          s.plain("library", "SELECT * FROM price ORDER BY amount DESC, shop DESC, book DESC"))
    expected = s.plain("library", "SELECT * FROM titles ORDER BY author, title COLLATE BINARY")
    equal(walked(s, "titles", 1, orderBy="author"), expected)
    equal(walked(s, "titles", 2, filter="author = 1"), [row for row in expected if row[1] == ("integer", 1)])


@case()
def a_token_serves_its_own_request_only(s):
    request = {"filter": "pages > 60", "orderBy": "title", "columns": ["id"]}
    token = chosen(s, size=1, **request).next_page_token
    equal(len(chosen(s, size=1, token=token, **request).rows), 1)
    for change in ({"filter": "pages > 61"}, {"filter": ""}, {"orderBy": "title desc"}, {"orderBy": ""}, {"columns": []},
                   {"search": "sea"}):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, size=1, token=token, **{**request, **change})
        equal(failure.fields, ["page_token"])
    failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", s.rpc, "RowService/ListRows", s.token, database="library", table="book",
                      pageSize=1, pageToken=token, **request)
    equal(failure.fields, ["page_token"])


@case()
def a_wrong_filter_is_refused_with_its_place(s):
    for text, offset in (("nosuch = 1", "0"), ("id = 1 AND nosuch = 2", "11"), ("id =", "4"), ("id", "0"), ("id = 1)", "6"),
                         ("nope(id)", "0"), ("id = 1; DROP TABLE book", "6"), ("title = \"x", "8"), ("through(nosuch, (a=1))", "8"),
                         ("id < null", "5"), (" ", "0"), ("id = 99999999999999999999", "5")):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, filter=text)
        equal((failure.fields, failure.metadata.get("offset")), (["filter"], offset), text)
    for text in ("(" * 100 + "id=1" + ")" * 100, "id=1 OR " * 600 + "id=1", "x" * 40_000, f"contains(title, {'x' * 2_000})"):
        failure = s.fails("RESOURCE_EXHAUSTED", "LIMIT", chosen, s, filter=text)
        equal(failure.fields, ["filter"], text[:20])


@case()
def a_wrong_order_or_column_is_refused(s):
    for text, offset in (("nosuch", "0"), ("id, nosuch desc", "4"), ("id sideways", "3"), ("id,", "3"), ("id, id", "4"),
                         ("lower(id)", "5")):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, orderBy=text)
        equal((failure.fields, failure.metadata.get("offset")), (["order_by"], offset), text)
    for request in ({"columns": ["nosuch"]}, {"columns": ["id", "ID"]}, {"columns": [""]}, {"labels": ["title"]},
                    {"labels": ["nosuch"]},
                    {"rawSearch": True}, {"snippets": True}, {"search": " \" "}):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, **request)
        equal(failure.fields, [{"rawSearch": "raw_search"}.get(key, key) for key in request])


@case()
def labels_stand_beside_what_they_label(s):
    answer, = s.rpc("RowService/ListRows", database="library", table="book", columns=["id", "author"], labels=["*"])
    equal((answer["columns"][2]["name"], answer["columns"][2]["labelOf"]), ("author_label", "author"))
    equal(neutral.table([answer]).rows,
          s.plain("library", "SELECT b.id, b.author, a.name FROM book AS b LEFT JOIN author AS a ON a.id = b.author ORDER BY b.id"))
    equal(browsed(s, columns=["author"], labels=["author"], pageSize=1)["rows"], [{"author": 1, "author_label": "Ada"}])


@case()
def a_search_finds_ranks_and_shows(s):
    equal([row[0][1] for row in chosen(s, search="sea", columns=["id"]).rows], [3, 1])
    equal([row[0][1] for row in walked(s, "book", 1, search="sea", columns=["id"])], [3, 1])
    equal([row[0][1] for row in chosen(s, search="sea", orderBy="id", columns=["id"]).rows], [1, 3])
    equal([row[0][1] for row in chosen(s, search="sea", filter="id < 3", columns=["id"]).rows], [1])
    equal(chosen(s, search="\"the sea\" OR", columns=["id"]).rows, [])
    found = chosen(s, search="title: storm OR quoted", rawSearch=True, orderBy="id", columns=["id"]).rows
    equal([row[0][1] for row in found], [2, 3])
    row, = chosen(s, search="storm", snippets=True, columns=["id"]).rows
    equal(row, (("integer", 3), ("text", "sea [storm] at sea")))
    # FTS4, and an index by itself.
    equal([row[0][1] for row in walked(s, "author", 1, search="ada", columns=["id"])], [1])
    equal(len(chosen(s, "book_words", search="sea").rows), 2)
    s.fails("FAILED_PRECONDITION", "UNSUPPORTED", chosen, s, "loan", search="x")
    for text in ("\"", "AND AND", "nosuch: x", "(", "*"):
        failure = s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, search=text, rawSearch=True)
        equal(failure.fields, ["search"], text)


@case()
def rows_are_counted_when_asked(s):
    def count(**request):
        return s.rpc("RowService/ListRows", database="library", table="book", **request)[0].get("count")

    equal(count(), None)
    equal(count(count="COUNT_EXACT", pageSize=1), {"kind": "KIND_EXACT", "value": "6"})
    equal(count(count="COUNT_CAPPED", filter="pages > 100", pageSize=1), {"kind": "KIND_EXACT", "value": "2"})
    equal(browsed(s, count="exact", filter="id < 3")["count"], {"value": 2, "kind": "EXACT"})
    s.fails("INVALID_ARGUMENT", "BAD_REQUEST", browsed, s, count="roughly")


@case()
def facets_count_values_elements_and_dates(s):
    answer, = s.rpc("RowService/ListRows", database="library", table="book", pageSize=1, facetSize=2,
                    facets=["author", "array(tags)", "date(made)"])
    authors, tags, dates = answer["facets"]
    equal(authors["values"], [{"value": {"integer": "1"}, "count": "2", "label": {"text": "Ada"}},
                              {"value": {"integer": "2"}, "count": "2", "label": {"text": "Bo"}}])
    equal([(v["value"], v["count"]) for v in tags["values"]], [({"text": "sea"}, "2"), ({"integer": "5"}, "1")])
    equal((tags["truncated"], authors.get("truncated", False), tags.get("timedOut", False)), (True, False, False))
    equal([(v["value"]["text"], v["count"]) for v in dates["values"]], [("2024-05-01", "2"), ("2024-05-02", "2")])
    found = browsed(s, facets=["author"], filter="author = 2", suggestFacets=True)
    equal(found["facets"], [{"name": "author", "values": [{"value": 2, "label": "Bo", "count": 2}], "truncated": False,
                             "timedOut": False}])
    holds(isinstance(found["suggestedFacets"], list), "suggestions are a list")
    holds("author" in browsed(s, suggestFacets=True)["suggestedFacets"], "a column with few values is suggested")
    for request in ({"facets": ["nosuch"]}, {"facets": ["array(nosuch)"]}, {"facetSize": -1}):
        s.fails("INVALID_ARGUMENT", "BAD_REQUEST", chosen, s, **request)
    s.fails("RESOURCE_EXHAUSTED", "LIMIT", chosen, s, facets=["id"] * 100)


@case()
def a_row_tells_who_refers_to_it(s):
    answer, = s.rpc("RowService/GetRow", database="library", table="author", key="1", references=True)
    equal(answer["references"], [{"table": "book", "columns": ["author"], "count": {"kind": "KIND_EXACT", "value": "2"}}])
    answer, = s.rpc("RowService/GetRow", database="library", table="book", key="1", labels=["*"])
    equal((answer["columns"][-1]["name"], answer["row"]["values"][-1]), ("author_label", {"text": "Ada"}))
    plain, = s.rpc("RowService/GetRow", database="library", table="book", key="1")
    equal((plain["row"]["etag"], plain.get("references") or []), (answer["row"]["etag"], []))


@case("http")
def a_url_says_it_all(s):
    response = s.door.exchange("GET", "/v1/databases/library/tables/book/rows?filter=pages%20%3E%2060&order_by=pages%20desc"
                               "&columns=id&columns=author&count=exact&facets=author&labels=%2A&page_size=1&shape=arrays")
    equal(response.status, 200)
    found = json.loads(response.body)
    equal((found["rows"], found["count"]["value"], found["facets"][0]["values"][0]["label"]), ([[2, 2, "Bo"]], 3, "Bo"))
