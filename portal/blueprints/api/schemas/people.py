"""People and invitations as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.identity.mail_addresses import EMAIL_MAX
from portal.identity.manage_person import REASON_MAX
from portal.identity.rules import NAME_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, MomentText, PageQuery, Shape, Text

SEALED_MAX = 200


class PeopleQuery(PageQuery):
    """Query of the list of people."""

    q: Text | None = Field(None, max_length=100, description=N_("Part of a name or an email."))


class HqPeopleQuery(PeopleQuery):
    """The same for headquarters."""

    side: Code | None = Field(None, description=N_("`hq`, or the code of a dealer."))


class PersonShape(Shape, about=N_("A person with an account.")):
    id: str = Field(description=N_("Opaque."), examples=["mVtqQ2l3a9FZ0y"])
    email: str = Field(examples=["lan.shen@example.com"])
    name: str
    roles: list[str] = Field(examples=[["dealer_buyer"]])
    dealer: str | None = Field(description=N_("None for headquarters."))
    state: Literal["active", "deactivated"]
    signed_in_at: MomentText | None
    created_at: MomentText


class PersonPage(Shape, about=N_("People by name.")):
    items: list[PersonShape]
    next_cursor: str | None


class InviteBody(Shape, about=N_("Whom to invite, as what.")):
    email: Text = Field("", max_length=EMAIL_MAX, examples=["lan.shen@example.com"])
    name: Text = Field("", max_length=NAME_MAX, examples=["沈岚"])
    roles: list[Code] = Field(default=[], max_length=20, examples=[["dealer_buyer"]])
    locale: Literal["zh", "en"] = "zh"


class HqInviteBody(InviteBody, about=N_("Whom to invite, to which side, as what.")):
    dealer: Code | None = Field(None, description=N_("Left out for headquarters."))
    regions: list[Code] = Field(
        default=[], max_length=100, description=N_("Codes of regions, of headquarters' people.")
    )
    all_regions: bool = False


class InvitationShape(Shape, about=N_("An invitation. Its link is in the letter and nowhere else.")):
    id: str = Field(description=N_("Opaque."))
    email: str
    name: str
    roles: list[str]
    dealer: str | None
    state: Literal["open", "expired", "accepted", "revoked"]
    expires_at: MomentText


class RolesBody(Shape, about=N_("What somebody is from now on.")):
    roles: list[Code] = Field(default=[], max_length=20, examples=[["dealer_buyer", "dealer_owner"]])


class HqRolesBody(RolesBody, about=N_("What somebody is from now on, and for which regions.")):
    regions: list[Code] = Field(
        default=[], max_length=100, description=N_("Codes of regions, of headquarters' people.")
    )
    all_regions: bool = False


class HqRegionBody(Shape, about=N_("A region of headquarters' people, with dates.")):
    region: Code
    valid_from: Day | None = Field(None, description=N_("Today where it is left out."))
    valid_to: Day | None = Field(None, description=N_("The day from which not any more."))
    reason: Text = Field("", max_length=REASON_MAX)


class HqRegionEndBody(Shape, about=N_("The end of a region of headquarters' people.")):
    region: Code
    valid_to: Day | None = Field(None, description=N_("The day from which not any more; today if left out."))
    reason: Text = Field("", max_length=REASON_MAX)


class DeactivationBody(Shape, about=N_("Why, and who takes the roles over.")):
    reason: Text = Field("", max_length=REASON_MAX)
    successor: Code | None = Field(
        None, max_length=SEALED_MAX, description=N_("Id of who is given the roles, if anybody.")
    )
