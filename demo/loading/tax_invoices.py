"""Tax invoices of the first dealers' latest documents: most agree, some differ, one was let stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import psycopg
from sqlalchemy import text

from config import Settings
from demo.loading.acting import Acting, acting
from demo.loading.tax_invoice_xml import tax_invoice_xml
from demo.scenario import Part, Scenario
from demo.world.network import FULLY_STAFFED
from portal.tax_invoices.decide import accept_tax_invoice
from portal.tax_invoices.our_document import charged, lines_of
from portal.tax_invoices.red_form_rules import RedFormState
from portal.tax_invoices.red_forms import note_red_form
from portal.tax_invoices.rules import OurDocument
from portal.tax_invoices.take_tax_invoice import take_tax_invoice

_SELLER = str(Settings.model_fields["company_credit_code"].default)
_EACH = 6  # documents of a dealer
_DOCUMENTS = text(
    """
    SELECT i.number, i.issued_on
      FROM generate_series(1, :dealers) d
      JOIN LATERAL (SELECT number, issued_on, id FROM invoice
                     WHERE dealer_id = d AND kind = 'invoice' AND gross > 100
                       AND issued_on < :before
                     ORDER BY issued_on DESC, id DESC LIMIT :each) i ON true
     ORDER BY i.issued_on, i.id
    """
)


def take_in(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Finance takes in what the tax platform issued a day after each document."""
    before = scenario.now.date() - timedelta(days=2)
    about = {"dealers": FULLY_STAFFED, "each": _EACH, "before": before}
    with acting(connection) as people:
        for nth, row in enumerate(people.session.execute(_DOCUMENTS, about).all()):
            _take(people, nth, row.number, row.issued_on, scenario)


def _take(people: Acting, nth: int, document: str, issued_on: date, scenario: Scenario) -> None:
    finance, session = people.staff("finance"), people.session
    at = people.at(min(_morning(issued_on + timedelta(days=1), scenario), scenario.now - timedelta(hours=2)))
    ours = lines_of(session, charged(session, document), seller=_SELLER)
    fate = {5: "differs", 11: "accepted", 17: "differs", 23: "form"}.get(nth % 29, "")
    said = _dearer(ours) if fate in ("differs", "accepted") else ours
    number = f"26312000000{nth + 1:09d}"
    content = tax_invoice_xml(said, number=number, issued_on=issued_on, remark=document)
    take_tax_invoice(session, actor=finance, content=content, seller=_SELLER, at=at)
    if fate == "accepted":
        reason = "税务平台按含税单价重算，差额次月调整"
        accept_tax_invoice(session, actor=people.staff("finance.review"), number=number, reason=reason, at=at)
    if fate == "form":
        note_red_form(
            session,
            actor=finance,
            number=f"31012611{nth:012d}",
            blue=number,
            gross=Decimal("-100.00"),
            state=RedFormState.SELLER_ENTERED,
            asked_at=at,
            at=at,
        )


def _dearer(ours: OurDocument) -> OurDocument:
    first = ours.lines[0]
    return replace(ours, lines=(replace(first, amount=first.amount + Decimal("0.35")), *ours.lines[1:]))


def _morning(day: date, scenario: Scenario) -> datetime:
    return datetime.combine(day, time(9, 30), scenario.now.tzinfo)


PART = Part("tax_invoices", act=take_in)
