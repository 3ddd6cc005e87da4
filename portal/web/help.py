"""The documents in ``docs/`` as pages of the portal, for those whom a capability wrote them for.

Markdown without raw HTML: whatever stands in a document, no markup of its own comes through. A Chinese text
``<name>.zh.md`` has the same headings in the same order, so that a section has one address in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from flask import url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from portal.kernel.manifest import Audience
from portal.web import language
from portal.web.browser_session import Visitor, recognised
from portal.web.navigation import own_menu
from portal.web.request import portal

DOCUMENTS = Path(__file__).parent.parent.parent / "docs"

_PUNCTUATION = re.compile(r"[^\w\- ]")
_DOCUMENT = re.compile(r"([a-z-]+)\.md(#.*)?")
_CHAPTERS_KEPT = 256  # all of both sides in both languages: one that is dropped takes long to be made again


class Section(NamedTuple):
    """A section of a chapter. anchor: the same in every language."""

    anchor: str
    title: str


class Chapter(NamedTuple):
    """A document, rendered. sections: those of the second level."""

    title: str
    body: Markup
    sections: tuple[Section, ...]


def chapters_of(visitor: Visitor) -> tuple[str, ...]:
    """Names of the chapters that are for the visitor; the guide is the first."""
    audience = Audience.STAFF if visitor.is_staff else Audience.DEALERS
    capabilities = portal().declared.capabilities
    named = [name for capability in capabilities for name in capability.help.get(audience, ())]
    return tuple(sorted(named, key=lambda name: not name.startswith("guide-")))


def chapter(name: str, visitor: Visitor) -> Chapter:
    """A chapter in the language of the page, or in English where there is no other. Raises NotFound."""
    open_to = chapters_of(visitor)
    if name not in open_to:
        raise NotFound()
    return rendered(name, language.current(), open_to, url_for("help.show", chapter=""))


def titles(visitor: Visitor) -> list[tuple[str, str]]:
    """The visitor's chapters: name, and title in the language of the page."""
    return [(name, _title(name, language.current())) for name in chapters_of(visitor)]


def help_address() -> str:
    """Where the page at hand is explained: its section of the guide, or the guide."""
    visitor = recognised()
    if visitor is None or not (names := chapters_of(visitor)):
        return url_for("help.index")
    here = next((one for _, group in own_menu() for one in group if one.is_here), None)
    return url_for("help.show", chapter=names[0], _anchor=slug(here.message) if here else None)


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return _PUNCTUATION.sub("", heading.lower()).strip().replace(" ", "-")


@lru_cache(_CHAPTERS_KEPT)
def rendered(name: str, locale: str, open_to: Collection[str], base: str) -> Chapter:
    """A document as markup. open_to: chapters that it may link to, below `base`. Raises NotFound."""
    english = _parsed(name, "")
    anchors = [slug(heading) for _, heading in _headings(english)]
    tokens = _parsed(name, f".{locale}") or english
    if not tokens:
        raise NotFound()
    headings = _headings(tokens)
    for (token, _), anchor in zip(headings, anchors, strict=True):
        token.attrSet("id", anchor)
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("tabindex", "0")  # on a phone it scrolls in its box, by keyboard too
        _mend_links(token.children or (), open_to, base)
    sections = [
        Section(anchor, title)
        for (token, title), anchor in zip(headings, anchors, strict=True)
        if token.tag == "h2"
    ]
    body = _MARKDOWN.renderer.render(
        tokens[3:], _MARKDOWN.options, {}
    )  # below the heading, which is the page's
    return Chapter(headings[0][1], Markup(body), tuple(sections))


@lru_cache(_CHAPTERS_KEPT)
def _title(name: str, locale: str) -> str:
    """The first line of a document: a list of chapters does not make them."""
    paths = (DOCUMENTS / f"{name}{ending}.md" for ending in (f".{locale}", ""))
    with next(filter(Path.is_file, paths)).open(encoding="utf-8") as document:
        return _headings(_MARKDOWN.parse(document.readline()))[0][1]


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _parsed(name: str, ending: str) -> list[Token]:
    path = DOCUMENTS / f"{name}{ending}.md"
    return _MARKDOWN.parse(path.read_text(encoding="utf-8")) if path.is_file() else []


def _headings(tokens: Sequence[Token]) -> list[tuple[Token, str]]:
    """The opening tokens of headings, with their words."""
    return [
        (token, _words(following)) for token, following in pairwise(tokens) if token.type == "heading_open"
    ]


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _mend_links(tokens: Sequence[Token], open_to: Collection[str], base: str) -> None:
    """Links between chapters lead through the portal; what the visitor cannot open is no link."""
    is_link = True
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            found = _DOCUMENT.fullmatch(address)
            is_link = address.startswith(("https://", "#")) or bool(found and found[1] in open_to)
            token.attrs = (
                {"href": f"{base}{found[1]}{found[2] or ''}" if found else address} if is_link else {}
            )
        if token.type in ("link_open", "link_close") and not is_link:
            token.tag = "span"
