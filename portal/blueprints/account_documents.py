"""A dealer's deposits and refunds, what was written off for it, and what came from earlier books."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.ledger import documents
from portal.ledger.deposits import held
from portal.ledger.document_queries import (
    DocumentRow,
    account_document,
    account_documents,
    count_documents,
)
from portal.ledger.words import DOCUMENT_KINDS, ENTRY_KINDS, METHODS
from portal.statements.vocabulary import StatementRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session

blueprint = Blueprint("own_account_documents", __name__, url_prefix="/account-documents")
blueprint.context_processor(dealer_frame)

DOCUMENTS = Listing(
    "own-account-documents",
    N_("Deposits and refunds"),
    (
        Column("number", N_("Document"), Kind.CODE),
        Column("kind", N_("Kind"), Kind.WORD, words=DOCUMENT_KINDS, css="cell-corner"),
        Column("source", N_("Came of"), Kind.CODE),
        Column("issued_on", N_("Date"), Kind.DATE),
        Column("due_on", N_("Due"), Kind.DATE, shown=False),
        Column("amount", N_("Amount"), Kind.MONEY),
        Column("left", N_("Still held"), Kind.MONEY),
    ),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's documents, the latest first."""
    session, dealer_id = current_session(), current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[DocumentRow]:
        return account_documents(session, dealer_id=dealer_id, cursor=cursor, limit=limit)

    return show_list(
        DOCUMENTS,
        fetch,
        "account_documents/index.html",
        page_only=lambda: {"held": held(session, dealer_id)},
        count=lambda: count_documents(session, dealer_id=dealer_id),
    )


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One document with what settles with it."""
    found = account_document(current_session(), number)
    return render_template(
        "account_documents/show.html",
        found=found,
        allocations=documents.allocations(current_session(), found),
        kinds=labels(ENTRY_KINDS),
        methods={str(method): word for method, word in labels(METHODS).items()},
    )
