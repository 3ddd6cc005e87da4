"""What a dealer was settled in rebates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, MomentText, MoneyText, PageQuery, PeriodText, RateText, Shape


class SettledQuery(PageQuery):
    """Whose settlements."""

    dealer: Code | None = Field(None, description=N_("For headquarters: code of the dealer."))


class SettledShape(Shape, about=N_("What was settled of one period.")):
    programme: str
    period: str
    kind: Literal["provisional", "final", "adjustment"]
    source: str = Field(description=N_("Number of the settlement or claim."))
    accrued: MoneyText
    guaranteed: MoneyText
    carried_in: MoneyText
    advanced: MoneyText = Field(description=N_("Paid ahead, and taken off now; negative in the advance."))
    carried_out: MoneyText = Field(description=N_("Too little to be paid: it waits for the next period."))
    cut: MoneyText
    paid: MoneyText = Field(
        description=N_("accrued + guaranteed + carried_in − advanced − carried_out − cut.")
    )
    note: str | None = Field(description=N_("Number of the note in the account."))
    month: PeriodText | None = Field(description=N_("Month of the account statement that shows it."))
    settled_at: MomentText


class SettledPage(Shape, about=N_("A page of what was settled.")):
    items: list[SettledShape]
    next_cursor: str | None


class NoteQuery(Shape):
    """Whose note."""

    dealer: Code | None = Field(None, description=N_("For headquarters: code of the dealer."))


class BalanceShape(Shape, about=N_("What is left of one programme's rebates.")):
    programme: str
    share: RateText = Field(description=N_("Of an invoice, at most."))
    balance: MoneyText


class BalanceList(Shape, about=N_("Rebates that are kept for later invoices.")):
    items: list[BalanceShape]
    next_cursor: None


class NoteLineShape(Shape, about=N_("What a note gives on one invoice at one rate of tax.")):
    line: int
    invoice: str = Field(description=N_("Empty where the rebate belongs to none."))
    tax_rate: RateText
    net: MoneyText
    tax: MoneyText
    gross: MoneyText


class NoteShape(Shape, about=N_("A rebate note with the invoices it gives on.")):
    number: str
    lines: list[NoteLineShape]
