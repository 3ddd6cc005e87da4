"""The letter with what is unread: given to the outbox once a person and day, at the person's hour."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader
from portal.kernel import outbox
from portal.notifications import texts
from portal.notifications.rules import DIGEST_HOUR, TOLD_MAX, Every, Quiet, Setting
from portal.notifications.texts import Said

DIGEST = "notification.digest"
AT_ONCE = 1000  # people a transaction

# `due` is the day of the digest in the person's zone: before the hour, that of the day before.
_ANNOUNCE = text(
    f"""
    WITH waiting AS (
      SELECT DISTINCT user_id FROM notification
       WHERE mail = 'digest' AND mailed_at IS NULL AND read_at IS NULL
    ), local AS (
      SELECT w.user_id, coalesce(s.digest_every, '{Every.DAILY}') AS every,
             coalesce(s.digest_hour, {DIGEST_HOUR}) AS hour,
             :at AT TIME ZONE coalesce(s.zone, :zone) AS moment
        FROM waiting w LEFT JOIN notification_setting s ON s.user_id = w.user_id
    ), due AS (
      SELECT user_id, CAST(CASE WHEN every = '{Every.WEEKLY}' THEN date_trunc('week', moment)
                                ELSE moment END AS date) AS day, moment, hour
        FROM local
    ), letter AS (
      INSERT INTO notification_digest (user_id, day)
      SELECT user_id, day FROM due
       WHERE (CAST(moment AS date) > day OR extract(hour FROM moment) >= hour)
         AND NOT EXISTS (SELECT FROM notification_digest g WHERE g.user_id = due.user_id AND g.day = due.day)
       ORDER BY user_id LIMIT :most
      ON CONFLICT DO NOTHING RETURNING user_id, day
    ), announced AS (
      {outbox.added(DIGEST, "jsonb_build_object('user', user_id, 'day', day)", "letter", dealer="NULL")}
    )
    SELECT count(*) FROM letter
    """
)
_UNREAD = text(
    """
    SELECT n.id, n.said, n.created_at
      FROM notification n
     WHERE n.user_id = :user_id AND n.mail = 'digest' AND n.mailed_at IS NULL AND n.read_at IS NULL
     ORDER BY n.id DESC FOR NO KEY UPDATE
    """
)
_READER = text(
    """
    SELECT u.id AS user_id, u.email, u.display_name AS name, u.locale, coalesce(s.zone, :zone) AS zone,
           s.quiet_from, s.quiet_until
      FROM user_account u LEFT JOIN dealer d ON d.id = u.dealer_id
      LEFT JOIN notification_setting s ON s.user_id = u.id
     WHERE u.id = :user_id AND u.disabled_at IS NULL AND d.state IS DISTINCT FROM 'closed'
       AND NOT EXISTS (SELECT FROM mail_suspension m WHERE m.user_id = u.id AND m.address = u.email)
    """
)


class Told(NamedTuple):
    """One line of a digest."""

    at: datetime
    said: Said


class Digest(NamedTuple):
    """A digest to send. ids: everything that it tells of, also beyond the lines it shows."""

    reader: Reader
    zone: str
    quiet: Quiet | None
    ids: list[int]
    told: list[Told]


def announce_digests(session: Session, *, at: datetime, zone: str) -> int:
    """Give the digests that are due to the outbox, each once; how many, at most a thousand.

    zone: of who has chosen none. In a session of the portal itself.
    """
    announced: int = session.execute(_ANNOUNCE, {"at": at, "zone": zone, "most": AT_ONCE}).scalar_one()
    if announced:
        outbox.mark(session)
    return announced


def digest_due(session: Session, *, user_id: int, zone: str) -> Digest | None:
    """What a digest tells, locked until it is sent; None where there is nothing, or nobody to tell."""
    row = session.execute(_READER, {"user_id": user_id, "zone": zone}).one_or_none()
    if row is None:
        return None
    unread = session.execute(_UNREAD, {"user_id": user_id}).all()
    if not unread:
        return None
    told = [Told(one.created_at, texts.kept(one.said, row.locale)) for one in unread[:TOLD_MAX]]
    reader = Reader(row.user_id, row.email, row.name, row.locale)
    quiet = Setting(row.zone, quiet_from=row.quiet_from, quiet_until=row.quiet_until).quiet
    return Digest(reader, row.zone, quiet, [one.id for one in unread], told)
