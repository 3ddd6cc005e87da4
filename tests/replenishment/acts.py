"""What orders wait for is asked of the ERP, and the ERP reports on it; each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.replenishment.record_progress import Recorded, record_progress
from portal.replenishment.request_supply import request_supply
from portal.replenishment.rules import Report, RequestState
from tests import cast


def asked(database: Database, at: datetime = cast.NOW) -> tuple[str, ...]:
    """Ask for what waits; the numbers of the new requests."""
    with transaction(database.system_session()) as session:
        return request_supply(session, today=cast.TODAY, at=at).numbers


def reported(
    database: Database,
    number: str,
    state: str,
    *,
    actor: Actor | None = None,
    at: datetime = cast.NOW,
    **said: Any,
) -> Recorded:
    """The ERP says what becomes of a request."""
    actor = actor or cast.erp.actor()
    with transaction(database.session_for(actor)) as session:
        about = Report(RequestState(state), **said)
        return record_progress(session, actor=actor, number=number, report=about, today=cast.TODAY, at=at)
