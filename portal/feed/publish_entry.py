"""Publish an entry: from the draft of an editor, or as part of what another capability publishes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed import rules
from portal.feed.attachments import File, insert_file
from portal.feed.entries import answerable, insert_entry, refuse, said
from portal.feed.models import FeedEntry
from portal.feed.rules import Address, Content, State
from portal.feed.told import PUBLISHED
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.kernel import locks, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault

_MOMENT = text("SELECT clock_timestamp()")
_SHOW = text(
    "UPDATE feed_address SET shown_from = :shown_from, demands = :demands WHERE entry_id = :entry_id"
)
_YEARS = range(2000, 2101)


def publish_entry(
    session: Session,
    *,
    actor: Actor,
    content: Content,
    addresses: Iterable[Address],
    at: datetime,
    link: str = "",
    subject: str = "",
    region_id: int | None = None,
    files: Iterable[File] = (),
) -> str:
    """Tell dealers of something that the calling verb publishes in this transaction: they see it with its
    commit, or not at all.

    The caller has asked for the right to publish what the entry tells of. addresses: none means everybody.
    link: path of the portal's page that it speaks of. subject: the document that it tells of, by which
    `revoke_entries` finds it. region_id: whose managers answer for it, None for the
    whole country. files: checked when they were uploaded. Returns its number. Raises Invalid.
    """
    refuse(rules.content_faults(content))
    shown_from = _gate(session, at) if content.must_acknowledge else at
    entry = insert_entry(
        session,
        actor=actor,
        content=content,
        addresses=addresses,
        at=at,
        link=link,
        subject=subject,
        region_id=region_id,
        state=str(State.PUBLISHED),
        shown_from=shown_from,
        published_by=actor.key,
        published_by_label=actor.label,
    )
    for file in files:
        insert_file(session, entry.id, file)
    _show(session, entry)
    _record(session, actor, entry)
    return entry.number


def publish_draft(
    session: Session, *, actor: Actor, number: str, revision: int, at: datetime, not_before: datetime | None
) -> datetime:
    """Publish a draft as it was read at `revision`, now or at a minute to come.

    Returns since when dealers see it. Raises NotFound, Conflict for an overtaken revision and for what is no
    draft, Invalid for a moment too far off.
    """
    actor.require(FeedRight.PUBLISH)
    # The gate comes before every row. A draft that begins to demand meanwhile has another revision.
    demands = session.scalar(select(FeedEntry.must_acknowledge).where(FeedEntry.number == number))
    moment = _gate(session, at) if demands else at
    entry = answerable(session, actor, number, revision=revision)
    if entry.state != State.DRAFT:
        raise Conflict("not_a_draft", N_("This notice is published already."))
    if not_before is not None and not_before.year not in _YEARS:
        fix = N_("Choose a day between 2000 and 2100.")
        refuse([Fault("/publish_at", "date_range", N_("This moment is too far off."), fix)])
    entry.state, entry.shown_from = str(State.PUBLISHED), max(moment, not_before or moment)
    entry.published_by, entry.published_by_label = actor.key, actor.label
    entry.revision += 1
    session.flush()
    _show(session, entry)
    _record(session, actor, entry)
    return entry.shown_from


def _gate(session: Session, at: datetime) -> datetime:
    """Behind the gate of orders: the database's moment, which is no earlier than `at`."""
    locks.close_gate(session)
    moment: datetime = session.execute(_MOMENT).scalar_one()
    return max(moment, at)


def _show(session: Session, entry: FeedEntry) -> None:
    """Dealers see the entry from its moment on, and are told of it then."""
    parameters = {
        "entry_id": entry.id,
        "shown_from": entry.shown_from,
        "demands": entry.must_acknowledge,
    }
    session.execute(_SHOW, parameters)
    told = {"number": entry.number, "kind": entry.kind}
    assert entry.shown_from is not None
    outbox.add_later(session, PUBLISHED, dealer_id=None, not_before=entry.shown_from, **told)


def _record(session: Session, actor: Actor, entry: FeedEntry) -> None:
    assert entry.shown_from is not None
    after = {**said(entry), "shown_from": entry.shown_from.isoformat()}
    record(session, FeedAction.PUBLISHED, entry.number, actor=actor, dealer_id=None, after=after)
