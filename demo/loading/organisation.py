"""How the company is organised from days on: a province that went to another area, a region for a while,
delegations, a dealer that lets headquarters act for it, and one that composed a role.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from demo.loading.keys import region_keys
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date, month_start
from demo.world.regions import MOVED

_DAY = timedelta(days=1)
_MOVE_NO = "BJ-DEMO-0001"
_TOLD = (
    "INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after,"
    " reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def load_organisation(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What two people agreed on, what is lent, what dealers consented to or composed; the audit tells it."""
    people = {
        email: (number, name)
        for number, email, name in connection.execute("SELECT id, email, display_name FROM user_account")
    }
    _move(connection, scenario, people)
    _region(connection, scenario, people)
    _delegations(connection, scenario, people)
    _consent(connection, scenario, people)
    _role(connection, scenario, people)


def _move(connection: psycopg.Connection, scenario: Scenario, people: dict[str, tuple[int, str]]) -> None:
    """On the day on which regional terms began; no price of before was one of an area."""
    regions, day = region_keys(), month_start(local_date(scenario.now), -5)
    asked, agreed = people["channel@hq.example"], people["channel2@hq.example"]
    at = _at(scenario, day - 20 * _DAY)
    decided = at + timedelta(hours=5)
    reason = "内蒙古东部经销商改由华北仓供货"
    row = (
        _MOVE_NO,
        regions[MOVED.province],
        regions[MOVED.to],
        day,
        reason,
        "approved",
        f"user:{asked[0]}",
        asked[1],
        at,
        f"user:{agreed[0]}",
        agreed[1],
        decided,
    )
    columns = (
        "number region_id parent_id valid_from reason state proposed_by proposed_by_label proposed_at"
        " decided_by decided_by_label decided_at"
    )
    put(connection, "region_move", tuple(columns.split()), [row])
    after = {"region": MOVED.province, "area": MOVED.to, "valid_from": day.isoformat()}
    _told(connection, at, asked, None, "region_move:proposed", _MOVE_NO, after, reason)
    _told(connection, decided, agreed, None, "region_move:approved", _MOVE_NO, after)


def _region(connection: psycopg.Connection, scenario: Scenario, people: dict[str, tuple[int, str]]) -> None:
    """The manager of the south looked after the south-west for two months."""
    today, by = local_date(scenario.now), people["admin@hq.example"]
    whom, since = people["channel.south@hq.example"], month_start(today, -4)
    until, at, reason = month_start(today, -2), _at(scenario, since - 3 * _DAY), "西南区经理空缺，暂时代管"
    columns = "user_id region_id valid_from valid_to assigned_by assigned_by_label assigned_at reason"
    row = (whom[0], region_keys()["XN"], since, until, f"user:{by[0]}", by[1], at, reason)
    put(connection, "staff_region", tuple(columns.split()), [row])
    after = {"region": "XN", "valid_from": since.isoformat(), "valid_to": until.isoformat()}
    _told(connection, at, by, None, "user:region_given", f"user:{whom[0]}", after, reason)


def _delegations(
    connection: psycopg.Connection, scenario: Scenario, people: dict[str, tuple[int, str]]
) -> None:
    """One of spring, which was used, and one of these days."""
    today = local_date(scenario.now)
    columns = (
        "id dealer_id giver_id giver_label taker_id taker_label roles first_day last_day reason created_at"
        " used_at"
    )
    for number, (giver, taker, role, first, last, reason) in enumerate(
        (
            ("channel", "channel2", "channel_manager", today - 130 * _DAY, today - 120 * _DAY, "年假"),
            ("quality", "quality2", "quality", today - _DAY, today + 6 * _DAY, "外出审核供应商"),
        ),
        start=1,
    ):
        gave, got = people[f"{giver}@hq.example"], people[f"{taker}@hq.example"]
        at, is_over = _at(scenario, first - 2 * _DAY), last < today
        used = at + timedelta(days=3) if is_over else None
        row = (number, None, *gave, *got, [role], first, last, reason, at, used)
        put(connection, "delegation", tuple(columns.split()), [row])
        subject = f"delegation:{number}"
        after = {
            "giver": f"user:{gave[0]}",
            "taker": f"user:{got[0]}",
            "roles": [role],
            "first_day": first.isoformat(),
            "last_day": last.isoformat(),
        }
        _told(connection, at, gave, None, "delegation:given", subject, after, reason)
        if used is not None:
            begun = {"on_behalf_of": f"user:{gave[0]}", "roles": [role]}
            _told(connection, used, got, None, "standing_in:begun", subject, begun)
    connection.execute("SELECT setval(pg_get_serial_sequence('delegation', 'id'), 2)")


def _consent(connection: psycopg.Connection, scenario: Scenario, people: dict[str, tuple[int, str]]) -> None:
    """The first dealer lets the channel manager order for it this week."""
    owner, at = people["owner@d0001.example"], scenario.now - timedelta(hours=20)
    until, reason = scenario.now + 7 * _DAY, "采购员出差，请渠道经理代下单"
    columns = "dealer_id id staff_mail roles valid_from valid_to reason given_by given_by_label created_at"
    row = (1, 1, "channel@hq.example", ["dealer_buyer"], at, until, reason, *owner, at)
    put(connection, "acting_consent", tuple(columns.split()), [row])
    connection.execute("SELECT setval(pg_get_serial_sequence('acting_consent', 'id'), 1)")
    after = {
        "whom": "channel@hq.example",
        "roles": ["dealer_buyer"],
        "valid_from": at.isoformat(),
        "valid_to": until.isoformat(),
    }
    _told(connection, at, owner, 1, "consent:given", "consent:1", after, reason)


def _role(connection: psycopg.Connection, scenario: Scenario, people: dict[str, tuple[int, str]]) -> None:
    """The first dealer's owner composed a role for who orders and sees no debts."""
    owner, at = people["owner@d0001.example"], scenario.now - 30 * _DAY
    name, code = "内勤（下单，不看账款）", "own-demo00000001"
    rights = ["catalogue:read", "orders:read", "orders:write", "prices:read", "stock:read"]
    letters = ["dealer_buyer"]
    columns = ("id", "dealer_id", "code", "name", "rights", "told_as", "created_at", "created_by_label")
    put(connection, "custom_role", columns, [(1, 1, code, name, rights, letters, at, owner[1])])
    connection.execute("SELECT setval(pg_get_serial_sequence('custom_role', 'id'), 1)")
    after = {"name": name, "rights": rights, "told_as": letters}
    _told(connection, at, owner, 1, "role:composed", f"role:{code}", after)


def _told(
    connection: psycopg.Connection,
    at: datetime,
    who: tuple[int, str],
    dealer_id: int | None,
    action: str,
    subject: str,
    after: dict[str, Any],
    reason: str | None = None,
) -> None:
    kind = action.partition(":")[0]
    row = (at, f"user:{who[0]}", who[1], dealer_id, action, kind, subject, Jsonb(after), reason)
    connection.execute(_TOLD, row)


def _at(scenario: Scenario, day: Any) -> datetime:
    """In the morning of a day."""
    return datetime.combine(day, time(2, 30), tzinfo=scenario.now.tzinfo)


PART = Part("organisation", load=load_organisation)
