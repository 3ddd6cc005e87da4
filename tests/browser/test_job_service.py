"""Two whole jobs of service, each on a phone in Chinese and on a desk in English: a repair from the scan of
the device to the paid invoice, and a complaint on its way to the regulator and back to the dealer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import text

from tests import cast
from tests.browser import complaint_walk, repair_walk
from tests.browser.conftest import in_every_language
from tests.browser.looks import PHONE, WIDE
from tests.checks.acts import found
from tests.devices.acts import a_rule, in_register
from tests.invariants import broken_promises
from tests.roles import Product

pytestmark = in_every_language()


@pytest.fixture
def screen(words) -> ViewportSize:
    """A phone in Chinese, a desk in English."""
    return PHONE if words.language == "zh" else WIDE


@pytest.fixture
def visit_of(open_page, screen) -> Callable[..., Page]:
    """``visit_of(person)``: a page of somebody on the screen of this walk."""
    return lambda person: open_page(person, viewport=screen)


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
