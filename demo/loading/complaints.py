"""Complaints in every state and what became of their adverse events, by the portal's own verbs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random

import psycopg

from demo.loading.acting import Acting, acting
from demo.loading.adverse_events import Event, told_event
from demo.loading.asking import Request, asker
from demo.loading.complained_goods import Goods, GoodsOf
from demo.scenario import Part, Scenario
from demo.world.business_days import ZONE, moment
from demo.world.complaints import COMPLAINTS, EVERYDAY, Complained, ComplaintStory, complaint_stories
from demo.world.network import FULLY_STAFFED
from portal.complaints.handle_complaint import close_complaint, handle_complaint
from portal.complaints.rules import HandlingEntry, TriageEntry
from portal.complaints.triage import triage
from portal.complaints.warn import warn
from portal.service.escalate import escalate
from portal.service.open_request import RequestEntry
from portal.workdays.queries import calendar
from portal.workdays.rules import WorkCalendar

_PER_DEALER = 0.2  # of the complaints that are over
_TO_THE_FIRST = 0.4  # the share of those who sign in
_HOW = "电话通知注册人质量负责人，并发送书面说明"
# What was done to those that are over, each so many business minutes after the one before.
_OVER = (
    (("answer", 40), ("triage", 260), ("handle", 900), ("finish", 120), ("rate", 400), ("close", 1)),
    (
        *(("answer", 70), ("ask", 5), ("say", 300), ("propose", 90), ("triage", 200), ("handle", 700)),
        *(("finish", 60), ("expire", 0)),
    ),
    (("answer", 25), ("note", 10), ("triage", 120), ("handle", 500), ("finish", 30), ("close", 700)),
    (("answer", 300), ("triage", 500), ("measure", 900), ("handle", 1500), ("finish", 90), ("rate", 90)),
)
_CLOSED_AFTER = timedelta(days=7, minutes=17)  # by itself, when nobody says anything more


def complain(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What is over, from old to new, then what is told one by one; at last the clocks are looked at."""
    with acting(connection) as people:
        goods = GoodsOf(people.session, scenario)
        days = calendar(people.session)
        over = list(_over(scenario, days))
        for place, (one, moments) in enumerate(over):
            _Course(people, scenario, one, place, goods.own(one.dealer, moments[0], place)).run(moments)
        for place, one in enumerate(COMPLAINTS, start=len(over)):
            moments = [_moment(scenario, step[1]) for step in one.steps]
            about = goods.shared(one.lot) if one.lot else goods.own(one.dealer, moments[0], place)
            _Course(people, scenario, one, place, about).run(moments)
        at = people.at(scenario.now)
        warn(people.session, at=at)
        escalate(people.session, at=at)


def _over(scenario: Scenario, days: WorkCalendar) -> Iterator[tuple[Complained, list[datetime]]]:
    """Complaints that are over, with the moments of their steps."""
    dealers = len(scenario.dealers)
    found = []
    for place in range(round(dealers * _PER_DEALER)):
        chance = Random(f"{scenario.seed}/complaint/{place}")
        few = chance.random() < _TO_THE_FIRST
        dealer = 1 + chance.randrange(min(FULLY_STAFFED, dealers) if few else dealers)
        steps = _OVER[place % len(_OVER)]
        at = days.due(scenario.now - timedelta(days=chance.uniform(24, 190)), chance.randint(1, 400))
        moments = [at]
        for act, minutes in steps:
            at = (
                at + _CLOSED_AFTER
                if act == "expire"
                else days.due(at, round(minutes * chance.uniform(0.6, 1.4)))
            )
            moments.append(at)
        acts = (("open", ""), *((act, "") for act, _ in steps))
        found.append((Complained(dealer, EVERYDAY[place % len(EVERYDAY)], acts), moments))
    return iter(sorted(found, key=lambda one: one[1][0]))


def _moment(scenario: Scenario, said: str) -> datetime:
    if said.endswith("h"):
        return scenario.now - timedelta(hours=float(said[:-1]))
    days, hour = said.split()
    at = datetime.combine(scenario.today - timedelta(days=int(days)), time.fromisoformat(hour), ZONE)
    return moment(at.date(), at.time())


@dataclass(slots=True)
class _Course:
    """One complaint on its way."""

    people: Acting
    scenario: Scenario
    one: Complained
    place: int
    goods: Goods

    def run(self, moments: list[datetime]) -> None:
        """One step after another."""
        story = _told(complaint_stories()[self.one.story], self.goods)
        quality = self.people.staff(("quality", "quality2")[self.place % 2])
        dealer = asker(self.people, self.one.dealer)
        request = Request(self.people, dealer, quality, self.place)
        event = Event(request, story, self.one.is_group, self.place)
        for (act, *_), at in zip(self.one.steps, moments, strict=True):
            if act == "open":
                request.open(self._entry(story), story.pictures, at)
                if story.harmed:
                    told_event(request)
            elif act in ("answer", "note", "ask"):
                getattr(request, act)(getattr(story, act), at)
            elif act == "say":
                request.reply(story.say, at, story.pictures[:1])
            elif act == "rate":
                request.rate(story.stars, story.rate, at)
            elif act == "reopen":
                request.reopen(story.reopen, at)
            elif act in ("close", "expire"):
                getattr(request, act)(at)
            elif act in ("propose", "triage", "measure", "handle", "finish"):
                self._decide(act, story, request, at)
            else:
                event.do(act, at)

    def _entry(self, story: ComplaintStory) -> RequestEntry:
        return RequestEntry(
            kind="complaint",
            subject=story.subject,
            text=story.text,
            severity=story.severity,
            stops_treatment=story.stops,
            somebody_harmed=story.harmed,
            product=self.goods.sku,
            lot=self.goods.lot_no,
            order=self.goods.order_no,
            contact=f"{asker(self.people, self.one.dealer).label} 137{self.place * 6133 % 10**8:08d}",
        )

    def _decide(self, act: str, story: ComplaintStory, request: Request, at: datetime) -> None:
        session, at = self.people.session, request.at(at)
        about = {"number": request.number, "at": at}
        if act in ("propose", "triage"):
            desk = self.people.staff("service")
            actor = desk if act == "propose" else request.server
            triage(session, actor=actor, entry=self._triage(story), zone=ZONE, **about)
        elif act == "finish":
            close_complaint(session, actor=request.server, **about)
        elif act == "measure":
            handle_complaint(
                session, actor=request.server, entry=HandlingEntry(measure=story.measure), **about
            )
        else:
            entry = HandlingEntry(story.cause, story.measure, story.reply, story.follow_up, _HOW, at)
            handle_complaint(session, actor=request.server, entry=entry, **about)

    def _triage(self, story: ComplaintStory) -> TriageEntry:
        """What is made of it. Where a dealer told of harm there is an event already, classed by itself."""
        opens = bool(story.harm) and not story.harmed
        return TriageEntry(
            category=story.category,
            grade=story.grade,
            possible_event=bool(story.harm),
            event_reason=story.reason,
            product=self.goods.sku,
            lot=self.goods.lot_no,
            stop_use=story.stop_use,
            harm=story.harm if opens else "",
            is_group=self.one.is_group and opens,
        )


def _told(story: ComplaintStory, goods: Goods) -> ComplaintStory:
    """The story of these goods."""
    name = goods.name_en if story.subject.isascii() else goods.name_zh
    said = {}
    for field in ("text", "stop_use"):
        said[field] = (
            getattr(story, field).replace("{product}", name).replace("{lot}", goods.lot_no or "见包装")
        )
    return replace(story, **said)


PART = Part("complaints", act=complain)
