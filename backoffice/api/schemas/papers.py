"""Authorisations and certificates as headquarters' systems send and read them."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.papers import AuthorisationShape, AuthorisationState
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Shape, Text


class AuthorisationsQuery(PageQuery):
    """Which authorisations."""

    state: AuthorisationState | None = Field(None, description=N_("Only those in this state."))


class AuthorisationBody(Shape, about=N_("What a dealer is to be authorised for.")):
    dealer: Code = Field(description=N_("Its code."))
    region: Code = Field(description=N_("Code of a sales area or a province."))
    category_codes: list[Code] = Field(
        default=[], max_length=50, description=N_("Beginnings of category codes; none for all.")
    )
    hospitals: list[Code] = Field(
        default=[], max_length=50, description=N_("Codes of the only hospitals; none for all.")
    )
    is_exclusive: bool = Field(False, description=N_("Whether no other dealer is to sell the same there."))
    valid_from: Day
    valid_to: Day | None = Field(None, description=N_("Its last day."))
    note: Text = ""


class DeskAuthorisationShape(AuthorisationShape, about=N_("An authorisation as headquarters has it.")):
    is_exclusive: bool
    proposed_at: MomentText


class DeskAuthorisationPage(Shape, about=N_("Authorisations, the latest proposed first.")):
    items: list[DeskAuthorisationShape]
    next_cursor: str | None


class OverlapShape(Shape, about=N_("Another dealer's authorisation for some of the same.")):
    number: Code
    dealer: str = Field(description=N_("Its code."))
    is_exclusive: bool
    state: AuthorisationState


class DeskAuthorisationDetailShape(
    DeskAuthorisationShape, about=N_("An authorisation with what was decided, and with what it overlaps.")
):
    revision: int
    note: str
    reason: str = Field(description=N_("Why it was rejected."))
    end_reason: str = Field(description=N_("Why it was ended."))
    decided_at: MomentText | None
    overlaps: list[OverlapShape]


class CertificateShape(Shape, about=N_("A registration certificate with the products under it.")):
    registration_no: str
    registrant: str
    products: int
    sku: str = Field(description=N_("The first of them."))
    ends_on: DayText
    days_left: int = Field(description=N_("Negative once it has ended."))
    ask_by: DayText = Field(description=N_("Until when its renewal is asked for."))
    renewal_asked_on: DayText | None


class CertificatePage(Shape, about=N_("Registration certificates, the soonest to end first.")):
    items: list[CertificateShape]
    next_cursor: str | None
