"""Ask for a sample, send one, and see which there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.manifest import UNREAD_MAX, Inbox, Waiting
from tests.architecture.samples.vocabulary import SampleAction, SampleRight

_ASK = text("INSERT INTO sample (dealer_id, number) VALUES (:dealer_id, :number)")
_SEND = text("UPDATE sample SET state = 'sent' WHERE number = :number")
_ONE = text("SELECT number, state FROM sample WHERE number = :number")
_NEWS = text("SELECT count(*) FROM (SELECT FROM sample WHERE state = 'sent' LIMIT :most) met")
_ASKED = text("SELECT count(*) FROM sample WHERE state = 'asked'")


def ask_sample(session: Session, *, actor: Actor, number: str) -> None:
    """Ask for it. Raises Forbidden, Conflict for a number that there is already."""
    actor.require(SampleRight.WRITE)
    session.execute(_ASK, {"dealer_id": actor.dealer_id, "number": number})
    record(session, SampleAction.SAMPLE_ASKED, number, actor=actor, dealer_id=actor.dealer_id)
    outbox.add(session, "sample.asked", dealer_id=actor.dealer_id, number=number)


def send_sample(session: Session, *, number: str) -> None:
    """Send it."""
    session.execute(_SEND, {"number": number})


def sample(session: Session, number: str) -> dict[str, Any]:
    """Number and state of one. Raises NotFound."""
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return row._asdict()


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Samples that were not sent yet."""
    if actor.may(SampleRight.READ):
        yield Waiting("Samples to wait for", session.execute(_ASKED).scalar_one(), "samples.index")


def inbox(session: Session, actor: Actor, _at: datetime) -> Inbox | None:
    """Samples that were sent: nobody has looked yet."""
    if not actor.may(SampleRight.READ):
        return None
    return Inbox(session.execute(_NEWS, {"most": UNREAD_MAX + 1}).scalar_one(), "samples.index")
