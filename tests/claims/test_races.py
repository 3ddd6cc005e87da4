"""What two people do to claims at the same instant: one of them wins, and the other is told so."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.claims.rules import Decision
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from tests import cast
from tests.checks.acts import found
from tests.claims.acts import (
    CLAIMANT,
    FINANCE,
    MANAGER,
    SECOND,
    a_file,
    a_programme,
    an_invoice,
    batch,
    claimed,
    decided,
    drafted,
    expenses,
    of_period,
    seen,
    submitted,
    withdrawn,
)
from tests.races import failures, together

RIVAL = cast.yuegang.finance


def notes_of(owner, number) -> int:
    query = text("SELECT count(*) FROM rebate_note WHERE source = :number")
    return owner.execute(query, {"number": number}).scalar_one()


def test_two_approvers_at_once_sign_one_step_once_and_pay_once(database, owner):
    number = claimed(database, expenses())
    people = (MANAGER, cast.national_manager)
    outcomes = together(2, lambda place: decided(database, number, by=people[place]))
    [lost] = failures(outcomes)
    assert isinstance(lost, Conflict) and lost.code == "not_waiting"
    found_ = seen(database, number)
    assert [step.act for step in found_.steps] == ["submitted", "approved", "paid"]
    assert notes_of(owner, number) == 1


def test_two_of_finance_at_once_sign_two_different_steps(database):
    entry = expenses("200000.00", invoices=(an_invoice(amount="200000.00"),))
    number = claimed(database, entry)
    decided(database, number)
    people = (FINANCE, SECOND)
    outcomes = together(2, lambda place: decided(database, number, by=people[place]))
    assert not failures(outcomes) and seen(database, number).state == "paid"


def test_the_same_person_twice_at_once_signs_once(database):
    entry = expenses("200000.00", invoices=(an_invoice(amount="200000.00"),))
    number = claimed(database, entry)
    decided(database, number)
    [lost] = failures(together(2, lambda _: decided(database, number, by=FINANCE)))
    assert isinstance(lost, Forbidden) and lost.code == "signed_already"


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_and_the_withdrawal_exclude_each_other_unless_it_came_back(database, owner, decision):
    number = claimed(database, expenses())
    acts = (
        lambda: decided(database, number, decision, reason="why"),
        lambda: withdrawn(database, number),
    )
    lost = failures(together(2, lambda place: acts[place]()))
    assert all(isinstance(one, Conflict) for one in lost)
    assert len(lost) == 1 or (decision is Decision.RETURN and not lost)
    assert notes_of(owner, number) == (seen(database, number).state == "paid")


def test_a_double_click_submits_once(database):
    number = drafted(database, expenses()).number
    [lost] = failures(together(2, lambda _: submitted(database, number)))
    assert isinstance(lost, Conflict) and lost.code == "not_writable"
    assert [step.act for step in seen(database, number).steps] == ["submitted"]


def test_one_period_is_claimed_once_by_two_colleagues_at_once(given, database):
    programme = a_programme(given, database)
    people = (CLAIMANT, cast.huadong.boss)
    lost = failures(together(2, lambda place: drafted(database, of_period(programme), by=people[place])))
    assert len(lost) == 1 and isinstance(lost[0], Conflict) and lost[0].code == "already_claimed"


def test_the_same_evidence_of_two_dealers_at_once_counts_for_one_and_tells_nothing(database, tmp_path):
    mine = expenses(files=(a_file(database, tmp_path),))
    copy = a_file(database, tmp_path, dealer=cast.yuegang, name="other.pdf")
    claims = (
        (drafted(database, mine).number, CLAIMANT),
        (drafted(database, expenses(files=(copy,)), by=RIVAL).number, RIVAL),
    )
    outcomes = together(2, lambda place: submitted(database, claims[place][0], by=claims[place][1]))
    [lost] = failures(outcomes)
    assert isinstance(lost, Invalid)
    assert {fault.code for fault in lost.faults} == {"invoice_used", "file_used"}
    told = " ".join(f"{one.message}{one.fix}{one.params}" for one in lost.faults)
    assert not any(word in told for word in ("huadong", "yuegang", *(number for number, _ in claims)))


def test_two_dealers_with_each_others_invoices_never_wait_crosswise(database):
    one, other = an_invoice("A"), an_invoice("B")
    for _ in range(3):
        claims = (
            (drafted(database, expenses(invoices=(one, other))).number, CLAIMANT),
            (drafted(database, expenses(invoices=(other, one)), by=RIVAL).number, RIVAL),
        )
        outcomes = together(2, lambda place, of=claims: submitted(database, of[place][0], by=of[place][1]))
        [lost] = failures(outcomes)
        assert isinstance(lost, Invalid)
        for number, who in claims:
            withdrawn(database, number, by=who)


def test_two_batches_at_once_grant_each_claim_once(database, owner, tmp_path):
    numbers = [
        claimed(
            database,
            expenses(
                f"{100 + n}.00",
                invoices=(an_invoice(f"N{n}", f"{100 + n}.00"),),
                files=(a_file(database, tmp_path, f"text {n}"),),
            ),
        )
        for n in range(3)
    ]
    people = (MANAGER, cast.national_manager)
    outcomes = together(2, lambda place: batch(database, *numbers[:: 1 - 2 * place], by=people[place]))
    assert not [one for one in outcomes if isinstance(one, DomainError)]
    granted = [one.number for outcome in outcomes for one in outcome if one.decided]
    assert sorted(granted) == sorted(numbers)
    assert [notes_of(owner, number) for number in numbers] == [1, 1, 1]
    assert not found(database)
