"""Repairs as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.repairs.rules import TEXT_MAX
from portal.web.api.fields import DayText, MomentText, MoneyText, RateText, Shape, Text, Whole

RepairStateName = Literal["quoting", "offered", "accepted", "done", "cancelled"]
QuoteStateName = Literal["draft", "offered", "accepted", "declined", "expired", "withdrawn"]
LineKindName = Literal["labour", "travel", "part", "other"]
VisitStateName = Literal["planned", "reported", "cancelled"]
ResultName = Literal["passed", "failed", "not_tested"]
CheckName = Literal["ok", "not_ok", "not_applicable"]


class QuoteAcceptanceBody(Shape, about=N_("Which version of the quote is accepted.")):
    version: Whole


class QuoteRefusalBody(Shape, about=N_("Which version of the quote is declined, and why.")):
    version: Whole
    reason: Text = Field("", max_length=TEXT_MAX)


class RepairLineShape(Shape, about=N_("A line of a quote; the tax is within the amount.")):
    kind: LineKindName
    sku: str | None
    text: str
    units: MoneyText = Field(description=N_("Hours of labour, or pieces."))
    unit_price: MoneyText
    tax_rate: RateText
    amount: MoneyText
    tax: MoneyText


class RepairQuoteShape(Shape, about=N_("A version of a quote.")):
    version: int
    state: QuoteStateName
    is_warranty: bool
    valid_until: DayText
    note: str
    gross: MoneyText
    tax: MoneyText
    decided_by: str
    decided_at: MomentText | None
    reason: str
    lines: list[RepairLineShape]


class RepairPartShape(Shape, about=N_("A part that an accepted repair needs.")):
    product: str
    quantity: int
    reserved: int
    used: int


class RepairUsedShape(Shape, about=N_("Units of a lot that went into the device.")):
    product: str
    lot: str
    quantity: int
    serials: list[str]


class RepairCheckShape(Shape, about=N_("A point of the check-list.")):
    zh: str
    en: str
    result: CheckName


class RepairReportShape(Shape, about=N_("What was found and done at a visit.")):
    result: ResultName
    findings: str
    checks: list[RepairCheckShape]
    used: list[RepairUsedShape]
    signed_name: str
    filed_by: str
    filed_at: MomentText


class RepairVisitShape(Shape, about=N_("A visit, with its report once there is one.")):
    visit: int
    state: VisitStateName
    technician: str
    starts_at: MomentText
    ends_at: MomentText
    address: str
    contact: str
    phone: str
    note: str
    report: RepairReportShape | None


class RepairInvoiceShape(Shape, about=N_("What is billed of a repair.")):
    number: str
    gross: MoneyText
    tax: MoneyText
    due_on: DayText
    open: MoneyText = Field(description=N_("What is still to be paid."))
    is_reversed: bool = Field(description=N_("It was taken back whole."))


class RepairShape(Shape, about=N_("The latest repair of a service request.")):
    number: str = Field(examples=["RP2611-7M2K9QXA4"])
    request: str
    state: RepairStateName
    is_warranty: bool
    waits_for_parts: bool
    warehouse: str | None
    quotes: list[RepairQuoteShape]
    parts: list[RepairPartShape]
    visits: list[RepairVisitShape]
    invoice: RepairInvoiceShape | None
