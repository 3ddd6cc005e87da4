"""Acts of the audit as pages, files and the API show them: with their dealers, and what they changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from portal.audit import queries
from portal.audit.queries import EventFilter, EventRow, changes
from portal.audit.words import ACTS, SUBJECTS
from portal.dealers.queries import DealerName, dealer_names
from portal.kernel import clock
from portal.kernel.errors import N_, Fault
from portal.kernel.paging import Page
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.request import current_session, portal

USUAL_DAYS = timedelta(days=30)
"""How far back a search goes that names neither day nor document."""
DAYS_MAX = 366
"""Days of one search that names neither document nor dealer: those are what an index finds."""

AUDIT = Listing(
    "audit",
    N_("Audit"),
    (
        Column("at", N_("Time"), Kind.MOMENT, path="event.at", width="c-15"),
        Column("act", N_("Act"), width="c-18", css="cell-corner"),
        Column("action", N_("Code of the act"), Kind.CODE, path="event.action", shown=False, width="c-18"),
        Column("subject", N_("Document"), Kind.CODE, path="event.subject", width="c-15"),
        Column("actor_label", N_("Who"), path="event.actor_label", width="c-10"),
        Column("actor", N_("User account"), Kind.CODE, path="event.actor", shown=False, width="c-10"),
        Column(
            "on_behalf_of",
            N_("On behalf of"),
            Kind.CODE,
            path="event.on_behalf_of",
            shown=False,
            width="c-10",
        ),
        Column("dealer", N_("Dealer"), Kind.NAME, path="dealer.name", width="c-15"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, path="dealer.code", shown=False, width="c-10"),
        Column("changed", N_("Change"), css="cell-wide"),
        Column("reason", N_("Reason"), path="event.reason", shown=False, css="cell-wide"),
        Column("address", N_("Network address"), Kind.CODE, path="event.address", shown=False, width="c-12"),
        Column("request_id", N_("Request ID"), Kind.CODE, path="event.request_id", shown=False, width="c-18"),
        Column("is_sealed", N_("Sealed"), Kind.FLAG, path="event.is_sealed", width="c-8"),
    ),
)

_NOBODY = DealerName("", "", "")


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An act with the dealer it concerns, whose names are empty where it concerns none."""

    event: EventRow
    dealer: DealerName

    @property
    def act(self) -> str:
        """What was done to what, in words: ``Order placed``."""
        return act_words(self.event.action)

    @property
    def changed(self) -> str:
        """What the act changed, on one line: ``status: confirmed → cancelled; amount: 12.50``."""
        said = (
            f"{one.name}: {value_text(one.before)} → {value_text(one.after)}"
            if one.name in self.event.before
            else f"{one.name}: {value_text(one.after)}"
            for one in changes(self.event.before, self.event.after)
        )
        return "; ".join(said)


def events(sought: EventFilter, *, cursor: str | None, limit: int) -> Page[ShownEvent]:
    """A page of acts."""
    page = queries.events(current_session(), sought, cursor=cursor, limit=limit)
    return Page(shown(page.items), page.next_cursor, page.previous_cursor)


def shown(rows: Sequence[EventRow]) -> tuple[ShownEvent, ...]:
    """Acts with their dealers, who are read together."""
    ids = {row.dealer_id for row in rows if row.dealer_id is not None}
    names = dealer_names(current_session(), ids)
    return tuple(ShownEvent(row, names.get(row.dealer_id or 0, _NOBODY)) for row in rows)


def act_words(action: str) -> str:
    """An act of the vocabulary as people read it."""
    kind, act = action.split(":", 1)
    return gettext(ACTS[act], document=gettext(SUBJECTS[kind]))


def value_text(value: Any) -> str:
    """A value of a change as people read it; structures as JSON."""
    if value is None or value in ("", [], {}):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def span_faults(first: date | None, last: date, *, is_narrow: bool) -> list[Fault]:
    """What is wrong with the days of a search. is_narrow: it names a document or a dealer."""
    if first is not None and last < first:
        return [Fault("/to", "order", N_("The last day is before the first."), N_("Swap them."))]
    if not is_narrow and (first is None or last - first > timedelta(days=DAYS_MAX)):
        return [
            Fault(
                "/from",
                "too_long",
                N_("A search without document and dealer covers %(days)s days at most."),
                N_("Choose fewer days, or name the document or the dealer."),
                {"days": DAYS_MAX},
            )
        ]
    return []


def between(first: date | None, last: date | None) -> dict[str, Any]:
    """The moments of a filter: from the beginning of the first day to the end of the last one."""
    zone = portal().settings.timezone
    return {
        "since": first and clock.start_of(first, zone),
        "until": last and clock.start_of(last + timedelta(days=1), zone),
    }
