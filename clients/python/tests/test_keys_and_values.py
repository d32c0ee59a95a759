from __future__ import annotations

import math
import pickle

import pytest

import sluice
from sluice._rows import Column, Header
from sluice._values import from_proto, to_proto
from sluice.v1 import value_pb2

KEYS = [
    ((4326,), "4326"),
    ((-1,), "-1"),
    ((-(2**63),), "-9223372036854775808"),
    (("EPSG:4326",), "EPSG~3A4326"),
    (("EPSG", "4326"), "EPSG,~t4326"),
    (("EPSG", 4326), "EPSG,4326"),
    (("",), "~t"),
    (("-1",), "~t-1"),
    (("007",), "~t007"),
    (("1\n",), "1~0A"),
    (("-",), "-"),
    (("1-2",), "1-2"),
    (("1.5",), "1.5"),
    (("a,b~c/d e",), "a~2Cb~7Ec~2Fd~20e"),
    (("ü",), "~C3~BC"),
    (("\0",), "~00"),
    ((sluice.RawText(b"\xff"),), "~FF"),
    ((2.5,), "~r2.5"),
    ((-2.5,), "~r-2.5"),
    ((2.0,), "~r2"),
    ((100.0,), "~r100"),
    ((1e22,), "~r1e22"),
    ((1e300,), "~r1e300"),
    ((-1.5e300,), "~r-1.5e300"),
    ((1e-7,), "~r1e-07"),
    ((1e5,), "~r1e05"),
    ((1.3123043e12,), "~r1312304300000"),
    ((123456.0,), "~r123456"),
    ((2.0**60,), "~r1152921504606846976"),
    ((0.001,), "~r0.001"),
    ((-0.0,), "~r-0"),
    ((math.inf,), "~rInf"),
    ((-math.inf,), "~r-Inf"),
    ((b"\xde\xad\xbe\xef",), "~bDEADBEEF"),
    ((b"",), "~b"),
    ((None, "x"), "~n,x"),
]


@pytest.mark.parametrize(("parts", "expected"), KEYS)
def test_keys_are_encoded_as_the_contract_says(parts: tuple[object, ...], expected: str) -> None:
    assert sluice.key(*parts) == expected


@pytest.mark.parametrize("value", [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789012345680.0, 1e16, 1e-5, 9e9])
def test_a_reals_key_reads_back_the_same(value: float) -> None:
    assert float(sluice.key(value).removeprefix("~r")) == value
    assert len(sluice.key(value)) <= len(repr(value)) + 2


@pytest.mark.parametrize("parts", [(), (math.nan,), (object(),), (2**63,)])
def test_keys_refuse_what_sqlite_cannot_hold(parts: tuple[object, ...]) -> None:
    with pytest.raises((ValueError, TypeError)):
        sluice.key(*parts)


@pytest.mark.parametrize(
    "value",
    [None, 2**63 - 1, -(2**63), 0, 1.5, math.inf, "", "a\0b", "😀", b"", b"\0\xff", sluice.RawText(b"\xff\xfe")],
)
def test_values_come_back_with_their_storage_class(value: sluice.Value) -> None:
    got = from_proto(to_proto(value))
    assert got == value and type(got) is type(value)


def test_negative_zero_keeps_its_sign() -> None:
    got = from_proto(to_proto(-0.0))
    assert isinstance(got, float) and math.copysign(1, got) == -1


def test_python_types_become_the_values_they_stand_for() -> None:
    class Index:
        def __index__(self) -> int:
            return 7

    pairs: list[tuple[object, sluice.Value]] = [(True, 1), (bytearray(b"x"), b"x"), (memoryview(b"x"), b"x"), (Index(), 7)]
    for value, expected in pairs:
        assert from_proto(to_proto(value)) == expected


@pytest.mark.parametrize("value", [object(), [1], 1j, 2**63])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_proto(value)


def test_a_value_without_a_kind_is_an_error() -> None:
    with pytest.raises(sluice.Internal):
        from_proto(value_pb2.Value())


def test_a_row_is_a_tuple_that_takes_names() -> None:
    row = Header([Column("a"), Column("b"), Column("a")]).make([1, "x", None], "k", "e")
    assert tuple(row) == (1, "x", None)
    assert (row["a"], row["b"], row[2], row[:2]) == (1, "x", None, (1, "x"))
    assert row.as_dict() == {"a": 1, "b": "x"}
    assert repr(row) == "Row(a=1, b='x', a=None)"
    first, *_ = row
    assert first == 1
    with pytest.raises(KeyError):
        row["c"]
    with pytest.raises(IndexError):
        row[3]
    copy = pickle.loads(pickle.dumps(row))
    assert copy == row and copy["b"] == "x" and copy.key == "k"
