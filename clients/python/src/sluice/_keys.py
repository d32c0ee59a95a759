"""Row keys: the encoding that value.proto defines at `Row.key`."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from sluice._values import to_proto

_READS_LIKE_INTEGER = re.compile(rb"-?[0-9]+")
_OTHER_BYTE = re.compile(rb"[^A-Za-z0-9_.-]")


def key(*parts: object) -> str:
    """The key of a row from the values of its table's primary key, in the key's order.

    For a table without a primary key it is the rowid. `Database.row` takes it, and `Row.key` is one.
    """
    if not parts:
        raise ValueError("a row key needs at least one part")
    return ",".join(map(_part, parts))


def _part(value: object) -> str:
    typed = to_proto(value)
    kind = typed.WhichOneof("kind")
    if kind == "integer":
        return str(typed.integer)
    if kind == "real":
        return "~r" + _real(typed.real)
    if kind == "text":
        return _text(typed.text.encode())
    if kind == "raw_text":
        return _text(typed.raw_text)
    if kind == "blob":
        return "~b" + typed.blob.hex().upper()
    return "~n"


def _text(text: bytes) -> str:
    escaped = _OTHER_BYTE.sub(lambda match: b"~%02X" % match[0][0], text).decode("ascii")
    return "~t" + escaped if not text or _READS_LIKE_INTEGER.fullmatch(text) else escaped


def _real(value: float) -> str:
    if math.isnan(value):
        raise ValueError("SQLite has no NaN")
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    # A row has one key, so this must be the form that the server gives it, that of C++'s to_chars: the shorter of the
    # plain form, in which an integer has all its digits, and the one with an exponent, its `+` counted and then left out.
    shortest = Decimal(repr(value)).normalize()
    plain = str(int(value)) if value.is_integer() else format(shortest, "f")
    first, *rest = map(str, shortest.as_tuple().digits)
    mantissa = first + ("." if rest else "") + "".join(rest)
    exponent = f"{'-' if value < 0 else ''}{mantissa}e{shortest.adjusted():+03d}"
    return exponent.replace("e+", "e") if len(exponent) < len(plain) else plain
