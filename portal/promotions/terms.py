"""What a promotion says, as it is written, and what is wrong with it in itself. Pure.

Whether what it names exists is asked of the database, in `portal.promotions.naming`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portal.kernel.errors import N_, Fault
from portal.promotions.rules import Kind

TITLE_MAX = 120
TEXT_MAX = 10_000
NAMES_MAX = 1_000  # dealers, products, lots
UNITS_MAX = 1_000_000
PRIORITIES = range(1, 1_000)


class LotTerms(NamedTuple):
    """A lot that a clearance is bound to. sku: empty where the lot's number says it alone. units: None for
    all there are when it is written.
    """

    lot: str
    sku: str = ""
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A promotion as somebody wrote it, by codes. None and empty mean that nothing was said.

    misread: what could not be read at all; told together with everything else.
    """

    title_zh: str
    title_en: str
    kind: str
    valid_from: datetime | None
    valid_to: datetime | None
    priority: int | None
    combinable: bool
    text_zh: str = ""
    text_en: str = ""
    regions: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    dealers: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    category: str = ""
    min_quantity: int | None = None
    min_amount: Decimal | None = None
    period_amount: Decimal | None = None
    first_order: bool = False
    lots: tuple[LotTerms, ...] = ()
    percent: Decimal | None = None
    amount: Decimal | None = None
    gift_sku: str = ""
    gift_quantity: int | None = None
    gift_for_each: int | None = None
    budget: Decimal | None = None
    per_dealer_cap: Decimal | None = None
    registration_required: bool = False
    may_pass_floor: bool = False
    misread: tuple[Fault, ...] = ()


REWARDS: Mapping[Kind, frozenset[str]] = {
    Kind.PERCENT_OFF: frozenset({"percent"}),
    Kind.AMOUNT_OFF: frozenset({"amount"}),
    Kind.GIFT: frozenset({"gift"}),
    Kind.BUNDLE: frozenset({"percent", "amount"}),
    Kind.CUMULATIVE: frozenset({"percent", "amount"}),
    Kind.ORDER_AMOUNT_OFF: frozenset({"percent", "amount"}),
}
"""What each kind may give: exactly one of these."""


def term_faults(terms: Terms, at: datetime) -> list[Fault]:
    """Everything that is wrong with a promotion in itself, beside each field the first thing."""
    found = [
        *terms.misread,
        *_texts(terms),
        *_times(terms, at),
        *_parties(terms),
        *_goods(terms),
        *_rewards(terms),
        *_amounts(terms),
        *_limits(terms),
    ]
    first: dict[str, Fault] = {}
    for fault in found:
        first.setdefault(fault.pointer, fault)
    return list(first.values())


def _texts(terms: Terms) -> Iterator[Fault]:
    for name, title in (("title_zh", terms.title_zh), ("title_en", terms.title_en)):
        if not 1 <= len(title.strip()) <= TITLE_MAX:
            yield Fault(f"/{name}", "title", N_("A title has 1 to 120 characters."), N_("Write another one."))
    for name, body in (("text_zh", terms.text_zh), ("text_en", terms.text_en)):
        if len(body) > TEXT_MAX:
            message = N_("At most %(max_length)s characters.")
            fix = N_("Shorten it.")
            yield Fault(f"/{name}", "text", message, fix, {"max_length": TEXT_MAX})


def _times(terms: Terms, at: datetime) -> Iterator[Fault]:
    message = N_("Choose a day between 2000 and 2100.")
    for name, moment in (("valid_from", terms.valid_from), ("valid_to", terms.valid_to)):
        if moment is None or not 2000 <= moment.year <= 2100:
            yield Fault(f"/{name}", "date_range", message, N_("Write it like 2026-10-31 08:30."))
    if terms.valid_from is None or terms.valid_to is None:
        return
    if terms.valid_to <= terms.valid_from:
        yield Fault("/valid_to", "ends_before", N_("It ends before it begins."), N_("Choose a later end."))
    elif terms.valid_to <= at:
        yield Fault("/valid_to", "over", N_("This end has passed."), N_("Choose a later end."))


def _parties(terms: Terms) -> Iterator[Fault]:
    for pointer, names in (
        ("/tiers", terms.tiers),
        ("/regions", terms.regions),
        ("/dealers", terms.dealers),
        ("/condition/skus", terms.skus),
        ("/condition/lots", terms.lots),
    ):
        if len(names) > NAMES_MAX:
            message, fix = N_("At most %(max)s of them."), N_("Make two promotions of it.")
            yield Fault(pointer, "too_many", message, fix, {"max": NAMES_MAX})


def _goods(terms: Terms) -> Iterator[Fault]:
    if terms.skus and terms.category:
        yield Fault(
            "/condition/category",
            "goods",
            N_("Enter products or a product line, not both."),
            N_("Leave one empty."),
        )
    if terms.kind == Kind.BUNDLE and len(set(terms.skus)) < 2:
        yield Fault(
            "/condition/skus",
            "bundle",
            N_("A bundle is made of two products or more."),
            N_("Name each product of the set once."),
        )
    if not terms.lots:
        return
    if terms.kind not in (Kind.PERCENT_OFF, Kind.AMOUNT_OFF):
        yield Fault(
            "/condition/lots",
            "lots",
            N_("Only a percentage or an amount off each unit is bound to lots."),
            N_("Leave the lots out, or choose another kind."),
        )
    if not terms.skus:
        yield Fault(
            "/condition/skus", "lots", N_("Name the products whose lots these are."), N_("Enter their SKUs.")
        )
    for place, lot in enumerate(terms.lots):
        if lot.sku and lot.sku not in terms.skus:
            yield Fault(
                f"/condition/lots/{place}",
                "lot_of_other_goods",
                N_("%(sku)s is not among the products of the promotion."),
                N_("Add the product, or leave the lot out."),
                {"sku": lot.sku[:40]},
            )
        yield from _within(f"/condition/lots/{place}/units", lot.units)


def _rewards(terms: Terms) -> Iterator[Fault]:
    if terms.kind not in list(Kind):
        message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
        yield Fault("/kind", "unknown_kind", message, fix, {"value": terms.kind[:40]})
        return
    given = {
        name
        for name, value in (("percent", terms.percent), ("amount", terms.amount), ("gift", terms.gift_sku))
        if value is not None and value != ""
    }
    asked = REWARDS[Kind(terms.kind)]
    surplus = sorted(given - asked)
    for name in surplus:
        yield Fault(
            f"/reward/{name}",
            "reward",
            N_("This kind of promotion does not give this."),
            N_("Leave it empty."),
        )
    if not given & asked:
        first = min(asked)
        yield Fault(
            f"/reward/{first}", "reward", N_("Say what the promotion gives."), N_("Enter how much it is.")
        )
    elif len(given & asked) > 1:
        yield Fault(
            "/reward/amount",
            "reward",
            N_("Enter a percentage or an amount, not both."),
            N_("Leave one empty."),
        )
    if terms.percent is not None and not 0 < terms.percent < 100:
        yield Fault(
            "/reward/percent",
            "percent",
            N_("A percentage off lies above 0 and below 100."),
            N_("To give goods away, choose a gift."),
        )
    if terms.kind == Kind.GIFT and terms.gift_sku:
        if terms.gift_quantity is None:
            yield Fault(
                "/reward/gift/quantity", "gift", N_("Say how many units are given."), N_("Enter 1 or more.")
            )
        yield from _within("/reward/gift/quantity", terms.gift_quantity)
        yield from _within("/reward/gift/for_each", terms.gift_for_each)


def _amounts(terms: Terms) -> Iterator[Fault]:
    """What has to be bought, and that it is worth more than what is taken off."""
    yield from _within("/condition/min_quantity", terms.min_quantity)
    for pointer, amount in (
        ("/condition/min_amount", terms.min_amount),
        ("/condition/period_amount", terms.period_amount),
        ("/reward/amount", terms.amount),
        ("/budget", terms.budget),
        ("/per_dealer_cap", terms.per_dealer_cap),
    ):
        if amount is not None and amount <= 0:
            yield Fault(pointer, "amount", N_("This is no amount."), N_("Enter an amount above ¥0.00."))
    cumulative = terms.kind == Kind.CUMULATIVE
    if cumulative and terms.period_amount is None:
        yield Fault(
            "/condition/period_amount",
            "period_amount",
            N_("Nothing says what a dealer has to reach in the period."),
            N_("Enter an amount above ¥0.00."),
        )
    elif not cumulative and terms.period_amount is not None:
        yield Fault(
            "/condition/period_amount",
            "period_amount",
            N_("Only a cumulative promotion counts over a period."),
            N_("Leave it empty, or choose another kind."),
        )
    if terms.amount is None or terms.kind not in (Kind.ORDER_AMOUNT_OFF, Kind.CUMULATIVE):
        return
    name = "period_amount" if cumulative else "min_amount"
    least = terms.period_amount if cumulative else terms.min_amount
    if (least is not None or not cumulative) and (least or 0) <= terms.amount:
        yield Fault(
            f"/condition/{name}",
            "worth_more",
            N_("What has to be bought is worth more than what is taken off."),
            N_("Raise this amount, or take less off."),
        )


def _limits(terms: Terms) -> Iterator[Fault]:
    if terms.priority not in PRIORITIES:
        yield Fault(
            "/priority", "priority", N_("A priority is a whole number from 1 to 999."), N_("1 goes first.")
        )
    if terms.budget is not None and terms.per_dealer_cap is not None and terms.per_dealer_cap > terms.budget:
        yield Fault(
            "/per_dealer_cap", "cap", N_("One dealer's limit is at most the whole budget."), N_("Lower it.")
        )


def _within(pointer: str, units: int | None) -> Iterator[Fault]:
    if units is not None and not 1 <= units <= UNITS_MAX:
        yield Fault(
            pointer, "units", N_("A quantity is a whole number from 1 to 1,000,000."), N_("Correct it.")
        )
