"""The packing list: a page for each package, with what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from portal.kernel.formats import quantity
from portal.kernel.paper.page import BODY, LABEL, LEFT, META_LEFT, META_VALUE, RIGHT, STRONG_BODY, TOP, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import Cell, Table, columns
from portal.kernel.paper.typesetting import break_lines
from portal.shipping.papers.wording import words_of


@dataclass(frozen=True, slots=True)
class PackedLine:
    """Units of one lot in a package."""

    sku: str
    name: str
    specification: str
    registration_no: str
    lot_no: str
    expires_on: date | None
    quantity: int
    unit: str


@dataclass(frozen=True, slots=True)
class PackageSheet:
    """One package. kind: its level of packaging, a key of the wording. weight: as it is printed."""

    number: int
    kind: str
    weight: str
    sscc: str
    lines: Sequence[PackedLine]


@dataclass(frozen=True, slots=True)
class PackingList:
    """What stands on the paper; names in its language, then in the other."""

    locale: str
    number: str
    company: tuple[str, str]
    consignee: tuple[str, str]
    address: str
    contact: str
    order_no: str
    printed_at: datetime
    packages: Sequence[PackageSheet]


_SHAPE = columns(
    ("place", 26, False),
    ("product", 0, False),
    ("registration", 120, False),
    ("lot", 96, False),
    ("expiry", 66, False),
    ("quantity", 60, True),
)


def render(packing: PackingList, stream: BinaryIO) -> None:
    """Write the list as PDF to `stream`; equal lists give equal bytes."""
    words = words_of(packing.locale, "packing_list")
    sheet = Sheet(
        stream,
        title=f"{words['title']} {packing.number}",
        author=packing.company[0],
        subject=words["title"],
        lang="zh-CN" if packing.locale == "zh" else "en",
        created=packing.printed_at,
    )
    paper = Paper(sheet, words)
    for place, package in enumerate(packing.packages):
        if place:
            sheet.new_page()
            paper.y = TOP
        _page(paper, packing, package)
    sheet.save(lambda page, pages: _stamp(paper, packing, page, pages))


def _page(paper: Paper, packing: PackingList, package: PackageSheet) -> None:
    words = paper.words
    paper.masthead(*packing.company, "")
    top = paper.y - 18
    left = paper.addressee(
        top,
        *packing.consignee,
        [(words["address"], packing.address), (words["contact"], packing.contact)],
    )
    box = words["box"] % {"number": package.number, "packages": len(packing.packages)}
    facts = [
        (words["packages"], box),
        (words["kind"], words[package.kind]),
        (words["weight"], package.weight),
        ("SSCC", package.sscc),
        (words["parcel_no"], packing.number),
        (words["order_no"], packing.order_no),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2
    table = Table(paper, _SHAPE, ())
    table.head()
    for place, line in enumerate(package.lines, start=1):
        cells = _cells(place, line)
        table.row(*cells)
    table.end()
    units = sum(line.quantity for line in package.lines)
    paper.require(18)
    paper.sheet.text(LEFT + 5, paper.y - 12, f"{words['total']}  {quantity(units)}", STRONG_BODY)


def _cells(place: int, line: PackedLine) -> tuple[Cell, ...]:
    _, product, registration, lot, _, _ = (column.room for column in _SHAPE)
    return (
        (str(place),),
        (
            *break_lines(line.name, BODY, product),
            *break_lines(line.specification, BODY, product),
            *break_lines(line.sku, LABEL, product),
        ),
        break_lines(line.registration_no, BODY, registration),
        break_lines(line.lot_no, BODY, lot),
        (line.expires_on.isoformat() if line.expires_on else "–",),
        (quantity(line.quantity), line.unit),
    )


def _stamp(paper: Paper, packing: PackingList, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {packing.number}"
    paper.foot(f"{title}  {packing.printed_at:%Y-%m-%d %H:%M}", page, pages)
