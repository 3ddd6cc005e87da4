"""Amendments of a rebate programme: written, decided on by another person, published; what they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import rebate_amendment_page as page
from backoffice.blueprints import rebate_figures, rebate_form
from portal.kernel import clock
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from portal.rebates.amendments import amendment_id_of
from portal.rebates.decide_amendment import (
    approve_amendment,
    recall_amendment,
    reject_amendment,
    submit_amendment,
)
from portal.rebates.documents import programme_id_of
from portal.rebates.draft_amendment import draft_amendment, edit_amendment
from portal.rebates.publish_amendment import publish_amendment, withdraw_amendment
from portal.rebates.vocabulary import RebateRight
from portal.web.acting import acted
from portal.web.forms import takes_columns
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said

blueprint = Blueprint("rebate_amendments", __name__, url_prefix="/hq/rebates/<number>/amendments")

BOTH = (RebateRight.PROPOSE, RebateRight.APPROVE)


@blueprint.get("/new")
@requires(RebateRight.PROPOSE)
def new(number: str) -> str:
    """A form that begins with the tiers in force."""
    return render_template("backoffice/rebates/amend.html", **page.new_form(number))


@blueprint.post("")
@requires(RebateRight.PROPOSE)
@takes_columns(*rebate_figures.TIER_ROW)
def create(number: str) -> str | Response:
    """A new draft."""
    found = page.programme(number)
    amending = rebate_figures.typed_amending()

    def again(refusal: DomainError) -> str:
        return render_template("backoffice/rebates/amend.html", **page.refused_form(number, None, refusal))

    return acted(
        lambda: draft_amendment(
            current_session(),
            actor=current_actor(),
            programme_id=found.id,
            amending=amending,
            zone=portal().settings.timezone,
            at=clock.now(),
        ),
        shown=again,
        then=lambda made: Said(gettext("The draft has been saved."), _address(number, made.number)),
    )


@blueprint.get("/<amendment>")
@requires(*BOTH)
def show(number: str, amendment: str) -> str:
    """An amendment: its tiers beside those before it, and what may be done."""
    return render_template("backoffice/rebates/amendment.html", **page.context(number, amendment))


@blueprint.get("/<amendment>/preview")
@requires(*BOTH)
def preview(number: str, amendment: str) -> str:
    """What it would change, by period and dealer."""
    return render_template("backoffice/rebates/amendment_preview.html", **page.preview(number, amendment))


@blueprint.get("/<amendment>/edit")
@requires(RebateRight.PROPOSE)
def edit(number: str, amendment: str) -> str:
    """The form of a draft."""
    return render_template("backoffice/rebates/amend.html", **page.edit_form(number, amendment))


@blueprint.post("/<amendment>/edit")
@requires(RebateRight.PROPOSE)
@takes_columns(*rebate_figures.TIER_ROW)
def save(number: str, amendment: str) -> str | Response:
    """Save a draft as a whole."""
    amending = rebate_figures.typed_amending()
    try:
        edit_amendment(
            current_session(),
            actor=current_actor(),
            amendment_id=_id(number, amendment),
            revision=rebate_form.revision(),
            amending=amending,
            today=page.today(),
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        context = page.refused_form(number, amendment, refusal)
        status = 422 if isinstance(refusal, Invalid) else 409
        return make_response(render_template("backoffice/rebates/amend.html", **context), status)
    flash(gettext("The draft has been saved."), "success")
    return redirect(_address(number, amendment), 303)


@blueprint.post("/<amendment>/submission")
@requires(RebateRight.PROPOSE)
def submission(number: str, amendment: str) -> Response:
    """Hand it to another person."""
    return _act(
        number,
        amendment,
        gettext("Submitted: another person decides now."),
        submit_amendment,
        revision=rebate_form.revision(),
        at=clock.now(),
    )


@blueprint.post("/<amendment>/recall")
@requires(RebateRight.PROPOSE)
def recall(number: str, amendment: str) -> Response:
    """Take it back."""
    return _act(
        number,
        amendment,
        gettext("Taken back: it is a draft again."),
        recall_amendment,
        revision=rebate_form.revision(),
    )


@blueprint.post("/<amendment>/approval")
@requires(RebateRight.APPROVE)
def approval(number: str, amendment: str) -> Response:
    """Another person approves it."""
    return _act(
        number,
        amendment,
        gettext("Approved. It counts when it is published."),
        approve_amendment,
        revision=rebate_form.revision(),
        at=clock.now(),
    )


@blueprint.post("/<amendment>/rejection")
@requires(RebateRight.APPROVE)
def rejection(number: str, amendment: str) -> Response:
    """Another person sends it back."""
    return _act(
        number,
        amendment,
        gettext("Rejected: its authors find the reason beside the draft."),
        reject_amendment,
        revision=rebate_form.revision(),
        reason=rebate_form.reason(),
    )


@blueprint.post("/<amendment>/publication")
@requires(*BOTH)
def publication(number: str, amendment: str) -> Response:
    """Its tiers count from their day on."""
    return _act(
        number,
        amendment,
        gettext("Published. What was earned is reckoned now."),
        publish_amendment,
        revision=rebate_form.revision(),
        at=clock.now(),
    )


@blueprint.post("/<amendment>/withdrawal")
@requires(*BOTH)
def withdrawal(number: str, amendment: str) -> Response:
    """The tiers before it count again."""
    return _act(
        number,
        amendment,
        gettext("Withdrawn. The tiers before it count again, and what was earned is reckoned now."),
        withdraw_amendment,
        reason=rebate_form.reason(),
        at=clock.now(),
    )


def _act(number: str, amendment: str, done: str, verb: Callable[..., object], **more: Any) -> Response:
    """Do it and show the amendment, with why not if it was refused."""
    amendment_id = _id(number, amendment)
    try:
        verb(
            current_session(),
            actor=current_actor(),
            amendment_id=amendment_id,
            today=page.today(),
            **more,
        )
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(done, "success")
    return redirect(_address(number, amendment), 303)


def _id(number: str, amendment: str) -> int:
    """The amendment of this programme. Raises NotFound."""
    return amendment_id_of(current_session(), programme_id_of(current_session(), number), amendment)


def _address(number: str, amendment: str) -> str:
    return url_for("rebate_amendments.show", number=number, amendment=amendment)
