"""What dealers said to their statements: confirmed for the months gone by; the last one in every state."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

import psycopg
from sqlalchemy import text

from config import Settings
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
from portal.kernel.opaque import Sealer
from portal.ledger.rules import EntryKind
from portal.statements.clause import set_clause
from portal.statements.company import Issuer
from portal.statements.confirm_statement import confirm_statement
from portal.statements.correct_statement import approve_correction, propose_correction
from portal.statements.queries import document
from portal.statements.verification import Verifier

# What becomes of the last statement of the dealers that have a finance clerk, and what follows a dispute.
LAST = ("", "confirmed", "disputed", "answered", "", "settled", "taken back", "confirmed")
_UNDER_CLAUSE = LAST.index("") + 1
_SECRET = "TONGLU_SECRET_KEY"
_CODE = text("SELECT code FROM dealer WHERE id = :dealer_id")
_MEANS = {"by": "page", "address": "127.0.0.1", "agent": "demonstration"}

_STATEMENTS = text(
    """
    SELECT dealer_id, number, issued_at, period = max(period) OVER () AS is_last
      FROM statement WHERE dealer_id <= :staffed ORDER BY period, dealer_id
    """
)
_ADJUSTED_MAX = Decimal("800.00")
_DEAREST = text(
    """
    SELECT l.line_no, l.amount
      FROM invoice v JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
     WHERE v.dealer_id = :dealer_id AND v.number = :number ORDER BY l.amount DESC, l.line_no LIMIT 1
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
            if row.is_last and row.dealer_id == _UNDER_CLAUSE:
                _agree_on_a_clause(people, row)
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
        decisions=_decisions(people, row, number, adjusts=fate == "settled"),
        text="已逐项核实，说明如下：价格按当时有效的政策执行。",
        today=local_date(at),
        at=at,
        alone_max=Decimal("10000.00"),
    )
    if fate == "settled":
        _correct(people, row, number, at + timedelta(hours=2))
        _confirm(people, row, at + timedelta(hours=5))


def _correct(people: Acting, row: Record, dispute: str, at: datetime) -> None:
    """The note that the dispute ended in belongs to the month: the next version of the statement says so."""
    notes = [one.correction for one in dispute_of(people.session, dispute).lines if one.outcome == "adjusted"]
    if not notes:
        return
    about = {"number": row.number, "issuer": _issuer()}
    propose_correction(
        people.session,
        actor=people.staff("finance"),
        documents=notes,
        reason="价差单据归属本月，双方已确认。",
        at=people.at(at),
        **about,
    )
    later = people.at(at + timedelta(hours=1))
    approve_correction(people.session, actor=people.staff("finance.review"), at=later, **about)


def _issuer() -> Issuer:
    settings = Settings(database_url="", redis_url="", secret_key=os.environ.get(_SECRET, "-" * 32))
    sealer = Sealer(*settings.secret_keys)
    return replace(Issuer.of(settings), verify=Verifier(settings.base_url, sealer))


def _agree_on_a_clause(people: Acting, row: Record) -> None:
    """The contract of one dealer has its statements confirmed by time."""
    at = people.at(row.issued_at - timedelta(days=10))
    set_clause(
        people.session,
        actor=people.staff("finance"),
        code=people.session.execute(_CODE, {"dealer_id": row.dealer_id}).scalar_one(),
        is_active=True,
        days=30,
        contract="年度经销合同第 7.3 条",
        revision=0,
        at=at,
    )


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


def _decisions(people: Acting, row: Record, number: str, *, adjusts: bool) -> Sequence[Decision]:
    found = dispute_of(people.session, number)
    about = {"dealer_id": row.dealer_id, "period": found.period}
    later = people.session.execute(_LATER, about).scalar_one_or_none()
    decisions = []
    for one in found.lines:
        pointer = f"/lines/{one.line_no}"
        if later and one.kind == DisputeKind.MISSING:
            decisions.append(Decision(one.line_no, Outcome.DOCUMENT, later, pointer))
        elif adjusts and one.kind == DisputeKind.PRICE:
            about = {"dealer_id": row.dealer_id, "number": one.document}
            line = people.session.execute(_DEAREST, about).one()
            gives = min(one.amount, line.amount, _ADJUSTED_MAX)
            decisions.append(Decision(one.line_no, Outcome.ADJUSTED, "", pointer, line.line_no, gives))
        else:
            decisions.append(Decision(one.line_no, Outcome.STANDS, "", pointer))
    return decisions


PART = Part("disputes", act=answer_statements)
