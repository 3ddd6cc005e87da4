"""A dealer's own price list on paper: an A4 PDF in Chinese or English with its fonts embedded.

Its words have a context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from babel.support import NullTranslations

from portal.kernel.formats import MISSING, percent, quantity
from portal.kernel.paper.page import BODY, LEFT, META_LEFT, META_VALUE, RIGHT, ROOM, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import ROW, Cell, Column, Table, amount, columns, number_width
from portal.kernel.paper.typesetting import break_lines
from portal.kernel.translations import words as translations

_PRICE = 54.0  # points that a column of prices takes at least


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product and what it costs one dealer, VAT included.

    name, unit: in the language of the list. list_price, own_price, tax_rate: None where none is set.
    breaks: from how many units which price of a unit, rising.
    """

    sku: str
    name: str
    specification: str
    unit: str
    pack_multiple: int
    list_price: Decimal | None
    own_price: Decimal | None
    breaks: tuple[tuple[int, Decimal], ...]
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """What stands on the paper.

    locale: ``zh`` or ``en``. company, dealer: the name in that language and the other one, if there is
    another. valid_at: local time of the business. selection: label and value of what the list was narrowed
    to.
    """

    locale: str
    company: tuple[str, str]
    dealer: tuple[str, str]
    dealer_code: str
    valid_at: datetime
    moment: str
    currency: str
    selection: tuple[tuple[str, str], ...]
    products: Sequence[ListedProduct]


def render(document: PriceList, stream: BinaryIO) -> None:
    """Write the list as PDF to `stream`; equal lists give equal bytes."""
    words = _words(document.locale)
    sheet = Sheet(
        stream,
        title=f"{words['title']} {document.dealer[0]} {document.valid_at:%Y-%m-%d}",
        author=document.company[0],
        subject=words["title"],
        lang="zh-CN" if document.locale == "zh" else "en",
        created=document.valid_at,
    )
    paper = Paper(sheet, words)
    _head(paper, document)
    _prices(paper, document.products)
    sheet.save(lambda page, pages: _stamp(paper, document, page, pages))


def _head(paper: Paper, document: PriceList) -> None:
    """Who lists prices to whom, of what and of which moment."""
    words = paper.words
    paper.masthead(*document.company, "")
    top = paper.y - 18
    dealer = paper.addressee(top, *document.dealer, [(words["dealer_code"], document.dealer_code)])
    facts = [
        (words["valid_at"], document.moment),
        (words["currency"], words.get(f"unit.{document.currency}", document.currency)),
        *document.selection,
        (words["count"], quantity(len(document.products))),
    ]
    paper.y = min(dealer, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2
    note = words["note"] % {"moment": document.moment}
    paper.y = paper.lines(LEFT, paper.y, break_lines(note, BODY, ROOM), BODY, 11)


def _prices(paper: Paper, products: Sequence[ListedProduct]) -> None:
    """A row for each product, the titles repeated on every page."""
    prices = [price for one in products for price in (one.list_price, one.own_price) if price is not None]
    shape = _shape(prices)
    table = Table(paper, shape, prices)
    table.head()
    for product in products:
        cells = _cells(product, shape, paper.words)
        table.row(*cells)
    if not products:
        paper.require(ROW)
        table.row((), (paper.words["none"],), (), (), (), (), (), ())
    table.end()


def _shape(prices: Sequence[Decimal]) -> tuple[Column, ...]:
    price = number_width(prices, narrowest=_PRICE)
    return columns(
        ("sku", 66, False),
        ("product", 0, False),
        ("specification", 80, False),
        ("unit", 46, False),
        ("list_price", price, True),
        ("own_price", price, True),
        ("breaks", 84, False),
        ("tax_rate", 32, False),
    )


def _cells(product: ListedProduct, shape: tuple[Column, ...], words: Mapping[str, str]) -> tuple[Cell, ...]:
    sku, name, specification, unit, _, _, breaks, _ = (column.room for column in shape)
    steps = [
        words["break"] % {"quantity": quantity(least), "price": amount(price)}
        for least, price in product.breaks
    ]
    return (
        break_lines(product.sku, BODY, sku),
        break_lines(product.name, BODY, name),
        break_lines(product.specification, BODY, specification),
        _unit(product, unit),
        (_price(product.list_price),),
        (_price(product.own_price),),
        tuple(line for step in steps for line in break_lines(step, BODY, breaks)),
        (percent(product.tax_rate),),
    )


def _unit(product: ListedProduct, room: float) -> Cell:
    """The unit and how many make a pack, on one line where both fit."""
    if product.pack_multiple == 1:
        return break_lines(product.unit, BODY, room)
    pack = f"× {quantity(product.pack_multiple)}"
    together = break_lines(f"{product.unit} {pack}", BODY, room)
    return together if len(together) == 1 else (*break_lines(product.unit, BODY, room), pack)


def _price(price: Decimal | None) -> str:
    return MISSING if price is None else amount(price)


def _stamp(paper: Paper, document: PriceList, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {document.moment}"
    if page > 1:
        left = f"{document.company[0]}  →  {document.dealer[0]} ({document.dealer_code})"
        paper.running_head(left, title)
    paper.foot(f"{document.dealer_code}  {title}", page, pages)


def _words(locale: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    return _translated(translations(locale)) | {"subtitle": other["title"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("price list", "Price list"),
        "addressee": pgettext("price list", "For"),
        "dealer_code": pgettext("price list", "Dealer no."),
        "valid_at": pgettext("price list", "Prices valid at"),
        "currency": pgettext("price list", "Currency"),
        "unit.CNY": pgettext("price list", "CNY"),
        "count": pgettext("price list", "Products"),
        "note": pgettext(
            "price list",
            "All prices are for one unit, VAT included. They are the prices valid at %(moment)s; "
            "changes ahead are not included.",
        ),
        "sku": pgettext("price list", "SKU"),
        "product": pgettext("price list", "Product"),
        "specification": pgettext("price list", "Specification"),
        "unit": pgettext("price list", "Unit, pack"),
        "list_price": pgettext("price list", "List price"),
        "own_price": pgettext("price list", "Your price"),
        "breaks": pgettext("price list", "Larger quantities"),
        "break": pgettext("price list", "%(quantity)s+: %(price)s"),
        "tax_rate": pgettext("price list", "VAT"),
        "none": pgettext("price list", "No product"),
        "page": pgettext("price list", "Page %(page)s of %(pages)s"),
    }
