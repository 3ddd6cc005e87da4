"""Dealers' own ledgers: what is sent, and what is answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, MomentText, MoneyText, PageQuery, Shape

Class = Literal[
    "missing_here",
    "missing_there",
    "amount",
    "date",
    "duplicate",
    "sign",
    "tax",
    "rounding",
    "transposed",
    "reference",
]
State = Literal["draft", "running", "done", "failed", "superseded", "discarded"]
Said = Literal["open", "accepted", "disputed"]


class OwnLedgerForm(Shape, about=N_("A form with the ledger as `file`.")):
    period: str = Field(
        "",
        pattern="^([0-9]{4}-(0[1-9]|1[0-2]))?$",
        description=N_("The month to compare; without it every month that the ledger touches."),
        examples=["2026-10"],
    )


class OwnLedgerMade(Shape, about=N_("A ledger that is being compared.")):
    id: str = Field(description=N_("Ask for the result by it."))
    state: State


class OwnLedgerQuery(PageQuery):
    """A page of the differences, or of those of one class."""

    class_: Code | None = Field(None, alias="class", description=N_("One class of differences."))


class LedgerDocument(Shape, about=N_("A document as one of the two books has it.")):
    document: str = Field(description=N_("Its number, empty where the book names none."))
    occurred_on: DayText
    amount: MoneyText = Field(description=N_("Positive when the dealer owes more by it, in either book."))
    text: str = Field(description=N_("Kind and reference in our book, the summary in the dealer's."))
    row: int | None = Field(description=N_("Row of the dealer's file."))
    others: list[str] = Field(description=N_("Further documents of the same book that it is about."))


class OwnLedgerDifference(Shape, about=N_("One thing to agree about.")):
    no: int
    class_: Class = Field(alias="class")
    ours: LedgerDocument | None
    theirs: LedgerDocument | None
    amount: MoneyText = Field(
        description=N_("Theirs less ours; all differences together are the difference of the two sums.")
    )
    confidence: str = Field(description=N_("From 0 to 1."))
    dealer_answer: Said
    headquarters_answer: Said
    revision: int = Field(description=N_("Counts the answers; send it with yours to be told of others."))


class OwnLedgerShape(Shape, about=N_("An uploaded ledger and what comparing it came to.")):
    id: str
    state: State
    filename: str
    uploaded_at: MomentText
    first_day: DayText | None
    last_day: DayText | None
    books: Literal["theirs", "ours"] | None = Field(
        description=N_("Whose view the file was found to be in: `theirs` has our invoices as credits.")
    )
    lines: int = Field(description=N_("Lines of the file that are documents."))
    matched: int = Field(description=N_("Documents that agree wholly."))
    ours_sum: MoneyText
    theirs_sum: MoneyText
    difference_count: int
    differences: list[OwnLedgerDifference]
    next_cursor: str | None
    superseded_by: str | None = Field(
        description=N_("The newer ledger of the same days that took its place, where one did.")
    )
    unsearched: int = Field(
        description=N_("How often too much differed to look whether several documents come to one.")
    )
    revision: int
    errors: list[OwnLedgerFault] = Field(description=N_("What kept the file from being read."))


class OwnLedgerFault(Shape, about=N_("What is wrong with the file, and where.")):
    pointer: str
    code: str
    message: str
    fix: str


class OwnLedgerRow(Shape, about=N_("An uploaded ledger in a list.")):
    id: str
    dealer: str
    state: State
    filename: str
    uploaded_at: MomentText
    matched: int
    difference_count: int


class OwnLedgerPage(Shape, about=N_("Uploaded ledgers, the latest first.")):
    items: list[OwnLedgerRow]
    next_cursor: str | None


class AnswerBody(Shape, about=N_("What your side says of some differences.")):
    differences: list[int] = Field(min_length=1, max_length=200, description=N_("Their `no`."))
    revisions: list[int] | None = Field(
        None,
        max_length=200,
        description=N_("What was looked at of each, in the same order; 409 where somebody answered since."),
    )
    answer: Literal["accepted", "disputed", "note"]
    text: str = Field("", max_length=1000, description=N_("Needed to dispute, and for a note."))
