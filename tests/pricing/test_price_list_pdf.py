"""A price list on paper, read back: what it says in both languages, on as many pages as it needs."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from portal.pricing.price_list_pdf import ListedProduct, PriceList, render

AT = datetime(2026, 11, 27, 12, 44, tzinfo=ZoneInfo("Asia/Shanghai"))
STENT = ListedProduct(
    "STENT-1",
    "药物洗脱冠脉支架",
    "3.0×18 mm",
    "盒",
    10,
    Decimal("12345.60"),
    Decimal("9876.50"),
    ((50, Decimal("9500.00")), (1000, Decimal("9000.25"))),
    Decimal("0.13"),
)
CHINESE = PriceList(
    "zh",
    ("通路医疗器械有限公司", "Tonglu Medical Devices"),
    ("华东医疗有限公司", "Huadong Medical"),
    "HD-01",
    AT,
    "2026-11-27 12:44",
    "CNY",
    (("产品线", "C02 支架"),),
    (STENT,),
)
ENGLISH = replace(
    CHINESE,
    locale="en",
    company=CHINESE.company[::-1],
    dealer=CHINESE.dealer[::-1],
    moment="27 Nov 2026 12:44",
    selection=(("Product line", "C02 Stents"),),
    products=(replace(STENT, name="Drug-eluting stent", unit="box"),),
)


def pdf(document: PriceList) -> bytes:
    stream = io.BytesIO()
    render(document, stream)
    return stream.getvalue()


def pages(document: PriceList) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf(document))).pages]


def sixty(document: PriceList) -> PriceList:
    [one] = document.products
    return replace(document, products=[replace(one, sku=f"SKU-{n:02}") for n in range(60)])


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            CHINESE,
            "价目表|PRICE LIST|通路医疗器械有限公司|华东医疗有限公司|HD-01|C02 支架|含税价|不含此后的调价|"
            "2026-11-27 12:44|STENT-1|支架|3.0×18 mm|盒 × 10|12,345.60|9,876.50|满 50：9,500.00|"
            "满 1,000：9,000.25|13%|第 1 页，共 1 页",
        ),
        (
            ENGLISH,
            "Price list|价目表|Tonglu Medical Devices|Huadong Medical|HD-01|C02 Stents|VAT included|"
            "changes ahead are not included|valid at 27 Nov 2026 12:44|STENT-1|Drug-eluting|3.0×18 mm|"
            "box × 10|12,345.60|9,876.50|50+: 9,500.00|1,000+: 9,000.25|13%|Page 1 of 1",
        ),
    ],
    ids=["zh", "en"],
)
def test_the_paper_says_everything_in_the_language_of_the_page(document, said):
    [text] = pages(document)
    assert [one for one in said.split("|") if one not in text] == []


def test_each_break_has_its_line():
    lines = pages(ENGLISH)[0].splitlines()
    assert [line for line in lines if "50+" in line] != [line for line in lines if "1,000+" in line]


@pytest.mark.parametrize("document", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_a_long_list_goes_on_under_its_titles_and_every_page_is_numbered(document):
    shown = pages(sixty(document))
    assert len(shown) > 1
    number = "第 {} 页，共 {} 页" if document.locale == "zh" else "Page {} of {}"
    for page, text in enumerate(shown, start=1):
        assert number.format(page, len(shown)) in text
        assert text.count("SKU\n") + text.count("SKU ") == 1, "the titles stand once"
        assert "HD-01" in text and document.company[0] in text
    printed = "".join(shown)
    assert [n for n in range(60) if printed.count(f"SKU-{n:02}") != 1] == []


def test_what_has_no_price_shows_none():
    document = replace(
        ENGLISH, products=(replace(STENT, list_price=None, own_price=None, breaks=(), tax_rate=None),)
    )
    [text] = pages(document)
    assert "STENT-1" in text and "0.00" not in text and text.count("–") == 3


def test_an_empty_list_says_so_and_the_largest_price_stays_in_its_column():
    assert "No product" in pages(replace(ENGLISH, products=()))[0]
    dear = replace(STENT, list_price=Decimal("99999999999.99"), own_price=Decimal("99999999999.98"))
    [text] = pages(replace(ENGLISH, products=(dear,)))
    assert "99,999,999,999.99 99,999,999,999.98" in text


def test_equal_lists_are_equal_bytes():
    assert pdf(sixty(CHINESE)) == pdf(sixty(CHINESE)) != pdf(sixty(ENGLISH))
