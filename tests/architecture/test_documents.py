"""The documents name files, modules, rights and settings that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from config import Settings
from portal.kernel.registry import registry
from tests.architecture import tree

# What stands in no release: made by a start, a test run or a build.
MADE = ("var/", "test-results/", ".venv/", "credentials.json", "messages.pot", ".br", ".gz")
_ELSEWHERE = {".git", ".venv", ".pytest_cache", "var", "node_modules", "test-results", "__pycache__"}
_PROGRAMS = (*tree.PACKAGES, "tests", "assets")
_SUFFIXES = "py|md|html|css|js|json|toml|lock|ini|cfg|sh|sql|tsv|csv|svg|po|txt"

_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(
    rf"(?:[\w.-]+/)*[\w.*-]+\.(?:{_SUFFIXES})|(?:{'|'.join((*_PROGRAMS, 'docs', 'bin'))})/[\w./*-]*"
)
_MODULE = re.compile(rf"(?:{'|'.join(_PROGRAMS)})(?:\.\w+)+")
_RIGHT = re.compile(r"(?:hq|catalogue|orders|prices|statements|stock):[a-z][a-z-]*")
_SETTING = re.compile(r"TONGLU_[A-Z_]+")
_DOCUMENT = re.compile(r"(?<![\w/.-])docs/[\w/-]+(?:\.md)?")
_EXAMPLE = re.compile(r"^\|[^|]+\| `(.+)` \| `([\w/]+\.py)` \|$", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")

DOCUMENTS = sorted(
    path
    for path in tree.ROOT.rglob("*.md")
    if not _ELSEWHERE & set(path.relative_to(tree.ROOT).parts)
    and path.name not in {"CHANGELOG.md", "schema.md"}  # what was, and what is made
)


@cache
def existing() -> frozenset[str]:
    """Every file and folder of the repository, relative to it."""
    return frozenset(
        tree.name(path)
        for path in tree.ROOT.rglob("*")
        if not _ELSEWHERE & set(path.relative_to(tree.ROOT).parts)
    )


def named(document: Path) -> set[str]:
    """What stands between backticks, word by word, and in blocks of commands."""
    text = document.read_text(encoding="utf-8")
    code = " ".join([*_CODE.findall(_BLOCK.sub("", text)), *_BLOCK.findall(text)])
    return {word.rstrip(".,:;").removesuffix("…") for word in re.split(r"[\s()\"'\[\]=|]+", code)}


def is_there(path: str) -> bool:
    """Whether the repository has this path, seen from its root or from any folder of it."""
    if path.startswith(MADE) or path.endswith(MADE):
        return True
    pattern = re.compile(r"(?:.*/)?" + re.escape(path.rstrip("/")).replace(r"\*", "[^/]*"))
    return any(map(pattern.fullmatch, existing()))


def is_known(dotted: str) -> bool:
    """Whether this is a module, or a name that stands in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        place = tree.ROOT.joinpath(*parts[:length])
        rest = parts[length:]
        if place.is_dir():
            return not rest
        if (file := place.with_suffix(".py")).is_file():
            return set(rest) <= defined(file)
    return False


@cache
def defined(file: Path) -> frozenset[str]:
    """Functions, classes, members and constants of a file."""
    nodes = tree.nodes(file)
    named = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return frozenset(
        named | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_path_of_a_document_exists(document):
    paths = [word for word in named(document) if _PATH.fullmatch(word)]
    assert not sorted(path for path in paths if not is_there(path))


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_module_of_a_document_exists(document):
    modules = [word for word in named(document) if _MODULE.fullmatch(word)]
    assert not sorted(module for module in modules if not is_known(module))


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_right_of_a_document_exists(document):
    rights = set(_RIGHT.findall(" ".join(named(document))))
    assert not rights - registry().every_right


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_setting_of_a_document_exists(document):
    settings = {name.removeprefix("TONGLU_").lower() for name in _SETTING.findall(" ".join(named(document)))}
    unknown = {
        name for name in settings if not any(field.startswith(name) for field in Settings.model_fields)
    }
    assert not unknown - {"test_browser", "test_admin_url"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=tree.name)
def test_every_link_of_a_document_leads_somewhere(document):
    broken = []
    for path, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}")
    assert not broken


def anchors(document: Path) -> set[str]:
    """The names under which headings are linked to."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "moved", ["portal/core/db.py", "core/db.py", "nowhere.html", "portal/api/", "css/*.scss"]
)
def test_a_path_that_moved_is_missed(moved):
    assert not is_there(moved)


@pytest.mark.parametrize("moved", ["portal.core.typed", "portal.kernel.typed.nothing", "jobs.letters.posted"])
def test_a_module_that_moved_is_missed(moved):
    assert not is_known(moved)


def test_every_document_that_the_source_names_exists():
    missing = {
        f"{tree.name(file)}: {name}"
        for file in [*tree.python_files(*_PROGRAMS), *tree.templates()]
        for name in _DOCUMENT.findall(file.read_text(encoding="utf-8"))
        if not any(path.startswith(name) for path in existing())
    }
    assert not missing


def test_every_example_of_the_style_stands_in_the_code():
    rows = _EXAMPLE.findall((tree.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(rows) == 10
    assert not [
        code
        for code, path in rows
        if _joined(code) not in _joined((tree.ROOT / path).read_text(encoding="utf-8"))
    ], "take an example that the code has"


def _joined(code: str) -> str:
    """Without what a formatter changes: line breaks, and the comma before a closing bracket."""
    return re.sub(r",(?=[)\]}])", "", re.sub(r"\s+", "", code))


def test_the_index_names_every_document():
    index = tree.ROOT / "docs" / "README.md"
    linked = {path for path, _ in _LINK.findall(index.read_text(encoding="utf-8"))}
    assert not {path.name for path in index.parent.glob("*.md")} - linked - {"README.md"}


def test_the_index_of_decisions_names_every_decision():
    folder = tree.ROOT / "docs" / "decisions"
    linked = {path for path, _ in _LINK.findall((folder / "README.md").read_text(encoding="utf-8"))}
    assert not {path.name for path in folder.glob("*.md")} - linked - {"README.md"}
