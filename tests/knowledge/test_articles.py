"""An article from its draft to its withdrawal: who may, what dealers read meanwhile, and whom it helped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.files.store import store_at
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.knowledge.find import find_articles
from portal.knowledge.publish_article import publish_article, reject_article, withdraw_article
from portal.knowledge.queries import article, articles, suggestions
from portal.knowledge.read_files import require_file_reader
from portal.knowledge.vote import vote
from portal.knowledge.waiting import work
from portal.knowledge.write_article import edit_article, recall_article
from tests import cast
from tests.files.acts import a_pdf, upload
from tests.knowledge.acts import (
    AUTHOR,
    PUBLISHER,
    PUMP,
    READER,
    as_,
    drafted,
    published,
    seen,
    submitted,
)
from tests.races import together

RIVAL = cast.yuegang.service


def read(database, number, *, by=READER):
    return as_(database, by, article, number=number)


def found(database, q, **about):
    with database.session_for(READER.actor()) as session:
        return [one.number for one in suggestions(session, q=q, **about)]


def test_nobody_reads_an_article_before_another_person_has_published_it(database):
    number = drafted(database)
    submitted(database, number)
    with pytest.raises(NotFound):
        read(database, number)
    assert found(database, "输液泵报警") == []
    with pytest.raises(Forbidden):
        as_(database, AUTHOR, publish_article, number=number, revision=None, at=cast.NOW)
    as_(database, PUBLISHER, publish_article, number=number, revision=None, at=cast.NOW)
    assert read(database, number).title_zh == PUMP.title_zh
    assert read(database, number, by=RIVAL).text_en == PUMP.text_en


def test_who_had_a_hand_in_it_publishes_nothing_of_it(database, owner):
    number = drafted(database, by=PUBLISHER)
    about = {"number": number, "revision": None, "content": PUMP, "at": cast.NOW}
    as_(database, AUTHOR, edit_article, **about)
    submitted(database, number)
    for act, more in ((publish_article, {"at": cast.NOW}), (reject_article, {"reason": "x"})):
        with pytest.raises(Forbidden, match="same_person"):
            as_(database, PUBLISHER, act, number=number, revision=None, **more)
    with pytest.raises(DBAPIError, match="other_person"):
        owner.execute(
            text("UPDATE knowledge_version SET approved_by = written_by[1] WHERE number = :number"),
            {"number": f"{number}.1"},
        )


def test_dealers_read_the_published_version_until_the_next_is(database, owner):
    number = published(database)
    next_one = replace(PUMP, title_zh="输液泵报警 E03 与 E04", words="E04")
    about = {"number": number, "content": next_one, "at": cast.NOW}
    as_(database, AUTHOR, edit_article, revision=seen(database, number).revision, **about)
    assert (seen(database, number).version_no, seen(database, number).state) == (2, "draft")
    assert read(database, number).version_no == 1 and found(database, "E04") == []
    submitted(database, number)
    as_(database, PUBLISHER, publish_article, number=number, revision=None, at=cast.NOW)
    assert read(database, number).title_zh == next_one.title_zh
    assert found(database, "E04") == [number] and found(database, "堵管") == []
    with pytest.raises(DBAPIError, match="never changes"):
        owner.execute(text("UPDATE knowledge_version SET title_zh = 'x' WHERE version_no = 1"))


def test_what_is_sent_back_or_taken_back_is_a_draft_again(database):
    number = submitted(database, drafted(database))
    with pytest.raises(Invalid):
        as_(database, PUBLISHER, reject_article, number=number, revision=None, reason=" ")
    as_(database, PUBLISHER, reject_article, number=number, revision=None, reason="请补图")
    assert (seen(database, number).state, seen(database, number).reason) == ("draft", "请补图")
    submitted(database, number)
    as_(database, AUTHOR, recall_article, number=number, revision=None)
    with pytest.raises(Conflict, match="not_submitted"):
        as_(database, PUBLISHER, publish_article, number=number, revision=None, at=cast.NOW)


def test_a_withdrawn_article_is_neither_read_nor_found_and_may_come_again(database):
    number = published(database)
    about = {"number": number, "at": cast.NOW}
    as_(database, PUBLISHER, withdraw_article, reason="型号停产", **about)
    with pytest.raises(NotFound):
        read(database, number)
    assert found(database, "输液泵") == []
    with pytest.raises(Conflict, match="not_in_force"):
        as_(database, PUBLISHER, withdraw_article, reason="x", **about)
    with pytest.raises(NotFound):
        as_(database, READER, vote, is_helpful=True, **about)
    as_(database, AUTHOR, edit_article, revision=None, content=PUMP, **about)
    submitted(database, number)
    as_(database, PUBLISHER, publish_article, revision=None, **about)
    assert read(database, number).version_no == 2


def test_whoever_read_an_older_draft_is_told(database):
    number = drafted(database)
    about = {"number": number, "revision": 1, "content": PUMP, "at": cast.NOW}
    as_(database, AUTHOR, edit_article, **about)
    with pytest.raises(Conflict, match="edited_meanwhile"):
        as_(database, cast.east_manager, edit_article, **about)


def test_two_who_publish_at_once_publish_once(database):
    number = submitted(database, drafted(database))

    def publish(place):
        who = (PUBLISHER, cast.quality_colleague)[place]
        try:
            as_(database, who, publish_article, number=number, revision=None, at=cast.NOW)
        except Conflict as refusal:
            return refusal.code
        return "published"

    assert sorted(together(2, publish)) == ["not_submitted", "published"]


def test_every_fault_of_an_article_is_told(database):
    wrong = replace(
        PUMP, title_zh=" ", title_en="x" * 121, text_zh="", text_en="y" * 10_001, words="\x00",
        kinds=("gossip",), categories=("NONE",),
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        drafted(database, wrong)
    assert {fault.pointer: fault.code for fault in refused.value.faults} == {
        "/title_zh": "title",
        "/title_en": "title",
        "/text_zh": "missing",
        "/text_en": "too_long",
        "/words": "unprintable",
        "/kinds": "unknown_kind",
        "/categories": "unknown_category",
    }


def test_the_likeliest_article_is_proposed_first(database, count_statements):
    pump = published(database)
    storage = published(
        database,
        replace(
            PUMP, title_zh="纱布的储存条件", title_en="How to store gauze", words="", kinds=("consultation",),
            text_zh="阴凉干燥处存放。输液室亦可。", text_en="Cool and dry.", categories=("A",),
        ),
    )  # fmt: skip
    assert found(database, "我们的輸液泵一直報警E03怎么办") == [pump]
    assert found(database, "Pumps alarm") == [pump]
    assert found(database, "how to store gauze") == [storage]
    assert found(database, "显微镜") == [] and found(database, "怎么办") == []
    assert found(database, "", kind="repair") == [pump]
    assert found(database, "", sku=cast.syringe.sku) == [storage]
    assert found(database, "") == []
    with transaction(database.session_for(READER.actor())) as session:
        session.connection()
        with count_statements() as counted:
            suggestions(session, q="输液泵 " * 100, kind="repair", sku=cast.syringe.sku)
        assert len(counted) == 1
        assert articles(session, q=pump).items[0].number == pump
        assert [one.number for one in articles(session, kind="consultation").items] == [storage]
        first = articles(session, limit=1)
        rest = articles(session, limit=1, cursor=first.next_cursor)
        assert {first.items[0].number, rest.items[0].number} == {pump, storage}


def test_who_searches_the_portal_finds_it(database):
    number = published(database)
    for who, endpoint in ((READER, "knowledge.show"), (AUTHOR, "articles.show")):
        with database.session_for(who.actor()) as session:
            [hit] = find_articles(session, who.actor(), "e03", 5)
        assert (hit.number, hit.endpoint) == (number, endpoint)


def test_a_reader_votes_once_and_the_latest_word_counts(database):
    number = published(database)
    about = {"number": number, "at": cast.NOW}
    as_(database, READER, vote, is_helpful=False, **about)
    as_(database, READER, vote, is_helpful=False, is_solved=True, **about)
    as_(database, RIVAL, vote, is_helpful=False, **about)
    found_by_all = seen(database, number)
    assert (found_by_all.helpful, found_by_all.unhelpful, found_by_all.solved) == (1, 1, 1)
    of_the_east = seen(database, number, by=cast.east_manager)
    assert (of_the_east.helpful, of_the_east.unhelpful) == (1, 0)
    assert (read(database, number).is_helpful, read(database, number).is_solved) == (True, True)
    assert read(database, number, by=cast.huadong.buyer).is_helpful is None
    with pytest.raises(Forbidden):
        as_(database, AUTHOR, vote, is_helpful=True, **about)


def test_a_file_is_read_as_long_as_the_version_in_force_shows_it(database, settings):
    store = store_at(settings.files_url)
    first = upload(database, store, AUTHOR.actor(), "a.pdf", a_pdf("first")).id
    number = published(database, files=[first])
    second = upload(database, store, AUTHOR.actor(), "b.pdf", a_pdf("second")).id
    about = {"number": number, "revision": None, "content": PUMP, "at": cast.NOW}
    as_(database, AUTHOR, edit_article, files=[second, first], **about)
    assert [one.id for one in read(database, number).files] == [first]

    def readable(file):
        with database.session_for(READER.actor()) as session:
            try:
                require_file_reader(session, READER.actor(), file)
            except NotFound:
                return False
        return True

    assert (readable(first), readable(second)) == (True, False)
    as_(database, AUTHOR, edit_article, files=[second], **about)
    submitted(database, number)
    as_(database, PUBLISHER, publish_article, number=number, revision=None, at=cast.NOW)
    assert (readable(first), readable(second)) == (False, True)
    with pytest.raises(Invalid):
        as_(database, AUTHOR, edit_article, files=["0" * 32], **about)


def test_what_was_handed_in_waits_for_another_person(database):
    submitted(database, drafted(database, by=PUBLISHER), by=PUBLISHER)

    def waits(who):
        with database.session_for(who.actor()) as session:
            return [one.count for one in work(session, who.actor(), cast.NOW, cast.TODAY)]

    assert waits(cast.quality_colleague) == [1]
    assert waits(PUBLISHER) == [] and waits(AUTHOR) == []


def test_dealers_and_others_write_and_publish_nothing(database):
    number = published(database)
    for who in (READER, cast.hq_finance):
        with pytest.raises(Forbidden):
            drafted(database, by=who)
        with pytest.raises(Forbidden):
            as_(database, who, withdraw_article, number=number, reason="x", at=cast.NOW)
    with pytest.raises(Forbidden):
        as_(database, AUTHOR, withdraw_article, number=number, reason="x", at=cast.NOW)
