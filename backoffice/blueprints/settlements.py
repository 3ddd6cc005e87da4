"""Rebate settlements: proposed with their figures, decided on by another person; and what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.kernel import typed
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound
from portal.kernel.money import ZERO
from portal.kernel.paging import Page
from portal.rebates.vocabulary import RebateRight
from portal.settlements import queries
from portal.settlements.owed import Owed, owed
from portal.settlements.queries import RunDealer, RunRow
from portal.settlements.rules import RunState, SettlementKind
from portal.settlements.run import cut_ahead, decide_run, propose_run
from portal.settlements.settleable import settleable
from portal.settlements.vocabulary import SettlementRight
from portal.settlements.words import KINDS
from portal.web.api.buyer import now_and_today
from portal.web.forms import Form, Stripped, read_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.status_looks import status_look

blueprint = Blueprint("settlements", __name__, url_prefix="/hq/rebate-settlements")

PROPOSERS = (SettlementRight.SETTLE, RebateRight.PROPOSE)

RUNS = Listing(
    "rebate-runs",
    N_("Rebate settlements"),
    (
        Column("number", N_("Settlement"), Kind.CODE, width="c-18"),
        Column("title", N_("Programme"), Kind.NAME),
        Column("programme", N_("Number of the programme"), Kind.CODE, shown=False),
        Column("period", N_("Period of the programme"), width="c-12"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-12"),
        Column("state", N_("State"), Kind.STATUS, status="rebate run", width="c-15", css="cell-corner"),
        Column("dealers", N_("Dealers"), Kind.QUANTITY, width="c-8"),
        Column("amount", N_("Amount proposed"), Kind.MONEY, width="c-12"),
        Column("paid", N_("Paid"), Kind.MONEY, width="c-12"),
        Column("proposed_by_label", N_("Proposed by"), shown=False),
        Column("proposed_at", N_("Proposed on"), Kind.MOMENT, shown=False),
        Column("decided_by_label", N_("Decided by"), shown=False),
    ),
)
DEALERS = Listing(
    "rebate-run-dealers",
    N_("Dealers of a settlement"),
    (
        Column("name", N_("Dealer"), Kind.NAME),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False),
        Column("accrued", N_("Accrued"), Kind.MONEY),
        Column("guaranteed", N_("Guaranteed on top"), Kind.MONEY, path="main.guaranteed", shown=False),
        Column("carried_in", N_("Carried in"), Kind.MONEY, path="main.carried_in", shown=False),
        Column("advanced", N_("Advanced before"), Kind.MONEY, path="main.advanced"),
        Column("adjusted", N_("Earlier periods"), Kind.MONEY),
        Column("carried_out", N_("Carried to the next period"), Kind.MONEY, path="main.carried_out"),
        Column("cut", N_("Cut by the budget"), Kind.MONEY, path="main.cut"),
        Column("paid", N_("Paid"), Kind.MONEY),
        Column("note", N_("Rebate note"), Kind.CODE, width="c-18"),
    ),
)


class ProposalForm(Form):
    """The settlement of a period."""

    programme: Stripped
    period: Stripped
    kind: str
    percent: str
    note: Stripped


class DecisionForm(Form):
    """Another person's word."""

    reason: Stripped


@blueprint.get("")
@requires(*PROPOSERS)
@takes_columns("column")
def index() -> str | Response:
    """Settlements, the latest first."""
    state = request.args.get("state", "")
    state = state if state in list(RunState) else ""

    programme = request.args.get("programme", "").strip()[:64]

    def fetch(cursor: str | None, limit: int) -> Page[RunRow]:
        return queries.runs(
            current_session(),
            actor=current_actor(),
            state=state,
            programme=programme,
            cursor=cursor,
            limit=limit,
        )

    looks = [(str(one), status_look("rebate run", one).label) for one in RunState]
    return show_list(
        RUNS,
        fetch,
        "backoffice/settlements/index.html",
        {"state": state, "programme": programme},
        page_only=lambda: {"state_options": [("", gettext("All statuses")), *looks]},
    )


@blueprint.get("/new")
@requires(*PROPOSERS)
def new() -> str:
    """The periods that wait and an empty form, or that of a programme's period."""
    asked = {name: request.args.get(name, "")[:64] for name in ("programme", "period", "kind")}
    asked["kind"] = asked["kind"] if asked["kind"] in list(SettlementKind) else str(SettlementKind.FINAL)
    _, today = now_and_today()
    waiting = [] if asked["programme"] else settleable(current_session(), today=today)
    return render_template("backoffice/settlements/new.html", **_form(asked), waiting=waiting)


@blueprint.post("")
@requires(*PROPOSERS)
def propose() -> str | Response:
    """Let it wait for another person."""
    form = read_form(ProposalForm)
    try:
        return tell(sent_once(lambda: _proposed(form)))
    except (Invalid, Conflict, NotFound) as refusal:
        current_session().rollback()
        if isinstance(refusal, NotFound):
            message = N_("There is no published programme of this number in your regions.")
            refusal = Invalid(faults=[Fault("/programme", "unknown", message, N_("Look it up in the list."))])
        page = render_template(
            "backoffice/settlements/new.html", **_form(form.model_dump(), refusal), waiting=[]
        )
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.get("/liability")
@requires(*PROPOSERS)
def liability() -> str:
    """What is owed at the end of each month, by programme."""
    found = owed(current_session())
    return render_template(
        "backoffice/settlements/liability.html", rows=found, chart=_chart(found), totals=_by_month(found)
    )


@blueprint.get("/<number>")
@requires(*PROPOSERS)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One settlement, dealer by dealer."""
    actor = current_actor()
    found = queries.run(current_session(), number, actor=actor)
    settled = queries.settled_dealers(current_session(), number)
    if request.htmx and request.htmx.target == "progress":
        return _progress(found, settled)

    def fetch(cursor: str | None, limit: int) -> Page[RunDealer]:
        return queries.run_dealers(current_session(), found, cursor=cursor, limit=limit)

    waits = found.state == RunState.PROPOSED and actor.may(SettlementRight.SETTLE)
    return show_list(
        DEALERS,
        fetch,
        "backoffice/settlements/show.html",
        {
            "run": found,
            "settled": settled,
            "kinds": labels(KINDS),
            "cut": cut_ahead(current_session(), found.programme, found.first_day, found.kind, found.percent)
            if found.state == RunState.PROPOSED
            else ZERO,
            "may_decide": waits and found.proposed_by != actor.key,
            "waits_for_another": waits and found.proposed_by == actor.key,
        },
    )


@blueprint.post("/<number>/approval")
@requires(SettlementRight.SETTLE)
@fresh_sign_in
def approval(number: str) -> Response:
    """Another person approves it, and a job pays."""
    return _decided(number, approve=True, done=gettext("Approved: the dealers are paid now, one by one."))


@blueprint.post("/<number>/rejection")
@requires(SettlementRight.SETTLE)
def rejection(number: str) -> Response:
    """Nothing is paid."""
    return _decided(number, approve=False, done=gettext("Rejected: nothing is paid."))


def _progress(found: RunRow, settled: int) -> Response:
    """The bar alone while it moves; the whole page once it is done, or stopped."""
    part = render_block("backoffice/settlements/show.html", "progress", run=found, settled=settled)
    answer = Response(part)
    if found.state != RunState.APPROVED:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _decided(number: str, *, approve: bool, done: str) -> Response:
    current_actor().require(SettlementRight.SETTLE)
    at, _ = now_and_today()
    reason = read_form(DecisionForm).reason
    try:
        decide_run(
            current_session(), actor=current_actor(), number=number, approve=approve, reason=reason, at=at
        )
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        flash(" ".join(in_full(one) for one in refusal.faults or (refusal,)), "error")
    else:
        flash(done, "success")
    return redirect(url_for("settlements.show", number=number), 303)


def _proposed(form: ProposalForm) -> Said:
    at, today = now_and_today()
    percent = _percent(form.percent)
    known = list(SettlementKind)
    run = propose_run(
        current_session(),
        actor=current_actor(),
        programme=form.programme,
        period=form.period,
        kind=SettlementKind(form.kind) if form.kind in known else SettlementKind.FINAL,
        percent=percent,
        note=form.note,
        today=today,
        at=at,
    )
    said = gettext("%(number)s waits for another person's approval.", number=run.number)
    return Said(said, url_for("settlements.show", number=run.number))


def _percent(entered: str) -> Decimal | None:
    if not entered.strip():
        return None
    try:
        return typed.money(entered)
    except ValueError:
        message, fix = N_("This is no percentage."), N_("Enter a number such as 60.")
        raise Invalid(faults=[Fault("/percent", "percent", message, fix)]) from None


def _form(entered: dict[str, Any], refusal: Invalid | Conflict | None = None) -> dict[str, Any]:
    faults: dict[str, list[str]] = {}
    for fault in refusal.faults if isinstance(refusal, Invalid) else ():
        faults.setdefault(fault.pointer.removeprefix("/"), []).append(in_full(fault))
    return {
        "typed": entered,
        "kinds": [(str(kind), gettext(word)) for kind, word in KINDS.items()],
        "faults": faults,
        "refusal": in_full(refusal) if isinstance(refusal, Conflict) else None,
    }


def _by_month(found: Sequence[Owed]) -> list[tuple[str, Decimal]]:
    totals: dict[str, Decimal] = {}
    for one in found:
        totals[one.month] = totals.get(one.month, Decimal(0)) + one.net
    return list(totals.items())


def _chart(found: Sequence[Owed]) -> dict[str, Any]:
    """What is owed by month, the first first."""
    in_order = _by_month(found)[::-1]
    return {
        "kind": "bar",
        "format": "money",
        "categories": [month for month, _ in in_order],
        "series": [{"name": gettext("Owed without tax"), "values": [amount for _, amount in in_order]}],
    }
