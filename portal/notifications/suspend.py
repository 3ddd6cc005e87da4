"""Mail to an address that refuses it stops, until its owner confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.opaque import Sealer
from portal.notifications.bounces import Bounce, read_report
from portal.notifications.inbox import person_of
from portal.notifications.links import LETTER
from portal.notifications.vocabulary import NotificationAction, NotificationRight

CONFIRM = "notification.confirm"
_SUSPEND = text(
    """
    INSERT INTO mail_suspension (user_id, address, status, reason, since)
    SELECT id, email, :status, :reason, :at FROM user_account WHERE id = :user_id AND email = :address
    ON CONFLICT (user_id) DO UPDATE
      SET address = excluded.address, status = excluded.status, reason = excluded.reason,
          since = excluded.since
      WHERE mail_suspension.address <> excluded.address
    """
)
_OWN = text(
    """
    SELECT m.address, m.status, m.reason, m.since FROM mail_suspension m
      JOIN user_account u ON u.id = m.user_id AND u.email = m.address
     WHERE m.user_id = :user_id
    """
)
_ALL = text(
    """
    SELECT m.address, m.status, m.reason, m.since, u.display_name AS name,
           coalesce(d.name_zh, '') AS dealer_zh, coalesce(d.name_en, '') AS dealer_en
      FROM mail_suspension m JOIN user_account u ON u.id = m.user_id AND u.email = m.address
      LEFT JOIN dealer d ON d.id = u.dealer_id
     WHERE u.disabled_at IS NULL
     ORDER BY m.since DESC, m.user_id LIMIT :most
    """
)
_RESUME = text(
    "DELETE FROM mail_suspension WHERE user_id = :user_id AND address = :address RETURNING user_id"
)
_SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Suspended:
    """An address to which nothing is sent."""

    address: str
    status: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SuspendedPerson:
    """The same as headquarters sees it."""

    address: str
    status: str
    reason: str
    since: datetime
    name: str
    dealer_zh: str
    dealer_en: str


def note_bounces(session: Session, *, actor: Actor, raw: str, sealer: Sealer, at: datetime) -> int:
    """Read the report of a mail server; how many addresses were suspended by it.

    Only for a letter of ours to that very address: its Message-ID is sealed, so that nobody can have the mail
    of others stopped. Raises Invalid for what is no report.
    """
    actor.require(NotificationRight.BOUNCES)
    found = read_report(raw)
    if not found:
        message = N_("This is no report of a mail server (RFC 3464).")
        raise Invalid(faults=[Fault("/message", "no_report", message, N_("Send the whole message."))])
    return sum(_suspend(session, actor, one, sealer, at) for one in found if one.is_final)


def suspension_of(session: Session, *, actor: Actor) -> Suspended | None:
    """Whether mail to the person is suspended."""
    row = session.execute(_OWN, {"user_id": person_of(actor)}).one_or_none()
    return None if row is None else Suspended(**row._mapping)


def suspended_people(session: Session, *, actor: Actor) -> list[SuspendedPerson]:
    """Who gets no mail, the latest first, within what the actor sees; at most 200."""
    actor.require(NotificationRight.BOUNCES)
    return [SuspendedPerson(**row._mapping) for row in session.execute(_ALL, {"most": _SHOWN_MAX})]


def ask_confirmation(session: Session, *, actor: Actor) -> None:
    """Send one letter to the suspended address, whose link resumes mail. Raises NotFound where it is not."""
    if suspension_of(session, actor=actor) is None:
        raise NotFound()
    user_id = person_of(actor)
    outbox.add(session, CONFIRM, dealer_id=actor.dealer_id, user=user_id)


def resume_mail(session: Session, *, actor: Actor, address: str) -> bool:
    """The person got the letter: mail to the address goes on. False where it was not suspended."""
    parameters = {"user_id": person_of(actor), "address": address}
    if session.execute(_RESUME, parameters).one_or_none() is None:
        return False
    record(session, NotificationAction.RESUMED, actor.key, actor=actor, dealer_id=actor.dealer_id)
    return True


def _suspend(session: Session, actor: Actor, bounce: Bounce, sealer: Sealer, at: datetime) -> bool:
    try:
        letter = sealer.open(LETTER, bounce.letter)
    except ValueError:
        return False
    user_id = letter[-1]
    values = {
        "user_id": user_id,
        "address": bounce.address,
        "status": bounce.status,
        "reason": bounce.reason,
        "at": at,
    }
    if not rows_changed(session, _SUSPEND, values):
        return False
    subject, after = f"user:{user_id}", {"address": bounce.address, "status": bounce.status}
    record(session, NotificationAction.SUSPENDED, subject, actor=actor, dealer_id=None, after=after)
    return True
