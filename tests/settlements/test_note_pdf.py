"""A rebate note on paper says what the note says, in both languages, and always in the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal as D

import pytest
from pypdf import PdfReader

from portal.settlements.note_pdf import LOCALES, NotePaper, render
from portal.settlements.notes import Note, PaidPeriod
from portal.settlements.queries import NoteLineRow
from tests import cast

SAID = {
    "zh": ("返利单", "红字发票", "华东医疗器械有限公司"),
    "en": ("Rebate note", "red-letter", "Huadong Devices"),
}


def lines(count: int) -> tuple[NoteLineRow, ...]:
    return tuple(
        NoteLineRow(place, f"IN2611-{place:08d}", D("0.13"), D("100.00"), D("13.00"), D("113.00"))
        for place in range(1, count + 1)
    )


def a_paper(locale: str = "en", count: int = 3) -> NotePaper:
    note = Note(
        number="RN2611-7K3F9Q2MA",
        treatment="price_reduction",
        source="RS2611-7K3F9Q2MA",
        issued_on=cast.TODAY,
        net=100 * count,
        tax=13 * count,
        gross=113 * count,
        dealer_code="huadong",
        dealer_zh="华东医疗器械有限公司",
        dealer_en="Huadong Devices",
        month="2026-11",
        statement=None,
        periods=(
            PaidPeriod(
                "FL2611-7K3F9Q2MA", "季度返利", "Rebate by quarter", "2026-Q4", "final", D(113 * count)
            ),
        ),
        lines=lines(count),
    )
    return NotePaper(locale, ("Tonglu", "通路"), note, cast.NOW)


def printed(paper: NotePaper) -> bytes:
    stream = io.BytesIO()
    render(paper, stream)
    return stream.getvalue()


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("locale", LOCALES)
def test_it_says_what_it_gives_for_what_and_on_which_invoice(locale):
    said = read(printed(a_paper(locale)))
    for word in (
        *SAID[locale],
        "RN2611-7K3F9Q2MA",
        "FL2611-7K3F9Q2MA",
        "2026-Q4",
        "339.00",
        "IN2611-00000003",
    ):
        assert word in said
    assert printed(a_paper(locale)) == printed(a_paper(locale))


def test_a_long_one_runs_over_pages_and_loses_no_line():
    said = read(printed(a_paper(count=120)))
    assert all(f"IN2611-{place:08d}" in said for place in range(1, 121))
    assert "Page 3 of 3" in said and said.count("Without tax") == 3


def test_what_is_taken_back_says_so():
    paper = a_paper()
    said = read(printed(replace(paper, note=replace(paper.note, gross=D(-5), net=D(-4), tax=D(-1)))))
    assert "more was given than is due" in said and "¥-5.00" in said
