"""What headquarters does with returns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from portal.blueprints.api.schemas.returns import Result
from portal.kernel.errors import N_
from portal.returns.rules import LINES_MAX, NOTE_MAX
from portal.web.api.fields import Code, Quantity, Shape, Text, Whole

OrderLine = Annotated[int | None, Field(ge=1, le=32767)]


class ReturnApprovalBody(Shape, about=N_("Nothing needs to be said.")):
    note: Text = Field("", max_length=NOTE_MAX)


class ReturnedUnitsBody(Shape, about=N_("Units of a product and lot that came.")):
    sku: Code
    lot: Text = Field("-", max_length=64)
    quantity: Whole
    serials: list[Code] = Field(default=[], max_length=1000)
    line: OrderLine = Field(None, description=N_("Order line; without it the first of the lot comes first."))


class ReturnReceiptBody(Shape, about=N_("What came; without `lines` everything that was asked back.")):
    lines: list[ReturnedUnitsBody] | None = Field(None, max_length=LINES_MAX)


class ReturnJudgedBody(Shape, about=N_("What was found of units of a product and lot.")):
    sku: Code
    lot: Text = Field("-", max_length=64)
    quantity: Quantity
    result: Result = Field(
        description=N_("`scrap` waits in quarantine to be destroyed; `refused` goes back and is not paid.")
    )
    note: Text = Field("", max_length=NOTE_MAX, description=N_("Needed unless the units are saleable."))
    serials: list[Code] = Field(default=[], max_length=1000)
    line: OrderLine = Field(None, description=N_("Order line, needed where the lot came back of several."))


class ReturnInspectionBody(Shape, about=N_("Every unit that came is judged.")):
    lines: list[ReturnJudgedBody] = Field(min_length=1, max_length=4 * LINES_MAX)
    credit_instead: bool = Field(
        False, description=N_("Credit what was to be exchanged too, and send nothing again.")
    )
    bill_gifts: bool = Field(
        False,
        description=N_("Bill gifts that stay also where they cost more than the return gives back."),
    )
