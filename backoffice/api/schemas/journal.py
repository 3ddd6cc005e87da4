"""The journal and the trial balance."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.entry_kinds import EntryKindName
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Period,
    PeriodText,
    Shape,
)

AccountWord = Literal[
    "receivable",
    "revenue",
    "output_vat",
    "bank",
    "opening_equity",
    "rebates",
    "channel_expense",
    "deposits_held",
    "bad_debt",
    "interest_income",
]


class JournalQuery(PageQuery):
    """Which lines of the journal."""

    first: Period | None = Field(None, description=N_("The first month; the last one unless it is said."))
    last: Period | None = Field(None, description=N_("The last month; this one unless it is said."))
    day_from: Day | None = None
    day_to: Day | None = None
    account: AccountWord | None = None
    kind: EntryKindName | None = None
    dealer: Code | None = None
    document: Code | None = Field(None, description=N_("Across all months."))
    least: Money | None = Field(None, description=N_("The least amount, whichever side it stands on."))
    most: Money | None = None


class JournalLineShape(Shape, about=N_("A line of the journal.")):
    document: str
    kind: EntryKindName
    is_reversal: bool
    occurred_on: DayText
    period: PeriodText
    late: bool
    dealer: str
    account: AccountWord
    account_code: str = Field(description=N_("As the finance system calls the account."))
    debit: MoneyText | None
    credit: MoneyText | None
    reference: str
    posted_at: MomentText


class JournalPage(Shape, about=N_("Lines of the journal, the latest first.")):
    items: list[JournalLineShape]
    next_cursor: str | None


class EntryLineShape(Shape, about=N_("An amount on an account.")):
    account: AccountWord
    account_code: str
    debit: MoneyText | None
    credit: MoneyText | None


class JournalEntryShape(Shape, about=N_("An entry of the journal.")):
    document: str
    kind: EntryKindName
    is_reversal: bool
    occurred_on: DayText
    due_on: DayText | None
    period: PeriodText
    late: bool
    dealer: str
    reference: str
    posted_at: MomentText
    lines: list[EntryLineShape]


class JournalEntriesShape(Shape, about=N_("The entry of a document, and the one that reversed it.")):
    items: list[JournalEntryShape]


class TrialBalanceQuery(Shape):
    """Of which months."""

    first: Period | None = None
    last: Period | None = None
    dealer: Code | None = None


class AccountMonthShape(Shape, about=N_("An account over some months; a credit balance is negative.")):
    account: AccountWord
    account_code: str
    name_zh: str
    name_en: str
    opening: MoneyText
    debit: MoneyText
    credit: MoneyText
    closing: MoneyText


class TrialBalanceShape(Shape, about=N_("Every account that anything was posted to.")):
    first: PeriodText
    last: PeriodText
    items: list[AccountMonthShape]
