"""What is promised of a kind and severity: read, and set from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.service.rules import ServiceKind, Severity
from portal.service.sla_rules import Target, target_faults
from portal.service.vocabulary import ServiceAction, ServiceRight

TargetKey = tuple[ServiceKind, Severity]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target, and since when it counts."""

    kind: ServiceKind
    severity: Severity
    target: Target
    valid_from: date
    set_by_label: str
    set_no: int


def targets_on(session: Session, day: date) -> dict[TargetKey, TargetRow]:
    """What is promised on a day, of every kind and severity."""
    rows = session.execute(_ON, {"day": day})
    read = (
        TargetRow(
            ServiceKind(row.kind),
            Severity(row.severity),
            Target(row.first_answer_minutes, row.resolution_minutes),
            row.valid_from,
            row.set_by_label,
            row.set_no,
        )
        for row in rows
    )
    return {(one.kind, one.severity): one for one in read}


def target_of(session: Session, kind: ServiceKind, severity: Severity, day: date) -> Target:
    """What is promised of a kind and severity on a day."""
    about = {"day": day, "kind": str(kind), "severity": str(severity)}
    row = session.execute(_ONE, about).one()
    return Target(row.first_answer_minutes, row.resolution_minutes)


def targets_to_come(session: Session, day: date) -> list[TargetRow]:
    """What was set for later days, the first first."""
    return [
        TargetRow(
            ServiceKind(row.kind),
            Severity(row.severity),
            Target(row.first_answer_minutes, row.resolution_minutes),
            row.valid_from,
            row.set_by_label,
            row.set_no,
        )
        for row in session.execute(_TO_COME, {"day": day})
    ]


def revision_of_targets(session: Session) -> int:
    """How often targets were set."""
    number: int = session.execute(_REVISION).scalar_one()
    return number


def set_targets(
    session: Session,
    *,
    actor: Actor,
    revision: int,
    targets: Mapping[TargetKey, Target],
    valid_from: date,
    today: date,
    at: datetime,
) -> int:
    """Promise these from a day on, as they were read at `revision`; how many are other than before.

    Requests keep what was promised when they were opened. Raises Invalid with every fault, at
    ``/<kind>/<severity>/…``, Conflict when somebody set them meanwhile, Forbidden.
    """
    actor.require(ServiceRight.RULES)
    faults = [
        fault
        for (kind, severity), target in targets.items()
        for fault in target_faults(f"/{kind}/{severity}", target)
    ]
    if valid_from < today:
        message, fix = N_("What was promised in the past stays."), N_("Choose today or a later day.")
        faults.append(Fault("/valid_from", "day_in_the_past", message, fix))
    if faults:
        raise Invalid(faults=faults)
    session.execute(_ONE_AFTER_ANOTHER)
    if revision != revision_of_targets(session):
        raise Conflict(
            "edited_meanwhile",
            N_("Somebody else has set the targets meanwhile."),
            fix=N_("Look at them as they are now, and set them again."),
        )
    before = targets_on(session, valid_from)
    changed = {key: target for key, target in targets.items() if before[key].target != target}
    for (kind, severity), target in changed.items():
        session.execute(
            _SET,
            {
                "kind": str(kind),
                "severity": str(severity),
                "set_no": revision + 1,
                "valid_from": valid_from,
                "first": target.first_answer_minutes,
                "last": target.resolution_minutes,
                "label": actor.label,
                "at": at,
            },
        )
    if changed:
        told = {
            f"{kind} {severity}": [target.first_answer_minutes, target.resolution_minutes]
            for (kind, severity), target in changed.items()
        }
        after = {"valid_from": valid_from.isoformat(), **told}
        record(session, ServiceAction.TARGETS_SET, "targets", actor=actor, dealer_id=None, after=after)
    return len(changed)


_COLUMNS = "kind, severity, first_answer_minutes, resolution_minutes, valid_from, set_by_label, set_no"
_ON = text(
    f"""
    SELECT DISTINCT ON (kind, severity) {_COLUMNS} FROM service_target WHERE valid_from <= :day
     ORDER BY kind, severity, set_no DESC
    """
)
_ONE = text(
    """
    SELECT first_answer_minutes, resolution_minutes FROM service_target
     WHERE kind = :kind AND severity = :severity AND valid_from <= :day ORDER BY set_no DESC LIMIT 1
    """
)
_TO_COME = text(
    f"SELECT {_COLUMNS} FROM service_target WHERE valid_from > :day ORDER BY valid_from, kind, severity"
)
_REVISION = text("SELECT max(set_no) FROM service_target")
_ONE_AFTER_ANOTHER = text("SELECT pg_advisory_xact_lock(hashtext('service targets'))")
_SET = text(
    """
    INSERT INTO service_target (kind, severity, set_no, valid_from, first_answer_minutes, resolution_minutes,
                                set_by_label, set_at)
    VALUES (:kind, :severity, :set_no, :valid_from, :first, :last, :label, :at)
    """
)
