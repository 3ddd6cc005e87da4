"""Promotions: written by kind, decided on by another person, published, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import promotion_form, promotion_page
from portal.insight import promotion_results
from portal.insight.promotion_results import DealerResult, ProductResult
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.promotions import queries
from portal.promotions.decide_promotion import approve_promotion, reject_promotion
from portal.promotions.documents import promotion_id_of
from portal.promotions.draft_promotion import draft_promotion, edit_promotion
from portal.promotions.publish_promotion import publish_promotion, withdraw_promotion
from portal.promotions.queries import PHASES, PromotionSummary
from portal.promotions.rules import Kind as PromotionKind
from portal.promotions.submit_promotion import recall_promotion, submit_promotion
from portal.promotions.vocabulary import PromotionRight
from portal.promotions.words import KINDS
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("promotions", __name__, url_prefix="/hq/promotions")

BOTH = (PromotionRight.PROPOSE, PromotionRight.APPROVE)

PROMOTIONS = Listing(
    "promotions",
    N_("Promotions"),
    (
        Column("title", N_("Promotion"), Kind.NAME),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-12"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-10"),
        Column("phase", N_("State"), Kind.STATUS, status="promotion", width="c-15", css="cell-corner"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-10"),
        Column("valid_from", N_("Valid from"), Kind.MOMENT, width="c-15"),
        Column("valid_to", N_("Valid until"), Kind.MOMENT, width="c-15"),
        Column("priority", N_("Priority"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("budget", N_("Budget"), Kind.MONEY, empty=N_("none"), width="c-10"),
        Column("spent", N_("Spent"), Kind.MONEY, width="c-10"),
        Column("proposed_by_label", N_("Author"), shown=False, width="c-12"),
        Column("published_at", N_("Published on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)

DEALERS = Listing(
    "promotion-dealers",
    N_("Dealers of a promotion"),
    (
        Column("dealer", N_("Dealer"), Kind.NAME),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, width="c-12"),
        Column("registered_at", N_("Joined on"), Kind.MOMENT, width="c-15"),
        Column("orders", N_("Orders"), Kind.QUANTITY, width="c-10"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-10"),
        Column("reached", N_("Reached"), Kind.MONEY, width="c-12"),
        Column("cost", N_("Cost"), Kind.MONEY, width="c-12"),
    ),
)

PRODUCTS = Listing(
    "promotion-products",
    N_("Products of a promotion"),
    (
        Column("product", N_("Product"), Kind.NAME),
        Column("sku", N_("SKU"), Kind.CODE, width="c-15"),
        Column("dealers", N_("Dealers"), Kind.QUANTITY, width="c-10"),
        Column("orders", N_("Orders"), Kind.QUANTITY, width="c-10"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-10"),
        Column("cost", N_("Cost"), Kind.MONEY, width="c-12"),
    ),
)


@blueprint.get("")
@requires(*BOTH)
@takes_columns("column")
def index() -> str | Response:
    """Every promotion within reach, the latest written first."""
    query = {name: request.args.get(name, "").strip() for name in ("q", "phase", "kind")}
    query["phase"] = query["phase"] if query["phase"] in PHASES else ""
    query["kind"] = query["kind"] if query["kind"] in list(PromotionKind) else ""

    def fetch(cursor: str | None, limit: int) -> Page[PromotionSummary]:
        return queries.promotions(
            current_session(), actor=current_actor(), at=clock.now(), cursor=cursor, limit=limit, **query
        )

    def page_only() -> dict[str, Any]:
        looks = [(phase, status_look("promotion", phase).label) for phase in PHASES]
        return {
            "phase_options": [("", gettext("All statuses")), *looks],
            "kind_options": [("", gettext("All kinds")), *promotion_page.kinds()],
            "may_propose": current_actor().may(PromotionRight.PROPOSE),
        }

    return show_list(PROMOTIONS, fetch, "backoffice/promotions/index.html", query, page_only=page_only)


@blueprint.get("/new")
@requires(PromotionRight.PROPOSE)
def new() -> str:
    """Choose a kind, then fill in what that kind has."""
    kind = request.args.get("kind", "")
    if kind not in list(PromotionKind):
        return render_template("backoffice/promotions/kinds.html", kinds=promotion_page.kinds())
    return render_template("backoffice/promotions/edit.html", **promotion_page.new_form(kind))


@blueprint.post("")
@requires(PromotionRight.PROPOSE)
@takes_columns(*promotion_form.COLUMNS)
def create() -> str | Response:
    """A new draft."""
    try:
        made = draft_promotion(
            current_session(),
            actor=current_actor(),
            terms=promotion_form.typed_terms(),
            zone=portal().settings.timezone,
            at=clock.now(),
        )
    except Invalid as refusal:
        current_session().rollback()
        return _form_again(promotion_page.refused_form(None, refusal), refusal)
    flash(gettext("The draft has been saved."), "success")
    return redirect(url_for("promotions.show", number=made.number), 303)


@blueprint.get("/<number>")
@requires(*BOTH)
def show(number: str) -> str:
    """A promotion: its terms, who did what, what is doubtful, and what came of it."""
    return render_template("backoffice/promotions/show.html", **promotion_page.context(number))


@blueprint.get("/<number>/edit")
@requires(PromotionRight.PROPOSE)
def edit(number: str) -> str:
    """The form of a draft."""
    return render_template("backoffice/promotions/edit.html", **promotion_page.edit_form(number))


@blueprint.post("/<number>/edit")
@requires(PromotionRight.PROPOSE)
@takes_columns(*promotion_form.COLUMNS)
def save(number: str) -> str | Response:
    """Save a draft as a whole."""
    try:
        edit_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=promotion_id_of(current_session(), number),
            revision=promotion_form.revision(),
            terms=promotion_form.typed_terms(),
            at=clock.now(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return _form_again(promotion_page.refused_form(number, refusal), refusal)
    flash(gettext("The draft has been saved."), "success")
    return redirect(url_for("promotions.show", number=number), 303)


@blueprint.post("/<number>/submission")
@requires(PromotionRight.PROPOSE)
def submission(number: str) -> Response:
    """Hand it to another person."""
    return _act(
        number,
        gettext("Submitted: another person decides now."),
        lambda key: submit_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=key,
            revision=promotion_form.revision(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/recall")
@requires(PromotionRight.PROPOSE)
def recall(number: str) -> Response:
    """Take it back."""
    return _act(
        number,
        gettext("Taken back: it is a draft again."),
        lambda key: recall_promotion(
            current_session(), actor=current_actor(), promotion_id=key, revision=promotion_form.revision()
        ),
    )


@blueprint.post("/<number>/approval")
@requires(PromotionRight.APPROVE)
def approval(number: str) -> Response:
    """Another person approves it."""
    return _act(
        number,
        gettext("Approved. It runs when it is published."),
        lambda key: approve_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=key,
            revision=promotion_form.revision(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(PromotionRight.APPROVE)
def rejection(number: str) -> Response:
    """Another person sends it back."""
    return _act(
        number,
        gettext("Rejected: its authors find the reason beside the draft."),
        lambda key: reject_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=key,
            revision=promotion_form.revision(),
            reason=promotion_form.reason(),
        ),
    )


@blueprint.post("/<number>/publication")
@requires(PromotionRight.PROPOSE, PromotionRight.APPROVE)
def publication(number: str) -> Response:
    """It runs with this commit, or from a minute to come."""

    return _act(
        number,
        gettext("Published."),
        lambda key: publish_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=key,
            revision=promotion_form.revision(),
            at=promotion_form.starts(),
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(PromotionRight.PROPOSE, PromotionRight.APPROVE)
def withdrawal(number: str) -> Response:
    """It ends with this commit."""
    return _act(
        number,
        gettext("Withdrawn. Orders that used it keep what they got."),
        lambda key: withdraw_promotion(
            current_session(),
            actor=current_actor(),
            promotion_id=key,
            reason=promotion_form.reason(),
        ),
    )


@blueprint.get("/<number>/dealers")
@requires(*BOTH)
@takes_columns("column")
def dealers(number: str) -> str | Response:
    """What each dealer had of it."""
    found = promotion_page.promotion(number)

    def fetch(cursor: str | None, limit: int) -> Page[DealerResult]:
        return promotion_results.by_dealer(current_session(), found.id, cursor=cursor, limit=limit)

    return show_list(
        DEALERS,
        fetch,
        "backoffice/promotions/results.html",
        {"promotion": found, "by": "dealer", "may_see_dealers": promotion_page.may_see_dealers()},
    )


@blueprint.get("/<number>/products")
@requires(*BOTH)
@takes_columns("column")
def products(number: str) -> str | Response:
    """What went to each product."""
    found = promotion_page.promotion(number)

    def fetch(cursor: str | None, limit: int) -> Page[ProductResult]:
        return promotion_results.by_product(current_session(), found.id, cursor=cursor, limit=limit)

    return show_list(
        PRODUCTS, fetch, "backoffice/promotions/results.html", {"promotion": found, "by": "product"}
    )


def _act(number: str, done: str, act: Callable[[int], object]) -> Response:
    """Do it and show the promotion, with why not if it was refused."""
    current_actor().require(*BOTH)
    key = promotion_id_of(current_session(), number)
    try:
        act(key)
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(done, "success")
    return redirect(url_for("promotions.show", number=number), 303)


def _form_again(context: dict[str, Any], refusal: Invalid | Conflict) -> Response:
    page = render_template("backoffice/promotions/edit.html", **context)
    return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
