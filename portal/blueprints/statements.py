"""Monthly statements of the dealer: on screen, as PDF and as workbook, and confirmed here."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.disputes.queries import disputes_of_statement
from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.kernel.paging import Page
from portal.statements import queries
from portal.statements.answers import answer_of
from portal.statements.confirm_statement import confirm_statement
from portal.statements.queries import StatementRow
from portal.statements.rules import (
    CONFIRM_MONTHS,
    TRANSITIONS,
    StatementAct,
    StatementState,
    first_to_confirm,
)
from portal.statements.vocabulary import StatementRight
from portal.statements.workbook import XLSX, workbook_of
from portal.web import language
from portal.web.acting import Answer, acted
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import Form, OwnNumber, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.signature_means import means_of_request
from portal.web.statement_page import paper_sent, paper_state, shown, version_of_address, versions_shown
from portal.web.status_looks import status_look

blueprint = Blueprint("statements", __name__, url_prefix="/statements")
blueprint.context_processor(dealer_frame)


class ConfirmForm(Form):
    """The signature under a confirmation. version: of what was looked at."""

    name: str
    version: OwnNumber


STATEMENTS = Listing(
    "statements",
    N_("Statements"),
    (
        Column("period", N_("Month"), Kind.PERIOD, is_sortable=True),
        Column("number", N_("Number"), Kind.CODE, width="c-15"),
        Column("version", N_("Version"), Kind.QUANTITY, shown=False),
        Column("state", N_("Status"), Kind.STATUS, status="statement", css="cell-corner"),
        Column("opening", N_("Opening balance"), Kind.MONEY),
        Column("debits", N_("Charges"), Kind.MONEY),
        Column("credits", N_("Credits"), Kind.MONEY),
        Column("closing", N_("Closing balance"), Kind.MONEY, is_sortable=True),
        Column("overdue", N_("Overdue"), Kind.MONEY, is_sortable=True),
        Column("currency", N_("Currency"), shown=False),
        Column("line_count", N_("Number of lines"), Kind.QUANTITY, shown=False),
        Column("issued_at", N_("Issued on"), Kind.MOMENT, shown=False),
    ),
    sort=str(queries.LATEST_FIRST),
)


@blueprint.get("")
@requires(StatementRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's statements, newest first."""

    sort, said = sort_of_address(STATEMENTS), request.args.get("status", "")
    sought: dict[str, Any] = {
        "dealer_id": current_actor().own_dealer_id,
        "state": said if said in (queries.TO_CONFIRM, *StatementState) else "",
        "first": first_to_confirm(clock.business_date(clock.now(), portal().settings.timezone)),
    }

    def fetch(cursor: str | None, limit: int) -> Page[StatementRow]:
        return queries.statements(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    def count() -> int:
        return queries.count_statements(current_session(), **sought)

    def page_only() -> dict[str, Any]:
        options = [(str(one), status_look("statement", one).label) for one in StatementState]
        return {"status_options": [(queries.TO_CONFIRM, gettext("To confirm")), *options]}

    context = {"status": sought["state"], "to_confirm": queries.TO_CONFIRM, "months": CONFIRM_MONTHS}
    return show_list(STATEMENTS, fetch, "statements/index.html", context, page_only=page_only, count=count)


@blueprint.get("/<number>")
@requires(StatementRight.READ)
def show(number: str) -> str:
    """One statement with every document: the same data as the PDF."""
    return _page(number)


@blueprint.post("/<number>/confirmation")
@requires(StatementRight.CONFIRM)
def confirmation(number: str) -> Answer:
    """Confirm what it says."""
    form = read_form(ConfirmForm)
    return acted(
        lambda: confirm_statement(
            current_session(),
            actor=current_actor(),
            number=number,
            name=form.name,
            means=means_of_request(),
            at=clock.now(),
            version=form.version or None,
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(
            gettext("The statement is confirmed."), url_for("statements.show", number=number)
        ),
    )


@blueprint.get("/<number>.xlsx")
@requires(StatementRight.READ)
def workbook(number: str) -> Response:
    """The statement as a workbook, in the visitor's language."""
    book = workbook_of(
        current_session(),
        actor=current_actor(),
        number=number,
        locale=language.current(),
        version=version_of_address(),
    )
    return undo_unsent_download(
        send_file(BytesIO(book.content), mimetype=XLSX, download_name=book.filename, etag=book.sha256)
    )


@blueprint.get("/<number>.pdf")
@requires(StatementRight.READ)
def pdf(number: str) -> Response:
    """The statement as it is printed, in the visitor's language."""
    return paper_sent(number)


@blueprint.get("/<number>/paper")
@requires(StatementRight.READ)
def paper(number: str) -> str:
    """What is known of its PDF: asked for by the page until it is signed."""
    version = version_of_address()
    return render_template(
        "statements/_paper.html",
        number=number,
        named_version=version,
        paper=paper_state(number, version),
        pdf_endpoint="statements.pdf",
        paper_endpoint="statements.paper",
    )


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    version = version_of_address()
    document = queries.document(session, number=number, locale=language.current(), version=version)
    answer = answer_of(session, number, version)
    may = actor.may(StatementRight.CONFIRM) and not answer.is_superseded
    acts = TRANSITIONS[answer.state] if may else {}
    return render_template(
        "statements/show.html",
        **shown(document),
        answer=answer,
        paper=paper_state(number, version),
        disputes=disputes_of_statement(session, number),
        dispute_endpoint="disputes.show",
        **versions_shown(document, answer),
        statement_endpoint="statements.show",
        pdf_endpoint="statements.pdf",
        paper_endpoint="statements.paper",
        may_confirm=StatementAct.CONFIRM in acts,
        may_dispute=StatementAct.DISPUTE in acts,
        name_typed=read_form(ConfirmForm).name if refusal else "",
        refusal=in_full(refusal) if refusal and not refusal.faults else "",
        name_errors=[in_full(one) for one in (refusal.faults if refusal else ())],
    )
