"""The feed: read and acknowledged by programs of dealers."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.notices import NoticePage, NoticeShape, NoticesQuery
from portal.feed import queries
from portal.feed.acknowledge import acknowledge_entry, open_entry
from portal.feed.attachments import attached_file
from portal.feed.manifest import CHAPTER
from portal.feed.queries import EntryPage, EntryRow, FileRow
from portal.feed.vocabulary import FeedRight
from portal.kernel import clock, typed
from portal.kernel.errors import N_
from portal.web.api.operations import FILE, operation
from portal.web.attachment import send_attachment
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/notices",
    tag=CHAPTER,
    rights=(FeedRight.READ,),
    query=NoticesQuery,
    answers=NoticePage,
    summary=N_("Policies, promotions, notices and training material"),
    about=N_("What is addressed to the dealer and shown now."),
)
def index(query: NoticesQuery) -> dict[str, Any]:
    page = queries.entries(
        current_session(),
        actor=current_actor(),
        at=clock.now(),
        kind=query.kind or "",
        unread=query.unread == "true",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(entry) for entry in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/notices/<number>",
    tag=CHAPTER,
    rights=(FeedRight.READ,),
    answers=NoticeShape,
    summary=N_("One entry of the feed"),
    about=N_("From then on this actor has read it."),
)
def show(number: str) -> dict[str, Any]:
    return _entry(open_entry(current_session(), actor=current_actor(), number=number, at=clock.now()))


@operation(
    "POST",
    "/notices/<number>/acknowledgement",
    tag=CHAPTER,
    rights=(FeedRight.ACKNOWLEDGE,),
    answers=NoticeShape,
    conflicts=True,
    summary=N_("Acknowledge an entry for the dealer"),
    about=N_("Orders are refused until what has to be acknowledged is. Repeating it changes nothing."),
)
def acknowledge(number: str) -> dict[str, Any]:
    return _entry(acknowledge_entry(current_session(), actor=current_actor(), number=number, at=clock.now()))


@operation(
    "GET",
    "/notices/<number>/files/<place>",
    tag=CHAPTER,
    rights=(FeedRight.READ,),
    media=FILE,
    summary=N_("A file of an entry"),
    about=N_("Its bytes, to be saved under its name."),
)
def file(number: str, place: str) -> Response:
    found = attached_file(
        current_session(),
        actor=current_actor(),
        number=number,
        place=typed.own_number(place) or 0,
        at=clock.now(),
    )
    return send_attachment(found)


def files_shown(files: tuple[FileRow, ...]) -> list[dict[str, Any]]:
    """Attachments as `FileShape` has them."""
    names = ("place", "name", "media_type", "size", "sha256")
    return [{name: getattr(file, name) for name in names} for file in files]


def _row(entry: EntryRow) -> dict[str, Any]:
    return {
        "id": entry.number,
        "kind": entry.kind,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        "published_at": entry.shown_from,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "pinned": entry.is_pinned,
        "unread": entry.is_unread,
        "standing": entry.standing,
        "withdrawn_at": entry.revoked_at,
    }


def _entry(entry: EntryPage) -> dict[str, Any]:
    return {
        "id": entry.number,
        "kind": entry.kind,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        "text_zh": entry.text_zh,
        "text_en": entry.text_en,
        "link": entry.link,
        "published_at": entry.shown_from,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "corrected_at": entry.corrected_at,
        "withdrawn_at": entry.revoked_at,
        "pinned": entry.is_pinned,
        "must_acknowledge": entry.must_acknowledge,
        "standing": entry.standing,
        "acknowledged_at": entry.acknowledged_at,
        "acknowledged_by": entry.acknowledged_by,
        "files": files_shown(entry.files),
    }
