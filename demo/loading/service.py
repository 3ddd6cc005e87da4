"""Service requests in every state with their conversation, and who serves what.

The walks are reckoned by the rules of the portal and its calendar; the rows go in by whole sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from demo.loading.service_course import Person, Walk
from demo.loading.service_rows import keep_pictures, write_rows
from demo.scenario import Part, Scenario
from demo.world.network import FULLY_STAFFED
from demo.world.service import COURSES, Course, Story, stories
from portal.service.rules import RequestState, ServiceKind, Severity
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
_FIELD = ("repair", "installation", "training")
_TEAMS = (
    (
        *("现场服务组", "Field service", "service"),
        (
            *(("technician", kind, "") for kind in _FIELD),
            *(("technician.south", kind, "ZN") for kind in _FIELD),
        ),
    ),
    (
        *("客户服务组", "Customer service", "service"),
        tuple(("service", kind, "") for kind in ("consultation", "documents", "return_question")),
    ),
    (
        *("质量投诉组", "Complaints", "quality"),
        (("quality", "complaint", ""), ("quality2", "complaint", "")),
    ),
)
_PER_DEALER = 1.5
_TO_THE_FIRST = 0.35  # the share of those who sign in


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


class _Desk:
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
        if kind is ServiceKind.COMPLAINT:
            return self.staff[chance.choice(("quality", "quality2"))], self.staff["quality"]
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


def write_service(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Teams, then requests over all the months."""
    desk = _Desk(connection, scenario)
    _write_teams(connection, desk)
    write_rows(connection, list(_requests(desk)), desk.staff["service"])


def _requests(desk: _Desk) -> Iterator[Asked]:
    seed, dealers = desk.scenario.seed, len(desk.scenario.dealers)
    before: Asked | None = None
    for place, course in enumerate(_courses(round(dealers * _PER_DEALER))):
        chance = Random(f"{seed}/service/{place}")
        if course.state is RequestState.MERGED and before is not None:
            made = _merged(desk, place, course, before, chance)
        else:
            few = chance.random() < _TO_THE_FIRST
            dealer_id = 1 + chance.randrange(min(FULLY_STAFFED, dealers) if few else dealers)
            made = _asked(desk, place, course, dealer_id, _story(course, place), chance)
        yield made
        before = made


def _courses(count: int) -> list[Course]:
    """So many in their shares, each kind at least once; a merged one behind one that is open for long."""
    whole = sum(course.share for course in COURSES)
    found: list[Course] = []
    joined = [course for course in COURSES if course.state is RequestState.MERGED]
    long = next(c for c in COURSES if c.state is RequestState.CLOSED and "ask" in c.acts)
    for course in COURSES:
        many = max(1, round(count * course.share / whole))
        found += [course] * (many if course not in joined else 0)
    for course in joined:
        for _ in range(max(1, round(count * course.share / whole))):
            found.remove(long)
            found += [long, course]
    return found


def _story(course: Course, place: int) -> Story:
    told = [one for one in stories() if not course.late or _soon(one)]
    return told[place * 7 % len(told)]


def _soon(story: Story) -> bool:
    slow = (ServiceKind.INSTALLATION, ServiceKind.TRAINING)
    return story.kind not in slow and story.severity is not Severity.LOW


def _asked(
    desk: _Desk,
    place: int,
    course: Course,
    dealer_id: int,
    story: Story,
    chance: Random,
    since: datetime | None = None,
) -> Asked:
    """A request whose course has ended by now: it began as long ago as that takes."""
    now, calendar = desk.scenario.now, desk.calendar
    region_id, area = desk.regions.get(dealer_id, (None, ""))
    server, lead = desk.serving(story.kind, area, chance)
    people = desk.askers[dealer_id]
    asker = people["dealer_buyer"]
    if chance.random() < 0.6:
        asker = people.get("dealer_service", asker)
    target = desk.targets[story.kind, story.severity]
    begun = since or now - timedelta(days=chance.uniform(*course.days))
    minutes = chance.randint(2, 30 if since or course.days[1] < 1 else 400)
    key = chance.random()
    while True:
        at = calendar.due(begun, minutes) + timedelta(seconds=chance.randint(0, 59))
        about = desk.matter(story, dealer_id, at, Random(key))
        told = _told(story, about)
        walk = Walk(
            calendar, Random(key), told, course, target, at, now, asker, server, desk.staff["service"]
        )
        beyond = max(walk.last_at, at) - now + timedelta(minutes=4)
        if beyond <= timedelta() or since:
            return Asked(place, dealer_id, region_id, lead.id, about, walk)
        begun -= max(beyond, timedelta(hours=5))


def _merged(desk: _Desk, place: int, course: Course, into: Asked, chance: Random) -> Asked:
    """Somebody asks again for the same, soon after; both are told that they go on together."""
    since = into.walk.asked_at + timedelta(minutes=1)
    again = "The same once more: " if into.walk.story.subject.isascii() else "同一问题再报一次："
    told = replace(into.walk.story, text=again + into.walk.story.text, pictures=())
    made = _asked(desk, place, course, into.dealer_id, told, chance, since)
    made.about, made.into = into.about, into.place
    return made


def _told(story: Story, about: About) -> Story:
    is_english = story.subject.isascii()
    words = {
        "{product}": about.name_en if is_english else about.name_zh,
        "{lot}": about.lot_no or "见包装",
    }
    said = {}
    for name in ("subject", "text", "answer", "ask", "say", "more"):
        value = getattr(story, name)
        for mark, word in words.items():
            value = value.replace(mark, word)
        said[name] = value
    return replace(story, **said)


def _calendar(connection: psycopg.Connection) -> WorkCalendar:
    opens, closes, worked, free, years = connection.execute(_CALENDAR).fetchone() or ([],) * 5
    spans = tuple(Span(*span) for span in zip(opens, closes, strict=True))
    days = dict.fromkeys(worked, True) | dict.fromkeys(free, False)
    return WorkCalendar(ZoneInfo("Asia/Shanghai"), spans, days, frozenset(years))


def _write_teams(connection: psycopg.Connection, desk: _Desk) -> None:
    for team, (zh, en, lead, duties) in enumerate(_TEAMS, start=1):
        connection.execute(
            "INSERT INTO service_team (id, name_zh, name_en, lead_id) VALUES (%s, %s, %s, %s)",
            (team, zh, en, desk.staff[lead].id),
        )
        for place, (person, kind, region) in enumerate(duties, start=1):
            connection.execute(
                "INSERT INTO service_duty (team_id, place, user_id, kind, region)"
                " VALUES (%s, %s, %s, %s, %s)",
                (team, place, desk.staff[person].id, kind, region),
            )


PART = Part("service", write=write_service, keep=keep_pictures)
