"""The rows of service requests: timelines, files, escalations, the lives of their devices, the audit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import psycopg

from demo.loading.keys import key
from demo.loading.rows import put
from demo.loading.service_course import Person, Said
from demo.loading.service_matters import Asked
from demo.world.business_days import local_date
from demo.world.device_photos import KINDS, device_photo
from portal.devices.vocabulary import EventKind
from portal.files.content_rules import JPEG
from portal.files.pictures import preview
from portal.files.preview_file import preview_key
from portal.files.store import FileStore
from portal.maintenance.queries import OWNER_KIND as OF_MAINTENANCE
from portal.service.entries import OWNER_KIND
from portal.service.rules import FORMS, INTERNAL, Ask, EntryKind
from portal.service.vocabulary import ServiceAction

VARIANTS = 2  # different pictures of each kind
_NTH = 600_000  # of the files' numbers: those of deliveries come before
_NUMBERS = """
SELECT n.place, pg_temp.document_number(%(prefix)s, n.day, n.place)
  FROM unnest(%(days)s::date[], %(places)s::bigint[]) AS n(day, place)
"""
_REQUEST = (
    *("dealer_id", "id", "number", "revision", "kind", "severity", "state", "subject", "text"),
    *("stops_treatment", "product_id", "lot_no", "serial", "order_no", "contact", "warranty_until"),
    *("region_id", "category", "assignee_id", "assignee_label", "lead_id", "asked_by", "asked_by_label"),
    *("asked_at", "touched_at", "since", "first_answer_minutes", "resolution_minutes", "first_answer_due_at"),
    *("first_answer_warn_at", "first_answered_at", "first_answer_took", "resolution_due_at"),
    *("resolution_warn_at", "paused_at", "stood_minutes", "resolved_at", "resolved_by_label", "resolution"),
    *("reopenings", "ended_at", "merged_into", "rating", "rating_text", "rated_at", "is_held"),
)
_ENTRY = (
    *("dealer_id", "request_id", "entry_no", "kind", "is_internal", "is_staff", "author", "author_label"),
    *("text", "details", "files", "said_at"),
)
_FILE = (
    *("id", "dealer_id", "name", "media_type", "size", "sha256", "state", "owner_kind", "owner_number"),
    *("place", "uploaded_by", "uploaded_by_label", "uploaded_at"),
)
_STAGE = ("dealer_id", "request_id", "round", "clock", "stage", "minutes", "told_at")
_LIFE = ("dealer_id", "device_id", "kind", "at", "document_no", "by_label")
_AUDIT = ("at", "actor", "actor_label", "dealer_id", "action", "subject_kind", "subject", "before", "after")
_ACTIONS = {
    **{kind: ServiceAction[kind.name] for kind in EntryKind if kind.name in ServiceAction.__members__},
    EntryKind.MESSAGE: ServiceAction.SAID,
    EntryKind.NOTE: ServiceAction.NOTED,
}
_PHOTOS = "SELECT id, sha256 FROM stored_file WHERE owner_kind = ANY (%s) ORDER BY id"


def write_rows(connection: psycopg.Connection, asked: Sequence[Asked], desk: Person) -> None:
    """Every request with all that belongs to it. desk: who puts two together."""
    numbers = _numbers(connection, "SV", [(one.place + 1, local_date(one.walk.asked_at)) for one in asked])
    _join(asked, numbers, desk)
    pictures = [(one, said, kind) for one in asked for said in one.walk.said for kind in said.pictures]
    ids = _numbers(
        connection,
        "FI",
        [(_NTH + nth, local_date(said.at)) for nth, (_, said, _) in enumerate(pictures)],
    )
    files: dict[int, list[str]] = {id(said): [] for _, said, _ in pictures}
    rows: list[tuple[Any, ...]] = []
    for nth, (one, said, kind) in enumerate(pictures):
        files[id(said)].append(ids[_NTH + nth])
        rows.append(_file(ids[_NTH + nth], nth, one, said, kind, numbers[one.place + 1], rows))
    put(connection, "stored_file", _FILE, rows)
    put(connection, "service_request", _REQUEST, [_request(one, numbers[one.place + 1]) for one in asked])
    put(connection, "service_entry", _ENTRY, _entries(asked, files))
    put(connection, "service_escalation", _STAGE, _stages(asked))
    put(connection, "device_event", _LIFE, _lives(asked, numbers))
    put(connection, "audit_event", _AUDIT, _audit(asked, numbers))


def keep_pictures(connection: psycopg.Connection, store: FileStore) -> None:
    """The bytes of the pictures, each with its small one."""
    drawn = [device_photo(kind, variant) for kind in KINDS for variant in range(VARIANTS)]
    small = {hashlib.sha256(content).hexdigest(): (content, preview(content, JPEG)) for content in drawn}
    owners = [OWNER_KIND, OF_MAINTENANCE]
    for file_id, sha256 in connection.execute(_PHOTOS, (owners,)).fetchall():
        store.put(file_id, small[sha256][0])
        store.put(preview_key(file_id), small[sha256][1])


def _numbers(connection: psycopg.Connection, prefix: str, of: Sequence[tuple[int, Any]]) -> dict[int, str]:
    about = {"prefix": prefix, "places": [place for place, _ in of], "days": [day for _, day in of]}
    return dict(connection.execute(_NUMBERS, about).fetchall())


def _join(asked: Sequence[Asked], numbers: dict[int, str], desk: Person) -> None:
    """Both of two that were put together say so."""
    by_place = {one.place: one for one in asked}
    for one in asked:
        if one.into is None or one.walk.ended_at is None:
            continue
        at, into = one.walk.ended_at, by_place[one.into]
        one.walk.merged_at(at, desk, into=numbers[into.place + 1])
        into.walk.merged_at(at, desk, **{"from": numbers[one.place + 1]})


def _file(
    file_id: str, nth: int, one: Asked, said: Said, kind: str, number: str, before: Sequence[Any]
) -> tuple[Any, ...]:
    content = device_photo(kind, nth % VARIANTS)
    place = 1 + sum(row[8] == number for row in before)
    return (
        *(file_id, one.dealer_id, f"IMG_{2200 + nth}.jpg", JPEG, len(content)),
        *(hashlib.sha256(content).hexdigest(), "kept", OWNER_KIND, number, place),
        *(said.by.key, said.by.label, said.at),
    )


def _request(one: Asked, number: str) -> tuple[Any, ...]:
    walk, about, story = one.walk, one.about, one.walk.story
    answered = walk.first_answered_at
    took = walk.calendar.minutes_between(walk.asked_at, answered) if answered else None
    seen = [said.at for said in walk.said if said.kind not in INTERNAL]
    keeps_text = walk.rating is not None
    return (
        *(one.dealer_id, key(one.place), number, walk.revision, story.kind, story.severity, walk.state),
        *(story.subject, story.text, story.stops, about.product_id, about.lot_no, about.serial),
        *(about.order_no, _contact(one), about.warranty_to),
        *(one.region_id, about.category),
        *((walk.assignee.id, walk.assignee.label, one.lead_id) if walk.assignee else (None, "", None)),
        *(walk.asker.key, walk.asker.label, walk.asked_at, max(seen), walk.since),
        *(walk.target.first_answer_minutes, walk.target.resolution_minutes),
        *(walk.first.first_answer_due_at, walk.first.first_answer_warn_at, answered, took),
        *(walk.due.resolution_due_at, walk.due.resolution_warn_at, walk.paused_at, walk.stood),
        *(walk.resolved_at, walk.resolved_by, walk.resolution, walk.reopenings, walk.ended_at),
        *(None if one.into is None else key(one.into), walk.rating),
        *(story.rate if keeps_text else "", walk.rated_at, False),
    )


def _contact(one: Asked) -> str:
    asks = Ask.CONTACT in FORMS[one.walk.story.kind]
    return f"{one.walk.asker.label} 138{one.place * 7919 % 10**8:08d}" if asks else ""


def _entries(asked: Sequence[Asked], files: dict[int, list[str]]) -> Iterator[tuple[Any, ...]]:
    for one in asked:
        for number, said in enumerate(one.walk.said, start=1):
            yield (
                *(one.dealer_id, key(one.place), number, said.kind, said.kind in INTERNAL, said.by.is_staff),
                *(said.by.key, said.by.label, said.text, orjson.dumps(said.details).decode()),
                *(files.get(id(said), []), said.at),
            )


def _stages(asked: Sequence[Asked]) -> Iterator[tuple[Any, ...]]:
    for one in asked:
        for turn, clock, stage, minutes, at in one.walk.rounds:
            yield one.dealer_id, key(one.place), turn, clock, stage, minutes, at


def _lives(asked: Sequence[Asked], numbers: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    for one in asked:
        if one.about.device_id is not None:
            told = one.walk.asked_at, numbers[one.place + 1], one.walk.asker.label
            yield one.dealer_id, one.about.device_id, EventKind.REQUEST, *told


def _audit(asked: Sequence[Asked], numbers: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    acts = [
        (
            *(said.at, said.by.key, said.by.label, one.dealer_id, _ACTIONS[said.kind], "service_request"),
            *(numbers[one.place + 1], orjson.dumps({"state": said.before}).decode()),
            orjson.dumps(said.details).decode() if said.details else None,
        )
        for one in asked
        for said in one.walk.said
    ]
    return iter(sorted(acts, key=lambda row: row[0]))
