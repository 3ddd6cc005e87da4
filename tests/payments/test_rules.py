"""What is known of a payment after any news in any order, and what has to be posted of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from portal.payments import stripe_rules
from portal.payments.keys import takes_payments
from portal.payments.rules import (
    Dispute,
    DisputeState,
    Due,
    Known,
    News,
    PaymentState,
    Posted,
    PostingKind,
    Stage,
    Trouble,
    amount_faults,
    asked_faults,
    due,
    joined,
    state_of,
    trouble_with,
)
from tests.payments.acts import SHAPES, event

AT = datetime(2026, 11, 28, tzinfo=UTC)
HUNDRED = Decimal("100.00")


def news(stage=None, seconds=0, **more):
    return News(intent="pi_1", at=AT + timedelta(seconds=seconds), stage=stage, **more)


def paid(amount="100.00", seconds=1, **more):
    return news(Stage.SUCCEEDED, seconds, captured=Decimal(amount), **more)


amounts = st.integers(0, 20_000).map(lambda fen: Decimal(fen) / 100)
any_news = st.builds(
    news,
    st.sampled_from([None, *Stage]),
    st.integers(0, 3),
    captured=amounts,
    refunded=amounts,
    fee=st.none() | amounts,
    failure=st.sampled_from(["", "card_declined", "expired_card"]),
    dispute=st.none()
    | st.builds(Dispute, st.sampled_from(["dp_1", "dp_2"]), st.sampled_from(list(DisputeState)), amounts),
)


def after(*told):
    known = Known()
    for one in told:
        known = joined(known, one)
    return known


@given(st.lists(any_news, max_size=4), st.randoms(use_true_random=False))
def test_news_in_any_order_and_twice_come_to_the_same(told, chance):
    once = after(*told)
    shuffled = [*told, *told]
    chance.shuffle(shuffled)
    assert after(*shuffled) == once


def test_what_was_paid_stays_paid_whatever_comes_later():
    for order in permutations([paid(), news(Stage.CANCELLED, 9), news(Stage.FAILED, 8), news(Stage.OPEN, 7)]):
        assert after(*order).stage is Stage.SUCCEEDED


def test_a_refund_that_comes_before_the_payment_waits_for_it():
    refund = news(seconds=2, refunded=Decimal("30.00"))
    assert due("pi_1", after(refund), []) == []
    assert due("pi_1", after(refund, paid()), []) == [
        Due(PostingKind.PAID, "pi_1:100.00", HUNDRED),
        Due(PostingKind.REFUND, "pi_1:30.00", Decimal("30.00")),
    ]


@given(st.lists(any_news, max_size=5))
def test_all_that_is_due_is_posted_once(told):
    posted: list[Posted] = []
    known = Known()
    for one in told:
        known = joined(known, one)
        posted += [Posted(found.kind, found.ref, found.amount) for found in due("pi_1", known, posted)]
        assert due("pi_1", known, posted) == []
    refs = [(one.kind, one.ref) for one in posted]
    assert len(refs) == len(set(refs))
    sums = {kind: sum(one.amount for one in posted if one.kind is kind) for kind in PostingKind}
    if known.stage is Stage.SUCCEEDED and known.captured:
        assert sums[PostingKind.PAID] == known.captured
        assert sums[PostingKind.REFUND] == known.refunded
    else:
        assert not posted or known.stage is Stage.SUCCEEDED


def test_a_lost_dispute_is_due_and_a_won_one_is_not():
    lost = news(dispute=Dispute("dp_1", DisputeState.LOST, HUNDRED))
    won = news(dispute=Dispute("dp_2", DisputeState.WON, HUNDRED))
    posted = [Posted(PostingKind.PAID, "pi_1:100.00", HUNDRED)]
    assert due("pi_1", after(paid(), lost, won), posted) == [Due(PostingKind.DISPUTE, "dp_1", HUNDRED)]
    opened_late = news(seconds=9, dispute=Dispute("dp_2", DisputeState.OPEN, HUNDRED))
    assert state_of(after(paid(), won, opened_late)) is PaymentState.SUCCEEDED


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ([], PaymentState.STARTING),
        ([news(Stage.FAILED)], PaymentState.FAILED),
        ([paid()], PaymentState.SUCCEEDED),
        ([paid(refunded=Decimal("1.00"))], PaymentState.PARTLY_REFUNDED),
        ([paid(refunded=HUNDRED)], PaymentState.REFUNDED),
        ([paid(), news(dispute=Dispute("dp_1", DisputeState.OPEN, HUNDRED))], PaymentState.DISPUTED),
        ([paid(), news(dispute=Dispute("dp_1", DisputeState.LOST, HUNDRED))], PaymentState.LOST),
        ([news(dispute=Dispute("dp_1", DisputeState.LOST, HUNDRED))], PaymentState.STARTING),
    ],
)
def test_a_payment_is_shown_by_the_worst_that_became_of_it(told, shown):
    assert state_of(after(*told)) is shown


@pytest.mark.parametrize(
    ("one", "trouble"),
    [
        (paid(), None),
        (paid("60.00"), None),
        (paid("100.01"), Trouble.WRONG_AMOUNT),
        (paid(currency="USD"), Trouble.WRONG_CURRENCY),
        (news(refunded=Decimal("100.01")), Trouble.WRONG_AMOUNT),
        (paid("60.00", refunded=Decimal("60.01")), Trouble.WRONG_AMOUNT),
        (news(dispute=Dispute("dp_1", DisputeState.OPEN, Decimal("100.01"))), Trouble.WRONG_AMOUNT),
        (news(Stage.OPEN, amount=Decimal("100.01")), Trouble.WRONG_AMOUNT),
    ],
)
def test_news_that_cannot_be_true_are_found(one, trouble):
    assert trouble_with(one, amount=HUNDRED, currency="CNY", known=Known()) is trouble


@pytest.mark.parametrize(
    ("invoices", "amount", "code"),
    [
        ([], None, "nothing_chosen"),
        (["IN1"], HUNDRED, "invoices_or_amount"),
        ([str(place) for place in range(101)], None, "too_many"),
        ([], Decimal("0.00"), "amount"),
        ([], Decimal("-1.00"), "amount"),
        ([], Decimal("0.001"), "amount"),
        ([], Decimal("NaN"), "amount"),
        ([], Decimal("1000000.00"), "amount_too_large"),
    ],
)
def test_what_is_asked_for_is_said_once_and_within_what_stripe_takes(invoices, amount, code):
    [fault] = asked_faults(invoices, amount)
    assert fault.code == code


def test_what_stripe_takes_is_right():
    assert not asked_faults(["IN1"], None) and not asked_faults([], Decimal("0.01"))
    assert not amount_faults(Decimal("999999.99"), "/amount")


def test_of_an_event_nothing_of_a_card_or_its_holder_is_kept():
    kept = stripe_rules.kept(event("charge.refunded", SHAPES["charge"]))
    said = str(kept)
    assert "Jenny" not in said and "4242" not in said and "fingerprint" not in said
    assert kept["object"]["id"] == SHAPES["charge"]["id"]


@pytest.mark.parametrize("kind", ["payment_intent", "charge", "dispute"])
def test_the_shapes_of_stripe_are_read(kind):
    kept = stripe_rules.kept(event(f"{kind}.updated", SHAPES[kind]))
    found = stripe_rules.news_of(kept)
    assert found is None or found.currency == "USD"
    assert (found is None) == (kind == "dispute")  # it is an inquiry: nothing is taken away


def test_what_is_about_something_else_tells_nothing():
    assert stripe_rules.news_of(stripe_rules.kept(SHAPES["event"])) is None


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"id": "evt_1", "type": "x", "created": "now", "data": {"object": {}}},
        {"id": "", "type": "x", "created": 1, "data": {"object": {}}},
        {"id": "evt_\x00", "type": "x", "created": 1, "data": {"object": {}}},
        {"id": "evt_1", "type": "x", "created": 1, "data": []},
        {"id": "évt", "type": "x", "created": 1, "data": {"object": {}}},
    ],
)
def test_what_is_no_event_is_refused(broken):
    with pytest.raises(stripe_rules.Unreadable):
        stripe_rules.kept(broken)


@given(st.integers(0, 10**12 - 1))
def test_amounts_go_to_stripe_and_back(fen):
    assert stripe_rules.minor(stripe_rules.from_minor(fen)) == fen


@pytest.mark.parametrize("count", [-1, 10**12, 1.5, "1", None, True])
def test_no_amount_is_guessed(count):
    with pytest.raises(stripe_rules.Unreadable):
        stripe_rules.from_minor(count)


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("requires_action", Stage.OPEN),
        ("processing", Stage.PROCESSING),
        ("canceled", Stage.CANCELLED),
        ("succeeded", Stage.SUCCEEDED),
    ],
)
def test_a_state_of_stripe_is_a_stage_of_ours(status, stage):
    about = {"status": status, "last_payment_error": None, "amount_received": 1099}
    found = stripe_rules.news_of(
        stripe_rules.kept(event("payment_intent.x", SHAPES["payment_intent"] | about))
    )
    assert found is not None
    assert found.stage is stage
    assert found.captured == (Decimal("10.99") if status == "succeeded" else 0)


@pytest.mark.parametrize(("settled_in", "fee"), [("cny", Decimal("0.40")), ("hkd", None)])
def test_a_fee_in_another_currency_is_not_told_as_one_of_the_payments(settled_in, fee):
    transaction = {"id": "txn_1", "fee": 40, "currency": settled_in}
    charge = SHAPES["charge"] | {"balance_transaction": transaction}
    about = {"status": "succeeded", "currency": "cny", "amount_received": 1099, "latest_charge": charge}
    found = stripe_rules.news_of(
        stripe_rules.kept(event("payment_intent.x", SHAPES["payment_intent"] | about))
    )
    assert found is not None
    assert found.fee == fee


@pytest.mark.parametrize(("currency", "takes"), [("CNY", True), ("JPY", False), ("kwd", False)])
def test_nothing_is_paid_in_what_has_no_hundredths(currency, takes):
    keys = SimpleNamespace(
        stripe_secret_key=SecretStr("sk"),
        stripe_webhook_secret=SecretStr("whsec"),
        stripe_publishable_key="pk",
        stripe_api_base="",
        currency=currency,
    )
    assert takes_payments(keys) is takes
