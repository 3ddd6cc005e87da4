"""The road of an order as its pages show it: where it stands, and that a hold is where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.web.order_timeline import road
from tests import cast
from tests.orders.test_lifecycle import NOON, AnOrder, AParcel

PLACES = [
    pytest.param(cast.yuegang.buyer, "/orders/{}", id="dealer"),
    pytest.param(cast.order_desk, "/hq/orders/{}", id="desk"),
]


@pytest.fixture
def held(given) -> str:
    """Number of an order that waits for its release."""
    given.credit_limit_of(cast.yuegang, "10.00")
    return given.an_order({cast.gloves: 10}, by=cast.yuegang.buyer).number


def shown_to(visitor, address, locale="en") -> list[tuple[str, str]]:
    visitor.post(f"/locale/{locale}")
    return steps_of(visitor.get(address))


def steps_of(answer) -> list[tuple[str, str]]:
    """Label and state of every step. What a screen reader calls the current step is the one that looks so."""
    found = re.findall(
        r'<li class="step-(\w+)"( aria-current="step")?>.*?step-label">([^<]+)<',
        answer.get_data(as_text=True),
        re.DOTALL,
    )
    assert all((state == "current") == bool(spoken) for state, spoken, _ in found)
    return [(label, state) for state, _, label in found]


@pytest.mark.parametrize(("person", "address"), PLACES)
@pytest.mark.parametrize(
    ("locale", "labels"),
    [
        ("zh", ["订购", "等待放行", "拣货", "发货", "收货"]),
        ("en", ["Ordered", "Awaiting release", "Picking", "Shipping", "Receipt"]),
    ],
)
def test_an_order_on_hold_stands_at_its_release_and_not_at_picking(
    sign_in, held, person, address, locale, labels
):
    shown = shown_to(sign_in(person), address.format(held), locale)
    assert shown == list(zip(labels, ["done", "current", "todo", "todo", "todo"], strict=True))


@pytest.mark.parametrize(("person", "address"), PLACES)
def test_a_released_order_has_its_release_behind_it(sign_in, held, person, address):
    released = sign_in(cast.order_desk).post(f"/hq/orders/{held}/release", {"reason": "paid by cheque"})
    assert released.status_code == 303
    shown = shown_to(sign_in(person), address.format(held))
    assert shown[:3] == [("Ordered", "done"), ("Release", "done"), ("Picking", "current")]


@pytest.mark.parametrize(("person", "address"), PLACES)
def test_an_order_that_was_never_held_has_no_such_step(sign_in, given, person, address):
    number = given.an_order({cast.gloves: 10}, by=cast.yuegang.buyer).number
    shown = shown_to(sign_in(person), address.format(number))
    assert shown == [("Ordered", "done"), ("Picking", "current"), ("Shipping", "todo"), ("Receipt", "todo")]


def test_a_hold_after_a_release_is_waited_for_anew(app):
    again = AnOrder("on_hold", released_at=NOON + timedelta(minutes=5))
    with app.test_request_context(headers={"Accept-Language": "en"}):
        steps = road(again, [replace(AParcel(), received_at=NOON + timedelta(hours=3))])
    assert [(step["label"], step["at"], step["state"]) for step in steps[:2]] == [
        ("Ordered", NOON, "done"),
        ("Awaiting release", None, "current"),
    ]
    assert [step["state"] for step in steps].count("current") == 1


def test_whoever_releases_a_held_order_sees_what_stands_against_it(sign_in, given, owner):
    given.credit_limit_of(cast.yuegang, "100000.00")
    late = given.an_order({cast.gloves: 10}, by=cast.yuegang.buyer)
    given.a_delivery_of(late.number, on=cast.TODAY - timedelta(days=90))
    given.credit_limit_of(cast.yuegang, "10.00")
    held = given.an_order({cast.gloves: 20}, by=cast.yuegang.buyer)
    totals = dict(owner.execute(text("SELECT number, total FROM sales_order")).all())
    billed, waiting = totals[late.number], totals[held.number]
    desk = sign_in(cast.order_desk)
    desk.post("/locale/en")
    card = re.search(
        r'<section class="card" id="credit".*?</section>',
        desk.get(f"/hq/orders/{held.number}").get_data(as_text=True),
        re.DOTALL,
    ).group()
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>.*?¥([\d,.]+)", card, re.DOTALL))
    assert figures == {
        "Credit limit": "10.00",
        "Exposure": f"{billed + waiting:,.2f}",
        "of which this order": f"{waiting:,.2f}",
        "Above the limit": f"{billed + waiting - 10:,.2f}",
        "Overdue": f"{billed:,.2f}",
    }
    assert 'data-dialog="release"' in card
