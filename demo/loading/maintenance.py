"""Maintenance that was filed of late, left out or missed at the first dealers, by the portal's own verbs."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from random import Random

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.loading.acting import Acting, acting
from demo.loading.deliveries import signature
from demo.loading.evidence import upload
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date, moment, working_day_before
from demo.world.device_photos import device_photo
from demo.world.network import FULLY_STAFFED
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.maintenance.finish import Work, finish, skip
from portal.maintenance.make_due import make_due, tell_missed
from portal.maintenance.rules import Checked, Result
from portal.maintenance.set_plan import PlanEntry, set_plan

_GRACE = timedelta(days=14)  # after which what was not done is missed
_FILED, _LEFT_OUT = 14, 2
_DUE = text(
    """
    SELECT m.number, m.dealer_id, m.due_on, d.department, n.items
      FROM maintenance m
      JOIN device d ON (d.dealer_id, d.id) = (m.dealer_id, m.device_id)
      JOIN maintenance_plan n ON n.id = m.plan_id
     WHERE m.state = 'due' AND m.dealer_id <= :dealers AND m.due_on BETWEEN :since AND :until
       AND d.held_from < :since
     ORDER BY m.due_on > :today, md5(m.number) LIMIT :most
    """
)
# A product of which the first dealers have many, each with how often it was used.
_USED_MOST = text(
    """
    SELECT p.sku FROM device d JOIN product p ON p.id = d.product_id
     WHERE d.uses > 400 AND d.state = 'installed' AND d.held_until IS NULL AND d.dealer_id <= :dealers
     GROUP BY p.id, p.sku ORDER BY count(*) DESC, p.sku LIMIT 1
    """
)
_DEVICES = text(
    """
    SELECT d.dealer_id, d.id FROM device d JOIN product p ON p.id = d.product_id
     WHERE p.sku = :sku AND d.state = 'installed' AND d.held_until IS NULL AND d.dealer_id <= :dealers
     ORDER BY 1, 2
    """
)
_ITEMS = "滤芯与密封圈 | Filter and seals\n累计使用次数 | Uses so far | 次\n功能测试 | Function test"


def maintain(connection: psycopg.Connection, scenario: Scenario) -> None:
    """A plan by uses, what was done in the last weeks, what was left out, and what nobody did in time."""
    with acting(connection) as people:
        session = people.session
        _plan_by_uses(people, scenario)
        rows = _due(session, scenario.today)
        filed = len(rows) - min(_LEFT_OUT, len(rows) // 3)
        for place, row in enumerate(rows[:filed]):
            _file(people, scenario, row, place)
        for row in rows[filed:]:
            at = people.at(scenario.now - timedelta(hours=20))
            about = {"number": row.number, "today": local_date(at), "at": at}
            skip(session, actor=people.staff("quality"), reason="设备外借其他院区，下个周期一并保养", **about)
        at = people.at(scenario.now)
        tell_missed(session, before=scenario.today - _GRACE, at=at)


def _plan_by_uses(people: Acting, scenario: Scenario) -> None:
    sku = people.session.execute(_USED_MOST, {"dealers": FULLY_STAFFED}).scalar()
    if sku is None:
        return
    at = people.at(scenario.now - timedelta(days=30))
    plan = PlanEntry(
        "PM-USES", "每 400 次使用保养", "Service every 400 uses", None, 400, sku=sku, items=_ITEMS
    )
    set_plan(people.session, actor=people.staff("quality"), entry=plan, at=at)
    for row in people.session.execute(_DEVICES, {"sku": sku, "dealers": FULLY_STAFFED}).all():
        make_due(people.session, today=scenario.today, device=(row.dealer_id, row.id))


def _due(session: Session, today: date) -> list[Record]:
    """What is due about now, first what is late."""
    about = {"dealers": FULLY_STAFFED, "since": today - timedelta(days=40), "today": today}
    until = today + timedelta(days=25)
    return list(session.execute(_DUE, about | {"until": until, "most": _FILED + _LEFT_OUT}))


def _file(people: Acting, scenario: Scenario, row: Record, place: int) -> None:
    """Done by a technician of headquarters or by the dealer's own, with readings, a photo and a signature."""
    chance = Random(f"{scenario.seed}/maintenance/{place}")
    is_staff = place % 2 == 0
    actor = people.staff("technician") if is_staff else people.dealer(row.dealer_id, "service")
    day = working_day_before(scenario.today, 1 + place % 9)
    done_on = min(max(day, row.due_on - timedelta(days=3)), scenario.today - timedelta(days=1))
    at = people.at(moment(done_on, time(15, 10 + place)))
    checked = tuple(
        _checked(item["unit"], chance, is_bad=place % 5 == 1 and nth == 0)
        for nth, item in enumerate(row.items)
    )
    work = Work(
        done_on=done_on,
        done_by="工程师 罗毅" if is_staff else f"工程师 {actor.label}",
        checked=checked,
        note="外壳轻微磨损，已记录，下次更换" if place % 5 == 1 else "",
        signed_name="设备科 孙静",
        signature=json.dumps(signature(chance)),
    )
    files = [_photo(people, actor, place, at)] if place % 3 == 0 else []
    finish(people.session, actor=actor, number=row.number, work=work, files=files, today=done_on, at=at)


def _checked(unit: str, chance: Random, *, is_bad: bool) -> Checked:
    result = Result.FAULT if is_bad else Result.GOOD
    return Checked(str(result), str(chance.randint(30, 95)) if unit else "")


def _photo(people: Acting, actor: Actor, place: int, at: datetime) -> str:
    return upload(people, actor, f"IMG_{7000 + place}.jpg", device_photo("passed", place % 2), at)


PART = Part("maintenance", act=maintain)
