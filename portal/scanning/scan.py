"""What a code says, and which of the products it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.vocabulary import CatalogueRight, ProductState
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.kernel.searching import LENGTH_MAX, code_key
from portal.scanning.read_code import read_code, without_mark
from portal.scanning.rules import Issuer, Reading, refusal

MAY_SCAN = (CatalogueRight.READ, CatalogueRight.HEADQUARTERS)
"""Rights of which one is needed."""


@dataclass(frozen=True, slots=True)
class Article:
    """A product as codes find it: by SKU, or by its device identifier."""

    sku: str
    di: str
    name_zh: str
    name_en: str
    state: str

    @property
    def is_sold(self) -> bool:
        """Whether it has a page in the catalogue."""
        return self.state == ProductState.ACTIVE


@dataclass(frozen=True, slots=True)
class Scanned:
    """A reading, and the product that it is of; None where the range has none.

    units: of sale in what bears the code, more than one for a package with a number of its own.
    """

    reading: Reading
    article: Article | None
    units: int = 1

    @property
    def serial(self) -> str | None:
        """Serial number of a unit; that on a package is the package's."""
        return self.reading.serial if self.units == 1 else None


def scan(session: Session, *, actor: Actor, data: str, symbology: str = "", today: date) -> Scanned:
    """What a code says; writes nothing.

    Raises Forbidden without a right of `MAY_SCAN`, Invalid for what cannot be read beyond doubt.
    """
    actor.require(*MAY_SCAN)
    (found,) = scanned_all(session, [data], symbology=symbology, today=today)
    if isinstance(found, Invalid):
        raise found
    return found


def scanned_all(
    session: Session, codes: Sequence[str], *, symbology: str = "", today: date
) -> list[Scanned | Invalid]:
    """What each of many codes is, or why it is refused, by one statement; SKUs count as codes."""
    read = [_reading(code, symbology, today) for code in codes]
    sought = [one.di for one in read if isinstance(one, Reading)]
    articles = _articles(session, [_key(code) for code in codes], sought)
    return [_of(code, one, articles) for code, one in zip(codes, read, strict=True)]


_ARTICLES = text(
    """
    SELECT sku, udi_di AS di, name_zh, name_en, state, sku_key, udi_di AS number, 1 AS units FROM product
     WHERE sku_key = ANY (CAST(:keys AS text[]))
     UNION
    SELECT sku, udi_di, name_zh, name_en, state, sku_key, udi_di, 1 FROM product
     WHERE udi_di = ANY (CAST(:dis AS text[]))
     UNION
    SELECT p.sku, p.udi_di, p.name_zh, p.name_en, p.state, p.sku_key, k.gtin, k.units
      FROM product_package k JOIN product p ON p.id = k.product_id WHERE k.gtin = ANY (CAST(:dis AS text[]))
    """
)


@dataclass(frozen=True, slots=True)
class _Articles:
    by_key: Mapping[str, Sequence[Article]]
    by_number: Mapping[str, tuple[Article, int]]  # with units of sale


def _articles(session: Session, keys: Iterable[str], dis: Iterable[str]) -> _Articles:
    by_key: dict[str, list[Article]] = {}
    by_number: dict[str, tuple[Article, int]] = {}
    parameters = {"keys": sorted(set(filter(None, keys))), "dis": sorted(set(dis))}
    for row in session.execute(_ARTICLES, parameters):
        article = Article(row.sku, row.di, row.name_zh, row.name_en, row.state)
        if row.units == 1:
            by_key.setdefault(row.sku_key, []).append(article)
        by_number[row.number] = article, row.units
    return _Articles(by_key, by_number)


def _reading(code: str, symbology: str, today: date) -> Reading | Invalid:
    try:
        return read_code(code, today=today, symbology=symbology)
    except Invalid as refused:
        return refused


def _key(code: str) -> str:
    """As SKUs are compared; empty for what can be none."""
    typed = without_mark(code)
    return code_key(typed) if len(typed) <= LENGTH_MAX and typed.isprintable() else ""


def _of(code: str, read: Reading | Invalid, articles: _Articles) -> Scanned | Invalid:
    named = _named(code, articles.by_key.get(_key(code), ()))
    if len(named) > 1:
        return _two(named[0].sku, named[1].sku)
    if isinstance(read, Invalid):
        return Scanned(Reading(Issuer.GS1, named[0].di), named[0]) if named else read
    article, units = articles.by_number.get(read.di, (None, 1))
    if named and named[0] != article:
        return _two(named[0].sku, article.sku if article else read.di)
    return Scanned(read, article, units)


def _named(code: str, alike: Sequence[Article]) -> Sequence[Article]:
    """Those whose SKU a code is: the one written just so, else all that are easily taken for it."""
    exact = [article for article in alike if article.sku == without_mark(code)]
    return exact or alike


def _two(one: str, other: str) -> Invalid:
    return refusal(
        "two_articles",
        N_("This is the number of two articles: %(one)s and %(other)s."),
        N_("Type the SKU just as it is written, or scan the code on the label."),
        one=one,
        other=other,
    )
