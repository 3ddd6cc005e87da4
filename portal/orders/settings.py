"""What headquarters decided about faults and releases: reads, and the verbs that add a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.orders.cancel_order import checked_reason
from portal.orders.holds_rules import Limits, limit_faults, limit_of
from portal.orders.severity_rules import Severity, severity_faults, severity_of
from portal.orders.vocabulary import OrderAction, OrderRight

CHANGED = ("setting_changed", N_("Somebody else has changed this setting meanwhile."))
CHANGED_FIX = N_("Look at what it says now, and decide again.")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a setting: `name` is a fault code, or role and hold; `value` as it is stored."""

    name: tuple[str, ...]
    version: int
    value: str | None
    valid_from: datetime
    reason: str
    set_by_label: str
    set_at: datetime


def severities(session: Session, at: datetime) -> dict[str, str]:
    """Severities by fault code that are decided and in force."""
    return {row.code: row.severity for row in session.execute(_SEVERITIES, {"at": at})}


def release_limits(session: Session, at: datetime) -> Limits:
    """Limits by role and hold that are decided and in force."""
    return {(row.role, row.hold): row.up_to for row in session.execute(_LIMITS, {"at": at})}


def versions(session: Session, limit: int = 100) -> list[Version]:
    """What was decided, the latest first, of severities and limits alike."""
    return [
        Version(
            tuple(row.name), row.version, row.value, row.valid_from, row.reason, row.set_by_label, row.set_at
        )
        for row in session.execute(_VERSIONS, {"limit": limit})
    ]


def latest_versions(session: Session) -> dict[tuple[str, ...], int]:
    """The number of the latest version of each setting, also of one that is not in force yet."""
    return {tuple(row.name): row.version for row in session.execute(_LATEST)}


def set_severity(
    session: Session,
    *,
    actor: Actor,
    code: str,
    severity: str,
    seen: int,
    reason: str,
    at: datetime,
    valid_from: datetime | None = None,
) -> None:
    """Decide how grave a fault is from `valid_from` on, by default at once.

    seen: the version that was looked at, 0 for none. Raises Invalid beyond the bounds, without a reason or
    for a past moment, Conflict when another person decided meanwhile, Forbidden.
    """
    actor.require(OrderRight.RULES)
    before = severity_of(code, severities(session, at))
    _require_valid(severity_faults(code, severity), valid_from, at)
    parameters = {"code": code, "severity": severity}
    _add(
        session, _ADD_SEVERITY, parameters, seen, actor, checked_reason(reason, required=True), at, valid_from
    )
    audit.record(
        session,
        OrderAction.SEVERITY_SET,
        code,
        actor=actor,
        dealer_id=None,
        reason=reason.strip(),
        before={"severity": str(before)},
        after={"severity": str(Severity(severity)), "valid_from": (valid_from or at).isoformat()},
    )


def set_release_limit(
    session: Session,
    *,
    actor: Actor,
    role: str,
    hold: str,
    up_to: Decimal | None,
    seen: int,
    reason: str,
    at: datetime,
    valid_from: datetime | None = None,
) -> None:
    """Decide up to which amount one person with a role releases from a hold; None for any.

    As `set_severity`.
    """
    actor.require(OrderRight.RULES)
    before = limit_of(role, hold, release_limits(session, at))
    _require_valid(limit_faults(role, hold, up_to), valid_from, at)
    parameters = {"role": role, "hold": hold, "up_to": up_to}
    _add(session, _ADD_LIMIT, parameters, seen, actor, checked_reason(reason, required=True), at, valid_from)
    audit.record(
        session,
        OrderAction.RELEASE_LIMIT_SET,
        f"{role} {hold}",
        actor=actor,
        dealer_id=None,
        reason=reason.strip(),
        before={"up_to": None if before is None else money.as_text(before)},
        after={
            "up_to": None if up_to is None else money.as_text(up_to),
            "valid_from": (valid_from or at).isoformat(),
        },
    )


def _require_valid(faults: list[Fault], valid_from: datetime | None, at: datetime) -> None:
    if valid_from is not None and valid_from < at:
        fix = N_("Leave it empty to begin at once, or choose a later moment.")
        faults.append(Fault("/valid_from", "in_the_past", N_("A setting does not begin in the past."), fix))
    if faults:
        raise Invalid(faults=faults)


def _add(
    session: Session,
    statement: TextClause,
    parameters: Mapping[str, object],
    seen: int,
    actor: Actor,
    reason: str,
    at: datetime,
    valid_from: datetime | None,
) -> None:
    """Add the version after the one that was seen; whoever added it first has it."""
    added = session.execute(
        statement,
        {
            **parameters,
            "version": seen + 1,
            "valid_from": valid_from or at,
            "reason": reason,
            "set_by": actor.key,
            "set_by_label": actor.label,
            "at": at,
        },
    ).one_or_none()
    if added is None:
        raise Conflict(*CHANGED, fix=CHANGED_FIX)


_SEVERITIES = text(
    """
    SELECT DISTINCT ON (s.code) s.code, s.severity FROM fault_severity s
     WHERE s.valid_from <= :at ORDER BY s.code, s.version DESC
    """
)
_LIMITS = text(
    """
    SELECT DISTINCT ON (l.role, l.hold) l.role, l.hold, l.up_to FROM release_limit l
     WHERE l.valid_from <= :at ORDER BY l.role, l.hold, l.version DESC
    """
)
_VERSIONS = text(
    """
    SELECT v.name, v.version, v.value, v.valid_from, v.reason, v.set_by_label, v.set_at
      FROM (SELECT ARRAY[s.code] AS name, s.version, s.severity AS value, s.valid_from, s.reason,
                   s.set_by_label, s.set_at
              FROM fault_severity s
             UNION ALL
            SELECT ARRAY[l.role, l.hold], l.version, l.up_to::text, l.valid_from, l.reason, l.set_by_label,
                   l.set_at
              FROM release_limit l) v
     ORDER BY v.set_at DESC, v.name LIMIT :limit
    """
)
_LATEST = text(
    """
    SELECT ARRAY[s.code] AS name, max(s.version) AS version FROM fault_severity s GROUP BY s.code
    UNION ALL
    SELECT ARRAY[l.role, l.hold], max(l.version) FROM release_limit l GROUP BY l.role, l.hold
    """
)

# A version follows on the one before it: who looked at an older one finds its number taken, who names one
# that does not exist finds no predecessor.
_ADD_SEVERITY = text(
    """
    INSERT INTO fault_severity (code, severity, version, valid_from, reason, set_by, set_by_label, set_at)
    SELECT :code, :severity, CAST(:version AS integer), :valid_from, :reason, :set_by, :set_by_label, :at
     WHERE (SELECT coalesce(max(s.version), 0) FROM fault_severity s WHERE s.code = :code) = :version - 1
    ON CONFLICT DO NOTHING RETURNING version
    """
)
_ADD_LIMIT = text(
    """
    INSERT INTO release_limit (role, hold, up_to, version, valid_from, reason, set_by, set_by_label, set_at)
    SELECT :role, :hold, CAST(:up_to AS numeric), CAST(:version AS integer), :valid_from, :reason, :set_by,
           :set_by_label, :at
     WHERE (SELECT coalesce(max(l.version), 0) FROM release_limit l
             WHERE l.role = :role AND l.hold = :hold) = :version - 1
    ON CONFLICT DO NOTHING RETURNING version
    """
)
