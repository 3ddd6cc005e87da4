"""Price policies: drafted, changed rule by rule, published."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form, policy_page
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.paging import Page
from portal.pricing import policies as queries
from portal.pricing.change_prices import change_prices
from portal.pricing.draft_version import draft_version
from portal.pricing.drafts import add_rule, edit_policy, remove_rule
from portal.pricing.policies import PolicySummary
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import Review, review_draft
from portal.pricing.rules import PolicyState
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_words
from portal.web.rendering import render_page, requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("policies", __name__, url_prefix="/hq/policies")

DOUBTFUL = ("no_price", "risky_prices", "risks_changed")


POLICIES = Listing(
    "policies",
    N_("Price policies"),
    (
        Column("title", N_("Policy"), Kind.NAME),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-12"),
        Column("version", N_("Version"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("state", N_("State"), Kind.STATUS, status="policy", width="c-12", css="cell-corner"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-10"),
        Column("valid_from", N_("Valid from"), Kind.MOMENT, width="c-15"),
        Column("valid_to", N_("Valid until"), Kind.MOMENT, width="c-15"),
        Column("published_at", N_("Published on"), Kind.MOMENT, shown=False, width="c-15"),
        Column("author", N_("Author"), shown=False, width="c-12"),
        Column("rules", N_("Rules"), Kind.QUANTITY, width="c-8"),
    ),
)


@blueprint.get("")
@requires(PriceRight.POLICIES)
@takes_columns("column")
def index() -> str | Response:
    """Every policy within reach, drafts first."""
    query = {"q": request.args.get("q", "").strip(), "state": request.args.get("state", "")}
    if query["state"] not in list(PolicyState):
        query["state"] = ""

    def fetch(_cursor: str | None, _limit: int) -> Page[PolicySummary]:
        found = queries.policies(current_session(), actor=current_actor(), at=clock.now(), **query)
        return Page(tuple(found), None)

    def page_only() -> dict[str, Any]:
        looks = [(state, status_look("policy", state).label) for state in PolicyState]
        return {"state_options": [("", gettext("All statuses")), *looks]}

    return show_list(POLICIES, fetch, "backoffice/policies/index.html", query, page_only=page_only)


@blueprint.get("/<int:policy_id>")
@requires(PriceRight.POLICIES)
def show(policy_id: int) -> str:
    """A version with its rules; a draft can be changed here."""
    return render_page(
        "backoffice/policies/show.html",
        "rules",
        page_only=policy_page.choices,
        **policy_page.context(policy_id),
    )


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
            revision=policy_form.revision(),
            title_zh=form.get("title_zh", ""),
            title_en=form.get("title_en", ""),
            body=form.get("text", ""),
            valid_from=policy_form.moment(form.get("valid_from", "")),
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
            revision=policy_form.revision(),
            rule=policy_form.typed_rule(),
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
            revision=policy_form.revision(),
            inputs=policy_form.typed_prices(),
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
            revision=policy_form.revision(),
            rule_id=rule_id,
        ),
    )


@blueprint.get("/<int:policy_id>/publication")
def review(policy_id: int) -> str:
    """What publishing would do to prices.

    The body of the publish dialog, or the page with the dialog open.
    """
    found = _review(policy_id)
    if request.htmx and not request.htmx.history_restore_request:
        return render_template("backoffice/policies/_review.html", review=found, refusal=None)
    return render_template(
        "backoffice/policies/show.html",
        **{**policy_page.context(policy_id), "review": found},
        **policy_page.choices(),
    )


@blueprint.post("/<int:policy_id>/publication")
def publication(policy_id: int) -> str | Response:
    """In force for every dealer with this commit.

    Risky prices are shown in the dialog until they are confirmed.
    """
    return _act(
        policy_id,
        gettext("Published: the dealers it applies to see the new prices now, or from the day it starts."),
        lambda: publish_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
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
        context = policy_page.context(policy_id, refusal)
        if refusal.code in DOUBTFUL:
            context |= {"review": _review(policy_id), "refusal_lines": []}
        page = render_template("backoffice/policies/show.html", **context, **policy_page.choices())
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(done, "success")
    back: dict[str, Any] = {
        name: value
        for name in ("q", "tier", "changed", "offset")
        if (value := request.form.get(f"back_{name}"))
    }
    return redirect(url_for("policies.show", policy_id=policy_id, **back), 303)
