"""Closings and statements, each act in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from portal.kernel import clock
from portal.kernel.actor import SYSTEM, Actor
from portal.kernel.db import Database, rescope, transaction
from portal.statements.begin_close import Begun, begin_close
from portal.statements.close_tasks import claim_next
from portal.statements.company import Issuer
from portal.statements.document import BankAccount, Party
from portal.statements.finish_close import finish_close
from portal.statements.issue_statement import Issued, issue_statement
from tests import cast
from tests.roles import Dealer, Person, System

THIS_MONTH = clock.period_of(cast.TODAY)
LAST_MONTH = clock.previous_period(THIS_MONTH)
LAST_DAY = clock.last_day(LAST_MONTH)

ISSUER = Issuer(
    Party(
        "",
        "通路医疗科技有限公司",
        "Tonglu Medical Technology Co., Ltd.",
        "91310000MA1FL0000X",
        "上海市浦东新区示例路 100 号",
    ),
    BankAccount("示例银行上海分行", "6222 0000 0000 0000", "通路医疗科技有限公司"),
    "CNY",
    cast.ZONE,
)


def portal_within(dealer: Dealer) -> Actor:
    """The portal itself, as a job works for one dealer."""
    return replace(SYSTEM, dealer_id=dealer.id, region_ids=())


def begun(
    database: Database,
    period: str = LAST_MONTH,
    *,
    by: Person | System = cast.hq_finance,
    today: date = cast.TODAY,
) -> Begun:
    """A closing begins."""
    with transaction(database.session_for(by.actor())) as session:
        return begin_close(session, actor=by.actor(), period=period, today=today, at=clock.now())


def issued(database: Database, dealer: Dealer = cast.huadong, period: str = LAST_MONTH) -> Issued | None:
    """One dealer's statement."""
    actor = portal_within(dealer)
    with transaction(database.dealer_session(actor)) as session:
        return issue_statement(
            session, actor=actor, dealer_id=dealer.id, period=period, issuer=ISSUER, at=clock.now()
        )


def worked_off(database: Database, period: str = LAST_MONTH) -> int:
    """Every waiting task, as a job does it, without its forgiveness; how many."""
    handled = 0
    while True:
        with transaction(database.system_session()) as session:
            dealer_id = claim_next(session, period=period, at=clock.now())
            if dealer_id is None:
                return handled
            actor = replace(SYSTEM, dealer_id=dealer_id, region_ids=())
            rescope(session, actor)
            issue_statement(
                session, actor=actor, dealer_id=dealer_id, period=period, issuer=ISSUER, at=clock.now()
            )
        handled += 1


def finished(database: Database, period: str = LAST_MONTH) -> bool:
    """The period is closed, if everything is through."""
    with transaction(database.system_session()) as session:
        return finish_close(session, actor=SYSTEM, period=period, at=clock.now())


def closed(database: Database, period: str = LAST_MONTH, *, today: date = cast.TODAY) -> None:
    """A month from first to last."""
    begun(database, period, today=today)
    worked_off(database, period)
    assert finished(database, period)


def state(owner: Connection, period: str = LAST_MONTH) -> str:
    """How a period stands."""
    return owner.execute(
        text("SELECT state FROM accounting_period WHERE period = :p"), {"p": period}
    ).scalar_one()


def statement_row(owner: Connection, dealer: Dealer = cast.huadong, period: str = LAST_MONTH) -> Any:
    """A statement as it is kept."""
    query = text("SELECT * FROM statement WHERE dealer_id = :d AND period = :p")
    return owner.execute(query, {"d": dealer.id, "p": period}).one()
