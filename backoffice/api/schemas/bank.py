"""Statements of the bank: what is sent, what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, MoneyText, PageQuery, Shape, Text

State = Literal["waiting", "matched", "aside", "not_ours"]


def _flag(value: Any) -> Any:
    """True and false as JSON has them, or as a form writes them."""
    return (
        {"true": True, "false": False, "1": True, "0": False, "": False}.get(value, value)
        if isinstance(value, str)
        else value
    )


Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]


class BankStatementBody(
    Shape, about=N_("A bank's file as a form with a `file`; or the text of one, without its encoding.")
):
    text: Text = Field("", max_length=900_000)
    name: Text = Field("", max_length=200)
    account: Text = Field("", max_length=64, description=N_("Where the file does not say whose it is."))
    confirm_extract: Flag = Field(
        False, description=N_("That a file which nothing proves whole is meant to be an extract.")
    )


class BankStatementShape(
    Shape, about=N_("A file that is in. Of its bookings some are matched and some wait for a person.")
):
    id: str
    account: str = Field(description=N_("Of the first statement in the file."))
    accounts: list[str]
    bookings: int
    new: int = Field(description=N_("Bookings that no file told of before."))
    matched: int
    waiting: int
    extract: bool
    repeated: bool = Field(description=N_("The same file was in already: nothing has changed."))


class ProposalShape(Shape, about=N_("What a booking may have paid.")):
    kind: Literal["posted", "linked", "reversed"] = Field(
        description=N_("A payment would be posted, one is in the books already, or one would be reversed.")
    )
    dealer: str
    invoices: list[str]
    payment: str | None
    reason: str
    score: int = Field(description=N_("Of a hundred."))


class BankBookingShape(Shape, about=N_("A booking of a file.")):
    n: int = Field(description=N_("Its place in the file, from 1."))
    line: int = Field(description=N_("Line or row of the file."))
    account: str
    currency: str
    booked_on: DayText
    value_on: DayText | None
    amount: MoneyText = Field(description=N_("Money out is negative."))
    reversal: bool
    text: str
    reference: str
    bank_reference: str
    party: str
    party_account: str
    balance: MoneyText | None
    state: State
    new: bool
    dealer: str | None
    payment: str | None
    invoices: list[str]
    matched_as: Literal["posted", "linked", "reversed"] | None
    proposals: list[ProposalShape] = Field(description=N_("While it waits; the surest first."))


class BankBookingPage(Shape, about=N_("Bookings in the order of the file.")):
    items: list[BankBookingShape]
    next_cursor: str | None


class BankBookingsQuery(PageQuery):
    pass


class BankMatchBody(
    Shape, about=N_("What a booking paid: invoices of one dealer, a dealer, or a payment in the books.")
):
    invoices: list[Code] = Field(default_factory=list, max_length=200)
    dealer: Code | None = Field(None, description=N_("For money on account."))
    payment: Code | None = Field(
        None, description=N_("A payment in the books: of the same amount, or one that the bank takes back.")
    )
    confirm_duplicate: bool = Field(False)
    confirm_amount: bool = Field(False)


class BankUnmatchBody(Shape, about=N_("Why a match is taken back.")):
    reason: Text = Field("", max_length=500)
