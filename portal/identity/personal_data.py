"""What the portal knows of one person, for whoever asks for a copy of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEvent
from portal.audit.record import record
from portal.identity.models import UserAccount
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import Base, rescope
from portal.kernel.errors import NotFound
from portal.kernel.manifest import Personal

_ACT = (AuditEvent.at, AuditEvent.action, AuditEvent.subject, AuditEvent.address)


def personal_data(session: Session, email: str, declared: Iterable[Personal]) -> dict[str, Any]:
    """By table what is kept of who signs in with `email`, and under ``acts`` what they did; written down.

    Needs a session of the owner, since no role that serves may read all of it. Raises NotFound.
    """
    account = session.execute(
        select(UserAccount.id, UserAccount.dealer_id).where(UserAccount.email == email.strip().lower())
    ).one_or_none()
    if account is None:
        raise NotFound()
    found: dict[str, Any] = {}
    # Most is seen by whoever sees everything; what is for the person alone, by nobody else.
    themselves = Actor(label="", rights=frozenset(), user_id=account.id, region_ids=None)
    for one in declared:
        if one.person:
            seen = []
            for actor in (themselves, SYSTEM):
                rescope(session, actor)
                seen.append(_rows(session, one, account.id))
            found.setdefault(one.table, []).extend(max(seen, key=len))
    key = f"user:{account.id}"
    record(session, IdentityAction.USER_DATA_EXPORTED, key, actor=SYSTEM, dealer_id=account.dealer_id)
    acts = session.execute(select(*_ACT).where(AuditEvent.actor == key).order_by(AuditEvent.id))
    about = session.execute(
        select(AuditEvent.at, AuditEvent.action, AuditEvent.reason)
        .where(AuditEvent.subject == key, AuditEvent.subject_kind == "user")
        .order_by(AuditEvent.id)
    )
    found["acts"] = [dict(row) for row in acts.mappings()]
    found["acts_of_others_upon_them"] = [dict(row) for row in about.mappings()]
    return found


def _rows(session: Session, one: Personal, user_id: int) -> list[dict[str, Any]]:
    table: Table = Base.metadata.tables[one.table]
    asked = select(*(table.c[name] for name in one.columns)).where(table.c[one.person] == user_id)
    return [dict(row) for row in session.execute(asked.order_by(*table.primary_key.columns)).mappings()]
