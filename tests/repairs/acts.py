"""Acts on a repair, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.orders.terms import OrderLimits, OrderTerms
from portal.repairs import cancel_repair as giving_up
from portal.repairs import decide_quote, plan_visit, write_quote
from portal.repairs.file_report import Filed, file_report
from portal.repairs.plan_visit import VisitEntry
from portal.repairs.queries import RepairDetail, check_items, repair_of
from portal.repairs.report_rules import ReportEntry, Used
from portal.repairs.rules import LineEntry
from portal.repairs.tend import tend_repair, waiting_repairs
from portal.repairs.write_quote import QuoteEntry
from tests import cast
from tests.roles import Dealer, Person, System
from tests.service.acts import an_entry, as_, opened

D = Decimal
DEALER, DESK, TECHNICIAN = cast.huadong.service, cast.service_desk, cast.technician
TERMS = OrderTerms(OrderLimits(1000, 100_000), "CNY", cast.ZONE)
UNTIL = cast.TODAY + timedelta(days=30)
NINE = cast.NOW.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)

LABOUR = LineEntry("labour", "Work on site", "", D("2.5"), D("199.99"), D("0.06"), "/lines/0")
TRAVEL = LineEntry("travel", "Travel", "", D("37"), D("1.55"), D("0.13"), "/lines/1")


def a_part(sku: str = cast.syringe.sku, units: int = 2) -> LineEntry:
    """A part of a quote."""
    return LineEntry("part", "", sku, D(units), None, None, "/lines/2")


def a_request(database: Database, **more: Any) -> str:
    """A request for a repair; its number."""
    return opened(database, an_entry("repair", **more))


def written(
    database: Database,
    number: str,
    lines: Sequence[LineEntry] | None = None,
    *,
    by: Person | System = TECHNICIAN,
    until: date = UNTIL,
    is_warranty: bool = False,
    revision: int | None = None,
) -> int:
    """A draft of a quote; its version."""
    entry = QuoteEntry((LABOUR, TRAVEL, a_part()) if lines is None else lines, until, "", is_warranty)
    return as_(
        database,
        by,
        lambda session: write_quote.write_quote(
            session,
            actor=by.actor(),
            number=number,
            entry=entry,
            revision=revision,
            today=cast.TODAY,
            terms=TERMS,
            at=cast.NOW,
        ),
    )


def offered(database: Database, number: str, *args: Any, by: Person = TECHNICIAN, **more: Any) -> int:
    """A quote that waits for the dealer; its version."""
    version = written(database, number, *args, by=by, **more)
    as_(
        database,
        by,
        lambda session: write_quote.offer_quote(
            session,
            actor=by.actor(),
            number=number,
            version=version,
            today=cast.TODAY,
            terms=TERMS,
            at=cast.NOW,
        ),
    )
    return version


def withdrawn(database: Database, number: str, *, by: Person = TECHNICIAN) -> None:
    """Headquarters takes the quote back."""
    as_(
        database,
        by,
        lambda session: write_quote.withdraw_quote(session, actor=by.actor(), number=number, at=cast.NOW),
    )


def accepted(
    database: Database,
    number: str,
    version: int,
    *,
    by: Person | System = cast.huadong.buyer,
    revision: int | None = None,
    today: date = cast.TODAY,
) -> None:
    """Whoever orders for the dealer accepts."""
    as_(
        database,
        by,
        lambda session: decide_quote.accept_quote(
            session,
            actor=by.actor(),
            number=number,
            version=version,
            revision=revision,
            today=today,
            margin_days=1,
            at=cast.NOW,
        ),
    )


def declined(database: Database, number: str, version: int, *, by: Person | System = DEALER) -> None:
    """The dealer declines."""
    as_(
        database,
        by,
        lambda session: decide_quote.decline_quote(
            session,
            actor=by.actor(),
            number=number,
            version=version,
            reason="Too dear.",
            today=cast.TODAY,
            at=cast.NOW,
        ),
    )


def visited(
    database: Database,
    number: str,
    *,
    technician: Person = TECHNICIAN,
    by: Person = DESK,
    starts_at: datetime = NINE,
    hours: int = 2,
) -> int:
    """An appointment; its number."""
    entry = VisitEntry(
        technician.id, starts_at, starts_at + timedelta(hours=hours), "Renmin Road 1", "Dr Li", "021-5555"
    )
    return as_(
        database,
        by,
        lambda session: plan_visit.plan_visit(
            session, actor=by.actor(), number=number, entry=entry, at=cast.NOW
        ),
    )


def a_repair_of(database: Database, dealer: Dealer) -> str:
    """The request of a dealer whose repair is accepted, with an appointment; its number."""
    number = opened(database, an_entry("repair"), by=dealer.buyer)
    accepted(database, number, offered(database, number, (LABOUR,)), by=dealer.buyer)
    visited(database, number, starts_at=NINE + timedelta(days=dealer.id))
    return number


def a_report(database: Database, key: str = "phone-1", **more: Any) -> ReportEntry:
    """A report of a test that passed, with two syringes of the lot that expires first."""
    used = (Used(cast.syringe.sku, "SY-EARLY", 2, (), "/used/0"),)
    items = as_(database, DESK, lambda session: check_items(session, ""))
    said: dict[str, Any] = {
        "client_key": key,
        "result": "passed",
        "findings": "Filter changed.",
        "signed_name": "李医生",
        "signature": "[[1, 2, 30, 40]]",
        "checks": {one.id: "ok" for one in items},
        "used": used,
    }
    return ReportEntry(**said | more)


def filed(
    database: Database,
    number: str,
    visit_no: int,
    entry: ReportEntry,
    *,
    by: Person = TECHNICIAN,
    today: date = cast.TODAY,
) -> Filed:
    """A technician files a report."""
    return as_(
        database,
        by,
        lambda session: file_report(
            session,
            actor=by.actor(),
            number=number,
            visit_no=visit_no,
            entry=entry,
            today=today,
            margin_days=1,
            at=cast.NOW,
        ),
    )


def cancelled(database: Database, number: str, *, by: Person = DESK) -> None:
    """The repair is given up."""
    as_(
        database,
        by,
        lambda session: giving_up.cancel_repair(
            session, actor=by.actor(), number=number, reason="Device is scrapped.", at=cast.NOW
        ),
    )


def tended(database: Database, today: date = cast.TODAY) -> list[str]:
    """What the job does."""
    with transaction(database.system_session()) as session:
        numbers = [one.number for one in waiting_repairs(session, today=today, margin_days=1)]
    for number in numbers:
        with transaction(database.system_session()) as session:
            tend_repair(session, actor=SYSTEM, number=number, today=today, margin_days=1, at=cast.NOW)
    return numbers


def repaired(database: Database, number: str, *, by: Person | System = DESK) -> RepairDetail:
    """The repair as somebody sees it."""
    found = as_(database, by, lambda session: repair_of(session, by.actor(), number))
    assert found is not None
    return found
