"""Take in the XML of a tax invoice: find our document, compare the two, keep what the tax platform signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dealers.account import lock_account
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.db_errors import translated
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid, NotFound
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices.compare_rules import Known, compare
from portal.tax_invoices.fragments import LEFT
from portal.tax_invoices.limits import limits_on
from portal.tax_invoices.our_document import Charged, candidates, charged, lines_of
from portal.tax_invoices.read_rules import documents_named, read_tax_invoice
from portal.tax_invoices.rules import (
    Comparison,
    Difference,
    Limits,
    Refusal,
    State,
    TaxInvoice,
    Verdict,
)
from portal.tax_invoices.vocabulary import ISSUED, TaxInvoiceAction
from portal.tax_invoices.words import REFUSALS

_DOCUMENT = "/document"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. is_repeat: it was here already, and nothing changed."""

    number: str
    document: str
    state: State
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one file of several: taken in, or refused."""

    name: str
    taken: Taken | None
    refusal: DomainError | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was read, with the document it belongs to."""

    name: str
    content: bytes
    invoice: TaxInvoice
    limits: Limits
    document: Charged


def take_tax_invoices(
    session: Session,
    *,
    actor: Actor,
    files: Sequence[tuple[str, bytes]],
    seller: str,
    document: str = "",
    at: datetime,
) -> list[Outcome]:
    """Take in several files, each by itself: what is refused of one keeps no other out.

    files: names and contents. document: of a single file; of several each says it. Raises Forbidden.
    """
    actor.require(LedgerRight.POST)
    done: dict[int, Outcome] = {}
    read: list[tuple[int, _Read]] = []
    for place, (name, content) in enumerate(files):
        try:
            read.append((place, _read(session, name, content, document if len(files) == 1 else "")))
        except DomainError as refusal:
            done[place] = Outcome(name, None, refusal)
    for place, one in sorted(read, key=lambda pair: pair[1].document.dealer_id):  # accounts lock in turn
        try:
            with session.begin_nested():
                done[place] = Outcome(one.name, _take(session, actor, one, seller, at), None)
        except DomainError as refusal:
            done[place] = Outcome(one.name, None, refusal)
        except IntegrityError as error:  # the number is another region's, which this actor does not see
            done[place] = Outcome(one.name, None, translated(error))
    return [done[place] for place in range(len(files))]


def take_tax_invoice(
    session: Session,
    *,
    actor: Actor,
    content: bytes,
    seller: str,
    document: str = "",
    at: datetime,
) -> Taken:
    """Attach a tax invoice to our document: the one named, else the one it names or can only be.

    seller: our own unified social credit code. The same file again changes nothing. Raises Invalid with every
    fault of the file, or why it cannot be that document's; Conflict for a number that is attached elsewhere
    or a document that has a tax invoice; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    return _take(session, actor, _read(session, "", content, document), seller, at)


def _read(session: Session, name: str, content: bytes, document: str) -> _Read:
    invoice = read_tax_invoice(content)
    limits = limits_on(session, invoice.issued_on)
    return _Read(
        name, content, invoice, limits, _document(session, invoice, document.strip(), limits.invoice)
    )


def _take(session: Session, actor: Actor, read: _Read, seller: str, at: datetime) -> Taken:
    invoice, ours = read.invoice, read.document
    lock_account(session, ours.dealer_id)
    sha256 = hashlib.sha256(read.content).hexdigest()
    if repeat := _here(session, invoice, ours, sha256):
        return repeat
    known = Known(left_of_blue=left_of(session, ours.dealer_id, invoice.blue))
    done = compare(invoice, lines_of(session, ours, seller=seller), read.limits, known)
    if done.because:
        raise refused(done.because)
    _require_free(session, ours)
    state = State.DIFFERS if done.verdict is Verdict.DIFFER else State.ATTACHED
    session.execute(_KEEP, _row(read, done, state, actor, at, sha256))
    _tell(session, actor, invoice, ours, done, state)
    return Taken(invoice.number, ours.number, state)


def left_of(session: Session, dealer_id: int, number: str) -> Decimal | None:
    """What of a tax invoice no red-letter one takes back, VAT included; None where we do not have it."""
    if not number:
        return None
    left: Decimal | None = session.execute(_LEFT, {"dealer_id": dealer_id, "number": number}).scalar()
    return left


def refused(because: Refusal) -> Invalid:
    """Why a tax invoice is not that of a document, in words."""
    message, fix = REFUSALS[because]
    return Invalid(faults=[Fault("/file", str(because), message, fix)])


def as_row(one: Difference) -> dict[str, Any]:
    """A difference as it is kept: amounts as text, and nothing that it does not say."""
    said = {name: value for name, value in asdict(one).items() if value not in ("", (), None)}
    return said | ({"amount": money.as_text(one.amount)} if one.amount is not None else {})


def _document(session: Session, invoice: TaxInvoice, named: str, within: Decimal) -> Charged:
    if named:
        try:
            return charged(session, named)
        except NotFound:
            message = N_("There is no invoice, credit note or service invoice of this number.")
            raise _asking("unknown_document", message) from None
    numbers = list(documents_named(invoice.remark)) or list(
        candidates(
            session,
            buyer=invoice.buyer,
            gross=invoice.gross,
            within=within,
            issued_on=invoice.issued_on,
        )
    )
    if len(numbers) != 1:
        message = (
            N_("Several documents may be meant: %(documents)s.")
            if numbers
            else N_("No document of this buyer comes to this amount.")
        )
        raise _asking("document_unclear", message, documents=", ".join(numbers[:5]))
    try:
        return charged(session, numbers[0])
    except NotFound:
        message = N_("Its remark names %(documents)s, which does not exist.")
        raise _asking("unknown_document", message, documents=numbers[0]) from None


def _asking(code: str, message: str, **params: object) -> Invalid:
    return Invalid(faults=[Fault(_DOCUMENT, code, message, N_("Enter the document's number."), params)])


def _here(session: Session, invoice: TaxInvoice, ours: Charged, sha256: str) -> Taken | None:
    row = session.execute(_FIND, {"number": invoice.number}).one_or_none()
    if row is None:
        return None
    if (row.dealer_id, row.document_no) != (ours.dealer_id, ours.number):
        raise Conflict(
            str(Refusal.NUMBER_REUSED),
            N_("This tax invoice is attached to %(document)s."),
            fix=N_("Remove it there if it belongs here."),
            document=row.document_no,
        )
    if row.sha256 != sha256:
        raise Conflict(
            "tax_invoice_changed",
            N_("Another file with this number is attached here."),
            fix=N_("Compare the two; remove the one that is not the tax platform's."),
        )
    return Taken(invoice.number, ours.number, State(row.state), is_repeat=True)


def _require_free(session: Session, ours: Charged) -> None:
    """A document has one tax invoice; another one only when a red-letter one took the first back whole."""
    about: Mapping[str, object] = {"dealer_id": ours.dealer_id, "document_no": ours.number}
    for number in session.execute(_OF_DOCUMENT, about).scalars():
        left = left_of(session, ours.dealer_id, number)
        if left:
            raise Conflict(
                "has_tax_invoice",
                N_("%(document)s has tax invoice %(number)s already."),
                fix=N_("Remove that one, or have it taken back by a red-letter invoice first."),
                document=ours.number,
                number=number,
            )


def _row(
    read: _Read, done: Comparison, state: State, actor: Actor, at: datetime, sha256: str
) -> dict[str, Any]:
    invoice = read.invoice
    return {
        "dealer_id": read.document.dealer_id,
        "number": invoice.number,
        "document_no": read.document.number,
        "blue_no": invoice.blue,
        "issued_on": invoice.issued_on,
        "net": invoice.net,
        "tax": invoice.tax,
        "gross": invoice.gross,
        "state": state,
        "verdict": done.verdict,
        "differences": orjson.dumps([as_row(one) for one in done.differences]).decode(),
        "sha256": sha256,
        "content": read.content,
        "by": actor.key,
        "label": actor.label,
        "at": at,
    }


def _tell(
    session: Session, actor: Actor, invoice: TaxInvoice, ours: Charged, done: Comparison, state: State
) -> None:
    after = {
        "document": ours.number,
        "gross": money.as_text(invoice.gross),
        "verdict": str(done.verdict),
        "state": str(state),
    }
    audit.record(
        session,
        TaxInvoiceAction.TAKEN,
        invoice.number,
        actor=actor,
        dealer_id=ours.dealer_id,
        after=after,
    )
    if state is State.ATTACHED:
        tell_issued(session, ours.dealer_id, invoice.number, ours.number, invoice.gross)


def tell_issued(session: Session, dealer_id: int, number: str, document: str, gross: Decimal) -> None:
    """Tell the dealer that its tax invoice is there."""
    told = {"number": number, "document": document, "amount": money.as_text(gross)}
    outbox.add(session, ISSUED, dealer_id=dealer_id, **told)


_FIND = text(
    "SELECT dealer_id, document_no, state, sha256 FROM tax_invoice"
    " WHERE number = :number AND state <> 'removed'"
)
_OF_DOCUMENT = text(
    """
    SELECT number FROM tax_invoice
     WHERE (dealer_id, document_no) = (:dealer_id, :document_no) AND state <> 'removed'
    """
)
_LEFT = text(
    f"""
    SELECT {LEFT}
      FROM tax_invoice t WHERE t.dealer_id = :dealer_id AND t.number = :number AND t.state <> 'removed'
    """
)
_KEEP = text(
    """
    INSERT INTO tax_invoice (dealer_id, number, document_no, blue_no, issued_on, net, tax, gross, state,
                             verdict, differences, sha256, content, taken_by, taken_by_label, taken_at)
    VALUES (:dealer_id, :number, :document_no, :blue_no, :issued_on, :net, :tax, :gross, :state,
            :verdict, CAST(:differences AS jsonb), :sha256, :content, :by, :label, :at)
    """
)
