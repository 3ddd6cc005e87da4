"""Take a published version out of force; what was in force before it is again, in the same commit.

The past stays what it was: the predecessor returns as a version of its own, copied, with its old place among
equally strong rules (docs/decisions/0037). What has not begun leaves no trace in prices: its predecessor just
goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.pricing import publication_lock
from portal.pricing.announce_policy import announce_withdrawal
from portal.pricing.draft_version import copy_rules
from portal.pricing.life import PolicyState
from portal.pricing.models import PricePolicy
from portal.pricing.versions import lock_version
from portal.pricing.vocabulary import PriceAction, PriceRight


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """When it ended, and the version that is in force instead; None where none is."""

    at: datetime
    restored: int | None


def withdraw_policy(session: Session, *, actor: Actor, policy_id: int, reason: str) -> Withdrawn:
    """Withdraw what is in force or will be.

    Orders in flight are priced before it, orders that come while it commits wait and are priced after it.
    Raises Invalid without a reason, NotFound, Conflict for what is over.
    """
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    said = reason_of(reason)
    moment = publication_lock.close(session)
    policy = lock_version(session, actor=actor, policy_id=policy_id, act=ProposalAct.WITHDRAW)
    if policy.valid_to is not None and policy.valid_to <= moment:
        raise Conflict(
            "not_in_force",
            N_("Only what is in force, or will be, is withdrawn."),
            fix=N_("Read it again."),
            state=policy.state,
        )
    before = session.execute(_BEFORE, {"id": policy_id}).one_or_none()
    begun = policy.valid_from <= moment
    policy.state, policy.valid_to = PolicyState.WITHDRAWN, max(policy.valid_from, moment)
    policy.withdrawn_by, policy.withdrawn_by_label = actor.key, actor.label
    policy.withdrawn_at, policy.withdrawn_reason = moment, said
    session.flush()
    restored = None
    if before is not None:
        restored = (
            _restored(session, actor, policy, before, moment) if begun else _going_on(session, policy, before)
        )
    after = {"number": policy.number, "version": policy.version, "in_force_again": restored}
    record(
        session,
        PriceAction.POLICY_WITHDRAWN,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        after=after,
        reason=said,
    )
    session.flush()
    announce_withdrawal(session, actor=actor, policy=policy, restored=restored is not None, at=moment)
    return Withdrawn(moment, restored)


def _restored(
    session: Session, actor: Actor, policy: PricePolicy, before: Any, moment: datetime
) -> int | None:
    """The predecessor as a new version from this moment on; None when its own term is over."""
    if before.planned_to is not None and before.planned_to <= moment:
        return None
    created: int = session.execute(
        _COPY, {"id": before.id, "supersedes": policy.id, "at": moment}
    ).scalar_one()
    copy_rules(session, source=before.id, target=created)
    session.execute(
        _IN_FORCE,
        {
            "id": created,
            "source": before.id,
            "at": moment,
            "user_id": actor.user_id,
            "label": actor.label,
            "until": _end(session, policy, before, moment),
        },
    )
    return created


def _going_on(session: Session, policy: PricePolicy, before: Any) -> int:
    """The predecessor whose end was the beginning that does not come."""
    until = _end(session, policy, before, policy.valid_from)
    session.execute(_GO_ON, {"id": before.id, "until": until})
    return int(before.id)


def _end(session: Session, policy: PricePolicy, before: Any, since: datetime) -> datetime | None:
    """When the predecessor ends now: as it planned, or where the next version that is published begins."""
    parameters = {"number": policy.number, "since": since, "planned_to": before.planned_to}
    end: datetime | None = session.execute(_END, parameters).scalar_one()
    return end


# The version that was in force until this one began; of one that restores another, until that one began.
_BEFORE = text(
    """
    WITH RECURSIVE origin AS (
      SELECT p.id, p.number, p.valid_from, p.restores_id FROM price_policy p WHERE p.id = :id
       UNION ALL
      SELECT r.id, r.number, r.valid_from, r.restores_id
        FROM origin o JOIN price_policy r ON r.id = o.restores_id
    )
    SELECT p.id, p.planned_to
      FROM origin o JOIN price_policy p ON p.number = o.number AND p.valid_to = o.valid_from
     WHERE o.restores_id IS NULL AND p.published_at IS NOT NULL AND p.state <> 'withdrawn'
       AND p.valid_from < p.valid_to
    """
)

_END = text(
    """
    SELECT least(CAST(:planned_to AS timestamptz),
                 (SELECT min(n.valid_from) FROM price_policy n
                   WHERE n.number = :number AND n.published_at IS NOT NULL AND n.valid_from > :since
                     AND (n.valid_to IS NULL OR n.valid_from < n.valid_to)))
    """
)

_COPY = text(
    """
    INSERT INTO price_policy (number, version, kind, dealer_id, title_zh, title_en, text, region_id,
                              below_floor, valid_from, valid_to, planned_to, created_by, created_by_label,
                              written_by, supersedes_id, restores_id)
    SELECT p.number, (SELECT max(v.version) + 1 FROM price_policy v WHERE v.number = p.number), p.kind,
           p.dealer_id, p.title_zh, p.title_en, p.text, p.region_id, p.below_floor, :at, p.planned_to,
           p.planned_to, p.created_by, p.created_by_label, p.written_by, :supersedes, p.id
      FROM price_policy p WHERE p.id = :id RETURNING id
    """
)

# It was approved once and says the same: the approval is the one it had.
_IN_FORCE = text(
    """
    UPDATE price_policy n
       SET state = 'published', valid_to = :until, published_at = :at, published_by = :user_id,
           published_by_label = :label, ranked_at = coalesce(p.ranked_at, p.published_at),
           submitted_by = p.submitted_by, submitted_by_label = p.submitted_by_label,
           submitted_at = p.submitted_at, approved_by = p.approved_by,
           approved_by_label = p.approved_by_label, approved_at = p.approved_at
      FROM price_policy p WHERE p.id = :source AND n.id = :id
    """
)

_GO_ON = text("UPDATE price_policy SET valid_to = :until WHERE id = :id")
