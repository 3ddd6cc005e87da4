"""Refused sign-ins and refused programs are counted, not appended one by one.

Who has no account writes no endless table. A row an hour for each account and network; beyond `NETWORKS_MAX`
rows an hour the networks are counted together. The audit gets the first of an hour for each account and
reason.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import address, record
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import ANONYMOUS
from portal.kernel.network import network_of

NETWORKS_MAX = 5000
UNKNOWN = "unknown"
"""Whoever names no account of ours."""

# What RETURNING counts is as it was before the statement.
_COUNT = text(
    """
    INSERT INTO refused_attempt AS r (hour, subject, reason, network, attempts, last_at)
    SELECT date_trunc('hour', CAST(:at AS timestamptz)), :subject, :reason,
           CASE WHEN (SELECT count(*) FROM refused_attempt
                       WHERE hour = date_trunc('hour', CAST(:at AS timestamptz))) < :networks_max
                THEN :network ELSE '' END, 1, :at
    ON CONFLICT (hour, subject, reason, network) DO UPDATE
       SET attempts = r.attempts + 1, last_at = excluded.last_at
    RETURNING NOT EXISTS (
      SELECT FROM refused_attempt o WHERE (o.hour, o.subject, o.reason) = (r.hour, r.subject, r.reason)
    ) AS first
    """
)


def count_refusal(
    session: Session,
    action: IdentityAction,
    subject: str,
    *,
    dealer_id: int | None,
    reason: str,
    at: datetime,
) -> None:
    """Count one refused attempt at `subject`, `UNKNOWN` for none of ours.

    The transaction of a refusal must be committed too.
    """
    parameters = {
        "subject": subject,
        "reason": reason,
        "network": network_of(address.get() or ""),
        "networks_max": NETWORKS_MAX,
        "at": at,
    }
    if session.scalar(_COUNT, parameters):
        record(session, action, subject, actor=ANONYMOUS, dealer_id=dealer_id, reason=reason)
