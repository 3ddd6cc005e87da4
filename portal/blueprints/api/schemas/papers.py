"""Papers and authorisations as systems send and read them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, QueryNumber, Shape, Text, Whole

PaperKind = Literal[
    "business_licence",
    "licence",
    "filing",
    "renewal_receipt",
    "quality_agreement",
    "purchaser_letter",
    "other",
]
PaperState = Literal["filed", "accepted", "refused", "withdrawn", "replaced", "revoked"]
AuthorisationState = Literal["proposed", "in_force", "rejected", "withdrawn", "ended"]


class PapersQuery(PageQuery):
    """Which papers."""

    state: PaperState | None = Field(None, description=N_("Only those in this state."))
    kind: PaperKind | None = Field(None, description=N_("Only those of this kind."))


class ExpiringQuery(PageQuery):
    """What expires when."""

    days: QueryNumber = Field(90, ge=1, le=365, description=N_("Within so many days."))


class PaperBody(Shape, about=N_("A paper with its scan.")):
    kind: PaperKind
    paper_no: Text = Field(
        description=N_("What stands on it; of a business licence the unified social credit code.")
    )
    issuer: Text = ""
    category_codes: list[Code] = Field(
        default=[], max_length=50, description=N_("Beginnings of category codes it covers; none for all.")
    )
    valid_from: Day
    valid_to: Day | None = Field(None, description=N_("Its last day."))
    note: Text = ""
    replaces: Code | None = Field(None, description=N_("Our number of the paper that it renews."))
    files: list[Code] = Field(max_length=10, description=N_("Ids of uploaded files: PDF, JPEG or PNG."))


class PaperShape(Shape, about=N_("A paper of a dealer.")):
    number: Code
    kind: PaperKind
    state: PaperState
    paper_no: str
    issuer: str
    dealer: str = Field(description=N_("Its code."))
    valid_from: DayText
    valid_to: DayText | None
    ended_on: DayText | None = Field(description=N_("Until when a renewed or revoked one counted."))
    filed_at: MomentText


class PaperFileShape(Shape, about=N_("A scan of a paper.")):
    id: str
    name: str
    media_type: str
    size: int


class RemarkShape(Shape, about=N_("What is odd about a paper that waits; it refuses nothing.")):
    code: str
    message: str


class PaperDetailShape(PaperShape, about=N_("A paper with its scans and what was decided.")):
    revision: int
    category_codes: list[str]
    note: str
    replaces: str | None
    renewals: list[str]
    reason: str = Field(description=N_("Why it was refused."))
    end_reason: str = Field(description=N_("Why it was revoked, or by which paper it was renewed."))
    decided_at: MomentText | None
    files: list[PaperFileShape]
    remarks: list[RemarkShape]


class PaperPage(Shape, about=N_("Papers, the latest filed first.")):
    items: list[PaperShape]
    next_cursor: str | None


class ExpiringShape(Shape, about=N_("Something that ends.")):
    number: Code
    kind: str = Field(description=N_("The kind of the paper, or `authorisation`."))
    paper_no: str
    dealer: str = Field(description=N_("Its code."))
    ends_on: DayText
    days_left: int = Field(description=N_("Negative once it has ended."))
    is_renewed: bool = Field(description=N_("Whether a renewal waits or was asked for."))


class ExpiringPage(Shape, about=N_("What expires, the soonest first.")):
    items: list[ExpiringShape]
    next_cursor: str | None


class AuthorisationShape(Shape, about=N_("What a dealer is authorised to sell, and where.")):
    number: Code
    state: AuthorisationState
    dealer: str = Field(description=N_("Its code."))
    region_zh: str
    region_en: str
    category_codes: list[str]
    hospitals: list[str]
    valid_from: DayText
    valid_to: DayText | None
    ended_on: DayText | None


class AuthorisationPage(Shape, about=N_("Authorisations, the latest first.")):
    items: list[AuthorisationShape]
    next_cursor: str | None


class PaperDecisionBody(Shape, about=N_("What is decided.")):
    decision: Literal["accept", "refuse"]
    reason: Text = ""
    revision: Whole = Field(description=N_("As it was read; 409 if it has changed since."))


class EndBody(Shape, about=N_("Until when it counts, and why.")):
    ended_on: Day = Field(description=N_("The last day on which it counts."))
    reason: Text
    revision: Whole = Field(description=N_("As it was read; 409 if it has changed since."))
