"""Roles that a side composes: of which rights, for whom, from when on, and what they are no way around."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from portal.audit.models import AuditEvent
from portal.claims.delegate import can_stand_in
from portal.identity import queries
from portal.identity.colleagues import colleagues
from portal.identity.custom_role_queries import own_role, own_roles
from portal.identity.manage_person import change_roles
from portal.identity.models import CustomRole, UserAccount
from portal.identity.outside_accounts import follow_claims, hold_account
from portal.identity.rules import Role
from portal.kernel.actor import Actor
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.notifications.choices import events_of
from portal.notifications.readers import readers_of
from portal.providers.claim_rules import Outcome
from portal.service.handle import everybody_who_serves
from portal.statements.propose_close import PROPOSED
from tests import cast
from tests.identity.acts import invite
from tests.identity.custom_role_acts import ORDERS, as_now, composed, deleted, given, has, recomposed
from tests.identity.standing_in_acts import delegated, stands_in
from tests.races import failures, together, until_somebody_waits_for_a_row

BOSS, BUYER, FINANCE = cast.huadong.boss, cast.huadong.buyer, cast.huadong.finance
RIVAL, ADMIN = cast.yuegang.boss, cast.administrator
ISSUED = "statement.issued"
AUDITORS = ("hq:audit", "hq:dealers")


def kept(owner, code):
    return owner.execute(select(CustomRole).where(CustomRole.code == code)).one_or_none()


def events(owner, action):
    return owner.execute(select(AuditEvent).where(AuditEvent.action == action)).all()


class TestComposing:
    def test_an_owner_composes_gives_changes_and_deletes_a_role(self, issuer, owner, database):
        code = composed(issuer)
        given(issuer, BUYER, code)
        person = as_now(database, BUYER)
        assert (person.roles, person.custom_names) == ((code,), ("只下单",))
        assert person.actor().rights == set(ORDERS)
        recomposed(issuer, code, name="只看订单", rights=["orders:read"], revision=1)
        assert as_now(database, BUYER).actor().rights == {"orders:read"}
        given(issuer, BUYER, "dealer_buyer")
        deleted(issuer, code)
        assert kept(owner, code) is None
        assert "orders:write" in as_now(database, BUYER).actor().rights

    def test_its_rights_stand_beside_those_of_built_in_roles(self, issuer, database):
        given(issuer, FINANCE, "dealer_finance", composed(issuer, rights=["orders:write"]))
        rights = as_now(database, FINANCE).actor().rights
        assert {"orders:write", "payments:create"} <= rights

    def test_headquarters_composes_its_own(self, issuer, database, owner):
        code = composed(issuer, by=ADMIN, name="审计", rights=AUDITORS)
        given(issuer, cast.order_desk, code, by=ADMIN, all_regions=True)
        assert as_now(database, cast.order_desk).actor().rights == set(AUDITORS)
        assert kept(owner, code).dealer_id is None

    def test_the_audit_tells_what_was_before_and_after(self, issuer, owner):
        code = composed(issuer)
        recomposed(issuer, code, rights=["orders:read"])
        recomposed(issuer, code, rights=["orders:read"])
        deleted(issuer, code)
        [made], [changed], [gone] = (
            events(owner, f"role:{act}") for act in ("composed", "changed", "deleted")
        )
        assert {event.subject for event in (made, changed, gone)} == {f"role:{code}"}
        assert {event.dealer_id for event in (made, changed, gone)} == {cast.huadong.id}
        assert made.after == {"name": "只下单", "rights": list(ORDERS), "told_as": []}
        assert (changed.before, changed.after) == ({"rights": list(ORDERS)}, {"rights": ["orders:read"]})
        assert gone.before == {"name": "只下单", "rights": ["orders:read"], "told_as": []}

    @pytest.mark.parametrize(
        "right",
        ["people:write", "clients:write", "hq:audit", "hq:admin", "made:up"],
    )
    def test_no_role_manages_people_or_has_rights_of_the_other_side(self, issuer, owner, right):
        with pytest.raises(Invalid):
            composed(issuer, rights=["orders:read", right])
        assert owner.scalar(text("SELECT count(*) FROM custom_role")) == 0

    def test_nobody_gives_a_right_that_they_do_not_have(self, issuer):
        with pytest.raises(Invalid) as refusal:
            composed(issuer, by=ADMIN, rights=["hq:audit", "hq:finance-post"])
        assert [fault.code for fault in refusal.value.faults] == ["rights_not_held"]
        code = composed(issuer, by=ADMIN, rights=AUDITORS)
        with pytest.raises(Invalid):
            recomposed(issuer, code, by=ADMIN, rights=["hq:finance-post"])

    def test_a_program_gives_none_beyond_its_scopes(self, issuer):
        program = Actor(
            "ERP",
            frozenset({"people:write", "orders:read"}),
            client_id=cast.huadong.system.id,
            dealer_id=cast.huadong.id,
        )
        composed(issuer, actor=program, rights=["orders:read"])
        with pytest.raises(Invalid):
            composed(issuer, actor=program, name="另一个", rights=["orders:write"])

    @pytest.mark.parametrize("who", [BUYER, cast.order_desk], ids=lambda one: one.email)
    def test_nobody_else_composes_any(self, issuer, who):
        code = composed(issuer)
        for act in (
            lambda: composed(issuer, by=who),
            lambda: recomposed(issuer, code, by=who),
            lambda: deleted(issuer, code, by=who),
        ):
            with pytest.raises(Forbidden):
                act()

    def test_headquarters_are_composed_by_who_answers_for_the_whole_country(self, issuer, owner, database):
        has(owner, cast.south_manager, "administrator")
        actor = as_now(database, cast.south_manager).actor()
        with pytest.raises(Forbidden) as refusal:
            composed(issuer, actor=actor, rights=["hq:audit"])
        assert refusal.value.code == "whole_country"

    def test_two_of_a_side_have_different_names_and_two_sides_do_not_meet(self, issuer, owner):
        composed(issuer, name="Orders")
        with pytest.raises(Conflict) as refusal:
            composed(issuer, name="orders")
        assert refusal.value.code == "name_taken"
        composed(issuer, by=RIVAL, name="Orders")
        composed(issuer, by=ADMIN, name="Orders", rights=AUDITORS)

    def test_there_are_at_most_fifty(self, issuer, monkeypatch):
        monkeypatch.setattr("portal.identity.custom_roles.OF_ONE_SIDE_MAX", 1)
        composed(issuer)
        with pytest.raises(Conflict) as refusal:
            composed(issuer, name="另一个")
        assert refusal.value.code == "too_many"
        composed(issuer, by=RIVAL)

    def test_who_read_it_before_somebody_changed_it_is_told(self, issuer):
        code = composed(issuer)
        recomposed(issuer, code, rights=["orders:read"], revision=1)
        with pytest.raises(Conflict) as refusal:
            recomposed(issuer, code, rights=["prices:read"], revision=1)
        assert refusal.value.code == "overtaken"


class TestOtherSides:
    def test_a_rivals_role_is_nobodys(self, issuer, database):
        code = composed(issuer)
        for act in (
            lambda: recomposed(issuer, code, by=RIVAL),
            lambda: deleted(issuer, code, by=RIVAL),
            lambda: deleted(issuer, code, by=ADMIN),
        ):
            with pytest.raises(NotFound):
                act()
        for who in (RIVAL, ADMIN):
            with issuer.session_for(who.actor()) as session:
                assert own_roles(session, actor=who.actor()) == []
                with pytest.raises(NotFound):
                    own_role(session, actor=who.actor(), code=code)

    def test_nobody_is_given_or_invited_to_the_role_of_another_side(self, issuer):
        code, hq = composed(issuer, by=RIVAL), composed(issuer, by=ADMIN, rights=AUDITORS)
        for foreign in (code, hq, "own-000000000000"):
            with pytest.raises(Invalid):
                given(issuer, BUYER, foreign)
            with pytest.raises(Invalid):
                given(issuer, BUYER, foreign, by=ADMIN)
            with pytest.raises(Invalid):
                invite(issuer, roles=[foreign])

    def test_an_administrator_gives_a_dealers_role_to_that_dealers_people(self, issuer, database):
        code = composed(issuer)
        given(issuer, BUYER, code, by=ADMIN)
        assert as_now(database, BUYER).actor().rights == set(ORDERS)

    def test_a_code_of_another_side_in_an_account_gives_nothing(self, issuer, owner, database):
        code, hq = composed(issuer, by=RIVAL), composed(issuer, by=ADMIN, rights=AUDITORS)
        has(owner, BUYER, code, hq)
        for session in (
            database.personal_session(BUYER.actor().key, cast.huadong.id),
            database.system_session(),
        ):
            with session:
                person = queries.person(session, BUYER.id)
            assert (person.actor().rights, person.custom_names) == (frozenset(), ())

    def test_a_dealer_reads_neither_a_rivals_nor_headquarters_whatever_the_view_forgets(
        self, issuer, database
    ):
        mine = composed(issuer)
        composed(issuer, by=RIVAL)
        composed(issuer, by=ADMIN, rights=AUDITORS)
        with database.session_for(BUYER.actor()) as session:
            assert session.scalars(text("SELECT code FROM custom_role")).all() == [mine]

    def test_the_serving_role_writes_none(self, issuer, database):
        composed(issuer)
        for statement in ("UPDATE custom_role SET rights = '{orders:write}'", "DELETE FROM custom_role"):
            with pytest.raises(DBAPIError), database.session_for(BOSS.actor()) as session:
                session.execute(text(statement))

    @pytest.mark.parametrize("rights", ["{}", "{people:write}", "{hq:audit}", "{orders:read,NULL}"])
    def test_the_database_keeps_no_role_that_gives_what_none_may(self, issuer, owner, rights):
        code = composed(issuer)
        with pytest.raises(DBAPIError), owner.begin_nested():
            owner.execute(
                text("UPDATE custom_role SET rights = CAST(:rights AS text[]) WHERE code = :code"),
                {"rights": rights, "code": code},
            )


class TestDeleting:
    def test_a_role_that_somebody_has_stays_be_the_account_deactivated(self, issuer, owner):
        code = composed(issuer)
        given(issuer, BUYER, code)
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
        with pytest.raises(Conflict) as refusal:
            deleted(issuer, code)
        assert refusal.value.code == "role_in_use"

    def test_a_role_to_which_somebody_is_invited_stays(self, issuer, owner):
        code = composed(issuer)
        invite(issuer, roles=[code])
        with pytest.raises(Conflict):
            deleted(issuer, code)
        owner.execute(text("UPDATE invitation SET revoked_at = sent_at"))
        deleted(issuer, code)

    @pytest.mark.parametrize("run", range(3))
    def test_given_and_deleted_at_once_it_is_one_or_the_other(self, issuer, owner, run):
        code = composed(issuer)
        outcomes = together(
            2, lambda place: given(issuer, BUYER, code) if place == 0 else deleted(issuer, code)
        )
        [failed] = failures(outcomes)
        is_there = kept(owner, code) is not None
        roles = owner.scalar(select(UserAccount.roles).where(UserAccount.id == BUYER.id))
        assert is_there is (roles == [code])
        assert isinstance(failed, Conflict if is_there else Invalid)

    def test_who_deletes_waits_for_who_is_giving(self, issuer, owner):
        code = composed(issuer)
        with ThreadPoolExecutor(1) as other:
            with transaction(issuer.session_for(BOSS.actor())) as session:
                change_roles(session, actor=BOSS.actor(), user_id=BUYER.id, roles=[code])
                waits = other.submit(deleted, issuer, code)
                until_somebody_waits_for_a_row(owner)
            with pytest.raises(Conflict):
                waits.result()


class TestInOthersNames:
    def test_a_delegated_one_gives_what_it_gives_now(self, issuer, database, owner):
        code = composed(issuer)
        given(issuer, BUYER, code)
        number = delegated(issuer, by=replace(BUYER, roles=(code,)), to=FINANCE)
        found = stands_in(database, FINANCE, number)
        assert found.actor.rights == set(ORDERS)
        assert found.person.custom_names == ("只下单",)
        recomposed(issuer, code, rights=["orders:read"])
        assert stands_in(database, FINANCE, number).actor.rights == {"orders:read"}
        given(issuer, BUYER, "dealer_buyer")
        assert stands_in(database, FINANCE, number) is None

    def test_who_stands_in_for_an_owner_composes_nothing(self, issuer, database):
        number = delegated(issuer, by=BOSS, to=BUYER)
        actor = stands_in(database, BUYER, number).actor
        with pytest.raises(Forbidden):
            composed(issuer, actor=actor, rights=["orders:read"])


def test_colleagues_are_known_by_what_headquarters_composed(issuer, database):
    code = composed(issuer, by=ADMIN, rights=AUDITORS)
    given(issuer, cast.order_desk, code, by=ADMIN, all_regions=True)
    with database.session_for(cast.service_desk.actor()) as session:
        [found] = [one for one in colleagues(session) if one.user_id == cast.order_desk.id]
    assert found.may("hq:audit") and not found.may("hq:orders")


def test_who_serves_by_a_role_of_headquarters_own_is_found(issuer, database, owner):
    has(owner, ADMIN, "administrator", "service_desk")
    desk = as_now(database, ADMIN).actor()
    code = composed(issuer, actor=desk, name="代班", rights=["hq:service-desk"])
    given(issuer, cast.hq_finance, code, by=ADMIN, all_regions=True)
    with database.session_for(cast.service_desk.actor()) as session:
        assert cast.hq_finance.id in {one.user_id for one in everybody_who_serves(session)}


def test_who_signs_claims_by_a_role_of_headquarters_own_signs_and_is_asked(issuer, database, owner):
    has(owner, ADMIN, "administrator", "channel_manager")
    code = composed(issuer, actor=as_now(database, ADMIN).actor(), name="代签", rights=["hq:rebate-claims"])
    given(issuer, cast.order_desk, code, by=ADMIN, all_regions=True)
    manager = cast.national_manager.actor()
    with database.session_for(manager) as session:
        assert cast.order_desk.id in {one.user_id for one in can_stand_in(session, actor=manager)}


def test_claims_of_a_provider_neither_give_nor_take_one(issuer, owner):
    code = composed(issuer)
    given(issuer, BUYER, "dealer_buyer", code)
    outcome = Outcome(("dealer_finance",), (), False, False, ())
    with transaction(issuer.system_session()) as session:
        account = hold_account(session, BUYER.id)
        beside = outcome.roles_beside(account.roles, of_dealer=True)
        follow_claims(session, account, roles=beside, region_ids=(), all_regions=False, by="provider:x")
    roles = owner.scalar(select(UserAccount.roles).where(UserAccount.id == BUYER.id))
    assert roles == ["dealer_finance", code]


class TestLetters:
    def test_its_people_get_the_letters_of_the_roles_that_it_names(self, issuer, database):
        silent = composed(issuer, name="静默")
        told = composed(issuer, told_as=["dealer_finance"])
        given(issuer, BUYER, silent)
        given(issuer, cast.huadong.service, told)
        with database.system_session() as session:
            of_event = {one.user_id for one in readers_of(session, event=ISSUED, dealer_id=cast.huadong.id)}
            rivals = {one.user_id for one in readers_of(session, event=ISSUED, dealer_id=cast.yuegang.id)}
        assert of_event == {FINANCE.id, cast.huadong.service.id}
        assert rivals == {cast.yuegang.finance.id}
        with database.session_for(BOSS.actor()) as session:
            found = queries.readers(session, dealer_id=cast.huadong.id, role=Role.DEALER_FINANCE)
        assert {one.user_id for one in found} == of_event

    def test_they_choose_how_and_who_has_none_is_asked_nothing(self, issuer, database):
        given(issuer, BUYER, composed(issuer, name="静默"))
        given(issuer, cast.huadong.service, composed(issuer, told_as=["dealer_finance"]))
        for who, is_told in ((BUYER, False), (cast.huadong.service, True)):
            actor = as_now(database, who).actor()
            with database.session_for(actor) as session:
                assert (ISSUED in events_of(session, actor)) is is_told

    def test_headquarters_are_told_in_their_regions(self, issuer, database, owner):
        has(owner, ADMIN, "administrator", "hq_finance")
        actor = as_now(database, ADMIN).actor()
        code = composed(issuer, actor=actor, name="月结", rights=["hq:finance-read"], told_as=["hq_finance"])
        given(issuer, cast.order_desk, code, by=ADMIN, all_regions=True)
        with database.system_session() as session:
            found = readers_of(session, event=PROPOSED, dealer_id=None)
        assert cast.order_desk.id in {one.user_id for one in found}

    @pytest.mark.parametrize("role", ["hq_finance", "dealer_buyer", "made_up", "own-000000000000"])
    def test_nobody_has_letters_sent_that_are_beyond_them(self, issuer, role):
        with pytest.raises(Invalid) as refusal:
            composed(issuer, by=ADMIN, rights=["hq:audit"], told_as=[role])
        assert [fault.pointer for fault in refusal.value.faults] == ["/told_as"]
