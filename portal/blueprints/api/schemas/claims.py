"""Rebate claims as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.claims.entry import LINES_MAX, NAME_MAX
from portal.claims.rules import TEXT_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    Day,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Quantity,
    Shape,
    Text,
    Whole,
)

Kind = Literal["period", "promotion", "marketing", "price_protection", "samples", "tender"]
TreatmentWord = Literal["price_reduction", "service"]
State = Literal["draft", "submitted", "in_approval", "returned", "approved", "paid", "rejected", "withdrawn"]
ApproverWord = Literal["channel_manager", "hq_finance"]
StepWord = Literal["submitted", "approved", "returned", "rejected", "withdrawn", "paid"]


class ClaimsQuery(PageQuery):
    """Which claims."""

    state: State | None = None
    kind: Kind | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number of the claim or its note."))


class ClaimInvoiceBody(Shape, about=N_("An invoice of somebody else that the dealer paid.")):
    issuer: Text = Field(max_length=NAME_MAX, description=N_("Name or tax number of who issued it."))
    number: Text = Field(max_length=NAME_MAX)
    date: Day
    amount: Money = Field(description=N_("VAT included."))


class ClaimLineBody(Shape, about=N_("Stock of one product on the day of a price cut.")):
    sku: Code
    quantity: Quantity
    old_price: Money = Field(description=N_("Of a unit, VAT included."))
    new_price: Money


class ClaimBody(Shape, about=N_("What a dealer asks money for. Which members are needed depends on `kind`.")):
    kind: Kind | None = Field(None, description=N_("Without it `period`."))
    programme: Text = Field("", max_length=NAME_MAX, description=N_("Of a `period` claim: its number."))
    period: Text = Field(
        "", max_length=NAME_MAX, description=N_("Of a `period` claim: 2026-10, 2026-Q4, 2026-H2 or 2026.")
    )
    amount: Money | None = Field(
        None, description=N_("Of `period` and `price_protection` claims: without it, what is calculated.")
    )
    treatment: TreatmentWord | None = Field(
        None, description=N_("Whether it reduces prices or pays a service; without it as is usual.")
    )
    activity: Text = Field("", max_length=NAME_MAX, description=N_("The approved activity it is for."))
    first_day: Day | None = Field(None, alias="from", description=N_("First day of the expenses."))
    last_day: Day | None = Field(None, alias="to", description=N_("Last day of the expenses."))
    cut_on: Day | None = Field(None, description=N_("Of `price_protection`: the day of the price cut."))
    hospital: Text = Field("", max_length=NAME_MAX, description=N_("Of a `tender` claim."))
    tender_reference: Text = Field("", max_length=NAME_MAX, description=N_("Of a `tender` claim."))
    note: Text = Field("", max_length=TEXT_MAX)
    invoices: list[ClaimInvoiceBody] = Field(default=[], max_length=LINES_MAX)
    lines: list[ClaimLineBody] = Field(default=[], max_length=LINES_MAX)
    evidence: list[Code] = Field(default=[], max_length=50, description=N_("Ids of uploaded files."))
    draft: bool = Field(False, description=N_("Keep it as a draft instead of submitting it."))


class ClaimCompletionBody(
    ClaimBody, about=N_("The claim as a whole: what is left out is gone, but for its files, which stay.")
):
    revision: Whole | None = Field(None, description=N_("As it was read; 409 if it has changed since."))


class ClaimHeadShape(Shape, about=N_("A claim without its history.")):
    number: str = Field(examples=["CL2611-7M2K9QXA4"])
    kind: Kind
    treatment: TreatmentWord
    state: State
    dealer: str
    asked: MoneyText
    calculated: MoneyText | None = Field(description=N_("By the portal; null where nothing is reckoned."))
    approved: MoneyText | None
    entered_at: MomentText
    submitted_at: MomentText | None
    due_at: MomentText | None = Field(description=N_("Until when headquarters means to have decided."))
    note_number: str | None = Field(description=N_("Of the note that pays it."))


class ClaimStepShape(Shape, about=N_("A step of the history.")):
    act: StepWord
    round: int = Field(description=N_("How often it was submitted until then."))
    step: int = Field(description=N_("Of the chain of approvers, from 1; 0 where none signs."))
    approver: ApproverWord | None
    by: str
    in_name_of: str | None = Field(description=N_("Who delegated it."))
    amount: MoneyText | None
    calculated: MoneyText | None
    reason: str
    at: MomentText


class ClaimChainShape(Shape, about=N_("A signature that a claim needs.")):
    approver: ApproverWord
    signed: bool


class ClaimInvoiceShape(Shape, about=N_("An invoice of somebody else that the dealer paid.")):
    issuer: str
    number: str
    date: DayText
    amount: MoneyText


class ClaimLineShape(Shape, about=N_("Stock of one product on the day of a price cut.")):
    sku: str
    quantity: int
    old_price: MoneyText
    new_price: MoneyText


class ClaimFileShape(Shape, about=N_("A file of evidence.")):
    id: str
    name: str
    size: int
    sha256: str


class ClaimShape(ClaimHeadShape, about=N_("A claim with its evidence and its steps.")):
    revision: int
    programme: str
    period: str
    activity: str
    first_day: DayText | None
    last_day: DayText | None
    hospital: str
    tender_reference: str
    note: str
    calculated_now: MoneyText | None = Field(
        description=N_("While it is open: what it is worth today, which an amendment or a return may change.")
    )
    decision_note: str
    doubts: list[
        Literal["above_calculated", "no_evidence", "evidence_outside", "dealer_overdue", "late", "alike"]
    ] = Field(description=N_("What looks odd; for headquarters only."))
    chain: list[ClaimChainShape]
    invoices: list[ClaimInvoiceShape]
    lines: list[ClaimLineShape]
    evidence: list[ClaimFileShape]
    steps: list[ClaimStepShape]


class ClaimPage(Shape, about=N_("A page of claims, the latest first.")):
    items: list[ClaimHeadShape]
    next_cursor: str | None
