"""Acts on statements and disputes, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from decimal import Decimal

from portal.disputes.converse import say, withdraw_dispute
from portal.disputes.open_dispute import open_dispute
from portal.disputes.queries import DisputeDetail, dispute_of
from portal.disputes.resolve_dispute import resolve_dispute
from portal.disputes.rules import Decision, DisputedLine, DisputeKind, Outcome
from portal.kernel import clock
from portal.kernel.db import Database, transaction
from portal.ledger.post_adjustment import Adjustment, post_adjustment
from portal.statements.answers import AnswerShown, answer_of
from portal.statements.confirm_statement import confirm_statement
from tests import cast
from tests.roles import Dealer, Person, System

FINANCE = cast.huadong.finance
MEANS = {"by": "page", "address": "127.0.0.1"}


def disputed(
    document: str, amount: str = "1.00", kind: DisputeKind = DisputeKind.AMOUNT, place: int = 0
) -> DisputedLine:
    """What is said of a document."""
    return DisputedLine(document, Decimal(amount), "金额不符", kind, f"/lines/{place}")


def decided(outcome: Outcome, correction: str = "", line: int = 1) -> Decision:
    """How a line is answered."""
    return Decision(line, outcome, correction, f"/lines/{line - 1}")


def confirmed(database: Database, number: str, name: str = "陈志强", *, by: Person | System = FINANCE) -> str:
    """The dealer confirms."""
    with transaction(database.session_for(by.actor())) as session:
        return confirm_statement(
            session, actor=by.actor(), number=number, name=name, means=MEANS, at=clock.now()
        )


def opened(
    database: Database,
    statement: str,
    *lines: DisputedLine,
    by: Person | System = FINANCE,
    files: tuple[str, ...] = (),
) -> str:
    """The dealer disputes."""
    with transaction(database.session_for(by.actor())) as session:
        return open_dispute(
            session,
            actor=by.actor(),
            statement=statement,
            lines=lines,
            note="请核对",
            files=files,
            today=cast.TODAY,
            at=clock.now(),
        )


def a_note_on(database: Database, dealer: Dealer, invoice: str, gives: str = "1.00", *, line: int = 1) -> str:
    """A note that adjusts a line of an invoice, the first one; its number."""
    actor = cast.hq_finance.actor()
    with transaction(database.session_for(actor)) as session:
        return post_adjustment(
            session,
            actor=actor,
            dealer_id=dealer.id,
            invoice=invoice,
            adjustments=[Adjustment(line, Decimal(gives), "")],
            source="DP0000-0",
            reason="价差",
            on=cast.TODAY,
            at=clock.now(),
        ).number


def said(database: Database, number: str, text: str = "请补充", *, by: Person | System) -> None:
    """Somebody writes."""
    with transaction(database.session_for(by.actor())) as session:
        say(session, actor=by.actor(), number=number, text=text, at=clock.now())


def withdrawn(database: Database, number: str, *, by: Person | System = FINANCE) -> None:
    """The dealer takes it back."""
    with transaction(database.session_for(by.actor())) as session:
        withdraw_dispute(session, actor=by.actor(), number=number, at=clock.now())


def resolved(
    database: Database,
    number: str,
    *decisions: Decision,
    by: Person | System = cast.hq_finance,
    alone_max: str = "10000.00",
) -> None:
    """Headquarters answers."""
    with transaction(database.session_for(by.actor())) as session:
        resolve_dispute(
            session,
            actor=by.actor(),
            number=number,
            decisions=decisions,
            text="已核实",
            today=cast.TODAY,
            at=clock.now(),
            alone_max=Decimal(alone_max),
        )


def dispute(database: Database, number: str, *, by: Person | System = FINANCE) -> DisputeDetail:
    """It as it is read."""
    with transaction(database.session_for(by.actor())) as session:
        return dispute_of(session, number)


def standing(database: Database, statement: str, *, by: Person | System = FINANCE) -> AnswerShown:
    """What was said to a statement."""
    with transaction(database.session_for(by.actor())) as session:
        return answer_of(session, statement)
