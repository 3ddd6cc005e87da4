"""The menus: what each visitor's rights lead to, in the order of a working day."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.identity.rules import Right
from portal.web.browser_session import Visitor


class Entry(NamedTuple):
    """One menu entry for everybody who holds one of `rights`."""

    endpoint: str
    label: LazyString
    icon: str
    rights: frozenset[Right]


def _entry(endpoint: str, label: LazyString, icon: str, *rights: Right) -> Entry:
    return Entry(endpoint, label, icon, frozenset(rights))


DEALER = (
    _entry("dashboard.index", _("Overview"), "layout-dashboard", Right.ORDERS_READ),
    _entry("catalogue.index", _("Catalogue"), "search", Right.CATALOGUE_READ),
    _entry("cart.index", _("Cart"), "shopping-cart", Right.ORDERS_WRITE),
    _entry("orders.index", _("Orders"), "clipboard-list", Right.ORDERS_READ),
    _entry("statements.index", _("Statements"), "file-text", Right.STATEMENTS_READ),
)
STAFF = (
    _entry("backoffice.index", _("Overview"), "layout-dashboard", Right.HQ_DEALERS),
    _entry("desk.index", _("Orders"), "clipboard-list", Right.HQ_ORDERS, Right.HQ_SHIPPING),
    _entry("policies.index", _("Price policies"), "tags", Right.HQ_POLICIES),
    _entry("closing.index", _("Month close"), "calendar-check", Right.HQ_FINANCE),
    _entry("corrections.index", _("Corrections"), "arrows-exchange", Right.HQ_FINANCE, Right.HQ_FINANCE_APPROVE),
    _entry("checks.index", _("System checks"), "list-check", Right.HQ_AUDIT),
    _entry("dealers.index", _("Dealers"), "building-store", Right.HQ_DEALERS),
)


def menu(visitor: Visitor) -> list[tuple[str, LazyString, str, bool]]:
    """Address, label, icon and whether the page is within it, of each entry the visitor may use."""
    rights = visitor.actor.rights
    here, root = request.blueprint, request.script_root
    return [
        (_address(entry.endpoint, root), entry.label, entry.icon, here is not None and entry.endpoint.startswith(f"{here}."))
        for entry in (STAFF if visitor.is_staff else DEALER)
        if entry.rights & rights and entry.endpoint in current_app.view_functions
    ]


@cache
def _address(endpoint: str, _script_root: str) -> str:
    return url_for(endpoint)
