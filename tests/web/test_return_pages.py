"""Returns on their pages, the dealer's and headquarters'."""

from __future__ import annotations

import io
import re

import pytest

from tests import cast
from tests.builders import a_lot
from tests.coldchain.acts import made_cold
from tests.files.acts import a_pdf
from tests.ledger.acts import delivered
from tests.returns.acts import approved, arrived


@pytest.fixture
def product(given):
    one = given.a_product()
    given.stock_of(one, cast.shanghai_warehouse, a_lot("A", 12))
    return one


@pytest.fixture
def sent(given, database, product):
    """Ten units that have left."""
    return delivered(given, database, {product: 10})


def asked_for(sign_in, sent, product, **more) -> str:
    form = {"shipment": sent.shipment_number, "note": "", "sku": product.sku, "lot": "A", "serials": ""}
    form |= {"quantity": "3", "reason": "defective", "remedy": "exchange"} | more
    answer = sign_in(cast.huadong.buyer).post(f"/orders/{sent.order_number}/returns", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"].rpartition("/")[2]


def test_an_exchange_is_asked_for_settled_and_found_from_both_ends(database, sign_in, sent, product):
    number = asked_for(sign_in, sent, product)
    approved(database, number)
    arrived(database, number)
    desk = sign_in(cast.order_desk)
    shown = desk.get(f"/hq/returns/{number}").get_data(as_text=True)
    assert "换同款产品" in shown and 'name="credit_instead"' in shown
    row = {"line": "1", "sku": product.sku, "lot": "A", "result": "scrap", "note": "leaks", "serials": ""}
    refused = desk.post(f"/hq/returns/{number}/inspection", row | {"quantity": "3"})
    assert refused.status_code == 422 and 'class="row-trouble"' in refused.get_data(as_text=True)
    assert "只有 2 件" in refused.get_data(as_text=True)
    settled = row | {"quantity": "3", "credit_instead": "1"}
    assert desk.post(f"/hq/returns/{number}/inspection", settled).status_code == 303


def test_a_list_leads_to_the_documents_that_its_rows_name(sign_in, sent, product):
    asked_for(sign_in, sent, product)
    order = f'href="/hq/orders/{sent.order_number}"'
    assert order in sign_in(cast.order_desk).get("/hq/returns").get_data(as_text=True)
    assert order not in sign_in(cast.quality).get("/hq/returns").get_data(as_text=True)  # who may not open it


def test_cold_goods_come_back_by_a_loggers_file_or_by_the_word_of_quality(sign_in, owner, sent, product):
    made_cold(owner, product)
    pdf = {"temperature_file": (io.BytesIO(a_pdf()), "fridge.pdf"), "remedy": "credit"}
    number = asked_for(sign_in, sent, product, **pdf)
    desk, quality = sign_in(cast.order_desk), sign_in(cast.quality)
    shown = desk.get(f"/hq/returns/{number}").get_data(as_text=True)
    assert "fridge.pdf" in shown and 'id="accept-reason"' not in shown
    assert desk.post(f"/hq/returns/{number}/approval", {"note": ""}).status_code == 409
    address = f"/hq/returns/{number}/temperatures"
    assert f'action="{address}"' in quality.get(f"/hq/returns/{number}").get_data(as_text=True)
    answer = quality.post(address, {"reason": " "})
    assert answer.status_code == 422 and 'id="accept-reason-error"' in answer.get_data(as_text=True)
    assert quality.post(address, {"reason": "stable by the maker's data"}).status_code == 303
    assert desk.post(f"/hq/returns/{number}/approval", {"note": ""}).status_code == 303


def test_a_wrong_temperature_file_is_told_beside_its_field(sign_in, sent, product):
    form = {"shipment": sent.shipment_number, "note": "", "sku": product.sku, "lot": "A", "serials": ""}
    form |= {"quantity": "3", "reason": "defective", "remedy": "credit"}
    form |= {"temperature_file": (io.BytesIO(b"MZ program"), "log.exe")}
    answer = sign_in(cast.huadong.buyer).post(f"/orders/{sent.order_number}/returns", form)
    assert answer.status_code == 422 and 'id="field-temperature_file-error"' in answer.get_data(as_text=True)


def test_a_report_of_scrap_names_its_return_and_the_return_the_report(database, sign_in, sent, product):
    number = asked_for(sign_in, sent, product, quantity="1")
    approved(database, number)
    arrived(database, number)
    desk = sign_in(cast.order_desk)
    row = {"line": "1", "sku": product.sku, "lot": "A", "result": "scrap", "note": "leaks", "serials": ""}
    assert desk.post(f"/hq/returns/{number}/inspection", row | {"quantity": "1"}).status_code == 303
    shown = desk.get(f"/hq/returns/{number}").get_data(as_text=True)
    report = re.search(r'href="/hq/non-conforming/(NC[^"]+)"', shown)[1]
    told = desk.get(f"/hq/non-conforming/{report}").get_data(as_text=True)
    assert f'href="/hq/returns/{number}"' in told and "leaks" in told
    assert report in desk.get(f"/hq/non-conforming?q={number}").get_data(as_text=True)


def test_the_order_that_replaces_goods_names_the_return_and_the_return_the_order(
    database, sign_in, sent, product
):
    number = asked_for(sign_in, sent, product, quantity="2")
    approved(database, number)
    arrived(database, number)
    desk = sign_in(cast.order_desk)
    row = {"line": "1", "sku": product.sku, "lot": "A", "result": "saleable", "note": "", "serials": ""}
    assert desk.post(f"/hq/returns/{number}/inspection", row | {"quantity": "2"}).status_code == 303
    shown = desk.get(f"/hq/returns/{number}").get_data(as_text=True)
    (order,) = set(re.findall(r'href="/hq/orders/(SO[^"]+)"', shown)) - {sent.order_number}
    assert f'href="/hq/returns/{number}"' in desk.get(f"/hq/orders/{order}").get_data(as_text=True)
    buyer = sign_in(cast.huadong.buyer)
    assert f'href="/returns/{number}"' in buyer.get(f"/orders/{order}").get_data(as_text=True)
    assert f'href="/orders/{order}"' in buyer.get(f"/returns/{number}").get_data(as_text=True)
    quality = sign_in(cast.quality).get(f"/hq/returns/{number}").get_data(as_text=True)
    assert order in quality and f'href="/hq/orders/{order}"' not in quality, "quality has no order desk"


@pytest.fixture
def gift(given, product):
    one = given.a_product(price="50.00")  # 40.00 for the dealer's tier
    given.stock_of(one, cast.shanghai_warehouse, a_lot("G", 12))
    given.a_promotion("gift", goods=[product], gift=(one, 1, 5))
    return one


@pytest.fixture
def with_gifts(given, database, product, gift):
    """Ten units that have left, with two gifts."""
    return delivered(given, database, {product: 10})


def _form(sent, product, **more):
    form = {"shipment": sent.shipment_number, "note": "", "sku": product.sku, "lot": "A", "serials": ""}
    return form | {"quantity": "3", "reason": "surplus", "remedy": "credit"} | more


def test_gifts_are_shown_before_a_return_is_asked_for_and_settled_with_it(
    database, sign_in, with_gifts, product, gift
):
    buyer, address = sign_in(cast.huadong.buyer), f"/orders/{with_gifts.order_number}/returns"
    first = buyer.post(address, _form(with_gifts, product))
    shown = first.get_data(as_text=True)
    assert first.status_code == 422 and "随货退回的赠品" in shown and gift.sku in shown
    assert 'name="gift_due" value="1"' in shown and "40.00" in shown and 'value="3"' in shown
    seen = {"gift_line": "2", "gift_due": "1"}
    wrong = buyer.post(address, _form(with_gifts, product, **seen, gift_keep="2"))
    assert wrong.status_code == 422 and 'id="gift-trouble-0"' in wrong.get_data(as_text=True)
    for typed in ("x", "1\0", "10000000000", "-1"):
        answer = buyer.post(address, _form(with_gifts, product, **seen, gift_keep=typed))
        assert answer.status_code == 422 and 'id="gifts"' in answer.get_data(as_text=True)
    done = buyer.post(address, _form(with_gifts, product, **seen, gift_keep="１"))
    assert done.status_code == 303
    number = done.headers["Location"].rpartition("/")[2]
    approved(database, number)
    arrived(database, number)
    desk = sign_in(cast.order_desk)
    page = desk.get(f"/hq/returns/{number}").get_data(as_text=True)
    assert "经销商留用" in page and 'name="bill_gifts"' in page
    row = {"line": "1", "sku": product.sku, "lot": "A", "result": "saleable", "note": "", "serials": ""}
    assert desk.post(f"/hq/returns/{number}/inspection", row | {"quantity": "3"}).status_code == 303
    told = buyer.get(f"/returns/{number}").get_data(as_text=True)
    note = re.search(r"AN\d{4}-\w+", told)[0]
    assert "补收赠品金额" in told
    assert number in sign_in(cast.huadong.finance).get(f"/adjustments/{note}").get_data(as_text=True)
    rival = sign_in(cast.yuegang.buyer)
    assert rival.post(address, _form(with_gifts, product, **seen, gift_keep="")).status_code == 404
    assert rival.get(f"/returns/{number}").status_code == 404
