"""Mutants that mutmut does not make: a step of a verb left out, a condition or an order taken from its SQL.

PostgreSQL and Valkey start once and the cast is put on stage once. Each mutant is a fork of a process that
has loaded the libraries, not the portal: it imports the changed module and runs the tests of the capability
until one fails.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from typing import NamedTuple

import pytest

from launch import affected
from launch.bootstrap import ROOT
from tests import servers
from tests.mutation.result import Outcome

_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT INTO|DELETE FROM|WHERE|AND)\b")
_ORDERED_LOCK = re.compile(r"\s*\bORDER BY [\w., ]+?(?= FOR (?:NO KEY )?(?:UPDATE|SHARE))")
_CONDITION = re.compile(r"\n\s*AND [^\n()]*(?:\([^\n()]*\)[^\n()]*)*(?=\n)")
_COMPARED = re.compile(r"(?<=\s)(<=|>=|<|>)(?=\s)")
_OTHER_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


class Mutant(NamedTuple):
    """Source of a module with one change. told: the change."""

    told: str
    source: str


def tried(capability: str, chosen: Sequence[Path]) -> list[Outcome]:
    """Try all mutants of files with the tests of their capability."""
    with _stage():
        return [_outcome(file, capability) for file in chosen]


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    for start, end, replacement in [*_steps(source), *_conditions(source)]:
        told = f"- {source[start:end].strip()}" + (
            f"\n+ {replacement.strip()}" if replacement.strip() else ""
        )
        line = source.count("\n", 0, start) + 1
        yield Mutant(f"line {line}\n{told}", source[:start] + replacement + source[end:])


def tried_by(file: Path, capability: str) -> list[str]:
    """Its own tests first, then those of its capability and of the capabilities that it is put into."""
    module = ".".join(file.with_suffix("").parts)
    reached = affected.importing({module}, affected.imports(ROOT))
    users = {one.split(".")[1] for one in reached if one.startswith("portal.")} - {capability, "web"}
    folders = [Path("tests", one) for one in (capability, *sorted(users)) if Path("tests", one).is_dir()]
    return [str(one) for one in (*sorted(folders[0].glob(f"test_*{file.stem}*.py")), *folders)]


def _steps(source: str) -> Iterator[tuple[int, int, str]]:
    """Calls that stand alone: a right demanded, a lock taken, an act written down."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.end_lineno is not None:
            assert node.end_col_offset is not None
            start, end = (
                starts[node.lineno - 1] + node.col_offset,
                starts[node.end_lineno - 1] + node.end_col_offset,
            )
            before, within = source.encode()[:start].decode(), source.encode()[start:end].decode()
            yield len(before), len(before) + len(within), "pass"


def _conditions(source: str) -> Iterator[tuple[int, int, str]]:
    """Places in the strings of a module that are SQL."""
    for string in re.finditer(r'"""(?:.|\n)*?"""|"[^"\n]*"', source):
        if not _SQL.search(string[0]):
            continue
        for pattern in (_ORDERED_LOCK, _CONDITION, _COMPARED):
            for found in pattern.finditer(source, string.start(), string.end()):
                yield found.start(), found.end(), _OTHER_BOUNDARY.get(found[0], "")


def _outcome(file: Path, capability: str) -> Outcome:
    made = list(mutants(file.read_text(encoding="utf-8")))
    tests = tried_by(file, capability)
    print(f"{file}: {len(made)} mutants, tried by {' '.join(tests)}", file=sys.stderr)
    if not _passes(file, file.read_text(encoding="utf-8"), tests):
        sys.exit("bin/mutate: these tests do not pass unchanged")
    survivors = []
    for place, mutant in enumerate(made, start=1):
        print(f"{file}: {place} of {len(made)}", file=sys.stderr)
        if _passes(file, mutant.source, tests):
            survivors.append(mutant.told)
    return Outcome(file, len(made), tuple(survivors))


def _passes(file: Path, source: str, tests: Sequence[str]) -> bool:
    """Whether no test fails with another source of a module, in a process of its own."""
    module = ".".join(file.with_suffix("").parts)
    assert module not in sys.modules, f"{module} is loaded already"
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.meta_path.insert(0, _Changed(module, file, source))
        os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--timeout=60", *tests])))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class _Changed(MetaPathFinder, Loader):
    """Finds one module, with other source than its file has."""

    def __init__(self, module: str, file: Path, source: str) -> None:
        self._module, self._file, self._source = module, file, source

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return spec_from_loader(name, self, origin=str(self._file)) if name == self._module else None

    def exec_module(self, module: object) -> None:
        vars(module)["__file__"] = str(self._file.resolve())
        exec(compile(self._source, str(self._file), "exec"), vars(module))


@contextmanager
def _stage() -> Iterator[None]:
    """PostgreSQL with the cast on stage and Valkey, told to the runs by their environment."""
    with servers.postgres() as cluster, servers.valkey() as valkey:
        name = cluster.create("template")
        roles = {"app_role": cluster.app.username, "issuer_role": cluster.issuer.username}
        setting_up = os.fork()  # a process of its own, as it imports the portal
        if setting_up == 0:
            from tests import stage

            servers.migrate(cluster.owner_url(name), **roles)
            with servers.owner_engine(cluster.owner_url(name)).begin() as connection:
                stage.enter(connection)
            os._exit(0)
        assert os.waitpid(setting_up, 0)[1] == 0, "the cast could not be put on stage"
        os.environ |= {
            "DATABASE_URL": cluster.app_url("postgres"),
            "ISSUER_DATABASE_URL": cluster.issuer_url("postgres"),
            "OWNER_DATABASE_URL": cluster.owner_url("postgres"),
            "TONGLU_TEST_ADMIN_URL": cluster.admin.render_as_string(hide_password=False),
            "REDIS_URL": valkey,
            "TONGLU_TEST_TEMPLATE": name,
        }
        yield
