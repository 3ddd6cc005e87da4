"""What the pages of dealers and headquarters share of a traced lot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.custody.find import Traced, find_traced
from portal.custody.holders import Holder, Moved, count_holders, count_movements, holders_of, movements_of
from portal.custody.trace import TracedLot, totals_of, trace_lot, trace_serial
from portal.custody.words import KINDS, PLACES
from portal.kernel import clock, typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.request import current_actor, current_session, portal, request

HOLDERS = Listing(
    "lot-holders",
    N_("Who holds the lot"),
    (
        Column("name", N_("Holder"), Kind.NAME, css="cell-wide"),
        Column("code", N_("Code"), Kind.CODE, width="c-12"),
        Column("kind", N_("Kind"), Kind.WORD, words=PLACES, width="c-12"),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("since", N_("Since"), Kind.MOMENT, width="c-15"),
    ),
)
MOVEMENTS = Listing(
    "lot-movements",
    N_("Movements of the lot"),
    (
        Column("at", N_("When"), Kind.MOMENT, width="c-15"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-12"),
        Column("document", N_("Document"), Kind.CODE, width="c-18"),
        Column("from", N_("From"), Kind.NAME),
        Column("from_kind", N_("Kind of place it left"), Kind.WORD, words=PLACES, shown=False),
        Column("to", N_("To"), Kind.NAME),
        Column("to_kind", N_("Kind of place it reached"), Kind.WORD, words=PLACES, shown=False),
        Column("quantity", N_("Units"), Kind.QUANTITY, width="c-8"),
    ),
)


@dataclass(frozen=True, slots=True)
class TracePages:
    """Names of the endpoints of one side: the search, a lot, its movements, a unit."""

    search: str
    lot: str
    movements: str
    unit: str

    def address_of(self, one: Traced) -> str:
        """Where a find is shown."""
        if one.serial:
            return url_for(self.unit, sku=one.sku, serial=one.serial)
        return url_for(self.lot, sku=one.sku, lot=one.lot)


def search_page(pages: TracePages) -> str | Response:
    """The field, and what the code in it can be; a single find is opened at once."""
    said = request.args.get("q", "")
    found = find_traced(current_session(), actor=current_actor(), said=said, today=_today())
    if len(found) == 1:
        return redirect(pages.address_of(found[0]), 303)
    finds = [(one, pages.address_of(one)) for one in found]
    return render_template("trace/index.html", q=said, finds=finds, asked=bool(said.strip()))


def lot_page(pages: TracePages, sku: str, lot: str) -> str | Response:
    """Totals and holders of a lot, now or at the end of a day, as page or file."""
    session = current_session()
    found = trace_lot(session, actor=current_actor(), sku=sku, lot=lot)
    day, error = _day(request.args.get("on", ""))

    def fetch(cursor: str | None, limit: int) -> Page[Holder]:
        return holders_of(
            session,
            found,
            actor=current_actor(),
            on=day,
            zone=portal().settings.timezone,
            limit=limit,
            cursor=cursor,
        )

    def page_only() -> Mapping[str, Any]:
        return {"totals": totals_of(session, found), "error": error}

    def count() -> int:
        return count_holders(session, found)

    context = {"found": found, "on": request.args.get("on", ""), "pages": pages, "places": PLACES}
    counted = None if day else count
    return show_list(HOLDERS, fetch, "trace/lot.html", context, page_only=page_only, count=counted)


def movements_page(pages: TracePages, sku: str, lot: str) -> str | Response:
    """What moved a lot, the latest first."""
    session = current_session()
    found: TracedLot = trace_lot(session, actor=current_actor(), sku=sku, lot=lot)

    def fetch(cursor: str | None, limit: int) -> Page[Moved]:
        return movements_of(session, found, actor=current_actor(), limit=limit, cursor=cursor)

    def count() -> int:
        return count_movements(session, found)

    context = {"found": found, "pages": pages, "places": PLACES}
    return show_list(MOVEMENTS, fetch, "trace/movements.html", context, count=count)


def unit_page(pages: TracePages, sku: str, serial: str) -> str:
    """The life of a unit with a serial number."""
    found = trace_serial(current_session(), actor=current_actor(), sku=sku, serial=serial)
    return render_template("trace/unit.html", found=found, pages=pages, places=PLACES)


def _day(said: str) -> tuple[date | None, str]:
    """The day of the filter; beyond the calendar the error that stands beside the field, and now is shown."""
    if not said.strip():
        return None, ""
    try:
        return typed.day(said), ""
    except typed.Misread as misread:
        return None, in_full(misread.beside("/on"))


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
