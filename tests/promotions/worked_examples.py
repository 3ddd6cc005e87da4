"""The worked examples of docs/examples, read as values of the pricing and promotion engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from portal.pricing.rules import RuleInForce
from portal.pricing.stages import Price, price
from portal.promotions.discounts import Goods, Piece
from portal.promotions.engine import Outcome, apply_promotions
from portal.promotions.hints import Hint, Step, hints, whole_packs
from portal.promotions.rules import Buyer, Condition, Gift, Kind, Lot, Promotion, Reward

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "prices_promotions.yaml"
REGION = 1


def cases() -> list[dict[str, Any]]:
    """All cases as they stand in the file."""
    read: list[dict[str, Any]] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))["cases"]
    return read


@dataclass(frozen=True)
class Basket:
    """A case after all stages: prices by line, then the promotions upon them."""

    case: Mapping[str, Any]
    quantities: Mapping[str, int]
    prices: Mapping[str, Price]
    promotions: tuple[Promotion, ...]
    buyer: Buyer
    outcome: Outcome

    @property
    def skus(self) -> list[str]:
        """SKUs of the lines, in order."""
        return list(self.quantities)

    def product(self, sku: str) -> Mapping[str, Any]:
        """A product as the case gives it."""
        return next(product for product in self.case["products"] if product["sku"] == sku)

    def tax_rate(self, sku: str) -> Decimal:
        """VAT rate of a product on the day of the case, a fraction."""
        return _tax_rate(self.product(sku), self.case["today"])

    def hints(self) -> list[Hint]:
        """What buying more would bring."""
        return hints(self.outcome, self.promotions, self.buyer, self._steps(), self._reprice)

    def _reprice(self, place: int, quantity: int) -> Goods:
        sku = self.skus[place]
        return _goods(self.case, self.product(sku), quantity, _price(self.case, self.product(sku), quantity))

    def _steps(self) -> list[Step]:
        steps = []
        for place, sku in enumerate(self.skus):
            found, quantity = self.prices[sku], self.quantities[sku]
            for step in found.breaks_beyond(quantity):
                more = whole_packs(step.min_quantity, self.product(sku)["pack"])
                then = _price(self.case, self.product(sku), more)
                if then.unit_price < found.unit_price:
                    goods = _goods(self.case, self.product(sku), more, then)
                    steps.append(Step(place, goods, then.policy or "", found.unit_price - then.unit_price))
                    break
        return steps


def basket(case: Mapping[str, Any]) -> Basket:
    """A case through list, policy, contract and promotions."""
    quantities: dict[str, int] = {}
    for line in case["cart"]:
        quantities[line["sku"]] = quantities.get(line["sku"], 0) + line["quantity"]
    by_sku = {product["sku"]: product for product in case["products"]}
    prices = {sku: _price(case, by_sku[sku], quantity) for sku, quantity in quantities.items()}
    lines = [_goods(case, by_sku[sku], quantity, prices[sku]) for sku, quantity in quantities.items()]
    promotions = tuple(_promotion(case, one) for one in case.get("promotions", []))
    own = {sku: _price(case, product, 1).unit_price for sku, product in by_sku.items()}
    buyer = Buyer(case["dealer"].get("orders_before", 1) == 0, own)
    return Basket(case, quantities, prices, promotions, buyer, apply_promotions(lines, promotions, buyer))


def _goods(case: Mapping[str, Any], product: Mapping[str, Any], quantity: int, found: Price) -> Goods:
    pieces = tuple(Piece(band.quantity, band.unit_price) for band in found.bands)
    return Goods(product["sku"], product["category"], quantity, pieces, product["pack"])


def _price(case: Mapping[str, Any], product: Mapping[str, Any], quantity: int) -> Price:
    rules = [rule for policy in case.get("policies", []) for rule in _rules(case, policy, product)]
    rules += [_contract(case, one) for one in case.get("contracts", []) if one["sku"] == product["sku"]]
    rate = _tax_rate(product, case["today"])
    return price(Decimal(product["list_price"]), rules, quantity, (REGION,), rate)


def _rules(
    case: Mapping[str, Any], policy: Mapping[str, Any], product: Mapping[str, Any]
) -> list[RuleInForce]:
    """Those of a policy's rules that are in force for the dealer and the product."""
    if not _in_force(policy, case["today"]):
        return []
    dealer, found = case["dealer"], []
    for number, rule in enumerate(policy["rules"]):
        parties = {"dealer": dealer["code"], "region": dealer["region"], "tier": dealer["tier"]}
        subjects = {"sku": product["sku"], "category": product["category"]}
        if any(rule.get(name, value) != value for name, value in (parties | subjects).items()):
            continue
        floor = product.get("floor") if policy.get("below_floor") == "clamp" else None
        found.append(
            RuleInForce(
                rule_id=policy["published"] * 100 + number,
                policy=policy["number"],
                version=1,
                published_at=_published(policy),
                valid_to=None,
                dealer_id=1 if "dealer" in rule else None,
                region_id=REGION if "region" in rule else None,
                tier=rule.get("tier"),
                product_id=1 if "sku" in rule else None,
                category_code=rule.get("category"),
                kind=rule["kind"],
                min_quantities=tuple(step["min_quantity"] for step in rule["breaks"]),
                values=tuple(Decimal(step["value"]) for step in rule["breaks"]),
                incremental=rule.get("breaks_are") == "incremental",
                max_quantity=rule.get("max_quantity"),
                tax_included=rule.get("tax_included", True),
                floor=None if floor is None else Decimal(floor),
            )
        )
    return found


def _contract(case: Mapping[str, Any], contract: Mapping[str, Any]) -> RuleInForce:
    assert contract["dealer"] == case["dealer"]["code"] and _in_force(contract, case["today"])
    return RuleInForce(
        rule_id=1,
        policy=contract["number"],
        version=1,
        published_at=_published({"published": 1}),
        valid_to=None,
        dealer_id=1,
        region_id=None,
        tier=None,
        product_id=1,
        category_code=None,
        kind="net",
        min_quantities=tuple(step["min_quantity"] for step in contract["breaks"]),
        values=tuple(Decimal(step["value"]) for step in contract["breaks"]),
        contract=True,
    )


def _promotion(case: Mapping[str, Any], given: Mapping[str, Any]) -> Promotion:
    condition, reward, dealer = given["condition"], given["reward"], case["dealer"]
    gift = reward.get("gift")
    return Promotion(
        number=given["number"],
        kind=Kind(given["kind"]),
        condition=Condition(
            skus=frozenset(condition.get("skus", ())),
            category=condition.get("category"),
            min_quantity=condition.get("min_quantity"),
            min_amount=_decimal(condition.get("min_amount")),
            period_amount=_decimal(condition.get("period_amount")),
            first_order=condition.get("first_order", False),
            lots=tuple(
                Lot(condition["skus"][0], lot["lot"], lot["available"]) for lot in condition.get("lots", ())
            ),
        ),
        reward=Reward(
            _decimal(reward.get("percent")),
            _decimal(reward.get("amount")),
            gift and Gift(gift["sku"], gift["quantity"], gift.get("for_each")),
        ),
        priority=given["priority"],
        published_at=_published(given),
        combinable=given["combinable"],
        budget_left=_decimal(given.get("budget_left")),
        cap_left=_decimal(given.get("dealer_cap_left")),
        in_force=_in_force(given, case["today"]),
        addressed=dealer["region"] in given.get("regions", [dealer["region"]]),
        registered=not given.get("registration_required") or given["number"] in dealer.get("registered", ()),
        reached=Decimal(dealer.get("reached", {}).get(given["number"], 0)),
    )


def _in_force(document: Mapping[str, Any], today: date) -> bool:
    """Both days are included."""
    first, last = document.get("valid_from"), document.get("valid_to")
    return (first is None or first <= today) and (last is None or today <= last)


def _published(document: Mapping[str, Any]) -> datetime:
    return datetime(2019, 1, 1, tzinfo=UTC) + timedelta(days=document["published"])


def _tax_rate(product: Mapping[str, Any], today: date) -> Decimal:
    if "tax_rate" in product:
        return Decimal(product["tax_rate"]) / 100
    rates = [one for one in product["tax_rates"] if one["from"] <= today]
    return Decimal(max(rates, key=lambda one: one["from"])["rate"]) / 100


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
