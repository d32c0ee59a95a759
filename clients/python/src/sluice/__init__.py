"""Client of Sluice, which serves SQLite databases over gRPC.

    import sluice

    with sluice.connect() as client:  # $SLUICE_ADDRESS, or 127.0.0.1:7070
        for row in client.database("proj").query("SELECT name FROM crs_view WHERE code = ?", [4326]):
            print(row["name"])

A Client and its Databases may be used from many threads at once; one Client, which holds one connection, is enough for
a program. The iterators belong to one thread each.

SQLite's values are None, int, float, str (TEXT that is valid UTF-8), bytes (BLOB) and RawText (TEXT that is not).
Every call that fails raises a SluiceError of the class that its code names. Calls without side effects are sent again
by gRPC when the server is unavailable; writes never are.
"""

from sluice import tables
from sluice._client import Client, connect
from sluice._database import Database
from sluice._errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    DamagedDownload,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    FieldViolation,
    IncompleteStream,
    Internal,
    InvalidArgument,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    SluiceError,
    TruncatedResult,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from sluice._execute import Executed
from sluice._keys import key
from sluice._load import Loaded
from sluice._query import ColumnLists, QueryResult, Rows
from sluice._reads import Facet, FacetValue, Summary
from sluice._rows import Column, Row
from sluice._values import RawText, Value
from sluice._write import Committed, Mutations, RowError, Written, row_exists, row_unchanged, row_where

__version__ = "0.1.0"

__all__ = [
    "Aborted",
    "AlreadyExists",
    "Cancelled",
    "Client",
    "Column",
    "ColumnLists",
    "Committed",
    "DamagedDownload",
    "DataLoss",
    "Database",
    "DeadlineExceeded",
    "Executed",
    "Facet",
    "FacetValue",
    "FailedPrecondition",
    "FieldViolation",
    "IncompleteStream",
    "Internal",
    "InvalidArgument",
    "Loaded",
    "Mutations",
    "NotFound",
    "OutOfRange",
    "PermissionDenied",
    "QueryResult",
    "RawText",
    "ResourceExhausted",
    "Row",
    "RowError",
    "Rows",
    "SluiceError",
    "Summary",
    "TruncatedResult",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "Value",
    "Written",
    "connect",
    "key",
    "row_exists",
    "row_unchanged",
    "row_where",
    "tables",
]
