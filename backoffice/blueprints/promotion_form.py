"""What was typed in the form of a promotion, and which field of it a fault belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from flask import request

from portal.kernel import money, typed
from portal.kernel.errors import Fault
from portal.promotions.queries import ManagedPromotion
from portal.promotions.rules import Kind
from portal.promotions.terms import LotTerms, Terms
from portal.web.request import portal

T = TypeVar("T")

COLUMNS = ("region", "tier")
_SEPARATORS = re.compile(r"[\s,;，；、]+")
_POINTERS: Mapping[str, str] = {
    "min_quantity": "/condition/min_quantity",
    "min_amount": "/condition/min_amount",
    "period_amount": "/condition/period_amount",
    "percent": "/reward/percent",
    "amount": "/reward/amount",
    "gift_quantity": "/reward/gift/quantity",
    "gift_for_each": "/reward/gift/for_each",
    "priority": "/priority",
    "budget": "/budget",
    "per_dealer_cap": "/per_dealer_cap",
    "valid_from": "/valid_from",
    "valid_to": "/valid_to",
}
_FIELDS = {
    **{pointer: name for name, pointer in _POINTERS.items()},
    "/reward/gift/sku": "gift_sku",
    "/reward/gift": "gift_sku",
    "/condition/skus": "skus",
    "/condition/category": "category",
    "/condition/lots": "lots",
    "/dealers": "dealers",
    "/regions": "region",
    "/tiers": "tier",
}

# The fields that a kind has beyond those of all.
FIELDS_OF_KIND: Mapping[Kind, frozenset[str]] = {
    Kind.PERCENT_OFF: frozenset({"percent", "goods", "min_quantity", "min_amount", "lots", "floor"}),
    Kind.AMOUNT_OFF: frozenset({"amount", "goods", "min_quantity", "min_amount", "lots", "floor"}),
    Kind.GIFT: frozenset({"gift", "goods", "min_quantity", "min_amount"}),
    Kind.BUNDLE: frozenset({"percent", "amount", "set", "floor"}),
    Kind.CUMULATIVE: frozenset({"percent", "amount", "goods", "period_amount", "floor"}),
    Kind.ORDER_AMOUNT_OFF: frozenset({"percent", "amount", "goods", "min_amount", "floor"}),
}


def revision() -> int:
    """Which state the form was made from; 0, which no promotion has, for what is no number."""
    return typed.own_number(request.form.get("revision")) or 0


def typed_moment(name: str, faults: list[Fault]) -> datetime | None:
    """A moment of the form, local to the business; None where it is empty, or was refused."""
    return _read(name, lambda value: typed.moment(value, portal().settings.timezone), faults)


def typed_terms() -> Terms:
    """Everything that was typed; what cannot be read goes along as faults."""
    form = request.form
    faults: list[Fault] = []
    return Terms(
        title_zh=form.get("title_zh", ""),
        title_en=form.get("title_en", ""),
        text_zh=form.get("text_zh", ""),
        text_en=form.get("text_en", ""),
        kind=form.get("kind", ""),
        valid_from=typed_moment("valid_from", faults),
        valid_to=typed_moment("valid_to", faults),
        regions=tuple(form.getlist("region")),
        tiers=tuple(form.getlist("tier")),
        dealers=_codes("dealers"),
        skus=_codes("skus"),
        category=form.get("category", ""),
        min_quantity=_read("min_quantity", typed.quantity, faults),
        min_amount=_read("min_amount", typed.money, faults),
        period_amount=_read("period_amount", typed.money, faults),
        first_order="first_order" in form,
        lots=_lots(faults),
        percent=_read("percent", typed.percent, faults),
        amount=_read("amount", typed.money, faults),
        gift_sku=form.get("gift_sku", "").strip(),
        gift_quantity=_read("gift_quantity", typed.quantity, faults),
        gift_for_each=_read("gift_for_each", typed.quantity, faults),
        priority=_read("priority", typed.quantity, faults),
        combinable="combinable" in form,
        budget=_read("budget", typed.money, faults),
        per_dealer_cap=_read("per_dealer_cap", typed.money, faults),
        registration_required="registration_required" in form,
        may_pass_floor="may_pass_floor" in form,
        misread=tuple(faults),
    )


def _read(name: str, read: Callable[[Any], T], faults: list[Fault]) -> T | None:
    value = request.form.get(name, "")
    return typed.field(read, value, _POINTERS.get(name, f"/{name}"), faults) if value.strip() else None


def _codes(name: str) -> tuple[str, ...]:
    return tuple(code for code in _SEPARATORS.split(request.form.get(name, "")) if code)


def _lots(faults: list[Fault]) -> tuple[LotTerms, ...]:
    """A lot a line: its number, or SKU and number; then, if not all, how many units."""
    found = []
    lines = (line.split() for line in request.form.get("lots", "").splitlines())
    for place, words in enumerate(words for words in lines if words):
        *names, last = words
        units = None
        if names:
            units = typed.field(typed.quantity, last, f"/condition/lots/{place}/units", faults)
        found.append(
            LotTerms(names[-1] if names else last, names[0].upper() if len(names) > 1 else "", units)
        )
    return tuple(found)


def field_of(fault: Fault) -> str:
    """The field of the form that a fault belongs to; empty for the whole."""
    pointer = fault.pointer
    while pointer:
        if pointer in _FIELDS:
            return _FIELDS[pointer]
        if pointer.count("/") == 1:
            return pointer[1:]
        pointer = pointer.rpartition("/")[0]
    return ""


def values_of(promotion: ManagedPromotion) -> dict[str, Any]:
    """A promotion as the form shows it."""
    zone = portal().settings.timezone

    def local(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")

    def amount(value: Decimal | None) -> str:
        return "" if value is None else money.as_text(value)

    names = ("title_zh", "title_en", "text_zh", "text_en", "kind", "min_quantity", "first_order", "priority")
    flags = ("combinable", "registration_required", "may_pass_floor")
    return {
        **{name: getattr(promotion, name) for name in (*names, *flags)},
        "valid_from": local(promotion.valid_from),
        "valid_to": local(promotion.valid_to),
        "region": [one.code for one in promotion.regions],
        "tier": list(promotion.tiers),
        "dealers": ", ".join(one.code for one in promotion.dealers),
        "skus": ", ".join(one.sku for one in promotion.goods),
        "category": promotion.category_code or "",
        "min_amount": amount(promotion.min_amount),
        "period_amount": amount(promotion.period_amount),
        "lots": "\n".join(f"{one.sku} {one.lot} {one.units}" for one in promotion.lots),
        "percent": amount(promotion.reward_percent),
        "amount": amount(promotion.reward_amount),
        "gift_sku": promotion.gift_sku or "",
        "gift_quantity": promotion.gift_quantity,
        "gift_for_each": promotion.gift_for_each,
        "budget": amount(promotion.budget),
        "per_dealer_cap": amount(promotion.per_dealer_cap),
    }


def values_typed() -> dict[str, Any]:
    """What was typed, as the form shows it again."""
    form = request.form
    flags = ("first_order", "combinable", "registration_required", "may_pass_floor")
    return {
        **{name: form.get(name, "") for name in form},
        **{name: name in form for name in flags},
        "region": form.getlist("region"),
        "tier": form.getlist("tier"),
    }
