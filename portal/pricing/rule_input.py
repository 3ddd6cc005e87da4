"""Rules as somebody typed, sent or imported them, read by the set: names looked up in one statement.

A draft of 10,000 rules is read in a few seconds and everything that is wrong with it is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import on_day
from portal.kernel import money, typed
from portal.kernel.errors import N_, Fault
from portal.pricing import rules
from portal.pricing.models import PricePolicy
from portal.pricing.rules import BreaksAre, RuleKind

KINDS = frozenset(RuleKind)
QUANTITY_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as somebody typed it; empty text means "any". breaks: (minimum quantity, value), as typed.

    max_quantity: as typed, empty for none.
    """

    kind: str
    breaks: Sequence[tuple[object, object]]
    dealer: str = ""
    region: str = ""
    tier: str = ""
    sku: str = ""
    category: str = ""
    breaks_are: str = "all_units"
    max_quantity: object = ""
    tax_included: bool = True


class RuleColumns(NamedTuple):
    """A rule that was understood: columns of `price_rule`."""

    dealer_id: int | None
    region_id: int | None
    tier: str | None
    product_id: int | None
    category_code: str | None
    kind: str
    min_quantities: list[int]
    values: list[Decimal]
    breaks_are: str
    max_quantity: int | None
    tax_included: bool

    @property
    def scope(self) -> tuple[object, ...]:
        """For whom and for what: no two rules of a version share it."""
        return self[:5]

    def as_json(self) -> dict[str, Any]:
        """For the audit, and for one statement that writes many."""
        return self._asdict() | {"values": [money.as_text(value) for value in self.values]}


class _Party(NamedTuple):
    id: int
    within: bool


class Names(NamedTuple):
    """What the codes of rules stand for; a code that is absent is unknown."""

    dealers: Mapping[str, _Party]
    regions: Mapping[str, _Party]
    products: Mapping[str, int]
    categories: frozenset[str]
    tiers: frozenset[str]


def names_of(session: Session, policy: PricePolicy, inputs: Iterable[RuleInput]) -> Names:
    """Look up every code that occurs, in one statement."""
    listed = list(inputs)
    parameters: dict[str, Any] = {
        "within": policy.region_id,
        "dealers": sorted({one.dealer.strip() for one in listed}),
        "tiers": sorted({one.tier.strip() for one in listed}),
        "regions": sorted({one.region.strip() for one in listed}),
        "skus": sorted({_upper(one.sku) for one in listed}),
        "categories": sorted({_upper(one.category) for one in listed}),
    }
    found: dict[str, dict[str, Any]] = {name: {} for name in ("dealer", "region", "tier", "sku", "category")}
    for row in session.execute(_NAMES, parameters):
        found[row.what][row.code] = _Party(row.id, row.within) if row.within is not None else row.id
    return Names(
        found["dealer"],
        found["region"],
        found["sku"],
        frozenset(found["category"]),
        frozenset(found["tier"]),
    )


def read_rule(
    rule: RuleInput, policy: PricePolicy, names: Names, faults: list[Fault], pointer: str = ""
) -> RuleColumns | None:
    """The columns of a rule; None, with everything that is wrong added to `faults`, below `pointer`."""
    mine: list[Fault] = []
    contract = policy.kind == "contract"
    dealer, region = names.dealers.get(rule.dealer.strip()), names.regions.get(rule.region.strip())
    product = names.products.get(_upper(rule.sku))
    category = _upper(rule.category) if _upper(rule.category) in names.categories else None
    tier = rule.tier.strip() if rule.tier.strip() in names.tiers else None
    known = {"dealer": dealer, "region": region, "tier": tier, "sku": product, "category": category}
    mine += _unknown(rule, known)
    mine += _of_a_contract(rule, policy, dealer) if contract else _party(rule, policy, dealer, region)
    if product is not None and category is not None:
        mine.append(Fault("/sku", "subject", N_("Enter a product or a category, not both.")))
    min_quantities, values = read_breaks(rule.kind, rule.breaks, mine)
    max_quantity = _more(rule, min_quantities, mine)
    if mine:
        faults += (replace(fault, pointer=f"{pointer}{fault.pointer}") for fault in mine)
        return None
    dealer_id = policy.dealer_id if contract else dealer and dealer.id
    return RuleColumns(
        dealer_id,
        region and region.id,
        tier,
        product,
        category,
        rule.kind,
        min_quantities,
        values,
        rule.breaks_are,
        max_quantity,
        rule.tax_included,
    )


def read_breaks(
    kind: str, breaks: Sequence[tuple[object, object]], faults: list[Fault]
) -> tuple[list[int], list[Decimal]]:
    """Minimum quantities and values as somebody typed them; what is wrong with them is added to `faults`."""
    before = len(faults)
    if kind not in KINDS:
        message = N_("There is no %(value)s.")
        faults.append(Fault("/kind", "unknown_kind", message, params={"value": kind[:40]}))
    if len(breaks) > rules.BREAKS_MAX:  # counted before any is read
        faults += rules.rule_faults(kind, range(len(breaks)), (), "/breaks")
        return [], []
    read = typed.percent if kind == "percent_off" else typed.money
    min_quantities, values = [], []
    for place, (typed_minimum, typed_value) in enumerate(breaks):
        minimum = typed.field(typed.quantity, typed_minimum, f"/breaks/{place}/min_quantity", faults)
        value = typed.field(read, typed_value, f"/breaks/{place}/value", faults)
        if minimum is not None and not 1 <= minimum <= QUANTITY_MAX:
            message = N_("A minimum is a whole number from 1 to 1,000,000.")
            faults.append(Fault(f"/breaks/{place}/min_quantity", "minimum", message))
        min_quantities.append(minimum or 0)
        values.append(value or money.ZERO)
    if len(faults) == before:
        faults += rules.rule_faults(kind, min_quantities, values, "/breaks")
    return min_quantities, values


def _upper(code: str) -> str:
    return code.strip().upper()


def _unknown(rule: RuleInput, known: Mapping[str, object]) -> Iterable[Fault]:
    message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
    for name, identity in known.items():
        entered = getattr(rule, name).strip()
        if entered and identity is None:
            yield Fault(f"/{name}", f"unknown_{name}", message, fix, {"value": entered[:40]})


def _party(
    rule: RuleInput, policy: PricePolicy, dealer: _Party | None, region: _Party | None
) -> Iterable[Fault]:
    if dealer is not None and (rule.tier.strip() or region is not None):
        message = N_("A contract price is for one dealer: leave region and tier empty.")
        yield Fault("/dealer", "party", message)
    party = dealer if dealer is not None else region
    if policy.region_id is not None and not (party is not None and party.within):
        name = "dealer" if dealer is not None else "region"
        yield Fault(
            f"/{name}", "outside_region", N_("The rules of a region's policy stay within the region.")
        )


def _of_a_contract(rule: RuleInput, policy: PricePolicy, dealer: _Party | None) -> Iterable[Fault]:
    if rule.region.strip() or rule.tier or (dealer is not None and dealer.id != policy.dealer_id):
        message, fix = N_("A contract is for its own dealer."), N_("Leave dealer, region and tier empty.")
        yield Fault("/dealer", "contract_party", message, fix)
    if rule.kind in KINDS and rule.kind != "net":
        yield Fault("/kind", "contract_kind", N_("A contract has net prices."), N_("Choose the net price."))


def _more(rule: RuleInput, min_quantities: Sequence[int], faults: list[Fault]) -> int | None:
    """The greatest quantity, where there is one; faults of what a rule says beside its breaks."""
    message = N_("There is no %(value)s.")
    if rule.breaks_are not in list(BreaksAre):
        faults.append(
            Fault("/breaks_are", "unknown_breaks_are", message, params={"value": rule.breaks_are[:40]})
        )
    if not rule.tax_included and rule.kind in KINDS and rule.kind != "net":
        message = N_("Only a net price can be without tax.")
        faults.append(Fault("/tax_included", "tax_included", message))
    if rule.max_quantity is None or rule.max_quantity == "":
        return None
    greatest = typed.field(typed.quantity, rule.max_quantity, "/max_quantity", faults)
    if greatest is not None and not min(min_quantities, default=1) <= greatest <= QUANTITY_MAX:
        message, fix = (
            N_("The greatest quantity is below the smallest."),
            N_("Enter more, or leave it empty."),
        )
        faults.append(Fault("/max_quantity", "max_quantity", message, fix))
    return greatest


_NAMES = text(
    f"""
    WITH inside AS (SELECT id FROM region WHERE CAST(:within AS bigint) IN (id, parent_id))
    SELECT 'dealer' AS what, d.code, d.id, coalesce(dr.region_id IN (SELECT id FROM inside), false) AS within
      FROM dealer d LEFT JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr")}
     WHERE d.code = ANY (CAST(:dealers AS text[]))
     UNION ALL
    SELECT 'tier', t.code, 0, NULL FROM tier t WHERE t.code = ANY (CAST(:tiers AS text[]))
     UNION ALL
    SELECT 'region', r.code, r.id, r.id IN (SELECT id FROM inside)
      FROM region r WHERE r.code = ANY (CAST(:regions AS text[]))
     UNION ALL
    SELECT 'sku', p.sku, p.id, NULL FROM product p WHERE p.sku = ANY (CAST(:skus AS text[]))
     UNION ALL
    SELECT 'category', c.code, 0, NULL FROM category c WHERE c.code = ANY (CAST(:categories AS text[]))
    """
)
