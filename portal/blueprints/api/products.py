"""Products with the dealer's own price and the stock of its warehouses."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from portal.blueprints.api.schemas.catalogue import (
    DealerQuery,
    ProductDetailShape,
    ProductPage,
    ProductsQuery,
)
from portal.catalogue.documents import documents_of
from portal.catalogue.manifest import CHAPTER
from portal.catalogue.vocabulary import CatalogueRight
from portal.dealers.queries import DealerFacts
from portal.kernel.errors import N_
from portal.kernel.money import as_text
from portal.pricing import catalogue as queries
from portal.pricing.catalogue import ProductDetail
from portal.pricing.queries import Offer
from portal.stock.queries import ServingWarehouse
from portal.stock.vocabulary import StockRight
from portal.web.api.buyer import buyer, may, now_and_today, sees_prices
from portal.web.api.figures import rate_text
from portal.web.api.operations import operation
from portal.web.presentation import fix_in_words, in_language, in_words
from portal.web.reference_cache import serving_warehouses
from portal.web.request import current_actor, current_session, portal

READERS = (CatalogueRight.READ, CatalogueRight.HEADQUARTERS)


@operation(
    "GET",
    "/products",
    tag=CHAPTER,
    rights=READERS,
    query=ProductsQuery,
    answers=ProductPage,
    summary=N_("Products with own price, breaks and stock"),
    about=N_(
        "Active products in Chinese order; the one whose SKU or GTIN `q` is comes first. "
        "If nothing has every word of `q`, the nearest come instead."
    ),
)
def index(query: ProductsQuery) -> dict[str, Any]:
    dealer = buyer(query.dealer)
    at, today = now_and_today()
    page = queries.search(
        current_session(),
        dealer=dealer,
        at=at,
        today=today,
        margin_days=_margin(),
        q=query.q,
        category=query.category,
        limit=query.limit,
        cursor=query.cursor,
    )
    shelf = Shelf.of(dealer)
    items = [shelf.product(offer) for offer in page.items]
    for item, match in zip(items, page.matches, strict=False):
        item["match"] = match.group
    hint = page.hint and {
        "code": page.hint.code,
        "message": in_words(page.hint),
        "fix": fix_in_words(page.hint),
    }
    return {"items": items, "next_cursor": page.next_cursor, "hint": hint}


@operation(
    "GET",
    "/products/<sku>",
    tag=CHAPTER,
    rights=READERS,
    query=DealerQuery,
    answers=ProductDetailShape,
    summary=N_("One product in full"),
    about=N_("Also a withdrawn one."),
)
def show(sku: str, query: DealerQuery) -> dict[str, Any]:
    dealer = buyer(query.dealer)
    at, today = now_and_today()
    detail = queries.product(
        current_session(), dealer=dealer, sku=sku, at=at, today=today, margin_days=_margin()
    )
    return Shelf.of(dealer).product(detail.offer) | _more(detail)


def _margin() -> int:
    return portal().settings.saleable_days_before_expiry


@dataclass(frozen=True, slots=True)
class Shelf:
    """Products as one dealer is shown them: with prices and stock only if the token's scopes say so."""

    dealer: DealerFacts
    warehouses: tuple[ServingWarehouse, ...]
    currency: str
    chinese: bool
    with_price: bool
    with_stock: bool

    @classmethod
    def of(cls, dealer: DealerFacts) -> Shelf:
        """The shelf of a dealer for the current actor."""
        actor = current_actor()
        with_stock = may(actor, StockRight.READ, CatalogueRight.HEADQUARTERS)
        warehouses = serving_warehouses(dealer) if with_stock else ()
        with_price = sees_prices(actor)
        return cls(
            dealer,
            warehouses,
            portal().settings.currency,
            in_language("zh", "en") == "zh",
            with_price,
            with_stock,
        )

    def product(self, offer: Offer) -> dict[str, Any]:
        """One item."""
        item: dict[str, Any] = {
            "sku": offer.sku,
            "name": offer.name_zh if self.chinese else offer.name_en,
            "specification": offer.specification,
            "udi_di": offer.udi_di,
            "registration_no": offer.registration_no,
            "device_class": offer.device_class,
            "unit": offer.unit,
            "pack_multiple": offer.pack_multiple,
        }
        if self.with_price:
            item["price"] = self._price(offer)
        if self.with_stock:
            item["stock"] = self._stock(offer)
        return item

    def _price(self, offer: Offer) -> dict[str, Any] | None:
        if offer.list_price is None or offer.tax_rate is None:
            return None
        price = offer.price(offer.pack_multiple, self.dealer)
        return {
            "unit_price": as_text(price.unit_price),
            "list_price": as_text(price.list_price),
            "currency": self.currency,
            "tax_rate": rate_text(offer.tax_rate),
            "breaks": [
                {"min_quantity": step.min_quantity, "unit_price": as_text(step.unit_price)}
                for step in price.breaks
            ],
            "policy": price.policy,
            "valid_until": price.valid_until,
        }

    def _stock(self, offer: Offer) -> list[dict[str, Any]]:
        levels = {level.warehouse_id: level for level in offer.stock}
        return [
            {
                "region": warehouse.region_code,
                "warehouse": warehouse.code,
                "available": level.available if level else 0,
                "in_transit": level.in_transit if level else 0,
                "next_arrival": level.next_arrival.isoformat() if level and level.next_arrival else None,
            }
            for warehouse in self.warehouses
            for level in [levels.get(warehouse.id)]
        ]


def _more(detail: ProductDetail) -> dict[str, Any]:
    offer = detail.offer
    return {
        "name_zh": offer.name_zh,
        "name_en": offer.name_en,
        "state": offer.state,
        "category": offer.category_code,
        "maker": offer.maker,
        "maker_country": detail.maker_country,
        "origin": detail.origin,
        "registration_from": offer.registration_from,
        "registration_to": offer.registration_to,
        "lot_controlled": detail.lot_controlled,
        "serial_controlled": detail.serial_controlled,
        "expiry_controlled": detail.expiry_controlled,
        "implantable": detail.implantable,
        "sterile": detail.sterile,
        "storage": in_language(detail.storage_zh, detail.storage_en),
        "certificates": list(detail.certificates),
        "documents": [asdict(one) for one in documents_of(current_session(), offer.sku)],
    }
