"""What is open of a dealer's entries, and of which of them somebody says that they are settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.money import ZERO
from portal.ledger.fragments import open_of
from portal.ledger.paper_faults import amount_faults

DEBTS_MAX = 200  # that one document settles, and that a form offers


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry of which something is open (`open` above zero either way)."""

    document_no: str
    kind: str
    occurred_on: date
    due_on: date | None
    receivable: Decimal
    open: Decimal


@dataclass(frozen=True, slots=True)
class NamedDebt:
    """A debt that somebody names. amount: what of it; all that is open where it is not said."""

    document_no: str
    amount: Decimal | None = None


_OPEN = open_of("e")
_OF_DEALER = text(
    f"""
    SELECT o.document_no, o.kind, o.occurred_on, o.due_on, o.receivable, o.open FROM (
      SELECT e.document_no, e.kind, e.occurred_on, e.due_on, e.receivable, {_OPEN} AS open, e.id
        FROM journal_entry e
       WHERE e.dealer_id = :dealer_id AND e.reverses_id IS NULL AND sign(e.receivable) = :side) o
     WHERE o.open > 0
     ORDER BY coalesce(o.due_on, o.occurred_on), o.occurred_on, o.id LIMIT :limit
    """
)
_NAMED = text(
    f"""
    SELECT e.document_no, e.kind, e.occurred_on, e.due_on, e.receivable, {_OPEN} AS open
      FROM journal_entry e
     WHERE e.dealer_id = :dealer_id AND e.reverses_id IS NULL AND e.document_no = ANY (:numbers)
    """
)
# A write-off that was reversed has its rows taken back by others of the opposite amount.
_WRITTEN_OFF = text(
    """
    SELECT w.document_no, sum(a.amount) AS amount
      FROM journal_entry d
      JOIN allocation a ON (a.dealer_id, a.debit_id) = (d.dealer_id, d.id)
      JOIN journal_entry w ON (w.dealer_id, w.id) = (a.dealer_id, a.credit_id)
     WHERE d.dealer_id = :dealer_id AND d.document_no = ANY (:numbers) AND d.reverses_id IS NULL
       AND w.kind = 'write_off'
     GROUP BY w.document_no HAVING sum(a.amount) <> 0 ORDER BY w.document_no
    """
)


def open_entries(session: Session, dealer_id: int, *, debts: bool) -> list[OpenEntry]:
    """A dealer's open debts, or its credits that settle nothing yet, the earliest first: `DEBTS_MAX`."""
    keys = {"dealer_id": dealer_id, "side": 1 if debts else -1, "limit": DEBTS_MAX}
    return [OpenEntry(**row._mapping) for row in session.execute(_OF_DEALER, keys)]


def open_of_documents(session: Session, dealer_id: int, numbers: Sequence[str]) -> dict[str, OpenEntry]:
    """The entries of some documents of a dealer, as far as there are such."""
    keys = {"dealer_id": dealer_id, "numbers": list(numbers)}
    return {row.document_no: OpenEntry(**row._mapping) for row in session.execute(_NAMED, keys)}


def written_off(session: Session, dealer_id: int, numbers: Sequence[str]) -> dict[str, Decimal]:
    """What is given up of some debts, by write-off."""
    rows = session.execute(_WRITTEN_OFF, {"dealer_id": dealer_id, "numbers": list(numbers)})
    return {row.document_no: row.amount for row in rows}


def require_not_written_off(session: Session, dealer_id: int, number: str) -> None:
    """Raise Conflict where something of a debt is given up: what takes the debt back would leave the dealer a
    credit for what it never paid. The caller has the account locked.
    """
    if given_up := written_off(session, dealer_id, [number]):
        message, fix = N_("%(amount)s of %(number)s was written off."), N_("Reverse %(write_offs)s first.")
        amount = money.as_text(sum(given_up.values(), ZERO))
        raise Conflict(
            "written_off", message, fix=fix, amount=amount, number=number, write_offs=", ".join(given_up)
        )


def settled_of(
    session: Session, dealer_id: int, debts: Sequence[NamedDebt]
) -> tuple[tuple[str, Decimal], ...]:
    """How much of each debt is settled. The caller has the account locked.

    Raises Invalid with every fault: none or too many, one that is twice, no debt of this dealer, or more than
    is open.
    """
    if not debts or len(debts) > DEBTS_MAX:
        message = N_("Name 1 to %(max)s debts.")
        fix = N_("Choose the documents that are open.")
        raise Invalid(faults=[Fault("/debts", "debts", message, fix, {"max": DEBTS_MAX})])
    found = open_of_documents(session, dealer_id, [debt.document_no for debt in debts])
    times = Counter(debt.document_no for debt in debts)
    faults = [
        fault
        for index, debt in enumerate(debts)
        for fault in _faults(f"/debts/{index}", debt, found.get(debt.document_no), times[debt.document_no])
    ]
    if faults:
        raise Invalid(faults=faults)
    return tuple(
        (
            debt.document_no,
            found[debt.document_no].open if debt.amount is None else money.to_fen(debt.amount),
        )
        for debt in debts
    )


def _faults(pointer: str, debt: NamedDebt, found: OpenEntry | None, times: int) -> list[Fault]:
    if found is None or found.receivable <= 0 or found.open <= 0:
        message = N_("Nothing of %(number)s is open for this dealer.")
        fix = N_("Take a document that the dealer still owes.")
        return [Fault(f"{pointer}/document", "not_open", message, fix, {"number": debt.document_no})]
    if times > 1:
        message, fix = N_("%(number)s is named twice."), N_("Name it once, with the whole amount.")
        return [Fault(f"{pointer}/document", "twice", message, fix, {"number": debt.document_no})]
    if debt.amount is None:
        return []
    if faults := amount_faults(debt.amount, f"{pointer}/amount"):
        return faults
    if debt.amount > found.open:
        message = N_("%(open)s of %(number)s is open.")
        fix = N_("Enter no more than that.")
        params = {"open": money.as_text(found.open), "number": debt.document_no}
        return [Fault(f"{pointer}/amount", "exceeds_open", message, fix, params)]
    return []
