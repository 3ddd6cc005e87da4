"""What a purchase would earn, before it is made: on the programme's page, and beside the cart."""

from __future__ import annotations

import re

import pytest

from portal.rebates.rules import Measure
from tests import cast
from tests.rebates.acts import percents, published, reckoned

TIERS = percents(("0", "2"), ("300", "4"))


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def number(given, database):
    given.a_delivery_of(given.an_order({cast.gloves: 10}).number)
    _, number = published(database, tiers_of=TIERS)
    reckoned(database)
    return number


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_the_form_answers_as_a_page_and_in_the_page(buyer, number):
    assert 'name="amount"' in text_of(buyer.get(f"/rebates/{number}"))
    page = text_of(buyer.get(f"/rebates/{number}/what-if?amount=１００&quantity=&sku="))
    assert "<html" in page and "¥8.00" in page and "2, now 1" in page and 'value="１００"' in page
    part = text_of(
        buyer.get(f"/rebates/{number}/what-if?quantity=5&sku=GLOVES", headers={"HX-Request": "true"})
    )
    assert part.strip().startswith('<div id="what-if">') and "5 pieces for ¥100.00" in part


def test_what_was_typed_stays_beside_what_is_wrong_with_it(buyer, number):
    answer = buyer.get(f"/rebates/{number}/what-if?amount=1e3&quantity=0&sku=%3Cb%3E")
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="what-if-amount-error"' in page and 'id="what-if-quantity-error"' in page
    assert 'value="1e3"' in page and "&lt;b&gt;" in page
    assert buyer.get(f"/rebates/{number}/what-if?amount=5&sku=%00").status_code in (400, 422)
    assert buyer.get(f"/rebates/{number}/what-if?amount=1&amount=2").status_code == 400


def test_another_period_has_no_form(buyer, database, given):
    _, number = published(database, valid_from=cast.TODAY.replace(year=cast.TODAY.year - 1))
    reckoned(database)
    last_year = f"{cast.TODAY.year - 1}-{cast.TODAY:%m}"
    assert 'id="what-if"' not in text_of(buyer.get(f"/rebates/{number}?period={last_year}"))
    assert 'id="what-if"' in text_of(buyer.get(f"/rebates/{number}"))


def test_a_rival_asks_nothing_of_it(sign_in, number):
    rival = sign_in(cast.yuegang.buyer)
    assert rival.get(f"/rebates/{number}/what-if?amount=5").status_code == 404
    assert sign_in(cast.huadong.service).get(f"/rebates/{number}/what-if?amount=5").status_code == 403


def test_the_cart_fetches_what_it_earns_after_itself(buyer, number, count_statements):
    with count_statements() as counted:
        buyer.get("/cart")
    empty = len(counted)
    buyer.post("/cart", data={"sku": "GLOVES", "quantity": "6"})
    with count_statements() as counted:
        page = text_of(buyer.get("/cart"))
    assert 'hx-get="/rebates/cart" hx-trigger="load"' in page
    assert not [one for one in counted.work if "rebate" in one]
    assert empty
    part = text_of(buyer.get("/rebates/cart", headers={"HX-Request": "true"}))
    assert "<html" not in part
    # 320 × 4 % − 200 × 2 %: 4.80 on the gloves themselves, 4.00 more on what was bought before
    assert "¥8.80" in part and "¥4.80" in part and "¥4.00" in part and "¥19.20" in part
    assert "earned when the invoice is paid" not in part
    assert "<html" in text_of(buyer.get("/rebates/cart"))


def test_the_cart_costs_the_same_statements_with_any_number_of_programmes(
    buyer, number, database, count_statements
):
    buyer.post("/cart", data={"sku": "GLOVES", "quantity": "6"})
    counts = []
    for _ in range(2):
        buyer.get("/rebates/cart")
        with count_statements() as counted:
            buyer.get("/rebates/cart", headers={"HX-Request": "true"})
        counts.append(len(counted.work))
        published(database, title_en="Another", combinable=False, priority=7)
        published(database, title_en="A third", priority=8)
        buyer.post("/cart", data={"sku": "GAUZE", "quantity": "2"})
    assert counts[0] == counts[1] <= 14


def test_money_earns_when_it_comes(buyer, database):
    published(database, measure=Measure.PAID, tiers_of=TIERS)
    buyer.post("/cart", data={"sku": "GLOVES", "quantity": "6"})
    assert "earned when the invoice is paid" in text_of(buyer.get("/rebates/cart"))


def test_who_may_not_see_rebates_or_has_no_cart_gets_none(sign_in, number):
    service, finance = sign_in(cast.huadong.service), sign_in(cast.huadong.finance)
    assert service.get("/rebates/cart").status_code == 403
    assert finance.get("/rebates/cart").status_code == 403
    empty = sign_in(cast.suzhou.buyer)
    assert empty.get("/rebates/cart").status_code == 200


def test_who_has_it_reckoned_too_often_is_told_to_wait(app, buyer, number):
    app.settings = app.settings.model_copy(update={"rebate_rate": "2 per minute"})
    asked = f"/rebates/{number}/what-if?quantity=5&amount=&sku=GLOVES"
    assert [buyer.get(asked).status_code for _ in range(3)] == [200, 200, 429]
    buyer.post("/cart/lines", {"sku": "GLOVES", "quantity": "1"})
    assert buyer.get(f"/rebates/{number}").status_code == 200, "what is kept is at hand nevertheless"
