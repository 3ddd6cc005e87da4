"""The papers of a recall: what each says, to whom, in which language."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from portal.recalls.recall_pdf import PaperKind, RecallPaper, Section, TableKind, render
from tests import cast
from tests.builders import a_lot
from tests.recalls.acts import (
    a_draft,
    answered,
    closed,
    drafted,
    edited,
    lots_of,
    running,
    widened,
)
from tests.shipping.acts import picked, shipped
from tests.web_clients import Visitor

HUADONG, SUZHOU = cast.huadong, cast.suzhou
REPORTS = ("event-report", "plan", "progress")


@pytest.fixture
def sold(given, database):
    """Huadong got 6 units of lot BAD, Suzhou 3; 31 are here."""
    product = given.a_product()
    given.stock_of(product, cast.shanghai_warehouse, a_lot("BAD", 40))
    for dealer, units in ((HUADONG, 6), (SUZHOU, 3)):
        order = given.an_order({product: units}, by=dealer.buyer)
        shipped(database, picked(database, order.number).shipment_number)
    return product


@pytest.fixture
def desk(sign_in) -> Visitor:
    """Quality at headquarters."""
    return sign_in(cast.quality)


def said(visitor: Visitor, address: str, *, language: str = "en") -> str:
    """What a paper says, blanks and line ends as one blank."""
    visitor.post(f"/locale/{language}")
    answer = visitor.get(address)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.status_code
    return text_of(answer.data)


def text_of(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_a_holder_gets_the_notice_with_its_own_units_and_nothing_of_others(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    buyer = sign_in(HUADONG.buyer)
    assert f"/recalls/{number}/notice.pdf" in buyer.get(f"/recalls/{number}").text
    told = said(buyer, f"/recalls/{number}/notice.pdf")
    for part in ("Recall notice", number, HUADONG.code, "Units you hold 6", "BAD", "The seal may leak."):
        assert part in told, part
    assert "Pass this notice on" in told and SUZHOU.code not in told
    assert "召回通知" in said(buyer, f"/recalls/{number}/notice.pdf", language="zh")


def test_a_notice_is_for_holders_and_headquarters_alone(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    assert sign_in(cast.yuegang.buyer).get(f"/recalls/{number}/notice.pdf").status_code == 404
    dealer = sign_in(HUADONG.buyer)
    for paper in ("notice", *REPORTS, "summary"):
        assert dealer.get(f"/hq/recalls/{number}/{paper}.pdf").status_code in (403, 404)


def test_a_drill_says_so_and_stops_nothing(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"), is_drill=True)
    told = said(sign_in(HUADONG.buyer), f"/recalls/{number}/notice.pdf")
    assert "This is a drill" in told and "Pass this notice on" not in told


def test_nothing_is_on_paper_before_it_was_decided(desk, database, sold):
    number = drafted(database, lots_of(sold, "BAD"))
    for paper in ("notice", *REPORTS, "summary"):
        assert desk.get(f"/hq/recalls/{number}/{paper}.pdf").status_code == 404


def test_the_reports_tell_goods_figures_and_plan(desk, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    answered(database, number, by=HUADONG.buyer, found=4, used=1)
    base = f"/hq/recalls/{number}"
    event, plan, progress = (said(desk, f"{base}/{paper}.pdf") for paper in REPORTS)
    for told in (event, plan):
        assert "Units in our warehouses 31" in told and "Units that holders had 9" in told
        assert sold.sku in told and "BAD" in told and "The seal may leak." in told
    assert "result of the investigation" in plan and "result of the investigation" not in event
    assert "Publication" in plan and "national authority" in plan and "Publication" not in event
    assert "Accounted for" not in event
    assert "Answers 1 / 2" in progress and "Accounted for 5 / 9 (55.5 %)" in progress
    assert HUADONG.code in progress and SUZHOU.code in progress
    assert desk.get(f"{base}/summary.pdf").status_code == 404


def test_the_summary_tells_the_result_and_what_stays_open(desk, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    answered(database, number, by=HUADONG.buyer, found=6)
    closed(database, number, reasons={SUZHOU.code: "its warehouse burnt down"})
    base = f"/hq/recalls/{number}"
    assert f"{base}/summary.pdf" in desk.get(base).text
    told = said(desk, f"{base}/summary.pdf")
    assert "all answered" in told and "its warehouse burnt down" in told and "6 / 9 (66.6 %)" in told


def test_a_wider_scope_is_on_no_paper_before_it_is_decided(desk, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    widened(database, number)
    edited(database, number, a_draft(lots_of(sold, "BAD", "WIDER")))
    for paper in ("notice", "plan"):
        told = said(desk, f"/hq/recalls/{number}/{paper}.pdf")
        assert "BAD" in told and "WIDER" not in told


def test_who_sees_some_regions_has_the_notice_but_not_the_figures(sign_in, database, sold):
    number = running(database, lots_of(sold, "BAD"))
    south = sign_in(cast.south_desk)
    assert south.get(f"/hq/recalls/{number}/notice.pdf").status_code == 200
    for paper in REPORTS:
        assert south.get(f"/hq/recalls/{number}/{paper}.pdf").status_code == 403
        assert f"{paper}.pdf" not in south.get(f"/hq/recalls/{number}").text


PAPER = RecallPaper(
    "zh",
    PaperKind.PROGRESS,
    ("通路医疗", ""),
    "RC2611-00000001A",
    cast.NOW,
    (("number", "RC2611-00000001A"),),
    (
        Section(
            "holders",
            table=TableKind.HOLDERS,
            rows=tuple((f"D{n:05} 经销商", "–", "1", "0", "0", "0", "0", "0") for n in range(400)),
        ),
    ),
)


def test_long_words_and_many_holders_are_all_on_paper():
    words = " ".join(f"word{n:04}" for n in range(600))
    chinese = "".join(chr(0x4E00 + n) for n in range(1_500))
    why = Section("why", (("reason", words), ("demands", chinese)))
    stream = BytesIO()
    render(replace(PAPER, sections=(why, *PAPER.sections)), stream)
    told = text_of(stream.getvalue())
    assert all(f"word{n:04}" in told for n in range(600))
    assert all(f"D{n:05}" in told for n in range(400))
    assert len(PdfReader(BytesIO(stream.getvalue())).pages) > 5
    han = re.sub(r"[^\u4e00-\u9fff]", "", told)
    assert chinese[380:420] in han
