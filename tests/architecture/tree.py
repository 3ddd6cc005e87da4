"""The source tree as the conventions see it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("portal", "backoffice", "jobs", "launch", "demo", "bench", "migrations")

# Folders of `portal` that are no capability.
NOT_CAPABILITIES = {"kernel", "web", "blueprints", "templates", "static", "translations", "__pycache__"}


def python_files(*packages: str) -> list[Path]:
    """Every Python file of the packages (all by default) and, without packages, of the root."""
    files = [] if packages else sorted(ROOT.glob("*.py"))
    for package in packages or PACKAGES:
        files += sorted((ROOT / package).rglob("*.py"))
    return files


def templates() -> list[Path]:
    """Every page and fragment."""
    return sorted(path for package in ("portal", "backoffice") for path in (ROOT / package).rglob("*.html"))


def capabilities() -> set[str]:
    """Folders of `portal` in which the business lives."""
    folders = {path.name for path in (ROOT / "portal").iterdir() if path.is_dir()}
    return folders - NOT_CAPABILITIES


def name(path: Path) -> str:
    """Path as people write it: relative to the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file: many rules look at all, and walking takes longer than looking."""
    return tuple(ast.walk(parsed(path)))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, nested ones too."""
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
