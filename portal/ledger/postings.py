"""The balanced entries of every kind of document.

Pure. Amounts are VAT-inclusive `Decimal` of two places; a debit raises what the dealer owes and is positive.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from portal.kernel.money import ZERO
from portal.ledger.kinds import Account, EntryKind, NoteTreatment

Lines = tuple[tuple[Account, Decimal], ...]

# An invoice or credit note of goods is a tax document: it is taken back by a credit note, which also brings
# the goods back. Of a service nothing comes back, so its invoice is taken back whole.
REVERSIBLE = frozenset(EntryKind) - {
    EntryKind.INVOICE,
    EntryKind.CREDIT_NOTE,
    EntryKind.REBATE,
    EntryKind.REVERSAL,
}


def invoice_entry(net: Decimal, tax: Decimal) -> Lines:
    """Dr receivable, Cr revenue and output VAT. With negative amounts: a credit note."""
    return _balanced((Account.RECEIVABLE, net + tax), (Account.REVENUE, -net), (Account.OUTPUT_VAT, -tax))


def rebate_entry(net: Decimal, tax: Decimal, treatment: NoteTreatment) -> Lines:
    """Cr receivable, Dr what was given and the VAT it takes back. Amounts as of a credit note, negative; one
    that takes a rebate back is positive.
    """
    given = Account.REBATES if treatment is NoteTreatment.PRICE_REDUCTION else Account.CHANNEL_EXPENSE
    return _balanced((Account.RECEIVABLE, net + tax), (given, -net), (Account.OUTPUT_VAT, -tax))


def payment_entry(amount: Decimal) -> Lines:
    """Dr bank, Cr receivable; negative when money is paid back."""
    return _balanced((Account.RECEIVABLE, -amount), (Account.BANK, amount))


def reversal_entry(lines: Iterable[tuple[str, Decimal]]) -> Lines:
    """The same accounts the other way round."""
    return _balanced(*((Account(account), -amount) for account, amount in lines))


def deposit_entry(amount: Decimal) -> Lines:
    """Dr bank, Cr deposits held; negative when it is paid back. What the dealer owes stays as it is."""
    return _balanced((Account.RECEIVABLE, ZERO), (Account.BANK, amount), (Account.DEPOSITS_HELD, -amount))


def deposit_use_entry(amount: Decimal) -> Lines:
    """Dr deposits held, Cr receivable: what was held pays debts."""
    return _balanced((Account.RECEIVABLE, -amount), (Account.DEPOSITS_HELD, amount))


def write_off_entry(amount: Decimal) -> Lines:
    """Dr bad debts, Cr receivable: nobody is going to pay it."""
    return _balanced((Account.RECEIVABLE, -amount), (Account.BAD_DEBT, amount))


def refund_entry(amount: Decimal) -> Lines:
    """Dr receivable, Cr bank: what stood to the dealer's credit is paid back."""
    return payment_entry(-amount)


def opening_entry(amount: Decimal) -> Lines:
    """Dr receivable, Cr what earlier books brought; negative for a credit of the dealer."""
    return _balanced((Account.RECEIVABLE, amount), (Account.OPENING_EQUITY, -amount))


def interest_entry(amount: Decimal) -> Lines:
    """Dr receivable, Cr interest income."""
    return _balanced((Account.RECEIVABLE, amount), (Account.INTEREST_INCOME, -amount))


def _balanced(*lines: tuple[Account, Decimal]) -> Lines:
    # The receivable stays even at zero: a free delivery is an entry too, and the dealer sees it.
    kept = tuple((account, amount) for account, amount in lines if amount or account == Account.RECEIVABLE)
    assert sum(amount for _, amount in kept) == 0, f"unbalanced: {kept}"
    return kept
