"""Drafts of entries, and what may still be put right of one that is published: made, changed, withdrawn."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed import rules
from portal.feed.addressing import Whom, addresses
from portal.feed.entries import answerable, insert_entry, refuse, said, write_addresses
from portal.feed.rules import Content, State
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault

REASON_MAX = 500  # characters

_HIDE = text("UPDATE feed_address SET shown_from = NULL, demands = false WHERE entry_id = :entry_id")


def draft_entry(session: Session, *, actor: Actor, content: Content, whom: Whom, at: datetime) -> str:
    """A new draft; its number. Raises Invalid with every fault beside its field."""
    actor.require(FeedRight.EDIT)
    faults = rules.content_faults(content)
    meant, region_id = addresses(session, actor, whom, faults)
    refuse(faults)
    entry = insert_entry(session, actor=actor, content=content, addresses=meant, at=at, region_id=region_id)
    record(session, FeedAction.DRAFTED, entry.number, actor=actor, dealer_id=None, after=said(entry))
    return entry.number


def edit_draft(
    session: Session, *, actor: Actor, number: str, revision: int, content: Content, whom: Whom
) -> int:
    """Change a draft and whom it is for. Returns the new revision.

    Raises Invalid, NotFound, Conflict for an overtaken revision and for what is no draft.
    """
    actor.require(FeedRight.EDIT)
    entry = answerable(session, actor, number, revision=revision)
    if entry.state != State.DRAFT:
        raise Conflict("not_a_draft", N_("This notice is published already."))
    faults = rules.content_faults(content)
    meant, _region = addresses(session, actor, whom, faults)
    refuse(faults)
    before = said(entry)
    for name, value in asdict(content).items():
        setattr(entry, name, value)
    entry.revision += 1
    session.flush()
    write_addresses(session, entry.id, meant)
    after = {**said(entry), "addresses": len(meant)}
    record(session, FeedAction.EDITED, number, actor=actor, dealer_id=None, before=before, after=after)
    return entry.revision


def correct_entry(
    session: Session, *, actor: Actor, number: str, revision: int, content: Content, reason: str, at: datetime
) -> int:
    """Put right what a published entry says, and say why; whom it is for and what it demands stay.

    Whoever has read or acknowledged it keeps having done so: what changes the meaning is a new entry. Returns
    the new revision. Raises Invalid, NotFound, Conflict.
    """
    actor.require(FeedRight.PUBLISH)
    entry = answerable(session, actor, number, revision=revision)
    if entry.state != State.PUBLISHED:
        raise Conflict("not_published", N_("Only a published notice can be corrected."))
    refuse([*rules.content_faults(content), *_reason_faults(reason)])
    before = said(entry)
    for name in ("title_zh", "title_en", "text_zh", "text_en", "pinned", "valid_from", "valid_until"):
        setattr(entry, name, getattr(content, name))
    entry.corrected_at = at
    entry.revision += 1
    session.flush()
    record(
        session,
        FeedAction.CORRECTED,
        number,
        actor=actor,
        dealer_id=None,
        before=before,
        after=said(entry),
        reason=reason.strip(),
    )
    return entry.revision


def withdraw_entry(
    session: Session, *, actor: Actor, number: str, revision: int, reason: str, at: datetime
) -> None:
    """No dealer sees the entry any more, and it demands nothing; who has read it stays written down.

    Raises Invalid without a reason, NotFound, Conflict.
    """
    actor.require(FeedRight.PUBLISH)
    entry = answerable(session, actor, number, revision=revision)
    if entry.state == State.WITHDRAWN:
        raise Conflict("withdrawn", N_("This notice has been withdrawn already."))
    refuse(_reason_faults(reason))
    entry.state, entry.withdrawn_at = str(State.WITHDRAWN), at
    entry.revision += 1
    session.flush()
    session.execute(_HIDE, {"entry_id": entry.id})
    record(session, FeedAction.WITHDRAWN, number, actor=actor, dealer_id=None, reason=reason.strip())


def _reason_faults(reason: str) -> list[Fault]:
    if 1 <= len(reason.strip()) <= REASON_MAX:
        return []
    message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why.")
    return [Fault("/reason", "reason", message, fix, {"max": REASON_MAX})]
