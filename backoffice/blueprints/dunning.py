"""Runs of dunning letters: proposed by the schedule, reviewed and released by a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dunning import queries
from portal.dunning.decide_run import discard_run, release_run
from portal.dunning.policy import policy_in_force
from portal.dunning.propose_run import propose_run
from portal.dunning.queries import RunRow
from portal.dunning.rules import RunState
from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, column_of_form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("dunning", __name__, url_prefix="/hq/dunning")

READERS = (LedgerRight.READ, LedgerRight.POST)
SHOWN = 200  # letters on the page of a run

RUNS = Listing(
    "dunning-runs",
    N_("Dunning"),
    (
        Column("number", N_("Run"), Kind.CODE, width="c-18"),
        Column("state", N_("Status"), Kind.STATUS, status="dunning run", width="c-15", css="cell-corner"),
        Column("day", N_("Day"), Kind.DATE, width="c-10"),
        Column("letters", N_("Letters"), Kind.QUANTITY, width="c-8"),
        Column("sent", N_("Sent"), Kind.QUANTITY, width="c-8"),
        Column("amount", N_("Overdue"), Kind.MONEY, width="c-15"),
        Column("proposed_by_label", N_("Proposed by"), shown=False, width="c-12"),
        Column("proposed_at", N_("Proposed at"), Kind.MOMENT, width="c-15", is_sortable=True),
        Column("decided_by_label", N_("Decided by"), shown=False, width="c-12"),
        Column("decided_at", N_("Decided at"), Kind.MOMENT, shown=False, width="c-15"),
    ),
    sort=str(queries.RUNS.latest_first),
)


class ReleaseForm(Form):
    """Which letters go out: all of them, or those that are ticked."""

    which: str


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Runs, the latest first."""
    said = request.args.get("status", "")
    state = said if said in list(RunState) else ""
    sort = sort_of_address(RUNS)

    def fetch(cursor: str | None, limit: int) -> Page[RunRow]:
        return queries.runs(current_session(), state=state, cursor=cursor, limit=limit, sort=sort)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("dunning run", one).label) for one in RunState],
            "may_propose": _may_run(),
            "policy": policy_in_force(current_session()).policy,
        }

    return show_list(
        RUNS,
        fetch,
        "backoffice/dunning/index.html",
        {"status": state},
        page_only=page_only,
        count=lambda: queries.count_runs(current_session(), state=state),
    )


@blueprint.post("")
@requires(LedgerRight.POST)
def create() -> Answer:
    """Propose a run now."""
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)

    def then(number: str | None) -> Said:
        if number is None:
            nothing = gettext("Nobody has to be written to: nothing overdue has reached another level.")
            return Said(nothing, url_for("dunning.index"), "info")
        return Said(gettext("%(number)s is proposed.", number=number), url_for("dunning.show", number=number))

    return acted(
        lambda: propose_run(current_session(), actor=current_actor(), today=today, at=at),
        shown=lambda refusal: render_template("backoffice/dunning/refused.html", **refused(refusal)),
        then=then,
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One run with its letters."""
    return _page(number)


@blueprint.post("/<number>/release")
@requires(LedgerRight.POST)
@takes_columns("letter")
def release(number: str) -> Answer:
    """Send all letters of a run, or those that are ticked."""
    form, chosen, at = read_form(ReleaseForm), column_of_form("letter"), clock.now()
    letters = None if form.which == "all" else chosen
    return _decide(
        number,
        lambda: gettext(
            "%(count)s letters are being sent.",
            count=release_run(
                current_session(), actor=current_actor(), number=number, letters=letters, at=at
            ),
        ),
        chosen,
    )


@blueprint.post("/<number>/discard")
@requires(LedgerRight.POST)
def discard(number: str) -> Answer:
    """Send nothing of it."""

    def act() -> str:
        discard_run(current_session(), actor=current_actor(), number=number, at=clock.now())
        return gettext("The run is discarded; the next one proposes anew.")

    return _decide(number, act)


def _decide(number: str, act: Callable[[], str], chosen: tuple[str, ...] = ()) -> Answer:
    queries.run_of(current_session(), number)
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal, chosen),
        then=lambda done: Said(done, url_for("dunning.show", number=number)),
    )


def _may_run() -> bool:
    actor = current_actor()
    return actor.may(LedgerRight.POST) and actor.region_ids is None


def _page(number: str, refusal: DomainError | None = None, chosen: tuple[str, ...] = ()) -> str:
    session = current_session()
    run = queries.run_of(session, number)
    page = queries.letters(session, run=number, limit=SHOWN, cursor=request.args.get("cursor"))
    return render_template(
        "backoffice/dunning/show.html",
        run=run,
        page=page,
        chosen=chosen,
        may_decide=_may_run() and run.state == RunState.PROPOSED,
        **refused(refusal),
    )
