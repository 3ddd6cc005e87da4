"""What people do with budgets and activities, each in a transaction of its own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.budgets import cockpit, queries, use
from portal.budgets.checks import CHECKS
from portal.budgets.decide_activity import approve_activity, close_activity, reject_activity, return_activity
from portal.budgets.decide_budget import approve_budget, reject_budget
from portal.budgets.plan_activity import edit_activity, plan_activity, submit_activity, withdraw_activity
from portal.budgets.propose_budget import propose_amount, propose_budget
from portal.budgets.rules import Plan, Pot
from portal.kernel.db import transaction
from tests import cast

D = Decimal
PLANNER, PROPOSER, MANAGER = cast.huadong.buyer, cast.hq_finance, cast.east_manager
COLLEAGUE = cast.national_manager


def pot(**said: Any) -> Pot:
    """Marketing of this quarter for everybody, ¥1,000, or what is said otherwise."""
    usual: dict[str, Any] = {
        "title_zh": "市场费用",
        "title_en": "Marketing",
        "kind": "marketing",
        "first_day": cast.TODAY - timedelta(days=30),
        "last_day": cast.TODAY + timedelta(days=60),
        "amount": D("1000.00"),
    }
    return Pot(**usual | said)


def plan(**said: Any) -> Plan:
    """A workshop at a hospital for ¥400, or what is said otherwise."""
    usual: dict[str, Any] = {
        "kind": "marketing",
        "title": "科室会",
        "text": "介绍新产品",
        "place": "华山医院",
        "first_day": cast.TODAY + timedelta(days=5),
        "last_day": cast.TODAY + timedelta(days=6),
        "amount": D("400.00"),
    }
    return Plan(**usual | said)


def by(database, person, act):
    """What `act(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.session_for(actor)) as session:
        return act(session, actor)


def proposed(database, person=PROPOSER, **said: Any) -> str:
    """Number of a proposed pot."""
    return by(
        database,
        person,
        lambda session, actor: propose_budget(
            session, actor=actor, pot=pot(**said), today=cast.TODAY, at=cast.NOW
        ),
    )


def agreed(database, number: str, person=COLLEAGUE) -> str:
    """The pot, approved by another person."""
    by(
        database,
        person,
        lambda session, actor: approve_budget(session, actor=actor, number=number, at=cast.NOW),
    )
    return number


def refused_pot(database, number: str, reason: str = "超出预算", person=COLLEAGUE) -> None:
    """The amount that waits, rejected."""
    by(
        database,
        person,
        lambda session, actor: reject_budget(session, actor=actor, number=number, reason=reason, at=cast.NOW),
    )


def open_pot(database, **said: Any) -> str:
    """Number of a pot that may be drawn on."""
    return agreed(database, proposed(database, **said))


def other_amount(database, number: str, amount: str, person=PROPOSER, reason: str = "活动增加") -> None:
    """Another amount, proposed."""
    by(
        database,
        person,
        lambda session, actor: propose_amount(
            session, actor=actor, number=number, amount=D(amount), reason=reason, at=cast.NOW
        ),
    )


def planned(database, person=PLANNER, submit: bool = True, **said: Any) -> str:
    """Number of an activity that is asked for."""
    return by(
        database,
        person,
        lambda session, actor: plan_activity(
            session, actor=actor, plan=plan(**said), submit=submit, today=cast.TODAY, at=cast.NOW
        ),
    )


def edited(database, number: str, revision: int, person=PLANNER, **said: Any) -> None:
    """The activity with another plan."""
    by(
        database,
        person,
        lambda session, actor: edit_activity(
            session, actor=actor, number=number, revision=revision, plan=plan(**said)
        ),
    )


def submitted(database, number: str, revision: int, person=PLANNER) -> None:
    """Asked for approval."""
    by(
        database,
        person,
        lambda session, actor: submit_activity(
            session, actor=actor, number=number, revision=revision, at=cast.NOW
        ),
    )


def withdrawn(database, number: str, person=PLANNER) -> None:
    """Given up by the dealer."""
    by(
        database,
        person,
        lambda session, actor: withdraw_activity(session, actor=actor, number=number, at=cast.NOW),
    )


def approved(database, number: str, budget: str, amount: str = "400.00", reason="", person=MANAGER) -> str:
    """The activity, approved for an amount of a pot."""
    by(
        database,
        person,
        lambda session, actor: approve_activity(
            session, actor=actor, number=number, amount=D(amount), budget=budget, reason=reason, at=cast.NOW
        ),
    )
    return number


def rejected(database, number: str, reason: str = "不符合政策", person=MANAGER) -> None:
    """The activity, refused."""
    by(
        database,
        person,
        lambda session, actor: reject_activity(
            session, actor=actor, number=number, reason=reason, at=cast.NOW
        ),
    )


def returned(database, number: str, reason: str = "请补充参会名单", person=MANAGER) -> None:
    """The activity, sent back for completion."""
    by(
        database,
        person,
        lambda session, actor: return_activity(
            session, actor=actor, number=number, reason=reason, at=cast.NOW
        ),
    )


def closed(database, number: str, person=MANAGER) -> None:
    """The activity, closed."""
    by(
        database,
        person,
        lambda session, actor: close_activity(session, actor=actor, number=number, at=cast.NOW),
    )


def open_activity(database, budget: str, amount: str = "400.00", **said: Any) -> str:
    """Number of an activity on which something can be claimed."""
    return approved(database, planned(database, amount=D(amount), **said), budget, amount)


def reserve(database, document: str, amount: str, *, person=PLANNER, activity=None, programme=None) -> None:
    """What a claim does when it is submitted."""
    by(
        database,
        person,
        lambda session, actor: use.reserve(
            session,
            dealer_id=cast.huadong.id,
            activity=activity,
            programme=programme,
            document=document,
            amount=D(amount),
        ),
    )


def release(database, document: str, person=PLANNER) -> None:
    """What a claim does when it is withdrawn."""
    by(
        database,
        person,
        lambda session, actor: use.release(session, dealer_id=cast.huadong.id, document=document),
    )


def spend(database, document: str, amount: str, person=COLLEAGUE) -> None:
    """What a claim does when it is paid."""
    by(
        database,
        person,
        lambda session, actor: use.spend(
            session, dealer_id=cast.huadong.id, document=document, amount=D(amount)
        ),
    )


def figures(database, number: str) -> tuple[str, str, str]:
    """Amount, reserved and spent of a pot."""
    actor = COLLEAGUE.actor()
    with database.staff_session(actor) as session:
        row = cockpit.budget(session, actor=actor, number=number, today=cast.TODAY).row
    return str(row.amount), str(row.reserved), str(row.spent)


def activity(database, number: str, person=PLANNER):
    """An activity as somebody sees it."""
    actor = person.actor()
    with database.session_for(actor) as session:
        return queries.activity(session, number, with_drafts=not actor.is_staff)


def sums_differ(database) -> list[tuple[str, str, str]]:
    """What the checks find."""
    with database.system_session() as session:
        return [
            tuple(row) for one in CHECKS for row in session.connection().exec_driver_sql(one.sql).fetchall()
        ]
