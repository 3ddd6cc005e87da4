"""Cells of a file: typed, in plain form, and nothing that a spreadsheet would calculate."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from tempfile import TemporaryFile
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from psutil import Process

from portal.web.listing.cells import TEXT_MAX, cell_of, plain
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.files import Head, write_csv, write_workbook
from tests import cast
from tests.workbooks import csv_of, workbook_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
DANGEROUS = [
    "=1+1",
    "+86 21 5555",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "  =1+1",
    "\u3000=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\x00=1",
    '=HYPERLINK("http://x","y")',
]


class English:
    """Words as they are written in the code."""

    def say(self, message: str) -> str:
        return message

    def name(self, chinese: str, english: str) -> str:
        return english or chinese

    def status(self, kind: str, state: str) -> str:
        return f"{kind}: {state}"

    def unit(self, word: str) -> str:
        return f"unit {word}"


def cell(column: Column, **values):
    return cell_of(column, SimpleNamespace(**values), English(), SHANGHAI)


def nothing() -> None:
    return None


def as_csv(kind: Kind, *cells) -> list[str]:
    file = BytesIO()
    write_csv(file, Head("List", (("Head", kind),)), [[one] for one in cells], nothing)
    return [row[0] for row in csv_of(file.getvalue())[1:]]


def as_workbook(kind: Kind, *cells):
    file = BytesIO()
    write_workbook(file, Head("List", (("Head", kind),)), [[one] for one in cells], nothing)
    return [row[0] for row in workbook_of(file.getvalue())[1:]]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_is_never_a_formula(text):
    written = cell(Column("note", "Note"), note=text)
    [shown] = as_csv(Kind.TEXT, written)
    assert shown[0] == "'" and shown[1:] == written
    [kept] = as_workbook(Kind.TEXT, written)
    assert kept.is_text and not kept.is_formula and kept.form == "@"


@pytest.mark.parametrize(
    "text", ["GLOVES", "医用手套", "a=b", "5 - 3", "0690123", "1e5", 'say "x", y', "1,5"]
)
def test_any_other_text_stays_as_it_is(text):
    assert as_csv(Kind.TEXT, text) == [text]
    [kept] = as_workbook(Kind.TEXT, text)
    assert kept.value == text and kept.is_text


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.WORD, Kind.UNIT, Kind.NAME, Kind.PERIOD])
def test_whatever_becomes_a_text_is_told_the_same_way(kind):
    column = Column("it", "It", kind, words={"=x": "=y"})
    values = {"it_zh": "=x", "it_en": ""} if kind is Kind.NAME else {"it": "=x"}
    assert not plain(cell(column, **values), kind).startswith("=")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "1234.50"), ("-0.01", "-0.01"), ("0", "0.00"), ("99999999999999.99", "99999999999999.99")],
)
def test_money_is_a_number_with_two_places(amount, text):
    money = cell(Column("total", "Total", Kind.MONEY), total=Decimal(amount))
    assert as_csv(Kind.MONEY, money) == [text]
    [kept] = as_workbook(Kind.MONEY, money)
    assert not kept.is_text and kept.form == "#,##0.00" and Decimal(kept.value) == Decimal(amount)


def test_a_moment_is_local_to_the_second():
    at = datetime(2026, 11, 21, 22, 5, 9, 123456, tzinfo=UTC)
    moment = cell(Column("at", "At", Kind.MOMENT), at=at)
    assert as_csv(Kind.MOMENT, moment) == ["2026-11-22 06:05:09"]
    [kept] = as_workbook(Kind.MOMENT, moment)
    assert not kept.is_text and kept.form == "yyyy-mm-dd hh:mm:ss" and kept.value.startswith("46348.25")


def test_a_date_is_a_date():
    day = cell(Column("on", "On", Kind.DATE), on=date(2026, 2, 28))
    assert as_csv(Kind.DATE, day) == ["2026-02-28"]
    [kept] = as_workbook(Kind.DATE, day)
    assert (kept.value, kept.form, kept.is_text) == ("46081", "yyyy-mm-dd", False)


def test_a_quantity_and_a_share_are_numbers():
    assert as_csv(Kind.QUANTITY, 12000) == ["12000"]
    assert as_workbook(Kind.QUANTITY, 12000)[0][::3] == ("12000", "#,##0")
    share = cell(Column("used", "Used", Kind.SHARE), used=Decimal(2) / 3)
    assert as_csv(Kind.SHARE, share) == ["0.6667"]
    assert as_workbook(Kind.SHARE, share)[0][::3] == ("0.6667", "0.0%")


def test_nothing_is_an_empty_cell_unless_the_column_says_what_it_means():
    assert cell(Column("on", "On", Kind.DATE), on=None) is None
    assert (
        cell(Column("region", "Region", Kind.NAME, empty="Everywhere"), region_zh=None, region_en=None)
        == "Everywhere"
    )
    assert as_csv(Kind.DATE, None, None) == ["", ""]


def test_words_are_those_of_the_reader():
    assert cell(Column("s", "S", Kind.STATUS, status="order"), s="on_hold") == "order: on_hold"
    assert cell(Column("u", "U", Kind.UNIT), u="盒") == "unit 盒"
    assert cell(Column("k", "K", Kind.WORD, words={"a": "An A"}), k="a") == "An A"
    assert [cell(Column("f", "F", Kind.FLAG), f=f) for f in (True, False)] == ["Yes", "No"]


def test_a_text_longer_than_a_cell_is_cut_and_not_lost():
    [kept] = as_workbook(Kind.TEXT, cell(Column("t", "T"), t="长" * (TEXT_MAX + 5)))
    assert len(kept.value) == TEXT_MAX


def test_a_note_stands_below_the_rows():
    for write, read in ((write_csv, csv_of), (write_workbook, workbook_of)):
        file = BytesIO()
        write(
            file,
            Head("A/very:long*title?of[a]list\\which is no name", (("Head", Kind.TEXT),)),
            [["x"]],
            lambda: "cut",
        )
        last = read(file.getvalue())[-1][0]
        assert getattr(last, "value", last) == "cut"


@pytest.mark.parametrize("write", [write_csv, write_workbook])
def test_a_hundred_thousand_rows_take_no_more_memory_than_a_few(write):
    head = Head("Orders", (("Number", Kind.TEXT), ("Amount", Kind.MONEY), ("On", Kind.DATE)))
    resident: list[int] = []

    def rows():
        for place in range(100_000):
            if place % 5_000 == 0:
                resident.append(Process().memory_info().rss)
            yield [f"SO2611-{place:08d}", Decimal(place) / 100, date(2026, 11, 21)]

    with TemporaryFile() as file:
        write(file, head, rows(), nothing)
        resident.append(Process().memory_info().rss)
        assert file.tell() > 1_000_000
    assert max(resident) - resident[0] < 12_000_000, "what is written does not stay in memory"


@pytest.mark.parametrize("write", [write_csv, write_workbook])
def test_what_fails_half_way_leaves_nothing_behind(write, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows():
        yield ["one"]
        raise ConnectionError

    with TemporaryFile() as file, pytest.raises(ConnectionError):
        write(file, Head("List", (("Head", Kind.TEXT),)), rows(), nothing)
    assert list(tmp_path.iterdir()) == []


def test_columns_on_the_page_and_in_the_file_are_those_chosen_and_permitted():
    listing = Listing(
        "orders",
        "Orders",
        (
            Column("number", "Number"),
            Column("code", "Code", shown=False),
            Column("total", "Total", right=cast.PriceRight.READ),
        ),
    )
    buyer, service = cast.huadong.buyer.actor(), cast.huadong.service.actor()

    def keys(columns):
        return [one.key for one in columns]

    assert keys(listing.on_page(buyer, [])) == ["number", "total"]
    assert keys(listing.in_file(buyer, [])) == ["number", "code", "total"]
    assert keys(listing.in_file(service, [])) == ["number", "code"]
    assert keys(listing.on_page(service, ["total", "code"])) == ["number", "code"]
    assert keys(listing.in_file(buyer, ["total", "no such column"])) == ["number", "total"]
    assert keys(listing.on_page(service, ["total"])) == ["number"], "what may not be seen is as if not chosen"
