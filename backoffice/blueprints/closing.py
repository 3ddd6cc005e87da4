"""The month close: started by a person, worked off by jobs, watched here."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, send_file, url_for
from flask_babel import gettext, ngettext
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response

from portal.disputes.queries import disputes_of_statement
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.formats import month
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.statements import queries, rules
from portal.statements.answers import answer_of
from portal.statements.begin_close import begin_close
from portal.statements.pause_close import pause_close, resume_close
from portal.statements.queries import StatementRow
from portal.statements.retry_close import retry_close
from portal.statements.vocabulary import StatementRight
from portal.statements.workbook import XLSX, workbook_of
from portal.web import language
from portal.web.download_audit import undo_unsent_download
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, in_language
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.statement_page import paper_sent, paper_state, shown, version_of_address, versions_shown

blueprint = Blueprint("closing", __name__, url_prefix="/hq/closes")

STATEMENTS = Listing(
    "month-statements",
    N_("Statements"),
    (
        Column("dealer", N_("Dealer"), Kind.NAME),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("period", N_("Month"), Kind.PERIOD, shown=False, width="c-10"),
        Column("number", N_("Number"), Kind.CODE, width="c-16"),
        Column("version", N_("Version"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("state", N_("Status"), Kind.STATUS, status="statement", width="c-10", css="cell-corner"),
        Column("opening", N_("Opening balance"), Kind.MONEY, width="c-12"),
        Column("debits", N_("Charges"), Kind.MONEY, width="c-12"),
        Column("credits", N_("Credits"), Kind.MONEY, width="c-12"),
        Column("closing", N_("Closing balance"), Kind.MONEY, width="c-12", is_sortable=True),
        Column("overdue", N_("Overdue"), Kind.MONEY, width="c-10", is_sortable=True),
        Column("currency", N_("Currency"), shown=False, width="c-8"),
        Column("line_count", N_("Number of lines"), Kind.QUANTITY, shown=False, width="c-8"),
        Column("issued_at", N_("Issued on"), Kind.MOMENT, shown=False, width="c-15"),
    ),
)


class CloseForm(Form):
    """The month that shall be closed."""

    period: str


@blueprint.get("")
@requires(LedgerRight.READ, StatementRight.CLOSE)
def index() -> str:
    """The months of the books and which can be closed next."""
    at = clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    months = queries.closings(current_session(), through=clock.period_of(today), at=at)
    states = {month.period: month.state for month in months}
    next_period = rules.next_to_close(states, today) if current_actor().may(StatementRight.CLOSE) else None
    return render_template("backoffice/closing/index.html", months=months, next_period=next_period)


@blueprint.post("")
@requires(StatementRight.CLOSE)
def create() -> Response:
    """Shut a month and have every dealer's statement issued."""
    period, at = read_form(CloseForm).period, clock.now()
    today = clock.business_date(at, portal().settings.timezone)
    try:
        begin_close(current_session(), actor=current_actor(), period=period, today=today, at=at)
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        words = [refusal, *refusal.faults] if not refusal.faults else refusal.faults
        flash(" ".join(in_full(one) for one in words), "error")
        return redirect(url_for("closing.index"), 303)
    told = month(period, locale=in_language("zh", "en"))
    flash(
        gettext(
            "%(period)s is being closed. You can leave this page; it continues in the background.",
            period=told,
        ),
        "success",
    )
    return redirect(url_for("closing.show", period=period), 303)


@blueprint.get("/<period>")
@requires(LedgerRight.READ)
@takes_columns("column")
def show(period: str) -> str | Response:
    """Progress, failures and the statements of a month."""
    closing = queries.close_progress(current_session(), period=period, at=clock.now())
    if request.htmx and request.htmx.target == "progress":
        return _progress(closing)
    q, sort = request.args.get("q", "").strip(), sort_of_address(STATEMENTS)

    def fetch(cursor: str | None, limit: int) -> Page[StatementRow]:
        return queries.statements(
            current_session(), period=period, q=q, cursor=cursor, limit=limit, sort=sort
        )

    def count() -> int:
        return queries.count_statements(current_session(), period=period, q=q)

    def page_only() -> dict[str, Any]:
        return {"failed": queries.failed_tasks(current_session(), period=period)}

    template = "backoffice/closing/show.html"
    context = {"closing": closing, "q": q, "may_steer": current_actor().may(StatementRight.CLOSE)}
    return show_list(STATEMENTS, fetch, template, context, page_only=page_only, count=count)


@blueprint.post("/<period>/pause")
@requires(StatementRight.CLOSE)
def pause(period: str) -> Response:
    """Hand out no more statements until somebody says so."""
    return _steered(
        period,
        lambda: pause_close(current_session(), actor=current_actor(), period=period, at=clock.now()),
        gettext("The closing is paused; statements at hand are finished."),
    )


@blueprint.post("/<period>/resume")
@requires(StatementRight.CLOSE)
def resume(period: str) -> Response:
    """Go on."""
    return _steered(
        period,
        lambda: resume_close(current_session(), actor=current_actor(), period=period),
        gettext("The closing goes on."),
    )


def _steered(period: str, act: Callable[[], None], done: str) -> Response:
    """Do it and show the closing again, with why not if it was refused."""
    queries.close_progress(current_session(), period=period, at=clock.now())
    try:
        act()
    except Conflict as refusal:
        current_session().rollback()
        flash(in_full(refusal), "error")
    else:
        flash(done, "success")
    return redirect(url_for("closing.show", period=period), 303)


@blueprint.post("/<period>/retry")
@requires(StatementRight.CLOSE)
def retry(period: str) -> Response:
    """Try the failed dealers again."""
    count = retry_close(current_session(), actor=current_actor(), period=period)
    flash(
        ngettext(
            "%(count)s statement is being retried.",
            "%(count)s statements are being retried.",
            count,
            count=count,
        ),
        "success",
    )
    return redirect(url_for("closing.show", period=period), 303)


@blueprint.get("/statements/<number>")
@requires(LedgerRight.READ)
def statement(number: str) -> str:
    """A dealer's statement as the dealer sees it."""
    version = version_of_address()
    document = queries.document(current_session(), number=number, locale=language.current(), version=version)
    answer = answer_of(current_session(), number, version)
    return render_template(
        "backoffice/closing/statement.html",
        **shown(document),
        **versions_shown(document, answer),
        answer=answer,
        paper=paper_state(number, version),
        disputes=disputes_of_statement(current_session(), number),
        dispute_endpoint="disputes_desk.show",
        statement_endpoint="closing.statement",
        pdf_endpoint="closing.pdf",
        paper_endpoint="closing.paper",
    )


@blueprint.get("/statements/<number>.xlsx")
@requires(LedgerRight.READ)
def workbook(number: str) -> Response:
    """A dealer's statement as a workbook."""
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


@blueprint.get("/statements/<number>.pdf")
@requires(LedgerRight.READ)
def pdf(number: str) -> Response:
    """A dealer's statement as it is printed."""
    return paper_sent(number)


@blueprint.get("/statements/<number>/paper")
@requires(LedgerRight.READ)
def paper(number: str) -> str:
    """What is known of its PDF: asked for by the page until it is signed."""
    version = version_of_address()
    return render_template(
        "statements/_paper.html",
        number=number,
        named_version=version,
        paper=paper_state(number, version),
        pdf_endpoint="closing.pdf",
        paper_endpoint="closing.paper",
    )


def _progress(closing: Any) -> str | Response:
    """The bar alone while it moves; the whole page once it is done."""
    may_steer = current_actor().may(StatementRight.CLOSE)
    answer = make_response(
        render_block("backoffice/closing/show.html", "progress", closing=closing, may_steer=may_steer)
    )
    if closing.state != "closing":
        answer.headers["HX-Refresh"] = "true"
    return answer
