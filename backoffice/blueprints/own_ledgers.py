"""Dealers' own ledgers at headquarters: what differs from ours, answered and signed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers import queries
from portal.own_ledgers.queries import LedgerDetail, LedgerRow
from portal.web import own_ledger_page
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("own_ledgers_desk", __name__, url_prefix="/hq/own-ledgers")

OWN_LEDGERS = Listing(
    "own-ledgers-desk",
    N_("Dealers' ledgers"),
    (
        Column("number", N_("Ledger"), Kind.CODE, width="c-16"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="own_ledger", width="c-12", css="cell-corner"),
        Column("first_day", N_("First day"), Kind.DATE, width="c-10"),
        Column("last_day", N_("Last day"), Kind.DATE, width="c-10"),
        Column("difference_count", N_("Differences"), Kind.QUANTITY, width="c-8"),
        Column("unanswered", N_("Without your answer"), Kind.QUANTITY, width="c-10"),
        Column("difference", N_("Theirs less ours"), Kind.MONEY, width="c-15"),
        Column("signatures", N_("Signed by"), Kind.QUANTITY, shown=False, width="c-10"),
        Column("filename", N_("File"), shown=False),
        Column("uploaded_at", N_("Uploaded at"), Kind.MOMENT, shown=False, width="c-15"),
        Column("uploaded_by_label", N_("Uploaded by"), shown=False),
    ),
)


@blueprint.get("")
@requires(LedgerRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """Ledgers that dealers uploaded, the latest first."""

    def fetch(cursor: str | None, limit: int) -> Page[LedgerRow]:
        return queries.ledgers(current_session(), actor=current_actor(), cursor=cursor, limit=limit)

    def count() -> int:
        return queries.count_ledgers(current_session())

    return show_list(OWN_LEDGERS, fetch, "backoffice/own_ledgers/index.html", count=count)


@blueprint.get("/<number>")
@requires(LedgerRight.READ)
def show(number: str) -> str:
    """What differs in one ledger."""
    return _show(number)


@blueprint.post("/<number>/answers")
@requires(LedgerRight.POST)
@takes_columns("seen")
def answers(number: str) -> str | Response:
    """Accept, dispute or annotate what is ticked."""
    return own_ledger_page.answer(number, "own_ledgers_desk.show", lambda refusal: _show(number, refusal))


@blueprint.post("/<number>/signature")
@requires(LedgerRight.POST)
def signature(number: str) -> str | Response:
    """Sign the sheet for headquarters."""
    return own_ledger_page.sign(number, "own_ledgers_desk.show", lambda refusal: _show(number, refusal))


@blueprint.get("/<number>/file")
@requires(LedgerRight.READ)
def file(number: str) -> Response:
    """The dealer's file as it was uploaded."""
    return own_ledger_page.send_uploaded(number)


@blueprint.get("/<number>.pdf")
@requires(LedgerRight.READ)
def pdf(number: str) -> Response:
    """The reconciliation sheet as PDF."""
    return own_ledger_page.send_sheet(number, "pdf")


@blueprint.get("/<number>.xlsx")
@requires(LedgerRight.READ)
def xlsx(number: str) -> Response:
    """The reconciliation sheet as a workbook."""
    return own_ledger_page.send_sheet(number, "xlsx")


def _show(number: str, refusal: DomainError | None = None) -> str:
    found = queries.ledger(current_session(), actor=current_actor(), number=number)
    return render_template("backoffice/own_ledgers/show.html", **_context(found, refusal))


def _context(found: LedgerDetail, refusal: DomainError | None) -> dict[str, Any]:
    may_answer = current_actor().may(LedgerRight.POST)
    return {
        "found": found,
        "unread": [in_full(one) for one in own_ledger_page.unread(found)],
        **own_ledger_page.result_context(found, "own_ledgers_desk.show", may_answer),
        **own_ledger_page.refusal_context(refusal),
    }
