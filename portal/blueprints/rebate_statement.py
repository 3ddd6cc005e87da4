"""A dealer's statement of rebates: what was settled, by which note, and in which month of its account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.claims.words import TREATMENTS
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.rebates.vocabulary import RebateRight
from portal.settlements import queries
from portal.settlements.notes import note_of
from portal.settlements.queries import SettledRow
from portal.settlements.use_balance import balance_left
from portal.settlements.words import KINDS
from portal.statements.vocabulary import StatementRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rebate_note_page import send_note
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("rebate_statement", __name__)
blueprint.context_processor(dealer_frame)

_MONTHS = 24

SETTLED = Listing(
    "rebate-settlements",
    N_("Statement of rebates"),
    (
        Column("title", N_("Programme"), Kind.NAME),
        Column("programme", N_("Number of the programme"), Kind.CODE, shown=False),
        Column("period", N_("Period of the programme"), width="c-8"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-8"),
        Column("settled_at", N_("Settled on"), Kind.MOMENT, shown=False),
        Column("source", N_("Settlement or claim"), Kind.CODE, shown=False),
        Column("accrued", N_("Accrued"), Kind.MONEY),
        Column("guaranteed", N_("Guaranteed on top"), Kind.MONEY, shown=False),
        Column("carried_in", N_("Carried in"), Kind.MONEY, shown=False),
        Column("advanced", N_("Advanced before"), Kind.MONEY),
        Column("carried_out", N_("Carried to the next period"), Kind.MONEY),
        Column("cut", N_("Cut by the budget"), Kind.MONEY),
        Column("paid", N_("Paid"), Kind.MONEY),
        Column("note_no", N_("Rebate note"), Kind.CODE, width="c-15"),
        Column("month", N_("Account statement"), Kind.PERIOD, width="c-8"),
    ),
)


@blueprint.get("/rebate-statement")
@requires(RebateRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """What was settled, the latest first, beside what it did to the account month by month."""
    dealer_id = current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[SettledRow]:
        return queries.settled_of(current_session(), dealer_id=dealer_id, limit=limit, cursor=cursor)

    return show_list(SETTLED, fetch, "rebate_statement/index.html", page_only=lambda: _months(dealer_id))


@blueprint.get("/rebate-notes/<number>")
@requires(RebateRight.READ)
def note(number: str) -> str:
    """A note: what it pays, what it gave on which invoice, and the account statement it stands on."""
    return render_template(
        "rebate_statement/note.html",
        note=note_of(current_session(), number),
        kinds=labels(KINDS),
        treatments=labels(TREATMENTS),
        may_see_statements=current_actor().may(StatementRight.READ),
    )


@blueprint.get("/rebate-notes/<number>.pdf")
@requires(RebateRight.READ)
def note_pdf(number: str) -> Response:
    """A note as it is printed."""
    return send_note(number)


def _months(dealer_id: int) -> dict[str, Any]:
    since = clock.period_of(clock.business_date(clock.now(), portal().settings.timezone))
    for _ in range(_MONTHS):
        since = clock.previous_period(since)
    return {
        "months": queries.months_in_account(current_session(), dealer_id=dealer_id, since=since),
        "balances": balance_left(current_session(), dealer_id=dealer_id),
    }
