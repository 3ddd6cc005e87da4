"""Somebody signs in a colleague's name: for some days, never twice, never by a chain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.claims.delegate import can_stand_in, delegate_claims, delegations, end_delegation
from portal.claims.life import ClaimState
from portal.claims.queries import claims
from portal.kernel.errors import Forbidden, Invalid, NotFound
from tests import cast
from tests.claims.acts import FINANCE, MANAGER, SECOND, an_invoice, as_, claimed, decided, expenses, seen

TODAY = cast.TODAY


def delegated(database, by, to, *, since: date = TODAY, until: date = TODAY, reason: str = "leave") -> int:
    about = {"to": to.email, "from_day": since, "to_day": until, "reason": reason}
    return as_(database, by, delegate_claims, today=TODAY, at=cast.NOW, **about)


def high(database, number="1", amount="20000.00") -> str:
    return claimed(database, expenses(amount, invoices=(an_invoice(number, amount),)))


def test_the_delegate_signs_in_the_name_of_who_delegated_it_and_both_are_told(database):
    number = high(database)
    with pytest.raises(Forbidden, match="not_your_step"):
        decided(database, number, by=FINANCE)
    delegated(database, MANAGER, FINANCE)
    assert number in {one.number for one in as_(database, FINANCE, claims, today=TODAY, state="mine").items}
    assert decided(database, number, by=FINANCE).state is ClaimState.IN_APPROVAL
    step = seen(database, number).steps[-1]
    assert (step.acted_by_label, step.in_name_of_label) == (FINANCE.display_name, MANAGER.display_name)
    assert step.approver == "channel_manager"


def test_nobody_decides_twice_on_a_claim_in_whoever_s_name(database):
    number = high(database)
    delegated(database, MANAGER, FINANCE)
    decided(database, number, by=FINANCE)
    for who in (FINANCE, MANAGER):
        with pytest.raises(Forbidden, match="signed_already"):
            decided(database, number, by=who)
    assert decided(database, number, by=SECOND).state is ClaimState.PAID


def test_whoever_has_signed_lends_no_name_any_more(database):
    number = high(database, amount="200000.00")
    delegated(database, FINANCE, cast.national_manager)
    decided(database, number)
    decided(database, number, by=FINANCE)
    with pytest.raises(Forbidden, match="not_your_step"):
        decided(database, number, by=cast.national_manager)


def test_a_delegation_counts_on_its_days_and_until_it_is_ended(database):
    number = high(database)
    tomorrow = TODAY + timedelta(days=1)
    delegated(database, MANAGER, FINANCE, since=tomorrow, until=tomorrow)
    with pytest.raises(Forbidden):
        decided(database, number, by=FINANCE)
    made = delegated(database, MANAGER, FINANCE)
    with pytest.raises(NotFound):
        as_(database, FINANCE, end_delegation, delegation_id=made, at=cast.NOW)
    assert len(as_(database, FINANCE, delegations, today=TODAY)) == 2
    as_(database, MANAGER, end_delegation, delegation_id=made, at=cast.NOW)
    with pytest.raises(Forbidden):
        decided(database, number, by=FINANCE)
    assert [one.is_own for one in as_(database, MANAGER, delegations, today=TODAY)] == [True]


def test_what_was_delegated_is_not_handed_on(database):
    number = high(database)
    delegated(database, MANAGER, FINANCE)
    delegated(database, FINANCE, cast.national_colleague)
    decided(database, number, by=cast.national_manager)
    assert decided(database, number, by=cast.national_colleague).state is ClaimState.PAID
    other = high(database, "2")
    delegated(database, FINANCE, SECOND)
    with pytest.raises(Forbidden, match="not_your_step"):
        decided(database, other, by=SECOND)


def test_a_colleague_of_another_region_lends_no_name_for_this_dealer(database):
    number = high(database)
    delegated(database, cast.south_manager, FINANCE)
    with pytest.raises(Forbidden, match="not_your_step"):
        decided(database, number, by=FINANCE)


def test_a_delegation_names_a_colleague_who_sees_the_dealers_and_days_to_come(database):
    for to, days, pointers in (
        (cast.huadong.boss, (0, 0), {"/to"}),
        (cast.quality, (0, 0), {"/to"}),
        (MANAGER, (0, 0), {"/to"}),
        (cast.south_manager, (-1, 0), {"/to", "/from_day"}),
        (FINANCE, (1, 0), {"/to_day"}),
        (FINANCE, (0, 181), {"/to_day"}),
    ):
        first, last = (TODAY + timedelta(days=one) for one in days)
        with pytest.raises(Invalid) as refused:
            delegated(database, MANAGER, to, since=first, until=last)
        assert {fault.pointer for fault in refused.value.faults} == pointers


def test_a_delegation_says_why_and_is_made_by_who_signs(database):
    with pytest.raises(Invalid):
        delegated(database, MANAGER, FINANCE, reason=" ")
    for who in (cast.quality, cast.huadong.finance):
        with pytest.raises(Forbidden):
            delegated(database, who, FINANCE)
    names = {one.email for one in as_(database, MANAGER, can_stand_in)}
    assert FINANCE.email in names and cast.south_manager.email not in names and MANAGER.email not in names
