"""Facts about dealers as headquarters' systems state and read them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Shape, Text

FactKindText = Literal["no_diversion_case"]
FactStateText = Literal["stated", "confirmed", "refused"]


class FactBody(Shape, about=N_("Whether something holds of a dealer, with its evidence.")):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dealer": "D0001",
                    "kind": "no_diversion_case",
                    "holds": False,
                    "from": "2026-11-03",
                    "reason": "Goods of lot GZ-2 were found in another region.",
                    "files": ["FI2611-7K3F9Q2MA"],
                }
            ]
        }
    )

    dealer: Code
    kind: FactKindText
    holds: bool = Field(description=N_("False: a case is open. The latest word on a day counts."))
    first: Day = Field(alias="from")
    last: Day | None = Field(None, alias="to", description=N_("None: until further notice."))
    reason: Text = Field(min_length=1, max_length=500, description=N_("The dealer reads it."))
    files: list[Code] = Field(max_length=20, description=N_("Ids of uploaded files: the evidence."))


class FactRefusalBody(Shape, about=N_("Why it does not count.")):
    reason: Text = Field(min_length=1, max_length=500)


class FactsQuery(PageQuery):
    """Which facts."""

    state: FactStateText | None = None


class FactFileShape(Shape, about=N_("A file of a fact.")):
    id: str
    name: str
    size: int
    sha256: str


class FactHeadShape(Shape, about=N_("A fact about a dealer.")):
    number: str = Field(examples=["FS2611-7K3F9Q2MA"])
    dealer: str
    kind: FactKindText
    holds: bool
    first: DayText = Field(alias="from")
    last: DayText | None = Field(alias="to")
    reason: str
    state: FactStateText
    stated_by: str
    stated_at: MomentText
    decided_at: MomentText | None
    decision_note: str = Field(description=N_("Why it was refused."))


class FactShape(FactHeadShape, about=N_("A fact about a dealer with its evidence.")):
    files: list[FactFileShape]


class FactPage(Shape, about=N_("Facts, the latest first.")):
    items: list[FactHeadShape]
    next_cursor: str | None
