"""Payments that Stripe has to be asked for: nobody told of them, or they were left lying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.ledger.vocabulary import LedgerRight
from portal.payments.rules import MAY_BE_CANCELLED, Stage

ASKED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A payment at Stripe. is_left: nobody came back to it, so that it is given up."""

    number: str
    intent: str
    is_left: bool


def payments_to_ask(
    session: Session, *, actor: Actor, before: datetime, left_before: datetime, skip: Sequence[str] = ()
) -> list[ToAsk]:
    """Payments under way that were last asked for, or begun, before a moment; and paid ones whose fee is not
    known, once more. skip: numbers that were asked for in this run.
    """
    actor.require(LedgerRight.POST)
    about = {"before": before, "skip": list(skip), "most": ASKED_AT_ONCE}
    return [
        ToAsk(row.number, row.intent, row.stage in MAY_BE_CANCELLED and row.begun_at < left_before)
        for row in session.execute(_TO_ASK, about)
    ]


def note_asked(session: Session, *, actor: Actor, number: str, at: datetime) -> None:
    """Stripe was asked for a payment."""
    actor.require(LedgerRight.POST)
    session.execute(_ASKED, {"number": number, "at": at})


def give_up_unsent(session: Session, *, actor: Actor, before: datetime, at: datetime) -> int:
    """Cancel what was begun before a moment and never came to Stripe: nobody can pay it. How many."""
    actor.require(LedgerRight.POST)
    return rows_changed(session, _GIVE_UP, {"before": before, "at": at})


_TO_ASK = text(
    f"""
    SELECT number, intent, stage, begun_at FROM online_payment
     WHERE stage IN ('starting', 'open', 'failed', 'processing') AND intent IS NOT NULL
       AND begun_at < :before AND (asked_at IS NULL OR asked_at < :before)
       AND number <> ALL (CAST(:skip AS text[]))
    UNION ALL
    SELECT number, intent, stage, begun_at FROM online_payment
     WHERE stage = '{Stage.SUCCEEDED}' AND fee IS NULL AND asked_at < told_at AND told_at < :before
       AND begun_at > CAST(:before AS timestamptz) - interval '7 days'
       AND number <> ALL (CAST(:skip AS text[]))
     LIMIT :most
    """
)
_ASKED = text("UPDATE online_payment SET asked_at = :at WHERE number = :number")
_GIVE_UP = text(
    """
    UPDATE online_payment SET stage = 'cancelled', state = 'cancelled', told_at = :at
     WHERE stage = 'starting' AND intent IS NULL AND begun_at < :before
    """
)
