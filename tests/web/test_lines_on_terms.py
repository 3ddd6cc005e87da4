"""A discount and a gift are said where their line stands, in both languages; other lines say nothing."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import Terms

WORDS = {"en": ("Discount -¥0.03", "Gift"), "zh": ("优惠 -¥0.03", "赠品")}


@pytest.fixture
def order(given) -> str:
    """Syringes at their price, gloves for nothing, gauze with a discount."""
    placed = given.an_order({cast.syringe: 60, cast.gloves: 2, cast.gauze: 50})
    given.on_terms(placed.number, {2: Terms(gift=True), 3: Terms(discount="0.03")})
    return placed.number


@pytest.fixture
def invoice(given, order) -> str:
    """All of it is shipped, the gauze from two lots."""
    return given.a_delivery_of(order).invoice_number


def said(visitor, address, locale) -> tuple[int, int]:
    """How often the page speaks of the discount, and of a gift."""
    visitor.post(f"/locale/{locale}")
    page = re.sub(r"<[^>]+>", "", visitor.get(address).get_data(as_text=True)).replace("\u2212", "-")
    discount, gift = WORDS[locale]
    return page.count(discount), page.count(gift)


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize(
    ("person", "address"), [(cast.huadong.buyer, "/orders/{}"), (cast.order_desk, "/hq/orders/{}")]
)
def test_an_order_says_what_was_taken_off_and_what_is_a_gift(sign_in, order, person, address, locale):
    assert said(sign_in(person), address.format(order), locale) == (1, 1)


@pytest.mark.parametrize("locale", WORDS)
def test_an_invoice_says_it_once_a_line_whatever_its_lots(sign_in, invoice, locale):
    assert said(sign_in(cast.hq_finance), f"/hq/invoices/{invoice}", locale) == (1, 1)
