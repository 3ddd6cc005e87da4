"""A claim from the dealer's desk to its last signature."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.claims.chains import chain_of, decide_chain, propose_chain
from portal.claims.entry import ClaimEntry
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.queries import claims
from portal.claims.rules import Approver, ChainStep, ClaimKind, Decision, Doubt
from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.claims.acts import (
    CLAIMANT,
    FINANCE,
    LAST_MONTH,
    MANAGER,
    SECOND,
    a_file,
    a_programme,
    an_invoice,
    as_,
    batch,
    claimed,
    decided,
    drafted,
    edited,
    expenses,
    of_period,
    seen,
    submitted,
    withdrawn,
)
from tests.ledger.acts import delivered
from tests.rebates import acts as rebates

RIVAL = cast.yuegang.finance


def faults(refused) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in refused.value.faults}


def events(owner, number):
    query = text("SELECT action FROM audit_event WHERE subject = :number ORDER BY id")
    return [name.partition(":")[2] for name in owner.execute(query, {"number": number}).scalars()]


def test_a_period_is_prefilled_with_what_was_earned_and_signed_by_the_regions_manager(given, database, owner):
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme))
    found = seen(database, number)
    assert (found.asked, found.calculated, found.state) == (D("16.00"), D("16.00"), "submitted")
    assert found.acts == {ClaimAct.WITHDRAW} and not found.doubts
    made = decided(database, number)
    assert made.approved == D("16.00")
    assert [step.act for step in seen(database, number).steps][:2] == ["submitted", "approved"]
    assert events(owner, number)[:3] == ["drafted", "submitted", "approved"]


def test_a_claim_is_due_in_working_days_across_a_holiday_with_a_worked_saturday(database, owner):
    """Five working days after 30 September 2026: off until the 7th, and Saturday the 10th is worked."""
    days = {"first_day": date(2026, 9, 1), "last_day": date(2026, 9, 20)}
    number = drafted(database, expenses(**days, invoices=(an_invoice(on=date(2026, 9, 10)),))).number
    submitted(database, number, today=date(2026, 9, 30))
    query = text("SELECT due_at, remind_at FROM rebate_claim WHERE number = :number")
    due, reminded = owner.execute(query, {"number": number}).one()
    assert due == clock.start_of(date(2026, 10, 14), cast.ZONE)
    assert reminded == clock.start_of(date(2026, 10, 12), cast.ZONE)


def test_above_ten_thousand_finance_signs_too_and_above_a_hundred_thousand_a_second_one(database):
    entry = expenses("100000.01", invoices=(an_invoice(amount="100000.01"),))
    number = claimed(database, entry)
    with pytest.raises(Forbidden, match="not_your_step"):
        decided(database, number, by=FINANCE)
    assert decided(database, number).state is ClaimState.IN_APPROVAL
    with pytest.raises(Forbidden, match="signed_already"):
        decided(database, number)
    assert decided(database, number, by=FINANCE).state is ClaimState.IN_APPROVAL
    with pytest.raises(Forbidden, match="signed_already"):
        decided(database, number, by=FINANCE)
    assert seen(database, number, by=FINANCE).acts == frozenset()
    assert ClaimAct.APPROVE in seen(database, number, by=SECOND).acts
    assert decided(database, number, by=SECOND).approved == D("100000.01")


def test_whoever_wrote_it_never_signs_it(database, owner):
    number = claimed(database, expenses())
    owner.execute(
        text("UPDATE rebate_claim SET written_by = written_by || CAST(:key AS text) WHERE number = :number"),
        {"key": MANAGER.actor().key, "number": number},
    )
    with pytest.raises(Forbidden, match="same_person"):
        decided(database, number)
    with pytest.raises(DBAPIError, match="other_person"):
        owner.execute(
            text(
                "UPDATE rebate_claim SET state = 'approved', approved = 1, approved_by = :key"
                " WHERE number = :number"
            ),
            {"key": MANAGER.actor().key, "number": number},
        )


def test_another_regions_manager_and_the_rival_find_nothing(database):
    number = claimed(database, expenses())
    for who in (cast.south_manager, RIVAL):
        with pytest.raises(NotFound):
            seen(database, number, by=who)
    with pytest.raises(NotFound):
        decided(database, number, by=cast.south_manager)
    with pytest.raises(NotFound):
        withdrawn(database, number, by=RIVAL)
    with pytest.raises(Forbidden):
        withdrawn(database, number, by=cast.huadong.buyer)
    assert seen(database, number, by=cast.huadong.buyer).acts == frozenset()


def test_a_draft_is_the_dealers_alone(database):
    number = drafted(database, expenses()).number
    with pytest.raises(NotFound):
        seen(database, number, by=MANAGER)
    assert not as_(database, MANAGER, claims, today=cast.TODAY).items
    assert [one.number for one in as_(database, CLAIMANT, claims, today=cast.TODAY).items] == [number]
    edited(database, number, expenses(note="more"), revision=1)
    with pytest.raises(Conflict, match="edited_meanwhile"):
        edited(database, number, expenses(), revision=1)
    submitted(database, number)
    with pytest.raises(Conflict, match="not_writable"):
        submitted(database, number)
    assert [one.next_approver for one in as_(database, MANAGER, claims, today=cast.TODAY).items] == [
        "channel_manager"
    ]


def test_less_is_granted_with_a_reason_and_never_more_again(database):
    entry = expenses("20000.00", invoices=(an_invoice(amount="20000.00"),))
    number = claimed(database, entry)
    with pytest.raises(Invalid) as refused:
        decided(database, number, amount="15000.00")
    assert faults(refused) == {"/reason": "reason_missing"}
    with pytest.raises(Invalid) as refused:
        decided(database, number, amount="20000.01")
    assert faults(refused) == {"/amount": "amount"}
    decided(database, number, amount="15000.00", reason="half of the stand")
    with pytest.raises(Invalid):
        decided(database, number, amount="15000.01", by=FINANCE)
    assert decided(database, number, by=FINANCE).approved == D("15000.00")
    assert seen(database, number).decision_note == "half of the stand"


def test_what_comes_back_is_completed_and_signed_anew_by_everybody(database):
    entry = expenses("20000.00", invoices=(an_invoice(amount="20000.00"),))
    number = claimed(database, entry)
    decided(database, number)
    with pytest.raises(Invalid):
        decided(database, number, Decision.RETURN, by=FINANCE)
    decided(database, number, Decision.RETURN, by=FINANCE, reason="the contract is missing")
    found = seen(database, number)
    assert found.state == "returned" and {ClaimAct.EDIT, ClaimAct.SUBMIT} <= found.acts
    edited(database, number, expenses("9000.00", invoices=(an_invoice("2", "9000.00"),)))
    submitted(database, number)
    found = seen(database, number)
    assert (found.round, found.chain, found.place) == (2, ("channel_manager",), 0)
    assert decided(database, number).approved == D("9000.00")
    withdrawn_invoice = expenses("20000.00", invoices=(an_invoice(amount="20000.00"),))
    assert claimed(database, withdrawn_invoice)


def test_a_claim_that_ended_without_money_frees_its_evidence_and_its_period(given, database, owner, tmp_path):
    programme = a_programme(given, database)
    first = claimed(database, of_period(programme))
    with pytest.raises(Conflict, match="already_claimed"):
        drafted(database, of_period(programme))
    withdrawn(database, first)
    second = claimed(database, of_period(programme))
    decided(database, second, Decision.REJECT, reason="not agreed")
    assert claimed(database, of_period(programme))
    spent = claimed(database, expenses())
    withdrawn(database, spent)
    assert claimed(database, expenses())
    for number in (first, second):
        with pytest.raises(DBAPIError, match="never changes"):
            owner.execute(text("UPDATE rebate_claim SET asked = 1 WHERE number = :n"), {"n": number})
        with pytest.raises(Conflict):
            withdrawn(database, number)


def test_an_approved_claim_is_neither_withdrawn_nor_decided_again(database):
    number = claimed(database, expenses())
    decided(database, number)
    with pytest.raises(Conflict, match="decided"):
        withdrawn(database, number)
    for decision in Decision:
        with pytest.raises(Conflict, match="not_waiting"):
            decided(database, number, decision, by=cast.national_manager, reason="again")


def test_a_period_is_claimed_when_it_is_over_and_not_for_ever(given, database):
    programme = a_programme(given, database)
    delivered(given, database, {cast.gloves: 5})
    rebates.reckoned(database)
    running = drafted(database, of_period(programme, period=cast.TODAY.strftime("%Y-%m"))).number
    with pytest.raises(Conflict, match="not_ended"):
        submitted(database, running)
    over = drafted(database, of_period(programme)).number
    last_day = seen(database, over).entry.last_day
    with pytest.raises(Conflict, match="too_late"):
        submitted(database, over, today=last_day + timedelta(days=91))
    assert submitted(database, over, today=last_day + timedelta(days=90)).state is ClaimState.SUBMITTED


def test_what_was_not_earned_is_not_claimed(given, database):
    programme = a_programme(given, database)
    for name, period in (("FL-NONE", LAST_MONTH), (programme, "1999-01")):
        with pytest.raises(Invalid) as refused:
            drafted(database, of_period(name, "10.00", period=period))
        assert faults(refused) == {"/period": "unknown_period"}


def test_more_than_was_calculated_needs_finance_in_the_chain(given, database):
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme, "20.00"))
    assert seen(database, number, by=MANAGER).doubts == (Doubt.ABOVE_CALCULATED,)
    with pytest.raises(Conflict, match="above_calculated"):
        decided(database, number, reason="agreed")
    assert decided(database, number, amount="16.00", reason="as calculated").approved == D("16.00")


def test_what_was_earned_since_is_shown_as_changed_and_counts_at_the_decision(given, database, owner):
    programme = a_programme(given, database)
    number = claimed(database, of_period(programme))
    owner.execute(text("UPDATE rebate_accrual SET accrued = 12.00 WHERE period = :p"), {"p": LAST_MONTH})
    found = seen(database, number, by=MANAGER)
    assert (found.calculated, found.calculated_now, found.has_changed) == (D("16.00"), D("12.00"), True)
    with pytest.raises(Conflict, match="above_calculated"):
        decided(database, number)
    decided(database, number, amount="12.00", reason="returns came in")
    assert seen(database, number).calculated == D("12.00")


def test_the_same_invoice_or_file_counts_once_whoever_claims_and_nothing_is_said_of_whom(database, tmp_path):
    entry = expenses(files=(a_file(database, tmp_path),))
    number = claimed(database, entry)
    again = a_file(database, tmp_path, dealer=cast.yuegang, name="b.pdf")
    theirs = expenses(invoices=(an_invoice(" ２4310000 ", issuer="上海会展服务 有限公司"),), files=(again,))
    copy = drafted(database, theirs, by=RIVAL).number
    with pytest.raises(Invalid) as refused:
        submitted(database, copy, by=RIVAL)
    assert faults(refused) == {"/invoices/0/number": "invoice_used", "/evidence/0": "file_used"}
    said = " ".join(f"{fault.message} {fault.fix} {fault.params}" for fault in refused.value.faults)
    assert number not in said and "huadong" not in said
    withdrawn(database, number)
    assert submitted(database, copy, by=RIVAL).state is ClaimState.SUBMITTED


def test_files_that_are_nobodys_and_files_twice_are_told_at_their_place(database, tmp_path):
    one, same = (a_file(database, tmp_path, name=name) for name in ("a.pdf", "b.pdf"))
    with pytest.raises(Invalid) as refused:
        drafted(database, expenses(files=(one, "FI2611-00000000A")))
    assert faults(refused) == {"/evidence/1": "unknown_file"}
    number = drafted(database, expenses(files=(one, same))).number
    with pytest.raises(Invalid) as refused:
        submitted(database, number)
    assert faults(refused) == {"/evidence/1": "twice"}


def test_what_a_submitted_claim_rests_on_stays(database, owner):
    number = claimed(database, expenses())
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("DELETE FROM rebate_claim_invoice"))
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(
            text(
                "INSERT INTO rebate_claim_invoice"
                " SELECT dealer_id, claim_id, 9, issuer, 'B', issued_on, amount FROM rebate_claim_invoice"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"):
        owner.execute(text("DELETE FROM rebate_claim_step"))
    assert seen(database, number).entry.invoices


def proposed_chain(database, *steps, by=FINANCE, revision=1, reason="audit of the year") -> None:
    about = {"kind": ClaimKind.MARKETING, "revision": revision, "reason": reason, "at": cast.NOW}
    as_(database, by, propose_chain, steps=steps, **about)


def decided_chain(database, *, by=SECOND, approve=True, note="") -> None:
    as_(database, by, decide_chain, kind=ClaimKind.MARKETING, approve=approve, note=note, at=cast.NOW)


ONE, TWO = ChainStep(D(0), Approver.CHANNEL_MANAGER), ChainStep(D(0), Approver.HQ_FINANCE)


def test_a_chain_is_changed_by_two_people_for_claims_to_come_alone(database, owner):
    before = claimed(database, expenses())
    with pytest.raises(Forbidden):
        proposed_chain(database, ONE, TWO, by=MANAGER)
    proposed_chain(database, ONE, TWO)
    with pytest.raises(Conflict, match="proposal_waits"):
        proposed_chain(database, ONE, by=SECOND)
    with pytest.raises(Forbidden):
        decided_chain(database, by=FINANCE)
    with database.staff_session(FINANCE.actor()) as session:
        assert len(chain_of(session, ClaimKind.MARKETING).steps) == 3
    decided_chain(database)
    with pytest.raises(Conflict, match="edited_meanwhile"):
        proposed_chain(database, ONE)
    assert decided(database, before).approved
    after = claimed(database, expenses(invoices=(an_invoice("2"),)))
    assert seen(database, after).chain == ("channel_manager", "hq_finance")
    assert decided(database, after).approved is None
    with database.staff_session(FINANCE.actor()) as session:
        assert len(chain_of(session, ClaimKind.TENDER).steps) == 3
    assert events(owner, "marketing") == ["proposed", "set"]
    with pytest.raises(DBAPIError, match="stands"):
        owner.execute(text("UPDATE claim_chain_change SET state = 'rejected'"))


def test_other_steps_are_refused_with_a_reason_and_proposed_again(database):
    with pytest.raises(Invalid) as refused:
        proposed_chain(database, reason=" ")
    assert {one.pointer for one in refused.value.faults} == {"/steps", "/reason"}
    with pytest.raises(NotFound):
        decided_chain(database)
    proposed_chain(database, ONE)
    with pytest.raises(Invalid):
        decided_chain(database, approve=False)
    decided_chain(database, approve=False, note="two of us shall sign")
    proposed_chain(database, ONE, TWO, by=SECOND)
    with database.staff_session(FINANCE.actor()) as session:
        found = chain_of(session, ClaimKind.MARKETING)
    assert len(found.steps) == 3 and found.waiting is not None and found.waiting.steps == (ONE, TWO)


def test_a_batch_grants_the_plain_ones_and_says_why_of_the_others(given, database, tmp_path):
    plain, second = (
        claimed(
            database,
            expenses(
                f"{2000 + n}.00",
                invoices=(an_invoice(f"P{n}", f"{2000 + n}.00"),),
                files=(a_file(database, tmp_path, f"text {n}"),),
            ),
        )
        for n in range(2)
    )
    bare = claimed(database, expenses("7000.00", invoices=(an_invoice("B", "7000.00"),)))
    tender = claimed(
        database, ClaimEntry(kind=ClaimKind.TENDER, amount=D(9), hospital="H", tender_reference="T")
    )
    others = claimed(database, expenses(invoices=(an_invoice("Y"),)), by=RIVAL)
    outcomes = batch(database, plain, bare, tender, others, second, plain)
    told = {one.number: [fault.code for fault in one.refusals] for one in outcomes}
    assert told == {
        plain: [],
        bare: ["no_evidence"],
        tender: ["no_evidence", "not_calculated"],
        others: ["not_found"],
        second: [],
    }
    assert [bool(one.decided) for one in outcomes] == [True, False, False, False, True]
    assert seen(database, bare).state == "submitted"
    again = batch(database, plain, by=cast.national_manager)
    assert [fault.code for fault in again[0].refusals] == ["not_waiting"]
    with pytest.raises(Forbidden):
        batch(database, plain, by=cast.quality)


def test_two_claims_over_the_same_amount_are_told_to_be_alike(database):
    for place in ("1", "2"):
        number = claimed(database, expenses(invoices=(an_invoice(place),)))
    assert Doubt.ALIKE in seen(database, number, by=MANAGER).doubts
    assert seen(database, number).doubts == ()


def test_mine_lists_what_the_reader_can_sign(database):
    first = claimed(database, expenses())
    high = claimed(database, expenses("20000.00", invoices=(an_invoice("2", "20000.00"),)))
    decided(database, high)

    def mine(who):
        return {one.number for one in as_(database, who, claims, today=cast.TODAY, state="mine").items}

    assert (mine(MANAGER), mine(FINANCE), mine(cast.south_manager)) == ({first}, {high}, set())


def test_headquarters_claims_nothing(database):
    with pytest.raises(Forbidden):
        drafted(database, expenses(), by=MANAGER)
    with pytest.raises(Forbidden):
        drafted(database, expenses(), by=cast.huadong.buyer)
