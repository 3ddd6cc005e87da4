"""The catalogue: own prices and the stock of the own region."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import chain, repeat
from typing import Any, NamedTuple

from flask import Blueprint, abort, make_response, render_template
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.blueprints.data_sheet import first_picture, send_data_sheet
from portal.blueprints.frame import dealer_frame
from portal.blueprints.price_list import CATALOGUE, price_list
from portal.blueprints.price_list_pdf import PDF, send_pdf
from portal.catalogue.documents import documents_of
from portal.catalogue.product_fields import temperature_range
from portal.catalogue.vocabulary import CatalogueRight
from portal.catalogue.words import DOCUMENTS, PACKAGES
from portal.dealers.queries import DealerFacts
from portal.kernel import clock, typed
from portal.pricing import catalogue as queries
from portal.pricing.catalogue import Found, Match
from portal.pricing.coming import ComingPrice, coming_price
from portal.pricing.queries import Level, Offer
from portal.pricing.stages import Price
from portal.pricing.vocabulary import PriceRight
from portal.promotions.offered import OfferedPromotion, running_promotions
from portal.stock.queries import Availability, availability
from portal.stock.vocabulary import StockRight
from portal.web.forms import takes_columns
from portal.web.listing.export import export_wanted, send_list
from portal.web.listing.page import list_view
from portal.web.presentation import in_language, labels, macros
from portal.web.promotion_words import terms_in_words
from portal.web.receipt_words import receipt_in_words
from portal.web.reference_cache import categories, dealer_facts, product_count, remembered, serving_warehouses
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")
blueprint.context_processor(dealer_frame)

PAGE_SIZES = (24, 48, 96)
STOCK_MAX = 96
_MINUTE = 60.0
_LINES_KEPT_SECONDS = 300

Levels = tuple[tuple[int, date | None, str], ...]
SheetLevels = tuple[tuple[int, int, date | None, str], ...]


@blueprint.get("")
@requires(CatalogueRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Products by name, SKU or GTIN and by product line."""
    dealer = _dealer()
    query = {"q": request.args.get("q", "").strip(), "category": request.args.get("category", "").strip()}
    now = clock.now()
    search = partial(
        queries.search,
        current_session(),
        dealer=dealer,
        at=now,
        q=query["q"],
        category=query["category"],
        **_saleable(),
    )
    limit = typed.own_number(request.args.get("limit"))
    limit = limit if limit in PAGE_SIZES else PAGE_SIZES[0]
    if (form := export_wanted(PDF)) is not None:
        fetch = price_list(lambda cursor, limit: search(cursor=cursor, limit=limit), dealer, near_max=limit)
        return send_pdf(fetch, dealer, now, **query) if form == PDF else send_list(CATALOGUE, fetch, form)
    page = search(cursor=request.args.get("cursor"), limit=limit)
    context = {
        "page": page,
        "rows": _rows(page, dealer, _promotions(dealer)),
        "hint": page.hint,
        "view": list_view(CATALOGUE, _count(page, query)),
    }
    return render_page(
        "catalogue/index.html",
        "results",
        page_only=lambda: product_lines(query["category"]),
        **context,
        **query,
    )


def _count(page: Found, query: dict[str, str]) -> int | None:
    """How many products there are: known of product lines, and of a search whose answer is on the page."""
    if not query["q"]:
        return product_count(query["category"])
    is_whole = page.next_cursor is None and page.previous_cursor is None
    return len(page.items) if is_whole else None


def product_lines(category: str) -> dict[str, Any]:
    """What stands above a list of products: the product lines to choose from."""
    all_lines = request.args.get("lines") == "all"
    options = _category_options(category) if all_lines else _chosen_option(category)
    return {"category_options": options, "all_lines": all_lines}


@blueprint.get("/lines")
@requires(CatalogueRight.READ)
def lines() -> Response:
    """The product lines for the filter of the list, which asks for them once and then knows them."""
    response = make_response(str(_category_options(request.args.get("category", "").strip())))
    response.headers["Cache-Control"] = f"private, max-age={_LINES_KEPT_SECONDS}"
    response.vary.add("Cookie")  # the language is in it
    return response


@blueprint.get("/stock")
@requires(StockRight.READ)
@takes_columns("sku")
def stock() -> str:
    """The stock of the products on a page, swapped in place every so often."""
    skus = request.args.getlist("sku")[:STOCK_MAX]
    if not skus:
        abort(404)
    levels = availability(current_session(), dealer=_dealer(), skus=skus, **_saleable())
    packs = {level.sku: level.pack_multiple for level in levels}
    shown = _sheet if "sheet" in request.args else _triples
    return render_template(
        "catalogue/stock.html", packs=packs, stock={sku: shown(levels, sku) for sku in packs}
    )


@blueprint.get("/<sku>")
@requires(CatalogueRight.READ)
def product(sku: str) -> str:
    """One product with everything known of it, its price ladder and why the price is what it is."""
    dealer = _dealer()
    detail = queries.product(current_session(), dealer=dealer, sku=sku, at=clock.now(), **_saleable())
    levels = _sheet(availability(current_session(), dealer=dealer, skus=[sku], **_saleable()), sku)
    price = _price(detail.offer, dealer)
    ended = detail.offer.registration_to
    counting = [one for one in _promotions(dealer) if one.covers(sku, detail.offer.category_code)]
    return render_template(
        "catalogue/product.html",
        product=detail,
        price=price,
        levels=levels,
        receipt=receipt_in_words(price.receipt) if price else (),
        coming=_coming(detail.offer, dealer),
        documents=documents_of(current_session(), detail.offer.sku),
        kinds=labels(DOCUMENTS),
        promotions=[(one, terms_in_words(one)) for one in counting],
        packages=labels(PACKAGES),
        temperature=temperature_range(detail.storage_min, detail.storage_max),
        ended=ended if ended is not None and ended < _saleable()["today"] else None,
    )


@blueprint.get("/<sku>/data-sheet")
@requires(CatalogueRight.READ)
def data_sheet(sku: str) -> Response:
    """One page of paper about a product: what it is, under which certificate, packed and stored how."""
    dealer = _dealer()
    detail = queries.product(current_session(), dealer=dealer, sku=sku, at=clock.now(), **_saleable())
    documents = documents_of(current_session(), detail.offer.sku)
    return send_data_sheet(detail, documents, first_picture(documents), clock.now())


def _coming(offer: Offer, dealer: DealerFacts) -> ComingPrice | None:
    """The next change of the price, for whoever sees prices."""
    if not current_actor().may(PriceRight.READ):
        return None
    return coming_price(
        current_session(), dealer=dealer, offer=offer, at=clock.now(), today=_saleable()["today"]
    )


def _dealer() -> DealerFacts:
    return dealer_facts(current_actor().own_dealer_id)


def _saleable() -> dict[str, Any]:
    """From when on a lot counts: the business day and the days before expiry."""
    settings = portal().settings
    return {
        "today": clock.business_date(clock.now(), settings.timezone),
        "margin_days": settings.saleable_days_before_expiry,
    }


class Row(NamedTuple):
    """One product in the list.

    levels: (available, next arrival, name of the warehouse), nearest first. heading: of what begins with it.
    promotions: number and title of those that count the product.
    """

    offer: Offer
    price: Price | None
    levels: Levels
    heading: str
    promotions: tuple[tuple[str, str], ...]


def _promotions(dealer: DealerFacts) -> list[OfferedPromotion]:
    """What runs for the dealer, for who sees prices: one statement, however many products are shown."""
    if not current_actor().may(PriceRight.READ):
        return []
    return running_promotions(current_session(), dealer=dealer, at=clock.now())


def _rows(found: Found, dealer: DealerFacts, promotions: Sequence[OfferedPromotion]) -> list[Row]:
    names = {
        warehouse.id: in_language(warehouse.name_zh, warehouse.name_en)
        for warehouse in serving_warehouses(dealer)
    }
    headings = zip(found.items, chain(_headings(found.matches), repeat("")), strict=False)
    return [
        Row(
            offer,
            _price(offer, dealer),
            _levels(offer.stock, names),
            heading,
            tuple(
                (one.number, in_language(one.title_zh, one.title_en))
                for one in promotions
                if one.covers(offer.sku, offer.category_code)
            ),
        )
        for offer, heading in headings
    ]


def _headings(matches: Sequence[Match]) -> list[str]:
    """What stands above each product.

    Something only where it is told apart from others, or is not quite what was sought.
    """
    groups = [match.group for match in matches]
    words = {
        "exact": gettext("Exact match"),
        "words": gettext("Also found"),
        "near": gettext("Similar results"),
    }
    told = "exact" in groups or "near" in groups
    return [
        words[group] if told and group != before else ""
        for before, group in zip(["", *groups], groups, strict=False)
    ]


def _price(offer: Offer, dealer: DealerFacts) -> Price | None:
    return None if offer.list_price is None else offer.price(offer.pack_multiple, dealer)


def _levels(stock: Sequence[Level], names: dict[int, str]) -> Levels:
    return tuple([(level.available, level.next_arrival, names[level.warehouse_id]) for level in stock])


def _triples(levels: Sequence[Availability], sku: str) -> Levels:
    return tuple(
        (level.available, level.next_arrival, in_language(level.warehouse_zh, level.warehouse_en))
        for level in levels
        if level.sku == sku
    )


def _sheet(levels: Sequence[Availability], sku: str) -> SheetLevels:
    return tuple(
        (
            level.available,
            level.in_transit,
            level.next_arrival,
            in_language(level.warehouse_zh, level.warehouse_en),
        )
        for level in levels
        if level.sku == sku
    )


def _category_options(chosen: str) -> Markup:
    """Product lines as the options of a select.

    The same for everybody who chose the same in the same language.
    """
    return remembered(
        ("category options", in_language("zh", "en"), chosen), lambda: _rendered_options(chosen), _MINUTE
    )


def _chosen_option(chosen: str) -> Markup:
    """The line that is chosen and the way back to all, until the others have come."""
    names = [
        (category.code, in_language(category.name_zh, category.name_en))
        for category in categories()
        if category.code == chosen
    ]
    return macros().option_list([("", gettext("All product lines")), *names], chosen)


def _rendered_options(chosen: str) -> Markup:
    """A tree: a line's own are indented below it."""
    zh = in_language("zh", "en") == "zh"
    depth: dict[str | None, int] = {}
    options = [("", gettext("All product lines"))]
    for category in categories():
        depth[category.code] = depth.get(category.parent_code, -1) + 1
        name = category.name_zh if zh else category.name_en
        options.append((category.code, f"{'　' * depth[category.code]}{name} ({category.products:,})"))
    return macros().option_list(options, chosen)
