"""SQLite's values in Python and on the wire."""

from __future__ import annotations

import base64
import math
import operator
from typing import TypeAlias, Union

from google.protobuf import struct_pb2

from sluice._errors import Internal
from sluice.v1 import value_pb2


class RawText(bytes):
    """TEXT that is not valid UTF-8, byte for byte.

    Results hold it only for such texts; in a request it may hold any text. Being bytes, it equals a blob of the same
    bytes; its type tells them apart.
    """

    def __repr__(self) -> str:
        return f"RawText({super().__repr__()})"


Value: TypeAlias = Union[None, int, float, str, bytes, RawText]


def to_proto(value: object) -> value_pb2.Value:
    """The Value of None, int, bool (1 and 0), float, str, bytes and their like, RawText, or what has `__index__`."""
    if value is None:
        return value_pb2.Value(null="NULL_VALUE")
    if isinstance(value, str):
        return value_pb2.Value(text=value)
    if isinstance(value, float):
        return value_pb2.Value(real=value)
    if isinstance(value, RawText):
        return value_pb2.Value(raw_text=bytes(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return value_pb2.Value(blob=bytes(value))
    try:
        return value_pb2.Value(integer=operator.index(value))  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"SQLite has no value for a {type(value).__name__}") from None


def from_proto(value: value_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "null":
        return None
    if kind == "raw_text":
        return RawText(value.raw_text)
    if kind is None:
        raise Internal("the server sent a value of a kind that this client does not know")
    plain: Value = getattr(value, kind)
    return plain


def to_natural(value: object) -> struct_pb2.Value:
    """A value in natural JSON, tagged wherever a plain JSON value would mean something else."""
    typed = to_proto(value)
    kind = typed.WhichOneof("kind")
    result = struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if kind == "integer":
        result.struct_value["$integer"] = str(typed.integer)
    elif kind == "real" and math.isinf(typed.real):
        result.string_value = "Infinity" if typed.real > 0 else "-Infinity"
    elif kind == "real":
        result.struct_value["$real"] = typed.real
    elif kind == "text":
        result.struct_value["$text"] = typed.text
    elif kind == "blob":
        result.struct_value["$base64"] = True
        result.struct_value["encoded"] = base64.b64encode(typed.blob).decode("ascii")
    elif kind == "raw_text":
        result.struct_value["$raw_text"] = base64.b64encode(typed.raw_text).decode("ascii")
    return result
