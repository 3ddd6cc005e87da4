"""Remind by mail who has not read an entry, or has not acknowledged it where that is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed.editorial import edited_entry
from portal.feed.readers import REACHED_DEALERS
from portal.feed.rules import REMINDED_AT_ONCE
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.identity.rules import Role
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict


class Reminded(NamedTuple):
    """People who get a mail, and those who were reminded of something today already."""

    people: int
    already: int


_ANNOUNCED = "jsonb_build_object('user', user_id, 'number', CAST(:number AS text))"
_REMIND = text(
    f"""
    WITH due AS (
      SELECT t.id AS dealer_id, u.id AS user_id
        FROM (SELECT d.id {REACHED_DEALERS}) t JOIN user_account u ON u.dealer_id = t.id
       WHERE u.disabled_at IS NULL
         AND CASE WHEN :demands
               THEN (u.roles && CAST(:may AS text[])
                     OR EXISTS (SELECT FROM custom_role c
                                 WHERE c.code = ANY (u.roles) AND c.dealer_id = u.dealer_id
                                   AND :right = ANY (c.rights)))
                AND NOT EXISTS (SELECT FROM feed_acknowledgement k
                                 WHERE k.dealer_id = t.id AND k.entry_id = :entry_id)
               ELSE NOT EXISTS (SELECT FROM feed_reading g
                                 WHERE g.dealer_id = t.id AND g.entry_id = :entry_id
                                   AND g.reader = 'user:' || CAST(u.id AS text)) END
    ), letter AS (
      INSERT INTO feed_letter (dealer_id, user_id, kind, day)
      SELECT dealer_id, user_id, 'reminder', :day FROM due ORDER BY dealer_id, user_id LIMIT :most
      ON CONFLICT DO NOTHING RETURNING dealer_id, user_id
    ), announced AS (
      {outbox.added("notice.reminder", _ANNOUNCED, "letter", dealer="dealer_id")}
    )
    SELECT (SELECT count(*) FROM letter) AS people, (SELECT count(*) FROM due) AS due
    """
)


def remind(session: Session, *, actor: Actor, number: str, at: datetime, today: date) -> Reminded:
    """Mail whoever is left of the dealers that the actor sees; nobody gets more than one reminder a day.

    Where an acknowledgement is asked, those who may give it are reminded, until one of them has. Raises
    NotFound, Conflict for an entry that dealers do not see.
    """
    actor.require(FeedRight.PUBLISH)
    entry = edited_entry(session, actor=actor, number=number, at=at)
    if entry.stage != "published":
        raise Conflict("not_shown", N_("Dealers do not see this notice."))
    parameters = {
        "entry_id": entry.id,
        "number": number,
        "demands": entry.must_acknowledge,
        "may": [str(Role.DEALER_BUYER), str(Role.DEALER_OWNER)],
        "right": FeedRight.ACKNOWLEDGE,
        "day": today,
        "most": REMINDED_AT_ONCE,
    }
    row = session.execute(_REMIND, parameters).one()
    outbox.mark(session)
    reminded = Reminded(row.people, row.due - row.people)
    record(session, FeedAction.REMINDED, number, actor=actor, dealer_id=None, after=reminded._asdict())
    return reminded
