"""What is owed in rebates at a month's end stands in the company's books, and goes when it is settled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.rebates.rules import Basis
from portal.settlements.liability import count_dealers, next_month, post_month
from tests import cast
from tests.ledger.acts import delivered
from tests.rebates.acts import MONTH_ENDS, earned_by, published, reckoned
from tests.settlements.acts import AFTER, LATER, settled

MONTH = clock.period_of(cast.TODAY)
NEXT = clock.next_period(MONTH)


def posted(database, month, *, today=AFTER, most=1000):
    """What the job does for one month; `most` dealers of it."""
    with transaction(database.system_session()) as session:
        assert next_month(session, today=today) == month
    for _ in range(most):
        with transaction(database.system_session()) as session:
            if not count_dealers(session, month=month, zone=cast.ZONE, limit=1):
                break
    else:
        return None
    with transaction(database.system_session()) as session:
        return post_month(session, actor=SYSTEM, month=month, at=LATER)


def liability(owner):
    return owner.execute(
        text("SELECT coalesce(-sum(amount), 0) FROM company_line WHERE account = 'rebate_liability'")
    ).scalar_one()


def balanced(owner):
    return not owner.execute(text("SELECT sum(amount) FROM company_line")).scalar_one()


def test_what_is_accrued_and_not_settled_is_owed_without_tax(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    _, number = published(database)
    reckoned(database)
    accrued = earned_by(database, number).accrued
    assert posted(database, MONTH) == 1
    assert liability(owner) == (accrued / D("1.13")).quantize(D("0.01"))
    assert balanced(owner)
    row = owner.execute(text("SELECT * FROM rebate_liability")).one()
    assert (row.accrued, row.settled, row.amount) == (accrued, 0, accrued)
    with transaction(database.system_session()) as session:
        assert next_month(session, today=AFTER) is None


def test_a_programme_without_tax_owes_what_it_accrued(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    _, number = published(database, basis=Basis.AMOUNT_NET)
    reckoned(database)
    posted(database, MONTH)
    assert liability(owner) == earned_by(database, number).accrued


def test_what_is_settled_is_owed_no_more(given, database, owner):
    delivered(given, database, {cast.gauze: 40})
    _, number = published(database)
    reckoned(database)
    posted(database, MONTH)
    settled(database, number, MONTH)
    after = clock.first_day(clock.next_period(NEXT))
    assert posted(database, NEXT, today=after) == 1
    assert liability(owner) == 0
    assert balanced(owner)
    assert owner.execute(text("SELECT count(*) FROM company_entry")).scalar_one() == 2


def test_what_came_after_the_month_does_not_count_in_it(given, database, owner):
    delivered(given, database, {cast.gauze: 10})
    published(database, valid_to=MONTH_ENDS + timedelta(days=40))
    with transaction(database.system_session()) as session:
        assert next_month(session, today=MONTH_ENDS) is None
    delivered(given, database, {cast.gauze: 30}, on=AFTER)
    posted(database, MONTH)
    row = owner.execute(text("SELECT accrued FROM rebate_liability")).one()
    first = owner.execute(text("SELECT min(gross) FROM invoice")).scalar_one()
    assert row.accrued == (first * D("0.02")).quantize(D("0.01"))


def test_a_month_that_was_broken_off_goes_on_and_is_posted_once(given, database, owner):
    for dealer in (cast.huadong, cast.suzhou):
        delivered(given, database, {cast.gauze: 40}, to=dealer)
    published(database)
    assert posted(database, MONTH, most=1) is None
    assert posted(database, MONTH) == 1
    assert owner.execute(text("SELECT count(*) FROM rebate_liability")).scalar_one() == 2
    with transaction(database.system_session()) as session:
        assert post_month(session, actor=SYSTEM, month=MONTH, at=LATER) == 0
        assert count_dealers(session, month=MONTH, zone=cast.ZONE, limit=5) == 0


def test_an_entry_that_does_not_balance_is_refused(owner):
    with pytest.raises(Exception, match="balance"):
        owner.execute(
            text(
                "WITH e AS (INSERT INTO company_entry (kind, subject, month, posted_at, posted_by)"
                " VALUES ('rebate_liability', 'x', '2026-01', now(), 'x') RETURNING id)"
                " INSERT INTO company_line SELECT id, 'rebates', 1 FROM e"
            )
        )
