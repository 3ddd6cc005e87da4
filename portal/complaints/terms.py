"""The terms of the law, and when a signal is raised: read, and set by quality from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.clock_rules import Term, TermName, Unit, term_faults
from portal.complaints.vocabulary import ComplaintAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.nonconforming.vocabulary import QualityRight


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term, and since when it counts."""

    term: Term
    valid_from: date
    set_by_label: str


def terms_on(session: Session, day: date) -> dict[TermName, TermRow]:
    """What counts on a day."""
    return {
        TermName(row.name): TermRow(
            Term(row.amount, Unit(row.unit), row.warn_first, row.warn_last), row.valid_from, row.set_by_label
        )
        for row in session.execute(_ON, {"day": day})
    }


def revision_of_terms(session: Session) -> int:
    """How often terms were set."""
    number: int = session.execute(_REVISION).scalar_one()
    return number


def set_terms(
    session: Session,
    *,
    actor: Actor,
    revision: int,
    terms: Mapping[TermName, Term],
    valid_from: date,
    today: date,
    at: datetime,
) -> int:
    """Have these count from a day on, as they were read at `revision`; how many are other than before.

    Clocks that run keep their term. Raises Invalid with every fault, Conflict when somebody set them
    meanwhile, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    faults = [fault for name, term in terms.items() for fault in term_faults(name, term)]
    if valid_from < today:
        message, fix = N_("What counted in the past stays."), N_("Choose today or a later day.")
        faults.append(Fault("/valid_from", "day_in_the_past", message, fix))
    if faults:
        raise Invalid(faults=faults)
    session.execute(_ONE_AFTER_ANOTHER)
    if revision != revision_of_terms(session):
        raise Conflict(
            "edited_meanwhile",
            N_("Somebody else has set the terms meanwhile."),
            fix=N_("Look at them as they are now, and set them again."),
        )
    before = terms_on(session, valid_from)
    changed = {name: term for name, term in terms.items() if before[name].term != term}
    for name, term in changed.items():
        about = {"name": str(name), "set_no": revision + 1, "valid_from": valid_from, "at": at}
        shares = {"first": term.warn_first, "last": term.warn_last, "label": actor.label}
        session.execute(_SET, about | shares | {"amount": term.amount, "unit": str(term.unit)})
    if changed:
        after = {str(name): [term.amount, str(term.unit)] for name, term in changed.items()}
        after_day = {"valid_from": valid_from.isoformat(), **after}
        record(session, ComplaintAction.TERMS_SET, "terms", actor=actor, dealer_id=None, after=after_day)
    return len(changed)


_ON = text(
    """
    SELECT DISTINCT ON (name) name, amount, unit, warn_first, warn_last, valid_from, set_by_label
      FROM complaint_term WHERE valid_from <= :day ORDER BY name, set_no DESC
    """
)
_REVISION = text("SELECT max(set_no) FROM complaint_term")
_ONE_AFTER_ANOTHER = text("SELECT pg_advisory_xact_lock(hashtext('complaint terms'))")
_SET = text(
    """
    INSERT INTO complaint_term (name, set_no, valid_from, amount, unit, warn_first, warn_last, set_by_label,
                                set_at)
    VALUES (:name, :set_no, :valid_from, :amount, :unit, :first, :last, :label, :at)
    """
)
