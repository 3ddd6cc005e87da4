"""The menus: what each visitor's rights lead to, grouped by what people are doing."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import NamedTuple

from flask import current_app, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.kernel.manifest import Audience, MenuEntry
from portal.kernel.registry import Registry
from portal.web.browser_session import Visitor


class Item(NamedTuple):
    """A menu entry for this page: whether the page is within it, too."""

    address: str
    label: LazyString
    icon: str
    is_here: bool


def menu(declared: Registry, visitor: Visitor) -> list[tuple[LazyString, list[Item]]]:
    """The visitor's menu: groups with their entries."""
    audience = Audience.STAFF if visitor.is_staff else Audience.DEALERS
    allowed = (entry for entry in declared.menus[audience] if visitor.actor.rights.intersection(entry.rights))
    shown = (entry for entry in allowed if entry.endpoint in current_app.view_functions)
    return [
        (lazy_gettext(job.value), [_item(entry) for entry in entries])
        for job, entries in groupby(shown, key=lambda entry: entry.job)
    ]


def _item(entry: MenuEntry) -> Item:
    here = request.blueprint is not None and entry.endpoint.startswith(f"{request.blueprint}.")
    return Item(_address(entry.endpoint, request.script_root), lazy_gettext(entry.label), entry.icon, here)


@cache
def _address(endpoint: str, _script_root: str) -> str:
    return url_for(endpoint)
