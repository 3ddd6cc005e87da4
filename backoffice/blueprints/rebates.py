"""Rebate programmes: written, decided on by another person, published, and what they have cost by period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import rebate_accruals, rebate_form, rebate_page
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.rebates import queries
from portal.rebates.decide_programme import (
    approve_programme,
    recall_programme,
    reject_programme,
    submit_programme,
)
from portal.rebates.documents import programme_id_of
from portal.rebates.draft_programme import draft_programme, edit_programme
from portal.rebates.publish_programme import publish_programme, withdraw_programme
from portal.rebates.queries import PHASES, ProgrammeSummary
from portal.rebates.vocabulary import RebateRight
from portal.rebates.words import PERIODS
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

blueprint = Blueprint("rebates", __name__, url_prefix="/hq/rebates")

BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)

PROGRAMMES = Listing(
    "rebate-programmes",
    N_("Rebate programmes"),
    (
        Column("title", N_("Programme"), Kind.NAME),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-12"),
        Column("phase", N_("State"), Kind.STATUS, status="rebate programme", width="c-15", css="cell-corner"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-12"),
        Column("period", N_("Adds up by"), Kind.WORD, words=PERIODS, width="c-10"),
        Column("valid_from", N_("First day"), Kind.DATE, width="c-10"),
        Column("valid_to", N_("Last day"), Kind.DATE, width="c-10"),
        Column("priority", N_("Priority"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("budget", N_("Budget"), Kind.MONEY, empty=N_("none"), width="c-12"),
        Column("accrued", N_("Earned"), Kind.MONEY, width="c-12"),
        Column("proposed_by_label", N_("Author"), shown=False, width="c-12"),
    ),
)


@blueprint.get("")
@requires(*BOTH)
@takes_columns("column")
def index() -> str | Response:
    """Every programme within reach, the latest written first."""
    query = {name: request.args.get(name, "").strip() for name in ("q", "phase")}
    query["phase"] = query["phase"] if query["phase"] in PHASES else ""

    def fetch(cursor: str | None, limit: int) -> Page[ProgrammeSummary]:
        return queries.programmes(
            current_session(),
            actor=current_actor(),
            today=rebate_page.today(),
            cursor=cursor,
            limit=limit,
            **query,
        )

    def page_only() -> dict[str, Any]:
        looks = [(phase, status_look("rebate programme", phase).label) for phase in PHASES]
        return {
            "phase_options": [("", gettext("All statuses")), *looks],
            "may_propose": current_actor().may(RebateRight.PROPOSE),
        }

    return show_list(PROGRAMMES, fetch, "backoffice/rebates/index.html", query, page_only=page_only)


@blueprint.get("/new")
@requires(RebateRight.PROPOSE)
def new() -> str:
    """An empty form."""
    return render_template("backoffice/rebates/edit.html", **rebate_page.new_form())


@blueprint.post("")
@requires(RebateRight.PROPOSE)
@takes_columns(*rebate_form.COLUMNS)
def create() -> str | Response:
    """A new draft."""
    terms = rebate_form.typed_terms()
    try:
        made = draft_programme(
            current_session(),
            actor=current_actor(),
            terms=terms,
            zone=portal().settings.timezone,
            at=clock.now(),
        )
    except Invalid as refusal:
        current_session().rollback()
        return _form_again(rebate_page.refused_form(None, terms, refusal), refusal)
    flash(gettext("The draft has been saved."), "success")
    return redirect(url_for("rebates.show", number=made.number), 303)


@blueprint.post("/examples")
@requires(RebateRight.PROPOSE)
@takes_columns(*rebate_form.COLUMNS)
def examples() -> str:
    """What the programme as it is typed would pay; nothing is saved."""
    shown = rebate_page.preview(rebate_form.typed_terms())
    return render_template("backoffice/rebates/_examples.html", **shown)


@blueprint.get("/<number>")
@requires(*BOTH)
@takes_columns("column")
def show(number: str) -> str | Response:
    """A programme: its terms, who did what, and what its dealers have earned."""
    return rebate_accruals.show_programme(number)


@blueprint.get("/<number>/edit")
@requires(RebateRight.PROPOSE)
def edit(number: str) -> str:
    """The form of a draft."""
    return render_template("backoffice/rebates/edit.html", **rebate_page.edit_form(number))


@blueprint.post("/<number>/edit")
@requires(RebateRight.PROPOSE)
@takes_columns(*rebate_form.COLUMNS)
def save(number: str) -> str | Response:
    """Save a draft as a whole; tiers that were amended by a program stay."""
    found = rebate_page.programme(number)
    terms = rebate_form.typed_terms(found.terms.amendments)
    try:
        edit_programme(
            current_session(),
            actor=current_actor(),
            programme_id=found.id,
            revision=rebate_form.revision(),
            terms=terms,
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return _form_again(rebate_page.refused_form(number, terms, refusal), refusal)
    flash(gettext("The draft has been saved."), "success")
    return redirect(url_for("rebates.show", number=number), 303)


@blueprint.post("/<number>/submission")
@requires(RebateRight.PROPOSE)
def submission(number: str) -> Response:
    """Hand it to another person."""
    return _act(
        number,
        gettext("Submitted: another person decides now."),
        lambda key: submit_programme(
            current_session(),
            actor=current_actor(),
            programme_id=key,
            revision=rebate_form.revision(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/recall")
@requires(RebateRight.PROPOSE)
def recall(number: str) -> Response:
    """Take it back."""
    return _act(
        number,
        gettext("Taken back: it is a draft again."),
        lambda key: recall_programme(
            current_session(), actor=current_actor(), programme_id=key, revision=rebate_form.revision()
        ),
    )


@blueprint.post("/<number>/approval")
@requires(RebateRight.APPROVE)
def approval(number: str) -> Response:
    """Another person approves it."""
    return _act(
        number,
        gettext("Approved. It counts when it is published."),
        lambda key: approve_programme(
            current_session(),
            actor=current_actor(),
            programme_id=key,
            revision=rebate_form.revision(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/rejection")
@requires(RebateRight.APPROVE)
def rejection(number: str) -> Response:
    """Another person sends it back."""
    return _act(
        number,
        gettext("Rejected: its authors find the reason beside the draft."),
        lambda key: reject_programme(
            current_session(),
            actor=current_actor(),
            programme_id=key,
            revision=rebate_form.revision(),
            reason=rebate_form.reason(),
        ),
    )


@blueprint.post("/<number>/publication")
@requires(RebateRight.PROPOSE, RebateRight.APPROVE)
def publication(number: str) -> Response:
    """Its dealers earn from its first day on."""
    return _act(
        number,
        gettext("Published. What was earned is reckoned now."),
        lambda key: publish_programme(
            current_session(),
            actor=current_actor(),
            programme_id=key,
            revision=rebate_form.revision(),
            at=clock.now(),
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(RebateRight.PROPOSE, RebateRight.APPROVE)
def withdrawal(number: str) -> Response:
    """Yesterday was its last day."""
    return _act(
        number,
        gettext("Withdrawn. What was earned until yesterday stays earned."),
        lambda key: withdraw_programme(
            current_session(),
            actor=current_actor(),
            programme_id=key,
            reason=rebate_form.reason(),
            zone=portal().settings.timezone,
            at=clock.now(),
        ),
    )


def _act(number: str, done: str, act: Callable[[int], object]) -> Response:
    """Do it and show the programme, with why not if it was refused."""
    current_actor().require(*BOTH)
    key = programme_id_of(current_session(), number)
    try:
        act(key)
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(done, "success")
    return redirect(url_for("rebates.show", number=number), 303)


def _form_again(context: dict[str, Any], refusal: Invalid | Conflict) -> Response:
    page = render_template("backoffice/rebates/edit.html", **context)
    return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
