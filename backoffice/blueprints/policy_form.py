"""What was typed on the page of a price policy."""

from __future__ import annotations

from flask import request

from portal.kernel import typed
from portal.pricing.change_prices import PriceInput
from portal.pricing.drafts import RuleInput
from portal.web.forms import Form, Moment, OwnNumber, read_form, rows_of_form

PAGE_SIZE = 50  # rules in the grid


class RevisionForm(Form):
    """Which state of the draft a form was made from."""

    revision: OwnNumber


class HeadForm(RevisionForm):
    """Titles, text and start of a draft."""

    title_zh: str
    title_en: str
    text: str
    valid_from: Moment


class RemovalForm(RevisionForm):
    """A rule that shall go."""

    rule_id: OwnNumber


class PublicationForm(RevisionForm):
    """What somebody confirmed of the prices that a publication would bring: a fingerprint, or nothing."""

    confirmed_risks: str


class RuleForm(Form):
    """To what a rule applies, and its kind; its steps are columns."""

    kind: str
    dealer: str
    region: str
    tier: str
    sku: str
    category: str


def looked_at(name: str) -> str:
    """What of the rules was on the page.

    It is in the address, or sent along with a form that may be refused.
    """
    return request.args.get(name) or request.form.get(f"back_{name}", "")


def typed_rule() -> RuleInput:
    """The rule that shall be added."""
    return RuleInput(breaks=typed_breaks(), **read_form(RuleForm).model_dump())


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
