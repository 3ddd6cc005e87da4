"""Monthly statements of the dealer, on screen and as PDF."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, render_template, send_file
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.statements import queries
from portal.statements.ensure_pdf import ensure_pdf
from portal.statements.queries import StatementRow
from portal.statements.vocabulary import StatementRight
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.statement_page import shown

blueprint = Blueprint("statements", __name__, url_prefix="/statements")
blueprint.context_processor(dealer_frame)

STATEMENTS = Listing(
    "statements",
    N_("Statements"),
    (
        Column("period", N_("Month"), Kind.PERIOD, is_sortable=True),
        Column("number", N_("Number"), Kind.CODE),
        Column("opening", N_("Opening balance"), Kind.MONEY),
        Column("debits", N_("Charges"), Kind.MONEY),
        Column("credits", N_("Credits"), Kind.MONEY),
        Column("closing", N_("Closing balance"), Kind.MONEY, is_sortable=True),
        Column("overdue", N_("Overdue"), Kind.MONEY, is_sortable=True),
        Column("currency", N_("Currency"), shown=False),
        Column("line_count", N_("Lines"), Kind.QUANTITY, shown=False),
        Column("issued_at", N_("Issued on"), Kind.MOMENT, shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's statements, newest first."""

    sort, dealer_id = sort_of_address(STATEMENTS), current_actor().own_dealer_id

    def fetch(cursor: str | None, limit: int) -> Page[StatementRow]:
        session = current_session()
        return queries.statements(session, dealer_id=dealer_id, cursor=cursor, limit=limit, sort=sort)

    def count() -> int:
        return queries.count_statements(current_session(), dealer_id=dealer_id)

    return show_list(STATEMENTS, fetch, "statements/index.html", count=count)


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One statement with every document: the same data as the PDF."""
    document = queries.document(current_session(), number=number, locale=language.current())
    return render_template("statements/show.html", **shown(document))


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def pdf(number: str) -> Response:
    """The statement as it is printed, in the visitor's language."""
    paper = ensure_pdf(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=language.current(),
        at=clock.now(),
    )
    return undo_unsent_download(
        send_file(
            BytesIO(paper.content),
            mimetype="application/pdf",
            download_name=paper.filename,
            etag=paper.sha256,
        )
    )
