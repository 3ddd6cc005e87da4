"""The pages of the way out: waves, pick list, review, packing, papers."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests import cast
from tests.builders import a_lot
from tests.played import played
from tests.shipping.acts import parcel, passed, picked, received, shipped, status


def english(visitor):
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def picker(sign_in):
    return english(sign_in(cast.order_desk))


@pytest.fixture
def reviewer(sign_in):
    return english(sign_in(cast.desk_colleague))


def shown(visitor, path, code=200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == code, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def words_of(answer) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.get_data())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def reviewing(visitor, number, sent, path="review"):
    """Send what was found, from the form that the page shows for it."""
    return visitor.post(
        f"/hq/parcels/{number}/{path}", sent | {"left": left_shown(visitor, number, sent, path)}
    )


def left_shown(visitor, number, sent, path="review") -> str:
    """Units to review as the form for some of them has them; empty where the page has no such form."""
    page = shown(visitor, f"/hq/parcels/{number}/review")
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        if f'/hq/parcels/{number}/{path}"' in form and f'value="{sent.get("lot", "")}"' in form:
            return re.findall(r'name="left" value="(\d+)"', form)[0]
    return ""


@played
def gauze(given, database, owner):
    order = given.an_order({cast.gauze: 50})
    return order.number, picked(database, order.number).shipment_number


def test_a_parcel_goes_out_by_its_pages(picker, reviewer, owner, gauze):
    order, number = gauze
    assert number in shown(picker, "/hq/parcels")
    page = shown(picker, f"/hq/parcels/{number}/picking")
    assert "GZ-SHORT" in page and "0 of 2 lots" in page
    taken = {"line": "1", "lot": "GZ-SHORT"}
    assert picker.post(f"/hq/parcels/{number}/picking", taken).status_code == 303
    assert "1 of 2 lots" in shown(picker, f"/hq/parcels/{number}/picking")
    assert "Another person reviews it" in shown(picker, f"/hq/parcels/{number}/review")
    sending = {"shipment": number, "carrier": "SF", "tracking_no": "SF1"}
    refused = picker.post(f"/hq/orders/{order}/shipping", sending)
    assert refused.status_code == 409 and "waits for its outbound review" in refused.get_data(as_text=True)
    for lot, units in (("GZ-SHORT", "30"), ("GZ-FRESH", "20")):
        check = {"line": "1", "lot": lot, "quantity": units, "outcome": "passed"}
        assert reviewing(reviewer, number, check).status_code == 303
    assert "Everything passed" in shown(reviewer, f"/hq/parcels/{number}/review")
    assert picker.post(f"/hq/orders/{order}/shipping", sending).status_code == 303
    assert status(owner, order) == "shipped"


def test_the_next_step_is_offered_where_one_stands(picker, reviewer, owner, gauze):
    order, number = gauze
    address = f'action="/hq/orders/{order}/shipping"'
    assert "Shipments to review" in shown(reviewer, "/hq/")
    assert "Shipments to review" not in shown(picker, "/hq/"), "whoever picked it does not review it"
    waiting = shown(picker, f"/hq/orders/{order}")
    assert "units wait for the outbound review" in waiting and 'name="carrier"' not in waiting
    for lot, units in (("GZ-SHORT", "30"), ("GZ-FRESH", "20")):
        assert address not in shown(reviewer, f"/hq/parcels/{number}/review")
        reviewing(reviewer, number, {"line": "1", "lot": lot, "quantity": units, "outcome": "passed"})
    assert "Shipments to review" not in shown(reviewer, "/hq/")
    assert address in shown(reviewer, f"/hq/parcels/{number}/review")
    assert 'name="carrier"' in shown(picker, f"/hq/orders/{order}")
    sending = {"shipment": number, "carrier": "SF", "tracking_no": "SF1"}
    assert reviewer.post(f"/hq/orders/{order}/shipping", sending).status_code == 303
    assert status(owner, order) == "shipped"


def test_a_reviewer_scans_and_is_told_what_is_wrong_beside_the_field(reviewer, gauze):
    _, number = gauze
    answer = reviewing(reviewer, number, {"code": "GLOVES"}, "review/scan")
    assert answer.status_code == 422 and "not in the shipment" in answer.get_data(as_text=True)
    wrong = {"code": cast.gauze.sku, "quantity": "x"}
    assert reviewing(reviewer, number, wrong, "review/scan").status_code == 422
    answer = reviewing(reviewer, number, {"code": cast.gauze.sku}, "review/scan")
    assert "names no lot" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("review", {"line": "1", "lot": "GZ-FRESH", "quantity": "2", "outcome": "passed"}),
        ("review", {"line": "1", "lot": "GZ-FRESH", "quantity": "2", "outcome": "damaged", "note": "wet"}),
        ("review/scan", {"code": f"(01){cast.gauze.udi_di}(10)GZ-FRESH", "quantity": "2"}),
    ],
)
def test_a_review_that_is_sent_again_is_told_so(reviewer, owner, gauze, path, sent):
    _, number = gauze
    sent = sent | {"left": left_shown(reviewer, number, sent, path)}
    address = f"/hq/parcels/{number}/{path}"
    assert reviewer.post(address, sent).status_code == 303
    answer = reviewer.post(address, sent)
    assert answer.status_code == 409 and "you may have sent this already" in answer.get_data(as_text=True)
    assert reviewer.post(address, sent | {"left": ""}).status_code == 409
    assert owner.execute(text("SELECT sum(quantity) FROM outbound_review")).scalar_one() == 2


def test_a_reviewer_who_picks_all_the_same_is_refused_in_words(reviewer, gauze):
    _, number = gauze
    check = {"line": "1", "lot": "GZ-SHORT", "quantity": "3", "outcome": "passed"}
    assert reviewing(reviewer, number, check).status_code == 303
    answer = reviewer.post(f"/hq/parcels/{number}/picking", {"line": "1", "lot": "GZ-FRESH"})
    assert answer.status_code == 403 and "Another person picks the rest" in answer.get_data(as_text=True)


def test_a_picker_who_reviews_all_the_same_is_refused_in_words(picker, gauze):
    _, number = gauze
    check = {"line": "1", "lot": "GZ-SHORT", "quantity": "30", "outcome": "passed"}
    answer = picker.post(f"/hq/parcels/{number}/review", check)
    assert answer.status_code == 403 and "Another person" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"quantity": "1", "outcome": "damaged"}, "needs words"),
        ({"quantity": "99", "outcome": "passed"}, "still to be reviewed"),
        ({"quantity": "", "outcome": "passed"}, "Nothing has been entered"),
        ({"quantity": "1", "outcome": "perfect"}, "Choose a result"),
    ],
)
def test_a_check_that_does_not_fit_comes_back_with_what_was_typed(reviewer, gauze, entered, said):
    _, number = gauze
    answer = reviewing(reviewer, number, {"line": "1", "lot": "GZ-SHORT", **entered})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page
    assert '<details class="lot-choice" open>' in page


def test_a_finding_dissolves_a_parcel_of_one_line(given, database, reviewer, owner):
    order = given.an_order({cast.gauze: 5})
    number = picked(database, order.number).shipment_number
    finding = {"line": "1", "lot": "GZ-SHORT", "quantity": "5", "outcome": "damaged", "note": "wet"}
    answer = reviewing(reviewer, number, finding)
    assert (answer.status_code, answer.location) == (303, "/hq/parcels")
    assert status(owner, order.number) == "confirmed"


def test_quality_finds_a_review_again_and_takes_it_away(sign_in, database, gauze):
    _, number = gauze
    passed(database, number)
    quality = english(sign_in(cast.quality))
    page = shown(quality, "/hq/outbound-reviews?q=gz-sh0rt")
    assert number in page and "GZ-SHORT" in page and "GZ-FRESH" not in page
    assert "No reviews" in shown(quality, "/hq/outbound-reviews?outcome=damaged")
    file = quality.get("/hq/outbound-reviews?export=csv").get_data(as_text=True)
    assert file.count(number) == 2 and cast.desk_colleague.actor().label in file
    assert quality.get("/hq/parcels").status_code == 403


def test_a_parcel_is_packed_into_boxes(picker, owner, gauze):
    _, number = gauze
    page = shown(picker, f"/hq/parcels/{number}/packing?packages=2")
    assert page.count('name="kind-') == 2
    boxes = {
        "packages": "2",
        "kind-1": "case",
        "weight-1": "12.5",
        "units-1|1|GZ-SHORT": "30",
        "units-1|1|GZ-FRESH": "10",
        "kind-2": "inner",
        "units-2|1|GZ-FRESH": "10",
    }
    assert picker.post(f"/hq/parcels/{number}/packing", boxes).status_code == 303
    kept = owner.execute(text("SELECT number, kind, weight_g, sscc FROM package ORDER BY number")).all()
    assert [tuple(row) for row in kept] == [(1, "case", 12500, ""), (2, "inner", None, "")]
    wrong = picker.post(f"/hq/parcels/{number}/packing", boxes | {"units-2|1|GZ-FRESH": "11"})
    assert wrong.status_code == 422
    assert "Packed of line 1, lot GZ-FRESH: 21, in the shipment: 20." in wrong.get_data(as_text=True)
    words = words_of(picker.get(f"/hq/parcels/{number}/packing-list.pdf"))
    assert "Package 2 of 2" in words and "12.5 kg" in words


def test_a_wave_picks_what_it_can_and_names_the_rest(given, picker, owner):
    one, other = given.an_order({cast.gauze: 10}).number, given.an_order({cast.gauze: 20}).number
    gone = given.an_order({cast.gauze: 5}).number
    page = shown(picker, "/hq/waves/new?warehouse=" + cast.shanghai_warehouse.code)
    assert one in page and other in page
    picker.post(f"/hq/orders/{gone}/cancellation", {"reason": "mistake"})
    form = {"warehouse": cast.shanghai_warehouse.code, "number": [one, other, gone, "SO2611-00000000A"]}
    started = picker.post("/hq/waves", form)
    assert started.status_code == 303
    page = shown(picker, started.location)
    assert f"{gone} was left out: The order has been cancelled." in re.sub(r"<[^>]+>", "", page)
    assert (status(owner, one), status(owner, other)) == ("picking", "picking")
    words = words_of(picker.get(f"{started.location}/pick-list.pdf"))
    assert "GZ-SHORT" in words and "Units in all 30" in words
    assert started.location.rsplit("/", 1)[1] in shown(picker, "/hq/waves")


def test_a_wave_tells_a_region_nothing_of_the_orders_of_another(given, database, picker, sign_in):
    given.stock_of(cast.gauze, cast.guangzhou_warehouse, a_lot("GZ-SOUTH", 9))
    theirs = given.an_order({cast.gauze: 5}).number
    ours = given.an_order({cast.gauze: 5}, by=cast.yuegang.buyer).number
    for number in (theirs, ours):
        picker.post(f"/hq/orders/{number}/cancellation", {"reason": "mistake"})
    form = {"warehouse": cast.shanghai_warehouse.code, "number": [theirs, ours]}
    place = picker.post("/hq/waves", form).location
    assert {theirs, ours} <= set(re.findall(r"SO[\w-]+", shown(picker, place)))
    southern = english(sign_in(cast.south_desk))
    page = shown(southern, place)
    assert f"{ours} was left out" in page and theirs not in page
    for path in ("/hq/waves", "/hq/waves?export=csv", "/hq/waves?export=xlsx"):
        assert theirs.encode() not in southern.get(path).get_data()
    assert theirs not in words_of(southern.get(f"{place}/pick-list.pdf"))


def test_a_wave_of_nothing_is_not_started(picker, owner):
    answer = picker.post("/hq/waves", {"warehouse": cast.shanghai_warehouse.code})
    assert answer.status_code == 422 and "No orders, or too many" in answer.get_data(as_text=True)
    answer = picker.post("/hq/waves", {"warehouse": "NOWHERE", "number": ["SO2611-00000000A"]})
    assert answer.status_code == 422
    numbers = owner.execute(text("SELECT number FROM pick_wave")).scalars().all()
    assert numbers == [cast.wave_number]


def test_an_order_of_another_warehouse_is_left_out_whole(given, picker, owner):
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 10))
    number = given.an_order({product: 5}).number
    other = next(one for one in cast.warehouses if one is not cast.shanghai_warehouse)
    started = picker.post("/hq/waves", {"warehouse": other.code, "number": [number]})
    assert "another warehouse" in shown(picker, started.location)
    assert status(owner, number) == "confirmed"


def test_a_delivery_note_has_every_field_and_marks_its_reprints(sign_in, database, owner, given):
    order = given.an_order({cast.gauze: 50, cast.stent: 1}, purchase_order_no="PO-77")
    number = picked(database, order.number).shipment_number
    desk = english(sign_in(cast.order_desk))
    assert desk.get(f"/hq/parcels/{number}/delivery-note.pdf").status_code == 409
    shipped(database, number, serials={(2, "ST-1"): ["SER-9"]}, tracking_no="SF77")
    dealer = english(sign_in(cast.huadong.buyer))
    assert "Delivery note" in shown(dealer, f"/orders/{order.number}")
    first = words_of(dealer.get(f"/shipments/{number}/delivery-note.pdf"))
    product = owner.execute(
        text("SELECT maker, registration_no FROM product WHERE id = :p"), {"p": cast.gauze.id}
    ).one()
    for part in (
        cast.huadong.name_en,
        "Tonglu Medical Technology Co., Ltd.",
        order.number,
        number,
        "PO-77",
        "SF77",
        str(cast.TODAY),
        "GZ-SHORT",
        "GZ-FRESH",
        "SER-9",
        str(cast.gauze_lot_short_dated.expires_on),
        product.registration_no,
        "Registrant: ",
        product.maker[:4],
        cast.desk_colleague.actor().label,
        "专",
    ):
        assert "".join(part.split()) in "".join(first.split()), part
    assert "Reprint" not in first and "Contract maker" not in first
    again = words_of(desk.get(f"/hq/parcels/{number}/delivery-note.pdf"))
    assert "Reprint 1" in again
    third = words_of(dealer.get(f"/shipments/{number}/delivery-note.pdf"))
    assert "Reprint 2" in third
    prints = owner.execute(text("SELECT copy, printed_by FROM delivery_note_print ORDER BY copy")).all()
    assert [tuple(row) for row in prints] == [
        (1, cast.huadong.buyer.actor().key),
        (2, cast.order_desk.actor().key),
        (3, cast.huadong.buyer.actor().key),
    ]
    received(database, number)
    assert "Reprint 3" in words_of(dealer.get(f"/shipments/{number}/delivery-note.pdf"))


def test_a_reprint_names_the_dealer_as_the_order_did(sign_in, database, owner, gauze):
    _, number = gauze
    owner.execute(
        text("UPDATE dealer SET name_zh = '改名公司', name_en = 'Renamed Ltd.' WHERE id = :d"),
        {"d": cast.huadong.id},
    )
    shipped(database, number)
    desk = english(sign_in(cast.order_desk))
    for path in (f"/hq/parcels/{number}/delivery-note.pdf", f"/hq/parcels/{number}/packing-list.pdf"):
        words = words_of(desk.get(path))
        assert cast.huadong.name_en in words and "Renamed" not in words
    buyers = owner.execute(text("SELECT DISTINCT buyer FROM outbound_review")).scalars().all()
    assert buyers == [cast.huadong.name_zh]


def test_nobody_else_prints_a_dealers_delivery_note(sign_in, database, gauze):
    _, number = gauze
    shipped(database, number)
    assert sign_in(cast.yuegang.buyer).get(f"/shipments/{number}/delivery-note.pdf").status_code == 404
    assert sign_in(cast.south_desk).get(f"/hq/parcels/{number}/delivery-note.pdf").status_code == 404


def test_a_pick_list_names_the_bin(picker, owner, gauze):
    _, number = gauze
    owner.execute(
        text("UPDATE lot_stock SET location = 'A-01-3' WHERE product_id = :p"), {"p": cast.gauze.id}
    )
    assert "A-01-3" in shown(picker, f"/hq/parcels/{number}/picking")
    words = words_of(picker.get(f"/hq/parcels/{number}/pick-list.pdf"))
    assert "A-01-3" in words and "Units in all 50" in words
    assert len(parcel(owner, number)) == 2
