"""Propose letters once a business day, and send those that a person released."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.dunning.propose_run import propose_run
from portal.dunning.queries import was_proposed_on
from portal.dunning.send_letter import next_letter, send_letter
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.kernel.outbox import Effect

_log = structlog.get_logger("jobs.dunning")


def propose() -> None:
    """A run for today, unless there was one or another waits for its review."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    try:
        with transaction(resources.database().system_session()) as session:
            if not was_proposed_on(session, today):
                propose_run(session, actor=SYSTEM, today=today, at=at)
    except Conflict:
        _log.info("dunning_run_waits")


def send(effect: Effect) -> None:
    """Write and send every released letter of a run, each in a transaction of its own."""
    settings, run = resources.settings(), effect.payload["run"]
    while True:
        with transaction(resources.database().system_session()) as session:
            at = clock.now()
            number = next_letter(session, run)
            if number is None:
                return
            send_letter(
                session,
                actor=SYSTEM,
                number=number,
                issuer=resources.issuer(),
                phone=settings.finance_phone,
                today=clock.business_date(at, settings.timezone),
                at=at,
            )
