"""A wave: many orders of a warehouse picked together, each wholly or not at all, exceptions told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text

from portal.audit import record as audit
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.shipping.pick_order import Wave, pick_order
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.shipping.waves import ORDERS_MAX


@dataclass(frozen=True, slots=True)
class Started:
    """A wave with the numbers of its parcels, and the orders left out, each with why."""

    number: str
    parcels: tuple[str, ...]
    refused: tuple[tuple[str, DomainError], ...]


def start_wave(
    database: Database,
    *,
    actor: Actor,
    warehouse_code: str,
    numbers: Sequence[str],
    today: date,
    at: datetime,
    margin_days: int = 1,
) -> Started:
    """Pick each order in a transaction of its own, in the order given and each once.

    What may not be picked whole, or not from this warehouse, is left out and told. Raises Invalid without
    orders or for an unknown warehouse, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    chosen = list(dict.fromkeys(filter(None, (number.strip() for number in numbers))))
    if not 0 < len(chosen) <= ORDERS_MAX:
        fix = N_("Choose from 1 to %(max)s orders.")
        fault = Fault("/numbers", "orders_chosen", N_("No orders, or too many."), fix, {"max": ORDERS_MAX})
        raise Invalid(faults=[fault])
    wave, number = _made(database, actor, warehouse_code, today, at)
    parcels: list[str] = []
    refused: list[tuple[str, DomainError]] = []
    for order in chosen:
        try:
            with transaction(database.session_for(actor)) as session:
                picked = pick_order(
                    session,
                    actor=actor,
                    number=order,
                    today=today,
                    at=at,
                    margin_days=margin_days,
                    wave=wave,
                )
        except DomainError as refusal:
            refused.append((order, refusal))
        else:
            parcels.append(picked.shipment_number)
    _keep(database, actor, wave, refused)
    return Started(number, tuple(parcels), tuple(refused))


def _made(
    database: Database, actor: Actor, warehouse_code: str, today: date, at: datetime
) -> tuple[Wave, str]:
    number = numbering.new_number("WV", today)
    with transaction(database.session_for(actor)) as session:
        made = session.execute(
            _MAKE,
            {
                "number": number,
                "code": warehouse_code,
                "at": at,
                "actor": actor.key,
                "label": actor.label,
            },
        ).one_or_none()
        if made is None:
            message, fix = N_("There is no such warehouse."), N_("Choose one of the list.")
            raise Invalid(faults=[Fault("/warehouse", "unknown_warehouse", message, fix)])
        audit.record(
            session,
            ShippingAction.WAVE_STARTED,
            number,
            actor=actor,
            dealer_id=None,
            after={"warehouse": warehouse_code},
        )
    return Wave(made.id, made.warehouse_id), number


def _keep(database: Database, actor: Actor, wave: Wave, refused: Sequence[tuple[str, DomainError]]) -> None:
    """The exceptions stay with the wave, in words that are put into the reader's language."""
    if not refused:
        return
    kept = [{"order": order, "why": [_told(one) for one in _faults(error)]} for order, error in refused]
    with transaction(database.session_for(actor)) as session:
        session.execute(_KEEP, {"id": wave.id, "refused": orjson.dumps(kept, default=str).decode()})


def _faults(error: DomainError) -> Sequence[Any]:
    return error.faults or (error,)


def _told(said: Any) -> dict[str, Any]:
    return {"message": said.message, "params": dict(said.params)}


_MAKE = text(
    """
    INSERT INTO pick_wave (number, warehouse_id, made_at, made_by, made_by_label)
    SELECT :number, id, :at, :actor, :label FROM warehouse WHERE code = :code
    RETURNING id, warehouse_id
    """
)
_KEEP = text("UPDATE pick_wave SET refused = CAST(:refused AS jsonb) WHERE id = :id")
