"""Disputes as headquarters reads them, with the answer that waits for another person."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.disputes import DisputeShape, OutcomeName, State
from portal.kernel.errors import N_
from portal.web.api.fields import Moment, MomentText, MoneyText, PageQuery, Shape, Text


class DeskDisputesQuery(PageQuery):
    """Which disputes."""

    state: State | None = None
    q: Text = Field("", max_length=100, description=N_("Part of a number of the dispute or its statement."))
    to_approve: Literal["true", "false"] | None = Field(
        None, description=N_("Of the open ones: `true` for those whose answer waits for another person.")
    )


class ProposedDecisionShape(Shape, about=N_("How a line would be answered.")):
    line: int
    document: str
    outcome: OutcomeName
    correction: str
    invoice_line: int | None
    gives: MoneyText | None


class ProposedAnswerShape(Shape, about=N_("An answer that adjusts more than one person may.")):
    lines: list[ProposedDecisionShape]
    text: str
    proposed_by: str
    proposed_at: MomentText


class DeskDisputeShape(DisputeShape, about=N_("A dispute as headquarters sees it.")):
    proposed: ProposedAnswerShape | None = Field(description=N_("The answer that waits for another person."))


class AnswerApprovalBody(Shape, about=N_("Which answer is approved.")):
    proposed_at: Moment = Field(description=N_("Of the answer that was read; another one is refused."))
