"""Corrections that need a second person: what waits, what was decided, and the decision."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.ledger import corrections
from portal.ledger.decide_correction import approve_correction, reject_correction
from portal.ledger.rules import CorrectionState
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import CORRECTION_KINDS
from portal.web.presentation import in_full, labels
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("corrections", __name__, url_prefix="/hq/corrections")


@blueprint.get("")
def index() -> str:
    """Requests, those that wait by default."""
    actor = current_actor()
    actor.require(LedgerRight.READ, LedgerRight.APPROVE)
    state = request.args.get("state", CorrectionState.WAITING)
    state = state if state in list(CorrectionState) else CorrectionState.WAITING
    page = corrections.requests(current_session(), state=state, cursor=request.args.get("cursor"))
    context = {
        "page": page,
        "state": state,
        "kinds": labels(CORRECTION_KINDS),
        "may_decide": actor.may(LedgerRight.APPROVE),
        "me": actor.key,
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render_block("backoffice/corrections/index.html", "results", **context)
    return render_template(
        "backoffice/corrections/index.html", waiting=corrections.waiting_count(current_session()), **context
    )


@blueprint.post("/<number>/approval")
def approval(number: str) -> Response:
    """Post what another person asked for."""
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    return _decide(
        gettext("%(number)s has been approved and posted.", number=number),
        lambda: approve_correction(
            current_session(), actor=current_actor(), number=number, today=today, at=at
        ),
    )


@blueprint.post("/<number>/rejection")
def rejection(number: str) -> Response:
    """Refuse what another person asked for."""
    reason = request.form.get("reason", "")
    return _decide(
        gettext("%(number)s has been rejected.", number=number),
        lambda: reject_correction(
            current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now()
        ),
    )


def _decide(done: str, act: Callable[[], object]) -> Response:
    """Do it and show the list again, with why not if it was refused."""
    current_actor().require(LedgerRight.APPROVE)
    try:
        act()
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(done, "success")
    return redirect(url_for("corrections.index"), 303)
