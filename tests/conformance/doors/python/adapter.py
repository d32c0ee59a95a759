"""The Python door: answers requests that come as lines of JSON on standard input, through the Python client or, for what
the client decides by itself (page sizes, malformed fields), through its channel. The lines: ../../README.md."""

import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "clients/python/src"))

# pylint: disable=wrong-import-position
import grpc
from google.protobuf import json_format, message_factory, symbol_database

import sluice
from sluice import _values
from sluice._errors import from_grpc
from sluice.v1 import catalog_pb2, query_pb2, row_pb2, snapshot_pb2  # noqa: F401

FILES = (catalog_pb2, query_pb2, row_pb2, snapshot_pb2)


def to_message(row):
    message = row_pb2.GetRowResponse().row
    message.values.extend(map(_values.to_proto, row))
    message.key, message.etag = row.key or "", row.etag or ""
    return message


def add_rows(response, columns, rows):
    for column in columns:
        response.columns.add(name=column.name, declared_type=column.declared_type, label_of=column.label_of)
    response.rows.extend(map(to_message, rows))
    return response


def list_databases(client, _):
    return catalog_pb2.ListDatabasesResponse(databases=client.databases())


def get_database(client, request):
    return catalog_pb2.GetDatabaseResponse(database=client.database(request.database).describe())


def list_tables(client, request):
    return catalog_pb2.ListTablesResponse(tables=client.database(request.database).tables())


def get_table(client, request):
    return catalog_pb2.GetTableResponse(table=client.database(request.database).table(request.table))


def query(client, request):
    params = [_values.from_proto(value) for value in request.params]
    named = {name: _values.from_proto(value) for name, value in request.named_params.items()}
    with client.database(request.database).query(request.sql, named or params) as rows:
        columns, found = rows.columns, list(rows)
        response = add_rows(query_pb2.QueryResponse(), columns, found)
        response.stats.row_count = rows.stats.row_count
        return response


def list_rows(client, request):
    rows = list(client.database(request.database).rows(request.table, **choice(request)))
    return add_rows(row_pb2.ListRowsResponse(), rows[0].columns if rows else (), rows)


def read_rows(client, request):
    rows = client.database(request.database).stream_rows(request.table, limit=request.row_limit, **choice(request))
    with rows:
        response = add_rows(row_pb2.ReadRowsResponse(), rows.columns, list(rows))
        response.stats.row_count = rows.stats.row_count
        return response


def choice(request):
    return {"filter": request.filter, "order_by": request.order_by, "search": request.search, "raw_search": request.raw_search,
            "snippets": request.snippets, "columns": request.columns, "labels": request.labels}


def get_row(client, request):
    row = client.database(request.database).row(request.table, request.key, labels=request.labels)
    response = row_pb2.GetRowResponse(row=to_message(row))
    for column in row.columns:
        response.columns.add(name=column.name, declared_type=column.declared_type)
    return response


def insert_rows(client, request):
    returning = {row_pb2.InsertRowsRequest.RETURN_NONE: "none", row_pb2.InsertRowsRequest.RETURN_ROWS: "rows"}
    inserted = client.database(request.database).insert(
        request.table, [[_values.from_proto(value) for value in row.values] for row in request.rows],
        columns=list(request.columns), returning=returning.get(getattr(request, "return"), "keys"))
    response = row_pb2.InsertRowsResponse(inserted_count=inserted.count, keys=inserted.keys,
                                          commit_token=inserted.commit_token)
    return add_rows(response, inserted.rows[0].columns if inserted.rows else (), inserted.rows)


CLIENT_CALLS = {"CatalogService/ListDatabases": list_databases, "CatalogService/GetDatabase": get_database,
                "CatalogService/ListTables": list_tables, "CatalogService/GetTable": get_table,
                "QueryService/Query": query, "QueryService/StreamQuery": query,
                "RowService/ListRows": list_rows, "RowService/ReadRows": read_rows, "RowService/GetRow": get_row, "RowService/InsertRows": insert_rows}


def method_of(name):
    service, method = name.split("/")
    for file in FILES:
        if service in file.DESCRIPTOR.services_by_name:
            return file.DESCRIPTOR.services_by_name[service].methods_by_name[method]
    raise KeyError(name)


def message_class(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return symbol_database.Default().GetPrototype(descriptor)


def generic(client, line, method, request):
    """Any method of sluice.v1, as a stream, which on the wire they all are."""
    call = client.channel.unary_stream("/sluice.v1." + line["method"],
                                       request_serializer=lambda message: message.SerializeToString(),
                                       response_deserializer=message_class(method.output_type).FromString)
    metadata = [("authorization", "Bearer " + line["token"])] if line["token"] else []
    try:
        return list(call(request, metadata=metadata))
    except grpc.RpcError as error:
        raise from_grpc(error) from None


def download(client, request):
    client.database(request["database"]).download(request["path"])
    content = Path(request["path"]).read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "sizeBytes": str(len(content))}


def call_line(address, line):
    with sluice.connect(address, line["token"]) as client:
        if line["via"] == "client" and line["method"] == "SnapshotService/DownloadDatabase":
            return [download(client, json.loads(line["request"]))]
        method = method_of(line["method"])
        request = json_format.Parse(line["request"], message_class(method.input_type)())
        if line["via"] == "client":
            return [json_format.MessageToDict(CLIENT_CALLS[line["method"]](client, request))]
        return [json_format.MessageToDict(message) for message in generic(client, line, method, request)]


def answer(address, line):
    try:
        return {"responses": call_line(address, line)}
    except sluice.SluiceError as error:
        return {"error": {"code": error.code.name, "reason": error.reason, "message": error.message,
                          "metadata": error.metadata, "fields": [violation.field for violation in error.fields]}}
    except Exception as error:  # pylint: disable=broad-except
        # The door's own fault, which no case expects.
        return {"error": {"code": "", "reason": "", "message": repr(error), "metadata": {}, "fields": []}}


def main():
    for text in sys.stdin:
        print(json.dumps(answer(sys.argv[1], json.loads(text))), flush=True)


if __name__ == "__main__":
    main()
