"""What has to be sent to one person now: claimed in the transaction that sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader
from portal.kernel.db import Record
from portal.kernel.registry import registry
from portal.notifications import texts
from portal.notifications.rules import ByMail, Quiet, Setting
from portal.notifications.texts import Said

_DUE = """
SELECT n.id, n.event, n.path, n.said, n.read_at, n.in_inbox, u.id AS user_id, u.email,
       u.display_name AS name, u.locale, s.zone, s.quiet_from, s.quiet_until,
       coalesce(s.mobile, '') AS mobile,
       EXISTS (SELECT FROM mail_suspension m
                WHERE m.user_id = u.id AND m.address = u.email) AS is_suspended
  FROM notification n JOIN user_account u ON u.id = n.user_id
  LEFT JOIN dealer d ON d.id = u.dealer_id
  LEFT JOIN notification_setting s ON s.user_id = u.id
 WHERE n.id = :id AND u.disabled_at IS NULL AND d.state IS DISTINCT FROM 'closed'
"""
_MAIL = text(f"{_DUE} AND n.mail = '{ByMail.AT_ONCE}' AND n.mailed_at IS NULL FOR NO KEY UPDATE OF n")
_SMS = text(f"{_DUE} AND n.sms AND n.sms_at IS NULL FOR NO KEY UPDATE OF n")
_MAILED = text("UPDATE notification SET mailed_at = :at WHERE id = ANY (:ids)")
_TEXTED = text("UPDATE notification SET sms_at = :at WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Due:
    """Something to send to one person. quiet: their hours, None for what does not wait."""

    id: int
    event: str
    path: str
    said: Said
    reader: Reader
    mobile: str
    quiet: Quiet | None
    is_mandatory: bool


def mail_due(session: Session, notification_id: int) -> Due | None:
    """A letter that is not sent yet, locked; None where it need not be sent any more.

    That is: sent, read meanwhile in the inbox, to somebody who has left, or to an address that refuses mail.
    """
    row = session.execute(_MAIL, {"id": notification_id}).one_or_none()
    if row is None or row.is_suspended:
        return None
    due = _due(row)
    return None if row.read_at is not None and row.in_inbox and not due.is_mandatory else due


def sms_due(session: Session, notification_id: int) -> Due | None:
    """A text message that is not sent yet, locked; None where it need not be sent any more."""
    row = session.execute(_SMS, {"id": notification_id}).one_or_none()
    return None if row is None or not row.mobile else _due(row)


def set_mailed(session: Session, ids: list[int], *, at: datetime) -> None:
    """These were sent by mail."""
    session.execute(_MAILED, {"ids": ids, "at": at})


def set_texted(session: Session, notification_id: int, *, at: datetime) -> None:
    """This was sent as a text message."""
    session.execute(_TEXTED, {"id": notification_id, "at": at})


def _due(row: Record) -> Due:
    declared = registry().events.get(row.event)
    waits = declared is None or not declared.is_urgent
    setting = Setting(row.zone or "UTC", quiet_from=row.quiet_from, quiet_until=row.quiet_until)
    return Due(
        id=row.id,
        event=row.event,
        path=row.path,
        said=texts.kept(row.said, row.locale),
        reader=Reader(row.user_id, row.email, row.name, row.locale),
        mobile=row.mobile,
        quiet=setting.quiet if waits else None,
        is_mandatory=declared is not None and declared.is_mandatory,
    )
