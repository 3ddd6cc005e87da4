"""A promotion is written by one, approved by another, runs from its publication, and ends once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.promotions.decide_promotion import reject_promotion
from portal.promotions.draft_promotion import edit_promotion
from portal.promotions.publish_promotion import withdraw_promotion
from portal.promotions.submit_promotion import recall_promotion
from portal.promotions.terms import LotTerms
from tests import cast
from tests.promotions.acts import (
    AUTHOR,
    COLLEAGUE,
    approve,
    as_staff,
    draft,
    join,
    publish,
    published,
    submit,
    terms,
)


def row(owner, promotion: int):
    return owner.execute(text("SELECT * FROM promotion WHERE id = :id"), {"id": promotion}).one()


def edit(database, promotion: int, revision: int = 1, person=AUTHOR, **said) -> int:
    return as_staff(
        database,
        person,
        lambda session, actor: edit_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision, terms=terms(**said), at=cast.NOW
        ),
    )


def reject(database, promotion: int, revision: int = 2, person=COLLEAGUE, reason="too dear") -> int:
    return as_staff(
        database,
        person,
        lambda session, actor: reject_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision, reason=reason
        ),
    )


def recall(database, promotion: int, revision: int = 2, person=AUTHOR) -> int:
    return as_staff(
        database,
        person,
        lambda session, actor: recall_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision
        ),
    )


def withdraw(database, promotion: int, person=AUTHOR, reason="sold out"):
    return as_staff(
        database,
        person,
        lambda session, actor: withdraw_promotion(
            session, actor=actor, promotion_id=promotion, reason=reason
        ),
    )


def faults_of(refusal) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in refusal.value.faults}


def test_it_runs_from_its_publication_and_every_step_is_told(database, owner):
    promotion, number = published(database)
    found = row(owner, promotion)
    assert (found.state, found.region_id, found.region_ids) == ("published", cast.east.id, [cast.east.id])
    assert found.valid_from == found.published_at
    assert (found.submitted_by_label, found.approved_by) == (AUTHOR.display_name, COLLEAGUE.actor().key)
    told = owner.execute(
        text("SELECT action FROM audit_event WHERE subject = :n ORDER BY id"), {"n": number}
    ).scalars()
    assert list(told) == [f"promotion:{act}" for act in ("drafted", "submitted", "approved", "published")]


def test_who_wrote_or_submitted_does_not_approve(database):
    promotion, _ = draft(database, person=cast.east_manager)
    edit(database, promotion, person=COLLEAGUE)
    submit(database, promotion, 2, person=COLLEAGUE)
    for person in (COLLEAGUE, cast.east_manager):
        with pytest.raises(Forbidden):
            approve(database, promotion, 3, person=person)
        with pytest.raises(Forbidden):
            reject(database, promotion, 3, person=person)


def test_not_even_the_database_takes_an_author_as_approver(database, owner):
    promotion, _ = draft(database)
    submit(database, promotion)
    with pytest.raises(DBAPIError):
        owner.execute(
            text("UPDATE promotion SET state = 'approved', approved_by = :who WHERE id = :id"),
            {"who": AUTHOR.actor().key, "id": promotion},
        )


def test_another_region_neither_sees_nor_decides(database):
    promotion, _ = draft(database)
    submit(database, promotion)
    for act in (approve, reject, recall):
        with pytest.raises(NotFound):
            act(database, promotion, person=cast.south_manager)


def test_who_has_not_the_right_does_nothing(database):
    with pytest.raises(Forbidden):
        draft(database, person=cast.order_desk)


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"regions": ()}, "/regions", "outside_region"),
        ({"regions": ("south",)}, "/regions", "outside_region"),
        ({"regions": ("31", "44")}, "/regions", "outside_region"),
        ({"regions": ("nowhere",)}, "/regions/0", "unknown_region"),
        ({"tiers": ("S", "Z")}, "/tiers/1", "unknown_tier"),
        ({"dealers": ("yuegang",)}, "/dealers/0", "unknown_dealer"),
        ({"skus": ("GLOVES", "NONE")}, "/condition/skus/1", "unknown_sku"),
        ({"skus": (), "category": "ZZ"}, "/condition/category", "unknown_category"),
        (
            {"kind": "gift", "gift_sku": "NONE", "gift_quantity": 1},
            "/reward/gift/sku",
            "unknown_sku",
        ),
        ({"lots": (LotTerms("NONE"),)}, "/condition/lots/0/lot", "unknown_lot"),
        ({"lots": (LotTerms("SY-EARLY"),)}, "/condition/lots/0/lot", "unknown_lot"),
    ],
)
def test_what_is_unknown_or_of_another_region_stands_beside_its_field(database, said, pointer, code):
    with pytest.raises(Invalid) as refusal:
        draft(database, person=cast.east_manager, **said)
    assert faults_of(refusal).get(pointer) == code


def test_the_country_belongs_to_the_national_manager_alone(database, owner):
    promotion, _ = draft(database, person=COLLEAGUE, regions=())
    assert row(owner, promotion).region_id is None
    submit(database, promotion, person=COLLEAGUE)
    with pytest.raises(NotFound):
        approve(database, promotion, person=cast.east_manager)


def test_a_promotion_of_some_dealers_is_their_province_s(database, owner):
    promotion, _ = draft(database, regions=(), dealers=("huadong",))
    assert row(owner, promotion).region_id == cast.shanghai.id
    promotion, _ = draft(database, regions=(), dealers=("huadong", "suzhou"))
    assert row(owner, promotion).region_id == cast.east.id


def test_two_managers_do_not_overwrite_each_other(database, owner):
    promotion, _ = draft(database)
    assert edit(database, promotion, priority=7) == 2
    with pytest.raises(Conflict) as refusal:
        edit(database, promotion, person=COLLEAGUE, priority=9)
    assert refusal.value.code == "edited_meanwhile" and row(owner, promotion).priority == 7


def test_submitted_terms_stand_until_they_are_taken_back(database, owner):
    promotion, _ = draft(database)
    submit(database, promotion)
    with pytest.raises(Conflict):
        edit(database, promotion, 2)
    with pytest.raises(DBAPIError):
        owner.execute(text("UPDATE promotion SET priority = 9 WHERE id = :id"), {"id": promotion})
    owner.rollback()
    approve(database, promotion)
    assert recall(database, promotion, 3) == 4
    assert row(owner, promotion).approved_by is None
    assert edit(database, promotion, 4, priority=9) == 5


def test_what_is_rejected_is_a_draft_with_the_reason(database, owner):
    promotion, _ = draft(database)
    submit(database, promotion)
    with pytest.raises(Invalid):
        reject(database, promotion, reason=" ")
    assert reject(database, promotion) == 3
    assert (row(owner, promotion).state, row(owner, promotion).reason) == ("draft", "too dear")


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_only_what_is_approved_is_published(database, state):
    promotion, _ = draft(database)
    revision = 1
    if state == "submitted":
        submit(database, promotion)
        revision = 2
    with pytest.raises(Conflict) as refusal:
        publish(database, promotion, revision)
    assert refusal.value.code == "not_approved"


def test_it_begins_at_the_minute_that_is_named(database, owner):
    promotion, number = draft(database)
    submit(database, promotion)
    approve(database, promotion)
    with pytest.raises(Invalid) as refusal:
        publish(database, promotion, at=cast.NOW - timedelta(minutes=1))
    assert faults_of(refusal) == {"/at": "past"}
    with pytest.raises(Conflict):
        publish(database, promotion, at=cast.NOW + timedelta(days=31))
    at = cast.NOW + timedelta(days=2)
    assert publish(database, promotion, at=at) == at == row(owner, promotion).valid_from
    with pytest.raises(NotFound):
        join(database, number)
    assert join(database, number, at=at) == at


def test_a_limited_one_has_its_budget_and_an_unlimited_one_none(database, owner):
    budgets = "SELECT budget FROM promotion_budget WHERE promotion_id = :id"
    limited, _ = published(database, budget=Decimal(500))
    assert owner.execute(text(budgets), {"id": limited}).scalars().all() == [Decimal(500)]
    free, _ = published(database)
    assert owner.execute(text(budgets), {"id": free}).scalars().all() == []
    bound, _ = published(
        database, skus=("SYRINGE",), lots=(LotTerms("SY-EARLY"), LotTerms("SY-LATE", "SYRINGE", 12))
    )
    assert owner.execute(text(budgets), {"id": bound}).scalars().all() == [None]
    units = owner.execute(
        text("SELECT units FROM promotion_lot WHERE promotion_id = :id ORDER BY lot_id"), {"id": bound}
    )
    assert units.scalars().all() == [300, 12]


def test_lots_are_chosen_in_a_draft_only(database, owner):
    promotion, _ = published(database, skus=("SYRINGE",), lots=(LotTerms("SY-EARLY"),))

    def drop(session, _actor):
        session.execute(text("DELETE FROM promotion_lot WHERE promotion_id = :id"), {"id": promotion})

    with pytest.raises(Conflict) as refusal:
        as_staff(database, AUTHOR, drop)
    assert refusal.value.code == "promotion_published"


def test_an_edit_replaces_the_lots(database, owner):
    promotion, _ = draft(database, skus=("SYRINGE",), lots=(LotTerms("SY-EARLY"),))
    edit(database, promotion, skus=("SYRINGE",), lots=(LotTerms("SY-LATE"),))
    lots = owner.execute(text("SELECT lot_id FROM promotion_lot WHERE promotion_id = :i"), {"i": promotion})
    assert lots.scalars().all() == [cast.syringe_lot_late.id]


def test_it_ends_with_its_withdrawal_and_only_once(database, owner):
    promotion, number = published(database)
    moment = withdraw(database, promotion)
    found = row(owner, promotion)
    assert (found.state, found.valid_to, found.reason) == ("withdrawn", moment, "sold out")
    with pytest.raises(Conflict):
        withdraw(database, promotion)
    with pytest.raises(NotFound):
        join(database, number)


def test_one_that_has_not_begun_never_begins(database, owner):
    promotion, number = draft(database)
    submit(database, promotion)
    approve(database, promotion)
    at = cast.NOW + timedelta(days=2)
    publish(database, promotion, at=at)
    withdraw(database, promotion)
    found = row(owner, promotion)
    assert found.valid_from == found.valid_to == at
    with pytest.raises(NotFound):
        join(database, number, at=at)


def test_a_dealer_joins_once_and_only_what_is_meant_for_it(database, owner):
    _, number = published(database, registration_required=True, per_dealer_cap=Decimal(50))
    first = join(database, number)
    assert join(database, number, person=cast.huadong.boss, at=first + timedelta(hours=1)) == first
    found = owner.execute(text("SELECT * FROM promotion_dealer")).one()
    assert (found.dealer_id, found.cap, found.registered_by) == (
        cast.huadong.id,
        Decimal(50),
        cast.huadong.buyer.actor().key,
    )
    told = owner.execute(text("SELECT count(*) FROM audit_event WHERE action = 'promotion:joined'"))
    assert told.scalar_one() == 1
    with pytest.raises(NotFound):
        join(database, number, person=cast.yuegang.buyer)
    with pytest.raises(Forbidden):
        join(database, number, person=cast.huadong.finance)


@pytest.mark.parametrize(
    "said",
    [{"tiers": ("A",)}, {"dealers": ("suzhou",)}, {"regions": ("32",)}],
    ids=["tier", "dealer", "region"],
)
def test_who_is_not_addressed_cannot_join(database, said):
    _, number = published(database, **said)
    assert join(database, number, person=cast.suzhou.buyer)
    with pytest.raises(NotFound):
        join(database, number)


def test_goods_are_not_given_away_by_an_amount(database):
    promotion, _ = draft(database, kind="amount_off", amount=cast.gloves.price)
    with pytest.raises(Invalid) as refusal:
        submit(database, promotion)
    assert faults_of(refusal) == {"/reward/amount": "free_goods"}


def test_an_approver_is_told_of_floors_and_equal_priorities(database, owner):
    owner.execute(
        text(
            "INSERT INTO floor_price (product_id, valid_from, unit_price, set_by, set_by_label)"
            " VALUES (:p, :since, 24.50, 'user:1', 'x')"
        ),
        {"p": cast.gloves.id, "since": cast.PRICES_SINCE},
    )
    owner.commit()
    _, other = published(database, skus=(), category="T")
    promotion, _ = draft(database)
    _, found = submit(database, promotion)
    assert (found.cut, found.same_priority) == (1, (other,))
    assert [(one.sku, one.price, one.is_cut) for one in found.prices] == [("GLOVES", Decimal("24.50"), True)]
    may_pass, _ = draft(database, may_pass_floor=True, priority=2)
    _, found = submit(database, may_pass)
    assert (found.cut, found.same_priority, found.prices[0].price) == (0, (), Decimal("23.75"))
