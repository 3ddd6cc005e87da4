"""Looks with squawk for what a migration would lock, rewrite or take away from the release before.

    python -m assets.check_locks [files of migrations/versions]

It needs no database: a migration is rendered as SQL. The baseline is not looked at: it makes tables in an
empty database. A file says what it may do none the less, by squawk's rule and with its reason:

    TOLERATED = {"adding-foreign-key-constraint": "price_policy has some hundred rows"}
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from alembic.migration import MigrationContext
from alembic.operations import Operations

from launch.bootstrap import ROOT
from launch.migrate import BASELINE
from migrations.releases import RELEASES, last_release

VERSIONS = ROOT / "migrations" / "versions"
SQUAWK = Path(sys.executable).parent / "squawk"
POSTGRESQL = "16"  # the oldest that is served
# Matters of taste; guards of files that may run twice; a CHECK that another replaces; and limits of waiting,
# which migrations/env.py sets.
NOT_ASKED = (
    "ban-drop-constraint",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-robust-stmts",
    "require-lock-timeout",
    "require-statement-timeout",
)

# What a release that is at work may need.
CONTRACTS = frozenset(
    {
        "adding-not-nullable-field",
        "adding-required-field",
        "ban-drop-column",
        "ban-drop-table",
        "changing-column-type",
        "renaming-column",
        "renaming-table",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a migration would do to those who are at work, by squawk's rule, and the statements that do it."""

    file: str
    rule: str
    advice: str
    statements: tuple[str, ...]

    def __str__(self) -> str:
        where = "".join(f"\n    {statement}" for statement in self.statements)
        return f"{self.file}: {self.rule}: {self.advice}{where}"


def main() -> int:
    """Print what is found in the files named, or in all; 1 if there is anything."""
    named = [Path(name).resolve() for name in sys.argv[1:]] or sorted(VERSIONS.glob("*.py"))
    found = [finding for path in named if path.name[:4] > BASELINE for finding in findings(path)]
    for finding in found:
        print(finding)
    return 1 if found else 0


def findings(path: Path) -> Iterator[Finding]:
    """What a migration would do, but for what it tolerates; and what it tolerates though nothing does it."""
    module = _module(path)
    tolerated = getattr(module, "TOLERATED", {})
    broken = judged(rendered(module))
    for rule, (advice, statements) in broken.items():
        if rule not in tolerated:
            instead = f"{advice} Where it does no harm, say why in TOLERATED of the file."
            yield Finding(path.name, rule, instead, tuple(statements))
    for rule in tolerated.keys() - broken.keys():
        yield Finding(path.name, rule, "Nothing does this. Take it out of TOLERATED.", ())
    if path.name[:4] > last_release() and (taken := sorted(broken.keys() & CONTRACTS)):
        yield from _too_early(path, getattr(module, "OLDEST_RELEASE", None), taken)


def _too_early(path: Path, oldest: str | None, taken: list[str]) -> Iterator[Finding]:
    """Whether a contraction says which releases work with it, and the one before the next is among them."""
    if oldest not in RELEASES.values():
        advice = (
            f"Say in OLDEST_RELEASE what the oldest release that works without it knows ({', '.join(taken)})."
        )
        yield Finding(path.name, "oldest-release", advice, ())


def rendered(module: ModuleType) -> str:
    """The SQL of `upgrade`. One that reads rows into Python has none, and is better written in SQL."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    with Operations.context(context):
        module.upgrade()
    return f"BEGIN;\n{written.getvalue()}COMMIT;\n"  # autocommit_block() ends it and begins another


def judged(sql: str) -> dict[str, tuple[str, list[str]]]:
    """Rules that statements break, with squawk's advice and how the statements begin."""
    command = [SQUAWK, "--reporter=json", f"--pg-version={POSTGRESQL}"]
    command += [f"--exclude={rule}" for rule in NOT_ASKED]
    outcome = subprocess.run(command, input=sql, capture_output=True, text=True)
    if outcome.returncode not in (0, 1):
        raise RuntimeError(f"squawk cannot be run: {outcome.stderr}")
    lines = sql.splitlines()
    broken: dict[str, tuple[str, list[str]]] = {}
    for entry in json.loads(outcome.stdout or "[]"):
        advice = f"{entry['message']} {entry['help'] or ''}".strip()
        broken.setdefault(entry["rule_name"], (advice, []))[1].append(lines[entry["line"]].strip()[:100])
    return broken


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
