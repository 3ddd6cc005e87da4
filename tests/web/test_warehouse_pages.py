"""Transfers, counts and reports on their pages: scanned, typed, refused beside the field, and done."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import a_lot
from tests.counting.acts import HERE, entered, opened, submitted
from tests.nonconforming.acts import reported
from tests.transfers.acts import (
    FROM,
    TO,
    arrived,
    going,
    here,
    left,
    made,
    serials_here,
    standing,
    untrue_of_goods,
)


@pytest.fixture(autouse=True)
def _everything_adds_up(database):
    yield
    assert untrue_of_goods(database) == []


@pytest.fixture
def goods(given):
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("A", 10))
    return product


@pytest.fixture
def desk(sign_in):
    return sign_in(cast.order_desk)


def said(answer) -> str:
    return answer.get_data(as_text=True)


def number_in(answer) -> str:
    assert answer.status_code == 303, said(answer)
    return answer.headers["Location"].rpartition("/")[2]


def test_a_transfer_is_scanned_made_sent_and_received(desk, owner, goods):
    ends = {"origin": FROM.code, "destination": TO.code}
    code = f"(01){goods.udi_di}(10)A"
    row = {"sku": goods.sku, "lot": "A", "quantity": "1", "serials": ""}
    page = said(desk.post("/hq/transfers/new", {**ends, "act": "add", "data": code}))
    assert f'name="sku" value="{goods.sku}"' in page and f'value="{FROM.code}" selected' in page
    page = said(desk.post("/hq/transfers/new", {**ends, **row, "act": "add", "data": code}))
    assert re.search(r'name="quantity"\s+value="2"', page)
    answer = desk.post("/hq/transfers/new", {**ends, **row, "quantity": "six", "act": "make"})
    assert answer.status_code == 422 and 'class="row-trouble"' in said(answer)
    number = number_in(desk.post("/hq/transfers/new", {**ends, **row, "quantity": "6", "act": "make"}))
    number_in(desk.post(f"/hq/transfers/{number}/dispatch"))
    typed = {"received-1": "4", "damaged-1": "1", "act": "find", "data": code}
    page = said(desk.post(f"/hq/transfers/{number}/receipt", typed))
    assert re.search(r'name="received-1"[^>]*value="4"[^>]*autofocus', page)
    number_in(desk.post(f"/hq/transfers/{number}/receipt", {**typed, "act": "receive"}))
    assert standing(owner, goods, "A", TO) == (4, 0, 1)
    page = said(desk.get(f"/hq/transfers/{number}"))
    assert f'action="/hq/transfers/{number}/differences"' not in page  # who received it does not decide


def test_what_was_missing_is_cleared_up_by_somebody_else(database, desk, owner, goods):
    number = made(database, going(goods, "A", 5))
    left(database, number)
    arrived(database, number, here(goods, "A", 3), by=cast.erp)
    answer = desk.post(f"/hq/transfers/{number}/differences", {"found-1": "1", "lost-1": "", "reason": ""})
    assert answer.status_code == 422 and 'id="field-reason-error"' in said(answer)
    said_so = {"found-1": "1", "lost-1": "1", "reason": "wrong dock"}
    number_in(desk.post(f"/hq/transfers/{number}/differences", said_so))
    assert standing(owner, goods, "A", TO) == (4, 0, 0)
    page = said(desk.get(f"/hq/transfers/{number}"))
    items, what_became = page.partition('id="lines"')[2].split('id="events"')
    assert "第 1 行" in items and "第 1 行" in what_became and "wrong dock" in what_became


def test_a_line_whose_field_was_not_sent_is_not_taken_for_missing(database, desk, goods):
    number = made(database, going(goods, "A", 5))
    left(database, number)
    assert desk.post(f"/hq/transfers/{number}/receipt", {"act": "receive"}).status_code == 422


def test_a_draft_that_may_not_leave_says_why_beside_its_line(given, database, desk, goods):
    given.an_order({goods: 8})
    number = made(database, going(goods, "A", 5))
    answer = desk.post(f"/hq/transfers/{number}/dispatch")
    assert answer.status_code == 422 and 'id="trouble-1-quantity"' in said(answer)
    number_in(desk.post(f"/hq/transfers/{number}/cancellation"))


def test_a_count_is_entered_by_scanning_and_shows_no_figure_to_the_counter(given, desk, owner):
    product = given.a_product(serial_controlled=True)
    [lot] = given.stock_of(product, HERE, a_lot("A", 731_973))
    serials_here(owner, product, lot.id, "SERIAL-OF-STOCK")
    begun = desk.post("/hq/stock-counts/new", {"warehouse": HERE.code, "skus": product.sku})
    number = number_in(begun)
    code = f"(01){product.udi_di}(10)A(21)SERIAL-OF-STOCK"
    number_in(desk.post(f"/hq/stock-counts/{number}/entries", {"data": code, "standing": "saleable"}))
    page = said(desk.get(f"/hq/stock-counts/{number}"))
    assert not re.search(r"731,?973", page) and "SERIAL-OF-STOCK" not in page
    answer = desk.post(f"/hq/stock-counts/{number}/entries", {"data": code, "standing": "saleable"})
    assert answer.status_code == 422 and 'id="field-serials-error"' in said(answer)
    answer = desk.post(f"/hq/stock-counts/{number}/entries", {"data": "nothing", "units": "1"})
    assert answer.status_code == 422 and 'id="field-data-error"' in said(answer)


def test_a_count_is_handed_in_and_decided_on_by_somebody_else(given, database, sign_in, desk, owner):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 10))
    number = opened(database, product, by=cast.erp)
    for _ in range(2):
        entered(database, number, product, "A", 8, by=cast.erp)
        submitted(database, number, by=cast.erp)
    page = said(desk.get(f"/hq/stock-counts/{number}"))
    assert 'class="row-trouble"' in page
    answer = desk.post(f"/hq/stock-counts/{number}/rejection", {"note": ""})
    assert answer.status_code == 422
    number_in(desk.post(f"/hq/stock-counts/{number}/approval", {"note": "seen"}))
    assert standing(owner, product, "A", HERE) == (8, 0, 0)
    assert desk.post(f"/hq/stock-counts/{number}/approval", {"note": ""}).status_code == 409


def test_a_count_of_nothing_says_so_and_one_can_be_given_up(given, database, desk):
    assert desk.post("/hq/stock-counts/new", {"warehouse": HERE.code}).status_code == 422
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("A", 1))
    number = opened(database, product)
    assert desk.post(f"/hq/stock-counts/{number}/submission").status_code == 409
    number_in(desk.post(f"/hq/stock-counts/{number}/cancellation"))


def test_goods_are_reported_decided_and_destroyed_before_a_witness(sign_in, desk, owner, goods):
    quality = sign_in(cast.quality)
    form = {"warehouse": FROM.code, "sku": goods.sku, "lot_no": "A", "source": "by_hand"}
    answer = desk.post("/hq/non-conforming/new", {**form, "quantity": "2", "reason": ""})
    assert answer.status_code == 422 and 'id="field-reason-error"' in said(answer)
    whole = {**form, "quantity": "2", "reason": "wet", "set_apart": "1"}
    number = number_in(desk.post("/hq/non-conforming/new", whole))
    assert desk.post(f"/hq/non-conforming/{number}/decision", {"decision": "release"}).status_code == 403
    assert quality.post(f"/hq/non-conforming/{number}/decision", {"note": "x"}).status_code == 422
    decided = {"decision": "destroy", "note": "wet through"}
    number_in(quality.post(f"/hq/non-conforming/{number}/decision", decided))
    assert quality.post(f"/hq/non-conforming/{number}/witness").status_code == 409
    number_in(desk.post(f"/hq/non-conforming/{number}/witness"))
    assert standing(owner, goods, "A", FROM) == (8, 0, 0)
    assert cast.order_desk.display_name in said(quality.get(f"/hq/non-conforming/{number}"))


def test_what_lies_in_quarantine_without_a_report_is_listed_until_it_has_one(given, database, desk):
    product = given.a_product()
    given.stock_of(product, HERE, a_lot("OLD", 4, state="expired"))
    assert f"sku={product.sku}" in said(desk.get("/hq/non-conforming/new"))
    reported(database, product, "OLD", 4)
    assert f"sku={product.sku}" not in said(desk.get("/hq/non-conforming/new"))
