"""Acting in somebody's name: lent for days or consented to for hours, with the rights of that name alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from portal.identity import queries
from portal.identity.consent import acted_for_dealer, consents_for, consents_of_dealer
from portal.identity.delegate import delegations
from portal.identity.rules import Role
from portal.identity.standing_in_rules import DONE_FOR_DEALERS, Standing
from portal.kernel.actor import require_other_person, require_own_hands
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.registry import registry
from portal.ledger.vocabulary import LedgerRight
from portal.orders.place_order import place_order
from portal.orders.request import OrderRequest
from portal.orders.vocabulary import OrderRight
from portal.shipping.confirm_receipt import confirm_receipt
from tests import cast
from tests.builders import TERMS
from tests.identity.standing_in_acts import (
    HOUR,
    acts_for,
    consented,
    delegated,
    stands_in,
    unconsented,
    undelegated,
)
from tests.orders.test_place_order import wanted
from tests.shipping.acts import audited

DAY = timedelta(days=1)
GIVER, TAKER = cast.hq_finance, cast.finance_colleague


def used(owner, delegation_id, *, last=cast.TODAY):
    """It was acted by, and ends on a day."""
    owner.execute(
        text(
            "UPDATE delegation SET used_at = :at, first_day = least(first_day, :last), last_day = :last"
            " WHERE id = :id"
        ),
        {"at": cast.NOW, "last": last, "id": delegation_id},
    )


def person(database, who):
    with database.session_for(who.actor()) as session:
        return queries.person(session, who.id)


def test_a_delegate_has_the_rights_and_the_reach_of_who_is_away_and_none_of_its_own(
    database, issuer_database, owner
):
    made = delegated(issuer_database, by=cast.south_manager, to=cast.hq_finance)
    actor = stands_in(database, cast.hq_finance, made).actor
    assert actor.key == cast.hq_finance.actor().key
    assert actor.on_behalf_of == cast.south_manager.actor().key
    assert actor.rights == cast.south_manager.actor().rights
    assert not actor.may(LedgerRight.POST)
    assert set(actor.region_ids) == {cast.south.id, cast.guangdong.id}
    assert actor.label == f"{cast.hq_finance.display_name} ({cast.south_manager.display_name})"
    assert audited(owner, f"delegation:{made}") == ["delegation:given"]


@pytest.mark.parametrize(("first", "last"), [(1, 2), (-5, -1)])
def test_a_delegation_holds_on_its_days_only(database, issuer_database, first, last):
    made = delegated(
        issuer_database,
        first=cast.TODAY + first * DAY,
        last=cast.TODAY + last * DAY,
        today=cast.TODAY + min(first, 0) * DAY,
    )
    assert stands_in(database, TAKER, made) is None


def test_nobody_but_the_taker_acts_by_it(database, issuer_database):
    made = delegated(issuer_database)
    for other in (GIVER, cast.quality, cast.huadong.boss):
        assert stands_in(database, other, made) is None


def test_it_ends_when_either_ends_it_and_when_the_giver_may_not_come_in(database, issuer_database, owner):
    for by in (GIVER, TAKER, cast.administrator):
        made = delegated(issuer_database)
        undelegated(issuer_database, made, by=by)
        assert stands_in(database, TAKER, made) is None
        with pytest.raises(Conflict, match="ended"):
            undelegated(issuer_database, made, by=by)
    made = delegated(issuer_database)
    with pytest.raises(NotFound):
        undelegated(issuer_database, made, by=cast.quality)
    owner.execute(text("UPDATE user_account SET disabled_at = now() WHERE id = :id"), {"id": GIVER.id})
    assert stands_in(database, TAKER, made) is None


def test_a_role_that_the_giver_lost_is_lent_no_more(database, issuer_database, owner):
    made = delegated(issuer_database, by=cast.national_manager, to=cast.national_colleague)
    owner.execute(
        text("UPDATE user_account SET roles = '{quality}' WHERE id = :id"), {"id": cast.national_manager.id}
    )
    assert stands_in(database, cast.national_colleague, made) is None


def test_managing_people_is_not_lent(database, issuer_database):
    made = delegated(issuer_database, by=cast.administrator, to=cast.quality)
    rights = stands_in(database, cast.quality, made).actor.rights
    assert "hq:admin" not in rights and "hq:audit" in rights
    made = delegated(issuer_database, by=cast.huadong.boss, to=cast.huadong.buyer)
    rights = stands_in(database, cast.huadong.buyer, made).actor.rights
    assert {"people:write", "clients:write"}.isdisjoint(rights) and "orders:approve" in rights


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"to": cast.huadong.boss}, "/taker colleague"),
        ({"to": GIVER}, "/taker colleague"),
        ({"by": cast.huadong.boss, "to": cast.yuegang.boss}, "/taker colleague"),
        ({"by": cast.huadong.boss, "to": cast.quality}, "/taker colleague"),
        ({"roles": ()}, "/roles required"),
        ({"roles": (Role.QUALITY,)}, "/roles roles"),
        ({"last": cast.TODAY - DAY, "first": cast.TODAY - DAY}, "/last_day past"),
        ({"first": cast.TODAY + DAY}, "/last_day past"),
        ({"last": cast.TODAY + 185 * DAY}, "/last_day long"),
        ({"why": " "}, "/reason required"),
    ],
)
def test_what_is_no_delegation_is_refused(issuer_database, said, code):
    with pytest.raises(Invalid) as refusal:
        delegated(issuer_database, **said)
    assert code in {f"{fault.pointer} {fault.code}" for fault in refusal.value.faults}


def test_it_never_chains(database, issuer_database):
    first = delegated(issuer_database, by=cast.hq_finance, to=cast.quality)
    acting = stands_in(database, cast.quality, first).actor
    with pytest.raises(Forbidden, match="own_hands"):
        require_own_hands(acting)
    second = delegated(issuer_database, by=cast.quality, to=cast.technician)
    assert stands_in(database, cast.technician, second).actor.roles == {Role.QUALITY}


def test_who_asked_and_in_whose_name_do_not_decide(database, issuer_database, owner):
    made = delegated(issuer_database)
    acting = stands_in(database, TAKER, made).actor
    for asked_by in (GIVER, TAKER):
        with pytest.raises(Forbidden, match="same_person"):
            require_other_person(acting, asked_by.actor().key)
    require_other_person(acting, cast.quality.actor().key)
    require_other_person(person(database, GIVER).actor(), TAKER.actor().key)
    used(owner, made)
    with pytest.raises(Forbidden, match="same_person"):
        require_other_person(person(database, GIVER).actor(), TAKER.actor().key)
    third = delegated(issuer_database, by=GIVER, to=cast.quality)
    with pytest.raises(Forbidden, match="same_person"):
        require_other_person(stands_in(database, cast.quality, third).actor, TAKER.actor().key)
    used(owner, made, last=cast.TODAY - 91 * DAY)
    require_other_person(person(database, GIVER).actor(), TAKER.actor().key)


def test_both_and_whoever_manages_them_see_it(database, issuer_database):
    made = delegated(issuer_database)
    own = delegated(issuer_database, by=cast.huadong.boss, to=cast.huadong.buyer)

    def seen(who):
        with database.session_for(who.actor()) as session:
            return {one.id for one in delegations(session, actor=who.actor(), today=cast.TODAY)}

    assert [seen(who) for who in (GIVER, TAKER, cast.administrator)] == [{made}] * 3
    assert [seen(who) for who in (cast.huadong.boss, cast.huadong.buyer)] == [{own}] * 2
    for stranger in (cast.quality, cast.huadong.finance, cast.yuegang.boss):
        assert seen(stranger) == set()


def test_a_dealer_lets_a_person_or_a_role_act_for_it(database, issuer_database):
    made = consented(issuer_database)
    actor = acts_for(database, cast.east_manager, made).actor
    assert (actor.dealer_id, actor.on_behalf_of) == (cast.huadong.id, "dealer:huadong")
    assert actor.may(OrderRight.WRITE) and not actor.is_staff
    assert actor.rights <= DONE_FOR_DEALERS
    assert acts_for(database, cast.order_desk, made) is None
    by_role = consented(issuer_database, mail="", role=Role.ORDER_DESK)
    assert acts_for(database, cast.order_desk, by_role) is not None
    assert acts_for(database, cast.south_desk, by_role) is None  # Huadong is not in the south
    assert acts_for(database, cast.east_manager, by_role) is None


def test_a_consent_holds_between_its_moments(database, issuer_database):
    made = consented(issuer_database)
    for at in (cast.NOW - 2 * HOUR, cast.NOW + 24 * HOUR):
        assert acts_for(database, cast.east_manager, made, at=at) is None
    assert acts_for(database, cast.east_manager, made, at=cast.NOW - HOUR) is not None


def test_a_consent_that_is_taken_back_is_none(database, issuer_database, owner):
    made = consented(issuer_database)
    with pytest.raises(NotFound):
        unconsented(issuer_database, made, by=cast.yuegang.boss)
    with pytest.raises(Forbidden):
        unconsented(issuer_database, made, by=cast.huadong.buyer)
    unconsented(issuer_database, made)
    assert acts_for(database, cast.east_manager, made) is None
    with pytest.raises(Conflict, match="ended"):
        unconsented(issuer_database, made)
    assert audited(owner, f"consent:{made}") == ["consent:given", "consent:revoked"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"mail": ""}, "/whom whom"),
        ({"role": Role.ORDER_DESK}, "/whom whom"),
        ({"mail": "", "role": Role.ADMINISTRATOR}, "/whom roles"),
        ({"mail": "nobody"}, "/whom email"),
        ({"roles": ()}, "/roles required"),
        ({"roles": (Role.DEALER_FINANCE,)}, "/roles roles"),
        ({"roles": (Role.DEALER_OWNER,)}, "/roles roles"),
        ({"end": cast.NOW - 2 * HOUR}, "/until past"),
        ({"end": cast.NOW + 40 * DAY}, "/until long"),
        ({"why": ""}, "/reason required"),
    ],
)
def test_what_is_no_consent_is_refused(issuer_database, said, code):
    with pytest.raises(Invalid) as refusal:
        consented(issuer_database, **said)
    assert code in {f"{fault.pointer} {fault.code}" for fault in refusal.value.faults}


def test_only_the_owner_consents(issuer_database):
    for by in (cast.huadong.buyer, cast.huadong.finance, cast.huadong.system, cast.administrator):
        with pytest.raises(Forbidden):
            consented(issuer_database, by=by)


def test_headquarters_gives_itself_no_consent_whatever_it_runs(issuer_database, database):
    made = consented(issuer_database)
    row = (
        "INSERT INTO acting_consent (dealer_id, staff_mail, roles, valid_from, valid_to, reason, given_by,"
        f" given_by_label, created_at) VALUES ({cast.huadong.id}, 'east@hq.example', '{{dealer_buyer}}',"
        " now(), now() + interval '1 day', 'x', 1, 'x', now())"
    )
    with (
        pytest.raises(DBAPIError),
        transaction(issuer_database.session_for(cast.administrator.actor())) as session,
    ):
        session.execute(text(row))
    with pytest.raises(ProgrammingError), database.session_for(cast.huadong.boss.actor()) as session:
        session.execute(text("UPDATE acting_consent SET revoked_at = NULL WHERE id = :id"), {"id": made})


def test_a_dealer_sees_its_consents_and_nobody_elses(database, issuer_database):
    made = consented(issuer_database)

    def seen(owner):
        with database.session_for(owner.actor()) as session:
            return [
                (one.id, one.standing)
                for one in consents_of_dealer(session, actor=owner.actor(), at=cast.NOW)
            ]

    assert seen(cast.huadong.boss) == [(made, Standing.IN_FORCE)]
    assert seen(cast.yuegang.boss) == []
    with database.session_for(cast.east_manager.actor()) as session:
        mine = consents_for(session, person=person(database, cast.east_manager), at=cast.NOW)
    assert [one.dealer_code for one in mine] == ["huadong"]
    with database.session_for(cast.south_manager.actor()) as session:
        assert not consents_for(session, person=person(database, cast.south_manager), at=cast.NOW)


def test_what_is_done_for_a_dealer_is_audited_with_both_names(database, issuer_database, owner):
    made = consented(issuer_database)
    acting = acts_for(database, cast.east_manager, made).actor
    request = OrderRequest(lines=wanted((cast.gloves, 1)))
    with transaction(database.session_for(acting)) as session:
        placed = place_order(session, actor=acting, dealer_id=cast.huadong.id, request=request, terms=TERMS)
    row = owner.execute(
        text("SELECT actor, on_behalf_of, dealer_id FROM audit_event WHERE subject = :number"),
        {"number": placed.number},
    ).one()
    assert tuple(row) == (cast.east_manager.actor().key, "dealer:huadong", cast.huadong.id)
    with database.session_for(cast.huadong.boss.actor()) as session:
        told = acted_for_dealer(session, dealer_id=cast.huadong.id, since=cast.NOW - DAY)
    assert [(one.subject, one.actor_label) for one in told] == [
        (placed.number, f"{cast.east_manager.display_name} (huadong)")
    ]
    with database.session_for(cast.yuegang.boss.actor()) as session:
        assert not acted_for_dealer(session, dealer_id=cast.huadong.id, since=cast.NOW - DAY)


def test_that_goods_arrived_is_said_by_nobody_for_a_dealer(database, issuer_database):
    acting = acts_for(database, cast.east_manager, consented(issuer_database)).actor
    with pytest.raises(Forbidden, match="dealer_only"), transaction(database.session_for(acting)) as session:
        confirm_receipt(session, actor=acting, shipment_number="SH2611-AAAAAAAA1", at=cast.NOW)


def test_on_whose_behalf_is_the_databases_word(database, owner):
    with pytest.raises(DBAPIError), transaction(database.session_for(GIVER.actor())) as session:
        session.execute(
            text(
                "INSERT INTO audit_event (actor, actor_label, action, subject_kind, subject, on_behalf_of)"
                f" VALUES ('{GIVER.actor().key}', 'x', 'order:placed', 'order', 'x', 'dealer:huadong')"
            )
        )


def test_what_may_be_done_for_dealers_are_rights_of_theirs():
    assert set(map(str, registry().rights[Role.DEALER_OWNER])) >= DONE_FOR_DEALERS
