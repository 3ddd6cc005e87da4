"""What headquarters does about repairs, as JSON."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.repairs import CheckName, LineKindName, ResultName, VisitStateName
from portal.kernel.errors import N_
from portal.kernel.signature_rules import TEXT_MAX as SIGNATURE_MAX
from portal.repairs.report_rules import USED_MAX
from portal.repairs.rules import KEY_MAX, LINE_MAX, LINES_MAX, NAME_MAX, TEXT_MAX
from portal.service.rules import FILES_MAX
from portal.web.api.fields import Code, Day, Moment, MomentText, Money, Shape, Text, Whole


class RepairLineBody(Shape, about=N_("A line of a quote. A part needs its SKU and units only.")):
    kind: LineKindName
    sku: Text = Field("", max_length=64, description=N_("The SKU of a part."))
    text: Text = Field("", max_length=LINE_MAX)
    units: Money = Field(description=N_("Hours of labour, or pieces."))
    unit_price: Money | None = None
    tax_rate: Money | None = Field(None, description=N_("As a share: 0.13."))


class RepairQuoteBody(Shape, about=N_("A quote; with `offer` the dealer is asked at once.")):
    lines: list[RepairLineBody] = Field(max_length=LINES_MAX)
    valid_until: Day
    note: Text = Field("", max_length=TEXT_MAX)
    is_warranty: bool = False
    offer: bool = True


class RepairVisitBody(Shape, about=N_("An appointment.")):
    technician: Text = Field(max_length=254, description=N_("Email of somebody who serves this dealer."))
    starts_at: Moment
    ends_at: Moment
    address: Text = Field(max_length=LINE_MAX)
    contact: Text = Field("", max_length=NAME_MAX)
    phone: Text = Field("", max_length=NAME_MAX)
    note: Text = Field("", max_length=TEXT_MAX)


class RepairCheckBody(Shape, about=N_("What was found of a point of the check-list.")):
    item: Whole
    result: CheckName


class RepairUsedBody(Shape, about=N_("Units of a lot that went into the device.")):
    product: Code
    lot: Code
    quantity: Whole
    serials: list[Code] = Field(default=[], max_length=1000)


class RepairReportBody(
    Shape, about=N_("The report of a visit; the same `client_key` again answers what came of it first.")
):
    client_key: Text = Field(max_length=KEY_MAX)
    result: ResultName
    findings: Text = Field(max_length=TEXT_MAX)
    checks: list[RepairCheckBody] = Field(default=[], max_length=200)
    used: list[RepairUsedBody] = Field(default=[], max_length=USED_MAX)
    signed_name: Text = Field(max_length=200)
    signature: Text = Field("", max_length=SIGNATURE_MAX, description=N_("Strokes as a list of lists."))
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class RepairCancellationBody(Shape, about=N_("Why a repair is given up.")):
    reason: Text = Field(max_length=TEXT_MAX)


class RepairVisitsQuery(Shape, about=N_("Which visits.")):
    day: Day
    technician: Text | None = Field(None, max_length=254, description=N_("Email; everybody without it."))


class DayVisitShape(Shape, about=N_("A visit of a day.")):
    request: str
    visit: int
    state: VisitStateName
    technician: str
    starts_at: MomentText
    ends_at: MomentText
    address: str
    contact: str
    phone: str
    subject: str
    serial: str
    waits_for_parts: bool


class CheckItemShape(Shape, about=N_("A point of the check-list of a device.")):
    item: int
    zh: str
    en: str


class DayVisitsShape(Shape, about=N_("Visits in the order in which they begin.")):
    items: list[DayVisitShape]


class CheckListShape(Shape, about=N_("What is checked at the device of a request.")):
    items: list[CheckItemShape]
