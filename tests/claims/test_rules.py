"""Who signs which claim, until when, for how much, and what looks odd: by values alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.claims import life
from portal.claims.entry import ClaimEntry, EvidenceInvoice, ProtectedLine, entry_faults
from portal.claims.life import LIFE, ClaimAct, ClaimState
from portal.claims.rules import (
    AMOUNT_MAX,
    Approver,
    Ceiling,
    ChainStep,
    ClaimKind,
    Doubt,
    Facts,
    Treatment,
    chain_faults,
    chain_for,
    deadline,
    doubts,
    granted,
    reason_of,
    working_days,
)
from portal.kernel.errors import Conflict, Invalid

TODAY = date(2026, 11, 20)
MANAGER, FINANCE = Approver.CHANNEL_MANAGER, Approver.HQ_FINANCE
CHAIN = (ChainStep(D(0), MANAGER), ChainStep(D(10000), FINANCE), ChainStep(D(100000), FINANCE))
amounts = st.decimals("0.01", 999999, places=2)


def told(faults):
    """Codes by field, of faults that say in whole sentences what is wrong and what to do."""
    for fault in faults:
        sentence = f"{fault.message} {fault.fix}" % fault.params
        assert sentence.count(".") >= 2 and fault.fix and "None" not in sentence, fault
    return {fault.pointer: fault.code for fault in faults}


@pytest.mark.parametrize(
    ("asked", "signers"),
    [
        ("0.01", (MANAGER,)),
        ("10000.00", (MANAGER,)),
        ("10000.01", (MANAGER, FINANCE)),
        ("100000.00", (MANAGER, FINANCE)),
        ("100000.01", (MANAGER, FINANCE, FINANCE)),
    ],
)
def test_the_more_is_asked_the_more_sign(asked, signers):
    assert chain_for(CHAIN, D(asked)) == signers


@given(amounts, amounts)
def test_nobody_signs_less_for_more(one, other):
    less, more = sorted((one, other))
    assert chain_for(CHAIN, more)[: len(chain_for(CHAIN, less))] == chain_for(CHAIN, less)


@pytest.mark.parametrize(
    ("steps", "pointer", "code"),
    [
        ((), "/steps", "steps"),
        ((ChainStep(D(5), MANAGER),), "/steps/0/above", "first_step"),
        ((ChainStep(D(0), MANAGER), ChainStep(D(-1), FINANCE)), "/steps/1/above", "falling"),
        ((*CHAIN, ChainStep(D(99), FINANCE)), "/steps/3/above", "falling"),
        ((ChainStep(D(0), MANAGER), ChainStep(AMOUNT_MAX, FINANCE)), "/steps/1/above", "falling"),
        ((ChainStep(D(0), MANAGER),) * 7, "/steps", "steps"),
    ],
)
def test_a_chain_without_a_beginning_or_with_a_fall_is_refused_at_its_step(steps, pointer, code):
    assert told(chain_faults(steps)) == {pointer: code}


def test_a_chain_may_have_six_steps_from_the_same_amount_on():
    assert not chain_faults(CHAIN) and not chain_faults((ChainStep(D(0), MANAGER),) * 6)


def test_a_claim_is_decided_within_days_of_its_kind_and_later_with_more_signatures():
    assert working_days(ClaimKind.PERIOD, 1) == 3
    assert working_days(ClaimKind.PERIOD, 3) == 7
    assert working_days(ClaimKind.TENDER, 1) == 5
    assert deadline(date(2026, 9, 30)) == date(2026, 12, 29)


def ceiling(**said):
    usual = {
        "kind": ClaimKind.PERIOD,
        "asked": D(500),
        "allowed": D(500),
        "calculated": D(400),
        "is_last": True,
        "with_finance": True,
    }
    return Ceiling(**usual | said)


@given(st.none() | amounts, amounts, st.booleans())
def test_never_more_is_granted_than_was_allowed(amount, allowed, is_last):
    bound = ceiling(asked=D(10**6), allowed=allowed, calculated=None, is_last=is_last)
    try:
        assert 0 < granted(amount, "why", bound) <= allowed
    except Invalid:
        assert amount is not None and amount > allowed


def test_less_and_more_than_calculated_need_a_reason_and_more_needs_finance():
    assert granted(D(300), "cap", ceiling()) == 300
    for amount in (D(300), None):
        with pytest.raises(Invalid) as refused:
            granted(amount, "", ceiling())
        assert told(refused.value.faults) == {"/reason": "reason_missing"}
    assert granted(None, "agreed by phone", ceiling()) == 500
    assert granted(None, "", ceiling(calculated=D(500), with_finance=False)) == 500
    with pytest.raises(Conflict) as refused:
        granted(None, "agreed by phone", ceiling(with_finance=False))
    assert (refused.value.code, refused.value.params) == ("above_calculated", {"calculated": D(400)})
    assert granted(None, "", ceiling(is_last=False, with_finance=False)) == 500
    assert granted(None, "", ceiling(kind=ClaimKind.TENDER)) == 500


@pytest.mark.parametrize("amount", ["0", "-1", "500.01"])
def test_nothing_and_more_than_was_asked_is_no_approval(amount):
    with pytest.raises(Invalid) as refused:
        granted(D(amount), "why", ceiling())
    assert told(refused.value.faults) == {"/amount": "amount"}


def facts(**said):
    usual = {
        "kind": ClaimKind.MARKETING,
        "asked": D(5),
        "calculated": D(5),
        "files": 1,
        "days": [TODAY],
        "first_day": TODAY,
        "ended_on": TODAY,
        "submitted_on": TODAY,
        "overdue": D(0),
        "alike": 0,
    }
    return Facts(**usual | said)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ()),
        ({"asked": D("5.01")}, (Doubt.ABOVE_CALCULATED,)),
        ({"calculated": None}, ()),
        ({"files": 0}, (Doubt.NO_EVIDENCE,)),
        ({"files": 0, "kind": ClaimKind.PERIOD}, ()),
        ({"days": [TODAY + timedelta(days=1)]}, (Doubt.EVIDENCE_OUTSIDE,)),
        ({"days": [TODAY - timedelta(days=1)]}, (Doubt.EVIDENCE_OUTSIDE,)),
        ({"overdue": D("0.01"), "alike": 1}, (Doubt.DEALER_OVERDUE, Doubt.ALIKE)),
        ({"submitted_on": TODAY + timedelta(days=60)}, ()),
        ({"submitted_on": TODAY + timedelta(days=61)}, (Doubt.LATE,)),
    ],
)
def test_what_looks_odd_is_named(said, found):
    assert doubts(facts(**said)) == found


def invoice(number="1", on=TODAY, amount="5", issuer="A"):
    return EvidenceInvoice(issuer, number, on, D(amount))


def entry(**said):
    usual = {
        "kind": ClaimKind.MARKETING,
        "amount": D(5),
        "activity": "AC-1",
        "first_day": TODAY,
        "last_day": TODAY,
        "invoices": (invoice(),),
    }
    return ClaimEntry(**usual | said)


def found(said):
    return told(entry_faults(said, TODAY))


def test_a_whole_claim_of_each_kind_has_no_fault():
    line = ProtectedLine("GLOVES", 3, D(10), D(8))
    assert found(entry()) == {}
    assert found(ClaimEntry(kind=ClaimKind.PERIOD, programme="FL", period="2026-10")) == {}
    assert found(ClaimEntry(kind=ClaimKind.PRICE_PROTECTION, last_day=TODAY, lines=(line,))) == {}
    assert found(ClaimEntry(kind=ClaimKind.SAMPLES, amount=D(5), note="12 sets")) == {}
    tender = ClaimEntry(kind=ClaimKind.TENDER, amount=D(5), hospital="H", tender_reference="T")
    assert found(tender) == {}


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"amount": None}, {"/amount": "missing"}),
        ({"amount": D(0)}, {"/amount": "amount"}),
        ({"amount": D(10**9)}, {"/amount": "amount"}),
        ({"amount": D("5.01")}, {"/amount": "not_covered"}),
        ({"activity": " "}, {"/activity": "missing"}),
        ({"invoices": ()}, {"/invoices": "missing"}),
        ({"first_day": None, "last_day": None}, {"/from": "missing", "/to": "missing"}),
        ({"programme": "FL"}, {"/programme": "not_of_this_kind"}),
        ({"note": "x" * 501}, {"/note": "too_long"}),
        ({"activity": "a\x00b"}, {"/activity": "unprintable"}),
        ({"first_day": TODAY + timedelta(days=1)}, {"/to": "before_first", "/invoices/0/date": "outside"}),
        ({"last_day": TODAY + timedelta(days=1)}, {"/to": "future"}),
        ({"invoices": (invoice(), invoice(" １ "))}, {"/invoices/1/number": "twice"}),
        ({"invoices": (invoice(on=TODAY + timedelta(days=1)),)}, {"/invoices/0/date": "future"}),
        ({"invoices": (invoice(on=TODAY - timedelta(days=1)),)}, {"/invoices/0/date": "outside"}),
        ({"invoices": (invoice(on=TODAY - timedelta(days=366)),)}, {"/invoices/0/date": "too_old"}),
        ({"invoices": (invoice(""), invoice("2"))}, {"/invoices/0/number": "missing"}),
        ({"invoices": (invoice(amount="0"), invoice("2"))}, {"/invoices/0/amount": "amount"}),
    ],
)
def test_each_fault_stands_at_its_field(said, faults):
    assert found(entry(**said)) == faults


def test_an_invoice_may_come_after_the_activity_but_not_for_ever():
    begun = TODAY - timedelta(days=90)
    assert found(entry(first_day=begun, last_day=TODAY - timedelta(days=60))) == {}
    late = entry(first_day=begun, last_day=TODAY - timedelta(days=61))
    assert found(late) == {"/invoices/0/date": "outside"}


def test_every_fault_of_price_protection_is_told_at_once():
    lines = (
        ProtectedLine("A", 0, D(10), D(8)),
        ProtectedLine("A", 1, D(8), D(8)),
        ProtectedLine("B", 10**9, D(9), D(8)),
    )
    said = ClaimEntry(kind=ClaimKind.PRICE_PROTECTION, lines=lines, treatment=Treatment.SERVICE)
    assert found(said) == {
        "/treatment": "price_reduction",
        "/cut_on": "missing",
        "/lines/0/quantity": "quantity",
        "/lines/1/sku": "twice",
        "/lines/1/new_price": "not_cut",
        "/lines/2/quantity": "quantity",
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("A", "12 34"), ("ａ", "1２34"), True),
        (("A", "1234"), ("B", "1234"), False),
        (("A", "24317000000012345678"), ("B", "2431 7000 0000 1234 5678"), True),
        (("甲 公司", "ab-1"), ("甲公司", "AB-1"), True),
        (("A", "24317000000012345678"), ("B", "No. 2431-7000-0000-1234-5678"), True),
        (("A", "1234"), ("A.", "12-34\ufe00"), True),
    ],
)
def test_the_same_invoice_is_the_same_however_it_is_written(one, other, same):
    marks = {EvidenceInvoice(*said, TODAY, D(1)).mark for said in (one, other)}
    assert (len(marks) == 1) is same


def test_a_state_has_a_way_on_until_it_has_ended():
    ends = {ClaimState.PAID, ClaimState.REJECTED, ClaimState.WITHDRAWN}
    assert {state for state in ClaimState if not life.acts(state)} == ends
    for state in ClaimState:
        for act in ClaimAct:
            if (state, act) in LIFE:
                assert life.after(state, act) == LIFE[state, act]
            else:
                with pytest.raises(Conflict):
                    life.after(state, act)


@pytest.mark.parametrize("written", ["", "  ", "x" * 501, "a\x00"])
def test_a_reason_says_something(written):
    with pytest.raises(Invalid) as refused:
        reason_of(written, required=True)
    assert set(told(refused.value.faults)) == {"/reason"}
    assert reason_of(" ok ", required=True) == "ok" and reason_of(" ", required=False) == ""
    long = "行" * 250 + "\r\n" + "x" * 248
    assert reason_of(long, required=True) == long
