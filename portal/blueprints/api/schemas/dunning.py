"""Runs of dunning letters, the letters, and how debts are demanded, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.dunning.decide_run import LETTERS_MAX
from portal.dunning.rules import LEVELS_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import (
    Code,
    DayText,
    MomentText,
    Money,
    MoneyText,
    PageQuery,
    Shape,
    Text,
    Whole,
)

RunStateName = Literal["proposed", "released", "discarded"]
LetterStateName = Literal["proposed", "released", "sent", "left_out", "settled"]


class DunningItemShape(Shape, about=N_("A debt in a letter.")):
    document: str
    issued_on: DayText
    due_on: DayText
    days_late: int
    level: int
    amount: MoneyText
    interest: MoneyText


class DunningLetterHead(Shape, about=N_("A demand for payment.")):
    number: str
    dealer: str
    run: str
    state: LetterStateName
    level: int
    amount: MoneyText
    interest: MoneyText
    interest_note: str | None = Field(description=N_("By which the interest was posted, if it was."))
    written_on: DayText
    pay_by: DayText
    sent_at: MomentText | None


class DunningLetterShape(DunningLetterHead, about=N_("A demand for payment with its debts.")):
    items: list[DunningItemShape]
    papers: dict[str, str] = Field(description=N_("SHA-256 of the PDF by language, as it was sent."))


class DunningLetterPage(Shape, about=N_("Letters, the latest first.")):
    items: list[DunningLetterHead]
    next_cursor: str | None


class DunningLettersQuery(PageQuery):
    dealer: Code | None = None
    run: Code | None = None
    state: LetterStateName | None = None


class DunningRunShape(Shape, about=N_("Letters that were proposed together.")):
    number: str
    state: RunStateName
    day: DayText
    letters: int
    sent: int
    amount: MoneyText
    proposed_by: str
    proposed_at: MomentText
    decided_by: str | None
    decided_at: MomentText | None


class DunningRunPage(Shape, about=N_("Runs, the latest first.")):
    items: list[DunningRunShape]
    next_cursor: str | None


class DunningRunsQuery(PageQuery):
    state: RunStateName | None = None


class DunningReleaseBody(Shape, about=N_("Which letters of a run are sent.")):
    letters: list[Code] | None = Field(
        None, max_length=LETTERS_MAX, description=N_("Their numbers; left out for all of them.")
    )


class DunningInterestShape(Shape, about=N_("The note by which interest was posted.")):
    letter: str
    note: str
    amount: MoneyText


class DunningPolicyBody(Shape, about=N_("How debts are demanded from the next run on.")):
    days: list[Whole] = Field(
        max_length=LEVELS_MAX,
        description=N_("Overdue, from which each level is reached."),
        examples=[[7, 21, 45]],
    )
    minimum: Money = Field(description=N_("Below it nobody gets a letter."))
    interest_percent: Money | None = Field(None, description=N_("A year, in percent; left out for none."))
    day_count: Literal[360, 365] = 365
    stop_level: Whole | None = Field(
        None, description=N_("From which the dealer is put on the stop list; left out for never.")
    )
    respite: Whole = Field(7, description=N_("Days to pay after a letter."))
    reason: Text = Field("", max_length=500)
    version: Whole = Field(description=N_("The version that was read."))


class DunningPolicyShape(Shape, about=N_("How debts are demanded.")):
    version: int
    days: list[int]
    minimum: MoneyText
    interest_percent: str | None
    day_count: int
    stop_level: int | None
    respite: int
    reason: str
    set_by: str
    set_at: MomentText
