from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from sluice.v1 import catalog_pb2 as _catalog_pb2
from sluice.v1 import load_pb2 as _load_pb2
from sluice.v1 import options_pb2 as _options_pb2
from sluice.v1 import query_pb2 as _query_pb2
from sluice.v1 import value_pb2 as _value_pb2
from sluice.v1 import write_pb2 as _write_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BrowseRowsRequest(_message.Message):
    __slots__ = ("database", "table", "page_size", "page_token", "format", "int64", "shape", "filter", "order_by", "search", "raw_search", "snippets", "columns", "labels", "count", "facets", "facet_size", "suggest_facets", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INT64_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    RAW_SEARCH_FIELD_NUMBER: _ClassVar[int]
    SNIPPETS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FACETS_FIELD_NUMBER: _ClassVar[int]
    FACET_SIZE_FIELD_NUMBER: _ClassVar[int]
    SUGGEST_FACETS_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    page_size: int
    page_token: str
    format: str
    int64: str
    shape: str
    filter: str
    order_by: str
    search: str
    raw_search: bool
    snippets: bool
    columns: _containers.RepeatedScalarFieldContainer[str]
    labels: _containers.RepeatedScalarFieldContainer[str]
    count: str
    facets: _containers.RepeatedScalarFieldContainer[str]
    facet_size: int
    suggest_facets: bool
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., format: _Optional[str] = ..., int64: _Optional[str] = ..., shape: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ..., search: _Optional[str] = ..., raw_search: bool = ..., snippets: bool = ..., columns: _Optional[_Iterable[str]] = ..., labels: _Optional[_Iterable[str]] = ..., count: _Optional[str] = ..., facets: _Optional[_Iterable[str]] = ..., facet_size: _Optional[int] = ..., suggest_facets: bool = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class ListRowsRequest(_message.Message):
    __slots__ = ("database", "table", "page_size", "page_token", "filter", "order_by", "search", "raw_search", "snippets", "columns", "labels", "count", "facets", "facet_size", "suggest_facets", "min_commit_token")
    class Count(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        COUNT_UNSPECIFIED: _ClassVar[ListRowsRequest.Count]
        COUNT_NONE: _ClassVar[ListRowsRequest.Count]
        COUNT_CAPPED: _ClassVar[ListRowsRequest.Count]
        COUNT_EXACT: _ClassVar[ListRowsRequest.Count]
    COUNT_UNSPECIFIED: ListRowsRequest.Count
    COUNT_NONE: ListRowsRequest.Count
    COUNT_CAPPED: ListRowsRequest.Count
    COUNT_EXACT: ListRowsRequest.Count
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    RAW_SEARCH_FIELD_NUMBER: _ClassVar[int]
    SNIPPETS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FACETS_FIELD_NUMBER: _ClassVar[int]
    FACET_SIZE_FIELD_NUMBER: _ClassVar[int]
    SUGGEST_FACETS_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    page_size: int
    page_token: str
    filter: str
    order_by: str
    search: str
    raw_search: bool
    snippets: bool
    columns: _containers.RepeatedScalarFieldContainer[str]
    labels: _containers.RepeatedScalarFieldContainer[str]
    count: ListRowsRequest.Count
    facets: _containers.RepeatedScalarFieldContainer[str]
    facet_size: int
    suggest_facets: bool
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ..., search: _Optional[str] = ..., raw_search: bool = ..., snippets: bool = ..., columns: _Optional[_Iterable[str]] = ..., labels: _Optional[_Iterable[str]] = ..., count: _Optional[_Union[ListRowsRequest.Count, str]] = ..., facets: _Optional[_Iterable[str]] = ..., facet_size: _Optional[int] = ..., suggest_facets: bool = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class ListRowsResponse(_message.Message):
    __slots__ = ("columns", "rows", "next_page_token", "count", "facets", "suggested_facets")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    FACETS_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_FACETS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    next_page_token: str
    count: _catalog_pb2.RowCount
    facets: _containers.RepeatedCompositeFieldContainer[Facet]
    suggested_facets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., count: _Optional[_Union[_catalog_pb2.RowCount, _Mapping]] = ..., facets: _Optional[_Iterable[_Union[Facet, _Mapping]]] = ..., suggested_facets: _Optional[_Iterable[str]] = ...) -> None: ...

class Facet(_message.Message):
    __slots__ = ("name", "values", "truncated", "timed_out")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TIMED_OUT_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedCompositeFieldContainer[FacetValue]
    truncated: bool
    timed_out: bool
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[_Union[FacetValue, _Mapping]]] = ..., truncated: bool = ..., timed_out: bool = ...) -> None: ...

class FacetValue(_message.Message):
    __slots__ = ("value", "count", "label")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    value: _value_pb2.Value
    count: int
    label: _value_pb2.Value
    def __init__(self, value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., count: _Optional[int] = ..., label: _Optional[_Union[_value_pb2.Value, _Mapping]] = ...) -> None: ...

class ReadRowsRequest(_message.Message):
    __slots__ = ("database", "table", "filter", "order_by", "search", "raw_search", "snippets", "columns", "labels", "row_limit", "resume_token", "layout", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    RAW_SEARCH_FIELD_NUMBER: _ClassVar[int]
    SNIPPETS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ROW_LIMIT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    filter: str
    order_by: str
    search: str
    raw_search: bool
    snippets: bool
    columns: _containers.RepeatedScalarFieldContainer[str]
    labels: _containers.RepeatedScalarFieldContainer[str]
    row_limit: int
    resume_token: str
    layout: _value_pb2.RowLayout
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ..., search: _Optional[str] = ..., raw_search: bool = ..., snippets: bool = ..., columns: _Optional[_Iterable[str]] = ..., labels: _Optional[_Iterable[str]] = ..., row_limit: _Optional[int] = ..., resume_token: _Optional[str] = ..., layout: _Optional[_Union[_value_pb2.RowLayout, str]] = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class ReadRowsResponse(_message.Message):
    __slots__ = ("columns", "rows", "packed", "resume_token", "stats", "truncated")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    rows: _containers.RepeatedCompositeFieldContainer[_value_pb2.Row]
    packed: _value_pb2.PackedRows
    resume_token: str
    stats: _query_pb2.QueryStats
    truncated: bool
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., rows: _Optional[_Iterable[_Union[_value_pb2.Row, _Mapping]]] = ..., packed: _Optional[_Union[_value_pb2.PackedRows, _Mapping]] = ..., resume_token: _Optional[str] = ..., stats: _Optional[_Union[_query_pb2.QueryStats, _Mapping]] = ..., truncated: bool = ...) -> None: ...

class GetRowRequest(_message.Message):
    __slots__ = ("database", "table", "key", "labels", "references", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    key: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    references: bool
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., key: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., references: bool = ..., min_commit_token: _Optional[str] = ...) -> None: ...

class GetRowResponse(_message.Message):
    __slots__ = ("columns", "row", "references")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ROW_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[_value_pb2.Column]
    row: _value_pb2.Row
    references: _containers.RepeatedCompositeFieldContainer[Reference]
    def __init__(self, columns: _Optional[_Iterable[_Union[_value_pb2.Column, _Mapping]]] = ..., row: _Optional[_Union[_value_pb2.Row, _Mapping]] = ..., references: _Optional[_Iterable[_Union[Reference, _Mapping]]] = ...) -> None: ...

class Reference(_message.Message):
    __slots__ = ("table", "columns", "count")
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    table: str
    columns: _containers.RepeatedScalarFieldContainer[str]
    count: _catalog_pb2.RowCount
    def __init__(self, table: _Optional[str] = ..., columns: _Optional[_Iterable[str]] = ..., count: _Optional[_Union[_catalog_pb2.RowCount, _Mapping]] = ...) -> None: ...

class ReadValueRequest(_message.Message):
    __slots__ = ("database", "table", "key", "column", "min_commit_token")
    DATABASE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    MIN_COMMIT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    database: str
    table: str
    key: str
    column: str
    min_commit_token: str
    def __init__(self, database: _Optional[str] = ..., table: _Optional[str] = ..., key: _Optional[str] = ..., column: _Optional[str] = ..., min_commit_token: _Optional[str] = ...) -> None: ...
