"""Where the parcels of the last weeks are, and at which temperatures cold goods travelled.

Two of the cold ones were too warm on their way: quality has released the one, the other waits for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

from demo.loading.rows import put
from demo.scenario import Part, Scenario
from portal.coldchain.judged import as_json
from portal.coldchain.rules import COLD_MAX, Range, Reading, Tolerance, Trace, Window, findings_of
from portal.tracking.rules import Event, EventCode, standing_of

PARCELS = 600  # the latest that have left
COLD_PARCELS = 12
IN_TROUBLE = 0.06  # of those on their way
STEP = timedelta(minutes=5)
TOLERANCE = Tolerance(Decimal(0), timedelta(minutes=2), STEP)
RECORDED_BY = "system"

_PARCELS = """
SELECT s.dealer_id, s.id, s.picked_at, s.shipped_at, s.received_at, s.carrier, w.city AS start,
       coalesce(o.ship_to ->> 'city', '') AS goal
  FROM shipment s
  JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
  JOIN warehouse w ON w.id = s.warehouse_id
 WHERE s.status <> 'picking' ORDER BY s.shipped_at DESC, s.id LIMIT %(count)s
"""
_COLD = """
SELECT s.dealer_id, s.id, s.picked_at, s.shipped_at, s.received_at, max(p.storage_min) AS low,
       min(p.storage_max) AS high
  FROM shipment s
  JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
  JOIN product p ON p.id = l.product_id AND p.storage_max <= %(cold)s
 WHERE s.status <> 'picking' AND s.shipped_at < %(before)s
 GROUP BY s.dealer_id, s.id
HAVING max(p.storage_min) IS NULL OR max(p.storage_min) < min(p.storage_max)
 ORDER BY s.received_at IS NULL, s.shipped_at DESC, s.id LIMIT %(count)s
"""
_LEAD_TIMES = """
INSERT INTO carrier_lead_time (warehouse_id, region_id, days)
SELECT warehouse_id, region_id, 1 + rank FROM warehouse_service WHERE rank <= 3
"""
_STAFF = """
SELECT 'user:' || id AS key, display_name AS name FROM user_account
 WHERE dealer_id IS NULL AND %(role)s = ANY (roles) ORDER BY id LIMIT 1
"""
_EVENT = (
    "dealer_id",
    "shipment_id",
    "event_key",
    "at",
    "code",
    "place",
    "note",
    "raw_code",
    "expected_on",
    "source",
    "recorded_at",
    "recorded_by",
    "recorded_by_label",
)
_STANDING = (
    "dealer_id",
    "shipment_id",
    "code",
    "at",
    "delivered_at",
    "expected_on",
    "events",
    "changed_at",
)
_RECORD = (
    "dealer_id",
    "shipment_id",
    "state",
    "low",
    "high",
    "transport",
    "box",
    "box_celsius",
    "packed_at",
    "packed_by",
    "packed_by_label",
    "departed_at",
    "departure_celsius",
    "departure_by",
    "departure_by_label",
    "arrived_at",
    "arrival_celsius",
    "arrival_by",
    "arrival_by_label",
    "findings",
    "decided_at",
    "decided_by",
    "decided_by_label",
    "reason",
)
_LOG = (
    "dealer_id",
    "shipment_id",
    "place",
    "name",
    "sha256",
    "content",
    "device",
    "serial",
    "unit",
    "zone",
    "interval_seconds",
    "at",
    "celsius",
    "uploaded_at",
    "uploaded_by",
    "uploaded_by_label",
)


@dataclass(frozen=True, slots=True)
class _Journey:
    """A cold transport as it went. decision: quality's state and reason, None where there is none yet."""

    parcel: Any
    readings: tuple[Reading, ...]
    state: str
    findings: list[dict[str, Any]]
    decided_at: datetime | None


def write_tracking(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Days on the way, what carriers told, and cold records in every state."""
    connection.execute(_LEAD_TIMES)
    chance = Random(f"{scenario.seed}/tracking")
    rows = connection.execute(_PARCELS, {"count": PARCELS}).fetchall()
    told = {(row[0], row[1]): list(_events(row, scenario.now, chance)) for row in rows}
    events = [row for key, happened in told.items() for row in _event_rows(key, happened, scenario.now)]
    put(connection, "tracking_event", _EVENT, events)
    put(connection, "parcel_standing", _STANDING, _standing_rows(told))
    _write_cold(connection, scenario)


def _events(row: Sequence[Any], now: datetime, chance: Random) -> Iterator[Event]:
    """What happened to a parcel between two cities, up to now."""
    _, _, _, shipped_at, received_at, carrier, start, goal = row
    end = received_at or shipped_at + timedelta(hours=chance.randint(40, 80))
    way = end - shipped_at
    stations = [
        (0.02, EventCode.ACCEPTED, start, f"{carrier} 已收取快件"),
        (0.15, EventCode.IN_TRANSIT, start, "快件已装车，发往下一站"),
        (0.55, EventCode.ARRIVED_AT_HUB, goal, "快件到达集散中心"),
        (0.85, EventCode.OUT_FOR_DELIVERY, goal, "正在派送途中"),
    ]
    if received_at is None and chance.random() < IN_TROUBLE:
        stations[3:] = [(0.7, EventCode.EXCEPTION, goal, "收件人地址不详，派送不成功")]
    else:
        stations.append((0.98, EventCode.DELIVERED, goal, "已签收"))
    for share, code, place, note in stations:
        at = (shipped_at + way * share).replace(microsecond=0)
        if at <= now:
            yield Event(at, code, place or "", note)


def _event_rows(key: tuple[int, int], events: Sequence[Event], now: datetime) -> Iterator[tuple[Any, ...]]:
    for event in {event.key: event for event in events}.values():
        heard = min(event.at + timedelta(minutes=20), now)
        yield (
            *key,
            event.key,
            event.at,
            str(event.code),
            event.place,
            event.note,
            "",
            event.expected_on,
            "carrier",
            heard,
            RECORDED_BY,
            RECORDED_BY,
        )


def _standing_rows(told: dict[tuple[int, int], list[Event]]) -> Iterator[tuple[Any, ...]]:
    for key, events in told.items():
        if events:
            standing = standing_of(events)
            last = max(event.at for event in events)
            columns = (standing.code, standing.at, standing.delivered_at, standing.expected_on)
            yield (*key, *columns, len({event.key for event in events}), last)


def _write_cold(connection: psycopg.Connection, scenario: Scenario) -> None:
    before = scenario.now - timedelta(hours=8)
    found = connection.execute(_COLD, {"cold": COLD_MAX, "before": before, "count": COLD_PARCELS}).fetchall()
    [desk] = connection.execute(_STAFF, {"role": "order_desk"}).fetchall()
    [quality] = connection.execute(_STAFF, {"role": "quality"}).fetchall()
    journeys = [_journey(place, row, scenario) for place, row in enumerate(found)]
    put(connection, "cold_record", _RECORD, (_record_row(one, desk, quality) for one in journeys))
    put(connection, "cold_log", _LOG, (_log_row(one, desk) for one in journeys))


def _journey(place: int, row: Sequence[Any], scenario: Scenario) -> _Journey:
    """The first two were too warm for some minutes; quality has released the first."""
    chance = Random(f"{scenario.seed}/cold/{place}")
    shipped_at, received_at, low, high = row[3], row[4], row[5], row[6]
    end = received_at or scenario.now
    count = min(int((end - shipped_at) / STEP), 900)
    middle = (high + (low if low is not None else high - 4)) / 2
    warm = range(count // 3, count // 3 + 9) if place < 2 else range(0)
    readings = []
    for step in range(count + 1):
        drift = Decimal(chance.randint(-8, 8)) / 10
        value = high + Decimal("1.4") + drift / 8 if step in warm else middle + drift
        readings.append(Reading(shipped_at + STEP * step, value.quantize(Decimal("0.1"))))
    trace = Trace(tuple(readings), (), STEP)
    last = readings[-1].at if received_at else None
    findings = findings_of(trace, Range(low, high), Window(shipped_at, last), TOLERANCE)
    kept = "within" if received_at else "open"
    state = ("released" if place == 0 else "waiting") if findings else kept
    decided_at = min(readings[-1].at + timedelta(hours=3), scenario.now) if state == "released" else None
    return _Journey(row, trace.readings, state, as_json(findings), decided_at)


def _record_row(one: _Journey, desk: Sequence[Any], quality: Sequence[Any]) -> tuple[Any, ...]:
    dealer_id, shipment_id, picked_at, shipped_at, received_at, low, high = one.parcel
    first, last = one.readings[0], one.readings[-1]
    arrived = (last.at, last.celsius, *desk) if received_at else (None, None, None, None)
    decided = (one.decided_at, *quality) if one.decided_at else (None, None, None)
    packed_at = min(picked_at + timedelta(minutes=20), shipped_at)
    return (
        dealer_id,
        shipment_id,
        one.state,
        low,
        high,
        "cool_box",
        f"BOX-{shipment_id % 40 + 1:02d}",
        first.celsius,
        packed_at,
        *desk,
        shipped_at,
        first.celsius,
        *desk,
        *arrived,
        json.dumps(one.findings),
        *decided,
        "厂家稳定性数据：25℃ 下 24 小时内稳定，本次超温 45 分钟，放行。" if one.decided_at else "",
    )


def _log_row(one: _Journey, desk: Sequence[Any]) -> tuple[Any, ...]:
    dealer_id, shipment_id = one.parcel[0], one.parcel[1]
    lines = [f"{reading.at:%Y-%m-%d %H:%M:%S},{reading.celsius}" for reading in one.readings]
    content = "\n".join(["时间,温度(℃)", *lines]).encode()
    return (
        dealer_id,
        shipment_id,
        1,
        f"logger-{shipment_id}.csv",
        hashlib.sha256(content).hexdigest(),
        content,
        "冷链记录仪",
        f"RC{shipment_id:06d}",
        "C",
        "Asia/Shanghai",
        int(STEP.total_seconds()),
        [reading.at for reading in one.readings],
        [reading.celsius for reading in one.readings],
        one.readings[-1].at,
        *desk,
    )


PART = Part("tracking", write=write_tracking)
