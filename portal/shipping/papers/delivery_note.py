"""The delivery note that goes with the goods (随货同行单): all that the law asks, sealed, reprints marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from portal.kernel.formats import quantity
from portal.kernel.paper.fonts import STRONG
from portal.kernel.paper.page import (
    BODY,
    HAIRLINE,
    LABEL,
    LEFT,
    META_LEFT,
    META_VALUE,
    RIGHT,
    ROOM,
    STRONG_BODY,
    Paper,
)
from portal.kernel.paper.sheet import Sheet, Style
from portal.kernel.paper.symbols import draw, qr_modules
from portal.kernel.paper.table import Cell, Table, columns
from portal.kernel.paper.typesetting import break_lines
from portal.shipping.papers.seal import RADIUS, draw_seal
from portal.shipping.papers.wording import words_of

_STAMP = Style(STRONG, 12, "0.8 0.12 0.12")
_LINES_MAX = 40  # of one row: a page takes more, so that a unit of many serials runs over pages
_CODE = 68.0  # points, 24 mm
_CLOSING = max(2 * RADIUS + 24, 66 + _CODE + 16)


@dataclass(frozen=True, slots=True)
class NotedLine:
    """Units of one lot. name, unit, storage: in the language of the note."""

    sku: str
    name: str
    specification: str
    registration_no: str
    registrant: str
    lot_no: str
    serials: Sequence[str]
    produced_on: date | None
    expires_on: date | None
    quantity: int
    unit: str
    storage: str


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """What stands on the paper.

    locale: ``zh`` or ``en``. supplier, consignee: the name in that language and the other one, if there is
    another. seal_name: the company in Chinese. copy: 1 for the first print. printed_at: local time.
    sign_at: the address where somebody signs for it on a phone, or empty.
    """

    locale: str
    number: str
    supplier: tuple[str, str]
    supplier_address: str
    supplier_credit_code: str
    seal_name: str
    seal_picture: bytes | None
    consignee: tuple[str, str]
    dealer_code: str
    address: str
    contact: str
    order_no: str
    own_order_no: str
    shipped_on: date
    carrier: str
    waybill: str
    shipped_from: str
    packages: int
    reviewers: Sequence[str]
    sign_at: str
    copy: int
    printed_at: datetime
    lines: Sequence[NotedLine]


def render(note: DeliveryNote, stream: BinaryIO) -> None:
    """Write the note as PDF to `stream`; equal notes give equal bytes."""
    words = words_of(note.locale, "delivery_note")
    sheet = Sheet(
        stream,
        title=f"{words['title']} {note.number}",
        author=note.supplier[0],
        subject=words["title"],
        lang="zh-CN" if note.locale == "zh" else "en",
        created=note.printed_at,
    )
    paper = Paper(sheet, words)
    _head(paper, note)
    _goods(paper, note)
    _close(paper, note)
    sheet.save(lambda page, pages: _stamp(paper, note, page, pages))


def _head(paper: Paper, note: DeliveryNote) -> None:
    words = paper.words
    contact = f"{words['credit_code']} {note.supplier_credit_code}    {note.supplier_address}"
    paper.masthead(*note.supplier, contact)
    if note.copy > 1:
        stamp = words["copy"] % {"copy": note.copy - 1}
        paper.sheet.text_right(RIGHT, paper.y - 16, stamp, _STAMP)
        paper.y -= 12
    top = paper.y - 18
    left = paper.addressee(
        top,
        *note.consignee,
        [
            (words["address"], note.address),
            (words["contact"], note.contact),
            (words["dealer_code"], note.dealer_code),
        ],
    )
    right = paper.facts(
        top,
        META_LEFT,
        META_VALUE,
        RIGHT,
        [
            (words["note_no"], note.number),
            (words["order_no"], note.order_no),
            (words["own_order_no"], note.own_order_no),
            (words["shipped_on"], note.shipped_on.isoformat()),
            (words["carrier"], note.carrier),
            (words["waybill"], note.waybill),
            (words["from"], note.shipped_from),
            (words["packages"], str(note.packages) if note.packages else ""),
        ],
    )
    paper.y = min(left, right) - 2


_SHAPE = columns(
    ("place", 22, False),
    ("product", 0, False),
    ("registration", 112, False),
    ("lot", 82, False),
    ("days", 84, False),
    ("quantity", 44, True),
    ("storage", 66, False),
)


def _goods(paper: Paper, note: DeliveryNote) -> None:
    """A row for each lot, the titles repeated on every page."""
    table = Table(paper, _SHAPE, ())
    table.head()
    for place, line in enumerate(note.lines, start=1):
        for cells in _rows(place, line, paper.words):
            table.row(*cells)
    table.end()
    paper.require(18)
    units = sum(line.quantity for line in note.lines)
    paper.sheet.text(LEFT + 5, paper.y - 12, f"{paper.words['total']}  {quantity(units)}", STRONG_BODY)
    paper.y -= 18


def _rows(place: int, line: NotedLine, words: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    """The row of a line; what is longer than a page takes goes on in rows of its own."""
    whole = _cells(place, line, words)
    longest = max(map(len, whole))
    for start in range(0, longest, _LINES_MAX):
        yield tuple(cell[start : start + _LINES_MAX] for cell in whole)


def _cells(place: int, line: NotedLine, words: Mapping[str, str]) -> tuple[Cell, ...]:
    _, product, registration, lot, days, _, storage = (column.room for column in _SHAPE)
    made = words["produced"] % {"day": line.produced_on} if line.produced_on else ""
    expiry = words["expires"] % {"day": line.expires_on} if line.expires_on else words["no_expiry"]
    return (
        (str(place),),
        (
            *break_lines(line.name, BODY, product),
            *break_lines(line.specification, BODY, product),
            *break_lines(line.sku, LABEL, product),
        ),
        (
            *break_lines(line.registration_no, BODY, registration),
            *break_lines(words["registrant"] % {"name": line.registrant}, BODY, registration),
        ),
        (
            *break_lines(line.lot_no if line.lot_no != "-" else words["no_lot"], BODY, lot),
            *(part for serial in line.serials for part in break_lines(serial, BODY, lot)),
        ),
        (*break_lines(made, BODY, days), *break_lines(expiry, BODY, days)),
        (quantity(line.quantity), line.unit),
        break_lines(line.storage or words["as_labelled"], BODY, storage),
    )


def _close(paper: Paper, note: DeliveryNote) -> None:
    """Who reviewed, room for who receives, and the seal at the right."""
    paper.require(_CLOSING)
    sheet, words, y = paper.sheet, paper.words, paper.y - 26
    sheet.text(LEFT, y, words["reviewed_by"], LABEL)
    names = ", ".join(note.reviewers) or "–"
    y = paper.lines(LEFT + 90, y, break_lines(names, BODY, ROOM * 0.4), BODY, 11) - 22
    sheet.text(LEFT, y, words["received_by"], LABEL)
    sheet.rule(LEFT + 90, y - 2, 170, HAIRLINE, 0.8)
    if note.sign_at:
        draw(sheet, LEFT, y - 12 - _CODE, _CODE, qr_modules(note.sign_at))
        told = break_lines(words["sign_at"], LABEL, 180 - _CODE)
        paper.lines(LEFT + _CODE + 12, y - 24, told, LABEL, 11)
    draw_seal(sheet, RIGHT - RADIUS - 6, paper.y - RADIUS - 14, note.seal_name, note.seal_picture)
    sheet.text(RIGHT - 2 * RADIUS - 70, paper.y - 26, words["seal"], LABEL)


def _stamp(paper: Paper, note: DeliveryNote, page: int, pages: int) -> None:
    copy = f"  {paper.words['copy'] % {'copy': note.copy - 1}}" if note.copy > 1 else ""
    title = f"{paper.words['title']}  {note.number}{copy}"
    if page > 1:
        paper.running_head(f"{note.supplier[0]}  →  {note.consignee[0]}", title)
    paper.foot(f"{title}  {note.printed_at:%Y-%m-%d %H:%M}", page, pages)
