"""The budget cockpit: what every pot has, what is reserved and spent of it, and by which documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import budget_page
from portal.budgets import cockpit
from portal.budgets.cockpit import STANDINGS, BudgetRow
from portal.budgets.decide_budget import approve_budget, reject_budget
from portal.budgets.propose_budget import propose_amount, propose_budget
from portal.budgets.queries import Use
from portal.budgets.vocabulary import BudgetRight
from portal.budgets.words import BUDGET_KINDS
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Forbidden, Invalid
from portal.kernel.paging import Page
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("budgets", __name__, url_prefix="/hq/rebates/budgets")

BOTH = (BudgetRight.PROPOSE, BudgetRight.APPROVE)
_STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, Forbidden: 403}

BUDGETS = Listing(
    "budgets",
    N_("Budgets"),
    (
        Column("title", N_("Budget"), Kind.NAME, width="c-25"),
        Column("number", N_("Number"), Kind.CODE, shown=False, width="c-18"),
        Column(
            "standing", N_("State"), Kind.STATUS, status="budget standing", width="c-12", css="cell-corner"
        ),
        Column("kind", N_("Use"), Kind.WORD, words=BUDGET_KINDS, width="c-10"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-10"),
        Column("first_day", N_("First day"), Kind.DATE, shown=False, width="c-10"),
        Column("last_day", N_("Last day"), Kind.DATE, width="c-10"),
        Column("amount", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("reserved", N_("Reserved"), Kind.MONEY, width="c-12"),
        Column("spent", N_("Spent"), Kind.MONEY, width="c-12"),
        Column("free", N_("Free"), Kind.MONEY, width="c-12"),
        Column("proposed", N_("Proposed amount"), Kind.MONEY, shown=False, width="c-12"),
    ),
)
USES = Listing(
    "budget-uses",
    N_("Documents of a budget"),
    (
        Column("document", N_("Document"), Kind.CODE, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="budget use", width="c-12", css="cell-corner"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("activity", N_("Planned activity"), Kind.CODE, width="c-18"),
        Column("amount", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("changed_at", N_("Changed at"), Kind.MOMENT, width="c-15"),
    ),
)


class AmountForm(Form):
    """Another amount, and why."""

    amount: str
    reason: str


class ReasonForm(Form):
    """Why an amount is refused."""

    reason: str


@blueprint.get("")
@requires(*BOTH)
@takes_columns("column")
def index() -> str | Response:
    """Every pot within reach: what waits, what is nearly gone and what nobody uses come first."""
    said = {name: request.args.get(name, "").strip() for name in ("q", "kind", "region", "standing", "year")}
    said["kind"] = said["kind"] if said["kind"] in list(BUDGET_KINDS) else ""
    said["standing"] = said["standing"] if said["standing"] in STANDINGS else ""
    year = typed.own_number(said["year"])
    said["year"] = str(year) if year in typed.YEARS else ""
    query: dict[str, Any] = {**said, "year": year if said["year"] else None}

    def fetch(cursor: str | None, limit: int) -> Page[BudgetRow]:
        return cockpit.budgets(
            current_session(), actor=current_actor(), today=_today(), cursor=cursor, limit=limit, **query
        )

    view = budget_page.Charted(fetch)
    return show_list(
        BUDGETS,
        view.fetch,
        "backoffice/budgets/index.html",
        {**said, "chart": view.chart},
        page_only=budget_page.filters,
    )


@blueprint.get("/new")
@requires(BudgetRight.PROPOSE)
def new() -> str:
    """An empty form."""
    return render_template("backoffice/budgets/edit.html", **budget_page.form_of(budget_page.Typed()))


@blueprint.post("")
@requires(BudgetRight.PROPOSE)
def create() -> str | Response:
    """Propose a pot."""
    form = read_form(budget_page.PotForm)

    def act() -> Said:
        number = propose_budget(
            current_session(),
            actor=current_actor(),
            pot=budget_page.pot_of(form),
            today=_today(),
            at=clock.now(),
        )
        words = gettext("The budget has been proposed: another person decides now.")
        return Said(words, url_for("budgets.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template(
            "backoffice/budgets/edit.html",
            **budget_page.form_of(budget_page.Typed(**form.model_dump()), refusal),
        )
        return make_response(page, _STATUS[type(refusal)])


@blueprint.get("/<number>")
@requires(*BOTH)
@takes_columns("column")
def show(number: str) -> str | Response:
    """One pot: its figures, what was proposed for it, and the documents that hold or were paid something."""
    return _show(number)


@blueprint.post("/<number>/amount")
@requires(BudgetRight.PROPOSE)
def amount(number: str) -> str | Response:
    """Propose another amount."""
    form = read_form(AmountForm)

    def act() -> str:
        faults: list[Fault] = []
        wanted = typed.field(typed.money, form.amount, "/amount", faults)
        if faults:
            raise Invalid(faults=faults)
        propose_amount(
            current_session(),
            actor=current_actor(),
            number=number,
            amount=wanted,
            reason=form.reason,
            at=clock.now(),
        )
        return gettext("The amount has been proposed: another person decides now.")

    return _act(number, act, "amount", form.amount, form.reason)


@blueprint.post("/<number>/approval")
@requires(BudgetRight.APPROVE)
def approval(number: str) -> str | Response:
    """Another person agrees."""

    def act() -> str:
        approve_budget(current_session(), actor=current_actor(), number=number, at=clock.now())
        return gettext("Approved: the budget has this amount from now on.")

    return _act(number, act)


@blueprint.post("/<number>/rejection")
@requires(BudgetRight.APPROVE)
def rejection(number: str) -> str | Response:
    """Another person does not."""
    reason = read_form(ReasonForm).reason

    def act() -> str:
        reject_budget(current_session(), actor=current_actor(), number=number, reason=reason, at=clock.now())
        return gettext("Rejected: the budget stays as it was.")

    return _act(number, act, "reject", "", reason)


def _act(
    number: str, act: Callable[[], str], dialog: str = "", amount_typed: str = "", reason: str = ""
) -> str | Response:
    """Do it and show the pot again; a refusal stands on its page with what was typed."""

    def acted() -> Said:
        return Said(act(), url_for("budgets.show", number=number))

    try:
        return tell(sent_once(acted))
    except (Invalid, Conflict, Forbidden) as refusal:
        current_session().rollback()
        again = {"dialog": dialog, "amount_typed": amount_typed, "reason_typed": reason}
        return make_response(_show(number, refusal, **again), _STATUS[type(refusal)])


def _show(number: str, refusal: DomainError | None = None, **again: str) -> str | Response:
    session, actor = current_session(), current_actor()
    found = cockpit.budget(session, actor=actor, number=number, today=_today())

    def fetch(cursor: str | None, limit: int) -> Page[Use]:
        return cockpit.uses(session, number=number, cursor=cursor, limit=limit)

    faults = list(refusal.faults) if refusal else []
    context = {
        "found": found,
        "budget": found.row,
        "kinds": labels(BUDGET_KINDS),
        "refusal": refusal,
        "summary": [(f"{again.get('dialog', '')}-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "errors": lambda name: [in_full(one) for one in faults if one.pointer == f"/{name}"],
        "history": budget_page.history_of(found),
        "may_see_activities": actor.may(BudgetRight.PROPOSE) or actor.may(BudgetRight.DECIDE),
        **budget_page.may(found),
        "dialog": "",
        "amount_typed": str(found.row.amount),
        "reason_typed": "",
        **again,
    }
    return show_list(USES, fetch, "backoffice/budgets/show.html", context)


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
