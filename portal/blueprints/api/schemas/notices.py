"""The feed as programs of dealers read it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import MomentText, PageQuery, Shape, Text

Kind = Literal["policy", "promotion", "notice", "training"]
Standing = Literal["unread", "read", "to_acknowledge", "acknowledged"]


class NoticesQuery(PageQuery):
    """Which entries."""

    unread: Literal["true", "false"] = Field(
        "false", description=N_("Only what this actor has not opened: `true` or `false`.")
    )
    kind: Kind | None = None
    q: Text = Field("", max_length=100, description=N_("Part of number, titles or texts."))


class NoticeRowShape(Shape, about=N_("An entry of the feed in a list.")):
    id: str = Field(examples=["NT2611-8Q4T0V7XC"])
    kind: Kind
    title_zh: str
    title_en: str
    published_at: MomentText
    valid_from: MomentText | None
    valid_until: MomentText | None
    pinned: bool
    unread: bool
    standing: Standing
    withdrawn_at: MomentText | None = Field(
        description=N_("Since when the policy or promotion that it tells of is withdrawn.")
    )


class NoticePage(Shape, about=N_("Entries addressed to the dealer; pinned first, then the newest.")):
    items: list[NoticeRowShape]
    next_cursor: str | None


class FileShape(Shape, about=N_("A file of an entry.")):
    place: int
    name: str
    media_type: str
    size: int
    sha256: str


class NoticeShape(Shape, about=N_("An entry of the feed. Texts are plain: paragraphs and lists.")):
    id: str = Field(examples=["NT2611-8Q4T0V7XC"])
    kind: Kind
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    link: str = Field(description=N_("Path of the page that it speaks of, empty for none."))
    published_at: MomentText
    valid_from: MomentText | None
    valid_until: MomentText | None
    corrected_at: MomentText | None
    withdrawn_at: MomentText | None = Field(
        description=N_("Since when the policy or promotion that it tells of is withdrawn.")
    )
    pinned: bool
    must_acknowledge: bool
    standing: Standing
    acknowledged_at: MomentText | None
    acknowledged_by: str | None
    files: list[FileShape]
