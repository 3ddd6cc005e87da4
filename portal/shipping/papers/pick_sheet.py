"""The pick list of a parcel or of a wave on paper: by bin and lot, with a box to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from portal.kernel.formats import quantity
from portal.kernel.paper.page import BODY, GREY, LABEL, LEFT, RIGHT, STRONG_BODY, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import GUTTER, Cell, Table, columns, row_height
from portal.kernel.paper.typesetting import break_lines
from portal.shipping.papers.wording import words_of


@dataclass(frozen=True, slots=True)
class PickedFrom:
    """Units of one lot in one bin. parcels: how many for which, where there are several."""

    location: str
    sku: str
    name: str
    specification: str
    lot_no: str
    expires_on: date | None
    quantity: int
    unit: str
    parcels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PickSheet:
    """What stands on the paper. number: of the parcel or the wave. facts: label and value, in order."""

    locale: str
    number: str
    company: tuple[str, str]
    facts: Sequence[tuple[str, str]]
    printed_at: datetime
    rows: Sequence[PickedFrom]


_SHAPE = columns(
    ("bin", 62, False),
    ("product", 0, False),
    ("lot", 92, False),
    ("expiry", 62, False),
    ("quantity", 56, True),
    ("parcels", 104, False),
    ("taken", 38, False),
)


def render(pick: PickSheet, stream: BinaryIO) -> None:
    """Write the list as PDF to `stream`. Keys of `facts` are those of the wording."""
    words = words_of(pick.locale, "pick_list")
    sheet = Sheet(
        stream,
        title=f"{words['title']} {pick.number}",
        author=pick.company[0],
        subject=words["title"],
        lang="zh-CN" if pick.locale == "zh" else "en",
        created=pick.printed_at,
    )
    paper = Paper(sheet, words)
    paper.masthead(*pick.company, "")
    facts = [(words[key], value) for key, value in pick.facts]
    paper.y = paper.facts(paper.y - 18, LEFT, LEFT + 90, RIGHT, facts) - 2
    table = Table(paper, _SHAPE, ())
    table.head()
    for row in pick.rows:
        cells = _cells(row)
        table.require(row_height(cells))
        top = paper.y
        table.row(*cells)
        sheet.frame(_SHAPE[-1].left + GUTTER + 6, top - 11.5, 9, 9, GREY)
    table.end()
    units = sum(row.quantity for row in pick.rows)
    paper.require(18)
    sheet.text(LEFT + 5, paper.y - 12, f"{words['total']}  {quantity(units)}", STRONG_BODY)
    sheet.save(lambda page, pages: _stamp(paper, pick, page, pages))


def _cells(row: PickedFrom) -> tuple[Cell, ...]:
    bin_, product, lot, _, _, parcels, _ = (column.room for column in _SHAPE)
    return (
        break_lines(row.location or "–", STRONG_BODY, bin_) or ("–",),
        (
            *break_lines(row.name, BODY, product),
            *break_lines(row.specification, BODY, product),
            *break_lines(row.sku, LABEL, product),
        ),
        break_lines(row.lot_no, BODY, lot),
        (row.expires_on.isoformat() if row.expires_on else "–",),
        (quantity(row.quantity), row.unit),
        tuple(line for one in row.parcels for line in break_lines(one, BODY, parcels)),
        ("",),
    )


def _stamp(paper: Paper, pick: PickSheet, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {pick.number}"
    if page > 1:
        paper.running_head(pick.company[0], title)
    paper.foot(f"{title}  {pick.printed_at:%Y-%m-%d %H:%M}", page, pages)
