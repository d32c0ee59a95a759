"""Doors that are programs over a client: requests and answers go as lines of JSON. See ../README.md."""

import base64
import json
import subprocess

import neutral

CLIENT_CALLS = frozenset((
    "CatalogService/ListDatabases", "CatalogService/GetDatabase", "CatalogService/ListTables", "CatalogService/GetTable",
    "QueryService/Query", "QueryService/StreamQuery", "RowService/ListRows", "RowService/ReadRows", "RowService/GetRow",
    "RowService/InsertRows", "RowService/UpsertRows", "RowService/UpdateRows", "RowService/DeleteRows", "RowService/UpdateRow",
    "RowService/DeleteRow", "RowService/LoadRows", "CatalogService/CreateTable", "CatalogService/AlterTable",
    "CatalogService/DropTable", "SnapshotService/DownloadDatabase"))


class AdapterDoor:
    """One program for one server; not thread-safe."""

    kind = "grpc"
    has_clients = True
    http = None

    def __init__(self, command):
        self._process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,  # pylint: disable=consider-using-with
                                         stdout=subprocess.PIPE, encoding="utf-8")

    def close(self):
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def call(self, method, request, token):
        return self._send("client" if method in CLIENT_CALLS else "rpc", method, request, token)

    def rpc(self, method, request, token):
        return self._send("rpc", method, request, token)

    def body(self, method, request, token):
        messages = self.rpc(method, request, token)
        return messages[0].get("contentType", ""), b"".join(base64.b64decode(item.get("data", "")) for item in messages)

    @staticmethod
    def same_body(got, expected):
        return got == expected

    def download(self, database, path):
        """Takes a database into a file; gives the SHA-256 that the client saw."""
        answer, = self.call("SnapshotService/DownloadDatabase", {"database": database, "path": str(path)}, "")
        return answer["sha256"]

    def restore(self, database, path, token, create=False):
        """Puts a file in the place of a database by the client's own call; gives what the server says it has done."""
        answer, = self._send("client", "SnapshotService/RestoreDatabase",
                             {"database": database, "path": str(path), "create": create}, token)
        return answer

    def _send(self, via, method, request, token):
        line = {"via": via, "method": method, "request": json.dumps(request), "token": token}
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        text = self._process.stdout.readline()
        if not text:
            raise RuntimeError(f"the door's program ended with {self._process.wait(5)}")
        answer = neutral.loads(text)
        if "error" in answer:
            error = answer["error"]
            raise neutral.Failure(error["code"], error["reason"], error["message"], error["metadata"], error["fields"])
        return answer.get("responses", [])
