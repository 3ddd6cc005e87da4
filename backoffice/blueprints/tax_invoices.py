"""Tax invoices at headquarters: taken in, held against our documents, accepted or removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from flask import Blueprint, make_response, render_template, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import ENTRY_KINDS
from portal.tax_invoices import queries
from portal.tax_invoices.decide import accept_tax_invoice, remove_tax_invoice
from portal.tax_invoices.our_document import charged, lines_of
from portal.tax_invoices.queries import TaxInvoiceRow
from portal.tax_invoices.read_rules import SIZE_MAX, read_tax_invoice
from portal.tax_invoices.red_form_rules import RedFormState, later_states, void_at
from portal.tax_invoices.red_forms import note_red_form
from portal.tax_invoices.rules import State
from portal.tax_invoices.take_tax_invoice import Outcome, take_tax_invoices
from portal.tax_invoices.words import KINDS, VERDICTS
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, Moment, Money, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said
from portal.web.status_looks import status_look

blueprint = Blueprint("tax_invoices_desk", __name__, url_prefix="/hq/tax-invoices")

READERS = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE)
FILES_MAX = 50  # at once
MISSING_AFTER, MISSING_WITHIN = timedelta(days=7), timedelta(days=92)

TAX_INVOICES = Listing(
    "tax-invoices",
    N_("Tax invoices"),
    (
        Column("number", N_("Tax invoice"), Kind.CODE, width="c-20"),
        Column("document", N_("Document"), Kind.CODE, width="c-18"),
        Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        Column("state", N_("Status"), Kind.STATUS, status="tax invoice", width="c-12", css="cell-corner"),
        Column("verdict", N_("Comparison"), Kind.WORD, words=VERDICTS, shown=False, width="c-12"),
        Column("issued_on", N_("Issued on"), Kind.DATE, width="c-12"),
        Column("net", N_("Net"), Kind.MONEY, shown=False, width="c-12"),
        Column("tax", N_("VAT"), Kind.MONEY, shown=False, width="c-12"),
        Column("gross", N_("Amount"), Kind.MONEY, width="c-12"),
        Column("taken_at", N_("Taken in"), Kind.MOMENT, shown=False, is_sortable=True, width="c-15"),
        Column("taken_by_label", N_("Taken in by"), shown=False, width="c-12"),
    ),
    sort=str(queries.LATEST_FIRST),
)


class SendForm(Form):
    """A file is sent with the document where it does not name one."""

    document: Stripped


class RedFormForm(Form):
    """A red-letter confirmation form as the tax platform shows it."""

    number: Stripped
    gross: Money
    state: RedFormState
    asked_at: Moment


class ReasonForm(Form):
    """Why a tax invoice stands although it differs, or goes. sha256: of the file that was looked at."""

    reason: str
    sha256: Stripped


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def index() -> str | Response:
    """Tax invoices, the latest first, or those in one state."""
    said = request.args.get("state", "")
    sought: dict[str, Any] = {
        "state": said if said in list(State) else "",
        "q": request.args.get("q", "").strip(),
    }
    sort = sort_of_address(TAX_INVOICES)

    def fetch(cursor: str | None, limit: int) -> Page[TaxInvoiceRow]:
        return queries.tax_invoices(current_session(), cursor=cursor, limit=limit, sort=sort, **sought)

    return show_list(
        TAX_INVOICES,
        fetch,
        "backoffice/tax_invoices/index.html",
        {**sought, **_sending(None)},
        page_only=lambda: {
            "status_options": [(str(one), status_look("tax invoice", one).label) for one in State]
        },
        count=lambda: queries.count_tax_invoices(current_session(), **sought),
    )


@blueprint.post("")
@requires(LedgerRight.POST)
def send() -> Answer:
    """Take in files; those that are refused keep no other out."""
    sent, form = request.files.getlist("file"), read_form(SendForm)
    files = [(one.filename or "", one.read(SIZE_MAX + 1)) for one in sent if one.filename]
    if not files or len(files) > FILES_MAX:
        message = N_("Choose from 1 to %(max)s files.")
        fix = N_("Choose the XML files of the tax platform.")
        fault = Fault("/file", "files", message, fix, {"max": FILES_MAX})
        return _outcomes([Outcome("", None, Invalid(faults=[fault]))])
    outcomes = take_tax_invoices(
        current_session(),
        actor=current_actor(),
        files=files,
        seller=portal().settings.company_credit_code,
        document=form.document,
        at=clock.now(),
    )
    return _outcomes(outcomes)


@blueprint.get("/missing")
@requires(*READERS)
def missing() -> str:
    """Documents of the last quarter that no tax invoice stands beside."""
    today = clock.business_date(clock.now(), portal().settings.timezone)
    first, last = today - MISSING_WITHIN, today - MISSING_AFTER
    return render_template(
        "backoffice/tax_invoices/missing.html",
        rows=queries.missing(current_session(), first=first, last=last),
        first=first,
        last=last,
        most=queries.MISSING_MAX,
        kinds=labels(ENTRY_KINDS),
    )


@blueprint.get("/<number>")
@requires(*READERS)
def show(number: str) -> str:
    """A tax invoice beside our document."""
    return _page(number)


@blueprint.get("/<number>.xml")
@requires(*READERS)
def xml(number: str) -> Response:
    """The file as it came."""
    return send_file(
        BytesIO(queries.content_of(current_session(), number)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"{number}.xml",
    )


@blueprint.post("/<number>/acceptance")
@requires(LedgerRight.APPROVE)
def acceptance(number: str) -> Answer:
    """Let it stand although it differs."""
    return _decided(number, accept_tax_invoice, gettext("The tax invoice stands."))


@blueprint.post("/<number>/red-forms")
@requires(LedgerRight.POST)
def red_form(number: str) -> Answer:
    """Note a red-letter confirmation form, or where one stands now."""
    at = clock.now()

    def act() -> None:
        session, form = current_session(), read_form(RedFormForm)
        queries.tax_invoice_of(session, number)
        note_red_form(
            session,
            actor=current_actor(),
            number=form.number,
            blue=number,
            gross=form.gross,
            state=form.state,
            asked_at=form.asked_at,
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(gettext("The form is noted."), url_for("tax_invoices_desk.show", number=number)),
    )


@blueprint.post("/<number>/removal")
@requires(LedgerRight.POST)
def removal(number: str) -> Answer:
    """Take it off its document."""
    return _decided(number, remove_tax_invoice, gettext("The tax invoice has been removed."))


def _decided(number: str, verb: Any, words: str) -> Answer:
    form = read_form(ReasonForm)
    return acted(
        lambda: verb(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=form.reason,
            at=clock.now(),
            sha256=form.sha256 or None,
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(words, url_for("tax_invoices_desk.show", number=number)),
    )


def _outcomes(outcomes: list[Outcome]) -> Response:
    """What became of each file; 422 where all were refused."""
    rows = [
        {
            "name": one.name,
            "taken": one.taken,
            "refusals": [] if one.refusal is None else one.refusal.faults or [one.refusal],
        }
        for one in outcomes
    ]
    page = render_template("backoffice/tax_invoices/outcomes.html", rows=rows, **_sending(None))
    return make_response(page, 200 if any(one.taken for one in outcomes) else 422)


def _sending(refusal: DomainError | None) -> dict[str, Any]:
    return {"may_send": current_actor().may(LedgerRight.POST), **refused(refusal)}


def _shown(difference: Mapping[str, Any]) -> dict[str, Any]:
    """A difference with every member, whatever was kept of it."""
    amount = difference.get("amount")
    said = {name: difference.get(name, "") for name in ("kind", "name", "ours", "theirs")}
    return said | {"lines": difference.get("lines", []), "amount": Decimal(amount) if amount else None}


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    found = queries.tax_invoice_of(session, number)
    ours = lines_of(session, charged(session, found.document), seller=portal().settings.company_credit_code)
    forms = queries.forms_of(session, found.dealer_id, found.number)
    may = actor.may(LedgerRight.POST) and found.state != State.REMOVED
    differs = found.state == State.DIFFERS and actor.may(LedgerRight.APPROVE)
    return render_template(
        "backoffice/tax_invoices/show.html",
        found=found,
        differences=[_shown(one) for one in found.differences],
        theirs=read_tax_invoice(queries.content_of(session, number)),
        ours=ours,
        words=labels(KINDS),
        verdicts=labels(VERDICTS),
        forms=[(one, void_at(one.asked_at), later_states(RedFormState(one.state))) for one in forms],
        state_options=[(str(one), status_look("red form", one).label) for one in RedFormState],
        may_accept=differs and found.taken_by != actor.key,
        waits_for_another=differs and found.taken_by == actor.key,
        may_remove=may and found.red_no is None,
        may_note=may and found.gross > 0,
        **refused(refusal),
    )
