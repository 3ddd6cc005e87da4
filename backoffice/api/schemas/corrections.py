"""Documents put right, and what settles what."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.entry_kinds import EntryKindName
from portal.web.api.fields import (
    Code,
    DayText,
    MomentText,
    MoneyText,
    PageQuery,
    PeriodText,
    Quantity,
    Shape,
    Text,
    Whole,
)

Kind = Literal["reversal", "credit_note", "write_off", "refund", "deposit_return"]
State = Literal["waiting", "approved", "rejected"]


class ReasonBody(Shape, about=N_("Why.")):
    reason: Text = Field(min_length=1, max_length=500)


class ReturnedLineBody(Shape, about=N_("Units of an invoice's line that came back.")):
    line: Whole = Field(description=N_("Number of the order line."))
    quantity: Quantity
    lot: Text = Field(
        "", max_length=64, description=N_("Needed where the line was shipped from several lots.")
    )


class CreditNoteBody(Shape, about=N_("Goods of an invoice that came back. Lines of one lot add up.")):
    invoice: Code = Field(examples=["IN2611-8Q4T0V7XC"])
    reason: Text = Field(min_length=1, max_length=500)
    lines: list[ReturnedLineBody] = Field(min_length=1, max_length=1000)


class CorrectionShape(
    Shape,
    about=N_(
        "What came of a correction: `approved` is posted as `document`, `waiting` needs another person."
    ),
):
    kind: Kind
    state: State
    subject: str = Field(
        description=N_("The payment or service invoice that is reversed, or the invoice that is credited.")
    )
    amount: MoneyText
    document: str | None
    period: PeriodText | None
    request: str | None = Field(
        description=N_("Number of the request that another person approves or rejects.")
    )


class ReturnedLineShape(Shape, about=N_("Units of an invoice's line that came back.")):
    line: int
    quantity: int
    lot: str


class GivenUpShape(Shape, about=N_("A debt that is given up, in whole or in part.")):
    document: str
    amount: MoneyText


class PaidOutShape(Shape, about=N_("How money is paid out.")):
    paid_on: DayText
    method: str
    reference: str


class CorrectionRequestShape(Shape, about=N_("A correction that one person may not post alone.")):
    number: str
    dealer: str
    kind: Kind
    state: State
    subject: str
    amount: MoneyText
    lines: list[ReturnedLineShape] = Field(description=N_("Of a credit note."))
    debts: list[GivenUpShape] = Field(description=N_("Of a write-off."))
    payment: PaidOutShape | None = Field(description=N_("Of a refund, or of a deposit that is returned."))
    reason: str
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    decision_note: str
    document: str | None


class CorrectionRequestPage(Shape, about=N_("Requests for corrections, the latest first.")):
    items: list[CorrectionRequestShape]
    next_cursor: str | None


class CorrectionRequestsQuery(PageQuery):
    """Which requests."""

    state: State | None = None


class AllocationShape(Shape, about=N_("What settles what. Negative when it was undone.")):
    document_no: str
    kind: EntryKindName
    amount: MoneyText
    period: PeriodText
    posted_at: MomentText


class BookedPaymentShape(Shape, about=N_("A payment with the documents it settles.")):
    number: str
    dealer: str
    amount: MoneyText
    received_on: DayText
    method: str
    reference: str
    period: PeriodText
    reversed_at: MomentText | None
    unallocated: MoneyText
    allocations: list[AllocationShape]
