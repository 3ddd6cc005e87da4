"""Headquarters: cases about deliveries, listed and decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.deliveries import case_queries
from portal.deliveries.add_photos import add_photos
from portal.deliveries.case_queries import CaseRow
from portal.deliveries.decide_case import decide_case, take_up_case
from portal.deliveries.rules import CaseKind, CaseState, Outcome
from portal.deliveries.vocabulary import DeliveryRight
from portal.deliveries.words import KIND_LABELS, OUTCOME_LABELS
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.web import file_field
from portal.web.case_photos import photos_context
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.status_looks import status_look

blueprint = Blueprint("delivery_cases", __name__, url_prefix="/hq/delivery-cases")

CASES = Listing(
    "hq-delivery-cases",
    N_("Delivery cases"),
    (
        Column("number", N_("Delivery case"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-10"),
        Column("kind", N_("Difference"), Kind.WORD, words=KIND_LABELS, width="c-10"),
        Column("units", N_("Units"), Kind.QUANTITY, width="c-8"),
        Column("shipment", N_("Shipment"), Kind.CODE, width="c-15"),
        Column("order", N_("Order"), Kind.CODE, shown=False, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="delivery case", width="c-12", css="cell-corner"),
        Column("outcome", N_("Decision"), Kind.WORD, words=OUTCOME_LABELS, width="c-10"),
        Column("opened_at", N_("Opened on"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("decided_at", N_("Decided on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(case_queries.LATEST_FIRST),
)


class DecisionForm(Form):
    """What is decided about a case, and why."""

    outcome: str
    reason: str


@blueprint.get("")
@requires(DeliveryRight.DESK)
@takes_columns("column")
def index() -> str | Response:
    """Cases, the latest first, or those in one state."""
    said = {name: request.args.get(name, "").strip() for name in ("status", "kind", "q")}
    state = said["status"] if said["status"] in list(CaseState) else ""
    kind = said["kind"] if said["kind"] in list(CaseKind) else ""
    sought: dict[str, Any] = {"state": state, "kind": kind, "q": said["q"]}
    sort = sort_of_address(CASES)

    def fetch(cursor: str | None, limit: int) -> Page[CaseRow]:
        return case_queries.cases(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return case_queries.count_cases(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        return {"tabs": _tabs(state), "kinds": list(labels(KIND_LABELS).items())}

    template = "backoffice/delivery_cases/index.html"
    query = {"status": state, "kind": kind, "q": said["q"]}
    return show_list(CASES, fetch, template, query, page_only=page_only, count=count)


@blueprint.get("/<number>")
@requires(DeliveryRight.DESK)
def show(number: str) -> str:
    """One case: what was said at the door, and what is decided."""
    return _page(number)


@blueprint.post("/<number>/review")
@requires(DeliveryRight.DESK)
def review(number: str) -> Response:
    """Say that somebody looks into it."""
    return _act(
        number, lambda: take_up_case(current_session(), actor=current_actor(), number=number, at=clock.now())
    )


@blueprint.post("/<number>/decision")
@requires(DeliveryRight.DESK)
def decision(number: str) -> Response:
    """Settle a case."""
    form = read_form(DecisionForm)
    if form.outcome not in list(Outcome):
        fix = N_("Choose one of the list.")
        fault = Fault("/outcome", "outcome", N_("Say what is done about the difference."), fix)
        return _refused(number, Invalid(faults=[fault]), form)
    return _act(number, lambda: _decide(number, Outcome(form.outcome), form), form)


@blueprint.post("/<number>/rejection")
@requires(DeliveryRight.DESK)
def rejection(number: str) -> Response:
    """Reject a case."""
    form = read_form(DecisionForm)
    return _act(number, lambda: _decide(number, None, form), form)


@blueprint.post("/<number>/photos")
@requires(DeliveryRight.DESK)
@takes_columns(file_field.IDS)
def photos(number: str) -> Response:
    """Keep with a case what shows how it was."""
    sent = list[str]()
    try:
        sent = file_field.sent_files()
        add_photos(current_session(), actor=current_actor(), number=number, files=sent)
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal, None, sent)
    flash(gettext("The photos have been added."), "success")
    return redirect(url_for("delivery_cases.show", number=number), 303)


def _decide(number: str, outcome: Outcome | None, form: DecisionForm) -> object:
    return decide_case(
        current_session(),
        actor=current_actor(),
        number=number,
        outcome=outcome,
        reason=form.reason,
        at=clock.now(),
    )


def _act(number: str, act: Callable[[], object], form: DecisionForm | None = None) -> Response:
    try:
        act()
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal, form)
    flash(gettext("Case %(number)s has been updated.", number=number), "success")
    return redirect(url_for("delivery_cases.show", number=number), 303)


def _refused(
    number: str, refusal: DomainError, form: DecisionForm | None, sent: Sequence[str] = ()
) -> Response:
    current_session().rollback()
    status = 409 if isinstance(refusal, Conflict) else 422
    return make_response(_page(number, form, refusal, sent), status)


def _page(
    number: str,
    form: DecisionForm | None = None,
    refusal: DomainError | None = None,
    sent: Sequence[str] = (),
) -> str:
    beside: dict[str, list[str]] = {}
    for fault in refusal.faults if refusal else ():
        beside.setdefault(fault.pointer.lstrip("/"), []).append(in_full(fault))
    found = case_queries.case(current_session(), number)
    return render_template(
        "backoffice/delivery_cases/show.html",
        case=found,
        **photos_context(found, sent, refusal),
        kinds=labels(KIND_LABELS),
        outcomes=labels(OUTCOME_LABELS),
        form=form or DecisionForm(outcome="", reason=""),
        errors=beside,
        refused=in_full(refusal) if refusal and not refusal.faults else "",
    )


def _tabs(state: str) -> list[tuple[str, str, bool, int | None]]:
    every = (url_for("delivery_cases.index"), gettext("All"), not state, None)
    address = "delivery_cases.index"
    return [
        every,
        *(
            (url_for(address, status=str(one)), status_look("delivery case", one).label, one == state, None)
            for one in CaseState
        ),
    ]
