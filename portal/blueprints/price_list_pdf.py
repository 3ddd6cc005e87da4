"""The catalogue as a price list on paper, for whoever sees prices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.price_list import CATALOGUE, PriceListRow
from portal.dealers.queries import DealerFacts
from portal.kernel.errors import N_, Invalid
from portal.kernel.formats import date_time, in_zone
from portal.pricing.price_list_pdf import ListedProduct, PriceList, render
from portal.pricing.vocabulary import PriceRight
from portal.web import language
from portal.web.listing.export import Fetch, RowsOfFilter, send_made
from portal.web.presentation import in_language, unit
from portal.web.reference_cache import categories
from portal.web.request import current_actor, portal

PDF = "pdf"
PRODUCTS_MAX = 2000
"""Products on paper: some eighty pages, drawn within the request."""


def send_pdf(fetch: Fetch, dealer: DealerFacts, at: datetime, *, q: str, category: str) -> Response:
    """The products that `fetch` gives, with the prices of `at`.

    q, category: what they were narrowed to. Raises Forbidden, TooManyRequests, and Invalid where they are
    more than `PRODUCTS_MAX`.
    """
    current_actor().require(PriceRight.READ)

    def make(file: BinaryIO) -> int:
        rows = RowsOfFilter(fetch, PRODUCTS_MAX)
        products = [_listed(row) for row in rows]
        if rows.is_cut:
            raise Invalid(
                "price_list_too_long",
                N_("A price list as PDF holds at most %(most)s products, and more are shown."),
                fix=N_("Choose a product line or search, then take the PDF; or take the list as Excel."),
                most=f"{PRODUCTS_MAX:,}",
            )
        render(_document(products, dealer, at, tuple(_selection(q, category))), file)
        return rows.count

    title = gettext("Price list")
    return send_made(make, CATALOGUE.name, form=PDF, title=title, media_type="application/pdf")


def _document(
    products: list[ListedProduct],
    dealer: DealerFacts,
    at: datetime,
    selection: tuple[tuple[str, str], ...],
) -> PriceList:
    settings, locale = portal().settings, language.current()
    return PriceList(
        locale=locale,
        company=_names(settings.company_name_zh, settings.company_name_en),
        dealer=_names(dealer.name_zh, dealer.name_en),
        dealer_code=dealer.code,
        valid_at=in_zone(at, settings.timezone),
        moment=date_time(at, timezone=settings.timezone, locale=locale),
        currency=settings.currency,
        selection=selection,
        products=products,
    )


def _names(chinese: str, english: str) -> tuple[str, str]:
    """In the visitor's language, then in the other; never twice the same."""
    first = in_language(chinese, english)
    return first, (english if first == chinese else chinese) if chinese != english else ""


def _selection(q: str, category: str) -> Iterator[tuple[str, str]]:
    if q:
        yield gettext("Search"), q
    if category:
        line = next((one for one in categories() if one.code == category), None)
        name = in_language(line.name_zh, line.name_en) if line else ""
        yield gettext("Product line"), f"{category} {name}".strip()


def _listed(row: PriceListRow) -> ListedProduct:
    offer = row.offer
    return ListedProduct(
        sku=offer.sku,
        name=in_language(offer.name_zh, offer.name_en),
        specification=offer.specification,
        unit=unit(offer.unit),
        pack_multiple=offer.pack_multiple,
        list_price=offer.list_price,
        own_price=row.own_price,
        breaks=tuple((step.min_quantity, step.unit_price) for step in row.steps),
        tax_rate=offer.tax_rate,
    )
