"""What finance does with settlements, each in a transaction of its own, and what the books then say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.ledger.post_rebate_note import NoteLine, post_rebate_note
from portal.ledger.rules import NoteTreatment
from portal.settlements import carry_out
from portal.settlements.rules import SettlementKind
from portal.settlements.run import decide_run, finish_run, propose_run
from portal.settlements.settle_period import settle_claim
from tests import cast
from tests.rebates import acts as rebates

MONTH = cast.TODAY.strftime("%Y-%m")
PROPOSER, APPROVER = cast.hq_finance, cast.finance_colleague
AFTER = rebates.MONTH_ENDS + timedelta(days=1)
LATER = cast.NOW + (AFTER - cast.TODAY)


def proposed(
    database,
    number: str,
    period: str,
    *,
    kind: SettlementKind = SettlementKind.FINAL,
    percent: str | None = None,
    person=PROPOSER,
    today: date = AFTER,
) -> str:
    """Number of a settlement that waits for another person."""

    def act(session, actor):
        run = propose_run(
            session,
            actor=actor,
            programme=number,
            period=period,
            kind=kind,
            percent=Decimal(percent) if percent else None,
            note="",
            today=today,
            at=LATER,
        )
        return run.number

    return rebates.as_staff(database, person, act)


def decided(database, run: str, *, approve: bool = True, person=APPROVER, reason: str = "") -> None:
    """Another person's word."""
    rebates.as_staff(
        database,
        person,
        lambda session, actor: decide_run(
            session, actor=actor, number=run, approve=approve, reason=reason, at=LATER
        ),
    )


def carried_out(database, run: str, *, today: date = AFTER, at: datetime = LATER, most: int = 1000) -> int:
    """What the job does: one dealer a transaction, `most` of them. Returns how many were settled."""
    after = settled = done = 0
    while done < most:
        with transaction(database.system_session()) as session:
            found = carry_out.next_dealers(session, number=run, after=after, limit=1)
        if not found:
            with transaction(database.system_session()) as session:
                finish_run(session, actor=SYSTEM, number=run, at=at)
            break
        after = found[0]
        with transaction(database.system_session()) as session:
            settled += carry_out.settle_next(
                session, actor=SYSTEM, number=run, dealer_id=after, on=today, at=at
            )
        done += 1
    return settled


def settled(database, number: str, period: str, **how: Any) -> str:
    """Number of a settlement that was proposed, approved and carried out."""
    run = proposed(database, number, period, **how)
    decided(database, run)
    carried_out(database, run, today=how.get("today", AFTER))
    return run


def claimed(database, number: str, period: str, approved: str, *, claim="CL2608-1", dealer=cast.huadong):
    """A period settled as a claim was approved."""
    return rebates.as_staff(
        database,
        APPROVER,
        lambda session, actor: settle_claim(
            session,
            actor=actor,
            dealer_id=dealer.id,
            programme=number,
            period=period,
            approved=Decimal(approved),
            claim=claim,
            on=AFTER,
            at=LATER,
        ),
    )


def rows(owner, dealer=cast.huadong) -> list[Any]:
    """What a dealer was settled, in order."""
    found = text("SELECT * FROM rebate_settlement WHERE dealer_id = :d ORDER BY id")
    return owner.execute(found, {"d": dealer.id}).all()


def notes(owner, dealer=cast.huadong) -> list[Any]:
    """A dealer's notes with their lines."""
    found = text(
        "SELECT n.number, n.gross, n.net, n.tax, n.source, l.invoice, l.tax_rate, l.gross AS line_gross,"
        " l.tax AS line_tax FROM rebate_note n JOIN rebate_note_line l"
        " ON (l.dealer_id, l.note_id) = (n.dealer_id, n.id) WHERE n.dealer_id = :d ORDER BY n.id, l.line_no"
    )
    return owner.execute(found, {"d": dealer.id}).all()


def balance(owner, dealer=cast.huadong) -> Decimal:
    """What a dealer owes."""
    return owner.execute(
        text("SELECT balance FROM dealer_account WHERE dealer_id = :d"), {"d": dealer.id}
    ).scalar_one()


def a_note(database, dealer=cast.huadong, amount: str = "3.00") -> str:
    """Number of a note that gives a dealer a little for a service."""

    def act(session, actor):
        return post_rebate_note(
            session,
            actor=actor,
            dealer_id=dealer.id,
            source=f"CL-{dealer.code}",
            treatment=NoteTreatment.SERVICE,
            lines=[NoteLine("", Decimal(0), Decimal(amount))],
            reason="",
            on=cast.TODAY,
            at=cast.NOW,
        ).number

    return rebates.as_staff(database, PROPOSER, act)
