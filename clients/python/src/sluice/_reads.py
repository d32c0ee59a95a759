"""Rows of tables and views, without SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sluice._errors import Internal
from sluice._query import Rows
from sluice._resumed import ResumedStream
from sluice._rows import Header, Row
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice._values import Value, from_proto
from sluice.v1 import catalog_pb2, row_pb2, value_pb2

LIST_PAGE_SIZE = 1000

Item = TypeVar("Item")

_COUNT = {
    "none": row_pb2.ListRowsRequest.COUNT_NONE,
    "capped": row_pb2.ListRowsRequest.COUNT_CAPPED,
    "exact": row_pb2.ListRowsRequest.COUNT_EXACT,
}


@dataclass(frozen=True)
class FacetValue:
    """A value, how many rows hold it, and, where it is a foreign key, the label of the row that it names."""

    value: Value
    count: int
    label: Value = None


@dataclass(frozen=True)
class Facet:
    """The values that rows hold, most frequent first. `truncated` says that there are more; after `timed_out` there are
    none."""

    name: str
    values: tuple[FacetValue, ...]
    truncated: bool
    timed_out: bool


@dataclass(frozen=True)
class Summary:
    """What is known of all rows that a filter and a search leave. `count.kind` says whether the count is exact, capped or
    timed out."""

    count: catalog_pb2.RowCount | None
    facets: tuple[Facet, ...]
    suggested_facets: tuple[str, ...]


class RowReads:
    """The part of Database that reads rows without SQL.

    What its methods share: `filter` is AIP-160 (`pages > 100 AND contains(title, "sea")`), `order_by` AIP-132
    (`author, pages desc`); proto/sluice/v1/row.proto describes both. `search` asks the full-text index, word by word, or
    in its own query language with `raw_search`; `snippets` adds a column `_snippet`. `columns` are those to give, all
    without it; `labels` are foreign keys to label in columns of their own, `["*"]` for all.
    """

    name: str
    _min_token: str
    _stubs: Stubs
    _transport: Transport

    def rows(
        self,
        table: str,
        *,
        filter: str = "",  # noqa: A002  # pylint: disable=redefined-builtin
        order_by: str = "",
        search: str = "",
        raw_search: bool = False,
        snippets: bool = False,
        columns: Sequence[str] = (),
        labels: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Iterator[Row]:
        """Rows of a table or view, page after page.

        Over data that does not change each row comes exactly once; for one consistent state of a changing table use
        `stream_rows`. `timeout` is that of each page.
        """
        request = row_pb2.ListRowsRequest(
            database=self.name, min_commit_token=self._min_token,
            table=table,
            filter=filter,
            order_by=order_by,
            search=search,
            raw_search=raw_search,
            snippets=snippets,
            columns=names(columns),
            labels=names(labels),
            page_size=LIST_PAGE_SIZE,
        )

        header: Header | None = None

        def fetch(token: str) -> tuple[Iterable[Row], str]:
            nonlocal header
            request.page_token = token
            response = self._transport.unary(self._stubs.row.ListRows, request, timeout)
            if header is None:
                header = Header.of(response.columns)
            else:
                header.check(response.columns)
            return map(header.row, response.rows), response.next_page_token

        return paged(fetch)

    def stream_rows(
        self,
        table: str,
        *,
        filter: str = "",  # noqa: A002  # pylint: disable=redefined-builtin
        order_by: str = "",
        search: str = "",
        raw_search: bool = False,
        snippets: bool = False,
        columns: Sequence[str] = (),
        labels: Sequence[str] = (),
        limit: int = 0,
        timeout: float | None = None,
    ) -> Rows:
        """Rows of a table or view as one stream of any length, faster than pages and of one state of the database.

        A stream that breaks, or that the server ends because its reader paused for a minute, goes on where it stopped,
        then under the state of the database that it finds; when that has other columns, it fails (Aborted). At most
        `limit` rows; 0 for all. It ends as those of `Database.query` do.
        """
        request = row_pb2.ReadRowsRequest(
            database=self.name, min_commit_token=self._min_token,
            table=table,
            filter=filter,
            order_by=order_by,
            search=search,
            raw_search=raw_search,
            snippets=snippets,
            columns=names(columns),
            labels=names(labels),
            row_limit=limit,
            layout=value_pb2.ROW_LAYOUT_COLUMNS,
        )
        return Rows(ResumedStream(self._transport, self._stubs.row.ReadRows, request, timeout))

    def row(self, table: str, key: str, *, labels: Sequence[str] = (), timeout: float | None = None) -> Row:
        """The row with a key, which comes from `Row.key` or `sluice.key`, with its etag."""
        request = row_pb2.GetRowRequest(database=self.name, min_commit_token=self._min_token, table=table, key=key, labels=names(labels))
        response = self._transport.unary(self._stubs.row.GetRow, request, timeout)
        return Header.of(response.columns).row(response.row)

    def references(self, table: str, key: str, *, timeout: float | None = None) -> list[row_pb2.Reference]:
        """How many rows of other tables refer to a row, for each foreign key."""
        request = row_pb2.GetRowRequest(database=self.name, min_commit_token=self._min_token, table=table, key=key, references=True)
        response = self._transport.unary(self._stubs.row.GetRow, request, timeout)
        return list(response.references)

    def summary(
        self,
        table: str,
        *,
        filter: str = "",  # noqa: A002  # pylint: disable=redefined-builtin
        search: str = "",
        raw_search: bool = False,
        count: Literal["none", "capped", "exact"] = "exact",
        facets: Sequence[str] = (),
        facet_size: int = 0,
        suggest_facets: bool = False,
        timeout: float | None = None,
    ) -> Summary:
        """Counts the rows that a filter and a search leave, and the values they hold: `facets` are `column`,
        `array(column)` or `date(column)`, each with at most `facet_size` values (0 for 30)."""
        request = row_pb2.ListRowsRequest(
            database=self.name, min_commit_token=self._min_token,
            table=table,
            filter=filter,
            search=search,
            raw_search=raw_search,
            count=_COUNT[count],
            facets=names(facets),
            facet_size=facet_size,
            suggest_facets=suggest_facets,
            page_size=1,
        )
        response = self._transport.unary(self._stubs.row.ListRows, request, timeout)
        return Summary(
            count=response.count if response.HasField("count") else None,
            facets=tuple(map(_facet, response.facets)),
            suggested_facets=tuple(response.suggested_facets),
        )

    def value(self, table: str, key: str, column: str, *, timeout: float | None = None) -> Iterator[bytes]:
        """One value of one row as pieces of bytes, of any size: a text in UTF-8, a blob as it is, a number as its
        decimal; nothing for NULL."""
        request = row_pb2.ReadValueRequest(database=self.name, min_commit_token=self._min_token, table=table, key=key, column=column)
        with self._transport.stream(self._stubs.row.ReadValue, request, timeout) as stream:
            for body in stream:
                yield body.data


def _facet(facet: row_pb2.Facet) -> Facet:
    values = tuple(
        FacetValue(from_proto(value.value), value.count, from_proto(value.label) if value.HasField("label") else None)
        for value in facet.values
    )
    return Facet(facet.name, values, facet.truncated, facet.timed_out)


def names(given: Sequence[str]) -> Sequence[str]:
    """A text is a sequence of texts too, which nobody means."""
    if isinstance(given, str):
        raise TypeError("names are a sequence of texts, and not one text")
    return given


def paged(fetch: Callable[[str], tuple[Iterable[Item], str]]) -> Iterator[Item]:
    """Walks pages from the first, whose token is empty, to the one that gives no next token."""
    token = ""
    while True:
        items, next_token = fetch(token)
        if next_token and next_token == token:
            raise Internal("the server gave the same page token again")
        yield from items
        if not next_token:
            return
        token = next_token
