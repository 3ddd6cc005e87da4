"""Bookings of the bank matched with what dealers owe: certain ones by themselves, others by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.bank import queries
from portal.bank.reference import reference_of
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import Doubt
from tests import cast
from tests.bank.acts import (
    booked,
    bookings_of,
    matched,
    mt940,
    open_of,
    payments,
    put_aside,
    taken,
    taken_up,
    unmatched,
)
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, paid
from tests.races import failures, together
from tests.shipping.acts import audited

HUADONG = cast.huadong.name_zh


def states(database, number):
    return [one.state for one in bookings_of(database, number)]


def reason_of(owner) -> str:
    return owner.execute(text("SELECT reason FROM bank_match ORDER BY id DESC LIMIT 1")).scalar_one()


def test_the_dealers_reference_posts_by_itself(database, owner):
    told = f"货款 {reference_of(cast.huadong.code)}"
    file = taken(database, mt940(booked("80.00", told=told)))
    assert states(database, file.number) == ["matched"]
    assert payments(owner) == [(cast.huadong.id, Decimal("80.00"))]
    assert reason_of(owner) == "reference"
    assert audited(owner, file.number) == ["bank_file:taken"]
    assert broken_promises(owner) == {}


def test_one_file_posts_payments_of_several_dealers(database, owner):
    told = [reference_of(one.code) for one in (cast.yuegang, cast.huadong, cast.yuegang)]
    file = taken(database, mt940(*(booked("10.00", told=one) for one in told)))
    assert states(database, file.number) == ["matched"] * 3
    assert (balance(owner, cast.yuegang), balance(owner)) == (-20, -10)


def test_an_invoice_number_in_the_text_settles_that_invoice_first(given, database, owner):
    first = delivered(given, database, {cast.gloves: 10})
    second = delivered(given, database, {cast.gloves: 20})
    told = f"付{second.invoice_number.replace('-', '')}货款"
    taken(database, mt940(booked(str(second.gross), told=told)))
    assert (open_of(owner, first.invoice_number), open_of(owner, second.invoice_number)) == (first.gross, 0)
    assert reason_of(owner) == "invoice_numbers"


@pytest.mark.parametrize(
    "name", [HUADONG, "上海明德医疗器械有限责任公司", "上海明德 医疗器械有限公司", "明德医疗器械有限公司"]
)
def test_name_and_amount_post_by_themselves_where_the_name_is_whole(given, database, owner, name):
    done = delivered(given, database, {cast.gloves: 10})
    file = taken(database, mt940(booked(str(done.gross), party=name)))
    is_whole = "上海" in name
    assert states(database, file.number) == ["matched" if is_whole else "waiting"]
    assert open_of(owner, done.invoice_number) == (0 if is_whole else done.gross)


def test_one_booking_pays_several_invoices(given, database, owner):
    done = [delivered(given, database, {cast.gloves: quantity}) for quantity in (10, 20, 40)]
    total = done[0].gross + done[2].gross
    taken(database, mt940(booked(str(total), party=HUADONG)))
    assert [open_of(owner, one.invoice_number) for one in done] == [0, done[1].gross, 0]


def test_several_bookings_that_make_one_invoice_are_proposed_together(given, database):
    done = delivered(given, database, {cast.gloves: 10})
    half = done.gross / 2
    file = taken(
        database, mt940(booked(f"{half - 1:.2f}", party=HUADONG), booked(f"{half + 1:.2f}", party=HUADONG))
    )
    assert states(database, file.number) == ["waiting", "waiting"]
    rows = bookings_of(database, file.number)
    assert [matched(database, one).kind for one in rows] == ["posted", "posted"]


def test_a_name_alone_waits(database):
    file = taken(database, mt940(booked("77.00", party=HUADONG)))
    assert states(database, file.number) == ["waiting"]


def test_a_mistyped_reference_is_nobodys(database):
    said = reference_of(cast.huadong.code)
    wrong = said[:-1] + ("0" if said[-1] != "0" else "1")
    file = taken(database, mt940(booked("80.00", told=wrong)))
    assert states(database, file.number) == ["waiting"]


def test_a_reference_and_another_dealers_name_wait(database):
    file = taken(
        database,
        mt940(booked("80.00", told=reference_of(cast.huadong.code), party=cast.yuegang.name_zh)),
    )
    assert states(database, file.number) == ["waiting"]


def test_money_out_is_nothing_of_a_dealers(database):
    file = taken(database, mt940(booked("-80.00", party="某供应商")))
    assert states(database, file.number) == ["not_ours"]


def test_a_payment_that_was_booked_by_hand_is_found_and_not_posted_again(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    by_hand = paid(database, str(done.gross))
    file = taken(database, mt940(booked(str(done.gross), party=HUADONG)))
    [row] = bookings_of(database, file.number)
    assert row.state == "waiting"
    assert matched(database, row).payment_no == by_hand.document_no
    assert len(payments(owner)) == 1
    other = taken(database, mt940(booked(str(done.gross), party=HUADONG)))
    [row] = bookings_of(database, other.number)
    with pytest.raises(Conflict) as refusal:
        matched(database, row, payment=by_hand.document_no)
    assert refusal.value.code == "already_linked"


def test_the_same_file_twice_changes_nothing(database, owner):
    content = mt940(booked("80.00", told=reference_of(cast.huadong.code)), booked("7.00"))
    first = taken(database, content)
    again = taken(database, content)
    assert (again.number, again.is_repeat) == (first.number, True)
    assert len(payments(owner)) == 1


def test_two_files_that_overlap_by_a_day_bring_each_booking_once(database, owner):
    told = reference_of(cast.huadong.code)
    one, two, three = (booked(amount, told=told) for amount in ("10.00", "20.00", "30.00"))
    taken(database, mt940(one, two))
    second = taken(database, mt940(two, three, opening="1010.00"))
    assert second.new == 1
    assert [row.is_new for row in bookings_of(database, second.number)] == [False, True]
    assert [amount for _, amount in payments(owner)] == [Decimal("10.00"), Decimal("20.00"), Decimal("30.00")]


def test_what_another_file_tells_in_other_words_is_not_posted_twice(database, owner):
    told = reference_of(cast.huadong.code)
    taken(database, mt940(booked("80.00", told=told)))
    other = taken(database, mt940(booked("80.00", told=f"货款{told}")))
    assert (other.new, states(database, other.number)) == (1, ["waiting"])
    assert len(payments(owner)) == 1


def test_a_file_costs_as_many_statements_however_long_it_is(database, count_statements):
    counts = []
    for rows in (3, 400):
        content = mt940(*(booked(f"{10 + place}.00", party=f"公司{place % 50}") for place in range(rows)))
        with count_statements() as counted:
            assert taken(database, content).new == rows
        counts.append(len(counted))
    assert counts[1] <= counts[0] + 1 and counts[1] <= 24, counts


def test_equal_bookings_of_one_day_are_bookings_of_their_own(database, owner):
    twice = booked("10.00", party="某公司", number="")
    first = taken(database, mt940(twice))
    both = taken(database, mt940(twice, twice))
    assert (first.new, both.new) == (1, 1)
    thrice = taken(database, mt940(twice, twice, opening="990.00"))
    assert thrice.new == 0
    assert owner.execute(text("SELECT count(*) FROM bank_booking")).scalar_one() == 2


def test_taking_a_match_back_reverses_its_payment(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    file = taken(database, mt940(booked(str(done.gross), party=HUADONG)))
    [row] = bookings_of(database, file.number)
    unmatched(database, row)
    assert balance(owner) == done.gross
    [row] = bookings_of(database, file.number)
    assert (row.state, row.payment_no) == ("waiting", None)
    assert audited(owner, str(row.id)) == ["bank_booking:matched", "bank_booking:unmatched"]
    matched(database, row, dealer=cast.yuegang.code)
    assert balance(owner, cast.yuegang) == -done.gross
    assert broken_promises(owner) == {}


def test_a_reversal_of_the_bank_proposes_to_reverse_the_payment(database, owner):
    told = reference_of(cast.huadong.code)
    there = booked("80.00", told=told, account="6217")
    taken(database, mt940(there))
    file = taken(database, mt940(booked("80.00", mark="RC", account="6217"), opening="1080.00"))
    [row] = bookings_of(database, file.number)
    assert (row.state, row.amount, row.is_reversal) == ("waiting", Decimal("-80.00"), True)
    assert matched(database, row).kind == "reversed"
    assert balance(owner) == 0
    with pytest.raises(Conflict) as refusal:
        unmatched(database, row)
    assert refusal.value.code == "reversal_stands"


def test_what_the_ledger_wants_confirmed_waits(database, owner):
    told = reference_of(cast.huadong.code)
    file = taken(database, mt940(booked("300000.00", told=told), opening="0.00"))
    [row] = bookings_of(database, file.number)
    assert row.state == "waiting"
    with pytest.raises(Conflict) as refusal:
        matched(database, row)
    assert [one.code for one in refusal.value.faults] == ["unusual_amount"]
    matched(database, row, confirmed={Doubt.AMOUNT})
    assert payments(owner) == [(cast.huadong.id, Decimal("300000.00"))]


def test_another_currency_is_kept_and_never_posted(database):
    file = taken(
        database, mt940(booked("80.00", told=reference_of(cast.huadong.code)), account="DE1", currency="EUR")
    )
    [row] = bookings_of(database, file.number)
    assert row.state == "waiting"
    with pytest.raises(Conflict) as refusal:
        matched(database, row, dealer=cast.huadong.code)
    assert refusal.value.code == "wrong_currency"


def test_a_gap_between_statements_is_told_and_an_overlap_is_none(database):
    def before_of(content: bytes) -> list[Decimal | None]:
        number = taken(database, content).number
        with transaction(database.session_for(cast.hq_finance.actor())) as session:
            return [one.before for one in queries.file_of(session, number).statements]

    first, second, third = (cast.TODAY - timedelta(days=days) for days in (9, 6, 3))
    assert before_of(mt940(booked("10.00", day=first), opening="100.00")) == [None]
    assert before_of(mt940(booked("20.00", day=third), opening="150.00")) == [Decimal("110.00")]
    assert before_of(mt940(booked("40.00", day=second), opening="110.00")) == [None]
    again = mt940(booked("1.00", day=second), booked("19.00", day=third), opening="149.00")
    assert before_of(again) == [Decimal("110.00")]
    assert before_of(mt940(booked("7.00", day=cast.TODAY), opening="170.00")) == [None]


def test_a_payment_that_was_reversed_beside_the_bank_is_told_until_the_match_is_taken_back(database, owner):
    file = taken(database, mt940(booked("80.00", told=reference_of(cast.huadong.code))))
    [row] = bookings_of(database, file.number)
    assert not row.is_gone
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        reverse_entry(
            session,
            actor=cast.hq_finance.actor(),
            dealer_id=cast.huadong.id,
            document_no=row.payment_no,
            reason="typing error",
            today=cast.TODAY,
            at=cast.NOW,
        )
    [row] = bookings_of(database, file.number)
    assert row.is_gone and row.state == "matched"
    unmatched(database, row)
    [row] = bookings_of(database, file.number)
    assert (row.is_gone, row.state) == (False, "waiting")


def test_what_somebody_set_aside_is_matched_only_after_it_waits_again(database, owner):
    file = taken(database, mt940(booked("77.00", party="某公司"), booked("-5.00", party="银行")))
    first, out = bookings_of(database, file.number)
    put_aside(database, first)
    for row in (first, out):
        with pytest.raises(Conflict) as refusal:
            matched(database, row, dealer=cast.huadong.code)
        assert refusal.value.code == "not_waiting"
    assert payments(owner) == []


def test_two_people_match_one_booking_at_once_and_one_wins(database, owner):
    file = taken(database, mt940(booked("77.00", party="某公司")))
    [row] = bookings_of(database, file.number)
    people = [(cast.hq_finance, cast.huadong), (cast.finance_colleague, cast.yuegang)] * 2
    outcomes = together(
        4, lambda place: matched(database, row, by=people[place][0], dealer=people[place][1].code)
    )
    refused = failures(outcomes)
    assert [one.code for one in refused] == ["already_matched"] * 3
    assert len(payments(owner)) == 1
    assert broken_promises(owner) == {}


def test_one_file_sent_twice_at_once_is_taken_once(database, owner):
    content = mt940(*(booked("10.00", told=reference_of(cast.huadong.code)) for _ in range(3)))
    outcomes = together(3, lambda _: taken(database, content))
    assert failures(outcomes) == [] and sorted(one.is_repeat for one in outcomes) == [False, True, True]
    assert len(payments(owner)) == 3
    assert owner.execute(text("SELECT count(*) FROM bank_file")).scalar_one() == 1


def test_files_that_overlap_sent_at_once_bring_each_booking_once(database, owner):
    told = reference_of(cast.huadong.code)
    shared = [booked("10.00", told=told) for _ in range(3)]
    files = [mt940(*shared, booked("20.00", told=told)), mt940(booked("30.00", told=told), *shared[::-1])]
    outcomes = together(2, lambda place: taken(database, files[place]))
    assert failures(outcomes) == []
    assert sorted(amount for _, amount in payments(owner)) == [Decimal(one) for one in (10, 10, 10, 20, 30)]


def test_a_booking_is_set_aside_with_a_reason_and_taken_up_again(database):
    file = taken(database, mt940(booked("0.12", told="利息")))
    [row] = bookings_of(database, file.number)
    with pytest.raises(Invalid):
        put_aside(database, row, reason=" ")
    put_aside(database, row)
    assert states(database, file.number) == ["aside"]
    taken_up(database, row)
    assert states(database, file.number) == ["waiting"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"invoices": ("IN2611-000000000",)}, "/invoices/0"),
        ({"dealer": "nobody"}, "/dealer"),
        ({"payment": "PY2611-000000000"}, "/payment"),
        ({}, "/invoices"),
    ],
)
def test_what_is_no_such_document_is_told_beside_it(database, said, pointer):
    file = taken(database, mt940(booked("77.00", party="某公司")))
    [row] = bookings_of(database, file.number)
    with pytest.raises(Invalid) as refusal:
        matched(database, row, **said)
    assert [one.pointer for one in refusal.value.faults] == [pointer]


def test_invoices_of_two_dealers_are_not_one_payment(given, database):
    mine = delivered(given, database, {cast.gloves: 10})
    other = delivered(given, database, {cast.gloves: 10}, to=cast.yuegang)
    file = taken(database, mt940(booked("77.00", party="某公司")))
    [row] = bookings_of(database, file.number)
    with pytest.raises(Invalid) as refusal:
        matched(database, row, invoices=(mine.invoice_number, other.invoice_number))
    assert [one.code for one in refusal.value.faults] == ["another_dealer"]


def test_a_table_that_nothing_proves_whole_waits_for_a_word(database):
    content = "交易日期,摘要,金额\n2026-11-20,a,5.00".encode()
    with pytest.raises(Conflict) as refusal:
        taken(database, content, account="6222")
    assert [one.code for one in refusal.value.faults] == ["no_balance"]
    file = taken(database, content, account="6222", is_extract=True)
    assert file.new == 1


def test_columns_that_somebody_set_are_remembered_for_the_account(database):
    content = "何时,多少,结余,谁\n2026-11-20,5.00,105.00,x\n2026-11-21,1.00,106.00,y".encode()
    with pytest.raises(Invalid):
        taken(database, content, account="6222")
    heads = ["交易日期", "摘要", "金额", "手续费", "余额"]
    rows = ["2026-11-20,a,5.00,0.50,99.50", "2026-11-21,b,6.00,0.50,99.00"]
    odd = "\n".join([",".join(heads), *rows]).encode()
    with pytest.raises(Conflict):
        taken(database, odd, account="6222")
    set_by_hand = {"day": [0], "money_out": [3], "balance": [4], "text": [1]}
    taken(database, odd, account="6222", columns=set_by_hand)
    more = "\n".join([",".join(heads), "2026-11-22,c,7.00,1.00,98.00"]).encode()
    file = taken(database, more, account="6222")
    assert [one.amount for one in bookings_of(database, file.number)] == [Decimal("-1.00")]


def test_a_file_that_names_another_account_than_was_said_is_refused(database):
    with pytest.raises(Invalid) as refusal:
        taken(database, mt940(booked("1.00")), account="999")
    assert [one.pointer for one in refusal.value.faults] == ["/account"]


def test_nobody_else_takes_files_in(database):
    with pytest.raises(Forbidden):
        taken(database, mt940(booked("1.00")), by=cast.huadong.boss)
    with pytest.raises(Forbidden):
        taken(database, mt940(booked("1.00")), by=cast.order_desk)


def test_no_session_of_a_dealer_sees_or_writes_anything_of_the_bank(database):
    file = taken(database, mt940(booked("80.00", told=reference_of(cast.huadong.code))))
    with transaction(database.dealer_session(cast.huadong.boss.actor())) as session:
        for table in (
            "bank_account",
            "bank_file",
            "bank_statement",
            "bank_booking",
            "bank_line",
            "bank_match",
            "bank_layout",
        ):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    with pytest.raises(NotFound):
        bookings_of(database, file.number, by=cast.huadong.boss)


def test_not_even_the_owner_changes_what_a_bank_said(database, owner):
    taken(database, mt940(booked("80.00")))
    for act in (
        "UPDATE bank_booking SET amount = 1",
        "DELETE FROM bank_booking",
        "UPDATE bank_file SET content = ''::bytea || 'x'",
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            owner.execute(text(act))


def test_only_who_answers_for_all_regions_works_with_the_bank(database, owner):
    """Who sees some dealers takes the payment of another's namesake for theirs."""
    south = replace(cast.hq_finance, regions=(cast.south,))
    with pytest.raises(Forbidden, match="all_regions_needed"):
        taken(database, mt940(booked("9.00", party="某公司")), by=south)
    number = taken(database, mt940(booked("9.00", party="某公司"))).number
    assert len(bookings_of(database, number)) == 1
    with pytest.raises(NotFound):
        bookings_of(database, number, by=south)
    with transaction(database.session_for(south.actor())) as session:
        assert session.execute(text("SELECT count(*) FROM bank_booking")).scalar_one() == 0
