"""Tabler's style sheet without the rules and variables that no page of the portal uses: 635 kB become 68.

A rule stays if every class in it is a word of our templates, scripts or Python files; a variable stays if a
rule that stays asks for it. Words are taken generously (any word, not only those in `class`), so a class that
is put together in Jinja from whole words is found. ``python -m assets.trim_css`` writes the file, and a test
compares it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2

ROOT = Path(__file__).resolve().parent.parent
UPSTREAM = ROOT / "assets" / "tabler.min.css"
TRIMMED = ROOT / "portal" / "static" / "vendor" / "tabler-1.6.1" / "tabler.trimmed.css"

# Where the names of classes are written; the last are set by Bootstrap's script while a menu opens.
_SOURCES = (
    "portal/templates/**/*.html",
    "backoffice/templates/**/*.html",
    "portal/static/js/*.js",
    "portal/**/*.py",
    "backoffice/**/*.py",
)
_SET_BY_SCRIPT = frozenset({"show", "collapsing", "collapsed"})

_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_EXCEPTION = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_ASKED_FOR = re.compile(r"var\(\s*(--[\w-]+)")
_ANIMATED = re.compile(r"animation(?:-name)?:\s*([^;}]*)")
_GROUPS = ("media", "supports", "layer", "container")

# A rule: what stands before its braces, and its declarations as text or the rules it groups; None for a rule
# without braces.
Rule = tuple[str, "str | list[Rule] | None"]


def trimmed() -> str:
    """The style sheet as it should be served, after the head comment with Tabler's licence."""
    upstream = UPSTREAM.read_text(encoding="utf-8")
    rules = list(_rules_in_use(_parsed(upstream), words()))
    own = "".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("portal/static/css/*.css")))
    before, css = "", _text(rules)
    while css != before:  # a variable may be asked for only by another that goes
        asked = set(_ASKED_FOR.findall(css + own))
        moving = set(_WORD.findall(" ".join(_ANIMATED.findall(css + own))))
        rules = list(_without_unused(rules, asked, moving))
        before, css = css, _text(rules)
    licence = upstream[: upstream.index("*/") + 2]
    return f"{licence}\n{css}\n"


def words() -> frozenset[str]:
    """Every word that could be the name of a class."""
    texts = (path.read_text(encoding="utf-8") for pattern in _SOURCES for path in ROOT.glob(pattern))
    return _SET_BY_SCRIPT.union(*(_WORD.findall(text) for text in texts))


def _parsed(css: str) -> list:
    return tinycss2.parse_stylesheet(css, skip_whitespace=True, skip_comments=True)


def _rules_in_use(nodes: Iterable, known: frozenset[str]) -> Iterator[Rule]:
    for node in nodes:
        if node.type == "qualified-rule":
            selectors = [selector for selector in _selectors(node.prelude) if _in_use(selector, known)]
            if selectors:
                yield ",".join(selectors), tinycss2.serialize(node.content)
        elif node.content is None:
            yield node.serialize(), None
        else:
            head = f"@{node.at_keyword}{tinycss2.serialize(node.prelude)}"
            grouped = node.lower_at_keyword in _GROUPS
            inner = (
                tinycss2.parse_rule_list(node.content, skip_whitespace=True, skip_comments=True)
                if grouped
                else ()
            )
            yield head, list(_rules_in_use(inner, known)) if grouped else tinycss2.serialize(node.content)


def _selectors(prelude: list) -> Iterator[str]:
    """The list of selectors, cut at its own commas and not at those within brackets."""
    part: list = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield tinycss2.serialize(part).strip()
            part = []
        else:
            part.append(token)
    yield tinycss2.serialize(part).strip()


def _in_use(selector: str, known: frozenset[str]) -> bool:
    return known.issuperset(_CLASS.findall(_EXCEPTION.sub("", selector)))


def _without_unused(rules: Iterable[Rule], asked: set[str], moving: set[str]) -> Iterator[Rule]:
    for head, body in rules:
        if isinstance(body, list):
            body = list(_without_unused(body, asked, moving))
        elif head.startswith("@keyframes"):
            body = body if head.split()[1] in moving else ""
        elif body is not None and not head.startswith("@"):
            body = _declarations(body, asked)
        if body or body is None:
            yield head, body


def _declarations(body: str, asked: set[str]) -> str:
    nodes = tinycss2.parse_blocks_contents(body, skip_whitespace=True, skip_comments=True)
    return ";".join(
        node.serialize()
        for node in nodes
        if not (node.type == "declaration" and node.name.startswith("--") and node.name not in asked)
    )


def _text(rules: Iterable[Rule]) -> str:
    return "".join(
        head if body is None else f"{head}{{{body if isinstance(body, str) else _text(body)}}}"
        for head, body in rules
    )


if __name__ == "__main__":
    TRIMMED.write_text(trimmed(), encoding="utf-8")
