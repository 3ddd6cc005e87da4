"""Requests as their clocks stand just now: in time, running out, run out and told of; some with photos."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from demo.loading.acting import Acting, acting
from demo.loading.asking import Request, asker
from demo.loading.complained_goods import Goods, GoodsOf
from demo.scenario import Scenario
from demo.world.service import Story, stories
from portal.service.escalate import escalate
from portal.service.open_request import RequestEntry
from portal.service.rules import FORMS, Ask
from portal.service.targets import target_of
from portal.workdays.queries import calendar
from portal.workdays.rules import WorkCalendar


@dataclass(frozen=True, slots=True)
class _Clocked:
    """A request. used: share of its time that is gone; of the first answer, or of the resolution."""

    dealer: int
    subject: str
    used: float
    is_answered: bool = False
    asks: bool = False


_CLOCKED = (
    _Clocked(1, "能否与其他品牌主机配套使用", 0.2),
    _Clocked(1, "索取出厂检验报告与注册证", 0.88),
    _Clocked(2, "清洗消毒方法与可重复次数", 1.4),
    _Clocked(1, "多发两盒，如何退回", 0.86, is_answered=True),
    _Clocked(3, "近效期产品能否调换", 1.2, is_answered=True),
    _Clocked(2, "能否与其他品牌主机配套使用", 0.4, is_answered=True),
    _Clocked(3, "多发两盒，如何退回", 0.5, is_answered=True, asks=True),
)
_DAYS_MAX = 60


def ask_lately(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Each was asked so long ago that its clock stands as it shall."""
    told = {one.subject: one for one in stories()}
    with acting(connection) as people:
        goods, days = GoodsOf(people.session, scenario), calendar(people.session)
        for place, one in enumerate(_CLOCKED):
            story = told[one.subject]
            target = target_of(people.session, story.kind, story.severity, scenario.today)
            whole = target.resolution_minutes if one.is_answered else target.first_answer_minutes
            asked_at = _before(days, scenario.now, round(whole * one.used))
            about = goods.own(one.dealer, asked_at, place)
            request = Request(people, asker(people, one.dealer), people.staff("service"), 500 + place)
            request.open(_entry(story, about), story.pictures, asked_at)
            if one.is_answered:
                _talk(people, request, story, days, one, target.first_answer_minutes)
        escalate(people.session, at=people.at(scenario.now))


def _talk(
    people: Acting, request: Request, story: Story, days: WorkCalendar, one: _Clocked, first: int
) -> None:
    """Both sides write, with photos; at last the dealer is asked where it shall be waited for."""
    assert request.since is not None
    at = days.due(request.since, round(first * 0.4))
    request.answer(story.answer, at)
    request.note(story.note, at + timedelta(minutes=1))
    at = days.due(at, 25)
    request.ask(story.ask, at)
    at = days.due(at, 35)
    request.reply(story.say, at, ("pack", "label"))
    at = days.due(at, 30)
    if one.asks:
        request.ask("照片中的批号看不清，请再补一张标签特写。", at)
    else:
        request.answer(story.more, at, ("label",))


def _entry(story: Story, goods: Goods) -> RequestEntry:
    asked = FORMS[story.kind]
    return RequestEntry(
        kind=str(story.kind),
        subject=story.subject,
        text=story.text.replace("{product}", goods.name_zh).replace("{lot}", goods.lot_no or "见包装"),
        severity=str(story.severity),
        product=goods.sku,
        lot=goods.lot_no if Ask.LOT in asked else "",
        order=goods.order_no if Ask.ORDER in asked else "",
    )


def _before(days: WorkCalendar, at: datetime, minutes: int) -> datetime:
    """The latest moment from which so many business minutes have passed by `at`, to the minute."""
    least, most = 0, _DAYS_MAX * 24 * 60
    while least < most:
        middle = (least + most) // 2
        if days.minutes_between(at - timedelta(minutes=middle), at) >= minutes:
            most = middle
        else:
            least = middle + 1
    return at - timedelta(minutes=least)
