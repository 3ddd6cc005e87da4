"""What a few letters lead to: pages of the visitor's menu, and documents of every capability."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.kernel.manifest import Audience, Finder, Hit
from portal.kernel.searching import search_key
from portal.web.browser_session import Visitor
from portal.web.navigation import Item, own_menu
from portal.web.request import current_session, portal

LENGTH_MIN = 2  # of what documents are sought by: one letter is in thousands of them
HITS_MAX = 5
_LENGTH_MAX = 500  # longer than any scanned code: one that is cut off would say something else


class Documents(NamedTuple):
    """Documents of one kind that were found."""

    label: LazyString
    icon: str
    hits: list[Hit]


def pages(q: str) -> list[Item]:
    """The pages of the visitor's menu whose name has what was typed, favourites first; without, all."""
    sought = search_key(q[:_LENGTH_MAX])
    entries = [entry for _, group in own_menu() for entry in group]
    return [entry for entry in entries if sought in search_key(str(entry.label))]


def documents(visitor: Visitor, q: str) -> list[Documents]:
    """What the capabilities find for the visitor; at most a statement and `HITS_MAX` of each kind.

    Raises TooManyRequests.
    """
    if len(q) < LENGTH_MIN:
        return []
    portal().limits.spend(portal().settings.search_rate, "searches", visitor.actor.key)
    found = (_of(finder, visitor, q[:_LENGTH_MAX]) for finder in _finders(visitor))
    return [of_kind for of_kind in found if of_kind.hits]


def kinds(visitor: Visitor) -> list[str]:
    """What documents the visitor can look for, in the language of the page."""
    return list(dict.fromkeys(gettext(finder.label) for finder in _finders(visitor)))


def _finders(visitor: Visitor) -> list[Finder]:
    audience = Audience.STAFF if visitor.is_staff else Audience.DEALERS
    return [
        finder
        for capability in portal().declared.capabilities
        for finder in capability.finders
        if finder.audience is audience and visitor.actor.rights.intersection(finder.rights)
    ]


def _of(finder: Finder, visitor: Visitor, q: str) -> Documents:
    hits = finder.find(current_session(), visitor.actor, q, HITS_MAX)
    return Documents(lazy_gettext(finder.label), finder.icon, list(hits)[:HITS_MAX])
