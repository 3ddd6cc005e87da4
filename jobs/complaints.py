"""Open the adverse events that dealers tell of, alert quality, warn of clocks, make papers."""

from __future__ import annotations

from jobs import resources
from portal.complaints import event_queries, events, vocabulary
from portal.complaints import warn as warning
from portal.complaints.clock_rules import Stage
from portal.complaints.keep_paper import LOCALES, keep_paper
from portal.complaints.rules import Harm
from portal.complaints.words import HARMS, STAGES
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.notifications.readers import readers_of
from portal.notifications.tell import tell


def harmed(effect: Effect) -> None:
    """Open the adverse event of a dealer who said that somebody was harmed."""
    zone = resources.settings().timezone
    with transaction(resources.database().system_session()) as session:
        events.open_told_event(
            session, actor=SYSTEM, number=effect.payload["number"], zone=zone, at=clock.now()
        )


def warn() -> None:
    """Tell of the clocks that run out."""
    with transaction(resources.database().system_session()) as session:
        warning.warn(session, at=clock.now())


def event_opened(effect: Effect) -> None:
    """Tell quality of a new adverse event."""
    _tell(effect, vocabulary.EVENT_OPENED)


def event_warned(effect: Effect) -> None:
    """Tell quality that time runs out, or has."""
    _tell(effect, vocabulary.EVENT_WARNED, stage=STAGES[Stage(effect.payload["stage"])])


def report_submitted(effect: Effect) -> None:
    """Make the paper of a submitted report in every language."""
    settings = resources.settings()
    number, version = effect.payload["number"], effect.payload["version"]
    with transaction(resources.database().system_session()) as session:
        for locale in LOCALES:
            keep_paper(
                session,
                actor=SYSTEM,
                number=number,
                version=version,
                locale=locale,
                company=(settings.company_name_zh, settings.company_name_en),
                zone=settings.timezone,
                at=clock.now(),
            )


def _tell(effect: Effect, event: str, **more: str) -> None:
    """Quality is told; never a word of what was written about anybody."""
    with transaction(resources.database().system_session()) as session:
        # Whoever answers for the dealer; where nobody does, everybody: it may not go unheard.
        readers = readers_of(session, event=event, dealer_id=effect.dealer_id)
        found = event_queries.event(session, actor=SYSTEM, number=effect.payload["number"])
        due = found.notice_due_at if found.is_group and found.notice_at is None else found.due_at
        facts = {
            "number": found.number,
            "dealer_zh": found.dealer_zh,
            "dealer_en": found.dealer_en,
            "harm": HARMS[Harm(found.harm)],
            "due_at": f"{(due or found.due_at).astimezone(resources.settings().timezone):%Y-%m-%d %H:%M}",
        }
        tell(
            session,
            effect=effect,
            event=event,
            readers=readers or readers_of(session, event=event, dealer_id=None),
            path=f"/hq/adverse-events/{found.number}",
            facts=facts | more,
            at=clock.now(),
        )
