"""Corrections that need a second person: what waits, what was decided, and the decision."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.ledger import corrections
from portal.ledger.corrections import RequestedCorrection
from portal.ledger.decide_correction import approve_correction, reject_correction
from portal.ledger.rules import CorrectionState
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import CORRECTION_KINDS
from portal.web.forms import Form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("corrections", __name__, url_prefix="/hq/corrections")

CORRECTIONS = Listing(
    "corrections",
    N_("Corrections"),
    (
        Column("number", N_("Request"), width="c-16"),
        Column("kind", N_("Kind"), Kind.WORD, words=CORRECTION_KINDS, shown=False),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False),
        Column("subject", N_("Document")),
        Column("reason", N_("Reason"), css="cell-wide"),
        Column("proposed_by_label", N_("Asked by")),
        Column("proposed_at", N_("Asked on"), Kind.MOMENT, is_sortable=True),
        Column("amount", N_("Amount"), Kind.MONEY),
        Column("state", N_("Status"), Kind.STATUS, status="correction", shown=False),
        Column("decided_by_label", N_("Decided by"), shown=False),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False),
        Column("decision_note", N_("Note"), shown=False),
        Column("posted_no", N_("Posted as"), shown=False),
    ),
    sort=str(corrections.LATEST_FIRST),
)


class RejectionForm(Form):
    """Why a correction is refused."""

    reason: str


@blueprint.get("")
@requires(LedgerRight.READ, LedgerRight.APPROVE)
@takes_columns("column")
def index() -> str | Response:
    """Requests, those that wait by default."""
    actor = current_actor()
    state = request.args.get("state", CorrectionState.WAITING)
    state = state if state in list(CorrectionState) else CorrectionState.WAITING

    sort = sort_of_address(CORRECTIONS)

    def fetch(cursor: str | None, limit: int) -> Page[RequestedCorrection]:
        return corrections.requests(current_session(), state=state, cursor=cursor, limit=limit, sort=sort)

    return show_list(
        CORRECTIONS,
        fetch,
        "backoffice/corrections/index.html",
        {
            "state": state,
            "kinds": labels(CORRECTION_KINDS),
            "may_decide": actor.may(LedgerRight.APPROVE),
            "me": actor.key,
        },
        page_only=lambda: {"waiting": corrections.waiting_count(current_session())},
        count=lambda: corrections.count_requests(current_session(), state=state),
    )


@blueprint.post("/<number>/approval")
@requires(LedgerRight.APPROVE)
@fresh_sign_in
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
@requires(LedgerRight.APPROVE)
def rejection(number: str) -> Response:
    """Refuse what another person asked for."""
    reason = read_form(RejectionForm).reason
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
