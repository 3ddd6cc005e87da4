"""What headquarters' systems say of claims."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.claims import Kind, State
from portal.claims.approve_batch import BATCH_MAX
from portal.claims.rules import TEXT_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Money, MoneyText, PageQuery, Shape, Text, Whole

DeskState = Literal[
    "mine", "draft", "submitted", "in_approval", "returned", "approved", "paid", "rejected", "withdrawn"
]


class DeskClaimsQuery(PageQuery):
    """Which claims."""

    state: DeskState | None = Field(
        None, description=N_("`mine`: those whose next step the caller may sign.")
    )
    kind: Kind | None = None
    dealer: Code | None = Field(None, description=N_("Code of the dealer."))
    q: Text = Field("", max_length=100, description=N_("Part of a number of the claim or its note."))


class ClaimDecisionBody(Shape, about=N_("What is said to the next step of a claim.")):
    decision: Literal["approve", "reject", "return"]
    amount: Money | None = Field(
        None, description=N_("What is granted; without it all that the steps before granted.")
    )
    reason: Text = Field(
        "",
        max_length=TEXT_MAX,
        description=N_("Needed to grant less than was asked, to reject, and to send back."),
    )
    revision: Whole | None = Field(None, description=N_("As it was read; 409 if it has changed since."))


class ClaimBatchBody(Shape, about=N_("Claims to grant in full.")):
    numbers: list[Code] = Field(min_length=1, max_length=BATCH_MAX)


class ClaimRefusalShape(Shape, about=N_("Why a claim was left out.")):
    code: str
    message: str


class ClaimOutcomeShape(Shape, about=N_("What became of one claim.")):
    number: str
    state: State | None = Field(description=N_("Null where it was left out."))
    approved: MoneyText | None
    refusals: list[ClaimRefusalShape]


class ClaimBatchShape(Shape, about=N_("What became of each claim, in the order they were named.")):
    items: list[ClaimOutcomeShape]
