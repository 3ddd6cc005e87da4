"""A statement is confirmed or disputed, answered and confirmed, whoever says what at once."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import text

from portal.disputes.rules import DisputeKind, Outcome
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.statements.content import canonical
from portal.statements.queries import TO_CONFIRM, count_statements, document, statements
from tests import cast
from tests.disputes.acts import (
    confirmed,
    decided,
    dispute,
    disputed,
    opened,
    resolved,
    said,
    standing,
    withdrawn,
)
from tests.ledger.acts import no_books_yet, paid
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, closed, statement_row

FINANCE, RIVAL, HQ = cast.huadong.finance, cast.yuegang.finance, cast.hq_finance


@pytest.fixture
def payment(database, owner) -> str:
    no_books_yet(owner)
    number = paid(database, "10.00", on=LAST_DAY).document_no
    closed(database)
    return number


@pytest.fixture
def number(owner, payment) -> str:
    return statement_row(owner).number


def content(database, number: str) -> bytes:
    with transaction(database.session_for(FINANCE.actor())) as session:
        return canonical(document(session, number=number, locale="en"))


def test_a_confirmation_signs_the_content_and_stands(database, owner, number):
    assert standing(database, number).state == "issued"
    sha256 = confirmed(database, number, " 陈志强 ")
    assert sha256 == hashlib.sha256(content(database, number)).hexdigest(), "in every language the same"
    answer = standing(database, number)
    assert (answer.state, answer.confirmation.name, answer.confirmation.sha256) == (
        "confirmed",
        "陈志强",
        sha256,
    )
    assert answer.confirmation.means["address"] == "127.0.0.1"
    assert "statement:confirmed" in audited(owner, number)
    with pytest.raises(Conflict, match="statement_confirmed"):
        confirmed(database, number)
    with pytest.raises(Conflict, match="statement_confirmed"):
        opened(database, number, disputed("PY-1"))
    for change in ("state = 'issued', confirmed_at = NULL", "signed_name = 'x'"):
        with (
            pytest.raises(Conflict, match="statement_confirmed"),
            transaction(database.session_for(HQ.actor())) as session,
        ):
            session.execute(text(f"UPDATE statement_answer SET {change}"))


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
def test_no_name_no_signature(database, number, name):
    with pytest.raises(Invalid) as refused:
        confirmed(database, number, name)
    assert [one.pointer for one in refused.value.faults] == ["/name"]
    assert standing(database, number).state == "issued"


def test_only_the_dealers_finance_answers_a_statement(database, number, payment):
    for by, error in ((RIVAL, NotFound), (cast.huadong.buyer, Forbidden), (HQ, Forbidden)):
        with pytest.raises(error):
            confirmed(database, number, by=by)
        with pytest.raises(error):
            opened(database, number, disputed(payment), by=by)
    ours = opened(database, number, disputed(payment))
    for act in (said, withdrawn):
        with pytest.raises(NotFound):
            act(database, ours, by=RIVAL)
    for by in (FINANCE, cast.huadong.boss):
        with pytest.raises(Forbidden):
            resolved(database, ours, decided(Outcome.STANDS), by=by)
    with pytest.raises(NotFound):
        dispute(database, ours, by=RIVAL)


def test_a_dispute_is_talked_about_and_answered_and_then_the_statement_confirmed(
    database, owner, number, payment
):
    ours = opened(database, number, disputed(payment, "4.00"), disputed("OUR-7", "9", DisputeKind.MISSING, 1))
    assert standing(database, number).state == "disputed"
    with pytest.raises(Conflict, match="statement_disputed"):
        confirmed(database, number)
    with pytest.raises(Conflict, match="statement_disputed"):
        opened(database, number, disputed(payment))
    said(database, ours, by=HQ)
    said(database, ours, "回单见附件", by=FINANCE)
    later = paid(database, "9.00", on=cast.TODAY).document_no
    resolved(database, ours, decided(Outcome.STANDS), decided(Outcome.DOCUMENT, later, 2))
    found = dispute(database, ours)
    assert [(one.outcome, one.correction) for one in found.lines] == [("stands", ""), ("document", later)]
    assert [(one.kind, one.is_staff) for one in found.entries] == [
        ("opened", False),
        ("message", True),
        ("message", False),
        ("resolved", True),
    ]
    assert (found.state, str(found.amount)) == ("resolved", "13.00")
    for act, by in ((said, FINANCE), (said, HQ), (withdrawn, FINANCE)):
        with pytest.raises(Conflict, match="dispute_over"):
            act(database, ours, by=by)
    assert standing(database, number).state == "resolved"
    confirmed(database, number)
    told = owner.execute(text("SELECT payload ->> 'event' FROM outbox WHERE payload ? 'event' ORDER BY id"))
    assert [one for one in told.scalars() if one.startswith("dispute.")] == [
        "dispute.opened",
        "dispute.answered",
        "dispute.said",
        "dispute.answered",
    ]


def test_a_payment_booked_wrongly_is_reversed_with_the_answer(database, owner, number, payment):
    ours = opened(database, number, disputed(payment, "10.00", DisputeKind.DUPLICATE))
    with pytest.raises(Conflict, match="approval_needed"):
        resolved(database, ours, decided(Outcome.REVERSED), alone_max="9.99")
    assert dispute(database, ours).state == "open", "nothing half-done"
    resolved(database, ours, decided(Outcome.REVERSED))
    assert dispute(database, ours).lines[0].correction == payment
    reversed_ones = owner.execute(
        text("SELECT document_no FROM journal_entry WHERE reverses_id IS NOT NULL")
    ).scalars()
    assert list(reversed_ones) == [payment]


def test_a_correction_is_a_document_of_this_dealers_books(database, number, payment):
    theirs = paid(database, "9.00", dealer=cast.yuegang, on=cast.TODAY).document_no
    ours = opened(database, number, disputed(payment))
    for named in (theirs, "PY-0", ""):
        with pytest.raises(Invalid) as refused:
            resolved(database, ours, decided(Outcome.DOCUMENT, named))
        assert [one.pointer for one in refused.value.faults] == ["/lines/0/correction"]


def test_what_is_reversed_is_a_payment_of_this_dealer_whatever_it_named(database, owner, number, payment):
    """A dealer writes numbers of missing documents freely: one of a rival's is never touched."""
    theirs = paid(database, "9.00", dealer=cast.yuegang, on=cast.TODAY).document_no
    ours = opened(database, number, disputed(theirs, "9.00", DisputeKind.MISSING))
    with pytest.raises(Invalid) as refused:
        resolved(database, ours, decided(Outcome.REVERSED))
    assert [(one.pointer, one.code) for one in refused.value.faults] == [
        ("/lines/0/outcome", "not_a_payment")
    ]
    assert not owner.execute(text("SELECT FROM journal_entry WHERE reverses_id IS NOT NULL")).all()
    with pytest.raises(Invalid) as refused:
        resolved(database, ours, decided(Outcome.DOCUMENT, theirs))
    assert [one.pointer for one in refused.value.faults] == ["/lines/0/correction"]


def test_what_is_taken_back_may_be_disputed_again(database, number, payment):
    withdrawn(database, opened(database, number, disputed(payment)))
    assert standing(database, number).state == "resolved"
    opened(database, number, disputed(payment))
    assert standing(database, number).state == "disputed"


def test_of_confirmations_and_disputes_at_once_one_is_heard(database, owner, number, payment):
    acts = [
        lambda: confirmed(database, number),
        lambda: opened(database, number, disputed(payment)),
        lambda: confirmed(database, number, by=cast.huadong.boss),
        lambda: opened(database, number, disputed(payment), by=cast.huadong.boss),
    ]
    refused = failures(together(4, lambda place: acts[place]()))
    assert len(refused) == 3 and all(isinstance(one, Conflict) for one in refused)
    disputes = owner.execute(text("SELECT count(*) FROM dispute")).scalar_one()
    assert standing(database, number).state == ("disputed" if disputes else "confirmed")


def test_of_an_answer_and_a_withdrawal_at_once_one_counts(database, owner, number, payment):
    ours = opened(database, number, disputed(payment, "10.00"))
    acts = [
        lambda: withdrawn(database, ours),
        lambda: resolved(database, ours, decided(Outcome.REVERSED)),
        lambda: resolved(database, ours, decided(Outcome.REVERSED)),
    ]
    refused = failures(together(3, lambda place: acts[place]()))
    assert len(refused) == 2 and all(isinstance(one, Conflict) for one in refused)
    reversals = owner.execute(
        text("SELECT count(*) FROM journal_entry WHERE reverses_id IS NOT NULL")
    ).scalar_one()
    assert reversals == (dispute(database, ours).state == "resolved")


def test_lists_know_what_is_to_be_confirmed(database, number, payment):
    def listed(state: str) -> int:
        with transaction(database.session_for(FINANCE.actor())) as session:
            page = statements(session, dealer_id=cast.huadong.id, state=state)
            count = count_statements(session, dealer_id=cast.huadong.id, state=state)
            assert len(page.items) == count
            return count

    assert (listed(TO_CONFIRM), listed("issued"), listed("confirmed")) == (1, 1, 0)
    ours = opened(database, number, disputed(payment))
    assert (listed(TO_CONFIRM), listed("disputed")) == (0, 1)
    withdrawn(database, ours)
    assert (listed(TO_CONFIRM), listed("resolved")) == (1, 1)
    confirmed(database, number)
    assert (listed(TO_CONFIRM), listed("confirmed")) == (0, 1)
