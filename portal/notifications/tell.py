"""Tell people of an event: by the inbox, by mail, by text message and by the robots of headquarters' groups.

The one way for everything that the portal tells anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.queries import Reader
from portal.kernel import outbox
from portal.kernel.outbox import Effect
from portal.kernel.registry import registry
from portal.notifications import texts
from portal.notifications.rules import ByMail

MAIL, SMS, ROBOT, ANNOUNCED = (
    "notification.mail",
    "notification.sms",
    "notification.robot",
    "notification.tell",
)

_POST = "jsonb_build_object('robot', robot_id, 'source', CAST(:source AS text))"
_TELL = text(
    f"""
    WITH made AS (
      INSERT INTO notification (user_id, source, event, path, said, in_inbox, mail, sms, created_at)
      SELECT w.user_id, :source, :event, :path, CAST(:said AS jsonb), w.in_inbox, w.mail, w.sms, :at
        FROM (SELECT r.user_id, :mandatory OR coalesce(c.in_inbox, true) AS in_inbox,
                     CASE WHEN :mandatory THEN '{ByMail.AT_ONCE}' ELSE coalesce(c.mail, :usual) END AS mail,
                     coalesce(c.sms, false) AND coalesce(s.mobile, '') <> '' AS sms
                FROM unnest(CAST(:readers AS bigint[])) r(user_id)
                LEFT JOIN notification_choice c ON c.user_id = r.user_id AND c.event = :event
                LEFT JOIN notification_setting s ON s.user_id = r.user_id) w
       WHERE w.in_inbox OR w.mail <> '{ByMail.NONE}' OR w.sms
       ORDER BY w.user_id
      ON CONFLICT (user_id, source) DO NOTHING RETURNING id, mail, sms
    ), by_mail AS (
      {outbox.added(MAIL, "jsonb_build_object('id', id)", f"made WHERE mail = '{ByMail.AT_ONCE}'")}
    ), by_sms AS (
      {outbox.added(SMS, "jsonb_build_object('id', id)", "made WHERE sms")}
    ), post AS (
      INSERT INTO robot_post (robot_id, source, event, path, said, created_at)
      SELECT id, :source, :event, :path, CAST(:said AS jsonb) || jsonb_build_object('dealer', (
               SELECT jsonb_build_array(d.name_zh, d.name_en) FROM dealer d
                WHERE d.id = CAST(:dealer_id AS bigint))), :at
        FROM robot WHERE is_active AND :event = ANY (events)
      ON CONFLICT (robot_id, source) DO NOTHING RETURNING robot_id
    ), by_robot AS (
      {outbox.added(ROBOT, _POST, "post")}
    )
    SELECT (SELECT count(*) FROM made) AS told, (SELECT count(*) FROM post) AS posts
    """
)


def tell(
    session: Session,
    *,
    effect: Effect,
    event: str,
    readers: Iterable[Reader],
    path: str,
    facts: Mapping[str, Any],
    at: datetime,
) -> int:
    """Tell readers of an event, each by the ways they chose; how many were told who had not been.

    In a session of the portal itself. An effect that is carried out twice tells nobody twice. path: of the
    portal's page that shows more. facts: what the event's texts ask for. Raises KeyError for an event that
    no capability declares.
    """
    declared = registry().events[event]
    said = orjson.dumps(texts.in_every_language(event, facts)).decode()
    parameters = {
        "source": f"effect:{effect.id}",
        "event": event,
        "path": path,
        "said": said,
        "at": at,
        "dealer_id": effect.dealer_id,
        "readers": sorted({reader.user_id for reader in readers}),
        "mandatory": declared.is_mandatory,
        "usual": str(declared.mail),
    }
    row = session.execute(_TELL, parameters).one()
    if row.told or row.posts:
        outbox.mark(session)
    told: int = row.told
    return told


def announce(
    session: Session,
    *,
    event: str,
    dealer_id: int | None,
    path: str,
    facts: Mapping[str, Any],
    only: Iterable[int] = (),
    but: int | None = None,
) -> None:
    """Have people told of an event with this transaction's commit: what a verb calls that has no letter job.

    Those who hold the event's roles are told: at the dealer, or at headquarters, there of the dealer's
    region where one is given. only: accounts that are told instead. but: an account that is not, because it
    acted itself. facts: JSON; the names of the dealer are added.
    """
    registry().events[event]  # an unknown one fails here, not in the worker
    outbox.add(
        session,
        ANNOUNCED,
        dealer_id=dealer_id,
        event=event,
        path=path,
        facts=dict(facts),
        only=list(only),
        but=but,
    )
