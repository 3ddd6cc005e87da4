"""How debts are demanded: the version in force, its history, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.dunning.rules import Policy, policy_faults
from portal.dunning.vocabulary import DunningAction
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import Invalid
from portal.kernel.proposals import overtaken
from portal.ledger.vocabulary import LedgerRight

_COLUMNS = (
    "version, days, minimum, interest_rate, day_count, stop_level, respite, reason, set_by_label, set_at"
)
_LATEST = text(f"SELECT {_COLUMNS} FROM dunning_policy ORDER BY version DESC LIMIT :most")
_ONE = text(f"SELECT {_COLUMNS} FROM dunning_policy WHERE version = :version")
_ADD = text(
    """
    INSERT INTO dunning_policy (version, days, minimum, interest_rate, day_count, stop_level, respite, reason,
                                set_by, set_by_label, set_at)
    SELECT CAST(:version AS integer), CAST(:days AS smallint[]), :minimum, CAST(:rate AS numeric), :day_count,
           CAST(:stop_level AS smallint), :respite, :reason, :by, :label, :at
     WHERE (SELECT max(p.version) FROM dunning_policy p) = :version - 1
    ON CONFLICT DO NOTHING RETURNING version
    """
)


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """A version with who set it, and why."""

    version: int
    policy: Policy
    reason: str
    set_by_label: str
    set_at: datetime


def policies(session: Session, *, most: int = 20) -> list[SetPolicy]:
    """The versions, the latest first: that one is in force."""
    return [_set(row) for row in session.execute(_LATEST, {"most": most})]


def policy_in_force(session: Session) -> SetPolicy:
    """The version that counts."""
    return policies(session, most=1)[0]


def policy_of(session: Session, version: int) -> SetPolicy:
    """One version."""
    return _set(session.execute(_ONE, {"version": version}).one())


def set_policy(
    session: Session, *, actor: Actor, policy: Policy, seen: int, reason: str, at: datetime
) -> int:
    """Demand debts in another way from the next run on; the version. seen: the one that was looked at.

    Raises Invalid with every fault, Conflict when another person set one meanwhile, Forbidden.
    """
    actor.require(LedgerRight.APPROVE)
    if faults := policy_faults(policy, reason):
        raise Invalid(faults=faults)
    before = policy_in_force(session).policy
    parameters = {
        "version": seen + 1,
        "days": list(policy.days),
        "minimum": policy.minimum,
        "rate": policy.interest_rate,
        "day_count": policy.day_count,
        "stop_level": policy.stop_level,
        "respite": policy.respite,
        "reason": reason.strip(),
        "by": actor.key,
        "label": actor.label,
        "at": at,
    }
    version: int | None = session.execute(_ADD, parameters).scalar_one_or_none()
    if version is None:
        raise overtaken()
    audit.record(
        session,
        DunningAction.POLICY_SET,
        str(version),
        actor=actor,
        dealer_id=None,
        before=_said(before),
        after=_said(policy),
        reason=reason.strip(),
    )
    return version


def _said(policy: Policy) -> dict[str, object]:
    return {
        "days": list(policy.days),
        "minimum": money.as_text(policy.minimum),
        "interest_rate": None if policy.interest_rate is None else str(policy.interest_rate),
        "day_count": policy.day_count,
        "stop_level": policy.stop_level,
        "respite": policy.respite,
    }


def _set(row: Record) -> SetPolicy:
    policy = Policy(
        tuple(row.days), row.minimum, row.interest_rate, row.day_count, row.stop_level, row.respite
    )
    return SetPolicy(row.version, policy, row.reason, row.set_by_label, row.set_at)
