"""How an event is written down: the one form that is hashed, exported and read again.

PostgreSQL writes it, so that what is hashed when a batch is sealed and what leaves in an export are made by
the same words, numbers in their own digits and members in one order.
"""

from __future__ import annotations

from sqlalchemy import text

LINE = """
(jsonb_build_object(
  'id', e.id,
  'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'actor', e.actor, 'actor_label', e.actor_label, 'dealer_id', e.dealer_id,
  'action', e.action, 'subject_kind', e.subject_kind, 'subject', e.subject,
  'request_id', e.request_id, 'address', e.address,
  'before', e.before, 'after', e.after, 'reason', e.reason, 'database_user', e.database_user
) || CASE WHEN e.on_behalf_of IS NULL THEN '{}' ELSE jsonb_build_object('on_behalf_of', e.on_behalf_of) END)
::text
"""
"""SQL: the event `e` as one line of JSON. Only an act on somebody's behalf has the member `on_behalf_of`, so
that what was sealed before there were any reads as it did.
"""

EVENTS = text(
    f"""
    SELECT e.id, e.at, {LINE} AS line FROM audit_event e
     WHERE e.id > :after AND e.id <= :last ORDER BY e.id LIMIT :limit
    """
)
"""The events of a span of ids."""
