"""How documents become money: amounts of part deliveries, balanced entries, due dates, periods, and what is still open.

Pure. Amounts are VAT-inclusive `Decimal` of two places; a debit raises what the dealer owes and is positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal import clock
from portal.money import ZERO, line_amount, tax_within


class Account(StrEnum):
    """Accounts of the journal."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    OUTPUT_VAT = "output_vat"
    BANK = "bank"
    OPENING_EQUITY = "opening_equity"


class EntryKind(StrEnum):
    """What a journal entry records."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    OPENING = "opening"
    REVERSAL = "reversal"


class Method(StrEnum):
    """Ways of paying that the pages offer, as the books name them in every language. A program may name others."""

    BANK_TRANSFER = "bank transfer"
    ACCEPTANCE_BILL = "acceptance bill"
    CHEQUE = "cheque"
    CASH = "cash"


Lines = tuple[tuple[Account, Decimal], ...]

# An invoice or credit note is a tax document: it is taken back by a credit note, which also brings the goods back.
REVERSIBLE = frozenset({EntryKind.PAYMENT, EntryKind.OPENING})


@dataclass(frozen=True, slots=True)
class Whole:
    """What is delivered, or returned, in parts: `quantity` units that carry `tax` in all."""

    quantity: int
    unit_price: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What earlier parts took of a whole."""

    quantity: int = 0
    tax: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole with its VAT-inclusive amount and the tax in it."""

    quantity: int
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Debit:
    """A document that the dealer has to settle; `entry_id` orders those of one day."""

    entry_id: int
    document_no: str
    occurred_on: date
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is left of a debit after every credit was set against the debts that fell due first."""

    document_no: str
    occurred_on: date
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """Open items, the earliest due first, and credits for which no debit is left (`unallocated` ≤ 0)."""

    items: tuple[OpenItem, ...]
    unallocated: Decimal

    def overdue(self, today: date) -> Decimal:
        """What fell due before `today` and is not paid."""
        return sum((item.amount for item in self.items if item.due_on < today), ZERO)


def part_of(whole: Whole, taken: Taken, quantity: int) -> Part:
    """Amount and tax of the next `quantity` units of a whole. Raises ValueError when it has fewer left.

    The tax is what the units so far owe together, less what earlier parts carried. Rounding each part by itself
    would leave the last one a remainder of any size and sign; this way no part is off by more than a fen, and all
    of them together are the whole's tax exactly.
    """
    together = taken.quantity + quantity
    if quantity <= 0 or together > whole.quantity:
        raise ValueError(f"{quantity} more than {taken.quantity} of {whole.quantity} units")
    return Part(quantity, line_amount(whole.unit_price, quantity), _tax_of(whole, together) - taken.tax)


def invoice_entry(net: Decimal, tax: Decimal) -> Lines:
    """Dr receivable, Cr revenue and output VAT. With negative amounts: a credit note."""
    return _balanced((Account.RECEIVABLE, net + tax), (Account.REVENUE, -net), (Account.OUTPUT_VAT, -tax))


def payment_entry(amount: Decimal) -> Lines:
    """Dr bank, Cr receivable; negative when money is paid back."""
    return _balanced((Account.RECEIVABLE, -amount), (Account.BANK, amount))


def reversal_entry(lines: Iterable[tuple[str, Decimal]]) -> Lines:
    """The same accounts the other way round."""
    return _balanced(*((Account(account), -amount) for account, amount in lines))


def receivable_in(lines: Lines) -> Decimal:
    """What an entry adds to the dealer's balance."""
    return sum((amount for account, amount in lines if account == Account.RECEIVABLE), ZERO)


def due_date(issued_on: date, terms_days: int) -> date:
    """Last day on which an invoice is paid in time; `terms_days` are calendar days."""
    return issued_on + timedelta(days=terms_days)


def posting_period(occurred_on: date, shut_through: str | None) -> tuple[str, bool]:
    """Period a document counts in, and whether that is later than its date says.

    shut_through: the latest period that is closing or closed. Every period up to it is shut, also one that has no
    row of its own; so periods close in turn and the first open one is the next.
    """
    period = clock.period_of(occurred_on)
    if shut_through is None or period > shut_through:
        return period, False
    return clock.next_period(shut_through), True


def settle(balance: Decimal, debits: Sequence[Debit]) -> Settlement:
    """What is open when every credit has gone to the debts that fell due first (Civil Code of China, article 560).

    `balance` is all debits less all credits. The debts due last are then the open ones: going back from the latest,
    they cover the balance. So `debits`, which may come in any order, need not reach further back than that.
    """
    left = max(balance, ZERO)
    items = []
    for debit in sorted(debits, key=_by_due_date, reverse=True):
        amount = min(debit.amount, left)
        if amount > 0:
            items.append(OpenItem(debit.document_no, debit.occurred_on, debit.due_on, amount))
            left -= amount
    if left:
        raise ValueError(f"a balance of {balance} is more than the debits behind it")
    return Settlement(tuple(reversed(items)), min(balance, ZERO))


def _by_due_date(debit: Debit) -> tuple[date, date, int]:
    return debit.due_on, debit.occurred_on, debit.entry_id


def _tax_of(whole: Whole, quantity: int) -> Decimal:
    if quantity == whole.quantity:
        return whole.tax
    return tax_within(line_amount(whole.unit_price, quantity), whole.tax_rate)


def _balanced(*lines: tuple[Account, Decimal]) -> Lines:
    # The receivable stays even at zero: a free delivery is an entry too, and the dealer sees it.
    kept = tuple((account, amount) for account, amount in lines if amount or account == Account.RECEIVABLE)
    assert sum(amount for _, amount in kept) == 0, f"unbalanced: {kept}"
    return kept
