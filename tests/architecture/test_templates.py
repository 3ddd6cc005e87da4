"""What the content security policy forbids, no page contains; what a vendor wrote, its licence accompanies;
what we wrote is linted and narrow enough to be read in a diff.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import tree

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an inline event handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\b(data-)?hx-on\b", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an hx-vals expression": re.compile(r"""hx-(vals|headers)\s*=\s*["']js:""", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "something loaded from another host": re.compile(
        r"""<(script|link|img|iframe)\b[^>]*\b(src|href)\s*=\s*["'](https?:)?//""", re.IGNORECASE
    ),
}
FORM = re.compile(r"<form\b[^>]*\bmethod\s*=\s*[\"']post[\"'].*?</form>", re.IGNORECASE | re.DOTALL)
STATIC = tree.ROOT / "portal" / "static"
VENDOR = STATIC / "vendor"
COLUMNS_MAX = 110
CELL = r"<(?:td|th)\b(?:\"[^\"]*\"|[^\">])*>"
UNTRIMMED = re.compile(
    CELL + r"\s+\{%\s+(?:if|for)\b"  # a condition where a cell begins
    r"|\{%-?\s+end(?:if|for)\s+%\}\s+</(?:td|th)>"  # or ends
    r"|" + CELL + r"\s+\{\{\s(?:(?!\}\}).)*\belse \"\"",  # or a value that may be nothing
    re.DOTALL,
)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_contains(what):
    offences = [
        f"{tree.name(path)}:{number}"
        for path in tree.templates()
        for number, line in enumerate(_without_comments(path).splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]
    assert not offences


def test_rights_are_asked_of_addresses_not_of_the_names_of_views():
    """`may_open` takes what a link leads to; a name would look like an address elsewhere, open to all."""
    named = re.compile(r"""may_open\(\s*["']""")
    assert not [tree.name(path) for path in tree.templates() if named.search(path.read_text("utf-8"))]


def test_every_form_that_posts_carries_a_csrf_token():
    bare = [
        f"{tree.name(path)}: {form[:120]}"
        for path in tree.templates()
        for form in FORM.findall(_without_comments(path))
        if "csrf" not in form
    ]
    assert not bare


def _without_comments(path: Path) -> str:
    """The template with its comments blanked, line numbers kept."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}", lambda comment: "\n" * comment.group().count("\n"), text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "folder", sorted(path for path in VENDOR.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_vendored_files_state_their_version_and_licence(folder):
    assert re.search(r"-\d+(\.\d+)+$", folder.name), "the folder's name ends with the version"
    licences = [
        path
        for path in folder.iterdir()
        if path.name.upper().startswith(("LICENSE", "LICENCE", "OFL", "COPYING"))
    ]
    assert licences and all(path.stat().st_size > 200 for path in licences)


def _own_files(*kinds: str) -> list[Path]:
    return sorted(path for kind in kinds for path in STATIC.rglob(kind) if VENDOR not in path.parents)


def _linted(*paths: Path | str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "djlint",
        "--lint",
        "--configuration",
        tree.ROOT / "pyproject.toml",
        *paths,
    ]
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True)


def test_every_template_passes_the_linter():
    answer = _linted(tree.ROOT / "portal" / "templates", tree.ROOT / "backoffice" / "templates")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"Linted {len(tree.templates())} files" in answer.stdout


@pytest.mark.parametrize(
    ("flaw", "code"),
    [
        ("<section><b>never closed</section>", "H025"),
        ('<p class="a" class="b"></p>', "H037"),
        ("{% if paid %}<p>{{ amount }}</p>", "T038"),
        ('<i id="a"></i><i id="a"></i>', "H053"),
        ("<form><button>Which kind?</button></form>", "H043"),
    ],
)
def test_the_linter_sees(tmp_path, flaw, code):
    (tmp_path / "flawed.html").write_text(flaw, encoding="utf-8")
    answer = _linted(tmp_path)
    assert answer.returncode == 1
    assert code in answer.stdout


def test_no_line_of_a_page_style_or_script_of_ours_is_too_wide():
    wide = [
        f"{tree.name(path)}:{number}: {len(line)} columns"
        for path in [*tree.templates(), *_own_files("*.css", "*.js")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > COLUMNS_MAX
    ]
    assert not wide


def test_a_cell_that_may_be_without_content_is_trimmed():
    """The style sheet hides cells by ``:empty``; a line break between the tags would show them."""
    assert [path for path in _own_files("*.css") if ":empty" in path.read_text(encoding="utf-8")]
    untrimmed = [
        f"{tree.name(path)}: {cell.group()[-60:]!r}"
        for path in tree.templates()
        for cell in UNTRIMMED.finditer(_without_comments(path))
    ]
    assert not untrimmed


def test_own_scripts_neither_evaluate_text_nor_write_markup_from_text():
    own = _own_files("*.js")
    dangerous = re.compile(
        r"\beval\(|new Function\(|document\.write\(|\.outerHTML\s*=|\.innerHTML\s*=|insertAdjacentHTML\("
    )
    assert not [tree.name(path) for path in own if dangerous.search(path.read_text(encoding="utf-8"))]
