"""A policy or promotion that is withdrawn is told in the feed, with the same commit, to whom it was for."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.promotions.publish_promotion import withdraw_promotion
from tests import cast
from tests.builders import percent_off
from tests.feed.acts import feed_of, opened
from tests.pricing import acts as pricing
from tests.promotions import acts as promotions

BUYER = cast.huadong.buyer
OTHER = cast.yuegang.buyer


def withdraw_it(database, promotion: int) -> None:
    actor = cast.national_manager.actor()
    with transaction(database.staff_session(actor)) as session:
        withdraw_promotion(session, actor=actor, promotion_id=promotion, reason="误发")


def a_policy(database, given) -> int:
    drafted = given.a_policy(percent_off(2, dealer=cast.huadong), published_at=None)
    pricing.publish(database, policy=drafted)
    return drafted


def test_a_withdrawn_policy_is_marked_and_told_unread_to_whom_it_was_for(database, given):
    policy = a_policy(database, given)
    [entry] = feed_of(database, BUYER)
    opened(database, BUYER, entry.number)
    pricing.withdraw(database, policy=policy)
    told, marked = feed_of(database, BUYER)
    assert marked.number == entry.number and marked.revoked_at is not None
    assert told.is_unread and told.revoked_at is None
    assert told.title_zh == f"作废：{entry.title_zh}" and told.title_en == f"Withdrawn: {entry.title_en}"
    assert feed_of(database, OTHER) == []


def test_a_withdrawn_promotion_is_marked_and_told(database):
    promotion, _ = promotions.published(database)
    [entry] = feed_of(database, BUYER)
    withdraw_it(database, promotion)
    told, marked = feed_of(database, BUYER)
    assert (told.kind, marked.number) == ("promotion", entry.number)
    assert marked.revoked_at is not None and told.title_zh.startswith("作废：")


def test_other_entries_stay_as_they_are(database, given):
    kept, gone = a_policy(database, given), a_policy(database, given)
    pricing.withdraw(database, policy=gone)
    assert sum(row.revoked_at is not None for row in feed_of(database, BUYER)) == 1
    pricing.withdraw(database, policy=kept)
    assert sum(row.revoked_at is not None for row in feed_of(database, BUYER)) == 2


def test_a_title_of_the_greatest_length_is_cut_and_not_refused(database, given, owner):
    policy = a_policy(database, given)
    owner.execute(text("UPDATE feed_entry SET subject = ''"))  # as of before entries were tied to policies
    drafted = given.a_policy(
        percent_off(3, dealer=cast.huadong), published_at=None, title_zh="长" * 120, title_en="x" * 120
    )
    pricing.publish(database, policy=drafted)
    pricing.withdraw(database, policy=drafted)
    pricing.withdraw(database, policy=policy)
    titles = {row.title_zh for row in feed_of(database, BUYER)}
    assert "作废：" + "长" * 117 in titles and len(titles) == 4


def test_a_withdrawal_that_is_refused_tells_nothing(database, given):
    policy = a_policy(database, given)
    with pytest.raises(Invalid):
        pricing.withdraw(database, policy=policy, reason=" ")
    assert [row.revoked_at for row in feed_of(database, BUYER)] == [None]


def test_dealers_and_headquarters_see_that_it_is_withdrawn(database, given, sign_in):
    policy = a_policy(database, given)
    pricing.withdraw(database, policy=policy)
    _, marked = feed_of(database, BUYER)
    buyer, manager = sign_in(BUYER), sign_in(cast.national_manager)
    assert "已作废" in buyer.get("/feed").get_data(as_text=True)
    for visitor, address in ((buyer, "/feed/"), (manager, "/hq/notices/")):
        assert "不再适用" in visitor.get(address + marked.number).get_data(as_text=True)
