"""What is answered about an order that was placed, the first time and when the same call comes again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.kernel.idempotency import first_answer
from portal.orders.assess import AssessedLine, Assessment


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Key of a creating call and the fingerprint of its body.

    Same key, same body → the first answer again.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The answer: ``{number, status, holds, lines, total, tax, currency}``.

    `replayed` when an earlier call had it already.
    """

    number: str
    answer: dict[str, Any]
    replayed: bool


def accepted(assessment: Assessment, currency: str) -> dict[str, Any]:
    """What is answered about an order without faults, but for its number."""
    return {
        "status": "on_hold" if assessment.holds else "confirmed",
        "holds": list(assessment.holds),
        "lines": [_answer_line(line) for line in assessment.lines],
        "total": money.as_text(assessment.total),
        "tax": money.as_text(assessment.tax),
        "currency": currency,
    }


def _answer_line(line: AssessedLine) -> dict[str, Any]:
    return {
        "sku": line.offer.sku,
        "quantity": line.demand.quantity,
        "reserved": line.demand.quantity,
        "backordered": 0,
        "unit_price": money.as_text(line.price.unit_price),
        "amount": money.as_text(line.amount),
    }


def replay(answered: tuple[str, int, dict[str, Any]], idempotency: Idempotency) -> Placed:
    """The first answer again. Raises Invalid when the key came with another body then."""
    fingerprint, _status, body = answered
    if fingerprint != idempotency.fingerprint:
        fix = N_("Use a new key for a new order.")
        raise Invalid(
            "idempotency_key_reused", N_("This idempotency key was used for another request."), fix=fix
        )
    return Placed(body["number"], body, replayed=True)


def answered_before(
    session: Session, actor: Actor, idempotency: Idempotency
) -> tuple[str, int, dict[str, Any]]:
    """Fingerprint, status and body of the call that had the key first."""
    row = first_answer(session, actor=actor, key=idempotency.key)
    return row.fingerprint, row.status, row.body
