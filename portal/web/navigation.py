"""The menus: what each visitor's rights lead to, grouped by what people are doing, their favourites first."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import NamedTuple

from flask import current_app, request, session, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.kernel.manifest import Audience, MenuEntry
from portal.kernel.numbering import new_token
from portal.kernel.registry import Registry
from portal.navigation.favourites import favourites
from portal.web.browser_session import Visitor, recognised
from portal.web.reference_cache import remembered
from portal.web.request import current_session, portal

# Marked on another device, a page is in the menu after so long; on the same one at once.
_FAVOURITES_SECONDS = 60.0
_STAMP = "favourites"


class Item(NamedTuple):
    """A menu entry for this page: whether the page is within it, too. message: its label in English."""

    endpoint: str
    address: str
    message: str
    label: LazyString
    icon: str
    is_here: bool


Menu = list[tuple[LazyString, list[Item]]]
"""Groups by what people are doing, each with its entries."""


def menu(declared: Registry, visitor: Visitor, here: str | None = None) -> Menu:
    """The visitor's menu. here: endpoint of the page that it frames, of this request unless given."""
    audience = Audience.STAFF if visitor.is_staff else Audience.DEALERS
    allowed = (entry for entry in declared.menus[audience] if visitor.actor.rights.intersection(entry.rights))
    shown = (entry for entry in allowed if entry.endpoint in current_app.view_functions)
    entries = list(shown)
    page = here or request.endpoint or ""
    # Several entries may lead to one blueprint: then the page itself is where the visitor is.
    within = page if any(entry.endpoint == page for entry in entries) else page.rpartition(".")[0]
    return [
        (lazy_gettext(job.value), [_item(entry, within) for entry in group])
        for job, group in groupby(entries, key=lambda entry: entry.job)
    ]


def own_menu(here: str | None = None) -> Menu:
    """The menu with the visitor's favourites taken to its top. Asks the database now and then."""
    visitor = recognised()
    if visitor is None:
        return []
    groups = menu(portal().declared, visitor, here)
    entries = {entry.endpoint: entry for _, group in groups for entry in group}
    marked = [endpoint for endpoint in favourites_of(visitor) if endpoint in entries]
    first = [entries[endpoint] for endpoint in marked]
    rest = [(job, [entry for entry in group if entry.endpoint not in marked]) for job, group in groups]
    own = [(lazy_gettext("Favourites"), first), *rest]
    return [(job, group) for job, group in own if group]


def star_here() -> tuple[Item, bool] | None:
    """The menu entry that is this very page, and whether it is a favourite; None for any other page."""
    visitor = recognised()
    entries = [entry for _, group in own_menu() for entry in group]
    entry = next((one for one in entries if one.endpoint == request.endpoint), None)
    return (entry, entry.endpoint in favourites_of(visitor)) if entry and visitor else None


def favourites_of(visitor: Visitor) -> tuple[str, ...]:
    """Endpoints of the visitor's favourites, as the process knows them."""
    key = ("favourites", visitor.person.id, session.get(_STAMP))
    return remembered(key, lambda: favourites(current_session(), actor=visitor.actor), _FAVOURITES_SECONDS)


def forget_favourites() -> None:
    """They change with this request: no process shows this device the old ones any more."""
    session[_STAMP] = new_token()


def _item(entry: MenuEntry, within: str) -> Item:
    here = bool(within) and f"{entry.endpoint}.".startswith(f"{within}.")
    address = _address(entry.endpoint, request.script_root)
    return Item(entry.endpoint, address, entry.label, lazy_gettext(entry.label), entry.icon, here)


@cache
def _address(endpoint: str, _script_root: str) -> str:
    return url_for(endpoint)
