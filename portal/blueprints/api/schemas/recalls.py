"""Recalls as a holder's system reads and answers them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.recalls.rules import NOTE_MAX, UNITS_MAX, WITNESS_MAX
from portal.web.api.fields import Code, DayText, MomentText, Shape, Text, Whole

ResponseState = Literal["notified", "read", "answered"]
ScopeKind = Literal["lots", "serials", "made", "all"]


class ScopeShape(Shape, about=N_("What of a product is recalled.")):
    sku: str
    kind: ScopeKind
    lots: list[str]
    serial_from: str
    serial_to: str
    without: list[str] = Field(description=N_("Serial numbers of the range that are not recalled."))
    made_from: DayText | None
    made_to: DayText | None


class OwnRecallShape(Shape, about=N_("A recall of goods that the dealer holds or held.")):
    number: Code
    title: str
    level: int
    drill: bool
    closed: bool
    state: ResponseState
    held: int = Field(description=N_("Units the dealer has to answer for."))
    notified_at: MomentText
    answer_by: DayText
    answered_at: MomentText | None


class OwnRecallPage(Shape, about=N_("Recalls, the latest first.")):
    items: list[OwnRecallShape]
    next_cursor: str | None


class OwnRecallDetailShape(OwnRecallShape, about=N_("A recall with the notice and the dealer's answer.")):
    reason: str
    demands: str
    scope: list[ScopeShape]
    found: int
    used: int
    passed_on: int
    returned: int
    destroyed: int
    passed_to: str
    witness: str
    note: str


class ResponseBody(Shape, about=N_("What became of the units.")):
    found: Whole = Field(0, ge=0, le=UNITS_MAX, description=N_("Found and kept apart."))
    used: Whole = Field(0, ge=0, le=UNITS_MAX)
    passed_on: Whole = Field(0, ge=0, le=UNITS_MAX)
    returned: Whole = Field(0, ge=0, le=UNITS_MAX, description=N_("Sent back."))
    destroyed: Whole = Field(0, ge=0, le=UNITS_MAX)
    passed_to: Text = Field("", max_length=NOTE_MAX, description=N_("Who has what was passed on."))
    witness: Text = Field("", max_length=WITNESS_MAX, description=N_("Who saw the units destroyed."))
    note: Text = Field("", max_length=NOTE_MAX)
    photos: list[Code] = Field(default=[], max_length=10, description=N_("Ids of uploaded pictures."))
