"""How documents become money.

Amounts of part deliveries, due dates, periods, and what is still open; kinds and balanced entries stand in
`kinds` and `postings`, and are found here too.

Pure. Amounts are VAT-inclusive `Decimal` of two places; a debit raises what the dealer owes and is positive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.kernel import clock
from portal.kernel.money import ZERO, share, share_between
from portal.ledger.kinds import (
    Account,
    CorrectionKind,
    CorrectionState,
    DocumentKind,
    Doubt,
    EntryKind,
    InvoiceKind,
    Method,
    NoteTreatment,
    PeriodState,
)
from portal.ledger.postings import (
    REVERSIBLE,
    Lines,
    invoice_entry,
    payment_entry,
    rebate_entry,
    reversal_entry,
)

__all__ = [
    "REVERSIBLE",
    "Account",
    "CorrectionKind",
    "CorrectionState",
    "DocumentKind",
    "Doubt",
    "EntryKind",
    "InvoiceKind",
    "Lines",
    "Method",
    "NoteTreatment",
    "PeriodState",
    "invoice_entry",
    "payment_entry",
    "rebate_entry",
    "reversal_entry",
]


@dataclass(frozen=True, slots=True)
class Whole:
    """What is delivered, or returned, in parts: `quantity` units that cost `amount` in all.

    tax: what of it is VAT. discount: what was taken off to come to it.
    """

    quantity: int
    amount: Decimal
    tax: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Taken:
    """What earlier parts took of a whole."""

    quantity: int = 0
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole with its VAT-inclusive amount, the tax in it and the discount that made it so."""

    quantity: int
    amount: Decimal
    tax: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Caution:
    """Amounts beyond which a payment is confirmed first, or is nothing for one person.

    payment_max: of any payment. advance_max: of what exceeds all owed and ordered. paid_back_max: of what is
    paid back in a month without a refund, which another person approves.
    """

    payment_max: Decimal
    advance_max: Decimal
    paid_back_max: Decimal

    def finds_unusual(self, amount: Decimal, owed: Decimal) -> bool:
        """Whether somebody has to confirm `amount` (negative when paid back).

        owed: balance and open orders.
        """
        return abs(amount) > self.payment_max or amount - max(owed, ZERO) > self.advance_max


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What is left of an entry: of a debt, or of a credit (`amount` is positive either way).

    due_on: when a debt is due, for a credit the day it was given. period: the month the entry counts in.
    """

    entry_id: int
    occurred_on: date
    due_on: date
    period: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """What of a credit settles which debt.

    period: the month from which it counts, the later of the two entries'.
    """

    credit_id: int
    debit_id: int
    amount: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is left of a debt after what was allocated to it."""

    document_no: str
    occurred_on: date
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """Open items, the earliest due first, and credits that settle nothing yet (`unallocated` ≤ 0)."""

    items: tuple[OpenItem, ...]
    unallocated: Decimal

    def overdue(self, today: date) -> Decimal:
        """What fell due before `today` and is not paid."""
        return sum((item.amount for item in self.items if item.due_on < today), ZERO)


def part_of(whole: Whole, taken: Taken, quantity: int) -> Part:
    """The next `quantity` units of a whole. Raises ValueError when it has fewer left.

    They have the share of the units so far, less that of earlier parts. Rounding each part by itself would
    leave the last one a remainder of any size and sign; this way no part is off by more than a fen, and all
    of them together are the whole exactly.
    """
    together = _together(taken, quantity, whole.quantity)
    return _part(whole, taken, quantity, share(whole.tax, together, whole.quantity))


def part_back(whole: Whole, invoiced: Taken, returned: Taken, quantity: int) -> Part:
    """The next `quantity` units that come back. Raises ValueError when fewer were invoiced and are away.

    They have their share of the whole as it was ordered; all that were invoiced give back all of their tax.
    Parts invoiced before the tax was a share carry up to a fen more or less, and nobody gets back more.
    """
    together = _together(returned, quantity, invoiced.quantity)
    tax = min(share(whole.tax, together, whole.quantity), invoiced.tax)
    return _part(whole, returned, quantity, invoiced.tax if together == invoiced.quantity else tax)


def needs_second_person(amount: Decimal, corrected_before: Decimal, alone_max: Decimal) -> bool:
    """Whether a correction is above what one person may post.

    What was taken back of the same document before counts too. Gifts that come back are worth nothing.
    """
    return amount > 0 and amount + corrected_before > alone_max


def receivable_in(lines: Lines) -> Decimal:
    """What an entry adds to the dealer's balance."""
    return sum((amount for account, amount in lines if account == Account.RECEIVABLE), ZERO)


def due_date(issued_on: date, terms_days: int) -> date:
    """Last day on which an invoice is paid in time; `terms_days` are calendar days."""
    return issued_on + timedelta(days=terms_days)


def posting_period(occurred_on: date, shut_through: str | None) -> tuple[str, bool]:
    """Period a document counts in, and whether that is later than its date says.

    shut_through: the latest period that is closing or closed. Every period up to it is shut, also one that
    has no row of its own; so periods close in turn and the first open one is the next.
    """
    period = clock.period_of(occurred_on)
    if shut_through is None or period > shut_through:
        return period, False
    return clock.next_period(shut_through), True


def allocate(
    debits: Iterable[Unsettled], credits: Iterable[Unsettled], *, posted_in: str, named: Collection[int] = ()
) -> list[Share]:
    """Settle the debts that were named, then those that fell due first, with the credits given first.

    Civil Code of China, article 560.

    named: entries of the debts that whoever pays has said it pays. posted_in: month of the entry that makes
    it possible. A reversal frees old entries for each other, and they settle from then on: what a month
    showed before does not change. Afterwards either no debt or no credit is left. What settles what then
    stands, also when an earlier debt comes up: it is undone only together with one of the two entries.
    """
    debts, means = (
        sorted(debits, key=lambda item: (item.entry_id not in named, _by_due_date(item)), reverse=True),
        sorted(credits, key=_by_due_date, reverse=True),
    )
    owed = means_left = ZERO
    shares = []
    while (owed or debts) and (means_left or means):
        if not owed:
            debt = debts.pop()
            owed = debt.amount
        if not means_left:
            credit = means.pop()
            means_left = credit.amount
        amount = min(owed, means_left)
        shares.append(
            Share(credit.entry_id, debt.entry_id, amount, max(credit.period, debt.period, posted_in))
        )
        owed, means_left = owed - amount, means_left - amount
    return shares


def meets_unsettled(receivable: Decimal, balance_before: Decimal) -> bool:
    """Whether an entry can settle, or be settled by, what was left open before it.

    Since debts and credits never stay open side by side, the balance says which of them there are.
    """
    return (receivable > 0 and balance_before < 0) or (receivable < 0 and balance_before > 0)


def _by_due_date(item: Unsettled) -> tuple[date, date, int]:
    return item.due_on, item.occurred_on, item.entry_id


def _together(before: Taken, quantity: int, most: int) -> int:
    together = before.quantity + quantity
    if quantity <= 0 or together > most:
        raise ValueError(f"{quantity} more than {before.quantity} of {most} units")
    return together


def _part(whole: Whole, before: Taken, quantity: int, tax_together: Decimal) -> Part:
    start, end = before.quantity, before.quantity + quantity
    return Part(
        quantity,
        share_between(whole.amount, whole.quantity, start, end),
        max(tax_together - before.tax, ZERO),
        # From the back: with the amount from the front it makes up the price, also where both end in a half.
        share_between(whole.discount, whole.quantity, whole.quantity - end, whole.quantity - start),
    )
