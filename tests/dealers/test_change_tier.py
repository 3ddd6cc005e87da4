"""Another tier of a dealer from a day on: asked by one person, agreed to by another; contacts are masked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.dealers.change_tier import (
    approve_tier,
    propose_tier,
    reject_tier,
    tier_changes,
    tiers_of,
    withdraw_tier,
)
from portal.dealers.contacts import masked, masked_name
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.races import failures, together
from tests.shipping.acts import audited

DAY = timedelta(days=1)
TOMORROW = cast.TODAY + DAY
ASKS, AGREES = cast.national_manager, cast.national_colleague


def proposed(database, tier="B", *, dealer=cast.huadong, since=TOMORROW, by=ASKS, why="年度评级"):
    with transaction(database.session_for(by.actor())) as session:
        return propose_tier(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            tier=tier,
            valid_from=since,
            reason=why,
            today=cast.TODAY,
            at=cast.NOW,
        )


def act(database, verb, number, by, **more):
    with transaction(database.session_for(by.actor())) as session:
        verb(session, actor=by.actor(), number=number, at=cast.NOW, **more)


def approved(database, number, by=AGREES, today=cast.TODAY):
    act(database, approve_tier, number, by, today=today)


def tiers(database, dealer=cast.huadong):
    with database.session_for(ASKS.actor()) as session:
        return [(one.tier, one.valid_from) for one in tiers_of(session, dealer.id)]


def test_another_tier_counts_from_its_day_when_two_people_agree(database, owner):
    number = proposed(database)
    assert tiers(database) == [("S", cast.FIRST_DAY)]
    with pytest.raises(Forbidden, match="same_person"):
        approved(database, number, by=ASKS)
    approved(database, number)
    assert tiers(database) == [("B", TOMORROW), ("S", cast.FIRST_DAY)]
    assert audited(owner, number) == ["tier_change:proposed", "tier_change:approved"]
    with pytest.raises(Conflict, match="decided"):
        approved(database, number)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"tier": "Z"}, "/tier tier"),
        ({"tier": "S"}, "/tier same"),
        ({"since": cast.TODAY}, "/valid_from past"),
        ({"why": " "}, "/reason required"),
    ],
)
def test_what_is_no_change_of_a_tier_is_refused(database, said, code):
    with pytest.raises(Invalid) as refusal:
        proposed(database, **said)
    assert code in {f"{fault.pointer} {fault.code}" for fault in refusal.value.faults}


def test_it_is_refused_withdrawn_or_too_late(database):
    number = proposed(database)
    with pytest.raises(Conflict, match="waits_already"):
        proposed(database, "C")
    with pytest.raises(Conflict, match="past"):
        approved(database, number, today=TOMORROW)
    with pytest.raises(Invalid):
        act(database, reject_tier, number, AGREES, reason="")
    with pytest.raises(Forbidden, match="not_yours"):
        act(database, withdraw_tier, number, AGREES)
    act(database, reject_tier, number, AGREES, reason="不符合条件")
    second = proposed(database, "C")
    act(database, withdraw_tier, second, ASKS)
    assert tiers(database) == [("S", cast.FIRST_DAY)]


def test_a_later_tier_stands_in_the_way(database):
    approved(database, proposed(database, since=TOMORROW + 10 * DAY))
    with pytest.raises(Invalid):
        proposed(database, "C")
    approved(database, proposed(database, "C", since=TOMORROW + 20 * DAY))
    assert [tier for tier, _ in tiers(database)] == ["C", "B", "S"]


def test_a_manager_changes_the_tiers_of_the_own_dealers_alone(database):
    with pytest.raises(NotFound):
        proposed(database, by=cast.south_manager)
    for by in (cast.order_desk, cast.huadong.boss):
        with pytest.raises(Forbidden):
            proposed(database, by=by)
    number = proposed(database, by=cast.east_manager)
    with pytest.raises(NotFound):
        approved(database, number, by=cast.south_manager)
    with database.session_for(cast.huadong.boss.actor()) as session:
        assert not tier_changes(session)


def test_whoever_serves_writes_no_tier_that_was_not_agreed(database):
    for statement in (
        "UPDATE dealer_tier SET valid_to = current_date + 1 WHERE dealer_id = 101",
        "INSERT INTO dealer_tier (dealer_id, valid_from, valid_to, tier, assigned_by)"
        " VALUES (101, '2000-01-01', '2000-02-01', 'C', 'user:1')",
    ):
        with pytest.raises(Conflict, match="not_agreed"), transaction(database.system_session()) as session:
            session.execute(text(statement))


def test_what_was_decided_stays(database, owner):
    number = proposed(database)
    approved(database, number)
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text("UPDATE dealer_tier_change SET tier = 'C'"))
    assert refusal.value.orig.sqlstate == "TL113"


def test_two_who_approve_at_once_leave_one_tier(database):
    number = proposed(database, by=cast.east_manager)
    people = (ASKS, AGREES)
    outcomes = together(2, lambda place: approved(database, number, by=people[place]))
    assert len(failures(outcomes)) == 1
    assert tiers(database) == [("B", TOMORROW), ("S", cast.FIRST_DAY)]


@pytest.mark.parametrize(
    ("number", "shown"),
    [("021-55550101", "***-****0101"), ("13800138000", "*******8000"), ("0101", "0101"), ("", "")],
)
def test_of_a_telephone_number_the_end_is_left(number, shown):
    assert masked(number) == shown


def test_of_a_name_the_beginning_is_left():
    assert (masked_name("李军"), masked_name("")) == ("李*", "")


def test_a_tier_is_changed_on_its_pages(sign_in, database):
    manager, colleague = sign_in(ASKS), sign_in(AGREES)
    form = {
        "dealer": "huadong",
        "tier": "B",
        "valid_from": TOMORROW.isoformat(),
        "reason": "年度评级",
        "form_key": "once",
    }
    assert "/hq/tier-changes/new?dealer=huadong" in manager.get("/hq/dealers/huadong").get_data(as_text=True)
    assert manager.get("/hq/tier-changes/new?dealer=huadong").status_code == 200
    wrong = manager.post("/hq/tier-changes", form | {"valid_from": "昨天", "form_key": "x"})
    assert wrong.status_code == 422
    for _ in range(2):
        made = manager.post("/hq/tier-changes", form)
        assert made.status_code == 303
    path = made.headers["Location"]
    assert path in manager.get("/hq/tier-changes").get_data(as_text=True)
    assert path in colleague.get("/hq/dealers/huadong").get_data(as_text=True)
    assert manager.post(f"{path}/approval", {}).status_code == 409
    assert colleague.post(f"{path}/rejection", {"reason": ""}).status_code == 422
    assert colleague.post(f"{path}/approval", {}).status_code == 303
    assert tiers(database)[0] == ("B", TOMORROW)


def test_contacts_are_masked_for_who_does_not_need_them_and_shown_for_a_reason(sign_in, owner):
    desk, finance = sign_in(cast.order_desk), sign_in(cast.hq_finance)
    phone, name = "021-55550101", "李军"
    assert phone in desk.get("/hq/dealers/huadong").get_data(as_text=True)
    shown = finance.get("/hq/dealers/huadong").get_data(as_text=True)
    assert phone not in shown and name not in shown and "****0101" in shown
    refused = finance.post("/hq/dealers/huadong/contacts", {"contacts_reason": " "})
    assert refused.status_code == 422 and phone not in refused.get_data(as_text=True)
    told = finance.post("/hq/dealers/huadong/contacts", {"contacts_reason": "核对收款人"})
    assert phone in told.get_data(as_text=True)
    assert phone not in finance.get("/hq/dealers/huadong").get_data(as_text=True)
    row = owner.execute(
        text("SELECT reason, dealer_id FROM audit_event WHERE action = 'dealer:contacts_shown'")
    ).one()
    assert tuple(row) == ("核对收款人", cast.huadong.id)
