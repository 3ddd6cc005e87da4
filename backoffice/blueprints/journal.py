"""The journal of headquarters: lines by a filter, entries, the trial balance, files for finance systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.dealers.queries import NOBODY, sought_dealer_id
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.paging import Page
from portal.ledger import documents
from portal.ledger.chart import chart_of
from portal.ledger.journal_entry import entries_of
from portal.ledger.journal_queries import (
    MONTHS_MAX,
    TOTALLED_MAX,
    JournalFilter,
    JournalRow,
    journal,
    span_faults,
    totals,
)
from portal.ledger.kinds import Account, EntryKind
from portal.ledger.trial_balance import trial_balance
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import ACCOUNTS, ENTRY_KINDS
from portal.web.api.buyer import now_and_today
from portal.web.forms import takes_columns
from portal.web.journal_file import FORMS, JOURNAL, parts_of, send_part
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_session, portal, request

T = TypeVar("T")

blueprint = Blueprint("journal", __name__, url_prefix="/hq/journal")


@blueprint.get("")
@requires(LedgerRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Lines of the months, the latest first, narrowed to what is asked for."""
    said, faults = _said(), list[Fault]()
    sought = _sought(said, faults)
    session = current_session()

    def fetch(cursor: str | None, limit: int) -> Page[JournalRow]:
        if faults or sought.dealer_id == NOBODY:
            return Page((), None)
        return journal(session, sought, cursor=cursor, limit=limit)

    return show_list(
        JOURNAL,
        fetch,
        "backoffice/journal/index.html",
        {"said": said, **_around()},
        page_only=lambda: {
            "troubles": [in_full(fault) for fault in faults],
            "totals": [] if faults else totals(session, sought),
            "totalled_max": TOTALLED_MAX,
            "kind_options": list(labels(ENTRY_KINDS).items()),
        },
        dealer_id=sought.dealer_id or None,
    )


@blueprint.get("/entries/<number>")
@requires(LedgerRight.READ)
def entry(number: str) -> str:
    """The entry of a document and its reversal, with what it settles."""
    found = entries_of(current_session(), number)
    return render_template(
        "backoffice/journal/entry.html",
        entries=found,
        allocations=documents.allocations(current_session(), found[0]),
        kinds=labels(ENTRY_KINDS),
        **_around(),
    )


@blueprint.get("/trial-balance")
@requires(LedgerRight.READ)
def balance() -> str:
    """Every account over some months: opening, debit, credit, closing."""
    said, faults = _said(), list[Fault]()
    sought = _sought(said, faults, months_max=None)
    rows = (
        []
        if faults or sought.dealer_id == NOBODY
        else trial_balance(
            current_session(), first=sought.first, last=sought.last, dealer_id=sought.dealer_id
        )
    )
    return render_template(
        "backoffice/journal/trial_balance.html",
        said=said,
        rows=rows,
        troubles=[in_full(fault) for fault in faults],
        parts_of_month=[] if faults else parts_of(sought.last),
        forms=FORMS,
        **_around(),
    )


@blueprint.get("/export")
@requires(LedgerRight.READ)
def export() -> Response:
    """A part of a month for the finance system."""
    said, faults = _said(), list[Fault]()
    period = _month(said["last"], "/last", faults)
    if faults:
        raise Invalid(faults=faults)
    part = typed.own_number(request.args.get("part", "1")) or 1
    return send_part(period, part, request.args.get("form", FORMS[0]))


def _around() -> dict[str, Any]:
    return {
        "accounts": labels(ACCOUNTS),
        "account_options": list(labels(ACCOUNTS).items()),
        "chart": chart_of(portal().settings.account_codes),
    }


def _said() -> dict[str, str]:
    """What the address asks for, as it was typed; this month where it names none."""
    _, today = now_and_today()
    names = ("first", "last", "day_from", "day_to", "account", "kind", "dealer", "document", "least", "most")
    said = {name: request.args.get(name, "").strip()[:64] for name in names}
    said["last"] = said["last"] or said["first"] or clock.period_of(today)
    said["first"] = said["first"] or said["last"]
    return said


def _sought(
    said: Mapping[str, str], faults: list[Fault], months_max: int | None = MONTHS_MAX
) -> JournalFilter:
    """The filter, and what of it cannot be read."""
    first, last = (_month(said[name], f"/{name}", faults) for name in ("first", "last"))
    if not faults:
        faults.extend(span_faults(first, last, months_max))
    account, kind = said["account"], said["kind"]
    return JournalFilter(
        first=first,
        last=last,
        day_from=_read(typed.day, said["day_from"], "/day_from", faults),
        day_to=_read(typed.day, said["day_to"], "/day_to", faults),
        account=account if account in list(Account) else None,
        kind=kind if kind in list(EntryKind) else None,
        dealer_id=sought_dealer_id(current_session(), said["dealer"]),
        document=said["document"] or None,
        least=_read(typed.money, said["least"], "/least", faults),
        most=_read(typed.money, said["most"], "/most", faults),
    )


def _month(text: str, pointer: str, faults: list[Fault]) -> str:
    try:
        clock.first_day(text)
    except ValueError:
        faults.append(Fault(pointer, "month", N_("This is no month."), N_("Write it as 2026-10.")))
        return "1970-01"  # not read, as there is a fault
    return text


def _read(read: Callable[[object], T], text: str, pointer: str, faults: list[Fault]) -> T | None:
    return typed.field(read, text, pointer, faults) if text else None
