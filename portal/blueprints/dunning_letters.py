"""The dealer's dunning letters: what was demanded, and the paper of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.dunning import queries
from portal.dunning.queries import LetterRow
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.statements.vocabulary import StatementRight
from portal.web.dunning_page import send_letter_paper
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("dunning_letters", __name__, url_prefix="/dunning-letters")
blueprint.context_processor(dealer_frame)

LETTERS = Listing(
    "dunning-letters",
    N_("Demands for payment"),
    (
        Column("number", N_("Letter"), Kind.CODE),
        Column("level", N_("Level"), Kind.QUANTITY, width="c-10"),
        Column("written_on", N_("Written on"), Kind.DATE, width="c-15"),
        Column("pay_by", N_("Pay by"), Kind.DATE, width="c-15"),
        Column("amount", N_("Overdue"), Kind.MONEY, width="c-18"),
        Column("interest", N_("Interest"), Kind.MONEY, shown=False, width="c-12"),
        Column("made_at", N_("Sent on"), Kind.MOMENT, path="sent_at", shown=False, width="c-15"),
    ),
    sort=str(queries.LETTERS.latest_first),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's letters, the latest first."""
    sought: dict[str, Any] = {"dealer_id": current_actor().own_dealer_id, "state": "sent"}
    sort = sort_of_address(LETTERS)

    def fetch(cursor: str | None, limit: int) -> Page[LetterRow]:
        return queries.letters(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    return show_list(
        LETTERS,
        fetch,
        "dunning/index.html",
        count=lambda: queries.count_letters(current_session(), **sought),
    )


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One letter with what it demands."""
    found = queries.letter_of(current_session(), number)
    return render_template(
        "dunning/show.html", found=found, head=found.head, phone=portal().settings.finance_phone
    )


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def pdf(number: str) -> Response:
    """The paper as it was sent."""
    return send_letter_paper(number)
