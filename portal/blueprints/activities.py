"""Activities that the dealer plans and headquarters pays for: listed, planned, completed, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.budgets import queries
from portal.budgets.plan_activity import edit_activity, plan_activity, submit_activity, withdraw_activity
from portal.budgets.queries import ActivityDetail, ActivityRow
from portal.budgets.rules import ActivityAct, ActivityState, Plan, acts
from portal.budgets.vocabulary import BudgetRight
from portal.budgets.words import ACTIVITY_KINDS
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.rebates.vocabulary import RebateRight
from portal.web.activity_history import history_of
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("activities", __name__, url_prefix="/rebates/activities")
blueprint.context_processor(dealer_frame)

ACTIVITIES = Listing(
    "activities",
    N_("Activities"),
    (
        Column("title", N_("Planned activity"), width="c-25"),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="activity", width="c-15", css="cell-corner"),
        Column("kind", N_("Kind"), Kind.WORD, words=ACTIVITY_KINDS, width="c-10"),
        Column("first_day", N_("First day"), Kind.DATE, width="c-10"),
        Column("last_day", N_("Last day"), Kind.DATE, shown=False, width="c-10"),
        Column("planned", N_("Planned amount"), Kind.MONEY, width="c-12"),
        Column("approved", N_("Approved amount"), Kind.MONEY, width="c-12"),
        Column("left", N_("Still to claim"), Kind.MONEY, width="c-12"),
        Column("asked_at", N_("Planned at"), Kind.MOMENT, shown=False, is_sortable=True),
        Column("asked_by_label", N_("Planned by"), shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A plan as somebody typed it."""

    kind: str = ""
    title: str = ""
    text: str = ""
    place: str = ""
    first_day: str = ""
    last_day: str = ""
    amount: str = ""


class PlanForm(Form):
    """The fields of a plan; act: whether it is handed in at once. revision: as the form was read."""

    kind: str
    title: str
    text: str
    place: str
    first_day: str
    last_day: str
    amount: str
    act: str
    revision: OwnNumber


class RevisionForm(Form):
    """What was read before it is handed in."""

    revision: OwnNumber


@blueprint.get("")
@requires(RebateRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's activities, the latest first."""
    said, kind = request.args.get("status", ""), request.args.get("kind", "")
    state, q = (said if said in list(ActivityState) else ""), request.args.get("q", "").strip()
    kind = kind if kind in list(ACTIVITY_KINDS) else ""
    sort, dealer_id = sort_of_address(ACTIVITIES), current_actor().own_dealer_id
    sought: dict[str, Any] = {"dealer_id": dealer_id, "state": state, "kind": kind, "q": q}

    def fetch(cursor: str | None, limit: int) -> Page[ActivityRow]:
        return queries.activities(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("activity", one).label) for one in ActivityState],
            "kind_options": _kinds(),
            "may_plan": current_actor().may(BudgetRight.PLAN),
        }

    return show_list(
        ACTIVITIES,
        fetch,
        "activities/index.html",
        {"status": state, "kind": kind, "q": q},
        page_only=page_only,
        count=lambda: queries.count_activities(current_session(), **sought),
    )


@blueprint.get("/new")
@requires(BudgetRight.PLAN)
def new() -> str:
    """An empty plan."""
    return render_template("activities/edit.html", **_form(Typed(), None))


@blueprint.post("")
@requires(BudgetRight.PLAN)
def create() -> str | Response:
    """Plan it, and ask for approval unless it is kept as a draft."""
    form = read_form(PlanForm)
    at = clock.now()

    def act() -> Said:
        number = plan_activity(
            current_session(),
            actor=current_actor(),
            plan=_plan(form),
            submit=form.act == "submit",
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )
        words = gettext("Activity %(number)s has been saved.", number=number)
        return Said(words, url_for("activities.show", number=number))

    return _try(act, form, None)


@blueprint.get("/<number>")
@requires(RebateRight.READ)
def show(number: str) -> str:
    """One activity: what was planned and approved, and what has been claimed of it."""
    found = queries.activity(current_session(), number, with_drafts=True)
    return render_template("activities/show.html", **_shown(found))


@blueprint.get("/<number>/edit")
@requires(BudgetRight.PLAN)
def edit(number: str) -> str:
    """The form of a draft, or of what came back."""
    found = queries.activity(current_session(), number, with_drafts=True)
    if ActivityAct.EDIT not in acts(found.state):
        return render_template("activities/show.html", **_shown(found))
    typed_plan = Typed(
        found.kind,
        found.title,
        found.text,
        found.place,
        found.first_day.isoformat(),
        found.last_day.isoformat(),
        str(found.planned),
    )
    return render_template("activities/edit.html", **_form(typed_plan, found))


@blueprint.post("/<number>/edit")
@requires(BudgetRight.PLAN)
def save(number: str) -> str | Response:
    """Complete it, and hand it in again unless it stays a draft."""
    form, found = read_form(PlanForm), queries.activity(current_session(), number, with_drafts=True)

    def act() -> Said:
        session, actor = current_session(), current_actor()
        edit_activity(session, actor=actor, number=number, revision=form.revision, plan=_plan(form))
        if form.act == "submit":
            submit_activity(session, actor=actor, number=number, revision=form.revision + 1, at=clock.now())
        words = gettext("Activity %(number)s has been saved.", number=number)
        return Said(words, url_for("activities.show", number=number))

    return _try(act, form, found)


@blueprint.post("/<number>/submission")
@requires(BudgetRight.PLAN)
def submission(number: str) -> str | Response:
    """Ask for approval of a draft as it is."""
    revision = read_form(RevisionForm).revision
    return _act(
        number,
        gettext("Activity %(number)s has been handed in.", number=number),
        lambda: submit_activity(
            current_session(), actor=current_actor(), number=number, revision=revision, at=clock.now()
        ),
    )


@blueprint.post("/<number>/withdrawal")
@requires(BudgetRight.PLAN)
def withdrawal(number: str) -> str | Response:
    """Give it up."""
    return _act(
        number,
        gettext("Activity %(number)s has been withdrawn.", number=number),
        lambda: withdraw_activity(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


def _plan(form: PlanForm) -> Plan:
    """What was typed, read; what cannot be read goes along as faults."""
    faults: list[Fault] = []
    first: date | None = typed.field(typed.day, form.first_day, "/first_day", faults)
    last: date | None = typed.field(typed.day, form.last_day, "/last_day", faults)
    amount: Decimal | None = typed.field(typed.money, form.amount, "/amount", faults)
    return Plan(form.kind, form.title, form.text, form.place, first, last, amount, tuple(faults))


def _try(act: Callable[[], Said], form: PlanForm, found: ActivityDetail | None) -> str | Response:
    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        typed_plan = Typed(**{name: getattr(form, name) for name in Typed.__dataclass_fields__})
        page = render_template(
            "activities/edit.html", **_form(typed_plan, found, refusal, revision=form.revision)
        )
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


def _act(number: str, done: str, act: Callable[[], object]) -> str | Response:
    def acted() -> Said:
        act()
        return Said(done, url_for("activities.show", number=number))

    try:
        return tell(sent_once(acted))
    except Conflict as refusal:
        current_session().rollback()
        found = queries.activity(current_session(), number, with_drafts=True)
        return make_response(render_template("activities/show.html", **_shown(found, refusal)), 409)


def _form(
    typed_plan: Typed,
    found: ActivityDetail | None,
    refusal: Invalid | Conflict | None = None,
    revision: int | None = None,
) -> dict[str, Any]:
    faults = list(refusal.faults) if refusal else []
    summary = [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults]
    if refusal is not None and not faults:
        summary = [("field-title", in_full(refusal))]
    return {
        "typed": typed_plan,
        "found": found,
        "revision": revision if revision is not None else (found.revision if found else 0),
        "kind_options": _kinds(),
        "summary": summary,
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
    }


def _kinds() -> list[tuple[str, str]]:
    return [(str(one), gettext(label)) for one, label in ACTIVITY_KINDS.items()]


def _shown(found: ActivityDetail, refusal: Conflict | None = None) -> dict[str, Any]:
    possible = acts(found.state) if current_actor().may(BudgetRight.PLAN) else frozenset()
    return {
        "found": found,
        "refusal": refusal,
        "kinds": labels(ACTIVITY_KINDS),
        "may_edit": ActivityAct.EDIT in possible,
        "may_submit": ActivityAct.SUBMIT in possible,
        "may_withdraw": ActivityAct.WITHDRAW in possible and not found.claims,
        "history": history_of(found),
    }
