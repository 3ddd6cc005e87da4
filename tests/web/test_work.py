"""What waits for whoever looks: counted in their scope, by their rights, and where it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.kernel import clock
from portal.kernel.registry import registry
from tests import cast
from tests.papers import acts as papers
from tests.pricing.acts import submit
from tests.roles import Person
from tests.work import waiting

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))


@pytest.fixture
def work(database):
    """``work(person)``: number by kind of what waits, as the overview asks the capabilities."""

    def of(person: Person) -> dict[str, int]:
        with database.session_for(person.actor()) as session:
            sources = [one.work for one in registry().capabilities if one.work is not None]
            met = waiting(session, person.actor(), *sources)
        return {one.label: one.count for one in met if one.count}

    return of


def test_the_desk_releases_picks_and_ships(given, work):
    given.an_order({cast.gloves: 1}, by=cast.huadong.buyer)
    given.a_parcel_of(given.an_order({cast.gloves: 1}, by=cast.huadong.buyer).number)
    given.a_parcel_of(given.an_order({cast.syringe: 10}, by=cast.yuegang.buyer).number)
    given.credit_limit_of(cast.yuegang, "0.01")
    for _ in range(3):
        given.an_order({cast.syringe: 10}, by=cast.yuegang.buyer)
    waits = {name: count for name, count in work(cast.order_desk).items() if name.startswith("Orders")}
    assert waits == {"Orders to release": 3, "Orders to pick": 1, "Orders to ship": 2}
    finance = work(cast.hq_finance)
    assert finance["Orders to release"] == 3 and "Orders to pick" not in finance
    assert not [name for name in work(cast.national_manager) if name.startswith("Orders")]


def test_a_buyer_confirms_what_has_left_and_is_the_own_dealers(given, work):
    first = given.a_delivery_of(given.an_order({cast.gloves: 1}, by=cast.huadong.buyer).number)
    given.a_delivery_of(given.an_order({cast.gloves: 2}, by=cast.huadong.buyer).number)
    assert work(cast.huadong.buyer) == {"Orders to confirm receipt of": 2}
    assert work(cast.yuegang.buyer) == work(cast.huadong.finance) == {}
    given.a_receipt_of(first.shipment_number, by=cast.huadong.buyer)
    assert work(cast.huadong.buyer) == {"Orders to confirm receipt of": 1}


def test_who_asked_for_a_correction_is_not_who_decides_on_it(given, work):
    given.a_reversal_asked_for(given.a_payment_by(cast.huadong, "3.21"))
    assert "Corrections to decide on" not in work(cast.hq_finance)
    assert work(cast.finance_colleague)["Corrections to decide on"] == 1


def test_the_month_that_is_over_is_to_be_closed(given, work):
    given.a_payment_by(cast.huadong, "3.21", on=clock.last_day(LAST_MONTH))
    month = "Month to close: %(period)s"
    assert work(cast.hq_finance)[month] == 1
    assert month not in work(cast.order_desk)
    given.a_closed_month(LAST_MONTH)
    assert month not in work(cast.hq_finance)


def test_a_manager_submits_drafts_and_publishes_what_is_approved(given, work):
    drafts, approved = "Policy drafts to submit", "Policies to publish"
    before = work(cast.national_manager).get(drafts, 0)
    given.a_policy(published_at=None)
    given.a_policy(published_at=None, approved=True)
    found = work(cast.national_manager)
    assert (found[drafts], found[approved]) == (before + 1, 1)
    assert not {drafts, approved} & set(work(cast.order_desk))


def test_what_waits_for_approval_waits_for_those_who_had_no_hand_in_it(database, work):
    submit(database)
    assert work(cast.national_colleague)["Policies to approve"] == 1
    for other in (cast.national_manager, cast.east_manager):  # its author; whose region it is not
        assert not work(other).get("Policies to approve")


@pytest.mark.parametrize(("days", "more"), [(0, 0), (1, 1), (31, 1), (32, 0)])
def test_a_paper_that_ends_within_a_month_is_told(given, work, database, owner, days, more):
    label = "Papers of dealers expiring within a month"
    number = papers.counting(database)
    assert label not in work(cast.quality)
    papers.aged(owner, number, valid_to=cast.TODAY + timedelta(days=days - 1))
    assert work(cast.quality).get(label, 0) == more
    assert work(cast.huadong.boss).get("Papers to renew", 0) == 1 and label not in work(cast.huadong.boss)


def test_the_overview_leads_to_it_urgent_work_first(sign_in, given):
    given.an_order({cast.gloves: 1}, by=cast.huadong.buyer)
    given.credit_limit_of(cast.yuegang, "0.01")
    given.an_order({cast.syringe: 10}, by=cast.yuegang.buyer)
    page = sign_in(cast.order_desk).get("/hq/").get_data(as_text=True)
    page = page[page.index("<main") :]  # the menu leads there too
    release, pick = (
        page.index('href="/hq/holds"'),
        page.index('href="/hq/orders?status=confirmed"'),
    )
    assert release < pick and "待放行订单" in page and "紧急" in page
