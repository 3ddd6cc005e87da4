"""Corrections of statements, and the clause by which time confirms them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.account import LateCorrectionShape
from portal.kernel.errors import N_
from portal.statements.correction_rules import CONTRACT_MAX, DOCUMENTS_MAX, REASON_MAX
from portal.web.api.fields import (
    Code,
    MomentText,
    MoneyText,
    PageQuery,
    PeriodText,
    Shape,
    Text,
    Whole,
)

State = Literal["proposed", "approved", "rejected"]


class StatementCorrectionsQuery(PageQuery):
    """Which corrections."""

    state: State | None = None


class StatementCorrectionBody(Shape, about=N_("Which later documents belong to the month, and why.")):
    documents: list[Code] = Field(
        default=[],
        max_length=DOCUMENTS_MAX,
        description=N_(
            "Of `later`; none where only names, bank or terms were put right, which follow by themselves."
        ),
    )
    reason: Text = Field("", max_length=REASON_MAX)


class StatementCorrectionRejectionBody(Shape, about=N_("Why a correction is refused.")):
    reason: Text = Field("", max_length=REASON_MAX)


class NamedChangeShape(Shape, about=N_("What the next version names otherwise.")):
    what: str = Field(examples=["dealer.address"])
    before: str
    after: str


class StatementCorrectionShape(
    Shape, about=N_("A correction of a statement, with what it changes. Its figures and lines stay.")
):
    statement: str = Field(examples=["ST2610-5K3V8NQ2C"])
    dealer: str
    period: PeriodText
    state: State
    version: int | None = Field(description=N_("What it made, once it is approved."))
    reason: str
    documents: list[str]
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None
    decision_note: str
    changes: list[NamedChangeShape] = Field(
        description=N_("While it waits, against master data of today; of a rejected one nothing.")
    )
    documents_before: list[LateCorrectionShape]
    documents_after: list[LateCorrectionShape] = Field(
        description=N_("While it waits, without those that were reversed since.")
    )
    closing_before: MoneyText = Field(description=N_("The closing balance with the later documents."))
    closing_after: MoneyText | None = Field(description=N_("Null of a rejected one."))


class StatementCorrectionPage(Shape, about=N_("Corrections of statements, the latest first.")):
    items: list[StatementCorrectionShape]
    next_cursor: str | None


class CorrectableStatementShape(Shape, about=N_("The corrections of one statement, the latest first.")):
    statement: str
    version: int = Field(description=N_("The current one."))
    items: list[StatementCorrectionShape]
    later: list[LateCorrectionShape] = Field(
        description=N_("Documents of later months, of which a correction may name some.")
    )


class ClauseBody(Shape, about=N_("What a dealer's contract says of statements that nobody answers.")):
    active: bool = Field(description=N_("Without the clause, silence confirms nothing."))
    days: Whole | None = Field(None, description=N_("Needed with the clause."))
    contract: Text = Field(
        "", max_length=CONTRACT_MAX, description=N_("Which contract and clause say so."), examples=["§ 8.2"]
    )
    revision: Whole = Field(description=N_("Of the clause that was read; 0 where none was ever set."))


class ClauseShape(Shape, about=N_("The clause of a dealer's contract, off where nothing was set.")):
    dealer: str
    active: bool
    days: int | None
    contract: str
    revision: int
    set_by: str | None
    set_at: MomentText | None
