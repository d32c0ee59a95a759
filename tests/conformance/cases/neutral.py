"""The neutral form of answers, the same behind every door: values as (storage class, value), rows as tuples of them, and
errors as a code with a reason. Requests and answers are protobuf's canonical JSON, as Python dictionaries."""

import base64
import json
import math
import sqlite3
from dataclasses import dataclass, field


class Failure(Exception):
    """A call that failed, as it must or not."""

    def __init__(self, code, reason="", message="", metadata=None, fields=(), http_status=None):
        super().__init__(f"{code} ({reason}): {message}")
        self.code, self.reason, self.message = code, reason, message
        self.metadata, self.fields, self.http_status = metadata or {}, list(fields), http_status


@dataclass
class Table:
    """Rows of any answer that has some."""

    columns: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    keys: list = field(default_factory=list)
    next_page_token: str = ""
    truncated: bool = False


def loads(text):
    """JSON, in which `-0` is the real number that it is in protobuf's."""
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))


def value(json_value):
    """(class, value) of a Value in JSON. Reals are text, which tells -0.0 from 0.0."""
    (kind, content), = json_value.items()
    if kind == "null":
        return ("null", None)
    if kind == "integer":
        return ("integer", int(content))
    if kind == "real":
        return real(float(content))
    if kind == "text":
        return ("text", content)
    return ({"blob": "blob", "rawText": "raw_text"}[kind], base64.b64decode(content))


def real(number):
    return ("real", repr(float(number)))


def to_json(neutral):
    """The Value in JSON of (class, value)."""
    kind, content = neutral
    if kind == "null":
        return {"null": "NULL_VALUE"}
    if kind == "integer":
        return {"integer": str(content)}
    if kind == "real":
        number = float(content)
        return {"real": number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")}
    if kind == "text":
        return {"text": content}
    return {{"blob": "blob", "raw_text": "rawText"}[kind]: base64.b64encode(content).decode("ascii")}


def of_python(content):
    """(class, value) of what Python's sqlite3 reads with `text_of_bytes` as text_factory, and of parameters."""
    if content is None:
        return ("null", None)
    if isinstance(content, int):
        return ("integer", content)
    if isinstance(content, float):
        return real(content)
    if isinstance(content, str):
        return ("text", content)
    if isinstance(content, InvalidText):
        return ("raw_text", content.bytes)
    return ("blob", bytes(content))


@dataclass(frozen=True)
class InvalidText:
    """TEXT that is not UTF-8."""

    bytes: bytes


def text_of_bytes(content):
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return InvalidText(content)


def plain_sql(path, sql, params=()):
    """The rows of a statement as SQLite itself gives them."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        connection.text_factory = text_of_bytes
        return [tuple(map(of_python, row)) for row in connection.execute(sql, params)]
    finally:
        connection.close()


def table(responses):
    """The rows of the messages of one answer: of a page, a result, a stream or an insert."""
    result = Table()
    for response in responses:
        result.columns = result.columns or [column.get("name", "") for column in response.get("columns") or ()]
        rows = response.get("rows") or ([response["row"]] if response.get("row") else [])
        for row in rows:
            result.rows.append(tuple(value(item) for item in row.get("values", ())))
            result.keys.append(row.get("key", ""))
        for row, key in packed_rows(response.get("packed")):
            result.rows.append(row)
            result.keys.append(key)
        result.next_page_token = response.get("nextPageToken", "")
        result.truncated = response.get("truncated", False)
    return result


def packed_rows(packed):
    """The rows and keys of PackedRows."""
    if not packed:
        return []
    count = packed["rowCount"]
    columns = [packed_column(column, count) for column in packed["columns"]]
    return list(zip(zip(*columns), packed.get("keys") or [""] * count, strict=True))


def packed_column(column, count):
    array, = [kind for kind in ("integers", "reals", "texts", "blobs") if column.get(kind)] or [None]
    values = [value({array[:-1]: content}) for content in column[array]] if array else [("null", None)] * count
    if len(values) != count:
        raise ValueError(f"{len(values)} values for {count} rows")
    for row in column.get("nulls", ()):
        values[row] = ("null", None)
    for row, other in zip(column.get("otherRows", ()), column.get("others", ()), strict=True):
        values[row] = value(other)
    return values
