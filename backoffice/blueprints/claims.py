"""Rebate claims at headquarters: the queue, the decision on each, and many plain ones at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.claims import queries
from portal.claims.approve_batch import Outcome, approve_batch
from portal.claims.decide_claim import Decided, decide_claim
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.queries import ClaimDetail, ClaimRow
from portal.claims.queue import DUES, OPEN, count_queue, queue
from portal.claims.rules import ClaimKind, Decision
from portal.claims.vocabulary import ClaimRight
from portal.claims.words import APPROVERS, DOUBTS, KINDS, TREATMENTS
from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.web.claim_history import chain_steps, history_of, next_approver, waiting_since
from portal.web.forms import Form, OwnNumber, column_of_form, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import SORT, show_list
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.rendering import requires
from portal.web.request import (
    current_actor,
    current_session,
    own_transaction,
    portal,
    request,
    tried_transaction,
)
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("claims_desk", __name__, url_prefix="/hq/rebates/claims")

DECIDERS = (ClaimRight.MANAGE, ClaimRight.FINANCE)
NEIGHBOURS_MAX = 200
_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}

CLAIMS = Listing(
    "claims-desk",
    N_("Rebate claims"),
    (
        Column("number", N_("Claim"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="rebate claim", width="c-12", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-10"),
        Column("subject", N_("Subject of the claim"), shown=False, width="c-18"),
        Column("asked", N_("Asked"), Kind.MONEY, width="c-12"),
        Column("calculated", N_("Calculated"), Kind.MONEY, width="c-12"),
        Column("approved", N_("Approved amount"), Kind.MONEY, shown=False, width="c-12"),
        Column("next_approver", N_("Signs next"), Kind.WORD, words=APPROVERS, width="c-12"),
        Column("due_at", N_("To be decided by"), Kind.MOMENT, is_sortable=True, width="c-15"),
        Column("submitted_at", N_("Submitted at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("paid_no", N_("Paid by"), Kind.CODE, shown=False, width="c-18"),
    ),
    sort="due_at",
)


class DecisionForm(Form):
    """What is decided, as the claim was read at `revision`."""

    decision: str
    amount: str
    reason: str
    revision: OwnNumber


@blueprint.get("")
@requires(*DECIDERS)
@takes_columns("column")
def index() -> str | Response:
    """Claims by when they are due, the overdue ones first; those that wait unless another state is asked."""
    sought = _sought()
    about: dict[str, Any] = {"actor": current_actor(), "today": _today(), "at": clock.now(), **sought}
    usual = "due_at" if sought["state"] in OPEN else "-due_at"
    sort = CLAIMS.sorted_by(request.args.get(SORT, usual))

    def fetch(cursor: str | None, limit: int) -> Page[ClaimRow]:
        return queue(current_session(), cursor=cursor, limit=limit, sort=sort, **about)

    context = {**sought, "status": sought["state"], "now": about["at"], "is_mine": sought["state"] == "mine"}
    return show_list(
        CLAIMS,
        fetch,
        "backoffice/claims/index.html",
        context,
        page_only=_filters,
        count=lambda: count_queue(current_session(), **about),
    )


@blueprint.post("/batch/preview")
@requires(*DECIDERS)
@takes_columns("number")
def preview() -> str | Response:
    """What a batch would grant, and what it would leave out and why; nothing is written."""
    return _batch_page(_numbers(), tried=True)


@blueprint.post("/batch")
@requires(*DECIDERS)
@fresh_sign_in
@takes_columns("number")
def batch() -> str | Response:
    """Grant those about which nothing is odd, each by itself."""
    return _batch_page(_numbers(), tried=False)


@blueprint.get("/<number>")
@requires(*DECIDERS)
def show(number: str) -> str:
    """One claim: its evidence beside its figures, what is odd, its steps, and the decision."""
    return render_template("backoffice/claims/show.html", **_context(number))


@blueprint.post("/<number>/decision")
@requires(*DECIDERS)
@fresh_sign_in
def decision(number: str) -> str | Response:
    """Sign the next step, send it back, or reject it."""
    form = read_form(DecisionForm)

    def act() -> Said:
        return Said(_said(_decide(number, form)), url_for("claims_desk.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        page = render_template("backoffice/claims/show.html", **_context(number, form, refusal))
        return make_response(page, _STATUS[type(refusal)])


def _decide(number: str, form: DecisionForm) -> Decided:
    faults: list[Fault] = []
    chosen = Decision(form.decision) if form.decision in list(Decision) else None
    amount = None
    if chosen is None:
        message, fix = N_("Say what you decide."), N_("Choose one of the three.")
        faults.append(Fault("/decision", "decision", message, fix))
    elif chosen is Decision.APPROVE and form.amount.strip():
        amount = typed.field(typed.money, form.amount, "/amount", faults)
    if faults or chosen is None:
        raise Invalid(faults=faults)
    return decide_claim(
        current_session(),
        actor=current_actor(),
        number=number,
        decision=chosen,
        amount=amount,
        reason=form.reason,
        revision=form.revision,
        today=_today(),
        zone=portal().settings.timezone,
        at=clock.now(),
    )


def _said(decided: Decided) -> str:
    number = decided.number
    if decided.note is not None:
        return gettext(
            "Claim %(number)s has been approved and paid by %(note)s.", number=number, note=decided.note
        )
    if decided.state is ClaimState.RETURNED:
        return gettext("Claim %(number)s has been sent back.", number=number)
    if decided.state is ClaimState.REJECTED:
        return gettext("Claim %(number)s has been rejected.", number=number)
    return gettext("Signed. Claim %(number)s goes on to the next signature.", number=number)


def _numbers() -> list[str]:
    return [one for one in column_of_form("number") if one]


def _batch_page(numbers: Sequence[str], *, tried: bool) -> str | Response:
    outcomes: Sequence[Outcome] = ()
    refusals: list[str] = []
    try:
        outcomes = approve_batch(
            tried_transaction if tried else own_transaction,
            actor=current_actor(),
            numbers=numbers,
            today=_today(),
            zone=portal().settings.timezone,
            at=clock.now(),
        )
    except Invalid as refusal:
        refusals = [in_full(one) for one in refusal.faults]
    granted = [one for one in outcomes if one.decided is not None]
    page = render_template(
        "backoffice/claims/batch.html",
        is_preview=tried,
        refusals=refusals,
        granted=granted,
        left_out=[
            (one.number, [in_words(fault) for fault in one.refusals]) for one in outcomes if one.refusals
        ],
        said=ngettext("1 claim", "%(num)d claims", len(granted)),
    )
    return make_response(page, 422 if refusals else 200)


def _context(
    number: str, form: DecisionForm | None = None, refusal: DomainError | None = None
) -> dict[str, Any]:
    found = queries.claim_of(
        current_session(),
        actor=current_actor(),
        number=number,
        today=_today(),
        zone=portal().settings.timezone,
    )
    faults = list(refusal.faults) if refusal else []
    allowed = found.asked if found.allowed is None else found.allowed
    decided = form.decision if form else ""
    return {
        "found": found,
        "entry": found.entry,
        "kinds": labels(KINDS),
        "treatments": labels(TREATMENTS),
        "doubts": [gettext(DOUBTS[one]) for one in found.doubts],
        "refusal": refusal,
        "summary": [(f"{decided}-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda decision, name: [
            in_full(one) for one in faults if decision == decided and one.pointer == f"/{name}"
        ],
        "typed": form or {"decision": "", "amount": str(allowed), "reason": ""},
        "allowed": allowed,
        "may_sign": bool(found.acts & {ClaimAct.PASS_ON, ClaimAct.APPROVE}),
        "is_last": ClaimAct.APPROVE in found.acts,
        "may_return": ClaimAct.RETURN in found.acts,
        "may_reject": ClaimAct.REJECT in found.acts,
        "road": chain_steps(found),
        "next_approver": next_approver(found),
        "since": waiting_since(found),
        "history": history_of(found),
        "is_staff": True,
        **_neighbours(found),
    }


def _neighbours(found: ClaimDetail) -> dict[str, str | None]:
    """The claims before and behind it among those that the visitor can sign, by when they are due."""
    page = queue(
        current_session(),
        actor=current_actor(),
        today=_today(),
        at=clock.now(),
        state="mine",
        limit=NEIGHBOURS_MAX,
    )
    numbers = [one.number for one in page.items]
    if found.number not in numbers:
        return {"before": None, "behind": next(iter(numbers), None)}
    place = numbers.index(found.number)
    behind = numbers[place + 1] if place + 1 < len(numbers) else None
    return {"before": numbers[place - 1] if place else None, "behind": behind}


def _sought() -> dict[str, str]:
    said = {name: request.args.get(name, "").strip() for name in ("status", "kind", "region", "due", "q")}
    states = ("all", *OPEN, *ClaimState)
    state = said["status"] if said["status"] in states else "waiting"
    return {
        "state": "" if state == "all" else state,
        "kind": said["kind"] if said["kind"] in list(ClaimKind) else "",
        "region": said["region"][:40],
        "due": said["due"] if said["due"] in DUES else "",
        "q": said["q"],
    }


def _filters() -> dict[str, Any]:
    shown = [one for one in ClaimState if one is not ClaimState.DRAFT]
    return {
        "status_options": [
            ("mine", gettext("To be signed by you")),
            ("waiting", gettext("Waiting")),
            *((str(one), status_look("rebate claim", one).label) for one in shown),
            ("all", gettext("All")),
        ],
        "kind_options": [(str(one), gettext(label)) for one, label in KINDS.items()],
        "region_options": [
            (one.code, in_language(one.name_zh, one.name_en))
            for one in regions_in_scope(current_session(), current_actor())
        ],
        "due_options": [("overdue", gettext("Overdue")), ("soon", gettext("Overdue, or due in two days"))],
    }


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
