"""What is printed says what it should, on every page; a scanner reads its symbols as GS1's."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader

from portal.kernel.errors import Invalid
from portal.scanning.read_code import read_code
from portal.shipping.papers.symbol import elements_of, modules, printed
from portal.shipping.parcel_papers import (
    delivery_note_of,
    labels_of,
    packing_list_of,
    pick_list_of,
    wave_list_of,
    weight_text,
)
from portal.shipping.parcel_sheet import PackedBox, ParcelSheet, SheetLine
from portal.shipping.seller import Seller
from portal.shipping.waves import WaveRow, WaveUnits

GTIN = "06901234567892"
AT = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
SELLER = Seller("通路医疗", "Tonglu Medical", "上海", "91310000MA1FL0000X", None, ZoneInfo("Asia/Shanghai"))


def a_line(number=1, *, lot="L1", quantity=2, serials=(), name="支架", location="A-01") -> SheetLine:
    return SheetLine(
        line_no=number,
        lot_id=number,
        sku=f"SKU-{number}",
        name_zh=name,
        name_en="Stent",
        specification="3.0 × 18",
        unit="盒",
        udi_di=GTIN,
        maker="Maker Ltd.",
        registration_no="国械注准20213130001",
        storage_zh="常温",
        storage_en="room temperature",
        serial_controlled=bool(serials),
        lot_no=lot,
        produced_on=date(2026, 1, 2),
        expires_on=date(2028, 3, 4),
        quantity=quantity,
        location=location,
        serials=list(serials),
        taken_at=None,
        passed=0,
    )


def a_sheet(*lines: SheetLine, packages=()) -> ParcelSheet:
    to = {"province": "上海市", "city": "上海市", "line": "张江路 1 号", "contact": "王芳", "phone": "138"}
    return ParcelSheet(
        dealer_id=1,
        id=1,
        number="SH2611-7K3F9Q2MA",
        status="shipped",
        order_number="SO2611-7K3F9Q2MA",
        purchase_order_no="PO-1",
        dealer_code="D1",
        dealer_zh="明德",
        dealer_en="Mingde",
        ship_to=to,
        warehouse_code="SH",
        warehouse_zh="上海仓",
        warehouse_en="Shanghai",
        warehouse_address="青浦",
        carrier="SF",
        tracking_no="SF1",
        picked_at=AT,
        shipped_at=AT,
        shipped_on=date(2026, 11, 27),
        wave=None,
        pickers=[],
        lines=lines,
        packages=tuple(packages),
    )


def pages(paper) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(paper.content)).pages]


def a_note(*lines, copy=1, locale="zh", seller=SELLER, sign_at=""):
    said = {"reviewers": ["童欣"], "sign_at": sign_at, "copy": copy, "locale": locale, "at": AT}
    return delivery_note_of(a_sheet(*lines), seller, **said)


def drawn(paper, page=0) -> Image.Image:
    """The rectangles of a page as a scanner sees them: what the PDF's operators fill."""
    found = PdfReader(BytesIO(paper.content)).pages[page]
    width, height = (int(float(side) * 4) for side in (found.mediabox.width, found.mediabox.height))
    picture = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(picture)
    for line in found.get_contents().get_data().decode("latin-1").splitlines():
        if line.endswith(" re f"):
            x, y, across, up = (float(part) * 4 for part in line.split()[:4])
            pen.rectangle((x, height - y - up, x + across - 1, height - y - 1), fill=0)
    return picture


@pytest.mark.parametrize(
    ("lot", "serial"),
    [("AB-12", "S001"), ("1", ""), ("", "9"), ("A(B)/C_%&*", "x!\"'+,.:;<=>?"), ("L" * 20, "S" * 20)],
)
def test_a_symbol_is_read_back_as_it_was_meant(lot, serial):
    elements = elements_of(GTIN, expires_on=date(2028, 3, 4), lot=lot, serial=serial)
    symbol = modules(elements)
    side = len(symbol)
    picture = Image.frombytes("L", (side, side), b"".join(symbol)).resize((side * 6, side * 6), 0)
    framed = Image.new("L", (side * 6 + 60, side * 6 + 60), 255)
    framed.paste(picture, (30, 30))
    read = zxingcpp.read_barcode(framed)
    assert read.symbology_identifier == "]d2"  # FNC1 in the first place: GS1's, and nobody else's
    assert read.text == printed(elements)
    ours = read_code(read.bytes.decode(), today=date(2026, 11, 27))
    assert (ours.di, ours.lot or "", ours.serial or "") == (GTIN, lot, serial)
    assert ours.expiry == date(2028, 3, 4)


def test_what_is_no_gs1_text_has_no_symbol():
    with pytest.raises(ValueError, match="ASCII"):
        modules(elements_of(GTIN, lot="批号"))


def test_a_label_on_the_page_is_read_by_a_scanner():
    paper = labels_of(a_sheet(a_line(lot="L-7", serials=["S1", "S2"])), of_packages=False, locale="zh", at=AT)
    read = [zxingcpp.read_barcode(drawn(paper, page)).text for page in range(2)]
    assert read == [f"(01){GTIN}(17)280304(10)L-7(21)S{one}" for one in (1, 2)]
    assert "支架" in pages(paper)[0] and "S1" in pages(paper)[0]


def test_there_is_a_label_for_every_unit():
    paper = labels_of(
        a_sheet(a_line(quantity=3), a_line(2, quantity=4)), of_packages=False, locale="en", at=AT
    )
    assert len(pages(paper)) == 7 and "Stent" in pages(paper)[0]


def test_a_lot_that_gs1_cannot_write_has_a_label_without_symbol():
    paper = labels_of(a_sheet(a_line(lot="批七", quantity=1)), of_packages=False, locale="zh", at=AT)
    assert zxingcpp.read_barcode(drawn(paper)) is None and "批七" in pages(paper)[0]


def test_more_labels_than_a_file_takes_are_refused():
    with pytest.raises(Invalid) as refusal:
        labels_of(a_sheet(a_line(quantity=1001)), of_packages=False, locale="zh", at=AT)
    assert [fault.code for fault in refusal.value.faults] == ["too_many_labels"]


@pytest.mark.parametrize(
    "lines", [(a_line(quantity=500), a_line(2, quantity=501)), (a_line(quantity=150_000),)]
)
def test_too_many_labels_are_refused_before_any_is_made(lines):
    tracemalloc.start()
    try:
        with pytest.raises(Invalid):
            labels_of(a_sheet(*lines), of_packages=False, locale="zh", at=AT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000  # bytes; a thousand labels take more


def test_a_package_bears_its_own_code_or_that_of_its_only_lot():
    boxes = [
        PackedBox(1, "case", 12500, "069012340000000019", {(1, "L1"): 2}),
        PackedBox(2, "inner", None, "", {(2, "L2"): 2}),
    ]
    sheet = a_sheet(a_line(), a_line(2, lot="L2"), packages=boxes)
    paper = labels_of(sheet, of_packages=True, locale="zh", at=AT)
    read = [zxingcpp.read_barcode(drawn(paper, page)).text for page in range(2)]
    assert read == ["(00)069012340000000019", f"(01){GTIN}(17)280304(10)L2"]
    assert "12.5 kg" in pages(paper)[0]


def test_a_long_delivery_note_repeats_its_head_and_loses_nothing():
    lines = [a_line(number, lot=f"LOT-{number:03d}") for number in range(1, 61)]
    serials = [f"SN{number:04d}" for number in range(150)]
    found = pages(a_note(*lines, a_line(61, lot="LAST", serials=serials, quantity=150), copy=3))
    assert len(found) > 4
    assert all(
        "补打 2" in page and f"第 {place} 页，共 {len(found)} 页" in page
        for place, page in enumerate(found, 1)
    )
    assert all("产品名称" in page for page in found)
    whole = " ".join(found)
    assert all(f"LOT-{number:03d}" in whole for number in range(1, 61)) and all(
        one in whole for one in serials
    )
    assert "270" in found[-1] and "出库专用章" in found[-1]


def test_a_first_print_is_no_reprint_and_equal_notes_are_equal_bytes():
    assert (
        "补打" not in pages(a_note(a_line()))[0] and "Reprint" not in pages(a_note(a_line(), locale="en"))[0]
    )
    assert a_note(a_line()).content == a_note(a_line()).content


@pytest.mark.parametrize(
    ("locale", "title"), [("zh", "随货同行单"), ("en", "Delivery note"), ("fr", "随货同行单")]
)
def test_a_note_is_in_chinese_or_english(locale, title):
    assert title in pages(a_note(a_line(), locale=locale))[0]


def test_a_seal_of_ones_own_takes_the_place_of_the_drawn_one():
    picture = BytesIO()
    Image.new("RGBA", (40, 40), (200, 0, 0, 90)).save(picture, "PNG")
    own = Seller("通路医疗", "Tonglu", "", "", picture.getvalue(), SELLER.zone)
    paper = a_note(a_line(), seller=own)
    assert "出库专用章" not in pages(paper)[0]
    assert len(PdfReader(BytesIO(paper.content)).pages[0].images) >= 1


def test_a_long_company_name_stays_within_its_seal():
    name = "通" * 40
    long = Seller(name, "", "", "", None, SELLER.zone)
    assert "出库专用章" in pages(a_note(a_line(), seller=long))[0]


def test_a_packing_list_has_a_page_for_each_package():
    boxes = [PackedBox(n, "case", None, "", {(1, "L1"): 1}) for n in (1, 2)]
    found = pages(packing_list_of(a_sheet(a_line(), packages=boxes), SELLER, locale="en", at=AT))
    assert ["Package 1 of 2" in found[0], "Package 2 of 2" in found[1], len(found)] == [True, True, 2]
    [whole] = pages(packing_list_of(a_sheet(a_line()), SELLER, locale="en", at=AT))
    assert "not packed yet" in whole


def test_a_pick_list_goes_by_bin_and_one_of_a_wave_sums():
    [page] = pages(pick_list_of(a_sheet(a_line(location="B-02")), SELLER, locale="en", at=AT))
    assert "B-02" in page and "Units in all 2" in page
    wave = WaveRow(1, "WV2611-1", "SH", "上海仓", "Shanghai", AT, "Shen", 2, 2)
    units = [
        WaveUnits(
            parcel, "SO", "明德", "Mingde", 1, "SKU", "支架", "Stent", "", "盒", "L1", None, "A-1", n, None
        )
        for parcel, n in (("SH-1", 3), ("SH-2", 4))
    ]
    [page] = pages(wave_list_of(wave, units, SELLER, locale="en", at=AT))
    assert "SH-1 × 3" in page and "SH-2 × 4" in page and "Units in all 7" in page


@pytest.mark.parametrize(
    ("grams", "said"),
    [(None, ""), (1, "0.001 kg"), (500, "0.5 kg"), (12000, "12 kg"), (1_234_560, "1,234.56 kg")],
)
def test_a_weight_is_said_in_kilograms(grams, said):
    assert weight_text(grams) == said


@pytest.mark.parametrize("lines", [1, 7, 11, 40])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_camera_opens_the_code_of_a_note_wherever_its_lines_end(lines, locale):
    address = "https://portal.example.com/d/" + "Aa0_-" * 18
    note = a_note(*(a_line(number) for number in range(1, lines + 1)), sign_at=address, locale=locale)
    last = len(pages(note)) - 1
    [read] = zxingcpp.read_barcodes(drawn(note, last))
    assert (read.format, read.text) == (zxingcpp.BarcodeFormat.QRCode, address)
    assert not zxingcpp.read_barcodes(drawn(a_note(a_line(), locale=locale)))
