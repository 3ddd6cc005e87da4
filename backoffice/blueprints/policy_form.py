"""What was typed on the page of a price policy."""

from __future__ import annotations

from datetime import datetime

from flask import request

from portal.kernel import typed
from portal.kernel.errors import Invalid
from portal.pricing.change_prices import PriceInput
from portal.pricing.policy_head import PolicyHead
from portal.pricing.rule_input import RuleInput
from portal.web.forms import rows_of_form
from portal.web.request import portal

PAGE_SIZE = 50  # rules in the grid


def looked_at(name: str) -> str:
    """What of the rules was on the page.

    It is in the address, or sent along with a form that may be refused.
    """
    return request.args.get(name) or request.form.get(f"back_{name}", "")


def typed_rule() -> RuleInput:
    """The rule that shall be added."""
    form = request.form
    return RuleInput(
        kind=form.get("kind", ""),
        breaks=typed_breaks(),
        dealer=form.get("dealer", ""),
        region=form.get("region", ""),
        tier=form.get("tier", ""),
        sku=form.get("sku", ""),
        category=form.get("category", ""),
        breaks_are=form.get("breaks_are") or "all_units",
        max_quantity=form.get("max_quantity", "").strip(),
        tax_included=form.get("tax_included", "1") == "1",
    )


def typed_prices() -> list[PriceInput]:
    """Every row of the grid."""
    return [
        PriceInput(rule_id, request.form.get(f"kind-{rule_id}", ""), typed_breaks(f"-{rule_id}"))
        for rule_id in _rule_ids()
    ]


def _rule_ids() -> list[int]:
    """The rules of the grid; 0, which no rule has, for what is no id."""
    return [typed.own_number(given) or 0 for given in request.form.getlist("rule")[:PAGE_SIZE]]


def typed_breaks(suffix: str = "") -> list[tuple[str, str]]:
    """Steps of a price, without those that were left empty; `suffix` names the row."""
    rows = rows_of_form(f"min_quantity{suffix}", f"value{suffix}")
    return [(quantity, value) for quantity, value in rows if quantity.strip() or value.strip()]


def revision() -> int:
    """Which state of the draft the form was made from; 0, which no draft has, for what is no number."""
    return typed.own_number(request.form.get("revision")) or 0


def typed_head() -> PolicyHead:
    """Titles, text and term. Raises Invalid for a moment that is none."""
    form = request.form
    return PolicyHead(
        title_zh=form.get("title_zh", ""),
        title_en=form.get("title_en", ""),
        text=form.get("text", ""),
        valid_from=moment("valid_from"),
        valid_to=moment("valid_to") if form.get("valid_to", "").strip() else None,
        below_floor=form.get("below_floor") or "refuse",
    )


def moment(name: str) -> datetime:
    """A point in time as somebody typed it, local to the business where it names no offset.

    Raises Invalid.
    """
    try:
        return typed.moment(request.form.get(name, ""), portal().settings.timezone)
    except typed.Misread as misread:
        raise Invalid(faults=[misread.beside(f"/{name}")]) from None
