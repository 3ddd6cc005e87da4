"""Samples are sent when they were asked for, and looked for by the hour."""

from __future__ import annotations

from jobs import resources
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from tests.architecture.samples.verbs import send_sample


def send(effect: Effect) -> None:
    """Send the one that was asked for."""
    with transaction(resources.database().dealer_session(resources.acting_for(effect.dealer_id))) as session:
        send_sample(session, number=effect.payload["number"])


def sweep() -> None:
    """Nothing is ever left over."""
