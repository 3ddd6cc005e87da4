"""Roles, deactivation, reactivation, handing over; a side always keeps somebody who leads it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from portal.audit.models import AuditEvent
from portal.identity import queries
from portal.identity.credentials import hash_secret
from portal.identity.manage_person import change_roles, deactivate_person, reactivate_person
from portal.identity.models import AuthorizationCode, Invitation, UserAccount, UserSession
from portal.identity.rules import Role
from portal.identity.sign_in import sign_in
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.identity.acts import invite
from tests.races import failures, together, until_somebody_waits_for_a_row

BOSS, BUYER, FINANCE = cast.huadong.boss, cast.huadong.buyer, cast.huadong.finance
ADMIN = cast.administrator
OWNER = [Role.DEALER_OWNER]


def act(issuer, verb, who, whom, **more):
    with transaction(issuer.session_for(who.actor())) as session:
        return verb(session, actor=who.actor(), user_id=whom.id, **more)


def roles(issuer, who, whom, *given, **more):
    act(issuer, change_roles, who, whom, roles=list(given), **more)


def deactivate(issuer, who, whom, successor=None, reason="left"):
    more = {"successor_id": successor.id} if successor else {}
    act(issuer, deactivate_person, who, whom, reason=reason, at=cast.NOW, **more)


def kept(owner, person):
    return owner.execute(select(UserAccount).where(UserAccount.id == person.id)).one()


def an_owner(owner, person):
    """Somebody else who leads, of a dealer or of headquarters."""
    leading = Role.DEALER_OWNER if person.dealer_id else Role.ADMINISTRATOR
    owner.execute(update(UserAccount).where(UserAccount.id == person.id).values(roles=[leading]))


def as_leader(person):
    """As what somebody is signed in whose request has begun."""
    return replace(person, roles=(Role.DEALER_OWNER if person.dealer_id else Role.ADMINISTRATOR,))


class TestRoles:
    def test_an_owner_gives_and_takes_the_roles_of_its_people(self, issuer, owner):
        roles(issuer, BOSS, BUYER, Role.DEALER_FINANCE, Role.DEALER_BUYER)
        assert kept(owner, BUYER).roles == ["dealer_buyer", "dealer_finance"]
        event = owner.execute(select(AuditEvent).where(AuditEvent.action == "user:roles_changed")).one()
        assert (event.before, event.after) == (
            {"roles": ["dealer_buyer"]},
            {"roles": ["dealer_buyer", "dealer_finance"]},
        )

    @pytest.mark.parametrize(
        "given", [[], [Role.ADMINISTRATOR], ["made_up"], [Role.DEALER_OWNER, Role.QUALITY]]
    )
    def test_only_those_of_its_own_side(self, issuer, owner, given):
        with pytest.raises(Invalid):
            roles(issuer, BOSS, BUYER, *given)
        assert kept(owner, BUYER).roles == ["dealer_buyer"]

    def test_a_rivals_people_and_headquarters_are_nobody(self, issuer):
        for whom in (cast.yuegang.buyer, ADMIN):
            with pytest.raises(NotFound):
                roles(issuer, BOSS, whom, *OWNER)

    @pytest.mark.parametrize(
        "who", [BUYER, cast.order_desk, cast.national_manager], ids=lambda one: one.email
    )
    def test_nobody_else_gives_any(self, issuer, who):
        with pytest.raises(Forbidden):
            roles(issuer, who, BUYER, *OWNER)

    def test_an_administrator_gives_roles_and_regions_to_others_and_none_to_themselves(self, issuer, owner):
        roles(issuer, ADMIN, cast.order_desk, Role.QUALITY, region_ids=[11], known_regions=[11, 12])
        assert (kept(owner, cast.order_desk).roles, kept(owner, cast.order_desk).region_ids) == (
            ["quality"],
            [11],
        )
        with pytest.raises(Invalid):
            roles(issuer, ADMIN, cast.order_desk, Role.QUALITY, region_ids=[13], known_regions=[11, 12])
        with pytest.raises(Forbidden) as refusal:
            roles(issuer, ADMIN, ADMIN, Role.ADMINISTRATOR, Role.HQ_FINANCE, all_regions=True)
        assert refusal.value.code == "own_roles"

    def test_an_administrator_of_some_regions_reaches_no_further(self, issuer, owner):
        owner.execute(
            update(UserAccount).where(UserAccount.id == cast.south_manager.id).values(roles=["administrator"])
        )
        with transaction(issuer.system_session()) as session:
            actor = queries.person(session, cast.south_manager.id).actor()
        for whom in (BUYER, ADMIN):
            with pytest.raises(NotFound), transaction(issuer.session_for(actor)) as session:
                change_roles(session, actor=actor, user_id=whom.id, roles=OWNER)

    def test_roles_count_from_the_next_request_on(self, issuer, owner, database):
        roles(issuer, BOSS, BUYER, Role.DEALER_FINANCE)
        with database.system_session() as session:
            assert queries.person(session, BUYER.id).roles == ("dealer_finance",)


class TestTheLastOne:
    def test_the_last_owner_neither_leaves_nor_loses_the_role(self, issuer, owner):
        for attempt in (
            lambda: deactivate(issuer, BOSS, BOSS),
            lambda: deactivate(issuer, ADMIN, BOSS),
            lambda: roles(issuer, BOSS, BOSS, Role.DEALER_BUYER),
            lambda: roles(issuer, ADMIN, BOSS, Role.DEALER_BUYER),
        ):
            with pytest.raises(Conflict) as refusal:
                attempt()
            assert refusal.value.code == "last_one"
        assert (kept(owner, BOSS).roles, kept(owner, BOSS).disabled_at) == (["dealer_owner"], None)

    def test_the_last_administrator_does_not_leave(self, issuer, owner):
        with pytest.raises(Conflict):
            deactivate(issuer, ADMIN, ADMIN)
        assert kept(owner, ADMIN).disabled_at is None

    def test_one_who_is_deactivated_is_no_owner(self, issuer, owner):
        an_owner(owner, FINANCE)
        deactivate(issuer, BOSS, FINANCE)
        with pytest.raises(Conflict):
            deactivate(issuer, BOSS, BOSS)

    def test_the_owner_of_another_dealer_is_none_here(self, issuer, owner):
        assert kept(owner, cast.yuegang.boss).roles == ["dealer_owner"]
        with pytest.raises(Conflict):
            deactivate(issuer, BOSS, BOSS)

    def test_the_last_owner_leaves_by_handing_over(self, issuer, owner):
        deactivate(issuer, BOSS, BOSS, successor=BUYER)
        assert kept(owner, BUYER).roles == ["dealer_buyer", "dealer_owner"]
        assert kept(owner, BOSS).disabled_at == cast.NOW

    def test_to_somebody_of_the_same_side_who_is_active(self, issuer, owner):
        owner.execute(update(UserAccount).where(UserAccount.id == FINANCE.id).values(disabled_at=cast.NOW))
        for successor in (BOSS, FINANCE):
            with pytest.raises(Invalid):
                deactivate(issuer, BOSS, BOSS, successor=successor)
        with pytest.raises(Invalid):
            deactivate(issuer, ADMIN, BOSS, successor=cast.yuegang.buyer)
        assert kept(owner, BOSS).disabled_at is None

    def test_an_administrator_takes_nobodys_roles_over(self, issuer):
        with pytest.raises(Forbidden):
            deactivate(issuer, ADMIN, cast.order_desk, successor=ADMIN)

    @pytest.mark.parametrize(
        ("one", "other"), [(BOSS, FINANCE), (ADMIN, cast.order_desk)], ids=["owners", "administrators"]
    )
    @pytest.mark.parametrize("how", ["deactivated", "demoted"])
    @pytest.mark.parametrize("_again", range(3))
    def test_two_who_remove_each_other_end_with_one(self, issuer, owner, one, other, how, _again):
        an_owner(owner, other)
        of_dealer = one.dealer_id is not None
        pair = (as_leader(one), as_leader(other))

        def remove(place):
            who, whom = pair[place], pair[1 - place]
            if how == "deactivated":
                deactivate(issuer, who, whom)
            elif of_dealer:
                roles(issuer, who, whom, Role.DEALER_BUYER)
            else:
                roles(issuer, who, whom, Role.ORDER_DESK, all_regions=True)

        outcomes = together(2, remove)
        assert [type(error) for error in failures(outcomes)] == [Forbidden]
        leading = Role.DEALER_OWNER if of_dealer else Role.ADMINISTRATOR
        left = [
            person
            for person in (one, other)
            if kept(owner, person).disabled_at is None and leading in kept(owner, person).roles
        ]
        assert len(left) == 1

    def test_two_owners_who_leave_at_once_leave_one(self, issuer, owner):
        an_owner(owner, FINANCE)
        pair = (BOSS, as_leader(FINANCE))
        outcomes = together(2, lambda place: deactivate(issuer, pair[place], pair[place]))
        assert [type(error) for error in failures(outcomes)] == [Conflict]


class TestDeactivation:
    def test_every_session_code_and_token_ends(self, issuer, owner, database):
        with transaction(issuer.system_session()) as session:
            secret = sign_in(session, person=queries.person(session, BUYER.id), hours=9, at=cast.NOW)
        owner.execute(
            text(
                "INSERT INTO authorization_code (code_hash, client_id, user_id, redirect_uri, scope,"
                " code_challenge, auth_time, expires_at)"
                " VALUES ('c', 'portal-web', :u, '/', '', '', now(), now())"
            ),
            {"u": BUYER.id},
        )
        deactivate(issuer, BOSS, BUYER)
        assert not owner.execute(select(AuthorizationCode)).all()
        assert owner.scalar(select(UserSession.ended_at)) == cast.NOW
        with database.system_session() as session:
            found = queries.person_of_session(
                session, user_id=BUYER.id, secret_hash=hash_secret(secret), at=cast.NOW
            )
        assert found is None

    def test_it_waits_for_a_sign_in_under_way_and_ends_that_too(self, issuer, owner):
        with ThreadPoolExecutor(1) as aside:
            with transaction(issuer.system_session()) as session:
                session.execute(
                    select(UserAccount.id).where(UserAccount.id == BUYER.id).with_for_update(read=True)
                )
                sign_in(session, person=queries.person(session, BUYER.id), hours=9, at=cast.NOW)
                leaving = aside.submit(deactivate, issuer, BOSS, BUYER)
                until_somebody_waits_for_a_row(owner)
            leaving.result()
        assert owner.scalar(select(UserSession.ended_at)) == cast.NOW

    def test_a_rivals_sessions_are_out_of_reach(self, issuer, owner):
        with transaction(issuer.system_session()) as session:
            sign_in(session, person=queries.person(session, cast.yuegang.buyer.id), hours=9, at=cast.NOW)
        with issuer.session_for(BOSS.actor()) as session:
            assert not session.execute(select(UserSession)).all()
            session.execute(update(UserSession).values(ended_at=cast.NOW))
            session.commit()
        assert owner.scalar(select(UserSession.ended_at)) is None

    def test_whom_the_person_invited_is_invited_no_more(self, issuer, owner):
        an_owner(owner, FINANCE)
        mine = invite(issuer, actor=as_leader(FINANCE).actor())
        others = invite(issuer, actor=BOSS.actor(), email="b@huadong.example")
        deactivate(issuer, BOSS, FINANCE)
        left = owner.execute(select(Invitation.id).where(Invitation.revoked_at.is_(None))).scalars().all()
        assert (mine in left, others in left) == (False, True)

    def test_a_reason_is_asked_for_and_kept(self, issuer, owner):
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(Invalid):
                deactivate(issuer, BOSS, BUYER, reason=reason)
        deactivate(issuer, BOSS, BUYER, reason=" left the company ")
        event = owner.execute(select(AuditEvent).where(AuditEvent.action == "user:deactivated")).one()
        assert (event.reason, event.actor, event.dealer_id) == (
            "left the company",
            BOSS.actor().key,
            cast.huadong.id,
        )

    def test_nobody_is_deactivated_twice_or_reactivated_while_active(self, issuer):
        with pytest.raises(Conflict):
            act(issuer, reactivate_person, BOSS, BUYER)
        deactivate(issuer, BOSS, BUYER)
        with pytest.raises(Conflict):
            deactivate(issuer, BOSS, BUYER)
        act(issuer, reactivate_person, BOSS, BUYER)

    def test_a_rival_deactivates_nobody_here(self, issuer, owner):
        with pytest.raises(NotFound):
            deactivate(issuer, cast.yuegang.boss, BUYER)
        assert kept(owner, BUYER).disabled_at is None
