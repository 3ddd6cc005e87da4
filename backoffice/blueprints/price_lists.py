"""The whole price list of any dealer, as it is at any moment."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.price_lookup import dealer_and_moment, page_of_question
from portal.blueprints.price_list import price_list
from portal.kernel import clock
from portal.kernel.errors import N_, Invalid
from portal.pricing import catalogue
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import PAGE_ROWS, show_list
from portal.web.presentation import in_language
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_session, portal, request

blueprint = Blueprint("price_lists", __name__, url_prefix="/hq/prices")

PRICES = Listing(
    "dealer-prices",
    N_("Price list"),
    (
        Column("name", N_("Product"), Kind.NAME, path="offer.name"),
        Column("sku", N_("SKU"), Kind.CODE, path="offer.sku", width="c-15"),
        Column("category", N_("Product line code"), Kind.CODE, path="offer.category_code", shown=False),
        Column("unit", N_("Unit"), Kind.UNIT, path="offer.unit", shown=False),
        Column("pack_multiple", N_("Order multiple"), Kind.QUANTITY, path="offer.pack_multiple", shown=False),
        Column("list_price", N_("List price"), Kind.MONEY, path="offer.list_price", width="c-12"),
        Column("own_price", N_("Price of the dealer"), Kind.MONEY, width="c-12"),
        Column("share", N_("Share of the list price"), Kind.SHARE, width="c-15"),
        Column("breaks", N_("Prices of larger quantities"), width="c-18"),
        Column("tax_rate", N_("VAT rate"), Kind.SHARE, path="offer.tax_rate", shown=False),
    ),
)


@blueprint.get("/list")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
@takes_columns("column")
def index() -> str | Response:
    """Products on sale with the dealer's price of one pack, before promotions."""
    query = {name: request.args.get(name, "").strip() for name in ("dealer", "at", "q", "category")}
    try:
        dealer, at = dealer_and_moment(query)
    except Invalid as refusal:
        return page_of_question({"sku": "", "quantity": "", **query}, refusal=refusal)
    settings = portal().settings
    search = partial(
        catalogue.search,
        current_session(),
        dealer=dealer,
        at=at,
        today=clock.business_date(at, settings.timezone),
        margin_days=settings.saleable_days_before_expiry,
        q=query["q"],
        category=query["category"],
    )
    fetch = price_list(lambda cursor, limit: search(cursor=cursor, limit=limit), dealer, near_max=PAGE_ROWS)

    def page_only() -> dict[str, Any]:
        lines = [(one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()]
        return {"category_options": [("", gettext("All product lines")), *lines]}

    context = {**query, "whose": dealer, "moment": at}
    return show_list(
        PRICES, fetch, "backoffice/prices/list.html", context, page_only=page_only, dealer_id=dealer.id
    )
