"""Transfers as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.transfers.rules import LINES_MAX, NOTE_MAX
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Quantity, Shape, Text, Whole

State = Literal["draft", "in_transit", "differing", "received", "cancelled"]

SERIALS_MAX = 5_000


class TransferQuery(PageQuery):
    """Which transfers."""

    state: State | None = None
    warehouse: Code | None = Field(None, description=N_("Code of the warehouse at either end."))
    q: Text = Field("", max_length=100, description=N_("Part of a number, of a SKU or of a lot."))


class TransferLineBody(Shape, about=N_("Units of a lot that shall go.")):
    sku: Code
    lot: Code
    quantity: Quantity
    serials: list[Code] = Field(default_factory=list, max_length=SERIALS_MAX)


class TransferBody(Shape, about=N_("Goods that shall go from one warehouse to another.")):
    from_: Code = Field(alias="from", description=N_("Code of the warehouse that they leave."))
    to: Code = Field(description=N_("Code of the warehouse where they arrive."))
    lines: list[TransferLineBody] = Field(max_length=LINES_MAX)
    expected_on: Day | None = Field(None, description=N_("The day on which the goods arrive."))
    note: Text = Field("", max_length=NOTE_MAX)


class SerialsOfLotBody(Shape, about=N_("Serial numbers of the units of a lot.")):
    sku: Code
    lot: Code
    serials: list[Code] = Field(max_length=SERIALS_MAX)


class DispatchBody(Shape, about=N_("What leaves, as far as the draft does not say it.")):
    serials: list[SerialsOfLotBody] = Field(default_factory=list, max_length=LINES_MAX)
    expected_on: Day | None = Field(None, description=N_("The day on which the goods arrive."))


class ArrivedLineBody(Shape, about=N_("What arrived of a line.")):
    sku: Code
    lot: Code
    received: Whole = Field(description=N_("Units that are fit for sale, 0 too."))
    damaged: Whole = Field(0, description=N_("Units that are set apart."))
    serials: list[Code] = Field(default_factory=list, max_length=SERIALS_MAX)
    damaged_serials: list[Code] = Field(default_factory=list, max_length=SERIALS_MAX)


class TransferReceiptBody(Shape, about=N_("What arrived of every line.")):
    lines: list[ArrivedLineBody] = Field(max_length=LINES_MAX)


class SettledLineBody(Shape, about=N_("What became of units that were missing.")):
    sku: Code
    lot: Code
    found: Whole = Field(0, description=N_("Units that came into stock later."))
    lost: Whole = Field(0, description=N_("Units that are written off."))
    serials: list[Code] = Field(default_factory=list, max_length=SERIALS_MAX)
    lost_serials: list[Code] = Field(default_factory=list, max_length=SERIALS_MAX)


class DifferencesBody(Shape, about=N_("What became of units that were missing, and why.")):
    lines: list[SettledLineBody] = Field(max_length=LINES_MAX)
    reason: Text = Field(max_length=NOTE_MAX)


class TransferLineShape(Shape, about=N_("A line of a transfer.")):
    sku: str
    lot: str
    quantity: int
    received: int
    damaged: int
    lost: int
    open: int = Field(description=N_("Units of which nothing is known yet."))
    serials: list[str]


class TransferRowShape(Shape, about=N_("A transfer.")):
    number: str
    state: State
    from_: str = Field(alias="from")
    to: str
    units: int
    missing: int = Field(description=N_("Units that did not arrive and are not cleared up."))
    expected_on: DayText | None
    note: str
    made_by: str
    made_at: MomentText
    dispatched_by: str | None
    dispatched_at: MomentText | None
    received_by: str | None
    received_at: MomentText | None


class TransferShape(TransferRowShape, about=N_("A transfer with its lines.")):
    lines: list[TransferLineShape]


class TransferPage(Shape, about=N_("A page of transfers, the latest first.")):
    items: list[TransferRowShape]
    next_cursor: str | None
