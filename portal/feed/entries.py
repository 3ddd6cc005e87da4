"""Entries and their addresses as rows: written, and read for whoever is about to change them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.feed import rules
from portal.feed.models import FeedEntry
from portal.feed.rules import Address, Content
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound

_UNADDRESS = text("DELETE FROM feed_address WHERE entry_id = :entry_id")
_ADDRESS = text(
    """
    INSERT INTO feed_address (entry_id, place, dealer_id, region_id, tier, category_code)
    SELECT :entry_id, place, dealer_id, region_id, tier, category_code
      FROM unnest(CAST(:dealers AS bigint[]), CAST(:regions AS bigint[]), CAST(:tiers AS text[]),
                  CAST(:lines AS text[])) WITH ORDINALITY
           AS a(dealer_id, region_id, tier, category_code, place)
    """
)


def insert_entry(
    session: Session,
    *,
    actor: Actor,
    content: Content,
    addresses: Iterable[Address],
    at: datetime,
    region_id: int | None = None,
    link: str = "",
    **published: Any,
) -> FeedEntry:
    """A new entry with its addresses. published: columns that say so of one that is no draft."""
    entry = FeedEntry(
        number=numbering.new_number("NT", at.date()),
        created_by=actor.key,
        created_by_label=actor.label,
        created_at=at,
        region_id=region_id,
        link=link,
        **asdict(content),
        **published,
    )
    session.add(entry)
    session.flush()
    write_addresses(session, entry.id, addresses)
    return entry


def write_addresses(session: Session, entry_id: int, addresses: Iterable[Address]) -> None:
    """These are all the addresses of an entry that nobody sees yet."""
    rows = rules.least(addresses)
    parameters = {
        "entry_id": entry_id,
        "dealers": [row.dealer_id for row in rows],
        "regions": [row.region_id for row in rows],
        "tiers": [row.tier for row in rows],
        "lines": [row.category_code for row in rows],
    }
    session.execute(_UNADDRESS, {"entry_id": entry_id})
    session.execute(_ADDRESS, parameters)


def answerable(session: Session, actor: Actor, number: str, *, revision: int | None = None) -> FeedEntry:
    """An entry that the actor answers for, locked.

    Raises NotFound for another region's and the whole country's, Conflict when it has been changed since
    `revision`.
    """
    wanted = select(FeedEntry).where(FeedEntry.number == number).with_for_update()
    found = session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None or not actor.answers_for(found.region_id):
        raise NotFound()
    if revision is not None and found.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed or published this notice. Look at it and try again."),
        )
    return found


def refuse(faults: list[Fault]) -> None:
    """Raise Invalid with what is wrong, if anything is."""
    if faults:
        raise Invalid(faults=faults)


def said(entry: FeedEntry) -> dict[str, Any]:
    """What an entry says, as the audit keeps it."""
    moments = {
        name: None if value is None else value.isoformat()
        for name, value in (("valid_from", entry.valid_from), ("valid_until", entry.valid_until))
    }
    names = ("kind", "title_zh", "title_en", "text_zh", "text_en", "must_acknowledge", "pinned")
    return {name: getattr(entry, name) for name in names} | moments
