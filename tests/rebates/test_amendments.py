"""A published programme is amended from a stated day: by a proposal of its own, never in its own row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.rebates.amendment_faults import Amending, amendment_faults
from portal.rebates.amendment_preview import preview_of_amendment
from portal.rebates.amendments import amendment
from portal.rebates.decide_amendment import (
    approve_amendment,
    recall_amendment,
    reject_amendment,
    submit_amendment,
)
from portal.rebates.draft_amendment import edit_amendment
from portal.rebates.publish_amendment import publish_amendment, withdraw_amendment
from portal.rebates.publish_programme import withdraw_programme
from portal.rebates.rules import Basis, PeriodKind
from portal.rebates.terms import AmendmentTerms, TierTerms
from tests import cast
from tests.ledger.acts import delivered
from tests.races import failures, together, until_somebody_waits_for_a_row
from tests.rebates.acts import (
    AUTHOR,
    COLLEAGUE,
    MONTH_BEGINS,
    MONTH_ENDS,
    amended,
    amending,
    amendment_act,
    amendment_draft,
    approved_amendment,
    as_staff,
    draft,
    earned_by,
    lines_of,
    percents,
    publish_an_amendment,
    published,
    reckoned,
    terms,
)

DAY = timedelta(days=1)


def row(owner, amendment_id: int):
    query = text("SELECT * FROM rebate_amendment WHERE id = :id")
    return owner.execute(query, {"id": amendment_id}).one()


def counted(database, number: str) -> D:
    return earned_by(database, number).qualified


def share(amount: D, percent: str) -> D:
    return (amount * D(percent) / 100).quantize(D("0.01"))


def preview(database, programme: int, amendment_id: int, person=AUTHOR):
    actor = person.actor()
    with database.staff_session(actor) as session:
        found = amendment(session, programme_id=programme, name=str(amendment_id))
        return preview_of_amendment(
            session, actor=actor, programme_id=programme, amendment=found, today=cast.TODAY
        )


# Its life


def test_from_the_draft_to_the_other_tiers(given, database, owner):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database)
    reckoned(database)
    before = earned_by(database, number)
    row_before = owner.execute(text("SELECT * FROM rebate_programme WHERE id = :id"), {"id": programme}).one()
    key = approved_amendment(database, programme, amending(cast.TODAY, ("0", "5")))
    assert reckoned(database) == 0, "nothing changes before it is published"
    publish_an_amendment(database, key)
    assert reckoned(database) > 0
    after = earned_by(database, number)
    assert (before.accrued, after.accrued) == (share(before.qualified, "2"), share(before.qualified, "5"))
    assert sum(line.amount for line in lines_of(database, number)) == after.accrued
    assert [one.start for one in after.terms.amendments] == [cast.TODAY]
    owner.rollback()
    now = owner.execute(text("SELECT * FROM rebate_programme WHERE id = :id"), {"id": programme}).one()
    assert now == row_before, "the programme itself stands"


def test_every_line_takes_the_table_of_its_day(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database)
    amended(database, programme, amending(cast.TODAY + DAY, ("0", "5")))
    reckoned(database)
    assert earned_by(database, number).accrued == share(counted(database, number), "2")


def test_a_day_in_a_past_period_reckons_that_period_anew(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database, valid_to=MONTH_ENDS + timedelta(days=100))
    afterwards, period = MONTH_ENDS + timedelta(days=40), MONTH_BEGINS.strftime("%Y-%m")
    reckoned(database, today=afterwards)
    before = earned_by(database, number, period=period)
    assert before.accrued == share(before.qualified, "2") > 0
    amended(database, programme, amending(MONTH_BEGINS, ("0", "4")))
    reckoned(database, today=afterwards)
    after = earned_by(database, number, period=period)
    assert after.accrued == share(before.qualified, "4")


def test_several_amendments_each_from_its_day_in_any_order(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database, amendments=(AmendmentTerms(MONTH_BEGINS, percents(("0", "1"))),))
    amended(database, programme, amending(cast.TODAY, ("0", "7")))
    amended(database, programme, amending(cast.TODAY - DAY, ("0", "6")))
    reckoned(database)
    found = earned_by(database, number)
    assert [one.start for one in found.terms.amendments] == [MONTH_BEGINS, cast.TODAY - DAY, cast.TODAY]
    assert found.accrued == share(found.qualified, "7")


def test_a_withdrawn_amendment_gives_its_day_back(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database)
    key = amended(database, programme, amending(MONTH_BEGINS, ("0", "9")))
    reckoned(database)
    with pytest.raises(Forbidden):  # who published it does not undo it alone
        amendment_act(database, AUTHOR, withdraw_amendment, key, reason="a slip", at=cast.NOW)
    amendment_act(database, COLLEAGUE, withdraw_amendment, key, reason="a slip", at=cast.NOW)
    reckoned(database)
    found = earned_by(database, number)
    assert found.accrued == share(found.qualified, "2") and not found.terms.amendments
    amended(database, programme, amending(MONTH_BEGINS, ("0", "3")))
    reckoned(database)
    assert earned_by(database, number).accrued == share(found.qualified, "3")


def test_nobody_who_had_a_hand_in_it_approves_it(database):
    programme, _ = published(database)
    key = amendment_draft(database, programme, amending(cast.TODAY))
    amendment_act(
        database, COLLEAGUE, edit_amendment, key, revision=1, amending=amending(cast.TODAY, ("0", "4"))
    )
    amendment_act(database, AUTHOR, submit_amendment, key, revision=2, at=cast.NOW)
    for hand in (AUTHOR, COLLEAGUE):
        with pytest.raises(Forbidden):
            amendment_act(database, hand, approve_amendment, key, revision=3, at=cast.NOW)
    amendment_act(database, cast.hq_finance, approve_amendment, key, revision=3, at=cast.NOW)


@pytest.mark.parametrize("back", ["rejected", "recalled"])
def test_what_comes_back_is_a_draft_with_the_reason(database, owner, back):
    programme, _ = published(database)
    key = approved_amendment(database, programme, amending(cast.TODAY))
    person, verb = (COLLEAGUE, reject_amendment) if back == "rejected" else (AUTHOR, recall_amendment)
    amendment_act(database, person, verb, key, revision=3, reason="too dear")
    found = row(owner, key)
    assert (found.state, found.reason, found.approved_by) == ("draft", "too dear", None)
    with pytest.raises(Conflict):
        amendment_act(database, AUTHOR, publish_amendment, key, revision=4, at=cast.NOW)


def test_a_published_amendment_stands_even_against_sql(database, owner):
    programme, _ = published(database)
    key = amended(database, programme, amending(cast.TODAY))
    for change in ("UPDATE rebate_amendment SET starts_on = starts_on - 1", "DELETE FROM rebate_amendment"):
        with pytest.raises(DBAPIError, match="never changes"):
            owner.execute(text(f"{change} WHERE id = :id"), {"id": key})
    with pytest.raises(Conflict):
        amendment_act(
            database, AUTHOR, edit_amendment, key, revision=4, amending=amending(cast.TODAY, ("0", "4"))
        )


# What is refused


def test_only_a_published_programme_is_amended(database):
    programme, _ = draft(database)
    with pytest.raises(Conflict) as refusal:
        amendment_draft(database, programme, amending(cast.TODAY))
    assert refusal.value.code == "not_published"


def test_what_ended_too_long_ago_is_not_amended(database):
    first = cast.TODAY - timedelta(days=500)
    programme, _ = published(database, valid_from=first, valid_to=first + timedelta(days=60))
    with pytest.raises(Conflict) as refusal:
        amendment_draft(database, programme, amending(first))
    assert refusal.value.code == "over"


def test_two_amendments_from_one_day_are_refused(database):
    programme, _ = published(database, amendments=(AmendmentTerms(cast.TODAY - DAY, percents(("0", "1"))),))
    amendment_draft(database, programme, amending(cast.TODAY))
    for day in (cast.TODAY, cast.TODAY - DAY):
        with pytest.raises(Invalid) as refusal:
            amendment_draft(database, programme, amending(day))
        assert [(one.pointer, one.code) for one in refusal.value.faults] == [("/from", "same_day")]


def test_of_two_amendments_from_one_day_at_once_one_is_written(database):
    programme, _ = published(database)
    [refusal] = failures(together(2, lambda _: amendment_draft(database, programme, amending(cast.TODAY))))
    assert isinstance(refusal, Invalid) and refusal.faults[0].code == "same_day"


@pytest.mark.parametrize(
    ("what", "faults"),
    [
        (amending(MONTH_BEGINS), set()),
        (amending(MONTH_BEGINS - DAY), {"/from"}),
        (amending(MONTH_ENDS + DAY), {"/from"}),
        (Amending(None, (), " "), {"/from", "/tiers_of", "/reason"}),
        (amending(MONTH_BEGINS, why="x" * 501), {"/reason"}),
        (amending(MONTH_BEGINS, ("5", "1"), ("5", "2")), {"/tiers_of/1/from"}),
        (amending(MONTH_BEGINS, ("5", "1"), ("4", "2")), {"/tiers_of/1/from"}),
        (amending(MONTH_BEGINS, ("-1", "101")), {"/tiers_of/0/from", "/tiers_of/0/percent"}),
        (Amending(MONTH_BEGINS, (TierTerms(D(0)),), "x"), {"/tiers_of/0/percent"}),
    ],
)
def test_every_fault_is_told_beside_its_field(what, faults):
    assert {one.pointer for one in amendment_faults(terms(), what, set())} == faults


def test_tiers_are_judged_by_the_programme_they_amend():
    pieces = terms(basis=Basis.QUANTITY, tiers_of=(TierTerms(D(0), fixed=D(5)),))
    assert {one.code for one in amendment_faults(pieces, amending(MONTH_BEGINS), set())} == {
        "percent_of_pieces"
    }


def test_who_may_not_write_or_see_it(database):
    programme, _ = published(database)
    for stranger in (cast.order_desk, cast.hq_finance):
        with pytest.raises(Forbidden):
            amendment_draft(database, programme, amending(cast.TODAY), stranger)
    with pytest.raises(NotFound):
        amendment_draft(database, programme, amending(cast.TODAY), cast.south_manager)
    key = approved_amendment(database, programme, amending(cast.TODAY))
    with pytest.raises(NotFound):
        amendment_act(database, cast.south_manager, publish_amendment, key, revision=3, at=cast.NOW)


# Who comes at the same time


def test_published_while_it_is_reckoned_it_is_reckoned_again(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database)
    key = approved_amendment(database, programme, amending(MONTH_BEGINS, ("0", "5")))

    def act(place: int) -> None:
        if place:
            publish_an_amendment(database, key)
        else:
            reckoned(database)

    assert not failures(together(2, act))
    reckoned(database)
    found = earned_by(database, number)
    assert found.accrued == share(found.qualified, "5")
    assert reckoned(database) == 0


def test_published_while_the_programme_is_withdrawn_it_is_wholly_before_or_refused(database, owner):
    programme, _ = published(database)
    key = approved_amendment(database, programme, amending(cast.TODAY))

    def act(place: int) -> None:
        if place:
            publish_an_amendment(database, key)
        else:
            as_staff(
                database,
                COLLEAGUE,
                lambda session, actor: withdraw_programme(
                    session,
                    actor=actor,
                    programme_id=programme,
                    reason="agreed otherwise",
                    zone=cast.ZONE,
                    at=cast.NOW,
                ),
            )

    refused = failures(together(2, act))
    state = owner.execute(text("SELECT state FROM rebate_programme WHERE id = :id"), {"id": programme})
    assert state.scalar_one() == "withdrawn"
    assert row(owner, key).state == ("approved" if refused else "published")
    assert all(isinstance(one, Conflict) for one in refused)


def test_published_while_the_programme_is_being_withdrawn_it_waits_and_is_refused(database, owner):
    programme, _ = published(database)
    key = approved_amendment(database, programme, amending(cast.TODAY))
    actor = COLLEAGUE.actor()
    with ThreadPoolExecutor(1) as pool:
        with transaction(database.staff_session(actor)) as session:
            withdraw_programme(
                session,
                actor=actor,
                programme_id=programme,
                reason="agreed otherwise",
                zone=cast.ZONE,
                at=cast.NOW,
            )
            publishing = pool.submit(publish_an_amendment, database, key)
            until_somebody_waits_for_a_row(owner)
        with pytest.raises(Conflict) as refusal:
            publishing.result(60)
    assert refusal.value.code == "not_published"
    owner.rollback()
    assert row(owner, key).state == "approved"


# What it would change


def test_the_preview_tells_by_period_and_dealer_what_changes(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, number = published(database, period=PeriodKind.MONTH)
    reckoned(database)
    was = earned_by(database, number)
    key = amendment_draft(database, programme, amending(MONTH_BEGINS, ("0", "5")))
    found = preview(database, programme, key)
    assert [(one.dealer_code, one.period, one.before, one.after) for one in found.changes] == [
        (cast.huadong.code, was.period, was.accrued, share(was.qualified, "5"))
    ]
    assert [(one.period, one.difference, one.dealers, one.is_over) for one in found.periods] == [
        (was.period, found.changes[0].difference, 1, False)
    ]
    assert found.left_out == 0 and found.dealers > 0
    assert reckoned(database) == 0, "nothing is written"
    amendment_act(database, AUTHOR, submit_amendment, key, revision=1, at=cast.NOW)
    amendment_act(database, COLLEAGUE, approve_amendment, key, revision=2, at=cast.NOW)
    publish_an_amendment(database, key)
    reckoned(database)
    assert earned_by(database, number).accrued == found.changes[0].after


def test_the_preview_tells_what_it_closes_to_programmes_after_it(given, database):
    delivered(given, database, {cast.gauze: 50})
    dear = percents(("999999", "1"))
    programme, first = published(database, priority=1, combinable=False, tiers_of=dear)
    _, second = published(database, priority=2)
    reckoned(database)
    was = earned_by(database, second).accrued
    key = amendment_draft(database, programme, amending(MONTH_BEGINS, ("0", "1")))
    found = {one.programme: one for one in preview(database, programme, key).changes}
    assert (found[first].before, found[second].before, found[second].after) == (D(0), was, D(0))
    assert found[first].after > 0


def test_a_preview_sees_the_dealers_of_its_reader_only(given, database):
    delivered(given, database, {cast.gauze: 50})
    programme, _ = published(database)
    reckoned(database)
    key = amendment_draft(database, programme, amending(MONTH_BEGINS, ("0", "5")))
    assert preview(database, programme, key).changes
    with pytest.raises(Forbidden):
        preview(database, programme, key, cast.order_desk)
