"""Who asks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Shape


class ActorShape(Shape, about=N_("The client or the person the token stands for.")):
    kind: Literal["client", "user"]
    key: str = Field(
        description=N_("`sub` of the token."), examples=["client:vJ0pAdWcR2eYzT5uQk7mNh3xLs9oBfGi"]
    )
    label: str


class AddressShape(Shape, about=N_("A delivery address.")):
    code: str = Field(description=N_("What `ship_to` of an order takes."), examples=["main"])
    province: str
    city: str
    line: str
    contact: str
    phone: str
    is_default: bool


class DealerShape(Shape, about=N_("The dealer an actor belongs to.")):
    code: str
    name_zh: str
    name_en: str
    state: Literal["active", "suspended", "closed"]
    city: str
    payment_terms_days: int
    addresses: list[AddressShape]


class RegionShape(Shape, about=N_("A sales area or a province.")):
    code: str = Field(examples=["31"])
    name: str


class Me(Shape, about=N_("The actor of the token.")):
    actor: ActorShape
    dealer: DealerShape | None = Field(description=N_("None for headquarters."))
    tier: str | None
    regions: list[RegionShape] = Field(
        description=N_("Of a dealer: sales area and province. Of headquarters: what the actor may see.")
    )
    scopes: list[str] = Field(examples=[["catalogue:read", "orders:write"]])
