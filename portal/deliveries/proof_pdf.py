"""The proof of a delivery on paper: who took over what, with the signature drawn.

Its words have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from babel.support import NullTranslations

from portal.deliveries.rules import Way
from portal.kernel.formats import quantity
from portal.kernel.money import ZERO
from portal.kernel.paper.page import (
    BLACK,
    BODY,
    HAIRLINE,
    LABEL,
    LEFT,
    META_LEFT,
    META_VALUE,
    RIGHT,
    ROOM,
    Paper,
)
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import Cell, Table, columns
from portal.kernel.paper.typesetting import break_lines, shortened
from portal.kernel.signature_rules import HEIGHT, WIDTH, Strokes
from portal.kernel.translations import words as translations

_FIELD = 220.0  # points that the field of the signature is wide
_SCALE = _FIELD / WIDTH
_PHOTO_GAP = 16.0
_PHOTO_WIDTH = (ROOM - _PHOTO_GAP) / 2
_PHOTO_HEIGHT = _PHOTO_WIDTH * 3 / 4

Line = tuple[str, str, str, str, int, int, int]
"""SKU, name, lot, unit; shipped, received, damaged."""


class Picture(NamedTuple):
    """A photo with what is said below it; a JPEG."""

    caption: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ProofPaper:
    """What stands on the paper; names and moments in the language of the paper."""

    locale: str
    company: tuple[str, str]
    consignee: tuple[str, str]
    address: str
    number: str
    order: str
    carrier: str
    shipped: str
    signed: str
    created: datetime
    way: str
    name: str
    note: str
    signature: Strokes | None
    lines: tuple[Line, ...]
    pictures: tuple[Picture, ...] = ()


def render(document: ProofPaper, stream: BinaryIO) -> None:
    """Write the proof as PDF to `stream`; equal proofs give equal bytes."""
    words = _words(document.locale)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.number}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.created,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _lines(paper, document.lines)
    _signed(paper, document)
    _pictures(paper, document.pictures)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: ProofPaper) -> None:
    words = paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    left = paper.addressee(top, *document.consignee, [(words["address"], document.address)])
    facts = [
        (words["shipment"], document.number),
        (words["order"], document.order),
        (words["carrier"], document.carrier),
        (words["shipped_at"], document.shipped),
        (words["signed_at"], document.signed),
        (words["way"], words[f"way.{document.way}"]),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 4


def _lines(paper: Paper, lines: tuple[Line, ...]) -> None:
    """A row for each lot, the titles repeated on every page."""
    shape = columns(
        ("sku", 92, False),
        ("product", 0, False),
        ("lot", 92, False),
        ("unit", 40, False),
        ("shipped", 50, True),
        ("received", 50, True),
        ("damaged", 50, True),
    )
    table = Table(paper, shape, [ZERO])
    table.head()
    for sku, name, lot, unit, *units in lines:
        texts = zip((sku, name, lot, unit), shape, strict=False)
        cells: tuple[Cell, ...] = (
            *(break_lines(text, BODY, column.room) for text, column in texts),
            *((quantity(one),) for one in units),
        )
        table.row(*cells)
    table.end()


def _signed(paper: Paper, document: ProofPaper) -> None:
    """Remark, name and signature, together on one page."""
    words = paper.words
    note = break_lines(document.note, BODY, ROOM)
    paper.require(HEIGHT * _SCALE + 70 + 11 * len(note))
    paper.y -= 18
    if note:
        paper.sheet.text(LEFT, paper.y, words["note"], LABEL)
        paper.y = paper.lines(LEFT, paper.y - 12, note, BODY, 11) - 6
    paper.sheet.text(LEFT, paper.y, words["signed_by"], LABEL)
    paper.sheet.text(LEFT + 80, paper.y, document.name, BODY)
    paper.y -= 10
    top = paper.y
    paper.sheet.frame(LEFT, top - HEIGHT * _SCALE, _FIELD, HEIGHT * _SCALE, HAIRLINE)
    if document.signature is None:
        paper.sheet.text(LEFT + 8, top - 14, words["unsigned"], LABEL)
    for stroke in document.signature or ():
        points = zip(stroke[::2], stroke[1::2], strict=True)
        paper.sheet.line([(LEFT + x * _SCALE, top - y * _SCALE) for x, y in points], BLACK, 1.2)
    paper.y = top - HEIGHT * _SCALE


def _pictures(paper: Paper, pictures: tuple[Picture, ...]) -> None:
    """Two beside each other, each with its name and the beginning of its hash."""
    for first in range(0, len(pictures), 2):
        paper.require(_PHOTO_HEIGHT + 46)
        paper.y -= 18
        if first == 0:
            paper.sheet.text(LEFT, paper.y, paper.words["photos"], LABEL)
        top = paper.y - 8
        for place, picture in enumerate(pictures[first : first + 2]):
            left = LEFT + place * (_PHOTO_WIDTH + _PHOTO_GAP)
            paper.sheet.picture(left, top - _PHOTO_HEIGHT, _PHOTO_WIDTH, _PHOTO_HEIGHT, picture.content)
            caption = shortened(picture.caption, LABEL, _PHOTO_WIDTH)
            paper.sheet.text(left, top - _PHOTO_HEIGHT - 10, caption, LABEL)
        paper.y = top - _PHOTO_HEIGHT - 12


def _stamp(paper: Paper, document: ProofPaper, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.number}"
    if page > 1:
        paper.running_head(document.consignee[0], title)
    paper.foot(title, page, pages)


def _words(locale: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    return _translated(translations(locale)) | {"subtitle": other["title"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("proof of delivery", "Proof of delivery"),
        "addressee": pgettext("proof of delivery", "Consignee"),
        "address": pgettext("proof of delivery", "Address"),
        "shipment": pgettext("proof of delivery", "Shipment"),
        "order": pgettext("proof of delivery", "Order"),
        "carrier": pgettext("proof of delivery", "Carrier"),
        "shipped_at": pgettext("proof of delivery", "Shipped at"),
        "signed_at": pgettext("proof of delivery", "Received at"),
        "way": pgettext("proof of delivery", "Signed"),
        f"way.{Way.LINK}": pgettext("proof of delivery", "by link at the door"),
        f"way.{Way.PORTAL}": pgettext("proof of delivery", "in the portal"),
        f"way.{Way.API}": pgettext("proof of delivery", "by a program"),
        "sku": pgettext("proof of delivery", "SKU"),
        "product": pgettext("proof of delivery", "Product"),
        "lot": pgettext("proof of delivery", "Lot"),
        "unit": pgettext("proof of delivery", "Unit"),
        "shipped": pgettext("proof of delivery", "Shipped"),
        "received": pgettext("proof of delivery", "Received"),
        "damaged": pgettext("proof of delivery", "Damaged"),
        "note": pgettext("proof of delivery", "Remark"),
        "signed_by": pgettext("proof of delivery", "Received by"),
        "photos": pgettext("proof of delivery", "Photos"),
        "unsigned": pgettext("proof of delivery", "Confirmed by name, without a signature."),
        "page": pgettext("proof of delivery", "Page %(page)s of %(pages)s"),
    }
