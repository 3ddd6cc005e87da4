"""The feed as headquarters' programs keep it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.notices import FileShape, Kind
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Moment, MomentText, PageQuery, Shape, Text, Whole

Stage = Literal["draft", "scheduled", "published", "withdrawn"]


class NoticeBody(
    Shape,
    about=N_(
        "An entry and whom it is for: regions (with all below), tiers and categories narrow each other, "
        "dealers are reached besides; none of them means everybody."
    ),
):
    kind: Kind
    title_zh: Text = Field(min_length=1, max_length=120)
    title_en: Text = Field(min_length=1, max_length=120)
    body_zh: Text = Field("", max_length=10_000)
    body_en: Text = Field("", max_length=10_000)
    regions: list[Code] = Field(default_factory=list, max_length=100)
    tiers: list[Code] = Field(default_factory=list, max_length=4)
    categories: list[Code] = Field(default_factory=list, max_length=100)
    dealers: list[Code] = Field(default_factory=list, max_length=500)
    must_acknowledge: bool = False
    pinned: bool = False
    valid_from: Moment | None = None
    valid_until: Moment | None = Field(None, description=N_("Exclusive."))


class NoticePublicationBody(Shape, about=N_("Which draft, and from when on it is shown.")):
    revision: Whole | None = Field(None, description=N_("Which state was read; empty: as it stands."))
    publish_at: Moment | None = Field(None, description=N_("Empty: at once."))


class NoticeWithdrawalBody(Shape, about=N_("Which entry, and why.")):
    revision: Whole | None = Field(None, description=N_("Which state was read; empty: as it stands."))
    reason: Text = Field(min_length=1, max_length=500)


class KeptNoticeShape(Shape, about=N_("An entry as headquarters keeps it.")):
    id: str = Field(examples=["NT2611-8Q4T0V7XC"])
    kind: Kind
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    state: Stage
    regions: list[str]
    tiers: list[str]
    categories: list[str]
    dealers: list[str]
    must_acknowledge: bool
    pinned: bool
    valid_from: MomentText | None
    valid_until: MomentText | None
    published_at: MomentText | None
    revision: int
    files: list[FileShape]


class KeptNoticesQuery(PageQuery):
    """Which entries."""

    state: Stage | None = None
    kind: Kind | None = None


class KeptNoticeRowShape(Shape, about=N_("An entry in headquarters' list.")):
    id: str
    kind: Kind
    title_zh: str
    title_en: str
    state: Stage
    must_acknowledge: bool
    pinned: bool
    created_at: MomentText
    published_at: MomentText | None


class KeptNoticePage(Shape, about=N_("Entries, those made last first.")):
    items: list[KeptNoticeRowShape]
    next_cursor: str | None


class NoticeReadersQuery(PageQuery):
    """Which people."""

    only: Literal["unread", "unacknowledged"] | None = None


class NoticeReaderShape(Shape, about=N_("A person of a dealer that the entry reaches.")):
    dealer: str
    person: str
    read_at: MomentText | None
    acknowledged_at: MomentText | None
    acknowledged_by: str | None


class NoticeReaderPage(Shape, about=N_("Who has read it, by dealer.")):
    items: list[NoticeReaderShape]
    next_cursor: str | None


class ReminderShape(Shape, about=N_("People who get a mail, and those who had one today.")):
    people: int
    already: int
