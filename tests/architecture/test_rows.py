"""Rows are read by the names of their columns.

A select list and a value that are matched by position drift apart without anything failing. Where speed
matters, the select list is made from the fields of the value; then the slice has no literal numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from textwrap import dedent

import pytest

from tests.architecture import tree

_ONE_ROW = {"one", "one_or_none", "first"}
_ROW_NAMES = {"row", "head", "record"}
_UNPACKED_MAX = 2  # a pair says by itself which is which


def test_rows_are_read_by_name():
    found = [
        f"{tree.name(path)}:{line}"
        for part in ("portal", "backoffice", "jobs")
        for path in tree.python_files(part)
        for line in sorted(set(_read_by_position(tree.parsed(path))))
    ]
    assert not found, (
        "name the columns like the fields and build with Kind(**row._mapping) or portal.kernel.db.value_of"
    )


@pytest.mark.parametrize(
    "code",
    [
        "Thing(*row)",
        "def f():\n  return [Thing(*line) for line in session.execute(_SQL)]",
        "row[0]",
        "row[2:]",
        "Thing(*row[2:])",
        "found = session.execute(_SQL).one()\nfound[1]",
        "rows = session.execute(_SQL).all()\nx = [Thing(*one) for one in rows]",
        "rows = session.execute(_SQL).all()\nfor a, b, c in rows: pass",
        "for a, *more in session.execute(_SQL): pass",
        "a, b, c = session.execute(_SQL).one()",
        "Thing(*session.execute(_SQL).one())",
    ],
)
def test_reading_by_position_is_noticed(code):
    assert list(_read_by_position(ast.parse(dedent(code))))


@pytest.mark.parametrize(
    "code",
    [
        "Thing(**row._mapping)",
        "Thing(*row[: len(_FIELDS)])",
        "rows = session.execute(_SQL).all()\nrows[0].id",
        "for a, b in session.execute(_SQL): pass",
        "for a, b, c in triples: Thing(*triple)",
        "text.partition('-')[0]",
    ],
)
def test_reading_by_name_is_let_be(code):
    assert not list(_read_by_position(ast.parse(dedent(code))))


def _read_by_position(module: ast.Module) -> Iterator[int]:
    """Lines in which a row is taken apart by position."""
    rows, single = _names_of_rows(module)
    for node in ast.walk(module):
        match node:
            case ast.Starred(value=value) if _is_row(value, single):
                yield node.lineno
            case ast.Subscript(value=ast.Name(id=name), slice=index) if name in single and _is_literal(index):
                yield node.lineno
            case ast.For() | ast.comprehension() if _are_rows(node.iter, rows) and _is_wide(node.target):
                yield node.target.lineno
            case ast.Assign(targets=[target], value=value) if _is_row(value, single) and _is_wide(target):
                yield node.lineno


def _names_of_rows(module: ast.Module) -> tuple[set[str], set[str]]:
    """Names of lists of rows, and of single rows."""
    rows: set[str] = set()
    single = set(_ROW_NAMES)
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if _is_row(node.value, set()):
                single.add(node.targets[0].id)
            elif _are_rows(node.value, set()):
                rows.add(node.targets[0].id)
    for node in ast.walk(module):
        if (
            isinstance(node, ast.For | ast.comprehension)
            and isinstance(node.target, ast.Name)
            and _are_rows(node.iter, rows)
        ):
            single.add(node.target.id)
    return rows, single


def _is_row(value: ast.expr, single: set[str]) -> bool:
    match value:
        case ast.Name(id=name):
            return name in single
        case ast.Subscript(value=ast.Name(id=name), slice=index):
            return name in single and _is_literal(index)
        case ast.Call(func=ast.Attribute(attr=method, value=result)):
            return method in _ONE_ROW and _are_rows(result, set())
    return False


def _are_rows(value: ast.expr, rows: set[str]) -> bool:
    match value:
        case ast.Name(id=name):
            return name in rows
        case ast.Call(func=ast.Attribute(attr="all", value=result)):
            return _are_rows(result, rows)
        case ast.Call(func=ast.Attribute(attr="execute")):
            return True
    return False


def _is_literal(index: ast.expr) -> bool:
    if isinstance(index, ast.Slice):
        return any(bound is not None and _is_literal(bound) for bound in (index.lower, index.upper))
    if isinstance(index, ast.UnaryOp):
        return _is_literal(index.operand)
    return isinstance(index, ast.Constant) and isinstance(index.value, int)


def _is_wide(target: ast.expr) -> bool:
    return isinstance(target, ast.Tuple) and (
        len(target.elts) > _UNPACKED_MAX or any(isinstance(part, ast.Starred) for part in target.elts)
    )
