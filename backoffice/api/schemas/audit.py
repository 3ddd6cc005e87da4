"""Acts of the audit."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, MomentText, PageQuery, Shape, Text


class AuditQuery(PageQuery):
    """Which acts."""

    subject: Text = Field("", max_length=200, description=N_("Number of a document, in full."))
    kind: Text = Field("", max_length=64, description=N_("What stands before the colon of an action."))
    actor: Text = Field(
        "", max_length=200, description=N_("An account such as `user:12`, or part of a name.")
    )
    dealer: Code | None = None
    first_day: Day | None = Field(
        None,
        alias="from",
        description=N_("The first day; the last thirty days with neither day nor document."),
    )
    last_day: Day | None = Field(None, alias="to", description=N_("The last day."))


class AuditEventShape(Shape, about=N_("An act.")):
    at: MomentText
    action: str
    subject: str
    actor: str
    actor_label: str
    on_behalf_of: str | None = Field(
        description=N_("In whose name the actor acted: `user:12`, or `dealer:D0001` with its consent.")
    )
    dealer: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    address: str | None
    request_id: str | None
    sealed: bool = Field(description=N_("Whether a sealed batch vouches for it."))


class AuditPage(Shape, about=N_("Acts, the latest first.")):
    items: list[AuditEventShape]
    next_cursor: str | None


class SealShape(Shape, about=N_("The newest seal of the audit.")):
    root: str | None = Field(description=N_("Of the whole audit up to it; statements carry it."))
    key: str | None = Field(description=N_("The public key (Ed25519) that signed it."))
    batch: int
    sealed_at: MomentText | None
    last_at: MomentText | None = Field(description=N_("Of the last act in it."))
