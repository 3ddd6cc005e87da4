"""Take a dealer's open items over from earlier books, each as a document with its own due date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.ledger import postings
from portal.ledger.account_documents import Draft, post_account_document
from portal.ledger.deposits import reversed_sql
from portal.ledger.journal import Posted
from portal.ledger.kinds import DocumentKind
from portal.ledger.paper_faults import REFERENCE_MAX, amount_faults, plain
from portal.ledger.vocabulary import LedgerRight

ITEMS_MAX = 500


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What was open in earlier books. amount: negative for a credit, which has no due date."""

    document: str
    issued_on: date
    due_on: date | None
    amount: Decimal


_TAKEN = text(
    f"""
    SELECT d.source FROM account_document d
     WHERE d.dealer_id = :dealer_id AND d.kind = 'opening' AND d.source = ANY (:documents)
       AND NOT ({reversed_sql("d")})
    """
)


def post_openings(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    items: Sequence[OpenItem],
    today: date,
    at: datetime,
) -> list[Posted]:
    """Post each item on `today`: it ages by its own due date. All of them, or none.

    Raises Invalid with every fault (one that was taken over before among them), NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    items = [
        OpenItem(plain(item.document), item.issued_on, item.due_on if item.amount > 0 else None, item.amount)
        for item in items
    ]
    lock_account(session, dealer_id)
    if faults := _faults(session, dealer_id, items, today):
        raise Invalid(faults=faults)
    return [
        post_account_document(session, _draft(dealer_id, item, today), actor=actor, today=today, at=at)
        for item in items
    ]


def _draft(dealer_id: int, item: OpenItem, today: date) -> Draft:
    return Draft(
        dealer_id=dealer_id,
        kind=DocumentKind.OPENING,
        amount=item.amount,
        occurred_on=today,
        issued_on=item.issued_on,
        due_on=item.due_on,
        lines=postings.opening_entry(item.amount),
        source=item.document,
    )


def _faults(session: Session, dealer_id: int, items: Sequence[OpenItem], today: date) -> list[Fault]:
    if not items or len(items) > ITEMS_MAX:
        message, fix = N_("Enter 1 to %(max)s open items."), N_("Divide them.")
        return [Fault("/items", "items", message, fix, {"max": ITEMS_MAX})]
    times = Counter(item.document for item in items)
    keys = {"dealer_id": dealer_id, "documents": list(times)}
    taken = set(session.scalars(_TAKEN, keys))
    return [
        fault
        for index, item in enumerate(items)
        for fault in _item_faults(
            f"/items/{index}", item, today, is_known=item.document in taken or times[item.document] > 1
        )
    ]


def _item_faults(pointer: str, item: OpenItem, today: date, *, is_known: bool) -> list[Fault]:
    faults = amount_faults(abs(item.amount), f"{pointer}/amount")
    if not item.document or len(item.document) > REFERENCE_MAX or not item.document.isprintable():
        message = N_("Enter the number in the earlier books, at most %(max)s characters.")
        faults.append(Fault(f"{pointer}/document", "document", message, params={"max": REFERENCE_MAX}))
    elif is_known:
        message = N_("%(number)s was taken over before, or is named twice.")
        fix = N_("Each document of the earlier books is taken over once.")
        faults.append(Fault(f"{pointer}/document", "taken", message, fix, {"number": item.document}))
    if item.issued_on > today:
        message = N_("A document of earlier books is not dated after today.")
        faults.append(Fault(f"{pointer}/issued_on", "in_future", message, N_("Check the date.")))
    if item.amount > 0 and item.due_on is None:
        message, fix = N_("A debt has a due date."), N_("Enter the day by which it is to be paid.")
        faults.append(Fault(f"{pointer}/due_on", "due_missing", message, fix))
    elif item.due_on is not None and item.due_on < item.issued_on:
        message = N_("It cannot be due before it was issued.")
        faults.append(Fault(f"{pointer}/due_on", "due_before", message, N_("Check both dates.")))
    return faults
