"""Recalls in the browser and by API: from a notice's text to a holder's answer, and what a rival gets."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.builders import a_lot
from tests.recalls.acts import confirmed, drafted, found, lots_of, own, running
from tests.shipping.acts import picked, shipped
from tests.web_clients import Visitor

HUADONG, YUEGANG = cast.huadong, cast.yuegang


@pytest.fixture
def sold(given, database):
    """Huadong got 6 units of lot BAD."""
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 40))
    order = given.an_order({product: 6})
    shipped(database, picked(database, order.number).shipment_number)
    return product


@pytest.fixture
def desk(sign_in) -> Visitor:
    """Quality at headquarters."""
    return sign_in(cast.quality)


def fields(product, **more):
    return {
        "title": "Infusion set",
        "level": "1",
        "reason": "It may leak.",
        "demands": "Stop using it.",
        "notice_text": "",
        "sku": product.sku,
        "kind": "lots",
        "lots": "BAD",
        "serial_from": "",
        "serial_to": "",
        "without": "",
        "made_from": "",
        "made_to": "",
    } | more


def test_a_notice_fills_the_form_and_saves_nothing(desk, sold):
    notice = f"产品名称：输液器；型号规格：{sold.sku}；批号：B2401、B2402；实施二级召回。"
    page = desk.post("/hq/recalls/new", fields(sold, sku="", lots="", notice_text=notice, act="propose"))
    assert page.status_code == 200
    assert f'value="{sold.sku}"' in page.text and "B2401\nB2402" in page.text.replace("\r", "")
    assert re.search(r'<option value="2"[^>]* selected', page.text)
    assert "RC26" not in desk.get("/hq/recalls").text


def test_a_draft_is_written_confirmed_and_decided_by_another_person(desk, sign_in, database, sold):
    written = desk.post("/hq/recalls/new", fields(sold))
    number = re.search(r"RC[0-9]{4}-[0-9A-Z]{9}", written.headers["Location"])[0]
    desk.post(f"/hq/recalls/{number}/confirmation", {"revision": found(database, number).revision})
    revision = {"revision": found(database, number).revision}
    assert desk.post(f"/hq/recalls/{number}/decision", revision).status_code == 409
    decided = sign_in(cast.quality_colleague).post(f"/hq/recalls/{number}/decision", revision)
    assert decided.status_code == 303
    room = desk.get(f"/hq/recalls/{number}").text
    assert "0.0 %" in room and HUADONG.code in room


def test_a_refused_draft_shows_what_was_typed(desk, sold):
    page = desk.post("/hq/recalls/new", fields(sold, sku="NO-SUCH", lots="KEEP-ME"))
    assert page.status_code == 422
    assert "KEEP-ME" in page.text and "NO-SUCH" in page.text


def test_a_holder_answers_in_three_taps(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    buyer = sign_in(HUADONG.buyer)
    assert number in buyer.get("/recalls").text  # the first tap is its number
    page = buyer.get(f"/recalls/{number}").text
    assert re.search(r'name="found"[^>]*value="6"', page) or re.search(r'value="6"[^>]*name="found"', page)
    sent = buyer.post(f"/recalls/{number}/response", {"found": "4", "used": "2"})
    assert sent.status_code == 303
    answer = own(database, number, by=HUADONG.buyer)
    assert (answer.state, answer.found, answer.used) == ("answered", 4, 2)


def test_destroyed_units_ask_for_a_witness_and_a_photo(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    page = sign_in(HUADONG.buyer).post(f"/recalls/{number}/response", {"destroyed": "6"})
    assert page.status_code == 422
    assert 'value="6"' in page.text and "<details open" in page.text


def test_a_rival_finds_no_recall(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    rival = sign_in(YUEGANG.buyer)
    assert rival.get(f"/recalls/{number}").status_code == 404
    assert number not in rival.get("/recalls").text


def test_a_recall_is_closed_with_a_reason_for_what_is_open(desk, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    about = {"revision": found(database, number).revision, "reason": "over", "open_code": HUADONG.code}
    refused = desk.post(f"/hq/recalls/{number}/closing", about | {"open_reason": ""})
    assert refused.status_code == 422
    assert desk.post(f"/hq/recalls/{number}/closing", about | {"open_reason": "silent"}).status_code == 303
    assert found(database, number).state == "closed"


def test_who_drafted_sees_no_button_to_decide(desk, sign_in, database, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    confirmed(database, number)
    assert 'id="decide"' not in desk.get(f"/hq/recalls/{number}").text
    assert 'id="decide"' in sign_in(cast.quality_colleague).get(f"/hq/recalls/{number}").text
