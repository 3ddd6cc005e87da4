"""The mail with what is new: chosen by each person, given to the outbox once a person and period."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.feed import rules
from portal.feed.rules import Digest
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound

_CHOICE = text("SELECT digest FROM feed_digest_choice WHERE user_id = :user_id")
_CHOOSE = text(
    """
    INSERT INTO feed_digest_choice (user_id, digest) VALUES (:user_id, :digest)
    ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest
    """
)
_ANNOUNCED = "jsonb_build_object('user', user_id, 'since', CAST(:since AS text))"
_SEND = text(
    f"""
    WITH letter AS (
      INSERT INTO feed_letter (dealer_id, user_id, kind, day)
      SELECT u.dealer_id, u.id, 'digest', :day
        FROM feed_digest_choice c JOIN user_account u ON u.id = c.user_id
        JOIN dealer d ON d.id = u.dealer_id
       WHERE c.digest = :digest AND u.disabled_at IS NULL AND d.state <> 'closed'
         AND NOT EXISTS (SELECT FROM feed_letter l
                          WHERE l.dealer_id = u.dealer_id AND l.user_id = u.id AND l.kind = 'digest'
                            AND l.day = :day)
       ORDER BY u.dealer_id, u.id LIMIT :most
      ON CONFLICT DO NOTHING RETURNING dealer_id, user_id
    ), announced AS (
      {outbox.added("notice.digest", _ANNOUNCED, "letter", dealer="dealer_id")}
    )
    SELECT count(*) FROM letter
    """
)
_AT_ONCE = 1000  # people a transaction


def digest_choice(session: Session, *, actor: Actor) -> str:
    """How often the person wants the mail; not at all before they chose. Raises NotFound for a program and
    for headquarters, which gets no such mail.
    """
    return session.scalar(_CHOICE, {"user_id": _person(actor)}) or str(Digest.NONE)


def choose_digest(session: Session, *, actor: Actor, digest: str) -> None:
    """From now on the person gets the mail so often. Needs no right: it is about the own mailbox."""
    if digest not in list(Digest):
        message, fix = N_("There is no %(value)s."), N_("Choose never, every day or every week.")
        raise Invalid(faults=[Fault("/digest", "unknown_digest", message, fix, {"value": digest[:40]})])
    session.execute(_CHOOSE, {"user_id": _person(actor), "digest": digest})


def announce_digests(session: Session, *, at: datetime, zone: ZoneInfo) -> int:
    """Give the digests that are due to the outbox, each once; how many, at most a thousand.

    In a session that sees everybody.
    """
    local, announced = at.astimezone(zone), 0
    for digest in (Digest.DAILY, Digest.WEEKLY):
        day = rules.digest_day(digest, local)
        if day is not None and announced < _AT_ONCE:
            parameters = {
                "digest": str(digest),
                "day": day,
                "since": rules.digest_since(digest, day).isoformat(),
                "most": _AT_ONCE - announced,
            }
            announced += session.execute(_SEND, parameters).scalar_one()
    if announced:
        outbox.mark(session)
    return announced


def _person(actor: Actor) -> int:
    if actor.user_id is None or actor.is_staff:
        raise NotFound()
    return actor.user_id
