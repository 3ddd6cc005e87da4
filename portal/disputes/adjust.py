"""The answer to a dispute that adjusts prices: judged, kept for a second person, and posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.disputes.locked import LockedDispute
from portal.disputes.rules import Decision, Outcome
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault
from portal.kernel.money import ZERO
from portal.ledger.post_adjustment import Adjustment, adjustment_faults, post_adjustment


@dataclass(frozen=True, slots=True)
class ProposedAnswer:
    """An answer above what one person may post, as somebody asked for it."""

    decisions: tuple[Decision, ...]
    text: str
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime


def adjusted_total(decisions: Sequence[Decision]) -> Decimal:
    """What the adjustments of an answer move in all, whichever way."""
    moved = (abs(one.gives) for one in decisions if one.outcome is Outcome.ADJUSTED)
    return sum(moved, ZERO)


def adjusting_faults(
    session: Session, dispute: LockedDispute, decisions: Sequence[Decision], documents: Mapping[int, str]
) -> list[Fault]:
    """What is wrong with adjustments: each on a line of the disputed invoice, within what is left of it."""
    faults: list[Fault] = []
    for one in decisions:
        if one.outcome is Outcome.ADJUSTED:
            faults += adjustment_faults(
                session,
                dealer_id=dispute.dealer_id,
                invoice=documents.get(one.line_no, ""),
                adjustments=[_adjustment(one)],
            )
    return faults


def post_adjusted(
    session: Session,
    dispute: LockedDispute,
    decision: Decision,
    document: str,
    *,
    actor: Actor,
    on: date,
    at: datetime,
) -> str:
    """Post the note of one line; its number."""
    return post_adjustment(
        session,
        actor=actor,
        dealer_id=dispute.dealer_id,
        invoice=document,
        adjustments=[_adjustment(decision)],
        source=dispute.number,
        reason=dispute.number,
        on=on,
        at=at,
    ).number


def keep_proposed(
    session: Session,
    dispute: LockedDispute,
    decisions: Sequence[Decision],
    said: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep an answer until another person carries it out; one that was kept before gives way."""
    kept = {
        "decisions": [
            {
                "line_no": one.line_no,
                "outcome": str(one.outcome),
                "correction": one.correction,
                "invoice_line": one.invoice_line,
                "gives": money.as_text(one.gives),
            }
            for one in decisions
        ],
        "text": said,
        "label": actor.label,
        "at": at.isoformat(),
    }
    about = {"dealer_id": dispute.dealer_id, "id": dispute.id, "by": actor.key}
    session.execute(_KEEP, about | {"proposed": orjson.dumps(kept).decode()})


def forget_proposed(session: Session, dispute: LockedDispute) -> None:
    """Nothing waits for a second person any more."""
    session.execute(_FORGET, {"dealer_id": dispute.dealer_id, "id": dispute.id})


def proposed_answer(session: Session, number: str) -> ProposedAnswer | None:
    """The answer of a dispute that waits for a second person."""
    row = session.execute(_PROPOSED, {"number": number}).one_or_none()
    if row is None or row.proposed is None:
        return None
    kept: dict[str, Any] = row.proposed
    decisions = tuple(_decision(place, one) for place, one in enumerate(kept["decisions"]))
    at = datetime.fromisoformat(kept["at"])
    return ProposedAnswer(decisions, kept["text"], row.proposed_by, kept["label"], at)


def _decision(place: int, kept: Mapping[str, Any]) -> Decision:
    outcome = Outcome(kept["outcome"])
    decision = Decision(kept["line_no"], outcome, kept["correction"], f"/lines/{place}")
    return replace(decision, invoice_line=kept["invoice_line"], gives=Decimal(kept["gives"]))


def _adjustment(one: Decision) -> Adjustment:
    return Adjustment(one.invoice_line, one.gives, one.pointer)


def two_lines_of_one(decisions: Sequence[Decision], documents: Mapping[int, str]) -> list[Fault]:
    """What is wrong where two answers adjust the same line of an invoice: what is left would count twice."""
    faults, seen = [], set[tuple[str, int]]()
    for one in decisions:
        place = documents.get(one.line_no, ""), one.invoice_line
        if one.outcome is Outcome.ADJUSTED and place in seen:
            faults.append(
                Fault(f"{one.pointer}/invoice_line", "adjusted_twice", N_("This line is adjusted twice."))
            )
        seen.add(place)
    return faults


_KEEP = text(
    """
    UPDATE dispute SET proposed = CAST(:proposed AS jsonb), proposed_by = :by
     WHERE (dealer_id, id) = (:dealer_id, :id)
    """
)
_FORGET = text(
    "UPDATE dispute SET proposed = NULL, proposed_by = NULL WHERE (dealer_id, id) = (:dealer_id, :id)"
)
_PROPOSED = text("SELECT proposed, proposed_by FROM dispute WHERE number = :number AND state = 'open'")
