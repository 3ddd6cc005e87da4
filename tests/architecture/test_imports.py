"""Who may know whom. The contracts stand in pyproject.toml under ``[tool.importlinter]``."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

from tests.architecture import tree

CONFIGURATION = tree.ROOT / "pyproject.toml"
PURE = (
    "rules.py",
    "ladder.py",
    "next_tier.py",
    "programme.py",
    "conditions.py",
    "source_lines.py",
    "stages.py",
    "receipts.py",
    "explain.py",
    "engine.py",
    "discounts.py",
    "hints.py",
    "kinds.py",
    "postings.py",
    "chart.py",
)
RULES = [path for path in tree.python_files("portal") if path.name in PURE or path.stem.endswith("_rules")]

# What rules may know of the portal: values, archives as bytes, and the rules of other capabilities.
KERNELS = {
    f"portal.kernel.{name}"
    for name in (
        "actor",
        "archives",
        "cells",
        "checking",
        "clock",
        "errors",
        "lots",
        "money",
        "outside_xml",
        "printable",
        "rounded",
        "searching",
        "typed",
    )
}


def test_the_contracts_hold(capsys):
    configure()
    kept = lint_imports(config_filename=str(CONFIGURATION), cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


def test_every_capability_is_under_the_contracts():
    contracts = tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]
    domain = next(contract for contract in contracts if contract["id"] == "domain")
    assert {f"portal.{capability}" for capability in tree.capabilities()} <= set(domain["source_modules"])


def test_every_module_of_rules_is_under_the_contract_of_rules():
    contracts = tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]
    sources = next(contract for contract in contracts if contract["id"] == "rules")["source_modules"]
    named = {_module(path) for path in RULES if path.name != "rules.py"}
    assert "portal.*.rules" in sources
    assert named <= set(sources), "name it among the source modules"


def _module(path: Path) -> str:
    return tree.name(path).removesuffix(".py").replace("/", ".")


def test_rules_load_neither_web_nor_database():
    modules = [_module(path) for path in RULES]
    program = "; ".join(
        [
            "import sys",
            f"import {', '.join(modules)}",
            "print(*sorted({'flask', 'sqlalchemy', 'psycopg', 'redis'} & set(sys.modules)))",
        ]
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tree.ROOT,
        env=os.environ | {"PYTHONPATH": str(tree.ROOT)},
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split() == []


@pytest.mark.parametrize("path", RULES, ids=tree.name)
def test_rules_know_only_the_standard_library_kernels_and_other_rules(path):
    pure = KERNELS | {_module(other) for other in RULES}
    for module in _imported(path):
        allowed = module.partition(".")[0] in sys.stdlib_module_names or module in pure
        assert allowed, f"{tree.name(path)} imports {module}; rules get values, they do not fetch them"


def _imported(path) -> set[str]:
    """Full names of the modules a file imports."""
    modules = set()
    for node in tree.nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            spelt = {f"{node.module}.{alias.name}" for alias in node.names}
            modules |= (
                spelt
                if node.module in ("portal", "portal.kernel") or spelt & {f"{node.module}.rules"}
                else {node.module}
            )
    return modules


def test_importing_the_portal_imports_nothing_else():
    assert (tree.ROOT / "portal" / "__init__.py").read_text() == ""
