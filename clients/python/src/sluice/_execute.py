"""SQL that writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sluice._query import Params, set_params
from sluice._rows import Column, Header, Row
from sluice._stubs import Stubs
from sluice._transport import Transport
from sluice._write_requests import DURABILITY, Durability
from sluice.v1 import execute_pb2


@dataclass(frozen=True)
class Executed:
    """What one statement did.

    `affected` counts the rows that it inserted, updated or deleted itself, `last_insert_rowid` is 0 when it inserted none.
    `rows` are those of RETURNING or of a select, at most `max_rows`; `truncated` says that there were more.
    """

    affected: int
    last_insert_rowid: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    truncated: bool
    commit_token: str = ""
    replayed: bool = False


class Executes:
    """The methods of `Database` for SQL that writes. What `validate_only`, `request_id` and
    `durability` do stands in `Database.insert`."""

    _stubs: Stubs
    _transport: Transport
    name: str

    def execute(
        self,
        sql: str,
        params: Params | None = None,
        *,
        max_rows: int = 0,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> Executed:
        """Runs one statement that changes rows or definitions, in a transaction of its own that is on the server's disk
        when it returns."""
        request = execute_pb2.ExecuteRequest(
            database=self.name,
            sql=sql,
            max_rows=max_rows,
            validate_only=validate_only,
            request_id=request_id,
            durability=DURABILITY[durability],
        )
        set_params(request, params)
        response = self._transport.unary(self._stubs.query.Execute, request, timeout)
        return executed(response, response.commit_token, response.replayed)

    def batch_execute(
        self,
        statements: Iterable[str | tuple[str, Params | None]],
        *,
        validate_only: bool = False,
        request_id: str = "",
        durability: Durability = "disk",
        timeout: float | None = None,
    ) -> list[Executed]:
        """Runs statements, each SQL or SQL with its parameters, in one transaction, all or none."""
        request = execute_pb2.BatchExecuteRequest(
            database=self.name,
            validate_only=validate_only,
            request_id=request_id,
            durability=DURABILITY[durability],
        )
        for statement in statements:
            sql, params = (statement, None) if isinstance(statement, str) else statement
            set_params(request.statements.add(sql=sql), params)
        response = self._transport.unary(self._stubs.query.BatchExecute, request, timeout)
        return [executed(result, response.commit_token, response.replayed) for result in response.results]


def executed(result: Any, commit_token: str, replayed: bool) -> Executed:
    header = Header.of(result.columns)
    return Executed(
        affected=result.affected_count,
        last_insert_rowid=result.last_insert_rowid,
        columns=header.columns,
        rows=tuple(map(header.row, result.rows)),
        truncated=result.truncated,
        commit_token=commit_token,
        replayed=replayed,
    )
