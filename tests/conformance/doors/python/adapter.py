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
from sluice.v1 import catalog_pb2, load_pb2, query_pb2, row_pb2, snapshot_pb2, write_pb2  # noqa: F401

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


def reading(client, request):
    return client.database(request.database).at_least(request.min_commit_token)


def query(client, request):
    params = [_values.from_proto(value) for value in request.params]
    named = {name: _values.from_proto(value) for name, value in request.named_params.items()}
    with reading(client, request).query(request.sql, named or params) as rows:
        columns, found = rows.columns, list(rows)
        response = add_rows(query_pb2.QueryResponse(), columns, found)
        response.stats.row_count = rows.stats.row_count
        return response


def list_rows(client, request):
    rows = list(reading(client, request).rows(request.table, **choice(request)))
    return add_rows(row_pb2.ListRowsResponse(), rows[0].columns if rows else (), rows)


def read_rows(client, request):
    rows = reading(client, request).stream_rows(request.table, limit=request.row_limit, **choice(request))
    with rows:
        response = add_rows(row_pb2.ReadRowsResponse(), rows.columns, list(rows))
        response.stats.row_count = rows.stats.row_count
        return response


def choice(request):
    return {"filter": request.filter, "order_by": request.order_by, "search": request.search, "raw_search": request.raw_search,
            "snippets": request.snippets, "columns": request.columns, "labels": request.labels}


def get_row(client, request):
    row = reading(client, request).row(request.table, request.key, labels=request.labels)
    response = row_pb2.GetRowResponse(row=to_message(row))
    for column in row.columns:
        response.columns.add(name=column.name, declared_type=column.declared_type)
    return response


RETURNING = {write_pb2.RETURN_NONE: "none", write_pb2.RETURN_ROWS: "rows"}


def write_options(request):
    return {"returning": RETURNING.get(getattr(request, "return"), "keys"), "continue_on_error": request.continue_on_error,
            **one_write_options(request)}


def one_write_options(request):
    return {"validate_only": request.validate_only, "request_id": request.request_id,
            "durability": "replicated" if request.durability == write_pb2.DURABILITY_REPLICATED else "disk"}


def matching_options(request):
    return {"returning": RETURNING.get(getattr(request, "return"), "keys"), "all_rows": request.all_rows,
            "max_affected": request.max_affected, **one_write_options(request)}


def given_rows(request):
    return [[_values.from_proto(value) for value in row.values] for row in request.rows]


def answer_write(response, written):
    """Fills the fields that the answers to writes share."""
    for name in ("inserted", "updated", "deleted", "ignored"):
        if hasattr(response, f"{name}_count"):
            setattr(response, f"{name}_count", getattr(written, name))
    response.keys.extend(written.keys)
    response.commit_token = written.commit_token
    response.replayed = written.replayed
    for error in written.errors:
        response.errors.add(row=error.row, code=error.code, reason=error.reason, message=error.message, metadata=error.metadata)
    for row in written.rows:
        response.rows.append(to_message(row) if row is not None else row_pb2.GetRowResponse().row)
    for column in next((row.columns for row in written.rows if row is not None), ()):
        response.columns.add(name=column.name, declared_type=column.declared_type)
    return response


def insert_rows(client, request):
    conflict = request.on_conflict
    actions = {conflict.ACTION_IGNORE: "ignore", conflict.ACTION_REPLACE: "replace", conflict.ACTION_UPDATE: "update"}
    written = client.database(request.database).insert(
        request.table, given_rows(request), columns=list(request.columns),
        on_conflict=actions.get(conflict.action, "abort"), target=list(conflict.target),
        update_columns=list(conflict.update_columns),
        missing="null" if request.missing_columns == write_pb2.MISSING_COLUMNS_NULL else "default", **write_options(request))
    return answer_write(write_pb2.InsertRowsResponse(), written)


def upsert_rows(client, request):
    written = client.database(request.database).upsert(
        request.table, given_rows(request), columns=list(request.columns), target=list(request.target),
        **write_options(request))
    return answer_write(write_pb2.UpsertRowsResponse(), written)


def update_rows(client, request):
    if request.filter or request.all_rows:
        values, = given_rows(request)
        written = client.database(request.database).update_where(
            request.table, request.filter, dict(zip(request.columns, values)), **matching_options(request))
        return answer_write(write_pb2.UpdateRowsResponse(), written)
    written = client.database(request.database).update(
        request.table, given_rows(request), columns=list(request.columns), keys=[row.key for row in request.rows],
        allow_missing=request.allow_missing, **write_options(request))
    return answer_write(write_pb2.UpdateRowsResponse(), written)


def delete_rows(client, request):
    if request.filter or request.all_rows:
        written = client.database(request.database).delete_where(request.table, request.filter, **matching_options(request))
        return answer_write(write_pb2.DeleteRowsResponse(), written)
    written = client.database(request.database).delete(
        request.table, list(request.keys), allow_missing=request.allow_missing, **write_options(request))
    return answer_write(write_pb2.DeleteRowsResponse(), written)


def update_row(client, request):
    values = dict(zip(request.columns, map(_values.from_proto, request.values)))
    written = client.database(request.database).update_row(
        request.table, request.key, values, if_match=request.if_match, **one_write_options(request))
    row, = written.rows
    response = write_pb2.UpdateRowResponse(
        row=to_message(row), commit_token=written.commit_token, replayed=written.replayed)
    for column in row.columns:
        response.columns.add(name=column.name, declared_type=column.declared_type)
    return response


def delete_row(client, request):
    written = client.database(request.database).delete_row(
        request.table, request.key, if_match=request.if_match, **one_write_options(request))
    return write_pb2.DeleteRowResponse(commit_token=written.commit_token, replayed=written.replayed)


def create_table(client, request):
    return client.database(request.database).create_table(
        request.table, list(request.columns), primary_key=list(request.primary_key), autoincrement=request.autoincrement,
        foreign_keys=list(request.foreign_keys), unique=[list(each.columns) for each in request.unique],
        checks=list(request.checks), strict=request.strict, without_rowid=request.without_rowid,
        if_not_exists=request.if_not_exists,
        rows=[dict(zip((column.name for column in request.columns), row)) for row in given_rows(request)],
        validate_only=request.validate_only, request_id=request.request_id)


def alter_table(client, request):
    return client.database(request.database).alter_table(
        request.table, list(request.changes), validate_only=request.validate_only, request_id=request.request_id)


def drop_table(client, request):
    return client.database(request.database).drop_table(
        request.table, cascade=request.cascade, allow_missing=request.allow_missing, validate_only=request.validate_only,
        request_id=request.request_id)


def load_rows(client, request):
    """A load of one message."""
    start, conflict = request.start, request.start.on_conflict
    actions = {conflict.ACTION_IGNORE: "ignore", conflict.ACTION_REPLACE: "replace", conflict.ACTION_UPDATE: "update"}
    loaded = client.database(start.database).load(
        start.table, given_rows(request), columns=list(start.columns), on_conflict=actions.get(conflict.action, "abort"),
        target=list(conflict.target), update_columns=list(conflict.update_columns),
        missing="null" if start.missing_columns == write_pb2.MISSING_COLUMNS_NULL else "default",
        atomic=start.mode == load_pb2.LOAD_MODE_ATOMIC, rows_per_commit=start.rows_per_commit, load_id=start.load_id,
        continue_on_error=start.continue_on_error, validate_only=start.validate_only,
        durability="replicated" if start.durability == write_pb2.DURABILITY_REPLICATED else "disk")
    response = load_pb2.LoadRowsResponse(
        acknowledged_rows=loaded.rows, inserted_count=loaded.inserted, updated_count=loaded.updated,
        ignored_count=loaded.ignored, failed_count=loaded.failed, commit_token=loaded.commit_token, done=True)
    for error in loaded.errors:
        response.errors.add(row=error.row, code=error.code, reason=error.reason, message=error.message, metadata=error.metadata)
    return response


CLIENT_CALLS = {"CatalogService/ListDatabases": list_databases, "CatalogService/GetDatabase": get_database,
                "CatalogService/ListTables": list_tables, "CatalogService/GetTable": get_table,
                "CatalogService/CreateTable": create_table, "CatalogService/AlterTable": alter_table,
                "CatalogService/DropTable": drop_table,
                "QueryService/Query": query, "QueryService/StreamQuery": query,
                "RowService/ListRows": list_rows, "RowService/ReadRows": read_rows, "RowService/GetRow": get_row,
                "RowService/InsertRows": insert_rows, "RowService/LoadRows": load_rows,
                "RowService/UpsertRows": upsert_rows, "RowService/UpdateRows": update_rows,
                "RowService/DeleteRows": delete_rows, "RowService/UpdateRow": update_row, "RowService/DeleteRow": delete_row}


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
    try:
        return list(call(request))
    except grpc.RpcError as error:
        raise from_grpc(error) from None


def download(client, request):
    client.database(request["database"]).download(request["path"])
    content = Path(request["path"]).read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "sizeBytes": str(len(content))}


def restore(client, request):
    result = client.database(request["database"]).restore(request["path"], create=request["create"])
    return json_format.MessageToDict(result)


def call_line(address, line):
    with sluice.connect(address, line["token"]) as client:
        if line["via"] == "client" and line["method"] == "SnapshotService/RestoreDatabase":
            return [restore(client, json.loads(line["request"]))]
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
