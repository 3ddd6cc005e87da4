"""Give new requests to those who serve, tell people of theirs, and look after clocks and ends."""

from __future__ import annotations

from jobs import mail, resources, service_letters
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.kernel import clock
from portal.kernel.actor import SYSTEM, is_persons
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.service import close_resolved as ending
from portal.service import duties
from portal.service import escalate as escalation
from portal.service.escalate import Told
from portal.service.sla_rules import Clock, Stage


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
    with mail.within(effect) as session:
        told = escalation.told_of(session, effect.payload["number"])
        asked_by = told.asked_by.rpartition(":")[2] if told and is_persons(told.asked_by) else ""
        reader = identity.reader(session, user_id=int(asked_by)) if asked_by else None
    if told and reader:
        mail.send(effect, [reader], lambda locale: service_letters.answered(locale, told=told))


def assigned(effect: Effect) -> None:
    """Tell whoever has it now."""
    told, readers = _serving(effect)
    if told and told.assignee_id:
        mail.send(effect, readers, lambda locale: service_letters.assigned(locale, told=told))


def said(effect: Effect) -> None:
    """Tell whoever has it that the dealer wrote."""
    told, readers = _serving(effect)
    if told:
        mail.send(effect, readers, lambda locale: service_letters.said(locale, told=told))


def escalated(effect: Effect) -> None:
    """Tell whoever has it, and their lead, that time runs out."""
    told, readers = _serving(effect, with_lead=True)
    of, stage = Clock(effect.payload["clock"]), Stage(effect.payload["stage"])
    if told:
        mail.send(
            effect,
            readers,
            lambda locale: service_letters.escalated(locale, told=told, clock=of, stage=stage),
        )


def _serving(effect: Effect, *, with_lead: bool = False) -> tuple[Told | None, list[Reader]]:
    with transaction(resources.database().system_session()) as session:
        told = escalation.told_of(session, effect.payload["number"])
        return told, escalation.people_of(session, told, with_lead=with_lead) if told else []
