"""Acts on a return, each in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.files.store import store_at
from portal.kernel.db import Database, transaction
from portal.returns.decide_return import approve_return, reject_return, withdraw_return
from portal.returns.evidence import TemperatureFile, accept_temperatures
from portal.returns.gift_rules import Kept
from portal.returns.inspect_return import Inspected, inspect_return
from portal.returns.judged import Judged
from portal.returns.queries import return_of
from portal.returns.receive_return import Arrived, receive_return
from portal.returns.request_return import Requested, request_return
from portal.returns.rules import Asked, Disposition, ReturnState
from portal.shipping.queries import shipment
from tests import cast
from tests.coldchain.acts import TOLERANCE
from tests.roles import Person, Product, System

ALONE_MAX = Decimal("10000.00")


def asked(
    product: Product,
    quantity: int,
    lot: str = "",
    place: int = 0,
    reason: str = "damaged",
    *serials: str,
    remedy: str = "credit",
):
    """One line of a request."""
    return Asked(product.sku, lot, quantity, reason, f"/lines/{place}", serials, remedy)


def requested(
    database: Database,
    shipment_number: str,
    *lines: Asked,
    by: Person | System = cast.huadong.buyer,
    note: str = "",
    kept: Sequence[Kept] = (),
    seen: Mapping[int, int] | None = None,
    files: Sequence[str] = (),
    temperatures: TemperatureFile | None = None,
    at: datetime = cast.NOW,
) -> Requested:
    """Ask for goods of a shipment to be taken back."""
    with transaction(database.session_for(by.actor())) as session:
        return request_return(
            session,
            actor=by.actor(),
            order_number=shipment(session, shipment_number).order_number,
            shipment_number=shipment_number,
            lines=lines,
            note=note,
            kept=kept,
            seen=seen,
            files=files,
            temperatures=temperatures,
            today=cast.TODAY,
            at=at,
        )


def temperature_record(folder: Path, file_id: str) -> TemperatureFile:
    """An uploaded file named as the temperature record."""
    return TemperatureFile(file_id, store_at(folder.as_uri()), cast.ZONE, TOLERANCE)


def accepted(
    database: Database, number: str, *, by: Person | System = cast.quality, reason: str = "maker's data"
) -> None:
    """Quality accepts doubtful temperatures."""
    with transaction(database.session_for(by.actor())) as session:
        accept_temperatures(session, actor=by.actor(), number=number, reason=reason, at=cast.NOW)


def approved(database: Database, number: str, *, by: Person | System = cast.order_desk) -> ReturnState:
    """Let the goods come."""
    with transaction(database.session_for(by.actor())) as session:
        return approve_return(session, actor=by.actor(), number=number, at=cast.NOW)


def rejected(
    database: Database, number: str, *, by: Person | System = cast.order_desk, reason: str = "too late"
) -> ReturnState:
    """Take nothing back."""
    with transaction(database.session_for(by.actor())) as session:
        return reject_return(session, actor=by.actor(), number=number, reason=reason, at=cast.NOW)


def withdrawn(database: Database, number: str, *, by: Person | System = cast.huadong.buyer) -> ReturnState:
    """Keep the goods."""
    with transaction(database.session_for(by.actor())) as session:
        return withdraw_return(session, actor=by.actor(), number=number, at=cast.NOW)


def arrived(
    database: Database,
    number: str,
    lines: Sequence[Arrived] | None = None,
    *,
    by: Person | System = cast.order_desk,
) -> ReturnState:
    """Take in what came; everything unless said otherwise."""
    with transaction(database.session_for(by.actor())) as session:
        return receive_return(session, actor=by.actor(), number=number, arrived=lines, at=cast.NOW)


def judged(
    product: Product, lot: str, quantity: int, disposition: str = "saleable", place: int = 0, **how: Any
) -> Judged:
    """One line of an inspection."""
    note = "" if disposition == "saleable" else "box torn"
    return Judged(
        product.sku, lot, Disposition(disposition), quantity, f"/lines/{place}", **{"note": note} | how
    )


def inspected(
    database: Database,
    number: str,
    *lines: Judged,
    by: Person | System = cast.order_desk,
    alone_max: Decimal = ALONE_MAX,
    **how: Any,
) -> Inspected:
    """Judge what came."""
    with transaction(database.session_for(by.actor())) as session:
        return inspect_return(
            session,
            actor=by.actor(),
            number=number,
            judged=lines,
            today=cast.TODAY,
            at=cast.NOW,
            alone_max=alone_max,
            **how,
        )


def come_back(database: Database, shipment_number: str, *lines: Asked) -> str:
    """A return that has arrived and waits for its inspection."""
    number = requested(database, shipment_number, *lines).number
    approved(database, number)
    arrived(database, number)
    return number


def settled(database: Database, shipment_number: str, product: Product) -> Inspected:
    """A unit that came back, saleable."""
    number = come_back(database, shipment_number, asked(product, 1))
    with transaction(database.system_session()) as session:
        [line] = return_of(session, number).lines
    return inspected(database, number, judged(product, line.lot_no, 1))
