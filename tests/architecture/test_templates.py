"""What the content security policy forbids, no page contains; what a vendor wrote, its licence
accompanies.
"""

from __future__ import annotations

import re
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
VENDOR = tree.ROOT / "portal" / "static" / "vendor"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_contains(what):
    offences = [
        f"{tree.name(path)}:{number}"
        for path in tree.templates()
        for number, line in enumerate(_without_comments(path).splitlines(), start=1)
        if FORBIDDEN[what].search(line)
    ]
    assert not offences


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


def test_own_scripts_neither_evaluate_text_nor_write_markup_from_text():
    own = [path for path in (tree.ROOT / "portal" / "static").rglob("*.js") if VENDOR not in path.parents]
    dangerous = re.compile(
        r"\beval\(|new Function\(|document\.write\(|\.outerHTML\s*=|\.innerHTML\s*=|insertAdjacentHTML\("
    )
    assert not [tree.name(path) for path in own if dangerous.search(path.read_text(encoding="utf-8"))]
