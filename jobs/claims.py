"""Tell dealers what became of their claims, and remind those who can sign them."""

from __future__ import annotations

from jobs import claim_letters, mail, resources
from portal.claims import remind
from portal.claims.notified import told_of
from portal.identity import queries as identity
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect


def announce_reminders() -> None:
    """Give the reminders that are due to the outbox."""
    with transaction(resources.database().system_session()) as session:
        remind.announce_reminders(session, at=clock.now())


def decided(effect: Effect) -> None:
    """A claim was approved, paid, rejected or sent back."""
    with mail.within(effect) as session:
        told = told_of(session, number=effect.payload["number"])
        readers = identity.readers(session, dealer_id=effect.dealer_id, role=Role.DEALER_FINANCE)
    currency = resources.settings().currency
    mail.send(
        effect,
        readers,
        lambda locale: claim_letters.claim_decided(
            locale,
            number=told.number,
            state=told.state,
            asked=told.asked,
            approved=told.approved,
            note=told.note,
            paid_no=told.paid_no or "",
            currency=currency,
        ),
    )


def reminder(effect: Effect) -> None:
    """A claim waits for a signature, and its time runs out."""
    number, settings = effect.payload["number"], resources.settings()
    today = clock.business_date(clock.now(), settings.timezone)
    with transaction(resources.database().system_session()) as session:
        told = told_of(session, number=number)
        readers = remind.readers_of_reminder(
            session, number=number, place=effect.payload["place"], today=today
        )
    due_at = told.due_at and clock.business_date(told.due_at, settings.timezone)
    mail.send(
        effect,
        readers,
        lambda locale: claim_letters.claim_waiting(
            locale,
            number=number,
            dealer=(told.dealer_zh, told.dealer_en),
            asked=told.asked,
            due_before=due_at,
            currency=settings.currency,
        ),
    )
