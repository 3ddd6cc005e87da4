"""Documents put right by reversals and credit notes.

Asked for by one person and, above an amount, decided on by another.
"""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.corrections import (
    BookedPaymentShape,
    CorrectionRequestPage,
    CorrectionRequestShape,
    CorrectionRequestsQuery,
    CorrectionShape,
    CreditNoteBody,
    ReasonBody,
)
from portal.kernel.errors import N_
from portal.ledger import corrections, documents
from portal.ledger.corrections import Correction, RequestedCorrection
from portal.ledger.decide_correction import approve_correction, reject_correction
from portal.ledger.kinds import CorrectionKind
from portal.ledger.post_credit_note import Returned
from portal.ledger.propose_correction import (
    propose_credit_note,
    propose_reversal,
    propose_service_reversal,
)
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

POSTERS = (LedgerRight.POST,)
APPROVERS = (LedgerRight.APPROVE,)
READERS = (LedgerRight.READ, *POSTERS, *APPROVERS)


@operation(
    "GET",
    "/hq/payments/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=BookedPaymentShape,
    summary=N_("A payment and what it settles"),
    about=N_(
        "Allocations stand in the order in which they were posted; "
        "one that was undone follows with the opposite sign."
    ),
)
def payment(number: str) -> dict[str, Any]:
    found = documents.payment(current_session(), number)
    return {
        "number": found.number,
        "dealer": found.dealer_code,
        "amount": found.amount,
        "received_on": found.received_on,
        "method": found.method,
        "reference": found.reference,
        "period": found.period,
        "reversed_at": found.reversed_at,
        "unallocated": found.unallocated,
        "allocations": [
            {
                "document_no": row.document_no,
                "kind": row.kind,
                "amount": row.amount,
                "period": row.period,
                "posted_at": row.posted_at,
            }
            for row in documents.allocations(current_session(), found)
        ],
    }


@operation(
    "POST",
    "/hq/payments/<number>/reversal",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=ReasonBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Reverse a payment"),
    about=N_(
        "What it settled is owed again. "
        "A large one waits for another person: `state` says so, `request` names the request."
    ),
)
def reverse(number: str, body: ReasonBody) -> Answer:
    at, today = now_and_today()
    correction = propose_reversal(
        current_session(),
        actor=current_actor(),
        payment_number=number,
        reason=body.reason,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "POST",
    "/hq/invoices/<number>/reversal",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=ReasonBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Reverse a service invoice"),
    about=N_(
        "It is taken back whole; what was paid of it is free for other debts. An invoice of goods is "
        "credited instead. A large one waits for another person: `state` says so, `request` names it."
    ),
)
def reverse_service(number: str, body: ReasonBody) -> Answer:
    at, today = now_and_today()
    correction = propose_service_reversal(
        current_session(),
        actor=current_actor(),
        invoice_number=number,
        reason=body.reason,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "POST",
    "/hq/credit-notes",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=CreditNoteBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Credit what came back of an invoice"),
    about=N_(
        "The units return to their lots, amount and tax to the dealer. A large one waits for another person."
    ),
)
def credit(body: CreditNoteBody) -> Answer:
    at, today = now_and_today()
    correction = propose_credit_note(
        current_session(),
        actor=current_actor(),
        invoice_number=body.invoice,
        reason=body.reason,
        on=today,
        at=at,
        lines=[Returned(line.line, line.quantity, line.lot) for line in body.lines],
        alone_max=portal().settings.correction_alone_max,
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "GET",
    "/hq/corrections",
    tag=HEADQUARTERS,
    rights=READERS,
    query=CorrectionRequestsQuery,
    answers=CorrectionRequestPage,
    summary=N_("Corrections that need or needed a second person"),
    about=N_("The latest first."),
)
def index(query: CorrectionRequestsQuery) -> dict[str, Any]:
    page = corrections.requests(current_session(), state=query.state, limit=query.limit, cursor=query.cursor)
    return {"items": [_request(found) for found in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/corrections/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=CorrectionRequestShape,
    summary=N_("One request for a correction"),
    about=N_("With who asked, and who decided."),
)
def show(number: str) -> dict[str, Any]:
    return _request(corrections.request(current_session(), number))


@operation(
    "POST",
    "/hq/corrections/<number>/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    answers=CorrectionShape,
    conflicts=True,
    summary=N_("Approve a correction"),
    about=N_("It is posted with the answer. Whoever asked for it does not approve it."),
)
def approve(number: str) -> dict[str, Any]:
    at, today = now_and_today()
    return correction_shown(
        approve_correction(current_session(), actor=current_actor(), number=number, today=today, at=at)
    )


@operation(
    "POST",
    "/hq/corrections/<number>/rejection",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=ReasonBody,
    answers=CorrectionShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a correction"),
    about=N_("Nothing is posted."),
)
def reject(number: str, body: ReasonBody) -> dict[str, Any]:
    at, _ = now_and_today()
    return correction_shown(
        reject_correction(current_session(), actor=current_actor(), number=number, reason=body.reason, at=at)
    )


def correction_shown(correction: Correction) -> dict[str, Any]:
    """What came of it."""
    return {
        "kind": correction.kind,
        "state": correction.state,
        "subject": correction.subject,
        "amount": correction.amount,
        "document": correction.document_no,
        "period": correction.period,
        "request": correction.request_no,
    }


def _request(found: RequestedCorrection) -> dict[str, Any]:
    return {
        "number": found.number,
        "dealer": found.dealer_code,
        "kind": found.kind,
        "state": found.state,
        "subject": found.subject,
        "amount": found.amount,
        **_about(found),
        "reason": found.reason,
        "proposed_by": found.proposed_by_label,
        "proposed_at": found.proposed_at,
        "decided_by": found.decided_by_label,
        "decided_at": found.decided_at,
        "decision_note": found.decision_note,
        "document": found.posted_no,
    }


def _about(found: RequestedCorrection) -> dict[str, Any]:
    """What the request is about, each kind in its own member."""
    about: dict[str, Any] = {"lines": [], "debts": [], "payment": None}
    if found.kind is CorrectionKind.CREDIT_NOTE:
        about["lines"] = [
            {"line": one["line_no"], "quantity": one["quantity"], "lot": one["lot_no"]}
            for one in found.content
        ]
    elif found.kind is CorrectionKind.WRITE_OFF:
        about["debts"] = found.content
    elif found.kind in (CorrectionKind.REFUND, CorrectionKind.DEPOSIT_RETURN):
        [about["payment"]] = found.content
    return about
