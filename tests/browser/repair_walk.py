"""A repair as a dealer, headquarters and a technician walk through it, one act of somebody each."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import Page, Route, expect

from portal.kernel import clock
from tests import cast
from tests.browser.acts import expect_status
from tests.browser.walking import at_a_stop, go, press, take_a_photo
from tests.devices.acts import HOSPITAL
from tests.roles import Product

SERIAL, LOT = "PUMP-7", "SY-EARLY"


def report_a_fault(page: Page, words, settings, pump: Product) -> str:
    """Scan the label, see what device it is, and send what is wrong with it, with a photo."""
    page.goto("/service-requests")
    go(page, words("New request"))
    at_a_stop(page)
    go(page, words("Repair"))
    page.locator("#field-device").fill(f"(01){pump.udi_di}(21){SERIAL}")
    page.locator("#field-device").press("Enter")  # as a hand scanner ends its code
    known = page.locator("#device-known")
    for word in (SERIAL, words.name_of(pump), "P-1", words.status("warranty", "expired")):
        expect(known).to_contain_text(word)
    page.locator("#field-subject").fill("输液泵运行一小时后停机")
    page.locator("#field-text").fill("报警代码 E-1024，重启后同样停机。")
    page.locator("#field-contact").fill("王工 13800000000")
    take_a_photo(page, settings)
    at_a_stop(page)
    press(page, words("Send the request"))
    expect(page).to_have_url(re.compile(r"/service-requests/SV[^/]+$"))
    expect_status(page, words, "new", "service request")
    facts = page.locator("#facts")
    for word in (SERIAL, pump.sku, "P-1"):
        expect(facts).to_contain_text(word)
    at_a_stop(page)
    return page.url.rpartition("/")[2]


def assign(desk: Page, words, number: str) -> None:
    """The desk finds it in its queue and gives it to a technician."""
    desk.goto("/hq/service-requests")
    go(desk, number)
    at_a_stop(desk)
    desk.locator("#field-assignee").select_option(str(cast.technician.id))
    press(desk, words("Assign"))
    expect_status(desk, words, "assigned", "service request")


def quote(technician: Page, words, number: str) -> None:
    """The technician begins, looks at the photo, and offers work and parts."""
    technician.goto("/hq/service-requests?queue=mine")
    go(technician, number)
    expect(technician.locator("#conversation")).to_contain_text("pump.jpg")
    press(technician, words("Begin"))
    expect_status(technician, words, "in_progress", "service request")
    go(technician, words("Quote and repair"))
    work, part = technician.locator("#write tbody tr").nth(0), technician.locator("#write tbody tr").nth(1)
    for name, value in {"text": "更换滤网", "quantity": "2.5", "unit_price": "200"}.items():
        work.locator(f"[name={name}]").fill(value)
    part.locator("[name=kind]").select_option("part")
    part.locator("[name=sku]").fill(cast.syringe.sku)
    part.locator("[name=quantity]").fill("2")
    at_a_stop(technician)
    press(technician, words("Offer"))
    expect_status(technician, words, "offered", "repair")
    at_a_stop(technician)


def accept(buyer: Page, words, number: str) -> None:
    """Whoever orders for the dealer reads the quote and accepts it."""
    buyer.goto("/service-requests?status=open")
    go(buyer, number)
    at_a_stop(buyer)
    buyer.get_by_role("link", name=words("Decide on the quote"), exact=True).click()
    at_a_stop(buyer)
    press(buyer, words("Accept the quote"))
    expect_status(buyer, words, "accepted", "repair")
    expect(buyer.locator("#parts tbody tr")).to_contain_text(cast.syringe.sku)


def plan_a_visit(technician: Page, words) -> None:
    """The address is that of the device; the visit is today."""
    technician.reload()
    expect_status(technician, words, "accepted", "repair")
    expect(technician.locator("#field-address")).to_have_value(f"上海 {HOSPITAL} 心内科")
    expect(technician.locator("#field-contact")).to_have_value("王工 13800000000")
    now = clock.now().astimezone(cast.ZONE).replace(hour=12)
    technician.locator("#field-starts_at").fill(f"{now:%Y-%m-%dT%H:%M}")
    technician.locator("#field-ends_at").fill(f"{now + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    press(technician, words("Plan the visit"))
    expect(technician.locator("#visit-1")).to_contain_text(HOSPITAL)
    at_a_stop(technician)


def report_the_visit(technician: Page, words, settings, tolerated: set[str]) -> None:
    """Open the day, work through the check-list, have it signed, and send it over a line that breaks."""
    technician.goto("/hq/service/day")
    at_a_stop(technician)
    go(technician, words("Fill in the report"))
    report = technician.locator("#report")
    press(technician, words("File the report"))  # nothing is filled in yet: the browser asks for it
    expect(report.locator("select:invalid").first).to_be_visible()
    for one in report.locator("select[name^=check-]").all():
        one.select_option("ok")
    expect(technician.locator("#used-1")).to_have_value("2")  # what is held, of the lot that expires first
    technician.locator("#field-findings").fill("滤网已更换，运行两小时正常。")
    take_a_photo(technician, settings)
    technician.locator("#field-result").select_option("passed")
    technician.locator("#field-signed_name").fill("李医生")
    sign(technician)
    at_a_stop(technician)
    losing_the_first_answer(technician, tolerated)
    press(technician, words("File the report"))
    expect(technician.locator("#failures .toast-note")).to_be_visible()
    expect(technician.locator("#field-findings")).to_have_value("滤网已更换，运行两小时正常。")
    assert technician.locator("[name=signature]").input_value() != ""
    press(technician, words("File the report"))
    expect(technician.locator("#filed .signature-drawn")).to_be_visible()
    expect(technician.locator("#filed")).to_contain_text(LOT)
    expect(technician.locator("#invoice")).to_contain_text("SI")
    at_a_stop(technician)


def sign(page: Page) -> None:
    """Draw on the pad."""
    pad = page.locator("[data-signature] canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 40, steps=5)
    page.mouse.up()


def losing_the_first_answer(page: Page, tolerated: set[str]) -> None:
    """The report arrives, and its answer does not."""
    lost: list[int] = []

    def handle(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort("connectionreset")

    tolerated.add("htmx:sendError")
    page.route("**/report", handle)


def pay(finance: Page, words, invoice: str, gross: Decimal) -> None:
    """Finance opens the invoice from the dealer's account and books what came for it."""
    finance.goto(f"/hq/dealers/{cast.huadong.code}/ledger")
    go(finance, invoice)
    expect(finance.locator("#lines")).to_contain_text("更换滤网")
    at_a_stop(finance)
    go(finance, words("Book a payment"))
    finance.locator("#field-amount").fill(str(gross))
    finance.locator("#field-reference").fill(f"BANK {invoice}")
    press(finance, words("Book the payment"))
    expect(finance.locator(".notice, .toast").first).to_be_visible()
    finance.goto(f"/hq/invoices/{invoice}")
    expect(finance.locator(".page-head")).to_contain_text(words("Settled"))
    expect(finance.locator("#allocations")).to_contain_text("PY")


def see_it_paid(dealer: Page, words, number: str, invoice: str) -> None:
    """The invoice of the repair is settled; the dealer says that the request is solved."""
    dealer.reload()
    expect(dealer.locator("#invoice")).to_contain_text(words("Settled"))
    at_a_stop(dealer)
    dealer.goto(f"/service-requests/{number}")
    expect_status(dealer, words, "resolved", "service request")
    expect(dealer.locator("#repair")).to_contain_text(invoice)
    expect(dealer.locator("#repair")).to_contain_text(words("Settled"))
    dealer.get_by_role("button", name=words("It is solved"), exact=True).first.click()
    dealer.get_by_role("dialog").locator("button[type=submit]").click()
    expect_status(dealer, words, "closed", "service request")
    at_a_stop(dealer)
