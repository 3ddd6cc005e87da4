"""The SQL of the source as PostgreSQL's own parser sees it: which module reads and writes which table.

A statement is taken as it runs, in all of its forms (`recorded_sql`); `unrecorded` tells of a call of `text`
that this does not reach, `unparsed` of words that look like SQL and are in no statement. What stands in a
fragment counts for the module that wrote the fragment, wherever it is put in.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pglast
import sqlalchemy
from pglast.visitors import Skip, Visitor
from sqlalchemy import Table

from portal.capabilities import CAPABILITIES
from portal.kernel.db import Base
from tests.architecture import tree

PACKAGES = ("portal", "backoffice", "jobs")

# Kept by PostgreSQL and Alembic themselves.
FOREIGN_TO_ALL = {"alembic_version", "pg_replication_slots", "pg_stat_database"}

_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # as SQLAlchemy finds them
_FIELD = re.compile(r"\{[^{}]*\}")
# Names of capabilities' values, which depend on nothing.
_WORDS = re.compile(r"portal\.\w+\.vocabulary|portal\.identity\.rules")

_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b")


class Statement(NamedTuple):
    """SQL, and the call of `text` that it is given to. module: with dots. of: the module that it is composed
    for; the same, unless its pieces were handed over.
    """

    module: str
    line: int
    sql: str
    of: str


class Use(NamedTuple):
    """A table that a module reads or writes. module: the one that wrote the words."""

    module: str
    table: str
    writes: bool


class Need(NamedTuple):
    """One capability needs another: a module imports a module of it, or uses a table of it (`what`)."""

    by: str
    of: str
    module: str
    what: str


@cache
def owners() -> dict[str, str]:
    """Each table with the capability whose models define it, and the one view."""
    return {"region": "regions"} | {
        mapper.local_table.name: place(mapper.class_.__module__)
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("portal.")
    }


def place(module: str) -> str:
    """Where in the house a module stands: a capability, kernel, web, blueprints, or another package."""
    top, _, rest = module.partition(".")
    return rest.partition(".")[0] if top == "portal" and rest else top


@cache
def files() -> dict[str, Path]:
    """Every module that may hold SQL, by its name with dots."""
    return {
        tree.name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path
        for path in tree.python_files(*PACKAGES)
    }


@cache
def statements() -> tuple[Statement, ...]:
    """Every statement given to `text`, in each of its forms."""
    program = "from tests.architecture.recorded_sql import main; main()"
    command = [sys.executable, "-c", program, *files()]
    outcome = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr
    modules = {tree.name(path): module for module, path in files().items()}
    recorded = json.loads(outcome.stdout)
    return tuple(Statement(modules[file], line, sql, modules[of]) for file, line, sql, of in recorded)


def unrecorded() -> list[str]:
    """Calls of `text` whose SQL is not known before somebody asks for something."""
    reached = {(one.module, one.line) for one in statements()}
    return [
        f"{tree.name(path)}:{call.lineno}"
        for module, path in files().items()
        for call in _calls(path)
        if _value(module, call.func) is sqlalchemy.text and (module, call.lineno) not in reached
    ]


def unparsed() -> list[str]:
    """Strings that name a table behind a word of SQL and are part of no statement."""
    everything = "\n".join(one.sql for one in statements())
    return [
        f"{tree.name(path)}: {chunk.strip()[:60]}"
        for module, path in files().items()
        for chunk in _chunks(path)
        if any(table in owners() for table in _TABLE.findall(chunk)) and chunk not in everything
    ]


@cache
def uses() -> frozenset[Use]:
    """Every use of a table, in SQL and through the models."""
    return frozenset({use for one in statements() for use in uses_in_sql(one)} | set(_uses_of_models()))


def uses_in_sql(statement: Statement) -> Iterator[Use]:
    """The tables of one statement. Raises ValueError for SQL that cannot be judged."""
    try:
        tables = tables_in(statement.sql)
        if unknown := {table for table, _, _ in tables} - owners().keys() - FOREIGN_TO_ALL:
            raise ValueError(f"nobody owns {', '.join(unknown)}")
    except (ValueError, pglast.parser.ParseError) as error:
        raise ValueError(f"{statement.module}:{statement.line}: {error}") from error
    for table, location, writes in tables:
        if table not in FOREIGN_TO_ALL:
            yield Use(_author(statement, table, location), table, writes)


@cache  # lists are composed for many modules out of the same words
def tables_in(sql: str) -> tuple[tuple[str, int, bool], ...]:
    """Each table of a statement with its place in it and whether it is written.

    Raises ParseError for what PostgreSQL does not take, ValueError when a CTE has the name of a table.
    """
    found = _Tables()
    found(pglast.parse_sql(plain(sql)))
    if hidden := found.ctes & owners().keys():
        raise ValueError(f"a CTE hides the table {', '.join(hidden)}: name it otherwise")
    return tuple(one for one in found.tables if one[0] not in found.ctes)


class _Tables(Visitor):
    """Names behind FROM, INTO and the like, with their places and whether they are written; names of CTEs."""

    def __init__(self) -> None:
        self.tables: list[tuple[str, int, bool]] = []
        self.ctes: set[str] = set()
        self._written: set[int] = set()

    def visit(self, ancestors: Any, node: Any) -> Any:
        """Called for every node, the outer ones first."""
        kind = type(node).__name__
        if kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"):
            self._written.add(node.relation.location)
        elif kind == "TruncateStmt":
            self._written |= {relation.location for relation in node.relations}
        elif kind == "CommonTableExpr":
            self.ctes.add(node.ctename)
        elif kind == "RangeVar":
            self.tables.append((node.relname, node.location, node.location in self._written))
        elif kind == "LockingClause":
            return Skip  # after OF stand aliases
        return None


def plain(sql: str) -> str:
    """SQL with ``$1`` for its parameters and every character in its place, which PostgreSQL counts in
    bytes.
    """
    numbered = _PARAMETER.sub(lambda found: "$1".ljust(len(found[0])), sql)
    return re.sub(r"[^\x00-\x7f]", "?", numbered)


def _author(statement: Statement, table: str, location: int) -> str:
    """The module that wrote the name of a table at a place of a statement: the longest words around it."""
    covering = (
        (len(chunk), nearness, module)
        for module, nearness, chunk in _naming_near(statement.of, table)
        if _covers(statement.sql, chunk, table, location)
    )
    _, _, author = max(covering, default=(0, 0, ""))
    assert author, f"{statement.module}:{statement.line}: who wrote {table}?"
    return author


@cache
def _naming_near(of: str, table: str) -> tuple[tuple[str, int, str], ...]:
    """Modules whose words the module may put in, with how near they are, and the strings of theirs that name
    a table.
    """
    near = _nearness(of)
    return tuple((module, near[module], chunk) for module, chunk in _naming(table) if module in near)


@cache
def _nearness(of: str) -> dict[str, int]:
    """The module itself and all it imports; the nearest has the highest number."""
    return {module: -place for place, module in enumerate((of, *_imported_by(of)))}


@cache
def _naming(table: str) -> tuple[tuple[str, str], ...]:
    """Modules, and the strings of theirs that name a table."""
    return tuple(
        (module, chunk) for module, path in files().items() for chunk in _chunks(path) if table in chunk
    )


def _covers(sql: str, chunk: str, table: str, location: int) -> bool:
    first = max(0, location + len(table) - len(chunk))
    return sql.find(chunk, first, location + len(chunk)) in range(first, location + 1)


@cache
def _imported_by(module: str) -> tuple[str, ...]:
    """Modules whose words a module may put into a statement: all it imports, and all they import."""
    known: dict[str, None] = {}  # in their order
    waiting = [module]
    while waiting:
        for imported in imports(waiting.pop()):
            if imported != module and imported not in known:
                known[imported] = None
                waiting.append(imported)
    return tuple(known)


@cache
def imports(module: str) -> tuple[str, ...]:
    """Modules of the portal that a module imports."""
    named = set()
    for node in tree.nodes(files()[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return tuple(sorted(named & files().keys()))


@cache
def _chunks(path: Path) -> tuple[str, ...]:
    """The strings of a file that name a table, without what is put into them."""
    strings = [
        node.value
        for node in tree.nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    chunks = {chunk for string in strings for chunk in _FIELD.split(string)}
    return tuple(sorted(chunk for chunk in chunks if any(table in chunk for table in owners())))


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in tree.nodes(path) if isinstance(node, ast.Call))


def _uses_of_models() -> Iterator[Use]:
    """Mapped classes by name. One whose columns are named is read; one that is handed over as a whole, to
    `insert`, `update`, `get` or a function, may be written.
    """
    for module, path in files().items():
        if module in {one.models for one in CAPABILITIES}:
            continue  # defines them
        read = {id(node) for node in _read(path)}
        for node in tree.nodes(path):
            if isinstance(node, ast.Name | ast.Attribute) and (table := _table(_value(module, node))):
                yield Use(module, table, id(node) not in read)


def _read(path: Path) -> Iterator[ast.expr]:
    """What stands before a dot, and what is joined."""
    for node in tree.nodes(path):
        if isinstance(node, ast.Attribute) and node.attr != "__table__":
            yield node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("join", "outerjoin"):
            yield from node.args


def _table(value: object) -> str | None:
    """The table behind a mapped class or its table."""
    if isinstance(value, Table):
        return value.name
    if isinstance(value, type) and issubclass(value, Base) and value is not Base:
        return value.__table__.name
    return None


def _value(module: str, node: ast.expr) -> object:
    """What a name of a module stands for; None for what is known only inside a function."""
    if isinstance(node, ast.Name):
        return vars(import_module(module)).get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(module, node.value)
        return vars(owner).get(node.attr) if isinstance(owner, type(ast)) else None
    return None


@cache
def needs() -> frozenset[Need]:
    """What every capability imports from others, and which of their tables it reads or writes."""
    found = {
        (module, other) for module in files() for other in imports(module) if not _WORDS.fullmatch(other)
    }
    found |= {(use.module, use.table) for use in uses()}
    every = {Need(place(module), owners().get(what) or place(what), module, what) for module, what in found}
    capabilities = tree.capabilities()
    return frozenset(need for need in every if need.by != need.of and {need.by, need.of} <= capabilities)


def circles(edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """Groups of more than one that reach each other (strongly connected), the largest first."""
    after: dict[str, set[str]] = {}
    for start, end in edges:
        after.setdefault(start, set()).add(end)
        after.setdefault(end, set())
    reached = {start: _reachable(after, start) for start in after}
    groups = {frozenset(other for other in reached[one] if one in reached[other]) for one in after}
    return sorted((set(group) for group in groups if len(group) > 1), key=len, reverse=True)


def _reachable(after: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = set(), [start]
    while waiting:
        for following in after[waiting.pop()] - seen:
            seen.add(following)
            waiting.append(following)
    return seen
