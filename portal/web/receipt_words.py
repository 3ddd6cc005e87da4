"""A price step by step, in plain words: what a receipt says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.kernel.formats import money, percent, quantity
from portal.pricing import receipts


def receipt_in_words(receipt: Sequence[Mapping[str, Any]]) -> list[tuple[str, Decimal]]:
    """Each step and what a unit costs after it."""
    return [(_step_in_words(step), Decimal(str(step["unit_price"]))) for step in receipt]


def _step_in_words(step: Mapping[str, Any]) -> str:
    effect = step["effect"]
    if effect is None:
        return gettext("List price")
    kind = effect["kind"]
    if kind == receipts.ROUNDING:
        return gettext("Rounded to the fen")
    if kind == receipts.AVERAGE:
        return gettext("Average of all units: %(amount)s in all", amount=money(Decimal(effect["amount"])))
    if kind == receipts.LIST:
        return _of_units(step, gettext("list price"))
    if kind == receipts.PAID:
        return _of_units(step, gettext("As paid for the goods of return %(number)s", number=step["policy"]))
    if kind in (receipts.PROMOTION, receipts.GIFT):
        return _promotion_in_words(step, effect)
    return _of_units(step, _rule_in_words(step, effect))


def _of_units(step: Mapping[str, Any], words: str) -> str:
    if "quantity" not in step:
        return words
    return gettext("%(units)s units: %(words)s", units=quantity(step["quantity"]), words=words)


def _rule_in_words(step: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    value = Decimal(effect["value"])
    if effect["kind"] == "net":
        words = gettext("net price")
    elif effect["kind"] == "percent_off":
        words = gettext("%(percent)s off the list price", percent=percent(value / 100))
    else:
        words = gettext("%(amount)s off the list price", amount=money(value))
    if "tax_rate" in effect:
        words = gettext("net price %(price)s, VAT added", price=money(value))
    if "floor" in effect:
        words = gettext("%(words)s, lifted to the lowest price", words=words)
    names = {"policy": step["policy"], "version": step["version"], "effect": words}
    if effect.get("contract"):
        return gettext("Contract %(policy)s, version %(version)s: %(effect)s", **names)
    return gettext("Policy %(policy)s, version %(version)s: %(effect)s", **names)


def _promotion_in_words(step: Mapping[str, Any], effect: Mapping[str, Any]) -> str:
    if effect["kind"] == receipts.GIFT:
        return gettext("Promotion %(promotion)s: gift", promotion=step["policy"])
    return gettext(
        "Promotion %(promotion)s: %(amount)s off the line",
        promotion=step["policy"],
        amount=money(Decimal(effect["discount"])),
    )
