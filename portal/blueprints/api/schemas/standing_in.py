"""Delegations, consents and what was done by them as JSON."""

from __future__ import annotations

from typing import Literal

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MomentText, Shape

StandingName = Literal["coming", "in_force", "ended", "revoked"]


class DelegationShape(Shape, about=N_("Somebody lets another act in their name.")):
    id: str
    giver: str
    taker: str
    roles: list[str]
    first_day: DayText
    last_day: DayText
    reason: str
    standing: StandingName
    used_at: MomentText | None


class DelegationsShape(Shape, about=N_("Delegations, the latest first.")):
    items: list[DelegationShape]


class ConsentShape(Shape, about=N_("The dealer lets headquarters act for it.")):
    id: str
    mail: str | None
    role: str | None
    acts_as: list[str]
    valid_from: MomentText
    valid_to: MomentText
    reason: str
    given_by: str
    standing: StandingName


class ConsentsShape(Shape, about=N_("Consents, the latest first.")):
    items: list[ConsentShape]


class ActedShape(Shape, about=N_("What headquarters did in the dealer's name.")):
    at: MomentText
    who: str
    action: str
    document: str


class ActedListShape(Shape, about=N_("What headquarters did in the dealer's name, the latest first.")):
    items: list[ActedShape]
