"""What is known while requests for service are made up: people, calendar, promises, and what dealers have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from demo.loading.service_course import Person, Walk
from demo.scenario import Scenario
from demo.world.service import Story
from portal.service.rules import ServiceKind
from portal.service.sla_rules import Target
from portal.workdays.rules import Span, WorkCalendar

_PEOPLE = """
SELECT u.dealer_id, u.roles[1], 'user:' || u.id, u.display_name, u.id, split_part(u.email, '@', 1)
  FROM user_account u WHERE u.dealer_id IS NULL OR u.dealer_id <= %(dealers)s ORDER BY u.id
"""
_CALENDAR = """
SELECT s.opens, s.closes, ARRAY(SELECT day FROM work_day WHERE is_working),
       ARRAY(SELECT day FROM work_day WHERE NOT is_working), ARRAY(SELECT year FROM work_year)
  FROM work_setting s
"""
_TARGETS = """
SELECT DISTINCT ON (kind, severity) kind, severity, first_answer_minutes, resolution_minutes
  FROM service_target WHERE valid_from <= %(today)s ORDER BY kind, severity, set_no DESC
"""
_REGIONS = """
SELECT m.dealer_id, m.region_id, a.code FROM dealer_region m JOIN region r ON r.id = m.region_id
  LEFT JOIN region a ON a.id = r.parent_id
 WHERE m.valid_from <= %(today)s AND (m.valid_to IS NULL OR m.valid_to > %(today)s)
"""
# What the dealers could ask about: some devices and some of what they were sent, from old to new.
_DEVICES = """
SELECT dealer_id, held_from, id, serial, lot_no, product_id, category_code, name_zh, name_en, warranty_to
  FROM (SELECT d.*, p.category_code, p.name_zh, p.name_en,
               row_number() OVER (PARTITION BY d.dealer_id ORDER BY md5(d.number)) AS place
          FROM device d JOIN product p ON p.id = d.product_id
         WHERE d.held_until IS NULL AND d.dealer_id <= %(dealers)s) d
 WHERE place <= 12 ORDER BY dealer_id, held_from, id
"""
_SENT = """
SELECT s.dealer_id, s.shipped_at, o.number, l.lot_no, p.id, p.category_code, p.name_zh, p.name_en
  FROM (SELECT *, row_number() OVER (PARTITION BY dealer_id ORDER BY shipped_at, id) AS place,
               count(*) OVER (PARTITION BY dealer_id) AS many
          FROM shipment WHERE shipped_at IS NOT NULL AND dealer_id <= %(dealers)s) s
  JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
  JOIN LATERAL (SELECT * FROM shipment_line l WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
                 ORDER BY l.line_no, l.lot_no LIMIT 1) l ON true
  JOIN product p ON p.id = l.product_id
 WHERE s.place %% greatest(1, s.many / 14) = 0 ORDER BY s.dealer_id, s.shipped_at, s.id
"""


@dataclass(frozen=True, slots=True)
class About:
    """What a request is about. device: id and number; the order that brought it."""

    product_id: int | None = None
    category: str = ""
    name_zh: str = "产品"
    name_en: str = "product"
    lot_no: str = ""
    serial: str = ""
    order_no: str = ""
    warranty_to: Any = None
    device_id: int | None = None


@dataclass(slots=True)
class Asked:
    """A request with what the walk does not know. into: place of the one in which it goes on."""

    place: int
    dealer_id: int
    region_id: int | None
    lead_id: int | None
    about: About
    walk: Walk
    into: int | None = None


class Desk:
    """Everything that is known while requests are made up."""

    def __init__(self, connection: psycopg.Connection, scenario: Scenario) -> None:
        self.scenario = scenario
        self.about = {"dealers": len(scenario.dealers), "today": scenario.today}
        rows = connection.execute(_PEOPLE, self.about).fetchall()
        self.staff = {row[5]: Person(row[2], row[3], row[4]) for row in rows if row[0] is None}
        self.askers: dict[int, dict[str, Person]] = {}
        for dealer_id, role, key, label, user_id, _ in rows:
            if dealer_id is not None:
                self.askers.setdefault(dealer_id, {})[role] = Person(key, label, user_id, is_staff=False)
        self.calendar = _calendar(connection)
        self.targets = {
            (row[0], row[1]): Target(row[2], row[3]) for row in connection.execute(_TARGETS, self.about)
        }
        self.regions = {row[0]: (row[1], row[2]) for row in connection.execute(_REGIONS, self.about)}
        self.devices: dict[int, list[tuple[Any, ...]]] = {}
        self.sent: dict[int, list[tuple[Any, ...]]] = {}
        for query, kept in ((_DEVICES, self.devices), (_SENT, self.sent)):
            for row in connection.execute(query, self.about):
                kept.setdefault(row[0], []).append(row[1:])

    def serving(self, kind: ServiceKind, area: str, chance: Random) -> tuple[Person, Person]:
        """Who gets it by the duties, and the lead."""
        if kind in (ServiceKind.REPAIR, ServiceKind.INSTALLATION, ServiceKind.TRAINING):
            south = area == "ZN" and chance.random() < 0.7
            return self.staff["technician.south" if south else "technician"], self.staff["service"]
        return self.staff["service"], self.staff["service"]

    def matter(self, story: Story, dealer_id: int, at: datetime, chance: Random) -> About:
        """A device or goods that the dealer had by then."""
        if story.about == "device":
            had = [row for row in self.devices.get(dealer_id, ()) if row[0] < at]
            if had:
                _, device, serial, lot_no, product, category, zh, en, until = chance.choice(had)
                return About(product, category, zh, en, lot_no, serial, "", until, device)
        had = [row for row in self.sent.get(dealer_id, ()) if row[0] < at]
        if not had:
            return About()
        _, order_no, lot_no, product, category, zh, en = chance.choice(had[-6:])
        asks_lot, asks_order = story.about == "lot", story.about == "order"
        return About(
            product, category, zh, en, lot_no if asks_lot else "", "", order_no if asks_order else ""
        )


def _calendar(connection: psycopg.Connection) -> WorkCalendar:
    opens, closes, worked, free, years = connection.execute(_CALENDAR).fetchone() or ([],) * 5
    spans = tuple(Span(*span) for span in zip(opens, closes, strict=True))
    days = dict.fromkeys(worked, True) | dict.fromkeys(free, False)
    return WorkCalendar(ZoneInfo("Asia/Shanghai"), spans, days, frozenset(years))
