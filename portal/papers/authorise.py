"""Headquarters authorises a dealer: one proposes, another approves or rejects; and ends it early."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.queries import dealer_id_of, regions_in_scope
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.numbering import new_number
from portal.notifications.tell import announce
from portal.papers.authorisation_queries import category_codes
from portal.papers.fault_rules import AuthorisationFacts, authorisation_faults, end_faults, reason_faults
from portal.papers.locked import LockedAuthorisation, lock_authorisation
from portal.papers.rules import AuthorisationAct, AuthorisationState, authorisation_after
from portal.papers.vocabulary import (
    AUTHORISATION_CHANGED,
    AUTHORISATION_PROPOSED,
    PaperAction,
    PaperRight,
)

PREFIX = "SQ"


def propose_authorisation(
    session: Session, *, actor: Actor, facts: AuthorisationFacts, today: date, at: datetime
) -> str:
    """Propose to authorise a dealer; nothing counts until another person approves. Returns its number.

    Raises Invalid with every fault, Forbidden.
    """
    actor.require(PaperRight.AUTHORISE)
    regions = {region.code: region.id for region in regions_in_scope(session, actor)}
    dealer_id = _dealer_id(session, facts.dealer)
    faults = authorisation_faults(facts, regions=regions, categories=category_codes(session), today=today)
    if dealer_id is None:
        message, fix = N_("There is no such dealer that you answer for."), N_("Enter its code.")
        faults.append(Fault("/dealer", "unknown_dealer", message, fix))
    if faults or dealer_id is None:
        raise Invalid(faults=faults)
    number = new_number(PREFIX, today)
    session.execute(
        _PROPOSE,
        {
            **_columns(facts),
            "region_id": regions[facts.region],
            "dealer_id": dealer_id,
            "number": number,
            "actor": actor.key,
            "label": actor.label,
            "at": at,
        },
    )
    told = _columns(facts) | {"region": facts.region}
    after = {name: str(value) if isinstance(value, date) else value for name, value in told.items()}
    record(session, PaperAction.PROPOSED, number, actor=actor, dealer_id=dealer_id, after=after)
    announce(
        session,
        event=AUTHORISATION_PROPOSED,
        dealer_id=dealer_id,
        path=f"/hq/authorisations/{number}",
        facts={"number": number},
        but=actor.user_id,
    )
    return number


def approve_authorisation(
    session: Session, *, actor: Actor, number: str, revision: int, at: datetime
) -> None:
    """Have it count from its first day on. Raises Conflict, Forbidden to who proposed it, NotFound."""
    found = _waiting(session, actor, number, revision)
    _decide(session, actor, found, AuthorisationAct.APPROVE, "", at)
    _tell_dealer(session, found, AuthorisationState.IN_FORCE, "")


def reject_authorisation(
    session: Session, *, actor: Actor, number: str, revision: int, reason: str, at: datetime
) -> None:
    """Say no to a proposal. Raises Invalid, Conflict, Forbidden to its proposer, NotFound."""
    found = _waiting(session, actor, number, revision)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    _decide(session, actor, found, AuthorisationAct.REJECT, reason.strip(), at)


def take_back_authorisation(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Take a proposal back before anybody decided on it. Raises Conflict, Forbidden, NotFound."""
    actor.require(PaperRight.AUTHORISE)
    found = lock_authorisation(session, number)
    state = authorisation_after(found.state, AuthorisationAct.WITHDRAW)
    session.execute(_TAKE_BACK, {**found.key, "at": at, "label": actor.label})
    _record(session, actor, PaperAction.TAKEN_BACK, found, {"state": str(state)}, "")


def end_authorisation(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int,
    ended_on: date | None,
    reason: str,
    today: date,
    at: datetime,
) -> None:
    """End an authorisation early. ended_on: the last day on which it counts.

    Raises Invalid with every fault, Conflict, Forbidden, NotFound.
    """
    actor.require(PaperRight.AUTHORISE)
    found = lock_authorisation(session, number, revision=revision)
    state = authorisation_after(found.state, AuthorisationAct.END)
    faults = end_faults(ended_on, valid_to=found.valid_to, today=today)
    if (faults := faults + reason_faults(reason)) or ended_on is None:
        raise Invalid(faults=faults)
    about = {"at": at, "label": actor.label, "ended_on": ended_on, "reason": reason.strip()}
    session.execute(_END, found.key | about)
    after = {"state": str(state), "ended_on": str(ended_on)}
    _record(session, actor, PaperAction.ENDED, found, after, reason.strip())
    _tell_dealer(session, found, state, reason.strip())


def _dealer_id(session: Session, code: str) -> int | None:
    try:
        return dealer_id_of(session, code)
    except NotFound:
        return None


def _waiting(session: Session, actor: Actor, number: str, revision: int) -> LockedAuthorisation:
    actor.require(PaperRight.APPROVE)
    found = lock_authorisation(session, number, revision=revision)
    require_other_person(actor, found.proposed_by)
    return found


def _decide(
    session: Session,
    actor: Actor,
    found: LockedAuthorisation,
    act: AuthorisationAct,
    reason: str,
    at: datetime,
) -> None:
    state = authorisation_after(found.state, act)
    about = {"actor": actor.key, "label": actor.label, "at": at, "reason": reason, "state": str(state)}
    session.execute(_DECIDE, found.key | about)
    action = PaperAction.APPROVED if act is AuthorisationAct.APPROVE else PaperAction.REJECTED
    _record(session, actor, action, found, {"state": str(state)}, reason)


def _record(
    session: Session,
    actor: Actor,
    action: PaperAction,
    found: LockedAuthorisation,
    after: dict[str, Any],
    reason: str,
) -> None:
    before = {"state": found.state, "valid_to": str(found.valid_to) if found.valid_to else None}
    record(
        session,
        action,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        before=before,
        after=after,
        reason=reason or None,
    )


def _tell_dealer(
    session: Session, found: LockedAuthorisation, state: AuthorisationState, reason: str
) -> None:
    outbox.add(
        session, AUTHORISATION_CHANGED, dealer_id=found.dealer_id, number=found.number, state=str(state)
    )
    announce(
        session,
        event=AUTHORISATION_CHANGED,
        dealer_id=found.dealer_id,
        path="/authorisations",
        facts={"number": found.number, "state": str(state), "reason": reason},
    )


def _columns(facts: AuthorisationFacts) -> dict[str, Any]:
    return {
        "category_codes": list(facts.category_codes),
        "hospitals": list(facts.hospitals),
        "is_exclusive": facts.is_exclusive,
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
        "note": facts.note.strip(),
    }


_PROPOSE = text(
    """
    INSERT INTO authorisation (dealer_id, number, region_id, category_codes, hospitals, is_exclusive,
                               valid_from, valid_to, note, proposed_by, proposed_by_label, proposed_at)
    VALUES (:dealer_id, :number, :region_id, CAST(:category_codes AS text[]), CAST(:hospitals AS text[]),
            :is_exclusive, :valid_from, :valid_to, :note, :actor, :label, :at)
    """
)
_DECIDE = text(
    """
    UPDATE authorisation
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           reason = :reason, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_TAKE_BACK = text(
    """
    UPDATE authorisation
       SET state = 'withdrawn', ended_at = :at, ended_by_label = :label, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_END = text(
    """
    UPDATE authorisation
       SET state = 'ended', ended_on = :ended_on, ended_at = :at, ended_by_label = :label,
           end_reason = :reason, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
