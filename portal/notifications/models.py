"""What people were told, how they want to be told, and the robots of headquarters' groups."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.notifications.channels import Kind
from portal.notifications.rules import ByMail, Every


class Notification(Base):
    """One person was told of one event; nobody else sees it.

    source: what it was told for, ``effect:12``, so that it is told once. said: subject, sentence and facts by
    language. mail and sms: by which ways beside the inbox; mailed_at and sms_at: when that was done.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("user_id", "source"),
        one_of("mail", ByMail),
        Index("ix_notification_inbox", "user_id", "id", postgresql_where="in_inbox"),
        Index("ix_notification_unread", "user_id", "id", postgresql_where="in_inbox AND read_at IS NULL"),
        Index("ix_notification_digest", "user_id", postgresql_where="mail = 'digest' AND mailed_at IS NULL"),
        Index("ix_notification_created_at", "created_at"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    source: Mapped[str]
    event: Mapped[str]
    path: Mapped[str]
    said: Mapped[dict[str, Any]]
    in_inbox: Mapped[bool] = mapped_column(Boolean)
    mail: Mapped[str]
    sms: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    sms_at: Mapped[datetime | None]


class NotificationChoice(Base):
    """How somebody wants to be told of an event; who has not chosen has no row."""

    __tablename__ = "notification_choice"
    __table_args__ = (one_of("mail", ByMail),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    in_inbox: Mapped[bool] = mapped_column(Boolean)
    mail: Mapped[str]
    sms: Mapped[bool] = mapped_column(Boolean)


class NotificationSetting(Base):
    """How somebody is told, whatever the event. revision: so that two tabs do not overwrite each other."""

    __tablename__ = "notification_setting"
    __table_args__ = (
        one_of("digest_every", Every),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from IS DISTINCT FROM quiet_until"
            " OR quiet_from IS NULL AND quiet_until IS NULL",
            name="quiet",
        ),
        CheckConstraint("length(zone) <= 60 AND length(mobile) <= 20", name="lengths"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    zone: Mapped[str]
    digest_every: Mapped[str]
    digest_hour: Mapped[int] = mapped_column(SmallInteger)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    mobile: Mapped[str]
    revision: Mapped[int] = mapped_column(Integer)


class NotificationDigest(Base):
    """Somebody's digest of a day was given to the outbox; of a weekly one its Monday."""

    __tablename__ = "notification_digest"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class MailSuspension(Base):
    """Mail to somebody's address came back: nothing more is sent there until it is confirmed or changed.

    status: as RFC 3463 has it, ``5.1.1``; reason: what the mail server said.
    """

    __tablename__ = "mail_suspension"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    address: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    since: Mapped[datetime]


class Robot(Base):
    """A robot of a group of headquarters, or the gateway that sends text messages.

    host: of its address, which itself is sealed with the secret, as both let somebody write to the group.
    body: of a gateway, the JSON that it takes. events: what it tells.
    """

    __tablename__ = "robot"
    __table_args__ = (
        UniqueConstraint("name"),
        one_of("kind", Kind),
        CheckConstraint("length(name) BETWEEN 1 AND 60 AND length(body) <= 2000", name="lengths"),
        CheckConstraint("(kind = 'sms') = (body <> '')", name="body"),
        CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from IS DISTINCT FROM quiet_until"
            " OR quiet_from IS NULL AND quiet_until IS NULL",
            name="quiet",
        ),
        Index("uq_robot_sms", "kind", unique=True, postgresql_where="kind = 'sms' AND is_active"),
    )

    id: Mapped[Key]
    name: Mapped[str]
    kind: Mapped[str]
    locale: Mapped[str]
    host: Mapped[str]
    sealed: Mapped[str]
    body: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    is_active: Mapped[bool] = mapped_column(Boolean)
    revision: Mapped[int] = mapped_column(Integer)
    last_sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]


class RobotPost(Base):
    """A robot tells its group of an event, once."""

    __tablename__ = "robot_post"
    __table_args__ = (Index("ix_robot_post_sent_at", "robot_id", "sent_at"),)

    robot_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("robot.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    path: Mapped[str]
    said: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
