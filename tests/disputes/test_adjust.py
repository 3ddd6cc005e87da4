"""A dispute about a price ends in a note over the difference, with its VAT, on the invoice's line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.disputes.adjust import proposed_answer
from portal.disputes.resolve_dispute import approve_answer
from portal.disputes.rules import DisputeKind, Outcome
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.adjustments import adjustment
from portal.ledger.documents import invoice
from tests import cast
from tests.checks.acts import found
from tests.disputes.acts import decided, dispute, disputed, opened, resolved, standing
from tests.ledger.acts import delivered, no_books_yet
from tests.played import played
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, closed, statement_row

HQ, SECOND = cast.hq_finance, cast.finance_colleague


@played
def case(given, database, owner):
    """An invoice of last month whose price is disputed: numbers of statement, invoice and dispute."""
    no_books_yet(owner)
    done = delivered(given, database, {cast.gloves: 3, cast.syringe: 20}, on=LAST_DAY)
    closed(database)
    number = statement_row(owner).number
    ours = opened(database, number, disputed(done.invoice_number, "9.00", DisputeKind.PRICE))
    return number, done.invoice_number, ours


def adjusting(gives: str, line: int = 1):
    return replace(decided(Outcome.ADJUSTED), invoice_line=line, gives=Decimal(gives))


def note_of(database, number, by=cast.huadong.finance):
    with transaction(database.session_for(by.actor())) as session:
        return adjustment(session, number)


def approved(database, number, by=SECOND, seen=None):
    with transaction(database.session_for(by.actor())) as session:
        approve_answer(
            session,
            actor=by.actor(),
            number=number,
            today=cast.TODAY,
            at=clock.now(),
            alone_max=Decimal("5.00"),
            seen=seen,
        )


@pytest.mark.parametrize("gives", ["9.00", "-9.00"])
def test_the_difference_is_posted_with_its_tax_and_linked_both_ways(database, owner, case, gives):
    statement, billed, ours = case
    resolved(database, ours, adjusting(gives))
    [line] = dispute(database, ours).lines
    assert line.outcome == "adjusted" and line.correction.startswith("AN")
    note = note_of(database, line.correction)
    assert (note.gross, note.invoice, note.source) == (-Decimal(gives), billed, ours)
    rate = note.lines[0].tax_rate
    assert note.tax == -(Decimal(gives) - (Decimal(gives) / (1 + rate)).quantize(Decimal("0.01")))
    assert note.net + note.tax == note.gross
    assert standing(database, statement).state == "resolved"
    assert audited(owner, line.correction) == ["adjustment_note:posted"]
    assert found(database) == {}


def test_what_is_given_back_settles_the_invoice_first(database, case):
    _, billed, ours = case

    def left():
        with transaction(database.session_for(HQ.actor())) as session:
            return invoice(session, billed).open

    before = left()
    resolved(database, ours, adjusting("9.00"))
    assert left() == before - 9


@pytest.mark.parametrize(
    ("gives", "line", "pointer"),
    [
        ("0", 1, "/lines/0/gives"),
        ("0.001", 1, "/lines/0/gives"),
        ("1000000000", 1, "/lines/0/gives"),
        ("-1000000000", 1, "/lines/0/gives"),
        ("1.00", 9, "/lines/0/invoice_line"),
        ("1.00", 0, "/lines/0/invoice_line"),
    ],
)
def test_an_adjustment_is_within_a_line_of_the_disputed_invoice(database, case, gives, line, pointer):
    with pytest.raises(Invalid) as refusal:
        resolved(database, case[2], adjusting(gives, line))
    assert [one.pointer for one in refusal.value.faults] == [pointer]


def test_no_more_is_given_back_than_is_left_of_the_line(database, owner, case):
    _, billed, ours = case
    left = owner.execute(
        text(
            "SELECT l.amount FROM invoice_line l JOIN invoice v ON v.id = l.invoice_id"
            " WHERE v.number = :n AND l.line_no = 1"
        ),
        {"n": billed},
    ).scalar_one()
    resolved(database, ours, adjusting(str(left)))
    again = opened(database, case[0], disputed(billed, "1.00", DisputeKind.PRICE))
    with pytest.raises(Invalid):
        resolved(database, again, adjusting("0.01"))


def test_above_the_limit_another_person_carries_the_answer_out(database, owner, case):
    statement, _, ours = case
    resolved(database, ours, adjusting("9.00"), alone_max="5.00")
    assert dispute(database, ours).state == "open" and standing(database, statement).state == "disputed"
    with transaction(database.session_for(HQ.actor())) as session:
        kept = proposed_answer(session, ours)
    assert (kept.proposed_by_label, kept.decisions[0].gives) == (HQ.display_name, Decimal("9.00"))
    with pytest.raises(Forbidden):
        approved(database, ours, by=HQ)
    outcomes = together(2, lambda _: approved(database, ours))
    assert len(failures(outcomes)) == 1
    assert owner.execute(text("SELECT count(*) FROM adjustment_note")).scalar_one() == 1
    assert dispute(database, ours).ended_by_label == SECOND.display_name
    with pytest.raises(Conflict):
        approved(database, ours)


def test_what_is_approved_is_what_was_looked_at(database, owner, case):
    def waits() -> str:
        with transaction(database.session_for(SECOND.actor())) as session:
            return proposed_answer(session, ours).proposed_at.isoformat()

    ours = case[2]
    resolved(database, ours, adjusting("6.00"), alone_max="5.00")
    seen = waits()
    resolved(database, ours, adjusting("9.00"), alone_max="5.00")
    with pytest.raises(Conflict, match="changed_meanwhile"):
        approved(database, ours, seen=seen)
    approved(database, ours, seen=waits())
    assert owner.execute(text("SELECT gross FROM adjustment_note")).scalar_one() == -9


def test_an_answer_of_ones_own_takes_the_place_of_what_waits(database, owner, case):
    ours = case[2]
    resolved(database, ours, adjusting("9.00"), alone_max="5.00")
    resolved(database, ours, decided(Outcome.STANDS))
    assert dispute(database, ours).lines[0].outcome == "stands"
    assert owner.execute(text("SELECT proposed FROM dispute")).scalar_one() is None


def test_a_rival_has_no_such_note(database, case):
    resolved(database, case[2], adjusting("9.00"))
    number = dispute(database, case[2]).lines[0].correction
    with pytest.raises(NotFound):
        note_of(database, number, by=cast.yuegang.finance)
