"""The catalogue: own prices and the stock of the own region."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal import clock
from portal.catalogue import queries
from portal.dealers.queries import DealerFacts, load_dealer
from portal.identity.rules import Right
from portal.request import current_actor, current_session, portal
from portal.stock.queries import availability, serving_warehouses

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")

PAGE_SIZES = (24, 48, 96)
STOCK_MAX = 96


@blueprint.get("")
def index() -> str | Response:
    """Products by name, SKU or GTIN and by product line."""
    current_actor().require(Right.CATALOGUE_READ)
    dealer = _dealer()
    query = {"q": request.args.get("q", "").strip(), "category": request.args.get("category", "").strip()}
    limit = request.args.get("limit", PAGE_SIZES[0], type=int)
    page = queries.search(
        current_session(), dealer=dealer, **query, **_when(), cursor=request.args.get("cursor"), limit=limit if limit in PAGE_SIZES else PAGE_SIZES[0]
    )
    context = {"page": page, "dealer": dealer, "warehouses": _warehouses(dealer), **query}
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("catalogue/index.html", "results", **context)
    return render_template("catalogue/index.html", categories=queries.categories(current_session()), **context)


@blueprint.get("/stock")
def stock() -> str:
    """The stock of the products on a page, swapped in place every so often."""
    current_actor().require(Right.STOCK_READ)
    skus = request.args.getlist("sku")[:STOCK_MAX]
    if not skus:
        abort(404)
    by_sku: dict[str, list] = {sku: [] for sku in skus}
    for level in availability(current_session(), dealer=_dealer(), skus=skus):
        by_sku[level.sku].append(level)
    return render_template("catalogue/stock.html", stock={sku: levels for sku, levels in by_sku.items() if levels})


@blueprint.get("/<sku>")
def product(sku: str) -> str:
    """One product with everything known of it, its price ladder and why the price is what it is."""
    current_actor().require(Right.CATALOGUE_READ)
    dealer = _dealer()
    detail = queries.product(current_session(), dealer=dealer, sku=sku, **_when())
    price = None if detail.offer.list_price is None else detail.offer.price(detail.offer.pack_multiple, dealer)
    levels = availability(current_session(), dealer=dealer, skus=[sku])
    return render_template("catalogue/product.html", product=detail, price=price, levels=levels, dealer=dealer)


def _dealer() -> DealerFacts:
    return load_dealer(current_session(), current_actor().dealer_id)


def _when() -> dict[str, Any]:
    at = clock.now()
    return {"at": at, "today": clock.business_date(at, portal().settings.timezone)}


def _warehouses(dealer: DealerFacts) -> dict[int, Any]:
    return {warehouse.id: warehouse for warehouse in serving_warehouses(current_session(), dealer=dealer)}
