"""What was typed in the form of a promotion, and which field of it a fault belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request

from portal.kernel import money, typed
from portal.kernel.errors import Fault
from portal.promotions.queries import ManagedPromotion
from portal.promotions.rules import Kind
from portal.promotions.terms import LotTerms, Terms
from portal.web.forms import Flag, Form, MomentIfAny, OwnNumber, Stripped, column_of_form, read_form
from portal.web.request import portal

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


class RevisionForm(Form):
    """Which state of the promotion a form was made from."""

    revision: OwnNumber


class PublicationForm(Form):
    """From when on it shall run."""

    at: MomentIfAny


class ReasonForm(Form):
    """Why something is done."""

    reason: str


class TermsForm(Form):
    """A promotion. Figures and moments are read with its rules, so that all that is wrong is told at once."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    kind: str
    valid_from: str
    valid_to: str
    dealers: str
    skus: str
    category: str
    min_quantity: str
    min_amount: str
    period_amount: str
    first_order: Flag
    lots: str
    percent: str
    amount: str
    gift_sku: Stripped
    gift_quantity: str
    gift_for_each: str
    priority: str
    combinable: Flag
    budget: str
    per_dealer_cap: str
    registration_required: Flag
    may_pass_floor: Flag


# How what is no text is read.
_READ: Mapping[str, Callable[[Any], Any]] = {
    "valid_from": lambda value: typed.moment(value, portal().settings.timezone),
    "valid_to": lambda value: typed.moment(value, portal().settings.timezone),
    "min_quantity": typed.quantity,
    "min_amount": typed.money,
    "period_amount": typed.money,
    "percent": typed.percent,
    "amount": typed.money,
    "gift_quantity": typed.quantity,
    "gift_for_each": typed.quantity,
    "priority": typed.quantity,
    "budget": typed.money,
    "per_dealer_cap": typed.money,
}


def revision() -> int:
    """Which state the form was made from; 0, which no promotion has, for what is no number."""
    return read_form(RevisionForm).revision


def reason() -> str:
    """Why it is done."""
    return read_form(ReasonForm).reason


def starts() -> datetime | None:
    """When a publication shall begin, None for now. Raises Invalid."""
    return read_form(PublicationForm).at


def typed_terms() -> Terms:
    """Everything that was typed; what cannot be read goes along as faults."""
    form, faults = read_form(TermsForm), list[Fault]()
    figures = {name: _read(name, getattr(form, name), faults) for name in _READ}
    return Terms(
        **form.model_dump(exclude={*_READ, "dealers", "skus", "lots"}),
        **figures,
        regions=column_of_form("region"),
        tiers=column_of_form("tier"),
        dealers=_codes(form.dealers),
        skus=_codes(form.skus),
        lots=_lots(form.lots, faults),
        misread=tuple(faults),
    )


def _read(name: str, value: str, faults: list[Fault]) -> Any:
    return typed.field(_READ[name], value, _POINTERS[name], faults) if value.strip() else None


def _codes(typed_codes: str) -> tuple[str, ...]:
    return tuple(code for code in _SEPARATORS.split(typed_codes) if code)


def _lots(typed_lots: str, faults: list[Fault]) -> tuple[LotTerms, ...]:
    """A lot a line: its number, or SKU and number; then, if not all, how many units."""
    found = []
    lines = (line.split() for line in typed_lots.splitlines())
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
