"""Dealers report their stock, each time in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.dealerstock.report_stock import Report, report_stock
from portal.dealerstock.rules import LineKind, Reported, Source
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Dealer, Person


def sold(sku: str, lot: str, quantity: int, day: date = cast.TODAY, customer: str = "") -> Reported:
    """Units sold."""
    return Reported(sku, lot, quantity, LineKind.SOLD, day, customer, "/lines/0")


def counted(sku: str, lot: str, quantity: int, day: date = cast.TODAY) -> Reported:
    """Units that lie there."""
    return Reported(sku, lot, quantity, LineKind.STOCK, day, "", "/lines/0")


def reported(
    database: Database,
    lines: Sequence[Reported],
    *,
    by: Person = cast.huadong.buyer,
    as_of: date = cast.TODAY,
) -> Report:
    """A report by the page."""
    actor = by.actor()
    with transaction(database.session_for(actor)) as session:
        return report_stock(
            session,
            actor=actor,
            lines=lines,
            as_of=as_of,
            source=Source.PAGE,
            today=cast.TODAY,
            at=cast.NOW,
        )


def a_report(
    database: Database, dealer: Dealer, sku: str = cast.gloves.sku, lot: str = cast.gloves_lot.lot_no
) -> str:
    """The number of a report of two units sold, and of a lot that nobody knows."""
    lines = [sold(sku, lot, 2, customer=f"{dealer.code} hospital"), counted(sku, "NOBODY", 1)]
    return reported(database, lines, by=dealer.buyer).number
