"""Set-based reads of prices.

Offers (product, list price, rules, stock) in one statement, quotes, policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.catalogue.fragments import registration_end
from portal.dealers.queries import DealerFacts
from portal.kernel.money import ZERO
from portal.pricing import stages
from portal.pricing.rules import RuleInForce
from portal.pricing.stages import Price
from portal.stock.available import available
from portal.stock.rules import too_near


class Level(NamedTuple):
    """Stock of a product in one warehouse that may serve the dealer, nearest first."""

    warehouse_id: int
    available: int
    in_transit: int
    next_arrival: date | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as one dealer may buy it at one moment.

    `list_price` or `tax_rate` is None where none is set: not for sale then.
    """

    id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    udi_di: str
    maker: str
    registration_no: str
    registration_from: date
    registration_to: date | None
    device_class: int
    category_code: str
    unit: str
    pack_multiple: int
    state: str
    pinyin: str
    list_price: Decimal | None
    tax_rate: Decimal | None
    rules: tuple[RuleInForce, ...]
    stock: tuple[Level, ...]

    def price(self, quantity: int, dealer: DealerFacts) -> Price:
        """Price of a quantity. Raises ValueError without a list price; look at `list_price` first."""
        if self.list_price is None:
            raise ValueError(f"{self.sku} has no list price")
        return stages.price(self.list_price, self.rules, quantity, dealer.region_path, self.tax_rate or ZERO)

    @property
    def vat_rate(self) -> Decimal:
        """Share of the price. Raises ValueError without one; look at `tax_rate` first."""
        if self.tax_rate is None:
            raise ValueError(f"{self.sku} has no tax rate")
        return self.tax_rate


# A page shows dozens of offers and an order may have a thousand lines, so their values are made from columns
# by position: the select lists come from the fields, so that the two cannot drift apart.
_OFFER_FIELDS = tuple(field.name for field in fields(Offer))
_RULE_FIELDS = tuple(field.name for field in fields(RuleInForce))
_OF_A_RULE = {
    "rule_id": "r.id",
    "policy": "y.number",
    "version": "y.version",
    "published_at": "coalesce(y.ranked_at, y.published_at)",
    "valid_to": "y.valid_to",
    "values": 'r."values"::text[]',
    "contract": "y.kind = 'contract'",
    "incremental": "r.breaks_are = 'incremental'",
    "floor": "CASE WHEN y.below_floor = 'clamp' THEN floor_lifted_to(y.id, p.id, :at)::text END",
}


def rule_as_json(**instead: str) -> str:
    """SQL: a rule ``r`` of a policy ``y`` for a product ``p`` at ``:at``, field by field.

    instead: SQL of some fields. Decimals travel as text: JSON numbers would become floats.
    """
    said = _OF_A_RULE | instead
    return f"json_build_array({', '.join(said.get(name, f'r.{name}') for name in _RULE_FIELDS)})"


_OF_A_LEVEL = {"available": available("s")}

# Rules in force for one product `p` of the enclosing query. Three indexed branches: the dealer's contract,
# rules on the product, rules on its categories or on everything. OFFSET 0: the policy of a rule is looked up
# by its key. A plan for any value expects one policy in force and would read the branches again for each of
# the dozens there are.
_RULES = f"""
(SELECT json_agg({rule_as_json()})
   FROM (SELECT * FROM price_rule c
          WHERE c.dealer_id = :dealer_id
            AND (c.product_id = p.id
                 OR (c.product_id IS NULL
                     AND (c.category_code IS NULL OR starts_with(p.category_code, c.category_code))))
         UNION ALL
         SELECT * FROM price_rule c
          WHERE c.product_id = p.id AND c.dealer_id IS NULL
            AND (c.tier IS NULL OR c.tier = :tier)
            AND (c.region_id IS NULL OR c.region_id = ANY (:region_path))
         UNION ALL
         SELECT * FROM price_rule c
          WHERE c.product_id IS NULL AND c.dealer_id IS NULL
            AND (c.category_code IS NULL
                 OR c.category_code = ANY (ARRAY(SELECT left(p.category_code, n)
                                                   FROM generate_series(1, length(p.category_code)) n)))
            AND (c.tier IS NULL OR c.tier = :tier)
            AND (c.region_id IS NULL OR c.region_id = ANY (:region_path))) r
  CROSS JOIN LATERAL (SELECT * FROM price_policy v
          WHERE v.id = r.policy_id AND v.published_at <= :at AND v.valid_from <= :at
            AND (v.valid_to IS NULL OR :at < v.valid_to) OFFSET 0) y)
"""

_STOCK = f"""
(SELECT json_agg(json_build_array({", ".join(_OF_A_LEVEL.get(name, f"s.{name}") for name in Level._fields)})
                 ORDER BY w.rank)
   FROM warehouse_service w JOIN stock_level s ON s.warehouse_id = w.warehouse_id AND s.product_id = p.id
  WHERE w.region_id = :region_id)
"""

_OF_AN_OFFER = {
    "registration_to": registration_end("p"),
    "list_price": """(SELECT l.unit_price FROM list_price l
                       WHERE l.product_id = p.id AND l.valid_from <= :at
                       ORDER BY l.valid_from DESC LIMIT 1)""",
    "tax_rate": """(SELECT t.rate FROM tax_rate t
                     WHERE t.category = p.tax_category AND t.valid_from <= :today
                     ORDER BY t.valid_from DESC LIMIT 1)""",
    "rules": _RULES,
    "stock": _STOCK,
}
OFFER_COLUMNS = ",\n".join(f"{_OF_AN_OFFER.get(name, f'p.{name}')} AS {name}" for name in _OFFER_FIELDS)
"""The columns of an `Offer` of the product `p`, in the order of its fields."""


def offer_parameters(dealer: DealerFacts, at: datetime, today: date, margin_days: int = 1) -> dict[str, Any]:
    """Parameters that `OFFER_COLUMNS` needs."""
    return {
        "dealer_id": dealer.id,
        "tier": dealer.tier,
        "region_id": dealer.region_id,
        "region_path": list(dealer.region_path),
        "at": at,
        "today": today,
        "too_near": too_near(today, margin_days),
    }


def offers_from(rows: Iterable[Any]) -> list[Offer]:
    """An `Offer` from each row that begins with `OFFER_COLUMNS`.

    A rule that decides about many products is read once.
    """
    known: dict[int, RuleInForce] = {}
    return [_offer_from(row, known) for row in rows]


def _offer_from(row: Any, known: dict[int, RuleInForce]) -> Offer:
    values = list(row[: len(_OFFER_FIELDS)])
    values[_RULES_AT] = tuple(
        [
            known.get(item[_RULE_ID_AT]) or known.setdefault(item[_RULE_ID_AT], rule_from(item))
            for item in values[_RULES_AT] or ()
        ]
    )
    values[_STOCK_AT] = tuple([_level_from(item) for item in values[_STOCK_AT] or ()])
    return Offer(*values)


_RULES_AT, _STOCK_AT = _OFFER_FIELDS.index("rules"), _OFFER_FIELDS.index("stock")
_RULE_ID_AT = _RULE_FIELDS.index("rule_id")


_OFFERS = text(f"SELECT {OFFER_COLUMNS} FROM product p WHERE p.sku = ANY (:skus)")


def offers(
    session: Session,
    *,
    dealer: DealerFacts,
    skus: Sequence[str],
    at: datetime,
    today: date,
    margin_days: int = 1,
) -> dict[str, Offer]:
    """Offers by SKU, one statement for any number.

    Unknown SKUs are absent; withdrawn products are there with their state.

    margin_days: days a lot must have before its expiry to be counted in the stock.
    """
    found = session.execute(_OFFERS, {**offer_parameters(dealer, at, today, margin_days), "skus": list(skus)})
    return {offer.sku: offer for offer in offers_from(found.all())}


FLOORS = """
(SELECT json_object_agg(sku, unit_price::text)
   FROM promoted_floors(CAST(:skus AS text[]), CAST(:at AS timestamptz)))
"""
"""SQL: the floor prices in force while a promotion is, as JSON for `floors_from`.

Parameters: ``skus``, ``at``.
"""


def floors_from(told: Mapping[str, str] | None) -> dict[str, Decimal]:
    """Floor prices by SKU; what has none is absent. For the engine only: nobody is shown them."""
    return {sku: Decimal(price) for sku, price in (told or {}).items()}


def rule_from(item: list[Any]) -> RuleInForce:
    """A rule from what `rule_as_json` made of its row."""
    told = dict(zip(_RULE_FIELDS, item, strict=True))
    return RuleInForce(
        **told
        | {
            "published_at": datetime.fromisoformat(told["published_at"]),
            "valid_to": told["valid_to"] and datetime.fromisoformat(told["valid_to"]),
            "min_quantities": tuple(told["min_quantities"]),
            "values": tuple(map(Decimal, told["values"])),
            "floor": told["floor"] and Decimal(told["floor"]),
        }
    )


def _level_from(item: list[Any]) -> Level:
    warehouse_id, units, in_transit, arrival = item
    return Level(warehouse_id, units, in_transit, arrival and date.fromisoformat(arrival))
