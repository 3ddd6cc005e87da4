"""Cold goods packed, sent, measured and decided on, each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from portal.coldchain.add_log import LogAdded, LogUpload, add_log
from portal.coldchain.decide_record import decide_record
from portal.coldchain.measure import Measured, arrive_cold_goods, depart_cold_goods, pack_cold_goods
from portal.coldchain.rules import RecordState, Tolerance
from portal.kernel.db import Database, transaction
from tests import cast
from tests.roles import Person, Product, System

TOLERANCE = Tolerance(Decimal(0), timedelta(minutes=2), timedelta(minutes=5))
MINUTE = timedelta(minutes=1)
Who = Person | System


def made_cold(owner: Connection, product: Product, low: str | None = "2.0", high: str = "8.0") -> None:
    """A product is kept in the fridge from now on."""
    owner.execute(
        text("UPDATE product SET storage_min = :low, storage_max = :high WHERE id = :id"),
        {"low": low, "high": high, "id": product.id},
    )


def packed(database: Database, number: str, celsius: str = "5.0", *, by: Who = cast.order_desk, **how: Any):
    """Somebody packs a shipment."""
    usual = {"transport": "cool_box", "box": "BOX-7", "at": cast.NOW}
    return _measured(database, pack_cold_goods, number, celsius, by, **usual | how)


def departed(database: Database, number: str, celsius: str = "4.0", *, by: Who = cast.order_desk, **how: Any):
    """It leaves an hour later."""
    return _measured(database, depart_cold_goods, number, celsius, by, **{"at": cast.NOW + 60 * MINUTE} | how)


def arrived(
    database: Database, number: str, celsius: str = "6.0", *, by: Who = cast.huadong.buyer, **how: Any
):
    """It is there after an hour on the way."""
    return _measured(
        database, arrive_cold_goods, number, celsius, by, **{"at": cast.NOW + 120 * MINUTE} | how
    )


def logged(
    database: Database,
    number: str,
    content: bytes | None = None,
    *,
    by: Who = cast.order_desk,
    at: datetime = cast.NOW + 130 * MINUTE,
    name: str = "logger.csv",
) -> LogAdded:
    """Somebody adds a logger's file; without one, one as it should be."""
    with transaction(database.session_for(by.actor())) as session:
        return add_log(
            session,
            actor=by.actor(),
            number=number,
            upload=LogUpload(name, content if content is not None else log_of("5.0")),
            zone=cast.ZONE,
            tolerance=TOLERANCE,
            at=at,
        )


def decided(
    database: Database,
    number: str,
    *,
    is_released: bool = True,
    reason: str = "stable for 24 h at 25 °C by the maker's data",
    by: Who = cast.quality,
) -> RecordState:
    """Quality decides."""
    with transaction(database.session_for(by.actor())) as session:
        return decide_record(
            session,
            actor=by.actor(),
            number=number,
            is_released=is_released,
            reason=reason,
            at=cast.NOW + 180 * MINUTE,
        )


def log_of(usual: str, *others: tuple[int, str], minutes: int = 70, begin: int = 55) -> bytes:
    """A logger's file every five minutes of the way, at a usual temperature and others by minute."""
    told = dict(others)
    start = (cast.NOW + begin * MINUTE).astimezone(cast.ZONE)
    rows = [
        f"{(start + minute * MINUTE):%Y-%m-%d %H:%M:%S},{told.get(minute, usual)}"
        for minute in range(0, minutes + 1, 5)
    ]
    return "\n".join(["Time,Temperature °C", *rows]).encode()


def state_in(owner: Connection, number: str) -> str | None:
    """Where the record of a shipment stands; None without one."""
    return owner.execute(
        text(
            "SELECT r.state FROM shipment s LEFT JOIN cold_record r ON (r.dealer_id, r.shipment_id) ="
            " (s.dealer_id, s.id) WHERE s.number = :number"
        ),
        {"number": number},
    ).scalar_one()


def _measured(database: Database, act: Any, number: str, celsius: str, by: Who, **how: Any) -> Measured:
    with transaction(database.session_for(by.actor())) as session:
        measured: Measured = act(
            session,
            actor=by.actor(),
            number=number,
            celsius=Decimal(celsius),
            tolerance=TOLERANCE,
            **how,
        )
        return measured
