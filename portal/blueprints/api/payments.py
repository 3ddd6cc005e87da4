"""A dealer pays online, and reads its payments with their receipts."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.payments import (
    BegunShape,
    CancelledShape,
    PayBody,
    PaymentDetailShape,
    PaymentsPage,
    PaymentsQuery,
)
from portal.kernel.errors import N_
from portal.kernel.money import ZERO
from portal.ledger import documents
from portal.ledger.documents import PaymentDocument
from portal.ledger.vocabulary import LedgerRight
from portal.payments import queries
from portal.payments.begin_payment import PREFIX, Request
from portal.payments.manifest import CHAPTER
from portal.payments.queries import BookedRow, OnlineDetail
from portal.payments.rules import METHOD
from portal.payments.vocabulary import PaymentRight
from portal.statements.vocabulary import StatementRight
from portal.web import pay_page
from portal.web.api.buyer import buyer_id
from portal.web.api.keys import idempotency_of
from portal.web.api.operations import PDF, Answer, operation
from portal.web.presentation import in_language
from portal.web.request import current_session, portal

READERS = (StatementRight.READ, LedgerRight.READ)


@operation(
    "POST",
    "/payments",
    tag=CHAPTER,
    rights=(PaymentRight.CREATE,),
    body=PayBody,
    answers=BegunShape,
    status=201,
    creates=True,
    keeps_keys=True,
    conflicts=True,
    located="/payments/{number}",
    summary=N_("Begin to pay online"),
    about=N_(
        "Makes a PaymentIntent at Stripe. It is booked when Stripe says that it was paid, not before. "
        "Where the portal has no keys of Stripe there is no such call."
    ),
)
def create(body: PayBody) -> Answer:
    taken = idempotency_of(body.model_dump(mode="json"))
    request = Request(taken.key, taken.fingerprint) if taken else None
    begun, intent = pay_page.begin(body.invoices, body.amount, request)
    settings = portal().settings
    found = queries.online_payment(current_session(), begun.number)
    return Answer(
        {
            "id": begun.number,
            "number": begun.number,
            "state": found.state,
            "amount": begun.amount,
            "currency": begun.currency,
            "invoices": list(found.invoices),
            "client_secret": intent.secret,
            "publishable_key": settings.stripe_publishable_key,
            "redirect_url": f"{settings.base_url.rstrip('/')}/online-payments/{begun.number}",
        },
        201,
    )


@operation(
    "GET",
    "/payments",
    tag=CHAPTER,
    rights=READERS,
    query=PaymentsQuery,
    answers=PaymentsPage,
    summary=N_("Payments in the books, the latest first"),
    about=N_("However they came: by bank, online, or booked by hand."),
)
def index(query: PaymentsQuery) -> dict[str, Any]:
    page = queries.booked_payments(
        current_session(), dealer_id=buyer_id(query.dealer), limit=query.limit, cursor=query.cursor
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/payments/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=PaymentDetailShape,
    summary=N_("One payment"),
    about=N_("In the books with what it settled, or online with where it stands."),
)
def show(number: str) -> dict[str, Any]:
    if number.startswith(PREFIX):
        return _online(queries.online_payment(current_session(), number))
    return _booked(documents.payment(current_session(), number))


@operation(
    "GET",
    "/payments/<number>/receipt.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    conflicts=True,
    summary=N_("The receipt of a payment as PDF"),
    about=N_("In the language of Accept-Language. Every download is written to the audit."),
)
def receipt(number: str) -> Response:
    found = pay_page.receipt(number, in_language("zh", "en"))
    headers = {"Content-Disposition": f'attachment; filename="{found.filename}"'}
    return Response(found.content, mimetype=PDF, headers=headers)


@operation(
    "POST",
    "/payments/<number>/cancellation",
    tag=CHAPTER,
    rights=(PaymentRight.CREATE,),
    answers=CancelledShape,
    conflicts=True,
    summary=N_("Give an online payment up"),
    about=N_("As long as nothing was paid; Stripe is told."),
)
def cancel(number: str) -> dict[str, Any]:
    pay_page.cancel(number)
    return {"number": number, "state": "cancelled"}


def _row(one: BookedRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "received_on": one.received_on,
        "method": one.method,
        "reference": one.reference,
        "amount": one.amount,
        "unallocated": one.unallocated,
        "online": one.online,
        "reversed": one.is_reversed,
        "posted_at": one.posted_at,
    }


def _booked(found: PaymentDocument) -> dict[str, Any]:
    session = current_session()
    return {
        "number": found.number,
        "state": "booked" if found.reversed_at is None else "reversed",
        "amount": found.amount,
        "currency": portal().settings.currency,
        "method": found.method,
        "reference": found.reference,
        "received_on": found.received_on,
        "payment": found.number,
        "online": queries.online_of(session, dealer_id=found.dealer_id, payment_no=found.number),
        "refunded": ZERO,
        "invoices": [],
        "settles": [
            {"document": one.document_no, "kind": one.kind, "amount": one.amount}
            for one in documents.allocations(session, found)
        ],
    }


def _online(found: OnlineDetail) -> dict[str, Any]:
    return {
        "number": found.number,
        "state": found.state,
        "amount": found.amount,
        "currency": found.currency,
        "method": METHOD,
        "reference": found.intent,
        "received_on": None,
        "payment": found.payment_no,
        "online": found.number,
        "refunded": found.refunded,
        "invoices": list(found.invoices),
        "settles": [],
    }
