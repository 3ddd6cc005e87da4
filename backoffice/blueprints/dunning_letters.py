"""Dunning letters at headquarters: what was proposed and sent, on paper, and the interest of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dunning import queries
from portal.dunning.charge_interest import charge_interest
from portal.dunning.queries import LetterRow
from portal.dunning.rules import LetterState
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.dunning_page import send_letter_paper
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("dunning_letters_desk", __name__, url_prefix="/hq/dunning-letters")

READERS = (LedgerRight.READ, LedgerRight.POST)

LETTERS = Listing(
    "dunning-letters-desk",
    N_("Dunning letters"),
    (
        Column("number", N_("Letter"), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="dunning letter", width="c-12", css="cell-corner"),
        Column("level", N_("Level"), Kind.QUANTITY, width="c-8"),
        Column("amount", N_("Overdue"), Kind.MONEY, width="c-12"),
        Column("interest", N_("Interest"), Kind.MONEY, shown=False, width="c-12"),
        Column("interest_no", N_("Interest note"), Kind.CODE, shown=False, width="c-15"),
        Column("pay_by", N_("Pay by"), Kind.DATE, shown=False, width="c-10"),
        Column("run", N_("Run"), Kind.CODE, shown=False, width="c-18"),
        Column("made_at", N_("Proposed at"), Kind.MOMENT, shown=False, width="c-15", is_sortable=True),
        Column("sent_at", N_("Sent on"), Kind.MOMENT, width="c-15"),
    ),
    sort=str(queries.LETTERS.latest_first),
)


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Letters, the latest first."""
    said = {name: request.args.get(name, "").strip() for name in ("status", "level", "q")}
    level = typed.own_number(said["level"])
    sought: dict[str, Any] = {
        "state": said["status"] if said["status"] in list(LetterState) else "",
        "level": level if level in range(1, 6) else None,
        "q": said["q"],
    }
    sort = sort_of_address(LETTERS)

    def fetch(cursor: str | None, limit: int) -> Page[LetterRow]:
        return queries.letters(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def page_only() -> dict[str, Any]:
        return {
            "status_options": [(str(one), status_look("dunning letter", one).label) for one in LetterState],
            "level_options": [(str(one), gettext("Level %(level)s", level=one)) for one in range(1, 6)],
        }

    return show_list(
        LETTERS,
        fetch,
        "backoffice/dunning/letters.html",
        {"status": sought["state"], "level": said["level"], "q": sought["q"]},
        page_only=page_only,
        count=lambda: queries.count_letters(current_session(), **sought),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """One letter with its debts."""
    return _page(number)


@blueprint.get("/<number>.pdf")
@requires(*READERS)
def pdf(number: str) -> Response:
    """The paper as it was sent."""
    return send_letter_paper(number)


@blueprint.post("/<number>/interest")
@requires(LedgerRight.POST)
def interest(number: str) -> Answer:
    """Post the interest that it reckoned."""
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    queries.letter_of(current_session(), number)
    return acted(
        lambda: charge_interest(current_session(), actor=current_actor(), number=number, today=today, at=at),
        shown=lambda refusal: _page(number, refusal),
        then=lambda note: Said(
            gettext("The interest is posted: %(note)s.", note=note),
            url_for("dunning_letters_desk.show", number=number),
        ),
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    found = queries.letter_of(current_session(), number)
    head = found.head
    may_charge = current_actor().may(LedgerRight.POST) and head.state == LetterState.SENT
    return render_template(
        "backoffice/dunning/letter.html",
        found=found,
        head=head,
        may_charge=may_charge and head.interest > 0 and head.interest_no is None,
        **refused(refusal),
    )
