"""Confirmations and disputes of statements as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.disputes.rules import FILES_MAX, LINES_MAX, REASON_MAX, TEXT_MAX
from portal.kernel.errors import N_
from portal.statements.rules import NAME_MAX
from portal.web.api.fields import (
    Code,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    PeriodText,
    RateText,
    Shape,
    Text,
)

State = Literal["open", "resolved", "withdrawn"]
DisputeKindName = Literal[
    "amount", "price", "not_received", "returned", "paid", "rebate", "duplicate", "missing", "other"
]
OutcomeName = Literal["stands", "reversed", "document", "adjusted"]


class ConfirmationBody(Shape, about=N_("The signature under a confirmation.")):
    name: Text = Field("", max_length=NAME_MAX, examples=["陈志强"])


class ConfirmationShape(Shape, about=N_("A statement that is confirmed; it never changes.")):
    number: str
    state: Literal["confirmed"]
    name: str
    confirmed_at: MomentText
    sha256: str = Field(description=N_("SHA-256 of the statement's content, which was signed."))


class DisputedLineBody(Shape, about=N_("What is said of one document.")):
    document: Text = Field(
        "",
        max_length=64,
        description=N_("Its number on the statement; of one that is missing the dealer's own."),
        examples=["IN2610-4C8P0XNQ7"],
    )
    amount: Money = Field(description=N_("What of it is disputed, above zero."))
    reason: Text = Field("", max_length=REASON_MAX)
    kind: DisputeKindName = "other"


class DisputeBody(Shape, about=N_("What is wrong with a statement.")):
    lines: list[DisputedLineBody] = Field(default=[], max_length=LINES_MAX)
    note: Text = Field("", max_length=TEXT_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class DisputeMessageBody(Shape, about=N_("What is said to the other side.")):
    text: Text = Field("", max_length=TEXT_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class DisputeWithdrawalBody(Shape, about=N_("Why a dispute is taken back; may be left out.")):
    text: Text = Field("", max_length=TEXT_MAX)


class DecisionBody(Shape, about=N_("How a line is answered.")):
    line: int = Field(ge=1, le=LINES_MAX)
    outcome: OutcomeName = Field(
        description=N_(
            "`reversed`: the payment is reversed with it. `document`: `correction` puts it right. "
            "`adjusted`: a note over the difference in price is posted with it."
        )
    )
    correction: Text = Field("", max_length=64)
    invoice_line: int | None = Field(
        None, ge=1, le=9999, description=N_("Of `adjusted`: the line of the disputed invoice.")
    )
    gives: Money | None = Field(
        None,
        description=N_("Of `adjusted`: what the dealer gets back, VAT included; negative bills more."),
    )


class ResolutionBody(Shape, about=N_("The answer to every line of a dispute.")):
    lines: list[DecisionBody] = Field(default=[], max_length=LINES_MAX)
    text: Text = Field("", max_length=TEXT_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class DisputesQuery(PageQuery):
    """Which disputes."""

    state: State | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number of the dispute or its statement."))


class DisputeHeadShape(Shape, about=N_("A dispute without its lines.")):
    number: str = Field(examples=["DP2611-7M2K9QXA4"])
    state: State
    dealer: str
    statement: str
    amount: MoneyText
    opened_at: MomentText
    ended_at: MomentText | None


class DisputeLineShape(Shape, about=N_("A disputed document and how it was answered.")):
    line: int
    document: str
    amount: MoneyText
    kind: DisputeKindName
    reason: str
    outcome: OutcomeName | None
    correction: str


class DisputeFileShape(Shape, about=N_("A file of a dispute.")):
    id: str
    name: str
    size: int
    sha256: str


class DisputeEntryShape(Shape, about=N_("Something that was said or done.")):
    kind: Literal["opened", "message", "withdrawn", "resolved"]
    by_headquarters: bool
    author: str
    text: str
    said_at: MomentText
    files: list[DisputeFileShape]


class DisputeShape(DisputeHeadShape, about=N_("A dispute with its lines and its conversation.")):
    lines: list[DisputeLineShape]
    entries: list[DisputeEntryShape]


class DisputePage(Shape, about=N_("A page of disputes, the latest first.")):
    items: list[DisputeHeadShape]
    next_cursor: str | None


class AdjustedLineShape(Shape, about=N_("What of a line of the invoice is adjusted, VAT included.")):
    line: int
    sku: str
    tax_rate: RateText
    gross: MoneyText
    tax: MoneyText


class AdjustmentShape(
    Shape, about=N_("A note over a difference in price: negative amounts give back; `gross` = `net` + `tax`.")
):
    number: str
    dealer: str = Field(description=N_("Code of a dealer."))
    invoice: str = Field(description=N_("Whose lines it adjusts."))
    source: str = Field(description=N_("The dispute it resolves, or the credit note it belongs to."))
    issued_on: DayText
    due_on: DayText
    period: PeriodText
    net: MoneyText
    tax: MoneyText
    gross: MoneyText
    lines: list[AdjustedLineShape]
