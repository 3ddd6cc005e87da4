"""Service requests in every state with their conversation, and who serves what.

The walks are reckoned by the rules of the portal and its calendar; the rows go in by whole sets. What is
asked just now, with clocks that run out, goes by the portal's own verbs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import psycopg

from demo.loading.service_clocks import ask_lately
from demo.loading.service_course import Walk
from demo.loading.service_matters import About, Asked, Desk
from demo.loading.service_rows import keep_pictures, write_rows
from demo.scenario import Part, Scenario
from demo.world.network import FULLY_STAFFED
from demo.world.service import COURSES, Course, Story, stories
from portal.service.rules import RequestState, ServiceKind, Severity

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


def write_service(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Teams, then requests over all the months."""
    desk = Desk(connection, scenario)
    _write_teams(connection, desk)
    write_rows(connection, list(_requests(desk)), desk.staff["service"])


def _requests(desk: Desk) -> Iterator[Asked]:
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
    desk: Desk,
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


def _merged(desk: Desk, place: int, course: Course, into: Asked, chance: Random) -> Asked:
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


def _write_teams(connection: psycopg.Connection, desk: Desk) -> None:
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


PART = Part("service", write=write_service, act=ask_lately, keep=keep_pictures)
