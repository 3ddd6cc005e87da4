"""A dealer's account, its documents with what settles them, and how finance puts one right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import dealer_id_of, load_dealer
from portal.kernel import clock, idempotency, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.kernel.numbering import new_token
from portal.kernel.paging import Page
from portal.ledger import corrections, documents
from portal.ledger.corrections import Correction
from portal.ledger.deposits import held
from portal.ledger.documents import AccountRow
from portal.ledger.issued import IssuedInvoice, issued_invoice
from portal.ledger.post_credit_note import Returned
from portal.ledger.propose_correction import (
    propose_credit_note,
    propose_reversal,
    propose_service_reversal,
)
from portal.ledger.queries import position
from portal.ledger.rules import CorrectionState
from portal.ledger.vocabulary import LedgerRight
from portal.ledger.words import ENTRY_KINDS, METHODS
from portal.web.forms import Form, read_form, rows_of_form, takes_columns
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.invoice_page import send_invoice
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request

blueprint = Blueprint("ledger", __name__, url_prefix="/hq")

ENTRIES = Listing(
    "account",
    N_("Dealer account"),
    (
        Column("document_no", N_("Document")),
        Column("kind", N_("Kind"), Kind.WORD, words=ENTRY_KINDS, css="cell-corner"),
        Column("reference", N_("Reference"), shown=False),
        Column("occurred_on", N_("Date"), Kind.DATE),
        Column("due_on", N_("Due"), Kind.DATE),
        Column("period", N_("Period"), Kind.PERIOD),
        Column("late", N_("Late"), Kind.FLAG, shown=False),
        Column("receivable", N_("Amount"), Kind.MONEY),
        Column("open", N_("Open amount"), Kind.MONEY),
        Column("is_reversed", N_("Reversed"), Kind.FLAG, shown=False),
    ),
)


class CorrectionForm(Form):
    """Why a document is corrected."""

    reason: str


@blueprint.get("/dealers/<code>/ledger")
@requires(LedgerRight.READ)
@takes_columns("column")
def account(code: str) -> str | Response:
    """What was posted to a dealer's account, the latest first."""
    session = current_session()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    dealer = load_dealer(session, dealer_id_of(session, code), day=today)

    def fetch(cursor: str | None, limit: int) -> Page[AccountRow]:
        return documents.account(session, dealer_id=dealer.id, cursor=cursor, limit=limit)

    return show_list(
        ENTRIES,
        fetch,
        "backoffice/ledger/account.html",
        {"dealer": dealer, "kinds": labels(ENTRY_KINDS)},
        page_only=lambda: {
            "position": position(session, dealer.id),
            "deposits": held(session, dealer.id),
            "may_post": current_actor().may(LedgerRight.POST),
        },
        count=lambda: documents.count_entries(session, dealer_id=dealer.id),
        dealer_id=dealer.id,
    )


@blueprint.get("/payments/<number>")
@requires(LedgerRight.READ)
def payment(number: str) -> str:
    """A payment with what it settles."""
    return render_template("backoffice/ledger/payment.html", **_payment_context(number))


@blueprint.post("/payments/<number>/reversal")
@requires(LedgerRight.READ)
@requires(LedgerRight.POST)
@fresh_sign_in
def reversal(number: str) -> str | Response:
    """Take a payment back, or ask for it."""

    def act() -> Correction:
        return propose_reversal(
            current_session(),
            actor=current_actor(),
            payment_number=number,
            reason=read_form(CorrectionForm).reason,
            **_now(),
            **_alone(),
        )

    return _correct(
        act,
        number,
        lambda refusal: render_template(
            "backoffice/ledger/payment.html", **_payment_context(number, refusal)
        ),
    )


@blueprint.get("/invoices/<number>")
@requires(LedgerRight.READ)
def invoice(number: str) -> str:
    """An invoice or credit note with what settles it."""
    return _invoice_page(number)


@blueprint.get("/invoices/<number>.pdf")
@requires(LedgerRight.READ)
def invoice_pdf(number: str) -> Response:
    """The invoice as it is printed."""
    return send_invoice(number)


@blueprint.post("/invoices/<number>/reversal")
@requires(LedgerRight.READ)
@requires(LedgerRight.POST)
def service_reversal(number: str) -> str | Response:
    """Take a service invoice back, or ask for it."""

    def act() -> Correction:
        return propose_service_reversal(
            current_session(),
            actor=current_actor(),
            invoice_number=number,
            reason=read_form(CorrectionForm).reason,
            **_now(),
            **_alone(),
        )

    return _correct(act, number, lambda refusal: _invoice_page(number, refusal))


@blueprint.post("/invoices/<number>/credit-notes")
@requires(LedgerRight.READ)
@requires(LedgerRight.POST)
@takes_columns("line", "lot", "quantity")
def credit_note(number: str) -> str | Response:
    """Credit what came back, or ask for it."""

    def act() -> Correction:
        now = _now()
        return propose_credit_note(
            current_session(),
            actor=current_actor(),
            invoice_number=number,
            lines=_returned(),
            reason=read_form(CorrectionForm).reason,
            on=now["today"],
            at=now["at"],
            **_alone(),
        )

    return _correct(act, number, lambda refusal: _invoice_page(number, refusal))


def _invoice_page(number: str, refusal: DomainError | None = None) -> str:
    """Of goods with what was shipped, of a service with its lines."""
    found = issued_invoice(current_session(), number)
    if not found.is_service:
        return render_template("backoffice/ledger/invoice.html", **_invoice_context(number, refusal))
    context = _context(found, refusal) | {
        "invoice": found,
        "may_reverse": current_actor().may(LedgerRight.POST) and found.reversed_at is None,
    }
    return render_template("backoffice/ledger/service_invoice.html", **context)


def _correct(
    act: Callable[[], Correction], number: str, shown: Callable[[DomainError], str]
) -> str | Response:
    """Do it once however often the form is sent, and show the document again.

    A refusal stands on its page with what was typed.
    """
    session, actor, form = current_session(), current_actor(), request.form
    sent = [(name, form.getlist(name)) for name in sorted(form) if name != "csrf_token"]
    fingerprint = hashlib.sha256(repr((request.path, sent)).encode()).hexdigest()
    key = f"correction-{form.get('idempotency_key', '')[:64]}-{fingerprint}"
    try:
        if idempotency.remembered(session, actor=actor, key=key, fingerprint=fingerprint) is None:
            correction = act()
            idempotency.remember(session, actor=actor, key=key, status=303, body="{}")
            flash(_said(correction), "success")
    except (Invalid, Conflict) as refusal:
        session.rollback()
        return make_response(shown(refusal), 422 if isinstance(refusal, Invalid) else 409)
    endpoint = "payment" if request.endpoint == "ledger.reversal" else "invoice"
    return redirect(url_for(f"ledger.{endpoint}", number=number), 303)


def _said(correction: Correction) -> str:
    if correction.state == CorrectionState.WAITING:
        return gettext(
            "%(request)s now waits for another person to approve it.", request=correction.request_no
        )
    return gettext("%(number)s has been posted.", number=correction.document_no)


def _filled_in() -> list[tuple[int, str, str, str]]:
    """The rows in which a quantity was typed: place in the form, order line, lot, what was typed."""
    rows = rows_of_form("line", "lot", "quantity")
    return [
        (place, line, lot, quantity) for place, (line, lot, quantity) in enumerate(rows) if quantity.strip()
    ]


def _returned() -> list[Returned]:
    """What came back. Raises Invalid for every quantity that is none."""
    faults: list[Fault] = []
    returned = []
    for index, (_, line, lot, quantity) in enumerate(_filled_in()):
        units = typed.field(typed.quantity, quantity, f"/lines/{index}/quantity", faults)
        returned.append(Returned(typed.own_number(line) or 0, units or 0, lot))
    if faults:
        raise Invalid(faults=faults)
    return returned


def _payment_context(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    found = documents.payment(current_session(), number)
    return _context(found, refusal) | {
        "payment": found,
        "methods": {str(method): word for method, word in labels(METHODS).items()},
        "may_reverse": current_actor().may(LedgerRight.POST) and found.reversed_at is None,
    }


def _invoice_context(number: str, refusal: DomainError | None = None) -> dict[str, Any]:
    session = current_session()
    found = documents.invoice(session, number)
    units = documents.shipped_units(session, found) if found.kind == "invoice" else []
    places = [place for place, *_ in _filled_in()]
    faults = refusal.faults if refusal else ()
    return _context(found, refusal) | {
        "invoice": found,
        "units": units,
        "typed_units": request.form.getlist("quantity"),
        "line_faults": {
            place: [fault for fault in faults if fault.pointer.startswith(f"/lines/{index}/")]
            for index, place in enumerate(places)
        },
        "may_credit": current_actor().may(LedgerRight.POST)
        and any(row.returned < row.quantity for row in units),
    }


def _context(
    found: documents.PaymentDocument | documents.InvoiceDocument | IssuedInvoice,
    refusal: DomainError | None,
) -> dict[str, Any]:
    session = current_session()
    faults = refusal.faults if refusal else ()
    asked = corrections.requests_about(session, dealer_id=found.dealer_id, subject=found.number)
    return {
        "allocations": documents.allocations(session, found),
        "requests": asked,
        "waits": any(one.state == CorrectionState.WAITING for one in asked),
        "kinds": labels(ENTRY_KINDS),
        "alone_max": portal().settings.correction_alone_max,
        "refusal": refusal,
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "typed": request.form,
        "idempotency_key": request.form.get("idempotency_key") or new_token(),
    }


def _now() -> dict[str, Any]:
    at = clock.now()
    return {"at": at, "today": clock.business_date(at, portal().settings.timezone)}


def _alone() -> dict[str, Any]:
    return {"alone_max": portal().settings.correction_alone_max}
