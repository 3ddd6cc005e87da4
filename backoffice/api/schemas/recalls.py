"""Recalls as JSON, for headquarters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.recalls import ResponseState, ScopeShape
from portal.kernel.errors import N_
from portal.kernel.proposals import REASON_MAX
from portal.recalls.draft_rules import LOTS_MAX, NOTICE_MAX
from portal.recalls.rules import SCOPE_MAX, TEXT_MAX, TITLE_MAX
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Shape, Text, Whole

RecallState = Literal["draft", "confirmed", "running", "closed", "withdrawn"]


class RecallQuery(PageQuery):
    """Which recalls."""

    state: RecallState | None = Field(None, description=N_("Only those in this state."))


class HolderQuery(PageQuery):
    """Which holders."""

    which: Literal["silent", "call"] | None = Field(
        None, description=N_("Only those that have not answered, or have to be telephoned.")
    )


class ScopeBody(Shape, about=N_("What of a product is recalled: lots, a range, or all of it.")):
    sku: Code
    lots: list[Code] = Field(default=[], max_length=LOTS_MAX)
    serial_from: Text = Field("", max_length=64)
    serial_to: Text = Field("", max_length=64)
    without: list[Code] = Field(default=[], max_length=LOTS_MAX)
    made_from: Day | None = None
    made_to: Day | None = None
    all: bool = Field(False, description=N_("All of the product, where nothing else is named."))


class RecallDraftBody(Shape, about=N_("A draft: nothing is blocked before a second person has decided.")):
    level: Whole = Field(ge=1, le=3)
    title: Text = Field(max_length=TITLE_MAX)
    reason: Text = Field(max_length=TEXT_MAX)
    demands: Text = Field(max_length=TEXT_MAX, description=N_("What holders have to do."))
    drill: bool = False
    scope: list[ScopeBody] = Field(min_length=1, max_length=SCOPE_MAX)
    notice_text: Text = Field("", max_length=NOTICE_MAX)


class NoticeTextBody(Shape, about=N_("The text of a notice, in Chinese or English.")):
    text: Text = Field(min_length=1, max_length=NOTICE_MAX)


class RecallRevisionBody(Shape, about=N_("The revision that was read.")):
    revision: Whole = Field(ge=1)


class RecallReasonBody(RecallRevisionBody, about=N_("The revision that was read, and why.")):
    reason: Text = Field(max_length=REASON_MAX)


class ClosureBody(RecallReasonBody, about=N_("Why it is closed, and why in spite of what is open.")):
    reasons: dict[str, str] = Field(
        default={}, max_length=10_000, description=N_("A reason by the code of each dealer that is open.")
    )
    otherwise: Text = Field("", description=N_("The reason of all that have none of their own."))


class ProposedLineShape(ScopeShape, about=N_("A line of the proposal.")):
    article: str = Field(description=N_("What the text calls it; `sku` is empty where that is none of ours."))


class RecallProposalShape(Shape, about=N_("The scope that a text seems to name, for a person to confirm.")):
    level: int | None
    scope: list[ProposedLineShape]
    questions: list[str] = Field(description=N_("Codes of what a person has to say first."))


class RecallShape(Shape, about=N_("A recall.")):
    number: Code
    state: RecallState
    level: int
    drill: bool
    title: str
    version: int
    drafted_at: MomentText
    decided_at: MomentText | None
    notices_by: DayText | None
    report_by: DayText | None
    closed_at: MomentText | None


class RecallPage(Shape, about=N_("Recalls, the latest first.")):
    items: list[RecallShape]
    next_cursor: str | None


class RecallDetailShape(RecallShape, about=N_("A recall with its scope and how far it has got.")):
    revision: int
    reason: str
    demands: str
    scope: list[ScopeShape]
    accounted: int
    of: int
    percent: str = Field(description=N_("Cut to one place, not rounded."))
    answers: int
    holders: int
    summary_by: DayText | None
    kept_until: DayText | None


class RecallHolderShape(Shape, about=N_("A dealer that holds or held recalled units, with its answer.")):
    dealer: str
    state: ResponseState
    held: int
    found: int
    used: int
    passed_on: int
    returned: int
    destroyed: int
    passed_to: str
    note: str
    notified_at: MomentText
    read_at: MomentText | None
    answered_at: MomentText | None
    telephoned_at: MomentText | None
    open_reason: str


class HolderPage(Shape, about=N_("Holders, the latest told first.")):
    items: list[RecallHolderShape]
    next_cursor: str | None
