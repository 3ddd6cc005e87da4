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
    QueryNumber,
    Shape,
)

FormName = Literal["csv", "xlsx"]
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


class JournalSought(Shape):
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


class JournalQuery(JournalSought, PageQuery):
    """Which lines of the journal, page by page."""


class JournalFileQuery(JournalSought):
    """Which lines of the journal, as a file."""

    form: FormName = "csv"


class VoucherFileQuery(Shape):
    """Which file of a month."""

    part: QueryNumber = Field(1, ge=1, le=9999, description=N_("As the list of the parts numbers them."))
    form: FormName = "csv"


class JournalLineShape(Shape, about=N_("A line of the journal.")):
    document: str
    kind: EntryKindName
    is_reversal: bool
    occurred_on: DayText
    period: PeriodText
    late: bool
    dealer: str
    dealer_name_zh: str
    dealer_name_en: str
    account: AccountWord
    account_code: str = Field(description=N_("As the finance system calls the account."))
    account_name_zh: str
    account_name_en: str
    debit: MoneyText | None
    credit: MoneyText | None
    reference: str
    posted_at: MomentText


class JournalPage(Shape, about=N_("Lines of the journal, the latest first.")):
    items: list[JournalLineShape]
    next_cursor: str | None


class AccountTotalShape(Shape, about=N_("What lines come to on an account.")):
    account: AccountWord
    account_code: str
    debit: MoneyText
    credit: MoneyText
    balance: MoneyText = Field(description=N_("Debit less credit."))
    lines: int


class JournalTotalsShape(Shape, about=N_("What the lines of a filter come to.")):
    complete: bool = Field(
        description=N_("False where there are too many lines to add up: narrow it, or ask the trial balance.")
    )
    items: list[AccountTotalShape]


class JournalPartShape(Shape, about=N_("A file of a month; no voucher is torn.")):
    part: int
    vouchers: int


class JournalPartsShape(Shape, about=N_("The files that a month comes in.")):
    period: PeriodText
    vouchers: int
    items: list[JournalPartShape]


class VoucherLineShape(Shape, about=N_("An amount on an account.")):
    account: AccountWord
    account_code: str
    account_name_zh: str
    account_name_en: str
    debit: MoneyText | None
    credit: MoneyText | None


class VoucherShape(Shape, about=N_("An entry as a finance system takes it over.")):
    voucher: str = Field(
        description=N_("Number of the document, with `/R` behind it of its reversal. It never changes.")
    )
    voucher_no: int = Field(description=N_("Its place in the month, which stands once the month is shut."))
    date: DayText
    period: PeriodText
    dealer: str
    dealer_name_zh: str
    document: str
    summary: str = Field(description=N_("In Chinese."))
    lines: list[VoucherLineShape]


class VoucherPage(Shape, about=N_("Vouchers of a month, in their order.")):
    items: list[VoucherShape]
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
