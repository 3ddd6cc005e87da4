"""A draft is edited, published and put right by one at a time; everything is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.feed.addressing import Whom
from portal.feed.attachments import attach_file, attached_file, detach_file
from portal.feed.drafts import correct_entry, edit_draft, withdraw_entry
from portal.feed.editorial import edited_entry, entries
from portal.feed.publish_entry import publish_draft
from portal.feed.readers import reach, readers
from portal.feed.rules import Content
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid, NotFound
from tests import cast
from tests.builders import percent_off
from tests.feed.acts import A_PDF, acknowledged, draft, feed_of, numbers_of, opened
from tests.pricing.acts import publish
from tests.races import failures, together

EDITOR = cast.national_manager
CONTENT = Content("notice", "改过", "Changed", "正文", "Text")


@pytest.fixture
def as_editor(database):
    """``as_editor(act)``: what ``act(session, actor)`` gives, committed."""

    def done(act, person=EDITOR):
        with transaction(database.session_for(person.actor())) as session:
            return act(session, person.actor())

    return done


@pytest.fixture
def number(as_editor):
    return as_editor(lambda session, actor: draft(session, actor))


def edit(session, actor, number, revision=1, **whom):
    return edit_draft(
        session, actor=actor, number=number, revision=revision, content=CONTENT, whom=Whom(**whom)
    )


def show(session, actor, number, revision=1, not_before=None):
    return publish_draft(
        session, actor=actor, number=number, revision=revision, at=clock.now(), not_before=not_before
    )


def test_of_two_editors_one_is_told_that_the_other_was_first(as_editor, number):
    assert as_editor(lambda session, actor: edit(session, actor, number)) == 2
    for late in (edit, show):
        with pytest.raises(Conflict, match="edited_meanwhile"):
            as_editor(lambda session, actor, late=late: late(session, actor, number))


def test_of_two_who_publish_at_once_one_does(as_editor, number, owner):
    outcomes = together(2, lambda _: as_editor(lambda session, actor: show(session, actor, number)))
    assert [type(error) for error in failures(outcomes)] == [Conflict]
    published = text("SELECT count(*) FROM audit_event WHERE action = 'notice:published'")
    assert owner.execute(published).scalar_one() == 1


def test_a_draft_can_be_addressed_anew_and_a_published_entry_cannot(as_editor, number, database):
    as_editor(lambda session, actor: edit(session, actor, number, dealers=("yuegang",)))
    as_editor(lambda session, actor: show(session, actor, number, 2))
    assert numbers_of(database, cast.huadong.buyer) == []
    assert [row.title_zh for row in feed_of(database, cast.yuegang.buyer)] == ["改过"]
    with pytest.raises(Conflict, match="not_a_draft"):
        as_editor(lambda session, actor: edit(session, actor, number, 3))


def test_a_correction_is_written_down_and_what_was_read_stays_read(as_editor, given, database, owner):
    number = given.an_entry(must_acknowledge=True)
    acknowledged(database, cast.huadong.buyer, number)
    revision = as_editor(
        lambda session, actor: correct_entry(
            session,
            actor=actor,
            number=number,
            revision=2,
            content=CONTENT,
            reason="日期有误",
            at=clock.now(),
        )
    )
    [row] = feed_of(database, cast.huadong.buyer)
    assert (row.title_zh, row.standing, revision) == ("改过", "acknowledged", 3)
    event = owner.execute(
        text("SELECT before, after, reason FROM audit_event WHERE action = 'notice:corrected'")
    ).one()
    assert (event.before["title_zh"], event.after["title_zh"]) == ("春节发货安排", "改过")
    assert event.reason == "日期有误"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_nothing_is_withdrawn_or_corrected_without_a_reason(as_editor, given, database, reason):
    number, at = given.an_entry(), clock.now()
    common = {"number": number, "revision": 2, "reason": reason, "at": at}
    for act in (
        lambda session, actor: withdraw_entry(session, actor=actor, **common),
        lambda session, actor: correct_entry(session, actor=actor, content=CONTENT, **common),
    ):
        with pytest.raises(Invalid) as refusal:
            as_editor(act)
        assert [fault.pointer for fault in refusal.value.faults] == ["/reason"]
    assert numbers_of(database, cast.huadong.buyer) == [number]


def test_what_is_withdrawn_stays_withdrawn_and_headquarters_still_sees_who_read_it(
    as_editor, given, database
):
    number = given.an_entry()
    opened(database, cast.huadong.buyer, number)
    withdraw = {"number": number, "reason": "错误", "at": clock.now()}
    as_editor(lambda session, actor: withdraw_entry(session, actor=actor, revision=2, **withdraw))
    with pytest.raises(Conflict):
        as_editor(lambda session, actor: withdraw_entry(session, actor=actor, revision=3, **withdraw))
    with pytest.raises(Conflict):
        as_editor(lambda session, actor: show(session, actor, number, 3))

    def look(session, actor):
        entry = edited_entry(session, actor=actor, number=number, at=clock.now())
        return entry.stage, reach(session, entry.id)

    assert as_editor(look) == ("withdrawn", (3, 1, 0))


def test_a_publication_to_come_is_scheduled_and_one_far_off_refused(as_editor, number):
    at = clock.now()
    with pytest.raises(Invalid):
        as_editor(lambda session, actor: show(session, actor, number, 1, at.replace(year=2202)))
    later = at + timedelta(days=1)
    assert as_editor(lambda session, actor: show(session, actor, number, 1, later)) == later
    for stage, found in (("scheduled", [number]), ("published", [])):
        page = as_editor(lambda session, actor, s=stage: entries(session, actor=actor, at=at, stage=s))
        assert [row.number for row in page.items] == found


def test_files_are_attached_to_a_draft_and_handed_to_whom_it_is_for(as_editor, number, database):
    name, content = A_PDF
    for given_name in (name, "C:\\桌面\\第二份.pdf"):
        as_editor(
            lambda session, actor, n=given_name: attach_file(
                session, actor=actor, number=number, name=n, content=content
            )
        )
    as_editor(lambda session, actor: detach_file(session, actor=actor, number=number, place=1))
    with pytest.raises(Invalid, match="invalid") as refusal:
        as_editor(
            lambda session, actor: attach_file(
                session, actor=actor, number=number, name="a.pdf", content=b"<html>"
            )
        )
    assert [fault.code for fault in refusal.value.faults] == ["markup"]
    as_editor(lambda session, actor: show(session, actor, number))
    buyer = cast.huadong.buyer.actor()
    with transaction(database.session_for(buyer)) as session:
        file = attached_file(session, actor=buyer, number=number, place=2, at=clock.now())
    assert (file.name, file.content, file.media_type) == ("第二份.pdf", content, "application/pdf")
    with pytest.raises(Conflict):
        as_editor(lambda session, actor: detach_file(session, actor=actor, number=number, place=2))


def test_readers_are_told_person_by_person_within_reach(given, as_editor, database):
    number = given.an_entry(must_acknowledge=True)
    opened(database, cast.yuegang.finance, number)
    acknowledged(database, cast.huadong.buyer, number)

    def listed(session, actor, only=""):
        entry = edited_entry(session, actor=actor, number=number, at=clock.now())
        return [(row.dealer_code, row.person) for row in readers(session, entry_id=entry.id, only=only).items]

    everybody = as_editor(listed)
    assert len(everybody) == sum(len(dealer.people) for dealer in cast.dealers)
    unread = as_editor(lambda session, actor: listed(session, actor, "unread"))
    read = {("yuegang", cast.yuegang.finance.display_name), ("huadong", cast.huadong.buyer.display_name)}
    assert set(everybody) - set(unread) == read
    left = as_editor(lambda session, actor: listed(session, actor, "unacknowledged"))
    assert {code for code, _ in left} == {"yuegang", "suzhou"}
    assert {code for code, _ in as_editor(listed, cast.south_manager)} == {"yuegang"}


def test_a_price_policy_that_is_published_tells_those_it_is_for(database, given, owner):
    """In the same commit; a policy that is refused tells nobody."""
    draft_id = given.a_policy(
        percent_off(5, tier="S", region=cast.east), percent_off(5, dealer=cast.yuegang), published_at=None
    )
    with pytest.raises(Conflict):
        publish(database, revision=7, policy=draft_id)
    assert owner.execute(text("SELECT count(*) FROM feed_entry")).scalar_one() == 0
    starts = publish(database, policy=draft_id)
    seen = {dealer.code: feed_of(database, dealer.buyer) for dealer in cast.dealers}
    assert seen["suzhou"] == []
    for code in ("huadong", "yuegang"):
        [row] = seen[code]
        assert (row.kind, row.valid_from) == ("policy", starts)
        assert (
            row.shown_from
            == owner.execute(
                text("SELECT published_at FROM price_policy WHERE id = :id"), {"id": draft_id}
            ).scalar_one()
        )


def test_a_foreign_number_is_nobodys(as_editor):
    for act in (edit, show):
        with pytest.raises(NotFound):
            as_editor(lambda session, actor, act=act: act(session, actor, "NT2611-00000000A"))
