"""Deposits, write-offs, refunds and opening balances: posted, read, reversed by headquarters' programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backoffice.api.corrections import POSTERS, READERS, correction_shown
from backoffice.api.schemas.account_documents import (
    DepositBody,
    DepositUseBody,
    HqAccountDocumentPage,
    HqAccountDocumentShape,
    HqAccountDocumentsQuery,
    NamedDebtBody,
    OpeningBody,
    PayBackBody,
    PostedDocumentShape,
    PostedDocumentsShape,
    RefundBody,
    WriteOffBody,
)
from backoffice.api.schemas.corrections import CorrectionShape, ReasonBody
from portal.blueprints.api.account_documents import shown
from portal.kernel.errors import N_
from portal.ledger.document_queries import account_document, account_documents
from portal.ledger.journal import Posted
from portal.ledger.open_entries import NamedDebt
from portal.ledger.pay_back import propose_deposit_return, propose_refund
from portal.ledger.post_openings import OpenItem, post_openings
from portal.ledger.propose_correction import propose_document_reversal
from portal.ledger.receive_deposit import receive_deposit, use_deposit
from portal.ledger.write_off import propose_write_off
from portal.web.api.buyer import buyer_id, named_dealer, now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/account-documents",
    tag=HEADQUARTERS,
    rights=READERS,
    query=HqAccountDocumentsQuery,
    answers=HqAccountDocumentPage,
    summary=N_("Deposits, refunds, write-offs and other documents of accounts"),
    about=N_("The latest first; of one kind or dealer."),
)
def index(query: HqAccountDocumentsQuery) -> dict[str, Any]:
    page = account_documents(
        current_session(),
        kind=query.kind,
        dealer_id=named_dealer(query.dealer),
        limit=query.limit,
        cursor=query.cursor,
    )
    items = [shown(row) | {"dealer": row.dealer_code, "reason": row.reason} for row in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/account-documents/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=HqAccountDocumentShape,
    summary=N_("One of these documents"),
    about=N_("With the reason that was given, and of a deposit what is still held of it."),
)
def show(number: str) -> dict[str, Any]:
    found = account_document(current_session(), number)
    return shown(found) | {"dealer": found.dealer_code, "reason": found.reason}


@operation(
    "POST",
    "/hq/deposits",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=DepositBody,
    answers=PostedDocumentShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Take a deposit of a dealer"),
    about=N_("It is held for the dealer; what the dealer owes stays as it is until the deposit is applied."),
)
def deposit(body: DepositBody) -> Answer:
    at, today = now_and_today()
    posted = receive_deposit(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.dealer),
        amount=body.amount,
        received_on=body.received_on,
        method=body.method,
        reference=body.reference,
        today=today,
        at=at,
    )
    return Answer(_posted(posted), 201)


@operation(
    "POST",
    "/hq/deposits/<number>/application",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=DepositUseBody,
    answers=PostedDocumentShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Let a deposit pay debts"),
    about=N_("The debts that are named, each with its amount or all of it. 409 when less is left."),
)
def apply_deposit(number: str, body: DepositUseBody) -> Answer:
    at, today = now_and_today()
    posted = use_deposit(
        current_session(), actor=current_actor(), number=number, debts=_debts(body.debts), today=today, at=at
    )
    return Answer(_posted(posted), 201)


@operation(
    "POST",
    "/hq/deposits/<number>/repayment",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=PayBackBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Pay a deposit back"),
    about=N_("No more than is left. A large amount waits for another person: `state` says so."),
)
def pay_deposit_back(number: str, body: PayBackBody) -> Answer:
    at, today = now_and_today()
    correction = propose_deposit_return(
        current_session(),
        actor=current_actor(),
        number=number,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
        **body.model_dump(),
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "POST",
    "/hq/refunds",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=RefundBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Pay a credit back"),
    about=N_(
        "No more than what of the credit settles nothing. "
        "A large amount waits for another person: `state` says so."
    ),
)
def refund(body: RefundBody) -> Answer:
    at, today = now_and_today()
    correction = propose_refund(
        current_session(),
        actor=current_actor(),
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
        **body.model_dump(),
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "POST",
    "/hq/write-offs",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=WriteOffBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Write debts off"),
    about=N_(
        "The debts that are named, each with its amount or all of it. "
        "A large amount, earlier write-offs of them included, waits for another person."
    ),
)
def write_off(body: WriteOffBody) -> Answer:
    at, today = now_and_today()
    correction = propose_write_off(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.dealer),
        debts=_debts(body.debts),
        reason=body.reason,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
    )
    return Answer(correction_shown(correction), 201)


@operation(
    "POST",
    "/hq/opening-balances",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=OpeningBody,
    answers=PostedDocumentsShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Take open items over from earlier books"),
    about=N_("Each becomes a document with its own due date. One that was taken over before is refused."),
)
def open_balances(body: OpeningBody) -> Answer:
    at, today = now_and_today()
    posted = post_openings(
        current_session(),
        actor=current_actor(),
        dealer_id=buyer_id(body.dealer),
        items=[OpenItem(item.document, item.issued_on, item.due_on, item.amount) for item in body.items],
        today=today,
        at=at,
    )
    return Answer({"items": [_posted(one) for one in posted]}, 201)


@operation(
    "POST",
    "/hq/account-documents/<number>/reversal",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=ReasonBody,
    answers=CorrectionShape,
    status=201,
    creates=True,
    conflicts=True,
    summary=N_("Reverse a deposit, a write-off or another of these documents"),
    about=N_(
        "What it did is undone from today. A deposit of which something was used is refused. "
        "A large amount waits for another person."
    ),
)
def reverse(number: str, body: ReasonBody) -> Answer:
    at, today = now_and_today()
    correction = propose_document_reversal(
        current_session(),
        actor=current_actor(),
        number=number,
        reason=body.reason,
        today=today,
        at=at,
        alone_max=portal().settings.correction_alone_max,
    )
    return Answer(correction_shown(correction), 201)


def _debts(bodies: Sequence[NamedDebtBody]) -> list[NamedDebt]:
    return [NamedDebt(body.document, body.amount) for body in bodies]


def _posted(posted: Posted) -> dict[str, Any]:
    return {
        "number": posted.document_no,
        "amount": posted.amount,
        "period": posted.period,
        "late": posted.late,
    }
