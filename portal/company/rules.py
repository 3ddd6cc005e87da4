"""What the company's own books know. Pure."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from portal.kernel.money import ZERO


class CompanyEntryKind(StrEnum):
    """What an entry records."""

    REBATE_LIABILITY = "rebate_liability"


class CompanyAccount(StrEnum):
    """Accounts: what was given to dealers in rebates, and what is owed to them and not settled yet."""

    REBATES = "rebates"
    REBATE_LIABILITY = "rebate_liability"


Lines = dict[CompanyAccount, Decimal]


def liability_entry(before: Decimal, now: Decimal) -> Lines:
    """Dr rebates, Cr liability for what is owed more than a month ago; the other way round for what is less.

    A note to a dealer debits rebates itself: the month after, the liability it settled is taken back here.
    """
    more = now - before
    return {CompanyAccount.REBATES: more, CompanyAccount.REBATE_LIABILITY: ZERO - more}
