"""Who signs claims, as headquarters' systems read and change it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.claims import Kind
from portal.claims.rules import STEPS_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import MomentText, Money, MoneyText, Shape, Text, Whole

Signer = Literal["channel_manager", "hq_finance"]


class ChainStepBody(Shape, about=N_("A step of a chain.")):
    above: Money = Field(description=N_("It signs what is asked above this amount."))
    approver: Signer


class ChainBody(Shape, about=N_("Other steps for a kind of claim.")):
    revision: Whole = Field(description=N_("As it was read; 409 if it has changed since."))
    steps: list[ChainStepBody] = Field(max_length=STEPS_MAX)
    reason: Text = Field(max_length=500)


class ChainDecisionBody(Shape, about=N_("Another person's word.")):
    decision: Literal["approve", "reject"]
    reason: Text = Field("", max_length=500, description=N_("Needed to reject."))


class ChainStepShape(Shape, about=N_("A step of a chain.")):
    above: MoneyText
    approver: Signer


class ChainWaitingShape(Shape, about=N_("Other steps that wait for another person's word.")):
    steps: list[ChainStepShape]
    reason: str
    proposed_by: str
    proposed_at: MomentText


class ChainShape(Shape, about=N_("Who signs a kind of claim, one after another.")):
    kind: Kind
    revision: int
    steps: list[ChainStepShape]
    waiting: ChainWaitingShape | None


class ChainList(Shape, about=N_("The chain of every kind of claim.")):
    items: list[ChainShape]
    next_cursor: None
