"""Append one event to the audit, in the transaction of the act it tells of."""

from __future__ import annotations

from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.kernel.actor import Actor

# Set by the edge (request or job); the domain never reads it for a decision, it is only written down.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
address: ContextVar[str | None] = ContextVar("address", default=None)


def record(
    session: Session,
    action: StrEnum,
    subject: str,
    *,
    actor: Actor,
    dealer_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Write who did what to which subject.

    `before` and `after` hold only the fields that changed, as JSON; no secrets. action: one that a manifest
    declares.
    """
    # Inline: nothing is returned, so that staff of one region may write an event of no dealer, which they may
    # not read.
    session.execute(
        insert(AuditEvent)
        .inline()
        .values(
            actor=actor.key,
            actor_label=actor.label,
            dealer_id=dealer_id,
            action=str(action),
            subject_kind=action.split(":", 1)[0],
            subject=subject,
            request_id=request_id.get(),
            address=address.get(),
            before=before,
            after=after,
            reason=reason,
        )
    )


def recorded(subject_kind: str, after: str, source: str) -> str:
    """SQL that records an act of a statement which does more, for each row of `source`.

    after: SQL for JSON. Parameters: ``actor``, ``actor_label``, ``dealer_id``, ``action``, ``number`` (the
    subject), ``request_id``, ``address``.
    """
    return f"""
    INSERT INTO audit_event (actor, actor_label, dealer_id, action, subject_kind, subject, request_id,
                             address, after)
    SELECT :actor, :actor_label, :dealer_id, :action, '{subject_kind}', :number, :request_id, :address,
           {after}
      FROM {source}
    """
