"""Price policies: which there are, drafted, changed rule by rule."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form, policy_page
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict
from portal.kernel.paging import Page
from portal.pricing import policies as queries
from portal.pricing.change_prices import change_prices
from portal.pricing.draft_policy import PREFIXES, NewPolicy, draft_policy
from portal.pricing.draft_version import draft_version
from portal.pricing.drafts import add_rule, edit_policy, remove_rule
from portal.pricing.life import PolicyState
from portal.pricing.policies import PolicySummary
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_words
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("policies", __name__, url_prefix="/hq/policies")


POLICIES = Listing(
    "policies",
    N_("Price policies"),
    (
        Column("title", N_("Policy"), Kind.NAME),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-12", is_sortable=True),
        Column("version", N_("Version"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("state", N_("State"), Kind.STATUS, status="policy", width="c-12", css="cell-corner"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-10"),
        Column("valid_from", N_("Valid from"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("valid_to", N_("Valid until"), Kind.MOMENT, width="c-15"),
        Column("published_at", N_("Published on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("dealer", N_("Dealer"), Kind.NAME, shown=False, width="c-12"),
        Column("author", N_("Author"), shown=False, width="c-12"),
        Column("submitted_at", N_("Submitted on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("approved_by", N_("Approved by"), shown=False, width="c-12"),
        Column("rules", N_("Rules"), Kind.QUANTITY, width="c-8", is_sortable=True),
    ),
)


@blueprint.get("")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
@takes_columns("column")
def index() -> str | Response:
    """Every policy within reach, drafts first."""
    query = {name: request.args.get(name, "").strip() for name in ("q", "state", "kind")}
    if query["state"] not in list(PolicyState):
        query["state"] = ""
    if query["kind"] not in PREFIXES:
        query["kind"] = ""

    def fetch(_cursor: str | None, _limit: int) -> Page[PolicySummary]:
        at, sort = clock.now(), sort_of_address(POLICIES)
        found = queries.policies(current_session(), actor=current_actor(), at=at, sort=sort, **query)
        return Page(tuple(found), None)

    def page_only() -> dict[str, Any]:
        looks = [(str(state), status_look("policy", state).label) for state in PolicyState]
        kinds = [("policy", gettext("Policies")), ("contract", gettext("Contracts"))]
        return {
            **policy_page.choices(),
            "new_kinds": [("policy", gettext("Policy")), ("contract", gettext("Contract of one dealer"))],
            "state_options": [("", gettext("All statuses")), *looks],
            "kind_options": [("", gettext("Policies and contracts")), *kinds],
        }

    return show_list(POLICIES, fetch, "backoffice/policies/index.html", query, page_only=page_only)


@blueprint.post("")
@requires(PriceRight.POLICIES)
def create() -> str | Response:
    """A new policy or contract, as a draft without rules."""
    form = read_form(policy_form.NewForm)
    new = NewPolicy(
        policy_form.typed_head(), kind=form.kind or "policy", region=form.region, dealer=form.dealer
    )
    created = draft_policy(current_session(), actor=current_actor(), new=new, at=clock.now())
    return redirect(url_for("policies.show", policy_id=created.id), 303)


@blueprint.get("/<int:policy_id>")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def show(policy_id: int) -> str:
    """A version with its rules; a draft can be changed here."""
    return render_page(
        "backoffice/policies/show.html",
        "rules",
        page_only=policy_page.choices,
        **policy_page.context(policy_id),
    )


@blueprint.post("/<int:policy_id>/draft")
@requires(PriceRight.POLICIES)
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
@requires(PriceRight.POLICIES)
def head(policy_id: int) -> str | Response:
    """Titles, text and the start of a draft."""
    return policy_page.act(
        policy_id,
        gettext("Saved."),
        lambda: edit_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            head=policy_form.typed_head(),
        ),
    )


@blueprint.post("/<int:policy_id>/rules")
@requires(PriceRight.POLICIES)
@takes_columns("min_quantity", "value")
def rule(policy_id: int) -> str | Response:
    """Add a rule."""
    return policy_page.act(
        policy_id,
        gettext("The rule has been added."),
        lambda: add_rule(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            rule=policy_form.typed_rule(),
        ),
    )


@blueprint.post("/<int:policy_id>/prices")
@requires(PriceRight.POLICIES)
@takes_columns("rule", "min_quantity-*", "value-*")
def prices(policy_id: int) -> str | Response:
    """Save every row of the grid."""
    return policy_page.act(
        policy_id,
        gettext("All rows have been saved."),
        lambda: change_prices(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            inputs=policy_form.typed_prices(),
        ),
    )


@blueprint.post("/<int:policy_id>/rules/removal")
@requires(PriceRight.POLICIES)
def removal(policy_id: int) -> str | Response:
    """Take a rule out of the draft."""
    return policy_page.act(
        policy_id,
        gettext("The rule has been removed."),
        lambda: remove_rule(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            rule_id=read_form(policy_form.RemovalForm).rule_id,
        ),
    )


@blueprint.get("/<int:policy_id>/publication")
@requires(PriceRight.POLICIES)
def review(policy_id: int) -> str:
    """What publishing would do to prices.

    The body of the publish dialog, or the page with the dialog open.
    """
    found = policy_page.review(policy_id)
    if request.htmx and not request.htmx.history_restore_request:
        return render_template(
            "backoffice/policies/_review.html",
            review=found,
            findings=policy_page.findings_in_words(found),
            refusal=None,
        )
    return render_template(
        "backoffice/policies/show.html",
        **policy_page.context(policy_id, review=found),
        **policy_page.choices(),
    )
