"""Statements of the bank: read, matched, and matches taken back."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.bank import (
    BankBookingPage,
    BankBookingShape,
    BankBookingsQuery,
    BankMatchBody,
    BankStatementBody,
    BankStatementShape,
    BankUnmatchBody,
)
from portal.bank import queries
from portal.bank.books_rules import BookingState, Proposal
from portal.bank.by_hand import Said, understood
from portal.bank.match_booking import Terms, match_booking
from portal.bank.proposals import propose
from portal.bank.queries import BookingRow
from portal.bank.read_asked import Asked
from portal.bank.rules import SIZE_MAX
from portal.bank.take_file import take_file
from portal.bank.undo_match import unmatch_booking
from portal.kernel import typed
from portal.kernel.errors import N_, NotFound
from portal.kernel.outside_xml import document_of
from portal.ledger.record_payment import caution_of
from portal.ledger.rules import Doubt
from portal.ledger.vocabulary import LedgerRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import BODY_MAX, HEADQUARTERS, operation
from portal.web.api.reading import uploaded_file, uploaded_name
from portal.web.request import current_actor, current_session, portal

READERS = (LedgerRight.READ, LedgerRight.POST)
POSTERS = (LedgerRight.POST,)
REASON = "unmatched by the API"


@operation(
    "POST",
    "/hq/bank-statements",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=BankStatementBody,
    answers=BankStatementShape,
    status=201,
    creates=True,
    conflicts=True,
    takes_file=True,
    form_max=SIZE_MAX + BODY_MAX,
    located="/hq/bank-statements/{id}/bookings",
    summary=N_("Take in a statement of the bank"),
    about=N_(
        "camt.053, MT940, CSV in UTF-8 or GBK, or a workbook of either kind. Opening balance and bookings "
        "make the closing balance, or nothing is taken and every fault names its line. A table that nothing "
        "proves whole is 409 until `confirm_extract` is true. What is certain is posted, the rest waits. "
        "The same file, and a booking that another file told of, change nothing."
    ),
)
def create(body: BankStatementBody) -> dict[str, Any]:
    at, today = now_and_today()
    content = uploaded_file()
    session = current_session()
    taken = take_file(
        session,
        actor=current_actor(),
        content=document_of(body.text) if content is None else content,
        name=uploaded_name() or body.name,
        asked=Asked(body.account, None, body.confirm_extract),
        terms=_terms(),
        zone=portal().settings.timezone,
        today=today,
        at=at,
    )
    return _file(taken.number, is_repeat=taken.is_repeat)


@operation(
    "GET",
    "/hq/bank-statements/<number>",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=BankStatementShape,
    summary=N_("A statement of the bank"),
    about=N_("How many of its bookings are matched, and how many wait."),
)
def show(number: str) -> dict[str, Any]:
    return _file(number)


@operation(
    "GET",
    "/hq/bank-statements/<number>/bookings",
    tag=HEADQUARTERS,
    rights=READERS,
    query=BankBookingsQuery,
    answers=BankBookingPage,
    summary=N_("Bookings of a statement"),
    about=N_("In the order of the file, each with what it paid or may have paid."),
)
def bookings(number: str, query: BankBookingsQuery) -> dict[str, Any]:
    session = current_session()
    page = queries.lines(session, number=number, limit=query.limit, cursor=query.cursor)
    waiting = [one.id for one in page.items if one.state == BookingState.WAITING]
    found = propose(session, booking_ids=waiting, tolerance=_terms().tolerance)
    return {
        "items": [_booking(one, found.get(one.id, [])) for one in page.items],
        "next_cursor": page.next_cursor,
    }


@operation(
    "POST",
    "/hq/bank-statements/<number>/bookings/<n>/match",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=BankMatchBody,
    answers=BankBookingShape,
    creates=True,
    conflicts=True,
    summary=N_("Match a booking"),
    about=N_(
        "Posts the payment, which settles the named invoices first; or finds it in the books, or reverses "
        "it. Without any member the surest proposal is meant. A bank reference that was booked before and an "
        "unusual amount are 409 until they are confirmed."
    ),
)
def match(number: str, n: str, body: BankMatchBody) -> dict[str, Any]:
    at, today = now_and_today()
    session = current_session()
    row = _row(number, n)
    said = Said(tuple(body.invoices), body.dealer or "", body.payment or "")
    terms = _terms()
    wanted = understood(session, booking_id=row.id, amount=row.amount, said=said, tolerance=terms.tolerance)
    confirmed = {Doubt.DUPLICATE: body.confirm_duplicate, Doubt.AMOUNT: body.confirm_amount}
    match_booking(
        session,
        actor=current_actor(),
        booking_id=row.id,
        wanted=wanted,
        today=today,
        at=at,
        caution=terms.caution,
        confirmed={doubt for doubt, is_confirmed in confirmed.items() if is_confirmed},
    )
    return _booking(_row(number, n), [])


@operation(
    "POST",
    "/hq/bank-statements/<number>/bookings/<n>/unmatch",
    tag=HEADQUARTERS,
    rights=POSTERS,
    body=BankUnmatchBody,
    answers=BankBookingShape,
    creates=True,
    conflicts=True,
    summary=N_("Take a match back"),
    about=N_("A payment that was posted by it is reversed, and the booking waits again."),
)
def unmatch(number: str, n: str, body: BankUnmatchBody) -> dict[str, Any]:
    at, today = now_and_today()
    row = _row(number, n)
    unmatch_booking(
        current_session(),
        actor=current_actor(),
        booking_id=row.id,
        reason=body.reason or REASON,
        today=today,
        at=at,
    )
    return _booking(_row(number, n), [])


def _terms() -> Terms:
    settings = portal().settings
    return Terms(caution_of(settings), settings.bank_tolerance)


def _row(number: str, n: str) -> BookingRow:
    place = typed.own_number(n)
    if place is None or place >= 2**31:
        raise NotFound()
    return queries.line(current_session(), number=number, n=place)


def _file(number: str, *, is_repeat: bool = False) -> dict[str, Any]:
    found = queries.file_of(current_session(), number)
    accounts = list(dict.fromkeys(one.account for one in found.statements))
    row = found.row
    return {
        "id": row.number,
        "account": accounts[0] if accounts else "",
        "accounts": accounts,
        "bookings": row.bookings,
        "new": row.new,
        "matched": row.matched,
        "waiting": row.waiting,
        "extract": row.is_extract,
        "repeated": is_repeat,
    }


def _booking(one: BookingRow, proposals: list[Proposal]) -> dict[str, Any]:
    return {
        "n": one.n,
        "line": one.place,
        "account": one.account,
        "currency": one.currency,
        "booked_on": one.booked_on,
        "value_on": one.value_on,
        "amount": one.amount,
        "reversal": one.is_reversal,
        "text": one.remittance,
        "reference": one.reference,
        "bank_reference": one.bank_reference,
        "party": one.party,
        "party_account": one.party_account,
        "balance": one.balance,
        "state": one.state,
        "new": one.is_new,
        "dealer": one.dealer_code,
        "payment": one.payment_no,
        "invoices": list(one.invoices),
        "matched_as": one.match_kind,
        "proposals": [
            {
                "kind": proposal.kind,
                "dealer": proposal.code,
                "invoices": list(proposal.invoices),
                "payment": proposal.payment_no or None,
                "reason": proposal.reason,
                "score": proposal.score,
            }
            for proposal in proposals
        ],
    }
