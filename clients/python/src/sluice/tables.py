"""What tables are made of and how they change, for `Database.create_table` and `Database.alter_table`.

    from sluice import tables

    database.create_table("dogs", [tables.column("name", "TEXT", not_null=True), tables.column("age", "INTEGER")],
                          primary_key="id")
    database.alter_table("dogs", [tables.add_column("weight", "REAL"), tables.enable_full_text("name")])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sluice._values import to_proto
from sluice.v1 import table_pb2

Action = Literal["no action", "restrict", "set null", "set default", "cascade"]

_ACTION: dict[str, Any] = {
    "no action": table_pb2.REFERENCE_ACTION_NO_ACTION,
    "restrict": table_pb2.REFERENCE_ACTION_RESTRICT,
    "set null": table_pb2.REFERENCE_ACTION_SET_NULL,
    "set default": table_pb2.REFERENCE_ACTION_SET_DEFAULT,
    "cascade": table_pb2.REFERENCE_ACTION_CASCADE,
}


class _Unset:
    """What is not given, where None is a value."""


_UNSET = _Unset()


def column(
    name: str,
    type: str = "",  # pylint: disable=redefined-builtin
    *,
    not_null: bool = False,
    default: Any = _UNSET,
    default_expression: str | None = None,
    unique: bool = False,
    check: str = "",
    collation: str = "",
    generated: str = "",
    stored: bool = False,
) -> table_pb2.ColumnDefinition:
    """A column: `default` is a value, `default_expression`, `check` and `generated` are SQL expressions."""
    definition = table_pb2.ColumnDefinition(
        name=name, type=type, not_null=not_null, unique=unique, check=check, collation=collation,
        generated_expression=generated, generated_stored=stored,
    )  # fmt: skip
    _set_default(definition, default, default_expression)
    return definition


def foreign_key(
    columns: str | Sequence[str],
    parent_table: str,
    parent_columns: str | Sequence[str] = (),
    *,
    on_delete: Action = "no action",
    on_update: Action = "no action",
    deferred: bool = False,
) -> table_pb2.ForeignKeyDefinition:
    """A foreign key; without `parent_columns` it refers to the primary key."""
    return table_pb2.ForeignKeyDefinition(
        columns=names(columns), parent_table=parent_table, parent_columns=names(parent_columns),
        on_delete=_ACTION[on_delete], on_update=_ACTION[on_update], deferred=deferred,
    )  # fmt: skip


def add_column(name: str, type: str = "", **options: Any) -> table_pb2.TableChange:  # pylint: disable=redefined-builtin
    """Adds a column after the others; takes what `column` takes."""
    return table_pb2.TableChange(add_column=table_pb2.AddColumn(column=column(name, type, **options)))


def rename_column(name: str, new_name: str) -> table_pb2.TableChange:
    """Gives a column another name, in indexes, triggers, views and foreign keys too."""
    return table_pb2.TableChange(rename_column=table_pb2.RenameColumn(column=name, new_name=new_name))


def rename_table(new_name: str) -> table_pb2.TableChange:
    """Gives the table another name, in triggers, views and foreign keys too."""
    return table_pb2.TableChange(rename_table=table_pb2.RenameTable(new_name=new_name))


def drop_column(name: str) -> table_pb2.TableChange:
    """Takes a column away."""
    return table_pb2.TableChange(drop_column=table_pb2.DropColumn(column=name))


def alter_column(
    name: str,
    *,
    type: str | None = None,  # pylint: disable=redefined-builtin
    not_null: bool | None = None,
    default: Any = _UNSET,
    default_expression: str | None = None,
    drop_default: bool = False,
    collation: str | None = None,
) -> table_pb2.TableChange:
    """Changes what a column is; what is not given stays."""
    change = table_pb2.AlterColumn(column=name, type=type, collation=collation)
    if not_null is not None:
        change.not_null = not_null
    if drop_default:
        change.drop_default = True
    _set_default(change, default, default_expression)
    return table_pb2.TableChange(alter_column=change)


def reorder_columns(*columns: str) -> table_pb2.TableChange:
    """Puts these columns first, in this order."""
    return table_pb2.TableChange(reorder_columns=table_pb2.ReorderColumns(columns=columns))


def set_primary_key(*columns: str, autoincrement: bool = False) -> table_pb2.TableChange:
    """Makes these columns the primary key; none takes it away."""
    return table_pb2.TableChange(
        set_primary_key=table_pb2.SetPrimaryKey(columns=columns, autoincrement=autoincrement)
    )


def add_foreign_key(key: table_pb2.ForeignKeyDefinition) -> table_pb2.TableChange:
    """Adds what `foreign_key` makes."""
    return table_pb2.TableChange(add_foreign_key=key)


def drop_foreign_key(*columns: str) -> table_pb2.TableChange:
    """Takes the foreign key of these columns away."""
    return table_pb2.TableChange(drop_foreign_key=table_pb2.DropForeignKey(columns=columns))


def enable_full_text(*columns: str, tokenizer: str = "") -> table_pb2.TableChange:
    """Makes a full-text index over columns, in place of one that is there."""
    return table_pb2.TableChange(enable_full_text=table_pb2.EnableFullText(columns=columns, tokenizer=tokenizer))


def disable_full_text() -> table_pb2.TableChange:
    """Takes the full-text index away."""
    return table_pb2.TableChange(disable_full_text=table_pb2.DisableFullText())


def names(given: str | Sequence[str]) -> Sequence[str]:
    """One name or several, as several."""
    return [given] if isinstance(given, str) else given


def _set_default(target: Any, value: Any, expression: str | None) -> None:
    if not isinstance(value, _Unset):
        target.default_value.CopyFrom(to_proto(value))
    if expression is not None:
        target.default_expression = expression
