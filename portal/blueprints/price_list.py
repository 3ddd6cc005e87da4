"""The catalogue as a file: a dealer's own price list, with what is left of each product in its region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.dealers.queries import DealerFacts
from portal.kernel.errors import N_
from portal.kernel.money import as_text
from portal.kernel.paging import Page
from portal.pricing.catalogue import Found, Match
from portal.pricing.queries import Offer
from portal.pricing.stages import Break
from portal.pricing.vocabulary import PriceRight
from portal.stock.vocabulary import StockRight
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.export import Fetch

_CLASSES = {1: "I", 2: "II", 3: "III"}

CATALOGUE = Listing(
    "catalogue",
    N_("Catalogue"),
    (
        Column("sku", N_("SKU"), Kind.CODE, path="offer.sku"),
        Column("name", N_("Product"), Kind.NAME, path="offer.name"),
        Column("specification", N_("Specification"), path="offer.specification"),
        Column("udi_di", N_("UDI-DI (GTIN)"), Kind.CODE, path="offer.udi_di"),
        Column("maker", N_("Registrant or maker"), path="offer.maker"),
        Column("registration_no", N_("Registration certificate"), path="offer.registration_no"),
        Column("registration_to", N_("Valid until"), Kind.DATE, path="offer.registration_to"),
        Column("device_class", N_("Device class"), Kind.WORD, path="offer.device_class", words=_CLASSES),
        Column("category", N_("Product line"), Kind.CODE, path="offer.category_code"),
        Column("unit", N_("Unit"), Kind.UNIT, path="offer.unit"),
        Column("pack_multiple", N_("Order multiple"), Kind.QUANTITY, path="offer.pack_multiple"),
        Column("list_price", N_("List price"), Kind.MONEY, path="offer.list_price", right=PriceRight.READ),
        Column("own_price", N_("Your price, VAT included"), Kind.MONEY, right=PriceRight.READ),
        Column("breaks", N_("Prices of larger quantities"), right=PriceRight.READ),
        Column("tax_rate", N_("VAT rate"), Kind.SHARE, path="offer.tax_rate", right=PriceRight.READ),
        Column("available", N_("Stock in your region"), Kind.QUANTITY, right=StockRight.READ),
        Column("next_arrival", N_("Next arrival"), Kind.DATE, right=StockRight.READ),
    ),
)


@dataclass(frozen=True, slots=True)
class PriceListRow:
    """A product as one dealer may buy it.

    own_price: of a unit when one pack is bought, None where there is no price. steps: from how many units
    which price. available: in all warehouses that serve the dealer.
    """

    offer: Offer
    own_price: Decimal | None
    steps: tuple[Break, ...]
    available: int
    next_arrival: date | None

    @property
    def share(self) -> Decimal | None:
        """The price as a fraction of the list price."""
        return self.own_price and self.own_price / self.offer.list_price if self.offer.list_price else None

    @property
    def breaks(self) -> str:
        """The steps as a cell of a sheet: ``10: 9.50; 50: 9.00``."""
        return "; ".join(f"{step.min_quantity}: {as_text(step.unit_price)}" for step in self.steps)


def price_list(search: Callable[[str | None, int], Found], dealer: DealerFacts, *, near_max: int) -> Fetch:
    """``fetch(cursor, limit)`` of the rows that `search` finds; of what only comes near, as many as the page
    shows.
    """

    def fetch(cursor: str | None, limit: int) -> Page[PriceListRow]:
        found = search(cursor, limit)
        shown = found.items[:near_max] if Match.NEAR in found.matches else found.items
        return Page(tuple(_row(offer, dealer) for offer in shown), found.next_cursor)

    return fetch


def _row(offer: Offer, dealer: DealerFacts) -> PriceListRow:
    price = None if offer.list_price is None else offer.price(offer.pack_multiple, dealer)
    arrivals = [level.next_arrival for level in offer.stock if level.next_arrival is not None]
    return PriceListRow(
        offer,
        price.unit_price if price else None,
        price.breaks_beyond(offer.pack_multiple) if price else (),
        sum(level.available for level in offer.stock),
        min(arrivals, default=None),
    )
