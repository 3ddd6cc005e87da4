"""Corrections: at once up to an amount, above it asked for by one person and decided on by another, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger import corrections
from portal.ledger.decide_correction import approve_correction, reject_correction
from portal.ledger.post_credit_note import Returned
from portal.ledger.propose_correction import propose_credit_note, propose_reversal
from portal.ledger.rules import CorrectionState
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, paid, returned, reversed_
from tests.races import failures, together
from tests.shipping.acts import audited, lots

ALONE = Decimal("100.00")


def reversal_asked(database, number, *, by=cast.hq_finance, reason="booked twice", alone_max=ALONE):
    with transaction(database.session_for(by.actor())) as session:
        return propose_reversal(
            session,
            actor=by.actor(),
            payment_number=number,
            reason=reason,
            today=cast.TODAY,
            at=cast.NOW,
            alone_max=alone_max,
        )


def credit_asked(database, invoice, *lines, by=cast.hq_finance, alone_max=ALONE):
    with transaction(database.session_for(by.actor())) as session:
        return propose_credit_note(
            session,
            actor=by.actor(),
            invoice_number=invoice,
            lines=lines,
            reason="damaged",
            on=cast.TODAY,
            at=cast.NOW,
            alone_max=alone_max,
        )


def approved(database, number, *, by=cast.finance_colleague):
    with transaction(database.session_for(by.actor())) as session:
        return approve_correction(session, actor=by.actor(), number=number, today=cast.TODAY, at=cast.NOW)


def rejected(database, number, *, by=cast.finance_colleague, reason="it was two transfers"):
    with transaction(database.session_for(by.actor())) as session:
        return reject_correction(session, actor=by.actor(), number=number, reason=reason, at=cast.NOW)


def request_of(database, number):
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        return corrections.request(session, number)


@pytest.fixture
def large(database):
    """A payment that nobody reverses alone."""
    return paid(database, "100.01").document_no


@pytest.fixture
def waiting(database, large):
    return reversal_asked(database, large).request_no


def test_a_request_is_numbered_by_the_month_of_the_business_and_not_of_greenwich(database, large):
    actor, night = (
        cast.hq_finance.actor(),
        datetime(2026, 8, 31, 16, 30, tzinfo=UTC),
    )  # half past midnight on 1 September in Shanghai
    with transaction(database.session_for(actor)) as session:
        about = {
            "payment_number": large,
            "reason": "booked twice",
            "today": date(2026, 9, 1),
            "at": night,
            "alone_max": ALONE,
        }
        assert propose_reversal(session, actor=actor, **about).request_no.startswith("CR2609-")


def test_up_to_the_amount_one_person_reverses(database, owner):
    number = paid(database, "100.00").document_no
    done = reversal_asked(database, number)
    assert (done.state, done.document_no, done.request_no, done.amount) == (
        CorrectionState.APPROVED,
        number,
        None,
        Decimal("100.00"),
    )
    assert balance(owner) == 0


def test_above_it_nothing_is_posted_until_another_person_approves(database, owner, large):
    asked = reversal_asked(database, large)
    assert (asked.state, asked.document_no) == (CorrectionState.WAITING, None)
    assert balance(owner) == Decimal("-100.01")
    done = approved(database, asked.request_no)
    assert (done.state, done.document_no) == (CorrectionState.APPROVED, large)
    assert balance(owner) == 0
    assert audited(owner, asked.request_no) == ["correction:proposed", "correction:approved"]
    assert broken_promises(owner) == {}


def test_a_refund_is_as_large_as_its_amount(database):
    paid(database, "500.00")
    refund = paid(database, "-100.01").document_no
    assert reversal_asked(database, refund).state == CorrectionState.WAITING


def test_who_asked_neither_approves_nor_rejects(database, owner, waiting):
    for decide in (approved, rejected):
        with pytest.raises(Forbidden) as refusal:
            decide(database, waiting, by=cast.hq_finance)
        assert refusal.value.code == "same_person"
    assert balance(owner) == Decimal("-100.01")
    assert request_of(database, waiting).state == CorrectionState.WAITING


def test_the_database_too_keeps_apart_who_asks_and_who_decides(owner, waiting):
    with pytest.raises(Exception, match="other_person"):
        owner.execute(text("UPDATE correction_request SET state = 'approved', decided_by = proposed_by"))


@pytest.mark.parametrize(
    "person", [cast.erp, cast.order_desk, cast.national_manager, cast.administrator, cast.huadong.finance]
)
def test_approving_is_a_right_of_its_own(database, waiting, person):
    with pytest.raises(Forbidden) as refusal:
        approved(database, waiting, by=person)
    assert refusal.value.code == "missing_right"


def test_who_may_only_approve_does_not_ask(database, large):
    with pytest.raises(Forbidden):
        reversal_asked(database, large, by=cast.controller)
    asked = reversal_asked(database, large)
    assert approved(database, asked.request_no, by=cast.controller).state == CorrectionState.APPROVED


def test_a_rejected_request_posts_nothing_and_may_be_asked_for_again(database, owner, large, waiting):
    rejected(database, waiting)
    found = request_of(database, waiting)
    assert (found.state, found.decision_note, found.posted_no) == (
        CorrectionState.REJECTED,
        "it was two transfers",
        None,
    )
    assert balance(owner) == Decimal("-100.01")
    assert reversal_asked(database, large).request_no != waiting


def test_a_rejection_says_why(database, waiting):
    with pytest.raises(Invalid):
        rejected(database, waiting, reason=" ")


def test_what_waits_is_not_asked_for_twice(database, large, waiting):
    with pytest.raises(Conflict) as refusal:
        reversal_asked(database, large)
    assert (refusal.value.code, refusal.value.params) == ("correction_waiting", {"request": waiting})


def test_what_is_decided_is_not_decided_again(database, owner, waiting):
    approved(database, waiting)
    for decide in (approved, rejected):
        with pytest.raises(Conflict) as refusal:
            decide(database, waiting)
        assert refusal.value.code == "already_decided"
    assert balance(owner) == 0


def test_what_was_reversed_meanwhile_is_not_reversed_by_the_approval(database, owner, large, waiting):
    reversed_(database, large)
    with pytest.raises(Conflict) as refusal:
        approved(database, waiting)
    assert refusal.value.code == "already_reversed"
    assert request_of(database, waiting).state == CorrectionState.WAITING
    rejected(database, waiting)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_asking_takes_a_reason(database, large, reason):
    with pytest.raises(Invalid):
        reversal_asked(database, large, reason=reason)


def test_an_unknown_payment_or_request_is_not_found(database):
    with pytest.raises(NotFound):
        reversal_asked(database, "PY2611-00000000A")
    with pytest.raises(NotFound):
        approved(database, "CR2611-00000000A")


# Credit notes


def test_a_small_credit_note_is_posted_at_once(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    note = credit_asked(database, done.invoice_number, Returned(1, 5))
    assert (note.state, note.amount) == (CorrectionState.APPROVED, Decimal("100.00"))
    assert balance(owner) == done.gross - 100


def test_a_large_one_brings_nothing_back_before_it_is_approved_and_then_exactly_what_was_asked(
    given, database, owner
):
    done = delivered(given, database, {cast.gauze: 50})
    before = lots(owner, cast.gauze)
    asked = credit_asked(
        database, done.invoice_number, Returned(1, 12, "GZ-FRESH"), Returned(1, 3, "GZ-SHORT")
    )
    assert lots(owner, cast.gauze) == before and balance(owner) == done.gross
    note = approved(database, asked.request_no)
    assert balance(owner) == done.gross - asked.amount == done.gross - 15 * 10
    assert lots(owner, cast.gauze)["GZ-FRESH"][0] == before["GZ-FRESH"][0] + 12
    assert (
        owner.execute(
            text("SELECT reason FROM invoice WHERE number = :n"), {"n": note.document_no}
        ).scalar_one()
        == "damaged"
    )
    assert broken_promises(owner) == {}


def test_a_large_credit_in_small_parts_needs_the_second_person_all_the_same(given, database):
    done = delivered(given, database, {cast.gloves: 10})
    assert credit_asked(database, done.invoice_number, Returned(1, 5)).state == CorrectionState.APPROVED
    assert credit_asked(database, done.invoice_number, Returned(1, 1)).state == CorrectionState.WAITING


def test_what_came_back_meanwhile_does_not_come_back_by_the_approval(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    asked = credit_asked(database, done.invoice_number, Returned(1, 8))
    returned(database, done.invoice_number, Returned(1, 3))
    with pytest.raises(Invalid):
        approved(database, asked.request_no)
    assert balance(owner) == done.gross - 60


# Races


def test_two_who_ask_at_once_leave_one_request(database, owner, large):
    outcomes = together(
        4,
        lambda place: reversal_asked(
            database, large, by=(cast.hq_finance, cast.finance_colleague)[place % 2]
        ),
    )
    assert {failure.code for failure in failures(outcomes)} == {"correction_waiting"} and len(
        failures(outcomes)
    ) == 3
    assert owner.execute(text("SELECT count(*) FROM correction_request")).scalar_one() == 1


def test_two_reversals_at_once_post_one(database, owner):
    number = paid(database, "50.00").document_no
    outcomes = together(4, lambda _: reversal_asked(database, number))
    assert {failure.code for failure in failures(outcomes)} == {"already_reversed"} and len(
        failures(outcomes)
    ) == 3
    assert balance(owner) == 0


def test_approvals_and_rejections_at_once_decide_once(database, owner, waiting):
    deciders = (cast.finance_colleague, cast.controller)
    outcomes = together(
        4, lambda place: (approved if place < 2 else rejected)(database, waiting, by=deciders[place % 2])
    )
    assert {failure.code for failure in failures(outcomes)} == {"already_decided"} and len(
        failures(outcomes)
    ) == 3
    is_approved = request_of(database, waiting).state == CorrectionState.APPROVED
    assert balance(owner) == (0 if is_approved else Decimal("-100.01"))
    assert broken_promises(owner) == {}


def test_a_reversal_beside_payments_and_returns_keeps_the_books(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    number = paid(database, "90.00").document_no
    acts = [
        lambda: reversal_asked(database, number),
        lambda: paid(database, "150.00"),
        lambda: returned(database, done.invoice_number, Returned(1, 2)),
        lambda: paid(database, "30.00"),
    ]
    assert failures(together(4, lambda place: acts[place]())) == []
    assert balance(owner) == done.gross - 150 - 30 - 40
    assert broken_promises(owner) == {}
