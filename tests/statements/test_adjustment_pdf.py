"""A note over a difference in price on paper, read back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from portal.ledger.adjustments import AdjustedLine, AdjustmentShown
from portal.statements.adjustment_pdf import AdjustmentPaper, render

COMPANY = ("同路医疗科技有限公司", "Tonglu Medical Technology Co., Ltd.")
AT = datetime(2026, 11, 28, 9, tzinfo=UTC)


def line(number: int, gross: str = "-11.30", tax: str = "-1.30", rate: str = "0.13") -> AdjustedLine:
    name = "一次性使用无菌注射器 带针 2 件套"
    return AdjustedLine(
        number, f"SY-{number:04}", name, "Syringe, sterile", Decimal(rate), Decimal(gross), Decimal(tax)
    )


def note(*lines: AdjustedLine, source: str = "DP2611-0000000A1") -> AdjustmentShown:
    gross, tax = sum(one.gross for one in lines), sum(one.tax for one in lines)
    return AdjustmentShown(
        dealer_id=1,
        number="AN2611-0000000A1",
        dealer_code="D0001",
        dealer_zh="上海华东医疗器械有限公司",
        dealer_en="Huadong Medical",
        invoice="IN2610-0000000A1",
        source=source,
        issued_on=date(2026, 11, 28),
        due_on=date(2026, 12, 28),
        period="2026-11",
        posted_at=AT,
        net=gross - tax,
        tax=tax,
        gross=gross,
        reason=source,
        lines=lines,
    )


def printed(found: AdjustmentShown, locale: str) -> bytes:
    names = COMPANY if locale == "zh" else COMPANY[::-1]
    stream = io.BytesIO()
    render(AdjustmentPaper(locale, names, found, found.posted_at), stream)
    return stream.getvalue()


def pages(found: AdjustmentShown, locale: str = "zh") -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(printed(found, locale))).pages]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh", ("价差退款单", "红字发票", "IN2610-0000000A1", "DP2611-0000000A1", "-11.30", "13%")),
        ("en", ("Price credit note", "Of invoice", "Dispute", "Without tax", "-10.00", "13%")),
    ],
)
def test_a_credit_says_what_it_gives_back_and_on_which_invoice(locale, said):
    [only] = pages(note(line(3)), locale)
    assert not [word for word in said if word not in only], only
    assert "2026-12-28" not in only  # what gives back is due never


@pytest.mark.parametrize(("locale", "said"), [("zh", ("价差补收单", "到期日")), ("en", ("Due on", "debit"))])
def test_a_charge_says_when_it_is_due(locale, said):
    [only] = pages(note(line(1, "22.60", "2.60")), locale)
    assert not [word for word in (*said, "2026-12-28", "22.60") if word not in only], only


@pytest.mark.parametrize(
    ("source", "said"), [("CN2611-0000000A1", "Credit note"), ("RT2611-0000000A1", "Return")]
)
def test_what_came_back_is_told_by_its_credit_note_and_a_gift_that_stayed_by_its_return(source, said):
    [only] = pages(note(line(1), source=source), "en")
    assert said in only and source in only and "Dispute" not in only


def test_lines_at_two_rates_are_summed_by_rate_and_run_over_pages():
    found = note(*(line(one, rate="0.13" if one % 2 else "0.09") for one in range(1, 121)))
    told = pages(found)
    assert len(told) > 2 and all("发票行" in page for page in told)
    assert "-1,356.00" in told[-1] and "9%" in told[-1]
    assert all(f"SY-{one:04}" in "".join(told) for one in range(1, 121))


def test_equal_notes_are_equal_bytes_and_another_note_is_not():
    found = note(line(1))
    assert printed(found, "zh") == printed(found, "zh") != printed(replace(found, period="2026-10"), "zh")
