"""Tell dealers what became of their claims, and remind those who can sign them."""

from __future__ import annotations

from datetime import timedelta

from jobs import mail, resources
from portal.claims import remind
from portal.claims.notified import told_of
from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.notifications.tell import tell


def announce_reminders() -> None:
    """Give the reminders that are due to the outbox."""
    with transaction(resources.database().system_session()) as session:
        remind.announce_reminders(session, at=clock.now())


def decided(effect: Effect) -> None:
    """A claim was approved, paid, rejected or sent back."""
    with mail.within(effect) as session:
        told = told_of(session, number=effect.payload["number"])
        facts = {
            "number": told.number,
            "state": str(told.state),
            "asked": told.asked,
            "approved": told.approved,
            "note": told.note,
            "paid_no": told.paid_no,
            "currency": resources.settings().currency,
        }
        path = f"/rebates/claims/{told.number}"
        mail.tell_role(session, effect, "claim.decided", Role.DEALER_FINANCE, path, facts)


def reminder(effect: Effect) -> None:
    """A claim waits for a signature, and its time runs out."""
    number, settings, at = effect.payload["number"], resources.settings(), clock.now()
    today = clock.business_date(at, settings.timezone)
    with transaction(resources.database().system_session()) as session:
        told = told_of(session, number=number)
        readers = remind.readers_of_reminder(
            session, number=number, place=effect.payload["place"], today=today
        )
        due = told.due_at and clock.business_date(told.due_at, settings.timezone) - timedelta(days=1)
        facts = {
            "number": number,
            "dealer_zh": told.dealer_zh,
            "dealer_en": told.dealer_en,
            "asked": told.asked,
            "decide_by": due.isoformat() if due else None,
            "currency": settings.currency,
        }
        path = f"/hq/rebates/claims/{number}"
        tell(session, effect=effect, event="claim.waiting", readers=readers, path=path, facts=facts, at=at)
