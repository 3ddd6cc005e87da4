"""The tables as they stand in the models: `docs/schema.md`, one diagram a capability.

``python -m assets.make_schema`` writes the file, and a test compares it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    Index,
    Numeric,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import ARRAY, TypeEngine

from portal.capabilities import CAPABILITIES
from portal.kernel.db import Base

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "schema.md"

_HEAD = """\
# The tables

Made from the models by `.venv/bin/python -m assets.make_schema`; a test compares. There is one diagram a
capability: its own tables with their columns, and those of others that they refer to as boxes without any.
`PK` is the primary key or a part of it, `FK` a foreign key, `UK` a column that is unique by itself.

A table with `dealer_id` shows a session the rows of its own dealer only
([0002](decisions/0002-scope-in-the-database.md)). Some references are kept without a foreign key, on purpose
([0004](decisions/0004-no-keys-to-shared-rows.md)). Triggers, policies and grants are in
`migrations/versions/`.
"""
Named = TypeVar("Named", bound=Constraint | Index)

_DIALECT = postgresql.dialect()
_SHORT_TYPES = {"TIMESTAMP WITH TIME ZONE": "timestamptz", "TIME WITHOUT TIME ZONE": "time"}


def schema() -> str:
    """The whole document."""
    tables = _tables_by_capability()
    return "\n".join([_HEAD, *(_chapter(name, owned) for name, owned in tables.items() if owned)])


def _tables_by_capability() -> dict[str, list[type[Base]]]:
    """The tables of each capability by name, and last what the kernel keeps."""
    owners = {
        capability.models.rpartition(".")[0]: capability.name
        for capability in CAPABILITIES
        if capability.models
    }
    tables: dict[str, list[type[Base]]] = {name: [] for name in (*owners.values(), "kernel")}
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__tablename__):
        tables[owners.get(mapper.class_.__module__.rpartition(".")[0], "kernel")].append(mapper.class_)
    return tables


def _chapter(name: str, models: list[type[Base]]) -> str:
    """Diagram, then what the tables are for and what they refuse."""
    tables = [model.__table__ for model in models]
    diagram = [line for table in tables for line in _box(table)]
    diagram += [line for table in tables for line in _references(table)]
    lines = [f"## {name}", "", "```mermaid", "erDiagram", *(f"    {line}" for line in diagram), "```", ""]
    for model in models:
        lines += [f"- `{model.__tablename__}`: {_purpose(model)}"]
        lines += [f"  - {rule}" for rule in _rules(model.__table__)]
    return "\n".join([*lines, ""])


def _purpose(model: type[Base]) -> str:
    """The first paragraph of the model's docstring."""
    return " ".join((inspect.getdoc(model) or "").split("\n\n")[0].split()).replace("``", "`")


def _box(table: Table) -> Iterator[str]:
    yield f"{table.name} {{"
    for column in table.columns:
        keys = ", ".join(_keys(column))
        notes = f'"{note}"' if (note := _note(column)) else ""
        yield "    " + " ".join(filter(None, [_type(column.type), column.name, keys, notes]))
    yield "}"


def _type(kind: TypeEngine) -> str:
    """As PostgreSQL calls it, in a form that Mermaid reads: ``numeric(14,2)`` has a comma too many."""
    if isinstance(kind, ARRAY):
        return f"{_type(kind.item_type)}[]"
    if isinstance(kind, Numeric):
        return "numeric"
    name = kind.compile(_DIALECT)
    return _SHORT_TYPES.get(name, name.lower())


def _keys(column: Column) -> Iterator[str]:
    if column.primary_key:
        yield "PK"
    if column.foreign_keys:
        yield "FK"
    if any(
        list(unique.columns) == [column] and _condition(unique) is None for unique in _uniques(column.table)
    ):
        yield "UK"


def _note(column: Column) -> str:
    parts = ["null"] if column.nullable else []
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    if isinstance(kind, Numeric):
        parts.append(f"{kind.precision},{kind.scale}")
    if column.computed is not None:
        parts.append("computed")
    return " ".join(parts)


def _references(table: Table) -> Iterator[str]:
    """A line a foreign key: of how many rows at our end, to one or none at the other."""
    uniques = [table.primary_key, *(unique for unique in _uniques(table) if _condition(unique) is None)]
    alone = {frozenset(unique.columns) for unique in uniques}
    for key in _sorted(table.foreign_key_constraints):
        columns = list(key.columns)
        ours = "|o" if frozenset(columns) in alone else "}o"
        other = "o|" if any(column.nullable for column in columns) else "||"
        names = ", ".join(column.name for column in columns)
        yield f'{table.name} {ours}--{other} {key.referred_table.name} : "{names}"'


def _rules(table: Table) -> Iterator[str]:
    """What the database refuses, in its own words."""
    for unique in _uniques(table):
        where = _condition(unique)
        if len(unique.columns) > 1 or where is not None:
            condition = f" where `{where}`" if where is not None else ""
            yield f"unique `{', '.join(column.name for column in unique.columns)}`{condition}"
    for check in _sorted(table.constraints):
        if isinstance(check, CheckConstraint):
            yield f"`{' '.join(str(check.sqltext).split())}`"


def _uniques(table: Table) -> list[UniqueConstraint | Index]:
    """Unique constraints and unique indexes, by name."""
    constraints = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return _sorted([*constraints, *(index for index in table.indexes if index.unique)])


def _condition(unique: UniqueConstraint | Index) -> object:
    """Which rows a unique index is about; None for all."""
    return unique.dialect_options["postgresql"]["where"] if isinstance(unique, Index) else None


def _sorted(named: Iterable[Named]) -> list[Named]:
    return sorted(named, key=lambda one: str(one.name))


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
