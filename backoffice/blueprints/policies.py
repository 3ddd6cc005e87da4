"""Price policies: drafted, changed rule by rule, published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, money, typed
from portal.kernel.errors import Conflict, DomainError, Fault, Invalid
from portal.pricing import policies as queries
from portal.pricing import rules
from portal.pricing.change_prices import PriceInput, change_prices
from portal.pricing.drafts import KINDS, RuleInput, add_rule, draft_version, edit_policy, remove_rule
from portal.pricing.policies import PolicySummary, RuleFilter, RuleRow
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import Review, review_draft
from portal.pricing.rules import TIERS
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import rows_of_form, takes_columns
from portal.web.presentation import in_full, in_language, in_words
from portal.web.reference_cache import categories
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("policies", __name__, url_prefix="/hq/policies")

STATES = ("draft", "published", "superseded")
PAGE_SIZE = 50
OFFSET_MAX = 999_999
DOUBTFUL = ("no_price", "risky_prices", "risks_changed")


@blueprint.get("")
def index() -> str:
    """Every policy within reach, drafts first."""
    current_actor().require(PriceRight.POLICIES)
    query = {"q": request.args.get("q", "").strip(), "state": request.args.get("state", "")}
    if query["state"] not in STATES:
        query["state"] = ""
    found = queries.policies(current_session(), actor=current_actor(), at=clock.now(), **query)
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("backoffice/policies/index.html", "results", policies=found, **query)
    options = [
        ("", gettext("All statuses")),
        *((state, status_look("policy", state).label) for state in STATES),
    ]
    return render_template("backoffice/policies/index.html", policies=found, state_options=options, **query)


@blueprint.get("/<int:policy_id>")
def show(policy_id: int) -> str:
    """A version with its rules; a draft can be changed here."""
    current_actor().require(PriceRight.POLICIES)
    context = _context(policy_id)
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("backoffice/policies/show.html", "rules", **context)
    return render_template("backoffice/policies/show.html", **context, **_choices())


@blueprint.post("/<int:policy_id>/draft")
def draft(policy_id: int) -> Response:
    """The next version of a policy, as a copy to be changed; the draft there is already, if there is one."""
    try:
        drafted = draft_version(current_session(), actor=current_actor(), policy_id=policy_id, at=clock.now())
        created = drafted.id
        if drafted.left_out:
            flash(_left_out(drafted.left_out), "warning")
    except Conflict as refusal:
        if "draft" not in refusal.params:
            raise
        flash(in_words(refusal), "info")
        created = int(str(refusal.params["draft"]))
    return redirect(url_for("policies.show", policy_id=created), 303)


def _left_out(count: int) -> str:
    return ngettext(
        "%(count)s rule was left out: it leaves no price. Add it again with one.",
        "%(count)s rules were left out: they leave no price. Add them again with one.",
        count,
        count=count,
    )


@blueprint.post("/<int:policy_id>/head")
def head(policy_id: int) -> str | Response:
    """Titles, text and the start of a draft."""
    form = request.form
    return _act(
        policy_id,
        gettext("Saved."),
        lambda: edit_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=_revision(),
            title_zh=form.get("title_zh", ""),
            title_en=form.get("title_en", ""),
            body=form.get("text", ""),
            valid_from=_moment(form.get("valid_from", "")),
        ),
    )


@blueprint.post("/<int:policy_id>/rules")
@takes_columns("min_quantity", "value")
def rule(policy_id: int) -> str | Response:
    """Add a rule."""
    return _act(
        policy_id,
        gettext("The rule has been added."),
        lambda: add_rule(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=_revision(),
            rule=_typed_rule(),
        ),
    )


@blueprint.post("/<int:policy_id>/prices")
@takes_columns("rule", "min_quantity-*", "value-*")
def prices(policy_id: int) -> str | Response:
    """Save every row of the grid."""
    return _act(
        policy_id,
        gettext("All rows have been saved."),
        lambda: change_prices(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=_revision(),
            inputs=_typed_prices(),
        ),
    )


@blueprint.post("/<int:policy_id>/rules/removal")
def removal(policy_id: int) -> str | Response:
    """Take a rule out of the draft."""
    rule_id = typed.own_number(request.form.get("rule_id")) or 0
    return _act(
        policy_id,
        gettext("The rule has been removed."),
        lambda: remove_rule(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=_revision(),
            rule_id=rule_id,
        ),
    )


@blueprint.get("/<int:policy_id>/publication")
def review(policy_id: int) -> str:
    """What publishing would do to prices: the body of the publish dialog, or the page with the dialog
    open.
    """
    found = _review(policy_id)
    if request.htmx and not request.htmx.history_restore_request:
        return render_template("backoffice/policies/_review.html", review=found, refusal=None)
    return render_template(
        "backoffice/policies/show.html", **{**_context(policy_id), "review": found}, **_choices()
    )


@blueprint.post("/<int:policy_id>/publication")
def publication(policy_id: int) -> str | Response:
    """In force for every dealer with this commit; risky prices are shown in the dialog until they are
    confirmed.
    """
    return _act(
        policy_id,
        gettext("Published: the dealers it applies to see the new prices now, or from the day it starts."),
        lambda: publish_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=_revision(),
            confirmed_risks=request.form.get("confirmed_risks"),
            fall_share=portal().settings.price_fall_share,
        ),
    )


def _review(policy_id: int) -> Review:
    return review_draft(
        current_session(),
        actor=current_actor(),
        policy_id=policy_id,
        fall_share=portal().settings.price_fall_share,
    )


def _act(policy_id: int, done: str, act: Any) -> str | Response:
    """Do it and show the policy; a refusal stands on the same page, beside its field, with what was typed.

    Doubtful prices stand in the publish dialog, which is open then.
    """
    try:
        act()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        context = _context(policy_id, refusal)
        if refusal.code in DOUBTFUL:
            context |= {"review": _review(policy_id), "refusal_lines": []}
        page = render_template("backoffice/policies/show.html", **context, **_choices())
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(done, "success")
    back: dict[str, Any] = {
        name: value
        for name in ("q", "tier", "changed", "offset")
        if (value := request.form.get(f"back_{name}"))
    }
    return redirect(url_for("policies.show", policy_id=policy_id, **back), 303)


def _context(policy_id: int, refusal: DomainError | None = None) -> dict[str, Any]:
    session, at = current_session(), clock.now()
    policy = queries.policy(session, actor=current_actor(), policy_id=policy_id, at=at)
    only = RuleFilter(_looked_at("q"), _looked_at("tier"), bool(_looked_at("changed")))
    offset = min(typed.own_number(_looked_at("offset")) or 0, OFFSET_MAX)
    found = queries.policy_rules(
        session, policy_id=policy_id, at=at, only=only, offset=offset, limit=PAGE_SIZE
    )
    faults = refusal.faults if refusal else ()
    return {
        "policy": policy,
        "editable": policy.state == "draft" and policy.editable,
        "rows": [(row, _results(row), _typed_row(row, faults)) for row in found[:PAGE_SIZE]],
        "changes": queries.changes(session, policy_id),
        "only": only,
        "offset": offset,
        "next_offset": offset + PAGE_SIZE if len(found) > PAGE_SIZE else None,
        "previous_offset": max(0, offset - PAGE_SIZE) if offset else None,
        "refusal": refusal,
        "review": None,
        "refusal_lines": [(_field_of(fault), in_words(fault)) for fault in faults],
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "beside_price": [
            in_full(fault) for fault in faults if fault.pointer.startswith(("/breaks", "/kind"))
        ],
        "wrong_steps": {
            fault.pointer.split("/")[2] for fault in faults if fault.pointer.startswith("/breaks/")
        },
        "typed": request.form,
        "starts": _local(policy),
        "kinds": _kinds(),
    }


def _looked_at(name: str) -> str:
    """What of the rules was on the page: it is in the address, or sent along with a form that may be
    refused.
    """
    return request.args.get(name) or request.form.get(f"back_{name}", "")


def _choices() -> dict[str, Any]:
    regions = regions_in_scope(current_session(), current_actor())
    return {
        "tier_options": [("", gettext("Any")), *((tier, tier) for tier in TIERS)],
        "region_options": [
            ("", gettext("Any")),
            *((region.code, in_language(region.name_zh, region.name_en)) for region in regions),
        ],
        "category_options": [
            ("", gettext("Any")),
            *(
                (category.code, f"{category.code} {in_language(category.name_zh, category.name_en)}")
                for category in categories()
            ),
        ],
    }


def _results(row: RuleRow) -> list[Decimal | None]:
    """What each break makes of the list price, where the rule is for one product."""
    return [
        None if row.list_price is None else rules.apply(row.kind, value, row.list_price)
        for value in row.values
    ]


def _kinds() -> list[tuple[str, str]]:
    words = {
        "net": gettext("Net price, ¥"),
        "percent_off": gettext("Discount, percent"),
        "amount_off": gettext("Amount off, ¥"),
    }
    return [(kind, words[kind]) for kind in KINDS]


def _typed_rule() -> RuleInput:
    form = request.form
    return RuleInput(
        kind=form.get("kind", ""),
        breaks=_typed_breaks(),
        **{name: form.get(name, "") for name in ("dealer", "region", "tier", "sku", "category")},
    )


def _typed_prices() -> list[PriceInput]:
    return [
        PriceInput(rule_id, request.form.get(f"kind-{rule_id}", ""), _typed_breaks(f"-{rule_id}"))
        for rule_id in _typed_rule_ids()
    ]


def _typed_rule_ids() -> list[int]:
    """The rules of the grid; 0, which no rule has, for what is no id."""
    return [typed.own_number(given) or 0 for given in request.form.getlist("rule")[:PAGE_SIZE]]


def _typed_breaks(suffix: str = "") -> list[tuple[str, str]]:
    rows = rows_of_form(f"min_quantity{suffix}", f"value{suffix}")
    return [(quantity, value) for quantity, value in rows if quantity.strip() or value.strip()]


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row of the grid as it shall be shown: as stored, or as it was typed and refused.

    `faults` in words, by step in `wrong`.
    """

    kind: str
    breaks: Sequence[tuple[object, object]]
    unsaved: bool
    faults: Sequence[str]
    wrong: frozenset[str]


def _typed_row(row: RuleRow, faults: Sequence[Fault]) -> TypedRow:
    stored = [
        (str(minimum), money.as_text(value))
        for minimum, value in zip(row.min_quantities, row.values, strict=True)
    ]
    kind = request.form.get(f"kind-{row.id}")
    if kind is None:
        return TypedRow(row.kind, stored, False, (), frozenset())
    breaks = _typed_breaks(f"-{row.id}")
    mine = [fault for fault in faults if fault.pointer.startswith(f"/rules/{row.id}/")]
    wrong = frozenset(fault.pointer.split("/")[4] for fault in mine if fault.pointer.count("/") > 3)
    return TypedRow(
        kind, breaks, (kind, breaks) != (row.kind, stored), [in_full(fault) for fault in mine], wrong
    )


def _revision() -> int:
    return typed.own_number(request.form.get("revision")) or 0


def _moment(entered: str) -> datetime:
    """A point in time as somebody typed it, local to the business where it names no offset.

    Raises Invalid.
    """
    try:
        return typed.moment(entered, portal().settings.timezone)
    except typed.Misread as misread:
        raise Invalid(faults=[misread.beside("/valid_from")]) from None


def _local(policy: PolicySummary) -> str:
    return policy.valid_from.astimezone(portal().settings.timezone).strftime("%Y-%m-%dT%H:%M")


def _field_of(fault: Fault) -> str:
    name, _, rest = fault.pointer.strip("/").partition("/")
    if name == "rules":
        return f"rule-{rest.split('/')[0]}"
    return (
        f"field-{name}"
        if name in ("title_zh", "title_en", "valid_from", "dealer", "region", "tier", "sku", "category")
        else "rules"
    )
