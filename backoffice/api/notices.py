"""The feed at headquarters: written, published, withdrawn; who has read it."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.notices import (
    KeptNoticePage,
    KeptNoticeShape,
    KeptNoticesQuery,
    NoticeBody,
    NoticePublicationBody,
    NoticeReaderPage,
    NoticeReadersQuery,
    NoticeWithdrawalBody,
    ReminderShape,
)
from portal.blueprints.api.notices import files_shown
from portal.feed import editorial, readers, rules
from portal.feed.addressing import Whom
from portal.feed.drafts import draft_entry, withdraw_entry
from portal.feed.editorial import EntrySummary
from portal.feed.publish_entry import publish_draft
from portal.feed.readers import ReaderRow
from portal.feed.remind import remind
from portal.feed.rules import Content
from portal.feed.vocabulary import FeedRight
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

EDITORS = (FeedRight.EDIT, FeedRight.PUBLISH)


@operation(
    "GET",
    "/hq/notices",
    tag=HEADQUARTERS,
    rights=EDITORS,
    query=KeptNoticesQuery,
    answers=KeptNoticePage,
    summary=N_("Entries of the feed, those made last first"),
    about=N_("The nation's and those of the actor's regions."),
)
def index(query: KeptNoticesQuery) -> dict[str, Any]:
    page = editorial.entries(
        current_session(),
        actor=current_actor(),
        at=clock.now(),
        kind=query.kind or "",
        stage=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(entry) for entry in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/notices",
    tag=HEADQUARTERS,
    rights=(FeedRight.EDIT,),
    body=NoticeBody,
    answers=KeptNoticeShape,
    status=201,
    creates=True,
    located="/hq/notices/{id}",
    summary=N_("Write an entry"),
    about=N_("A draft: nobody sees it before its publication."),
)
def create(body: NoticeBody) -> Answer:
    content = Content(
        body.kind,
        body.title_zh.strip(),
        body.title_en.strip(),
        rules.plain(body.body_zh),
        rules.plain(body.body_en),
        body.must_acknowledge,
        body.pinned,
        body.valid_from,
        body.valid_until,
    )
    number = draft_entry(
        current_session(),
        actor=current_actor(),
        content=content,
        whom=Whom(body.regions, body.tiers, body.categories, body.dealers),
        at=clock.now(),
    )
    return Answer(_kept(number), 201)


@operation(
    "GET",
    "/hq/notices/<number>",
    tag=HEADQUARTERS,
    rights=EDITORS,
    answers=KeptNoticeShape,
    summary=N_("One entry as headquarters keeps it"),
    about=N_("With the revision that its publication or withdrawal has to name."),
)
def show(number: str) -> dict[str, Any]:
    return _kept(number)


@operation(
    "POST",
    "/hq/notices/<number>/publication",
    tag=HEADQUARTERS,
    rights=(FeedRight.PUBLISH,),
    body=NoticePublicationBody,
    answers=KeptNoticeShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish a draft as it was read"),
    about=N_("Shown with the answer, or from a minute to come; 409 if somebody edited the draft since."),
)
def publish(number: str, body: NoticePublicationBody) -> dict[str, Any]:
    publish_draft(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=_revision(number, body.revision),
        at=clock.now(),
        not_before=body.publish_at,
    )
    return _kept(number)


@operation(
    "POST",
    "/hq/notices/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=(FeedRight.PUBLISH,),
    body=NoticeWithdrawalBody,
    answers=KeptNoticeShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw an entry"),
    about=N_("No dealer sees it any more, and it demands nothing."),
)
def withdraw(number: str, body: NoticeWithdrawalBody) -> dict[str, Any]:
    withdraw_entry(
        current_session(),
        actor=current_actor(),
        number=number,
        revision=_revision(number, body.revision),
        reason=body.reason,
        at=clock.now(),
    )
    return _kept(number)


@operation(
    "GET",
    "/hq/notices/<number>/readers",
    tag=HEADQUARTERS,
    rights=EDITORS,
    query=NoticeReadersQuery,
    answers=NoticeReaderPage,
    summary=N_("Who has read an entry, and who has acknowledged it"),
    about=N_("People of the dealers that it reaches and the actor sees."),
)
def read_by(number: str, query: NoticeReadersQuery) -> dict[str, Any]:
    entry = editorial.edited_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    page = readers.readers(
        current_session(), entry_id=entry.id, only=query.only or "", limit=query.limit, cursor=query.cursor
    )
    return {"items": [_reader(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/notices/<number>/reminder",
    tag=HEADQUARTERS,
    rights=(FeedRight.PUBLISH,),
    answers=ReminderShape,
    conflicts=True,
    summary=N_("Remind the rest by mail"),
    about=N_("Nobody is reminded twice a day."),
)
def remind_rest(number: str) -> dict[str, Any]:
    at, today = now_and_today()
    return remind(current_session(), actor=current_actor(), number=number, at=at, today=today)._asdict()


def _revision(number: str, named: int | None) -> int:
    """The revision that was named, or the present one."""
    revision: int = _kept(number)["revision"] if named is None else named
    return revision


def _kept(number: str) -> dict[str, Any]:
    entry = editorial.edited_entry(current_session(), actor=current_actor(), number=number, at=clock.now())
    same = ("kind", "title_zh", "title_en", "regions", "tiers", "categories", "dealers", "must_acknowledge")
    more = ("pinned", "valid_from", "valid_until", "revision")
    return {name: getattr(entry, name) for name in (*same, *more)} | {
        "id": entry.number,
        "body_zh": entry.text_zh,
        "body_en": entry.text_en,
        "state": entry.stage,
        "published_at": entry.shown_from,
        "files": files_shown(entry.files),
    }


def _row(entry: EntrySummary) -> dict[str, Any]:
    return {
        "id": entry.number,
        "kind": entry.kind,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        "state": entry.stage,
        "must_acknowledge": entry.must_acknowledge,
        "pinned": entry.pinned,
        "created_at": entry.created_at,
        "published_at": entry.shown_from,
    }


def _reader(row: ReaderRow) -> dict[str, Any]:
    return {
        "dealer": row.dealer_code,
        "person": row.person,
        "read_at": row.read_at,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by,
    }
