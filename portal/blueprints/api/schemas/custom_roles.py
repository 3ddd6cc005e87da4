"""Roles of a side's own making as JSON."""

from __future__ import annotations

from pydantic import Field

from portal.identity.rules import NAME_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, MomentText, Shape, Text


class RoleBody(Shape, about=N_("What a role is called and which rights it gives.")):
    name: Text = Field("", max_length=NAME_MAX, examples=["下单（不看价格）"])
    rights: list[Code] = Field(default=[], max_length=200, examples=[["orders:read", "catalogue:read"]])
    told_as: list[Code] = Field(
        default=[],
        max_length=20,
        description=N_("Built-in roles whose letters its people get."),
        examples=[["dealer_buyer"]],
    )


class RoleChange(RoleBody, about=N_("The whole role, said anew.")):
    revision: int | None = Field(None, description=N_("As it was read: refused if somebody changed it."))


class RoleShape(Shape, about=N_("A role of the side's own making.")):
    code: str = Field(description=N_("By which people are given it."), examples=["own-4c8p0xnq7r2m"])
    name: str
    rights: list[str]
    told_as: list[str]
    people: int = Field(description=N_("How many accounts have it."))
    revision: int
    created_at: MomentText
    created_by: str


class RoleList(Shape, about=N_("By name.")):
    items: list[RoleShape]


class DeletedRole(Shape, about=N_("What was deleted.")):
    code: str
