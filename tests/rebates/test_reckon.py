"""What dealers have earned follows the ledger: every line, every return, nobody else's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.ledger.post_credit_note import Returned
from portal.rebates.publish_programme import withdraw_programme
from portal.rebates.reckon import begin_reckonings, published_programmes, reckon_dealers, stale_dealers
from portal.rebates.rules import Measure, OnTimeMode
from portal.rebates.terms import OnTimeTerms, TierTerms
from tests import cast
from tests.disputes.acts import a_note_on
from tests.ledger.acts import delivered, paid, returned, reversed_
from tests.races import together
from tests.rebates.acts import COLLEAGUE, as_staff, earned_by, lines_of, percents, published, reckoned


def invoiced(owner, dealer=cast.huadong) -> D:
    return owner.execute(
        text("SELECT coalesce(sum(gross), 0) FROM invoice WHERE dealer_id = :id"), {"id": dealer.id}
    ).scalar_one()


def test_every_line_earns_and_the_sum_is_the_rebate(given, database, owner):
    delivered(given, database, {cast.gloves: 3, cast.gauze: 7})
    delivered(given, database, {cast.gauze: 2})
    _, number = published(database, tiers_of=percents(("0", "2.5")))
    assert reckoned(database) > 0
    found, lines = earned_by(database, number), lines_of(database, number)
    assert found.qualified == invoiced(owner)
    assert found.accrued == (found.qualified * D("0.025")).quantize(D("0.01"))
    skus = [cast.gauze.sku, cast.gauze.sku, cast.gloves.sku]
    assert sorted(line.sku for line in lines) == sorted(skus)
    assert sum(line.amount for line in lines) == found.accrued
    assert lines[-1].cumulative == found.qualified
    assert found.period == cast.TODAY.strftime("%Y-%m")


def test_what_comes_back_is_taken_back(given, database, owner):
    parcel = delivered(given, database, {cast.gauze: 50})
    _, number = published(database)
    reckoned(database)
    before = earned_by(database, number).accrued
    returned(database, parcel.invoice_number, Returned(1, 20, "GZ-FRESH"))
    reckoned(database)
    after = earned_by(database, number)
    assert 0 < after.accrued < before
    assert after.accrued == (invoiced(owner) * D("0.02")).quantize(D("0.01"))
    assert [line.kind for line in lines_of(database, number)] == ["sale", "return"]


@pytest.mark.parametrize("gives", ["9.00", "-4.00"])
@pytest.mark.parametrize("on_time", [None, OnTimeTerms(OnTimeMode.LATE_EXCLUDED)], ids=["", "paid_in_time"])
def test_a_difference_in_price_counts_with_what_was_invoiced(given, database, gives, on_time):
    parcel = delivered(given, database, {cast.gauze: 50})
    paid(database, "2000")
    _, number = published(database, on_time=on_time)
    reckoned(database)
    before = earned_by(database, number)
    note = a_note_on(database, cast.huadong, parcel.invoice_number, gives)
    reckoned(database)
    after, last = earned_by(database, number), lines_of(database, number)[-1]
    assert before.accrued > 0 and after.qualified == before.qualified - D(gives)
    assert after.accrued == (after.qualified * D("0.02")).quantize(D("0.01"))
    assert (last.document, last.kind, last.quantity) == (note, "price_correction", 0)
    assert last.qualifier == -D(gives)


def test_only_who_is_stale_is_reckoned(given, database):
    published(database)
    assert reckoned(database) > 1
    assert reckoned(database) == 0
    delivered(given, database, {cast.gloves: 1})
    assert reckoned(database) == 1
    assert reckoned(database) == 0
    published(database, title_en="Another")
    assert reckoned(database) > 1
    assert reckoned(database, today=cast.TODAY + timedelta(days=1)) > 1


def test_what_has_not_changed_is_not_written_again(given, database, owner):
    delivered(given, database, {cast.gloves: 2})
    _, number = published(database)
    reckoned(database)
    before = owner.execute(text("SELECT xmin::text, dealer_id FROM rebate_accrual ORDER BY 2")).all()
    with transaction(database.system_session()) as session:
        programmes = published_programmes(session, today=cast.TODAY)
        assert reckon_dealers(session, programmes, [cast.huadong.id], today=cast.TODAY, at=cast.NOW) == 0
    assert owner.execute(text("SELECT xmin::text, dealer_id FROM rebate_accrual ORDER BY 2")).all() == before
    assert earned_by(database, number).accrued > 0


def test_a_rival_and_who_is_in_no_region_of_it_see_nothing(given, database):
    delivered(given, database, {cast.gloves: 2})
    _, number = published(database)
    reckoned(database)
    with pytest.raises(NotFound):
        earned_by(database, number, person=cast.yuegang.finance)
    assert earned_by(database, number, person=cast.suzhou.finance).accrued == 0


def test_a_programme_for_named_dealers_is_theirs_alone(given, database):
    _, number = published(database, dealers=(cast.huadong.code,), budget=D(100))
    reckoned(database)
    found = earned_by(database, number)
    assert found.terms.dealers == () and found.terms.budget is None
    with pytest.raises(NotFound):
        earned_by(database, number, person=cast.suzhou.finance)


def test_money_counts_when_it_comes_and_no_more_when_it_was_never_there(given, database):
    delivered(given, database, {cast.gauze: 40})
    _, number = published(database, measure=Measure.PAID)
    reckoned(database)
    assert earned_by(database, number).qualified == 0
    receipt = paid(database, "10.00")
    reckoned(database)
    assert earned_by(database, number).qualified == 10
    reversed_(database, receipt.document_no)
    reckoned(database)
    assert earned_by(database, number).qualified == 0


def test_goods_count_on_the_day_they_left(given, database, owner):
    delivered(given, database, {cast.gloves: 1})
    _, number = published(database, measure=Measure.SHIPPED)
    reckoned(database)
    [line] = lines_of(database, number)
    assert line.document == owner.execute(text("SELECT number FROM shipment")).scalar_one()


def test_unpaid_is_late(given, database, owner):
    delivered(given, database, {cast.gloves: 1})
    _, number = published(database, on_time=OnTimeTerms("all"))
    reckoned(database)
    found = earned_by(database, number)
    assert (found.accrued, found.unmet) == (0, ("on_time",))
    paid(database, str(invoiced(owner)))
    reckoned(database)
    assert earned_by(database, number).accrued > 0


def test_the_next_tier_is_told(given, database, owner):
    delivered(given, database, {cast.gloves: 1})
    _, number = published(database, tiers_of=(TierTerms(D(0), D(1)), TierTerms(D(1_000_000), fixed=D(777))))
    reckoned(database)
    found = earned_by(database, number)
    assert found.next_tier.missing == 1_000_000 - found.qualified
    assert found.next_tier.gain == 777 - found.accrued


def withdrawn(database, programme: int, *, days_later: int = 0) -> None:
    at = cast.NOW + timedelta(days=days_later)
    as_staff(
        database,
        COLLEAGUE,
        lambda session, actor: withdraw_programme(
            session, actor=actor, programme_id=programme, reason="over", zone=cast.ZONE, at=at
        ),
    )


def test_what_was_earned_until_a_withdrawal_stays(given, database):
    delivered(given, database, {cast.gloves: 1})
    programme, number = published(database, valid_from=cast.TODAY, valid_to=cast.TODAY + timedelta(days=9))
    reckoned(database)
    before = earned_by(database, number).accrued
    withdrawn(database, programme, days_later=1)
    reckoned(database)
    assert earned_by(database, number).accrued == before > 0


def test_nothing_is_earned_under_a_programme_withdrawn_on_its_first_day(given, database, owner):
    delivered(given, database, {cast.gloves: 1})
    programme, number = published(database, valid_from=cast.TODAY, valid_to=cast.TODAY + timedelta(days=9))
    reckoned(database)
    assert earned_by(database, number).accrued > 0
    withdrawn(database, programme)
    reckoned(database)
    with pytest.raises(NotFound):
        earned_by(database, number)
    assert owner.execute(text("SELECT count(*) FROM rebate_accrual_line")).scalar_one() == 0


def test_two_workers_write_each_figure_once(given, database, owner):
    delivered(given, database, {cast.gloves: 1})
    published(database)

    def reckon(_place: int) -> None:
        with transaction(database.system_session()) as session:
            programmes = published_programmes(session, today=cast.TODAY)
            reckon_dealers(session, programmes, [cast.huadong.id], today=cast.TODAY, at=cast.NOW)

    assert together(3, reckon) == [None] * 3
    assert owner.execute(text("SELECT count(*) FROM rebate_accrual_line")).scalar_one() == 1


def test_many_dealers_cost_as_many_statements_as_one(given, database, count_statements):
    published(database)
    counts = []
    for dealers in ([cast.huadong.id], [cast.huadong.id, cast.suzhou.id, cast.yuegang.id]):
        with count_statements() as counted, transaction(database.system_session()) as session:
            programmes = published_programmes(session, today=cast.TODAY)
            reckon_dealers(session, programmes, dealers, today=cast.TODAY, at=cast.NOW)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_who_is_named_goes_first_and_two_workers_take_different_dealers(database):
    published(database)
    with transaction(database.system_session()) as session:
        begin_reckonings(session)
    with (
        transaction(database.system_session()) as one,
        transaction(database.system_session()) as other,
    ):
        programmes = published_programmes(one, today=cast.TODAY)
        named = [cast.yuegang.code]
        taken = stale_dealers(one, programmes, today=cast.TODAY, limit=1, first=named)
        left = stale_dealers(other, programmes, today=cast.TODAY, limit=100, first=named)
    assert taken == [cast.yuegang.id]
    assert left and cast.yuegang.id not in left
