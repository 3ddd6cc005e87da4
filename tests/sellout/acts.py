"""Dealers report what they sold, each time in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from portal.kernel.db import Database, transaction
from portal.sellout.decide_rules import LineKind, Reported, Source
from portal.sellout.decide_waiting import decide_waiting
from portal.sellout.report_sell_out import Taken, report_sell_out
from portal.sellout.reverse_line import reverse_line
from tests import cast
from tests.cast import huadong
from tests.roles import Dealer, Person

RENJI = "仁济医院"


def line(
    sku: str,
    lot: str,
    quantity: int = 1,
    *,
    kind: LineKind = LineKind.SELL_OUT,
    day: date = cast.TODAY,
    hospital: str = RENJI,
    serial: str = "",
    document: str = "",
    no: str = "",
) -> Reported:
    """A line of a report."""
    return Reported(document, no, kind, day, sku, lot, serial, quantity, hospital, "/lines/0")


def reported(database: Database, lines: Sequence[Reported], *, by: Person = huadong.buyer) -> Taken:
    """A report by the page."""
    actor = by.actor()
    with transaction(database.session_for(actor)) as session:
        return report_sell_out(
            session,
            actor=actor,
            lines=lines,
            source=Source.PAGE,
            today=cast.TODAY,
            zone=cast.ZONE,
            at=cast.NOW,
        )


def decided_again(database: Database, *, dealer: Dealer = huadong, days: int = 0) -> int:
    """The job, some days later."""
    actor = dealer.buyer.actor()
    later = timedelta(days)
    with transaction(database.session_for(actor)) as session:
        return decide_waiting(
            session,
            actor=actor,
            dealer_id=dealer.id,
            today=cast.TODAY + later,
            zone=cast.ZONE,
            at=cast.NOW + later,
        )


def taken_back(database: Database, number: str, line_no: int = 1, *, by: Person = huadong.buyer) -> None:
    """A line is reversed."""
    with transaction(database.session_for(by.actor())) as session:
        reverse_line(
            session, actor=by.actor(), number=number, line_no=line_no, reason="wrong hospital", at=cast.NOW
        )


def a_sell_out(
    database: Database, dealer: Dealer, sku: str = cast.gloves.sku, lot: str = cast.gloves_lot.lot_no
) -> str:
    """The number of a report of a unit sold, and of a lot that nobody knows."""
    lines = [line(sku, lot, hospital=f"{dealer.code} hospital"), line(sku, "NOBODY")]
    return reported(database, lines, by=dealer.buyer).number
