"""Whom an entry reaches: nobody sees, finds, counts or opens what is not addressed to the own dealer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.feed import queries
from portal.feed.acknowledge import acknowledge_entry, open_entry
from portal.feed.addressing import Whom, reach
from portal.feed.attachments import attached_file
from portal.feed.drafts import draft_entry, withdraw_entry
from portal.feed.editorial import edited_entry, entries
from portal.feed.rules import Content
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, NotFound
from tests import cast
from tests.feed.acts import A_PDF, draft, feed_of, numbers_of, published

EVERYBODY = {"huadong", "yuegang", "suzhou"}


@pytest.mark.parametrize(
    ("whom", "reached"),
    [
        ({}, EVERYBODY),
        ({"regions": ("east",)}, {"huadong", "suzhou"}),  # with the provinces below
        ({"regions": ("32",)}, {"suzhou"}),
        ({"regions": ("east", "44")}, EVERYBODY),
        ({"tiers": ("S", "B")}, {"huadong", "yuegang"}),
        ({"regions": ("east",), "tiers": ("A", "B")}, {"suzhou"}),
        ({"dealers": ("yuegang",)}, {"yuegang"}),
        ({"regions": ("32",), "dealers": ("yuegang",)}, {"suzhou", "yuegang"}),
        ({"tiers": ("C",)}, set()),
    ],
)
def test_an_entry_reaches_whom_it_is_addressed_to(given, database, whom, reached):
    number = given.an_entry(**whom)
    seen = {dealer.code for dealer in cast.dealers if number in numbers_of(database, dealer.finance)}
    assert seen == reached
    with transaction(database.session_for(cast.national_manager.actor())) as session:
        count, _ = reach(session, actor=cast.national_manager.actor(), whom=Whom(**whom))
    assert count == len(reached)


def test_a_product_line_reaches_those_whose_licences_let_them_buy_of_it(given, database, owner):
    names = text("UPDATE dealer_licence SET category_codes = :codes WHERE dealer_id = :dealer")
    for dealer, codes in ((cast.huadong, ["P07"]), (cast.yuegang, ["T", "A02"])):
        owner.execute(names, {"dealer": dealer.id, "codes": codes})
    expected = {
        "P": {"huadong", "suzhou"},  # suzhou's licences name no line, so they cover every one
        "P07": {"huadong", "suzhou"},
        "T01": {"yuegang", "suzhou"},
        "A": {"yuegang", "suzhou"},
    }
    for line, reached in expected.items():
        number = given.an_entry(categories=(line,))
        assert {d.code for d in cast.dealers if number in numbers_of(database, d.buyer)} == reached


def test_what_is_not_addressed_to_a_dealer_does_not_exist_for_it(given, database):
    number = given.an_entry(dealers=["huadong"], must_acknowledge=True, file=A_PDF)
    rival, at = cast.yuegang.buyer.actor(), clock.now()
    for act in (
        lambda session: open_entry(session, actor=rival, number=number, at=at),
        lambda session: acknowledge_entry(session, actor=rival, number=number, at=at),
        lambda session: attached_file(session, actor=rival, number=number, place=1, at=at),
    ):
        with pytest.raises(NotFound), transaction(database.session_for(rival)) as session:
            act(session)
    with transaction(database.session_for(rival)) as session:
        assert queries.entries(session, actor=rival, at=at, unread=True).items == ()
        assert queries.demanded_count(session, dealer_id=cast.yuegang.id, at=at) == 0
    assert numbers_of(database, cast.yuegang.buyer, q=number) == []


@pytest.mark.parametrize("hidden", ["draft", "to come", "withdrawn"])
def test_what_is_not_published_yet_or_any_more_does_not_exist(given, database, hidden):
    editor, at = cast.national_manager.actor(), clock.now()
    with transaction(database.session_for(editor)) as session:
        if hidden == "draft":
            number = draft(session, editor)
        else:
            number = published(
                session, editor, not_before=at + timedelta(minutes=5) if hidden == "to come" else None
            )
        if hidden == "withdrawn":
            withdraw_entry(session, actor=editor, number=number, revision=2, reason="wrong", at=at)
    buyer = cast.huadong.buyer.actor()
    assert numbers_of(database, cast.huadong.buyer) == []
    with pytest.raises(NotFound), transaction(database.session_for(buyer)) as session:
        open_entry(session, actor=buyer, number=number, at=at)
    if hidden == "to come":
        assert numbers_of(database, cast.huadong.buyer, at=at + timedelta(minutes=6)) == [number]


def test_a_regions_manager_reaches_the_own_region_only(given, database):
    manager = cast.south_manager.actor()
    whole = given.an_entry(by=cast.south_manager)
    tier = given.an_entry(by=cast.south_manager, tiers=("S", "B"))
    assert set(numbers_of(database, cast.yuegang.buyer)) == {whole, tier}
    assert numbers_of(database, cast.huadong.buyer) == []
    for whom in (
        Whom(regions=("east",)),
        Whom(regions=("31",)),
        Whom(dealers=("huadong",)),
        Whom(dealers=("no-such",)),
        Whom(tiers=("X",)),
        Whom(categories=("Q99",)),
    ):
        with pytest.raises(Invalid) as refusal, transaction(database.session_for(manager)) as session:
            content = Content("notice", "通知", "Notice")
            draft_entry(session, actor=manager, content=content, whom=whom, at=clock.now())
        assert [fault.code.partition("_")[0] for fault in refusal.value.faults] == ["unknown"]
        with transaction(database.session_for(manager)) as session:
            assert reach(session, actor=manager, whom=whom)[0] == 0
    with transaction(database.session_for(manager)) as session:
        assert reach(session, actor=manager, whom=Whom())[0] == 1


def test_a_manager_sees_the_nations_entries_that_reach_the_region_and_answers_for_the_own(given, database):
    theirs = given.an_entry(by=cast.east_manager)
    named = given.an_entry(dealers=["huadong"])
    for_all = given.an_entry()
    manager = cast.south_manager.actor()
    with transaction(database.session_for(manager)) as session:
        seen = [row.number for row in entries(session, actor=manager, at=clock.now()).items]
        assert seen == [for_all]
        assert not edited_entry(session, actor=manager, number=for_all, at=clock.now()).editable
    for number in (theirs, named):
        with pytest.raises(NotFound), transaction(database.session_for(manager)) as session:
            edited_entry(session, actor=manager, number=number, at=clock.now())
    with pytest.raises(NotFound), transaction(database.session_for(manager)) as session:
        withdraw_entry(session, actor=manager, number=for_all, revision=2, reason="x", at=clock.now())


def test_to_publish_is_a_right_of_its_own(given, database):
    clerk = cast.order_desk.actor()
    with transaction(database.session_for(clerk)) as session:
        number = draft(session, clerk)
    with pytest.raises(Forbidden), transaction(database.session_for(clerk)) as session:
        published(session, clerk)
    assert number not in numbers_of(database, cast.huadong.buyer)


def test_the_feed_is_searched_in_chinese_and_filtered_and_pinned_stands_first(given, database):
    old = given.an_entry(pinned=True, title_zh="召回培训提醒", title_en="Recall training", kind="training")
    mail = given.an_entry(text_zh="國慶節期間倉庫停止發貨。", text_en="No shipping on national holidays.")
    plain = given.an_entry(kind="policy", title_zh="手套价格政策", title_en="Gloves")
    reader = cast.huadong.buyer
    assert numbers_of(database, reader) == [old, plain, mail]
    assert numbers_of(database, reader, q="国庆节") == [mail]
    assert numbers_of(database, reader, q="ＲＥＣＡＬＬ") == [old]
    assert numbers_of(database, reader, q="100%_") == []
    assert numbers_of(database, reader, kind="policy") == [plain]
    with transaction(database.session_for(reader.actor())) as session:
        open_entry(session, actor=reader.actor(), number=plain, at=clock.now())
    assert numbers_of(database, reader, unread=True) == [old, mail]
    assert numbers_of(database, cast.huadong.boss, unread=True) == [old, plain, mail]


def test_a_pin_ends_with_what_it_says(given, database):
    now = clock.now()
    until = now + timedelta(hours=1)
    pinned = given.an_entry(pinned=True, valid_until=until)
    given.an_entry()
    assert feed_of(database, cast.huadong.buyer)[0].number == pinned
    later = feed_of(database, cast.huadong.buyer, at=until + timedelta(seconds=1))
    assert later[-1].number == pinned and not later[-1].is_pinned


def test_pages_follow_each_other_without_a_gap_however_an_entry_is_addressed(given, database):
    whom = [{}, {"regions": ("east", "31")}, {"tiers": ("S", "A")}, {"dealers": ["huadong"]}]
    made = [given.an_entry(**whom[place % 4]) for place in range(11)]
    actor, found, cursor = cast.huadong.buyer.actor(), [], None
    with transaction(database.session_for(actor)) as session:
        for _ in range(20):
            page = queries.entries(session, actor=actor, at=clock.now(), limit=3, cursor=cursor)
            found += [row.number for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == made[::-1]
        back = queries.entries(session, actor=actor, at=clock.now(), limit=3, cursor=page.previous_cursor)
    assert [row.number for row in back.items] == made[::-1][6:9]
