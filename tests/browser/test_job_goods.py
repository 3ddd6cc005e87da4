"""Goods from their receipt to the credit note for what came back, and the law's records of them found again:
received by scan, accepted, ordered, picked, reviewed by another, packed, shipped cold, signed for on a phone,
asked back, approved, received, inspected and credited.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from portal.kernel import clock
from tests import cast
from tests.browser.acts import expect_status, fill_cart, number_of_the_order_shown, order_button
from tests.browser.looks import PHONE, assert_accessible, assert_fits
from tests.browser.test_job_delivery import pick, ship
from tests.builders import a_lot
from tests.coldchain.acts import made_cold
from tests.invariants import broken_promises
from tests.ledger.acts import delivered
from tests.transfers.acts import untrue
from tests.workbooks import workbook_of

BUYER = cast.huadong.buyer
SERIALS = ("S-1", "S-2", "S-3")
COLD_UNITS = 4


@pytest.fixture
def goods(given, owner):
    """A device with serial numbers, and a reagent that is kept cold."""
    device, reagent = given.a_product(serial_controlled=True), given.a_product()
    made_cold(owner, reagent)
    return device, reagent


def test_goods_are_received_sold_returned_and_credited_and_every_record_is_found(
    open_page, words, goods, database, owner
):
    desk, quality = open_page(cast.order_desk), open_page(cast.quality)
    receipt = receive(open_page(cast.order_desk, viewport=PHONE), words, *goods)
    record_the_transport(desk, words, receipt, goods[1])
    accept(quality, words, receipt)
    dealer = open_page(BUYER)
    order = place_order(dealer, words, database, *goods)
    parcel = send(desk, open_page(cast.desk_colleague), words, order, owner)
    sign_at_the_door(dealer, open_page(viewport=PHONE), words, parcel)
    measure(desk, words, parcel, "6.0")
    returned = ask_back(dealer, words, order)
    take_back(desk, quality, words, returned)
    note = credited(dealer, owner, returned)
    for address, said in (
        ("/hq/acceptance-records", (receipt, *SERIALS)),
        ("/hq/outbound-reviews", (parcel, *SERIALS)),
        ("/hq/cold-chain", (parcel,)),
        ("/hq/returns", (returned, note)),
    ):
        find_and_export(quality, address, said)
    assert broken_promises(owner) == {}
    assert untrue(database) == []


def receive(phone: Page, words, device, reagent) -> str:
    """Every label is scanned, each unit of the device; the rest is typed. The number of the receipt."""
    phone.goto("/hq/goods-receipts/new")
    for product, lot, serials in ((device, "D1", SERIALS), (reagent, "R1", ("",))):
        for serial in serials:
            code = f"(01){product.udi_di}(17)301231(10){lot}" + (f"(21){serial}" if serial else "")
            phone.locator("input[name=code]").fill(code)
            phone.locator("input[name=code]").press("Enter")
            expect(phone.locator("input[name=code]")).to_have_value("")
    phone.locator("#row-0 input[name=quantity]").fill(str(COLD_UNITS))
    phone.locator("select[name=warehouse]").select_option(cast.shanghai_warehouse.code)
    phone.locator("select[name=supplier]").select_option(cast.supplier_code)
    assert_fits(phone)
    phone.get_by_role("button", name=words("Receive"), exact=True).click()
    expect(phone).to_have_url(re.compile(r"/hq/goods-receipts/GR[^/]+$"))
    assert_fits(phone)
    return phone.url.rpartition("/")[2]


def record_the_transport(desk: Page, words, receipt: str, reagent) -> None:
    """How the cold goods came."""
    desk.goto(f"/hq/cold-receipts?number={receipt}")
    left = clock.now().astimezone(cast.ZONE) - timedelta(hours=2)
    for name, value in {
        "skus": reagent.sku,
        "departed_at": f"{left:%Y-%m-%dT%H:%M}",
        "departure_celsius": "4.0",
        "arrival_celsius": "5.0",
    }.items():
        desk.locator(f"#record [name={name}]").fill(value)
    desk.locator("#record [name=transport]").select_option("refrigerated_van")
    desk.locator("#record").get_by_role("button").last.click()
    expect(desk.locator("#transports")).to_contain_text(receipt)


def accept(quality: Page, words, receipt: str) -> None:
    """All of it is accepted."""
    quality.goto(f"/hq/goods-receipts/{receipt}")
    quality.get_by_role("button", name=words("Record the decision")).click()
    expect_status(quality, words, "accepted", "goods receipt")


def place_order(dealer: Page, words, database, device, reagent) -> str:
    """The dealer orders all of it."""
    fill_cart(database, BUYER, {device: len(SERIALS), reagent: COLD_UNITS})
    dealer.goto("/cart")
    order_button(dealer, words).click()
    return number_of_the_order_shown(dealer)


def send(desk: Page, reviewer: Page, words, order: str, owner) -> str:
    """It is picked, reviewed by a colleague, packed, packed cold and shipped. The number of the shipment."""
    desk.goto(f"/hq/orders/{order}")
    pick(desk, words)
    parcel = owner.execute(
        text(
            "SELECT s.number FROM shipment s"
            "  JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id) WHERE o.number = :order"
        ),
        {"order": order},
    ).scalar_one()
    review(reviewer, words, parcel)
    desk.goto(f"/hq/parcels/{parcel}/packing")
    desk.locator("form[method=post]").get_by_role("button").last.click()
    desk.goto(f"/hq/cold-chain/{parcel}")
    desk.locator("[name=transport]").select_option("cool_box")
    desk.locator("[name=box]").fill("BOX-7")
    desk.locator("[name=celsius]").fill("5.0")
    desk.get_by_role("button", name=words("Record the packing")).click()
    measure(desk, words, parcel, "4.0")
    desk.goto(f"/hq/orders/{order}")
    ship(desk, words, carrier="顺丰医药", tracking_no="SF-7788")
    expect_status(desk, words, "shipped")
    return parcel


def review(reviewer: Page, words, parcel: str) -> None:
    """Another person finds every unit, those with serial numbers by them."""
    reviewer.goto(f"/hq/parcels/{parcel}/review")
    for units, serials in ((len(SERIALS), SERIALS), (COLD_UNITS, ())):
        line = reviewer.locator("details.lot-choice").first
        line.locator("summary").click()
        line.get_by_label(words("Units counted")).fill(str(units))
        if serials:
            line.get_by_label(words("Serial numbers, one a line")).fill("\n".join(serials))
        line.get_by_role("button", name=words("Record")).click()
        expect(reviewer.locator(".toast, .notice").first).to_be_visible()
    expect(reviewer.locator("details.lot-choice")).to_have_count(0)


def measure(desk: Page, words, parcel: str, celsius: str) -> None:
    """The next temperature that the record asks for."""
    desk.goto(f"/hq/cold-chain/{parcel}")
    desk.locator("#measure [name=celsius]").fill(celsius)
    desk.locator("#measure").get_by_role("button").click()
    expect(desk.locator("main")).to_contain_text(celsius)


def sign_at_the_door(dealer: Page, phone: Page, words, parcel: str) -> None:
    """The dealer makes a link; whoever stands at the door signs on a phone, without an account."""
    dealer.goto(f"/shipments/{parcel}/proof")
    dealer.get_by_role("button", name=words("Make a link")).click()
    phone.goto("/d/" + dealer.locator("input[name=link]").input_value().rpartition("/d/")[2])
    phone.locator("input[name=signed_by]").fill("王收货")
    pad = phone.locator("[data-signature] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    phone.mouse.move(box["x"] + 20, box["y"] + 20)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    phone.mouse.up()
    assert_fits(phone)
    phone.get_by_role("button", name=words("Confirm receipt")).click()
    expect(phone.locator("body")).to_contain_text("王收货")
    assert_fits(phone)


def ask_back(dealer: Page, words, order: str) -> str:
    """Two devices shall go back. The number of the return."""
    dealer.goto(f"/orders/{order}")
    dealer.get_by_role("link", name=words("Return goods")).click()
    row = dealer.locator("#lines tbody tr").filter(has=dealer.locator("input[value=D1]"))
    row.locator("input[name=quantity]").fill("2")
    row.locator("select[name=reason]").select_option("surplus")
    row.locator("input[name=serials]").fill(" ".join(SERIALS[:2]))
    dealer.get_by_role("button", name=words("Ask for the return")).click()
    expect(dealer).to_have_url(re.compile(r"/returns/RT[^/]+$"))
    assert_fits(dealer)
    return dealer.url.rpartition("/")[2]


def take_back(desk: Page, quality: Page, words, returned: str) -> None:
    """The desk approves and receives, quality inspects: one may be sold again, one goes into quarantine."""
    desk.goto(f"/hq/returns/{returned}")
    confirm_in_the_head(desk, words("Approve"))
    desk.get_by_role("button", name=words("Receive"), exact=True).click()
    expect_status(desk, words, "received", "return")
    quality.goto(f"/hq/returns/{returned}")
    rows = quality.locator("#inspect tbody tr")
    for place, serial, note in ((0, SERIALS[0], ""), (1, SERIALS[1], "外盒破损")):
        rows.nth(place).locator("input[name=quantity]").fill("1")
        rows.nth(place).locator("input[name=note]").fill(note)
        rows.nth(place).locator("input[name=serials]").fill(serial)
    quality.get_by_role("button", name=words("Settle the return")).click()
    expect_status(quality, words, "settled", "return")


def confirm_in_the_head(page: Page, label: str) -> None:
    """Press a button of the page's head that asks first, and say yes."""
    page.get_by_role("button", name=label, exact=True).first.click()
    page.get_by_role("dialog").locator("button[type=submit]").click()


def credited(dealer: Page, owner, returned: str) -> str:
    """The dealer sees the credit note; two devices of 80.00 stand on the account. Its number."""
    note, gross = owner.execute(
        text(
            "SELECT r.credit_note_no, i.gross FROM return_request r"
            "  JOIN invoice i ON i.number = r.credit_note_no WHERE r.number = :number"
        ),
        {"number": returned},
    ).one()
    dealer.reload()
    expect(dealer.locator("#record")).to_contain_text(note)
    assert str(gross) == "-160.00"
    return note


def find_and_export(quality: Page, address: str, said: tuple[str, ...]) -> None:
    """The record is found by its number, and a workbook holds it in one row."""
    quality.goto(f"{address}?q={said[0]}")
    expect(quality.locator("#results tbody tr").first).to_be_visible()
    assert_fits(quality)
    content = quality.request.get(f"{address}?q={said[0]}&export=xlsx").body()
    rows = [" ".join(cell.value for cell in row) for row in workbook_of(content)]
    assert any(all(one in row for one in said) for row in rows), (address, said, rows)


def test_gifts_are_seen_before_a_return_is_asked_for(open_page, words, given, database):
    """On a phone: the form comes back with the gifts, one of which stays; the return says what it costs."""
    goods, gift = given.a_product(price="125.00"), given.a_product(price="50.00")
    for one, lot in ((goods, "GOODS"), (gift, "GIFTS")):
        given.stock_of(one, cast.shanghai_warehouse, a_lot(lot, 20))
    given.a_promotion("gift", goods=[goods], gift=(gift, 1, 5))
    order = delivered(given, database, {goods: 10}).order_number
    phone = open_page(BUYER, viewport=PHONE)
    phone.goto(f"/orders/{order}/returns/new")
    row = phone.locator("#lines tbody tr").filter(has=phone.locator("input[value=GOODS]"))
    row.locator("input[name=quantity]").fill("6")
    row.locator("select[name=reason]").select_option("surplus")
    phone.get_by_role("button", name=words("Ask for the return")).click()
    gifts = phone.locator("#gifts")
    expect(gifts).to_contain_text(gift.sku)
    assert_fits(phone)
    assert_accessible(phone)
    gifts.locator("input[name=gift_keep]").fill("1")
    phone.get_by_role("button", name=words("Ask for the return")).click()
    expect(phone).to_have_url(re.compile(r"/returns/RT[^/]+$"))
    expect(phone.locator("#gifts")).to_contain_text("40.00")
    assert_fits(phone)
    assert_accessible(phone)
