"""Mutants of pure rules, by mutmut, each tried by the tests that reach the changed function.

mutmut works on a copy of the tree under var/, so the tree stays as it is while somebody works on it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launch import affected
from tests.mutation.result import Outcome

# Beside every rules.py: pure modules that decide.
_MORE = (
    "portal/kernel/money.py",
    "portal/kernel/typed.py",
    "portal/orders/compliance_rules.py",
    "portal/orders/lifecycle.py",
    "portal/pricing/stages.py",
)
_COPIED = (
    "portal",
    "backoffice",
    "jobs",
    "launch",
    "demo",
    "tests",
    "docs",
    "migrations",
    "config.py",
    "alembic.ini",
)
_WORK = Path("var/mutation")

# The words of a message are nobody's decision.
_MESSAGES = (r"\bN_\(", r'^\s*"[^"]* [^"]*"[,)]*$')
_UNNOTICED = (0, 5, 33, None)  # all tests passed, none reaches it, it was not tried


def files() -> list[Path]:
    """Every file of rules there is."""
    return sorted({*Path().glob("portal/*/rules.py"), *map(Path, _MORE)})


def is_rule(file: Path) -> bool:
    """Whether the tests of a file need no server."""
    return file in files()


def tried(capability: str, chosen: Sequence[Path]) -> list[Outcome]:
    """Try all mutants of a capability's rules with its own tests, as far as they import them."""
    folder = _WORK / capability
    _copy(folder, [file.as_posix() for file in chosen], importing_tests(capability, chosen))
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    with (folder / "mutmut.log").open("w") as log:
        code = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT).returncode
    if code != 0:
        sys.exit(f"bin/mutate: the tests of {capability} do not pass unchanged; see {folder / 'mutmut.log'}")
    return [_outcome(folder, file) for file in chosen]


def importing_tests(capability: str, chosen: Sequence[Path]) -> list[str]:
    """Modules among the tests of a capability that import one of the files."""
    modules = {".".join(file.with_suffix("").parts) for file in chosen}
    return sorted(
        path.as_posix()
        for path in Path("tests", capability).glob("test_*.py")
        if modules & affected.imported_by(path)
    )


def _copy(folder: Path, chosen: Sequence[str], tests: Sequence[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _COPIED:
        if Path(name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(name, folder / name, ignore=ignored, copy_function=os.link)
        else:
            os.link(name, folder / name)
    settings = {
        "source_paths": ["portal"],
        "only_mutate": list(chosen),
        "do_not_mutate_patterns": list(_MESSAGES),
        "also_copy": [name for name in _COPIED if name != "portal"],
        "pytest_add_cli_args": ["--without-servers", "--hypothesis-profile=noticing"],
        "timeout_multiplier": 5.0,
        "pytest_add_cli_args_test_selection": list(tests),
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    project = Path("pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text("\n".join([project, "[tool.mutmut]", *lines, ""]))


def _outcome(folder: Path, file: Path) -> Outcome:
    kept = folder / "mutants" / f"{file}.meta"
    codes: dict[str, int | None] = json.loads(kept.read_text())["exit_code_by_key"] if kept.exists() else {}
    survivors = [name for name, code in codes.items() if code in _UNNOTICED]
    return Outcome(file, len(codes), tuple(_diff(folder, name) for name in survivors))


def _diff(folder: Path, mutant: str) -> str:
    command = [sys.executable, "-m", "mutmut", "show", mutant]
    shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    changed = [
        line for line in shown.splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")
    ]
    return "\n".join([mutant.rpartition(".")[2], *changed])
