"""Doors that speak HTTP: our gateway, inside the server and alone, and the real grpc-gateway."""

import base64
import hashlib
import http.client
import json
import urllib.parse
from dataclasses import dataclass

import neutral

CODES = ("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
         "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
         "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED")
HTTP_STATUS = dict(zip(CODES, (200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401)))

# Method -> verb, path, path of the twin that takes all names in the body.
ROUTES = {
    "CatalogService/ListDatabases": ("GET", "/v1/databases", None),
    "CatalogService/GetDatabase": ("GET", "/v1/databases/{database}", None),
    "CatalogService/ListTables": ("GET", "/v1/databases/{database}/tables", None),
    "CatalogService/GetTable": ("GET", "/v1/databases/{database}/tables/{table}", "/v1/databases/{database}/tables:get"),
    "CatalogService/CreateTable": ("POST", "/v1/databases/{database}/tables", None),
    "CatalogService/AlterTable": ("POST", "/v1/databases/{database}/tables/{table}:alter", "/v1/databases/{database}/tables:alter"),
    "CatalogService/DropTable": ("DELETE", "/v1/databases/{database}/tables/{table}", "/v1/databases/{database}/tables:drop"),
    "QueryService/Query": ("POST", "/v1/databases/{database}:query", None),
    "QueryService/StreamQuery": ("POST", "/v1/databases/{database}:streamQuery", None),
    "QueryService/ExportQuery": ("GET", "/v1/databases/{database}/query", None),
    "QueryService/Execute": ("POST", "/v1/databases/{database}:execute", None),
    "QueryService/BatchExecute": ("POST", "/v1/databases/{database}:batchExecute", None),
    "QueryService/Describe": ("POST", "/v1/databases/{database}:describe", None),
    "QueryService/ListQueries": ("GET", "/v1/databases/{database}/queries", None),
    "QueryService/GetQuery": ("GET", "/v1/databases/{database}/queries/{query}", None),
    "QueryService/ExportStoredQuery": ("GET", "/v1/databases/{database}/queries/{query}/rows", None),
    "QueryService/RunQuery": ("POST", "/v1/databases/{database}/queries/{query}:run", None),
    "RowService/BrowseRows": ("GET", "/v1/databases/{database}/tables/{table}/rows", None),
    "RowService/ListRows": ("POST", "/v1/databases/{database}/tables/{table}/rows:list", "/v1/databases/{database}/rows:list"),
    "RowService/ReadRows": ("POST", "/v1/databases/{database}/tables/{table}/rows:read", "/v1/databases/{database}/rows:read"),
    "RowService/ReadValue": ("GET", "/v1/databases/{database}/tables/{table}/rows/{key}/columns/{column}",
                             "/v1/databases/{database}/rows:readValue"),
    "RowService/GetRow": ("GET", "/v1/databases/{database}/tables/{table}/rows/{key}", "/v1/databases/{database}/rows:get"),
    **{f"RowService/{name}Rows": ("POST", f"/v1/databases/{{database}}/tables/{{table}}/rows:{name.lower()}",
                                  f"/v1/databases/{{database}}/rows:{name.lower()}") for name in ("Insert", "Upsert", "Update", "Delete")},
    "RowService/UpdateRow": ("PATCH", "/v1/databases/{database}/tables/{table}/rows/{key}", None),
    "RowService/DeleteRow": ("DELETE", "/v1/databases/{database}/tables/{table}/rows/{key}", None),
    "RowService/Commit": ("POST", "/v1/databases/{database}:commit", None),
    "SnapshotService/ReadDatabaseFile": ("GET", "/v1/databases/{database}/content", None),
    "SnapshotService/CreateSnapshot": ("POST", "/v1/databases/{database}/snapshots", None),
    "SnapshotService/ListSnapshots": ("GET", "/v1/databases/{database}/snapshots", None),
    "SnapshotService/GetSnapshot": ("GET", "/v1/databases/{database}/snapshots/{snapshot}", None),
    "SnapshotService/DeleteSnapshot": ("DELETE", "/v1/databases/{database}/snapshots/{snapshot}", None),
    "SnapshotService/ReadSnapshotFile": ("GET", "/v1/databases/{database}/snapshots/{snapshot}/content", None),
    "SnapshotService/RestoreSnapshot": ("POST", "/v1/databases/{database}/snapshots/{snapshot}:restore", None),
    "SnapshotService/CreateUpload": ("POST", "/v1/databases/{database}/uploads", None),
    "SnapshotService/ListUploads": ("GET", "/v1/databases/{database}/uploads", None),
    "SnapshotService/GetUpload": ("GET", "/v1/databases/{database}/uploads/{upload}", None),
    "SnapshotService/DeleteUpload": ("DELETE", "/v1/databases/{database}/uploads/{upload}", None),
    "SnapshotService/WriteUpload": ("PUT", "/v1/databases/{database}/uploads/{upload}/content", None),
    "SnapshotService/RestoreDatabase": ("POST", "/v1/databases/{database}/uploads/{upload}:restore", None),
}
PIECE_BYTES = 1 << 20
STREAMS = ("QueryService/StreamQuery", "RowService/ReadRows")
IN_PATHS = ("database", "table", "key", "column", "snapshot", "query", "upload")
REPEATED = ("columns", "databases", "labels", "facets")


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes
    # The body ended without its last chunk, or before its length.
    cut: bool = False

    def json(self):
        return neutral.loads(self.body.decode("utf-8"))


def send(address, verb, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request(verb, path, body, headers or {})
        answer = connection.getresponse()
        cut = False
        try:
            content = answer.read()
        except http.client.IncompleteRead as error:
            content, cut = error.partial, True
        return Response(answer.status, {name.lower(): text for name, text in answer.getheaders()}, content, cut)
    finally:
        connection.close()


class HttpDoor:
    """One gateway."""

    kind = "http"
    has_clients = False
    # Names that this gateway cannot carry in a path.
    unsafe_in_path = ""

    def __init__(self, address):
        self.http = address

    def close(self):
        pass

    def exchange(self, verb, path, body=None, headers=None):
        """One request as it is."""
        return self.unmirrored(verb, path, body, headers)

    def unmirrored(self, verb, path, body=None, headers=None):
        """The same, and no door compares the answer with another gateway's."""
        return send(self.http, verb, path, body, headers)

    def rpc(self, method, request, token):
        response = self.request(method, request, token)
        if response.status != 200:
            raise failure_of(response)
        if method not in STREAMS:
            return [response.json()]
        lines = [neutral.loads(line) for line in response.body.decode("utf-8").split("\n") if line]
        if lines and "error" in lines[-1]:
            raise failure(lines[-1]["error"], None)
        if response.cut:
            raise RuntimeError(f"the stream was cut after {len(response.body)} bytes")
        return [line["result"] for line in lines]

    call = rpc

    def body(self, method, request, token):
        response = self.request(method, request, token)
        if response.status != 200:
            raise failure_of(response)
        if response.cut:
            raise RuntimeError("the body was cut")
        return response.headers.get("content-type", ""), response.body

    def same_body(self, got, expected):
        return got == expected

    def download(self, database, path):
        _, content = self.body("SnapshotService/ReadDatabaseFile", {"database": database}, "")
        path.write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def restore(self, database, path, token, create=False):
        """Puts a file in the place of a database, in pieces; gives what the server says it has done."""
        content = path.read_bytes()
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        answer, = self.rpc("SnapshotService/CreateUpload", {"database": database, "sizeBytes": str(len(content)),
                                                           "sha256": digest, "createDatabase": create}, token)
        names = {"database": database, "upload": answer["upload"]["upload"]}
        for offset in range(0, len(content), PIECE_BYTES):
            piece = base64.b64encode(content[offset:offset + PIECE_BYTES]).decode()
            self.rpc("SnapshotService/WriteUpload", names | {"offset": str(offset), "content": {"data": piece}}, token)
        answer, = self.rpc("SnapshotService/RestoreDatabase", names, token)
        return answer["result"]

    def request(self, method, request, token):
        """Sends a method's request over its route: the twin where a name does not fit into this gateway's paths."""
        verb, template, twin = ROUTES[method]
        fields = dict(request)
        if twin and any(character in str(fields.get(name, "")) for name in IN_PATHS[1:] for character in self.unsafe_in_path):
            verb, template = "POST", twin
        path = template
        for name in IN_PATHS:
            if "{" + name + "}" in template:
                path = path.replace("{" + name + "}", urllib.parse.quote(str(fields.pop(name, "")), safe=""))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if verb in ("POST", "PATCH"):
            return self.exchange(verb, path, json.dumps(fields).encode(), headers | {"Content-Type": "application/json"})
        body = None
        if verb == "PUT":
            body, kind = self.raw_body(fields.pop("content", {}))
            headers["Content-Type"] = kind
        query = urllib.parse.urlencode([(name, item if isinstance(item, str) else json.dumps(item))
                                        for name, items in fields.items()
                                        for item in (items if name in REPEATED else [items])])
        return self.exchange(verb, f"{path}?{query}" if query else path, body, headers)

    def raw_body(self, http_body):
        """The bytes of a google.api.HttpBody, and their type, as this gateway takes them."""
        return base64.b64decode(http_body.get("data", "")), http_body.get("contentType", "application/octet-stream")


def failure_of(response):
    """The failure that an answer other than 200 is."""
    content = response.json()
    return failure(content.get("error", content), response.status)


def failure(status, http_status):
    code = CODES[status["code"]]
    if http_status is not None and HTTP_STATUS[code] != http_status:
        raise AssertionError(f"{code} came as HTTP {http_status}")
    reason, metadata, fields = "", {}, []
    for detail in status.get("details", ()):
        if detail["@type"].endswith("/google.rpc.ErrorInfo") and detail["domain"] == "sluice":
            reason, metadata = detail["reason"], detail.get("metadata", {})
        if detail["@type"].endswith("/google.rpc.BadRequest"):
            fields += [violation["field"] for violation in detail["fieldViolations"]]
    return neutral.Failure(code, reason, status.get("message", ""), metadata, fields, http_status)


