"""What Stripe tells is posted once, in whatever order it comes, and what cannot be posted waits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.fragments import open_of
from portal.payments.begin_payment import Begun, Pending, Request, begin_payment, note_intent
from portal.payments.desk import set_aside, try_again
from portal.payments.rules import EventState, Trouble
from tests import cast
from tests.ledger.acts import CAUTION, balance, delivered, paid, reversed_
from tests.payments.acts import (
    begun,
    dispute_event,
    failed_event,
    handled,
    intent_event,
    kept,
    postings,
    refund_event,
    state,
    told,
)
from tests.played import played
from tests.races import together


@played
def billed(given, database, owner):
    """Two invoices: the second falls due with the first."""
    return [delivered(given, database, {cast.gloves: units}) for units in (3, 2)]


@pytest.fixture
def numbers(billed):
    return [one.invoice_number for one in billed]


def settled(owner, number):
    """What is still open of an invoice."""
    with_open = text(f"SELECT {open_of('e')} FROM journal_entry e WHERE e.document_no = :n")
    return owner.execute(with_open, {"n": number}).scalar_one()


def event_state(owner, told_event):
    query = text("SELECT state, trouble FROM stripe_event WHERE event = :e")
    return tuple(owner.execute(query, {"e": told_event["id"]}).one())


# What is to be paid


def test_what_is_open_of_invoices_is_paid_whole(billed, numbers, database):
    made = begun(database, *numbers)
    assert made.amount == billed[0].gross + billed[1].gross


@pytest.mark.parametrize(
    ("invoices", "codes"),
    [(["IN2611-NOTHING00"], {"unknown_invoice"}), (["9" * 64, "IN-1"], {"unknown_invoice"})],
)
def test_each_invoice_that_is_not_ones_own_is_named(billed, database, invoices, codes):
    with pytest.raises(Invalid) as refusal:
        begun(database, *invoices)
    assert {fault.code for fault in refusal.value.faults} == codes
    assert [fault.pointer for fault in refusal.value.faults] == [
        f"/invoices/{place}" for place in range(len(invoices))
    ]


def test_the_rivals_invoices_are_nobodys(numbers, database):
    with pytest.raises(Invalid):
        begun(database, *numbers, dealer=cast.yuegang)


def test_an_invoice_that_is_paid_has_nothing_open(billed, numbers, database):
    paid(database, str(billed[0].gross), settles=(numbers[0],))
    with pytest.raises(Invalid) as refusal:
        begun(database, numbers[0])
    assert refusal.value.faults[0].code == "nothing_open"


def test_only_who_may_pay_begins(numbers, database):
    actor = cast.huadong.buyer.actor()
    with pytest.raises(Forbidden), transaction(database.session_for(actor)) as session:
        begin_payment(
            session,
            actor=actor,
            invoices=numbers,
            amount=None,
            currency="CNY",
            today=cast.TODAY,
            at=cast.NOW,
        )


def test_a_second_tab_is_told_of_the_payment_under_way(numbers, database):
    first = begun(database, *numbers)
    with pytest.raises(Pending) as refusal:
        begun(database, numbers[1])
    assert refusal.value.number == first.number


def test_an_amount_on_account_beside_invoices_is_another_payment(numbers, database):
    begun(database, *numbers)
    begun(database, amount="10.00")
    with pytest.raises(Pending):
        begun(database, amount="10.00")
    begun(database, amount="10.01")


def test_two_tabs_at_once_begin_one_payment(numbers, database, owner):
    def act(_place):
        return begun(database, *numbers)

    outcomes = together(2, act)
    assert any(isinstance(one, Begun) for one in outcomes)
    assert all(isinstance(one, Begun | Pending) for one in outcomes)
    assert owner.execute(text("SELECT count(*) FROM online_payment")).scalar_one() == 1


def test_the_same_request_begins_once_and_another_with_its_key_is_refused(numbers, database):
    actor = cast.huadong.finance.actor()

    def begin(invoices, fingerprint):
        with transaction(database.session_for(actor)) as session:
            return begin_payment(
                session,
                actor=actor,
                invoices=invoices,
                amount=None,
                currency="CNY",
                today=cast.TODAY,
                at=cast.NOW,
                request=Request("key", fingerprint),
            )

    first = begin(numbers, "a")
    with transaction(database.session_for(actor)) as session:
        note_intent(session, actor=actor, number=first.number, intent="pi_1", at=cast.NOW)
    assert begin(numbers, "a").intent == "pi_1"
    with pytest.raises(Invalid) as refusal:
        begin(numbers[:1], "b")
    assert refusal.value.code == "idempotency_key_reused"


def test_what_was_to_be_paid_never_changes(numbers, database, owner):
    begun(database, *numbers)
    for change in ("amount = 1", "invoices = '[]'", "intent = 'pi_other'", "begun_by = 'user:1'"):
        with pytest.raises(DBAPIError, match="never changes"):
            owner.execute(text(f"UPDATE online_payment SET {change}"))


# What Stripe tells


def test_a_payment_is_booked_and_settles_what_it_was_for(billed, numbers, database, owner):
    made = begun(database, numbers[1])
    [done] = told(database, intent_event(made))
    assert done.state is EventState.DONE
    assert postings(owner, made) == [("paid", billed[1].gross, billed[1].gross)]
    assert settled(owner, numbers[1]) == 0 and settled(owner, numbers[0]) == billed[0].gross
    assert balance(owner) == billed[0].gross
    assert state(owner, made) == "succeeded"


def test_an_event_that_comes_twice_changes_nothing(numbers, database, owner):
    made, paid_event = begun(database, *numbers), None
    paid_event = intent_event(made)
    told(database, paid_event)
    again = intent_event(made)  # Stripe sends what it sent under another id, too
    assert kept(database, paid_event) == kept(database, paid_event)
    told(database, paid_event, again)
    assert len(postings(owner, made)) == 1


def test_two_workers_handle_two_events_of_a_payment_at_once(numbers, database, owner):
    made = begun(database, *numbers)
    events = [kept(database, intent_event(made)) for _ in range(3)]
    outcomes = together(3, lambda place: handled(database, events[place]).state)
    assert outcomes == [EventState.DONE] * 3
    assert len(postings(owner, made)) == 1


def test_the_same_event_is_handled_once_by_two_workers(numbers, database, owner):
    made = begun(database, *numbers)
    event_id = kept(database, intent_event(made))
    assert together(2, lambda _: handled(database, event_id).state) == [EventState.DONE] * 2
    assert len(postings(owner, made)) == 1


def test_one_event_arrives_twice_at_the_same_instant(numbers, database, owner):
    told_event = intent_event(begun(database, *numbers))
    first, second = together(2, lambda _: kept(database, told_event))
    assert first == second
    effects = text("SELECT count(*) FROM outbox WHERE topic = 'stripe_event.kept'")
    assert owner.execute(effects).scalar_one() == 1


def test_events_in_any_order_come_to_the_same(numbers, database, owner):
    made = begun(database, *numbers)
    some = "10.00"
    told(
        database,
        refund_event(made, some, at=3),
        intent_event(made, at=2),
        intent_event(made, "processing", at=1),
        intent_event(made, "requires_payment_method", at=0),
        refund_event(made, "4.00", at=2),
    )
    assert [(kind, booked) for kind, _, booked in postings(owner, made)] == [
        ("paid", made.amount),
        ("refund", Decimal("-10.00")),
    ]
    assert state(owner, made) == "partly_refunded"


def test_a_part_that_was_captured_is_booked_as_it_came(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made, amount_received=5_000))
    assert postings(owner, made) == [("paid", Decimal("50.00"), Decimal("50.00"))]


def test_money_that_came_for_what_was_given_up_is_not_lost(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made, "canceled", at=5), intent_event(made, at=1))
    assert state(owner, made) == "succeeded" and len(postings(owner, made)) == 1


def test_what_was_paid_twice_is_to_the_dealers_credit(billed, numbers, database, owner):
    first = begun(database, *numbers)
    told(database, intent_event(first, "canceled"))
    second = begun(database, *numbers)
    told(database, intent_event(second), intent_event(first, at=1))
    assert balance(owner) == -first.amount
    assert settled(owner, numbers[0]) == settled(owner, numbers[1]) == 0


def test_a_failed_attempt_leaves_the_payment_open_to_another(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, failed_event(made, at=1))
    assert state(owner, made) == "failed" and not postings(owner, made)
    told(database, intent_event(made, at=2))
    assert state(owner, made) == "succeeded"


def test_refunds_are_paid_back_step_by_step_even_of_what_settled(billed, numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made), refund_event(made, "30.00", at=1), refund_event(made, "30.00", at=1))
    told(database, refund_event(made, str(made.amount), at=2))
    assert [booked for _, _, booked in postings(owner, made)] == [
        made.amount,
        Decimal("-30.00"),
        -(made.amount - Decimal("30.00")),
    ]
    assert balance(owner) == made.amount
    assert state(owner, made) == "refunded"


def test_a_dispute_that_is_lost_takes_the_payment_out_of_the_books(billed, numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made), dispute_event(made, "lost", at=9))
    told(database, dispute_event(made, "needs_response", at=8))  # late
    assert state(owner, made) == "lost"
    assert settled(owner, numbers[0]) == billed[0].gross
    assert balance(owner) == made.amount


def test_a_lost_dispute_that_is_told_before_the_payment_comes_to_the_same(billed, numbers, database, owner):
    made = begun(database, *numbers)
    told(database, dispute_event(made, "lost", at=9), intent_event(made))
    assert state(owner, made) == "lost"
    assert settled(owner, numbers[0]) == billed[0].gross
    assert balance(owner) == made.amount


def test_a_dispute_that_is_won_changes_nothing(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made), dispute_event(made, "needs_response", at=1))
    assert state(owner, made) == "disputed"
    told(database, dispute_event(made, "won", at=2))
    assert state(owner, made) == "succeeded" and len(postings(owner, made)) == 1


def test_a_dispute_about_a_part_is_paid_back(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made), dispute_event(made, "lost", "20.00", at=1))
    assert postings(owner, made)[1] == ("dispute", Decimal("20.00"), Decimal("-20.00"))


# What cannot be posted


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"id": "pi_nobodys", "metadata": {}}, Trouble.UNKNOWN_INTENT),
        ({"id": "pi_another"}, Trouble.UNKNOWN_INTENT),
        ({"currency": "usd"}, Trouble.WRONG_CURRENCY),
        ({"amount_received": 10**9, "amount": 10**9}, Trouble.WRONG_AMOUNT),
    ],
)
def test_what_cannot_be_posted_waits_with_its_reason(numbers, database, owner, changes, trouble):
    made = begun(database, *numbers)
    told_event = intent_event(made, **changes)
    [outcome] = told(database, told_event)
    assert outcome.trouble is trouble
    assert event_state(owner, told_event) == ("waiting", str(trouble))
    assert not postings(owner, made) and state(owner, made) == "open"
    told_of = text("SELECT count(*) FROM outbox WHERE topic = 'notification.tell'")
    assert owner.execute(told_of).scalar_one() == 1


def test_what_is_nobodys_and_moved_no_money_is_passed_over(database, owner):
    told_event = intent_event("OP-1", "canceled", amount=100)
    assert told(database, told_event)[0].state is EventState.IGNORED


def test_an_event_whose_answer_never_reached_us_finds_its_payment(numbers, database, owner):
    actor = cast.huadong.finance.actor()
    with transaction(database.session_for(actor)) as session:
        made = begin_payment(
            session,
            actor=actor,
            invoices=numbers,
            amount=None,
            currency="CNY",
            today=cast.TODAY,
            at=cast.NOW,
        )
    told(database, intent_event(made))
    assert len(postings(owner, made)) == 1


def test_a_refund_of_what_was_reversed_by_hand_waits_and_is_set_aside(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made))
    payment_no = owner.execute(text("SELECT payment_no FROM online_posting")).scalar_one()
    reversed_(database, payment_no)
    refund = refund_event(made, "10.00", at=1)
    assert told(database, refund)[0].trouble is Trouble.REVERSED
    with acting(database, cast.hq_finance) as session:
        again = try_again(
            session,
            actor=cast.hq_finance.actor(),
            event=refund["id"],
            zone=cast.ZONE,
            at=cast.NOW,
            caution=CAUTION,
        )
    assert again.trouble is Trouble.REVERSED
    with pytest.raises(Invalid):
        put_aside(database, refund["id"], "  ")
    put_aside(database, refund["id"], "reversed by hand")
    assert event_state(owner, refund) == ("aside", "payment_reversed")
    with pytest.raises(Conflict):
        put_aside(database, refund["id"], "once more")


def test_a_refund_and_a_reversal_by_hand_at_once_take_the_money_back_once(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made))
    payment_no = owner.execute(text("SELECT payment_no FROM online_posting")).scalar_one()
    event_id = kept(database, refund_event(made, str(made.amount), at=1))

    def act(place):
        return reversed_(database, payment_no) if place else handled(database, event_id).trouble

    refund, reversal = together(2, act)
    booked = len(postings(owner, made))
    if refund is Trouble.REVERSED:
        assert booked == 1 and balance(owner) == made.amount
    else:  # the refund was first: then it is the reversal that somebody did too much, and sees
        assert booked == 2 and balance(owner) == 2 * made.amount
    assert not isinstance(reversal, Exception)


def test_whoever_sees_some_regions_only_does_not_work_on_events(database):
    some = cast.hq_finance.actor()
    some = replace(some, region_ids=(cast.east.id,))
    with pytest.raises(Forbidden), transaction(database.session_for(some)) as session:
        set_aside(session, actor=some, event="evt_1", reason="x", at=cast.NOW)
    with pytest.raises(NotFound):
        put_aside(database, "evt_nothing", "x")


def test_a_dealer_sees_no_event_and_no_payment_of_another(numbers, database):
    made = begun(database, *numbers)
    told(database, intent_event(made))
    for person, seen in ((cast.huadong.finance, 1), (cast.yuegang.finance, 0)):
        with acting(database, person) as session:
            for table in ("online_payment", "online_posting"):
                assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == seen
            assert session.execute(text("SELECT count(*) FROM stripe_event")).scalar_one() == 0


def test_the_table_refuses_to_post_twice_and_to_change_what_stripe_said(numbers, database, owner):
    made = begun(database, *numbers)
    told(database, intent_event(made))
    with pytest.raises(IntegrityError, match="uq_online_posting"):
        owner.execute(
            text(
                "INSERT INTO online_posting (dealer_id, payment_id, kind, ref, amount, payment_no, posted_at)"
                " SELECT dealer_id, payment_id, kind, ref, amount, payment_no, posted_at FROM online_posting"
            )
        )
    for statement in (
        "UPDATE stripe_event SET content = '{}'",
        "DELETE FROM stripe_event",
        "UPDATE online_payment SET stage = 'open'",
        "UPDATE online_payment SET captured = 0",
        "DELETE FROM online_posting",
    ):
        with pytest.raises(DBAPIError):
            owner.execute(text(statement))


def acting(database, person):
    return transaction(database.session_for(person.actor()))


def put_aside(database, event, reason):
    with acting(database, cast.hq_finance) as session:
        set_aside(session, actor=cast.hq_finance.actor(), event=event, reason=reason, at=cast.NOW)
