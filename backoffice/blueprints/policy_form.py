"""What was typed on the page of a price policy."""

from __future__ import annotations

from datetime import datetime

from flask import request

from portal.kernel import typed
from portal.pricing.change_prices import PriceInput
from portal.pricing.policy_head import PolicyHead
from portal.pricing.rule_input import RuleInput
from portal.web.forms import Form, Moment, MomentIfAny, OwnNumber, Stripped, read_form, rows_of_form

PAGE_SIZE = 50  # rules in the grid


class RevisionForm(Form):
    """Which state of the draft a form was made from."""

    revision: OwnNumber


class NewForm(Form):
    """What a new policy is and whom it is for; its head is a form of its own."""

    kind: str
    region: str
    dealer: str


class HeadForm(Form):
    """Titles, text and term of a draft."""

    title_zh: str
    title_en: str
    text: str
    valid_from: Moment
    valid_to: MomentIfAny
    below_floor: str


class SheetForm(Form):
    """All rules of a draft, one a line, cells by tab."""

    cells: str


class RemovalForm(Form):
    """A rule that shall go."""

    rule_id: OwnNumber


class ActForm(Form):
    """What is said to an act upon a version: why, from when on, and which prices were looked through."""

    reason: str
    at: MomentIfAny
    confirmed_risks: str


class RuleForm(Form):
    """To what a rule applies, its kind and its terms; its steps are columns."""

    kind: str
    dealer: str
    region: str
    tier: str
    sku: str
    category: str
    breaks_are: str
    max_quantity: Stripped
    tax_included: str


def looked_at(name: str) -> str:
    """What of the rules was on the page.

    It is in the address, or sent along with a form that may be refused.
    """
    return request.args.get(name) or request.form.get(f"back_{name}", "")


def typed_rule() -> RuleInput:
    """The rule that shall be added."""
    form = read_form(RuleForm).model_dump()
    return RuleInput(
        breaks=typed_breaks(),
        **form
        | {
            "breaks_are": form["breaks_are"] or "all_units",
            "tax_included": form["tax_included"] in ("", "1"),
        },
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
    return read_form(RevisionForm).revision


def reason() -> str:
    """Why something is done."""
    return read_form(ActForm).reason


def starts() -> datetime | None:
    """When a publication shall begin; None for now."""
    return read_form(ActForm).at


def confirmed_risks() -> str | None:
    """Fingerprint of the prices that were looked through."""
    return read_form(ActForm).confirmed_risks or None


def typed_head() -> PolicyHead:
    """Titles, text and term. Raises Invalid for a moment that is none."""
    form = read_form(HeadForm).model_dump()
    return PolicyHead(**form | {"below_floor": form["below_floor"] or "refuse"})
