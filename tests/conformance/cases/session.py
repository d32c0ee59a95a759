"""What cases call: one door in front of one server on the fixtures of one run."""

import hashlib

import neutral
from http_door import send
from registry import equal, holds


class Session:
    """`via` a client's own call where it has one; `rpc` asks for the method itself, with every field as it is given."""

    Failure = neutral.Failure

    def __init__(self, name, door, server, folder, downloads):
        self.door_name, self.door, self.server, self.folder, self.downloads = name, door, server, folder, downloads
        self.token = server.admin_token

    def reference_digest(self, database):
        """SHA-256 of what our gateway in the server gives, to compare every door's download with."""
        response = send(self.server.http, "GET", f"/v1/databases/{database}/content")
        equal((response.status, response.cut), (200, False))
        return hashlib.sha256(response.body).hexdigest()

    def path(self, database):
        return self.folder / f"{database}.db"

    def plain(self, database, sql, params=()):
        return neutral.plain_sql(self.path(database), sql, params)

    # --- calls ---
    def call(self, method, token="", **request):
        return self.door.call(method, request, token)

    def rpc(self, method, token="", **request):
        return self.door.rpc(method, request, token)

    def body(self, method, token="", **request):
        """(content type, bytes) of a method that answers with HttpBody."""
        return self.door.body(method, request, token)

    def query(self, database, sql, params=(), **named):
        return neutral.table(self.call("QueryService/Query", **statement(database, sql, params, named)))

    def stream(self, database, sql, params=(), **named):
        return neutral.table(self.call("QueryService/StreamQuery", **statement(database, sql, params, named)))

    def rows(self, database, name):
        """All rows of a table, as a client walks."""
        walk = self.walk if not self.door.has_clients else None
        if walk:
            return walk(database, name, 1000)
        return neutral.table(self.call("RowService/ListRows", database=database, table=name))

    def page(self, database, name, size=0, token=""):
        return neutral.table(self.rpc("RowService/ListRows", database=database, table=name, pageSize=size, pageToken=token))

    def walk(self, database, name, size):
        """All rows of a table, page after page of one size; no page but the last is shorter."""
        whole, token = neutral.Table(), ""
        while True:
            page = self.page(database, name, size, token)
            holds(len(page.rows) <= size, "a page is not longer than asked")
            whole.columns = page.columns
            whole.rows += page.rows
            whole.keys += page.keys
            if not page.next_page_token:
                return whole
            holds(page.next_page_token != token, "every page has another token")
            equal(len(page.rows), size, "rows of a page that is not the last")
            token = page.next_page_token

    def row(self, database, name, key):
        answer = neutral.table(self.call("RowService/GetRow", database=database, table=name, key=key))
        equal(answer.keys, [key], "the key of the row asked by it")
        return answer.rows[0]

    def insert(self, database, name, columns, rows, returning="RETURN_KEYS", token=None):
        responses = self.call("RowService/InsertRows", self.token if token is None else token, database=database, table=name,
                              columns=columns, rows=typed_rows(rows), **{"return": returning})
        equal(len(responses), 1, "answers")
        return responses[0]

    # --- failures ---
    def fails(self, code, reason, call, *arguments, **keywords):
        """The call's failure, which must have this code and this reason."""
        try:
            answer = call(*arguments, **keywords)
        except neutral.Failure as failure:
            equal((failure.code, failure.reason), (code, reason), f"the error ({failure.message}) of {arguments} {str(keywords)[:200]}")
            return failure
        raise AssertionError(f"expected {code} ({reason}), and {str(keywords)[:200]} was answered: {str(answer)[:300]}")

    def still_answers(self):
        equal(neutral.table(self.rpc("QueryService/Query", database="values", sql="SELECT 1")).rows, [(("integer", 1),)])


def statement(database, sql, params, named):
    request = {"database": database, "sql": sql}
    if params:
        request["params"] = [neutral.to_json(neutral.of_python(item)) for item in params]
    if named:
        request["namedParams"] = {name: neutral.to_json(neutral.of_python(item)) for name, item in named.items()}
    return request


def typed_rows(rows):
    return [{"values": [neutral.to_json(neutral.of_python(item)) for item in row]} for row in rows]
