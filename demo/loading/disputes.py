"""What dealers said to their statements: confirmed for the months gone by; the last one in every state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import psycopg
from sqlalchemy import text

from demo.loading.acting import Acting, acting
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import FULLY_STAFFED
from portal.disputes.converse import say, withdraw_dispute
from portal.disputes.open_dispute import open_dispute
from portal.disputes.queries import dispute_of
from portal.disputes.resolve_dispute import resolve_dispute
from portal.disputes.rules import Decision, DisputedLine, DisputeKind, Outcome
from portal.kernel.db import Record
from portal.ledger.rules import EntryKind
from portal.statements.confirm_statement import confirm_statement
from portal.statements.queries import document

# What becomes of the last statement of the dealers that have a finance clerk, and what follows a dispute.
LAST = ("", "confirmed", "disputed", "answered", "", "settled", "taken back", "confirmed")
_MEANS = {"by": "page", "address": "127.0.0.1", "agent": "demonstration"}

_STATEMENTS = text(
    """
    SELECT dealer_id, number, issued_at, period = max(period) OVER () AS is_last
      FROM statement WHERE dealer_id <= :staffed ORDER BY period, dealer_id
    """
)
_LATER = text(
    """
    SELECT document_no FROM journal_entry
     WHERE dealer_id = :dealer_id AND kind = 'payment' AND period > :period AND reverses_id IS NULL
     ORDER BY id LIMIT 1
    """
)


def answer_statements(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Confirm and dispute as the dealers' finance, answer as headquarters'."""
    chance = Random(f"{scenario.seed}/statements")
    with acting(connection) as people:
        for row in people.session.execute(_STATEMENTS, {"staffed": FULLY_STAFFED}).all():
            fate = LAST[row.dealer_id - 1] if row.is_last else "confirmed"
            days = timedelta(days=chance.randrange(1, 3 if row.is_last else 6), minutes=chance.randrange(480))
            at = min(row.issued_at + days, scenario.now - timedelta(days=1, hours=6))
            if fate == "confirmed":
                _confirm(people, row, at)
            elif fate:
                _dispute(people, row, at, fate)


def _confirm(people: Acting, row: Record, at: datetime) -> None:
    actor, at = people.dealer(row.dealer_id), people.at(at)
    confirm_statement(people.session, actor=actor, number=row.number, name=actor.label, means=_MEANS, at=at)


def _dispute(people: Acting, row: Record, at: datetime, fate: str) -> None:
    dealer, finance = people.dealer(row.dealer_id), people.staff("finance")
    at = people.at(at)
    number = open_dispute(
        people.session,
        actor=dealer,
        statement=row.number,
        lines=_lines(people, row),
        note="请核对以下单据，附件后补。",
        today=local_date(at),
        at=at,
    )
    at = people.at(at + timedelta(hours=3))
    say(people.session, actor=finance, number=number, text="已收到，正在与仓库核对。", at=at)
    if fate == "disputed":
        return
    at = people.at(at + timedelta(hours=20))
    if fate == "taken back":
        withdraw_dispute(people.session, actor=dealer, number=number, text="我方已查明，账目无误。", at=at)
        return
    resolve_dispute(
        people.session,
        actor=finance,
        number=number,
        decisions=_decisions(people, row, number),
        text="已逐项核实，说明如下：价格按当时有效的政策执行。",
        today=local_date(at),
        at=at,
        alone_max=Decimal("10000.00"),
    )
    if fate == "settled":
        _confirm(people, row, at + timedelta(hours=5))


def _lines(people: Acting, row: Record) -> Sequence[DisputedLine]:
    """A tenth of an invoice is wrong, as the dealer sees it, and a payment of its own is missing."""
    listed = document(people.session, number=row.number, locale="zh").lines
    bills = [line for line in listed if str(line.kind) == EntryKind.INVOICE and line.debit > 1]
    missing = DisputedLine(
        f"PZ-{row.number[2:6]}-031",
        Decimal("1860.00"),
        "月末已付款，未入对账单",
        DisputeKind.MISSING,
        "/lines/1",
    )
    if not bills:
        return [missing]
    tenth = (bills[0].debit / 10).quantize(bills[0].debit)
    return [
        DisputedLine(bills[0].document_no, tenth, "单价与价格政策不符", DisputeKind.PRICE, "/lines/0"),
        missing,
    ]


def _decisions(people: Acting, row: Record, number: str) -> Sequence[Decision]:
    found = dispute_of(people.session, number)
    about = {"dealer_id": row.dealer_id, "period": found.period}
    later = people.session.execute(_LATER, about).scalar_one_or_none()
    return [
        Decision(one.line_no, Outcome.DOCUMENT, later, f"/lines/{one.line_no}")
        if later and one.kind == DisputeKind.MISSING
        else Decision(one.line_no, Outcome.STANDS, "", f"/lines/{one.line_no}")
        for one in found.lines
    ]


PART = Part("disputes", act=answer_statements)
