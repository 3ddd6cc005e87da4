"""Prints every SQL string that the modules named give to `sqlalchemy.text`, as JSON: file, line, SQL, and the
file of the module that it is composed for.

Runs in an interpreter of its own, in which no module has been imported yet.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Callable
from enum import EnumType
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy
from sqlalchemy import TextClause

ROOT = Path(__file__).parent.parent.parent

# What an argument of a function that makes a statement may be, by its annotation.
_CHOICES: dict[str, tuple[Any, ...]] = {"bool": (True, False), "bool | None": (True, False, None)}

_recorded: set[tuple[str, int, str, str]] = set()
_composed_for: list[str] = []
_text = sqlalchemy.text


def main() -> None:
    """Import the modules of the command line, compose what they compose, and print it."""
    sqlalchemy.text = _recording_text
    modules = [import_module(name) for name in sys.argv[1:]]
    _CHOICES["Check"] = import_module("portal.checks.run_checks").CHECKS
    for module in modules:
        for function in _composers(module):
            for arguments in product(*_choices(function)):
                function(*arguments)
    _compose_lists(modules)
    json.dump(sorted(_recorded), sys.stdout)


def _compose_lists(modules: list[ModuleType]) -> None:
    """The statements of every list of documents: with all of its conditions, and with none."""
    kernel = import_module("portal.kernel.document_list")
    for module in modules:
        _composed_for.append(Path(module.__file__ or "").relative_to(ROOT).as_posix())
        for listed in _own(module, kernel.DocumentList):
            for names in (tuple(listed.conditions), ()):
                kernel._count(listed, names)
                for back, descending in product((True, False, None), (True, False)):
                    kernel._list(listed, names, back, descending)
        _composed_for.pop()


def _own(module: ModuleType, kind: type) -> list[Any]:
    """Values of a kind that a module names first, and does not import."""
    assigned = {
        target.id
        for node in ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return [vars(module)[name] for name in assigned if isinstance(vars(module)[name], kind)]


def _recording_text(text: str) -> TextClause:
    caller = sys._getframe(1)
    file = Path(caller.f_code.co_filename)
    if file.is_relative_to(ROOT):
        here = file.relative_to(ROOT).as_posix()
        _recorded.add((here, caller.f_lineno, text, _composed_for[-1] if _composed_for else here))
    return _text(text)


def _composers(module: ModuleType) -> list[Callable[..., Any]]:
    """Functions of a module that make a statement out of flags or checks."""
    return [
        function
        for function in vars(module).values()
        if inspect.isfunction(inspect.unwrap(function))
        and function.__module__ == module.__name__
        and function.__annotations__.get("return") == "TextClause"
        and all(_choices(function))
    ]


def _choices(function: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """What each argument may be; nothing for one that may be anything."""
    hints = function.__annotations__
    return [_choice(function, hints[name]) for name in inspect.signature(function).parameters]


def _choice(function: Callable[..., Any], hint: str) -> tuple[Any, ...]:
    """What a flag may be, a member of an enumeration of the function's own module, or names of its
    conditions: all of them, or none.
    """
    module = sys.modules[function.__module__]
    if hint == "tuple[str, ...]" and hasattr(module, "_CONDITIONS"):
        return tuple(module._CONDITIONS), ()
    named = getattr(module, hint, None)
    return tuple(named) if isinstance(named, EnumType) else _CHOICES.get(hint, ())
