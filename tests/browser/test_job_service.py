"""Two whole jobs of service, everybody on the screen of their work: a repair from the scan of the device to
the paid invoice, and a complaint on its way to the regulator and back to the dealer.

In Chinese: their pages are looked at in both languages everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from portal.files.content_rules import JPEG
from portal.files.preview_file import make_preview
from portal.files.store import store_at
from tests import cast
from tests.browser import complaint_walk, repair_walk
from tests.browser.acts import expect_status
from tests.browser.looks import PHONE, WIDE, assert_good_on_every_screen
from tests.browser.walking import press
from tests.checks.acts import found
from tests.devices.acts import a_rule, in_register
from tests.files.acts import a_picture, sample
from tests.invariants import broken_promises
from tests.roles import Product

ON_THE_WAY = {cast.huadong.service, cast.huadong.buyer, cast.technician}


@pytest.fixture
def visit_of(open_page) -> Callable[..., Page]:
    """``visit_of(person)``: a page of somebody, on a phone or at a desk."""
    return lambda person: open_page(person, viewport=PHONE if person in ON_THE_WAY else WIDE)


@pytest.fixture
def pump(given, database) -> Product:
    """A device in a hospital whose warranty is over."""
    product = given.a_product(
        name_zh="便携式输液泵", name_en="Portable infusion pump", serial_controlled=True, unit="台"
    )
    a_rule(database)
    in_register(
        database, cast.huadong, product, repair_walk.SERIAL, lot="P-1", since=cast.TODAY - timedelta(days=500)
    )
    return product


def test_a_repair_goes_from_the_scan_to_the_paid_invoice(
    visit_of, words, pump, settings, database, owner, tolerated
):
    dealer, technician = visit_of(cast.huadong.service), visit_of(cast.technician)
    number = repair_walk.report_a_fault(dealer, words, settings, pump)
    repair_walk.assign(visit_of(cast.service_desk), words, number)
    repair_walk.quote(technician, words, number)
    repair_walk.accept(visit_of(cast.huadong.buyer), words, number)
    assert held_for_repairs(owner) == 2, "its parts are kept for it"
    repair_walk.plan_a_visit(technician, words)
    repair_walk.report_the_visit(technician, words, settings, tolerated)
    invoice, gross = owner.execute(text("SELECT number, gross FROM service_invoice")).one()
    assert owner.execute(text("SELECT count(*) FROM repair_report")).scalar_one() == 1
    assert held_for_repairs(owner) == 0
    dealer.goto(f"/service-requests/{number}/repair")
    expect(dealer.locator("#invoice")).not_to_contain_text(words("Settled"))
    repair_walk.pay(visit_of(cast.hq_finance), words, invoice, gross)
    repair_walk.see_it_paid(dealer, words, number, invoice)
    assert broken_promises(owner) == {} and not found(database)


def held_for_repairs(owner) -> int:
    return owner.execute(text("SELECT coalesce(sum(reserved), 0) FROM repair_part")).scalar_one()


def test_a_complaint_becomes_an_adverse_event_report_and_comes_back_with_its_answer(
    visit_of, words, settings, database, owner
):
    dealer, quality = visit_of(cast.huadong.service), visit_of(cast.quality)
    number = complaint_walk.complain(dealer, words, settings)
    complaint_walk.triage(quality, words, number)
    complaint_walk.may_not_close_yet(quality, words, number)
    complaint_walk.write_the_report(quality, words, number)
    complaint_walk.submit_it(visit_of(cast.quality_colleague), words, number)
    complaint_walk.only_quality_closes_it(visit_of(cast.service_desk), words, number)
    complaint_walk.close(quality, words, number)
    complaint_walk.read_the_answer(dealer, words, number)
    rival = visit_of(cast.yuegang.service)
    assert rival.goto(f"/service-requests/{number}").status == 404
    rival.goto(f"/service-requests?q={number}")
    expect(rival.locator("#results")).not_to_contain_text(number)
    assert not found(database)


def test_many_photos_over_a_line_that_breaks_arrive_once_each_and_without_their_place(
    visit_of, words, settings, owner
):
    page = visit_of(cast.huadong.service)
    page.goto("/service-requests/new?kind=repair")
    broken = breaking_the_line(page)
    photos = [a_photo(f"IMG_{place}.jpg", a_picture(size=(64 + place, 48))) for place in range(8)]
    photos += [
        a_photo("IMG_GPS.jpg", sample("photo_gps.jpg")),
        a_photo("IMG_1.HEIC", sample("photo_gps.heic")),
    ]
    photos += [a_photo("LARGE.jpg", a_large_picture()), a_photo("driver.jpg", sample("executable_pe.jpg"))]
    page.locator("#field-files").set_input_files(photos)
    expect(page.locator("[data-file-list] [name=file_id]")).to_have_count(11)
    expect(page.locator(".file-refused")).to_contain_text("driver.jpg")
    assert [Path(one).name == "files" for one in broken] == [True, False, False], "a small one, a large one"
    assert_good_on_every_screen(page)
    for one in page.locator("[data-file-list] [name=file_id]").all():
        make_preview(store_at(settings.files_url), file_id=one.get_attribute("value"), media_type=JPEG)
    page.locator("#field-subject").fill("输液泵外壳破裂")
    page.locator("#field-text").fill("见照片。")
    press(page, words("Send the request"))
    expect_status(page, words, "new", "service request")
    files = page.locator("#conversation a.file-name")
    expect(files).to_have_count(11)
    for file in files.all():
        answer = page.request.get(file.get_attribute("href"))
        assert answer.headers["content-type"] == JPEG
        assert not any(word in answer.body() for word in (b"GPS", b"Canon", b"Exif")), file.inner_text()
    sent = text("SELECT count(*), count(DISTINCT sha256) FROM stored_file WHERE uploaded_by = :key")
    assert owner.execute(sent, {"key": cast.huadong.service.actor().key}).one()[0] >= 11


def a_photo(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def a_large_picture() -> bytes:
    """More than is sent at once: noise is not packed."""
    made = BytesIO()
    Image.frombytes("RGB", (800, 800), Random(1).randbytes(800 * 800 * 3)).save(made, "JPEG", quality=95)
    return made.getvalue()


def breaking_the_line(page: Page) -> list[str]:
    """The first small file does not arrive. Of the pieces of a large one, one arrives and its answer does
    not; the next does not arrive at all.
    """
    broken: list[str] = []

    def handle(route: Route) -> None:
        of_large = (route.request.post_data_buffer or b"").find(b"LARGE.jpg") > 0
        if route.request.method != "POST" or len(broken) == 3 or (broken and not of_large):
            route.continue_()
            return
        if len(broken) == 1:
            route.fetch()
        broken.append(route.request.url)
        route.abort("connectionreset")

    page.route(re.compile("/files(/uploads/[^/]+)?$"), handle)
    return broken
