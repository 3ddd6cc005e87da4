"""Give new requests to those who serve, tell people of theirs, and look after clocks and ends."""

from __future__ import annotations

from functools import partial

from sqlalchemy.orm import Session

from jobs import resources
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, is_persons
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.notifications.readers import readers_of
from portal.notifications.tell import tell
from portal.service import close_resolved as ending
from portal.service import duties
from portal.service import escalate as escalation
from portal.service.escalate import Told
from portal.service.rules import ServiceKind, Severity
from portal.service.sla_rules import Clock, Stage
from portal.service.words import CLOCKS, KINDS, SEVERITIES, STAGES


def opened(effect: Effect) -> None:
    """Have the rules assign a new request; where they name nobody, it waits for the desk."""
    with transaction(resources.database().system_session()) as session:
        duties.assign_by_rule(session, actor=SYSTEM, number=effect.payload["number"], at=clock.now())


def escalate() -> None:
    """Tell of the clocks that run out."""
    with transaction(resources.database().system_session()) as session:
        escalation.escalate(session, at=clock.now())


def close_resolved() -> None:
    """Close what was resolved long enough ago."""
    days = resources.settings().service_close_days
    with transaction(resources.database().system_session()) as session:
        ending.close_resolved(session, actor=SYSTEM, days=days, at=clock.now())


def answered(effect: Effect) -> None:
    """Tell whoever asked that headquarters wrote."""
    with transaction(resources.database().system_session()) as session:
        told = escalation.told_of(session, effect.payload["number"])
        asked_by = told.asked_by.rpartition(":")[2] if told and is_persons(told.asked_by) else ""
        reader = identity.reader(session, user_id=int(asked_by)) if asked_by else None
        if told and reader:
            _tell(session, effect, "service.answered", [reader], told, f"/service-requests/{told.number}")


def assigned(effect: Effect) -> None:
    """Tell whoever has it now."""
    _tell_staff(effect, "service.assigned")


def said(effect: Effect) -> None:
    """Tell whoever has it that the dealer wrote."""
    _tell_staff(effect, "service.said")


def escalated(effect: Effect) -> None:
    """Tell whoever has it, and their lead, that time runs out."""
    of, stage = Clock(effect.payload["clock"]), Stage(effect.payload["stage"])
    _tell_staff(effect, "service.escalated", with_lead=True, clock=CLOCKS[of], stage=STAGES[stage])


def _tell_staff(effect: Effect, event: str, *, with_lead: bool = False, **more: str) -> None:
    with transaction(resources.database().system_session()) as session:
        if told := escalation.told_of(session, effect.payload["number"]):
            people = escalation.people_of(session, told, with_lead=with_lead)
            of = partial(readers_of, session, event=event, dealer_id=effect.dealer_id)
            # Of people who do not answer for the dealer any more nobody would hear it.
            readers = of(only=people) or of()
            _tell(session, effect, event, readers, told, f"/hq/service-requests/{told.number}", **more)


def _tell(
    session: Session, effect: Effect, event: str, readers: list[Reader], told: Told, path: str, **more: str
) -> None:
    facts = {
        "number": told.number,
        "state": told.state,
        "kind": KINDS[ServiceKind(told.kind)],
        "severity": SEVERITIES[Severity(told.severity)],
        "subject": told.subject,
        "dealer_zh": told.dealer_zh,
        "dealer_en": told.dealer_en,
    }
    tell(
        session,
        effect=effect,
        event=event,
        readers=readers,
        path=path,
        facts=facts | more,
        at=clock.now(),
    )
