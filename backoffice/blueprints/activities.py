"""Activities of dealers at headquarters: decided on, and closed when everything is claimed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.budgets import cockpit, queries
from portal.budgets.decide_activity import (
    approve_activity,
    close_activity,
    reject_activity,
    return_activity,
)
from portal.budgets.queries import ActivityDetail, ActivityRow
from portal.budgets.rules import ActivityAct, ActivityState, Decision, acts
from portal.budgets.vocabulary import BudgetRight
from portal.budgets.words import ACTIVITY_KINDS
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.formats import money
from portal.kernel.paging import Page
from portal.web.activity_history import history_of
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("activities_desk", __name__, url_prefix="/hq/rebates/activities")

READERS = (BudgetRight.DECIDE, BudgetRight.PROPOSE)
STATES = tuple(state for state in ActivityState if state is not ActivityState.DRAFT)
_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}

ACTIVITIES = Listing(
    "activities-desk",
    N_("Activities"),
    (
        Column("title", N_("Planned activity"), width="c-25"),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="activity", width="c-15", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=ACTIVITY_KINDS, width="c-10"),
        Column("first_day", N_("First day"), Kind.DATE, width="c-10"),
        Column("last_day", N_("Last day"), Kind.DATE, shown=False, width="c-10"),
        Column("planned", N_("Planned amount"), Kind.MONEY, width="c-12"),
        Column("approved", N_("Approved amount"), Kind.MONEY, width="c-12"),
        Column("left", N_("Still to claim"), Kind.MONEY, shown=False, width="c-12"),
        Column("asked_at", N_("Planned at"), Kind.MOMENT, shown=False, is_sortable=True),
        Column("asked_by_label", N_("Planned by"), shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


class DecisionForm(Form):
    """What is decided: the amount and the budget belong to an approval."""

    decision: str
    amount: str
    budget: str
    reason: str


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Activities within reach, the latest first, or those in one state."""
    said, kind = request.args.get("status", ""), request.args.get("kind", "")
    state, q = (said if said in STATES else ""), request.args.get("q", "").strip()
    kind = kind if kind in list(ACTIVITY_KINDS) else ""
    sort = sort_of_address(ACTIVITIES)
    sought: dict[str, Any] = {"state": state, "kind": kind, "q": q}

    def fetch(cursor: str | None, limit: int) -> Page[ActivityRow]:
        return queries.activities(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("activity", one).label) for one in STATES],
            "kind_options": [(str(one), gettext(label)) for one, label in ACTIVITY_KINDS.items()],
        }

    return show_list(
        ACTIVITIES,
        fetch,
        "backoffice/activities/index.html",
        {"status": state, "kind": kind, "q": q},
        page_only=page_only,
        count=lambda: queries.count_activities(current_session(), **sought),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One activity, with the decision it waits for."""
    return render_template("backoffice/activities/show.html", **_context(number))


@blueprint.post("/<number>/decision")
@requires(BudgetRight.DECIDE)
def decision(number: str) -> str | Response:
    """Approve it of a budget, refuse it, or ask for more."""
    form = read_form(DecisionForm)
    return _act(number, form, lambda: _decide(number, form))


@blueprint.post("/<number>/closing")
@requires(BudgetRight.DECIDE)
def closing(number: str) -> str | Response:
    """What was not claimed of it is free again."""

    def act() -> str:
        close_activity(current_session(), actor=current_actor(), number=number, at=clock.now())
        return gettext("Activity %(number)s has been closed.", number=number)

    return _act(number, None, act)


def _decide(number: str, form: DecisionForm) -> str:
    """Do what was decided, and say it. Raises Invalid where nothing was."""
    session, actor, at = current_session(), current_actor(), clock.now()
    if form.decision == Decision.APPROVE:
        faults: list[Fault] = []
        amount = typed.field(typed.money, form.amount, "/amount", faults)
        if faults:
            raise Invalid(faults=faults)
        approve_activity(
            session,
            actor=actor,
            number=number,
            amount=amount,
            budget=form.budget,
            reason=form.reason,
            at=at,
        )
        return gettext("Activity %(number)s has been approved.", number=number)
    if form.decision == Decision.REJECT:
        reject_activity(session, actor=actor, number=number, reason=form.reason, at=at)
        return gettext("Activity %(number)s has been rejected.", number=number)
    if form.decision == Decision.RETURN:
        return_activity(session, actor=actor, number=number, reason=form.reason, at=at)
        return gettext("Activity %(number)s has been sent back.", number=number)
    message, fix = N_("Say what you decide."), N_("Choose one of the three.")
    raise Invalid(faults=[Fault("/decision", "decision", message, fix)])


def _act(number: str, form: DecisionForm | None, act: Callable[[], str]) -> str | Response:
    """Do it and show the activity again; a refusal stands on its page with what was typed."""

    def acted() -> Said:
        return Said(act(), url_for("activities_desk.show", number=number))

    try:
        return tell(sent_once(acted))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        page = render_template("backoffice/activities/show.html", **_context(number, form, refusal))
        return make_response(page, _STATUS[type(refusal)])


def _context(
    number: str, form: DecisionForm | None = None, refusal: DomainError | None = None
) -> dict[str, Any]:
    found = queries.activity(current_session(), number)
    faults = list(refusal.faults) if refusal else []
    actor = current_actor()
    may_decide = actor.may(BudgetRight.DECIDE) and actor.key != found.asked_by
    is_waiting = found.state == ActivityState.SUBMITTED
    return {
        "found": found,
        "refusal": refusal,
        "kinds": labels(ACTIVITY_KINDS),
        "typed": form or DecisionForm(decision="approve", amount=str(found.planned), budget="", reason=""),
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "may_decide": may_decide and is_waiting,
        "may_close": may_decide and ActivityAct.CLOSE in acts(found.state),
        "may_see_budgets": actor.may(BudgetRight.PROPOSE),
        "budget_options": _budgets(found) if may_decide and is_waiting else [],
        "history": history_of(found),
    }


def _budgets(found: ActivityDetail) -> list[tuple[str, str]]:
    """The pots it may be paid from, each with what is free."""
    return [
        (
            one.number,
            gettext(
                "%(title)s · %(free)s free",
                title=in_language(one.title_zh, one.title_en),
                free=money(one.free),
            ),
        )
        for one in cockpit.suitable(current_session(), activity=found.number)
    ]
