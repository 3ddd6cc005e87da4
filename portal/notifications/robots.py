"""Robots of headquarters' groups, and the gateway for text messages, as the jobs use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_
from portal.kernel.registry import registry
from portal.kernel.translations import words
from portal.notifications import texts
from portal.notifications.channels import Message
from portal.notifications.rules import POSTS_A_MINUTE, Quiet

ROBOT_COLUMNS = """
id, name, kind, locale, host, sealed, body, events, quiet_from, quiet_until, is_active, revision,
last_sent_at, last_error, last_error_at
"""
_CLAIM = text(f"SELECT {ROBOT_COLUMNS} FROM robot WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED")
_GATEWAY = text(f"SELECT {ROBOT_COLUMNS} FROM robot WHERE kind = 'sms' AND is_active")
_POST = text(
    """
    SELECT source, event, path, said FROM robot_post
     WHERE robot_id = :robot_id AND source = :source AND sent_at IS NULL
    """
)
_POSTED = text("UPDATE robot_post SET sent_at = :at WHERE robot_id = :robot_id AND source = :source")
# The moment of the twentieth post before now: a minute after it there is room for one more.
_NTH = text(
    """
    SELECT sent_at FROM robot_post WHERE robot_id = :robot_id AND sent_at > :since
     ORDER BY sent_at DESC OFFSET :most - 1 LIMIT 1
    """
)
_SENT = text("UPDATE robot SET last_sent_at = :at, last_error = NULL, last_error_at = NULL WHERE id = :id")
_FAILED = text("UPDATE robot SET last_error = :reason, last_error_at = :at WHERE id = :id")
_MINUTE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot, its address and secret sealed."""

    id: int
    name: str
    kind: str
    locale: str
    host: str
    sealed: str
    body: str
    events: list[str]
    quiet_from: time | None
    quiet_until: time | None
    is_active: bool
    revision: int
    last_sent_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """What a robot tells its group."""

    source: str
    event: str
    path: str
    said: dict[str, Any]


def claimed(session: Session, robot_id: int) -> Robot | None:
    """A robot, locked; None while another worker posts by it."""
    row = session.execute(_CLAIM, {"id": robot_id}).one_or_none()
    return None if row is None else Robot(**row._mapping)


def gateway(session: Session) -> Robot | None:
    """What sends text messages, if there is one."""
    row = session.execute(_GATEWAY).one_or_none()
    return None if row is None else Robot(**row._mapping)


def post_due(session: Session, robot: Robot, source: str) -> Post | None:
    """What is still to be said; nothing by a robot that was switched off."""
    row = session.execute(_POST, {"robot_id": robot.id, "source": source}).one_or_none()
    return None if row is None or not robot.is_active else Post(**row._mapping)


def quiet_of(robot: Robot, event: str, zone: str) -> Quiet | None:
    """The quiet hours of a robot, unless the event is urgent."""
    declared = registry().events.get(event)
    if robot.quiet_from is None or robot.quiet_until is None or (declared and declared.is_urgent):
        return None
    return Quiet(robot.quiet_from, robot.quiet_until, zone)


def free_from(session: Session, robot: Robot, at: datetime) -> datetime | None:
    """From when its service takes one more; None for now."""
    parameters = {"robot_id": robot.id, "since": at - _MINUTE, "most": POSTS_A_MINUTE}
    nth: datetime | None = session.execute(_NTH, parameters).scalar_one_or_none()
    return None if nth is None else nth + _MINUTE


def message_of(robot: Robot, post: Post, base_url: str) -> Message:
    """A post in the language of the group, which has to know what dealer it is about."""
    said, language = texts.kept(post.said, robot.locale), texts.language_of(robot.locale)
    translated = words(language).gettext
    label = translated(N_("Open in the portal"))
    names = post.said.get("dealer")
    about = ((translated(N_("Dealer")), names[0] if language == "zh" else names[1]),) if names else ()
    link = base_url.rstrip("/") + post.path
    return Message(said.subject, said.sentence, about + said.facts, link, label)


def set_posted(session: Session, robot: Robot, source: str, *, at: datetime) -> None:
    """The group was told."""
    session.execute(_POSTED, {"robot_id": robot.id, "source": source, "at": at})


def set_sent(session: Session, robot_id: int, *, at: datetime) -> None:
    """The service took a message."""
    session.execute(_SENT, {"id": robot_id, "at": at})


def set_failed(session: Session, robot_id: int, reason: str, *, at: datetime) -> None:
    """The service did not take a message, and why."""
    session.execute(_FAILED, {"id": robot_id, "reason": reason[:300], "at": at})
