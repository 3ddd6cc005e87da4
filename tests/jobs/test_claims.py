"""Mail about claims: to the dealer's finance once it is decided, to who can sign before time runs out."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from jobs import claims as jobs
from portal.claims.delegate import delegate_claims
from portal.claims.remind import announce_reminders
from portal.claims.rules import Decision
from portal.claims.waiting import work as tell
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import cast, work
from tests.claims.acts import (
    CLAIMANT,
    FINANCE,
    MANAGER,
    SECOND,
    an_invoice,
    as_,
    claimed,
    decided,
    expenses,
    seen,
)
from tests.jobs.test_mail import body
from tests.races import together


def reminded(database, number: str, *, days: int = 0) -> int:
    """Announce at the moment at which the claim is to be reminded of, or days later."""
    with database.system_session() as session:
        query = text("SELECT remind_at FROM rebate_claim WHERE number = :number")
        due = session.execute(query, {"number": number}).scalar_one()
    with transaction(database.system_session()) as session:
        return announce_reminders(session, at=due + timedelta(days=days))


def test_the_dealers_finance_is_told_what_became_of_a_claim(database, letters):
    paid = claimed(database, expenses())
    decided(database, paid, amount="7000.00", reason="只核销展位费")
    back = claimed(database, expenses(invoices=(an_invoice("2"),)))
    decided(database, back, Decision.RETURN, reason="请补充合同")
    told = {message["Subject"]: body(message) for message in letters(CLAIMANT)}
    assert set(told) == {f"返利申请 {paid}", f"返利申请 {back}"}
    said = told[f"返利申请 {paid}"]
    note = seen(database, paid).paid_no
    assert all(word in said for word in ("¥7,000.00", "只核销展位费", note, f"/rebates/claims/{paid}"))
    assert "请补充合同" in told[f"返利申请 {back}"]
    assert not letters(cast.yuegang.finance) and not letters(cast.huadong.buyer)


def test_who_can_sign_is_reminded_once_a_step_and_nobody_else(database, letters):
    number = claimed(database, expenses("20000.00", invoices=(an_invoice(amount="20000.00"),)))
    assert reminded(database, number, days=-1) == 0
    assert [reminded(database, number), reminded(database, number, days=1)] == [1, 0]
    [message] = letters(MANAGER)
    assert number in message["Subject"] and "¥20,000.00" in body(message) and "上海明德" in body(message)
    managers = {MANAGER, cast.national_manager, cast.national_colleague}
    assert {one for one in cast.people if letters(one)} == managers
    decided(database, number)
    assert reminded(database, number, days=1) == 1
    assert letters(FINANCE) and letters(SECOND) and len(letters(MANAGER)) == 1


def test_a_delegate_is_reminded_and_nobody_of_what_has_gone_on(database, letters):
    number = claimed(database, expenses())
    days = {"from_day": cast.TODAY, "to_day": cast.TODAY + timedelta(days=1)}
    about = {"to": FINANCE.email, "reason": "leave", "today": cast.TODAY, "at": cast.NOW}
    as_(database, MANAGER, delegate_claims, **days, **about)
    gone = claimed(database, expenses(invoices=(an_invoice("2"),)))
    assert reminded(database, number, days=1) == 2
    decided(database, gone)
    assert [message["Subject"] for message in letters(FINANCE)] == [f"返利申请 {number} 待您审批"]


def test_two_schedules_at_once_remind_once(database):
    number = claimed(database, expenses())
    assert sorted(together(2, lambda _: reminded(database, number))) == [0, 1]


def test_the_schedule_reminds_by_the_portals_clock(database, letters, at_work):
    number = claimed(database, expenses())
    due = seen(database, number).due_at
    at_work.setattr(clock, "now", lambda: due)
    jobs.announce_reminders()
    assert letters(MANAGER)


def waiting(database, who, *, today: date = cast.TODAY, days: int = 0):
    with database.session_for(who.actor()) as session:
        found = work.waiting(session, who.actor(), tell, at=cast.NOW + timedelta(days=days), today=today)
        return {one.label: (one.count, one.is_urgent) for one in found}


def test_what_waits_is_counted_for_who_can_do_it_and_urgent_when_time_runs_out(database):
    first = claimed(database, expenses())
    high = claimed(database, expenses("20000.00", invoices=(an_invoice("2", "20000.00"),)))
    assert waiting(database, MANAGER) == {"Claims to decide": (2, False)}
    assert waiting(database, MANAGER, days=30) == {"Claims to decide": (2, True)}
    chains = {"Approval chains to decide": (0, False)}
    assert waiting(database, FINANCE) == {"Claims to decide": (0, False)} | chains
    decided(database, high)
    decided(database, first, Decision.RETURN, reason="why")
    assert waiting(database, MANAGER) == {"Claims to decide": (0, False)}
    assert waiting(database, FINANCE) == {"Claims to decide": (1, False)} | chains
    assert waiting(database, CLAIMANT) == {"Claims sent back to you": (1, False)}
    assert waiting(database, cast.yuegang.finance) == {"Claims sent back to you": (0, False)}
    assert waiting(database, cast.huadong.buyer) == waiting(database, cast.quality) == {}
