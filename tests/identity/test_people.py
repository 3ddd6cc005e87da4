"""Accounts: checking a password, beginning and ending a session, creating users and clients."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text, update

from portal.audit.models import AuditEvent
from portal.dealers.models import Dealer
from portal.identity import queries
from portal.identity.check_password import check_password
from portal.identity.choose_locale import choose_locale
from portal.identity.create_client import Wanted, create_client
from portal.identity.create_user import create_user
from portal.identity.credentials import hash_secret, secret_matches
from portal.identity.models import ApiClient, UserAccount, UserSession
from portal.identity.rules import Role
from portal.identity.sign_in import sign_in
from portal.identity.sign_out import sign_out
from portal.identity.sweep import sweep
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.races import together, until_somebody_waits_for_a_row

BUYER = cast.huadong.buyer


def check(database, email=BUYER.email, password=cast.PASSWORD):
    with transaction(database.system_session()) as session:
        return check_password(session, email=email, password=password, at=cast.NOW)


def refusals(owner):
    rows = owner.execute(select(AuditEvent).where(AuditEvent.action == "session:refused")).all()
    return [(row.subject, row.dealer_id, row.reason) for row in rows]


def disable(owner, person=BUYER):
    owner.execute(update(UserAccount).where(UserAccount.id == person.id).values(disabled_at=cast.NOW))


def keep(owner, password_hash):
    owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(password_hash=password_hash))


def _hash(password=cast.PASSWORD, *, time_cost=2):
    return PasswordHasher(time_cost=time_cost, memory_cost=19_456, parallelism=1).hash(password)


def close(owner, dealer=cast.huadong, state="closed"):
    owner.execute(update(Dealer).where(Dealer.id == dealer.id).values(state=state))


class TestCheckingAPassword:
    def test_the_right_one_tells_who_it_is(self, issuer_database, owner):
        person = check(issuer_database)
        assert person.actor() == BUYER.actor()
        assert (person.company_zh, person.subject) == (cast.huadong.name_zh, f"user:{BUYER.id}")
        assert refusals(owner) == []

    def test_case_and_blanks_around_the_mail_do_not_matter(self, issuer_database):
        assert check(issuer_database, f"  {BUYER.email.upper()} ").id == BUYER.id

    def test_staff_get_the_provinces_of_their_areas(self, issuer_database, owner):
        owner.execute(
            update(UserAccount)
            .where(UserAccount.id == cast.east_manager.id)
            .values(region_ids=[cast.east.id])
        )
        person = check(issuer_database, cast.east_manager.email)
        assert set(person.region_ids) == {cast.east.id, cast.shanghai.id, cast.jiangsu.id}
        assert check(issuer_database, cast.order_desk.email).region_ids is None

    def test_a_wrong_one_is_refused_and_written_down_without_what_was_typed(self, issuer_database, owner):
        assert check(issuer_database, password="my other password") is None
        assert refusals(owner) == [(f"user:{BUYER.id}", cast.huadong.id, "wrong_password")]
        assert "my other password" not in str(owner.execute(select(AuditEvent)).all())

    @pytest.mark.parametrize(
        "email",
        [
            "nobody@nowhere.example",
            "",
            "a\x00b@c.example",
            "x" * 300,
            "ｂuyer@huadong.example",
            "buyer@hu\u0430dong.example",
        ],
    )
    def test_an_unknown_mail_is_refused_and_not_written_down(self, issuer_database, owner, email):
        assert check(issuer_database, email) is None
        assert refusals(owner) == [("unknown", None, "unknown_account")]

    def test_a_disabled_account_is_refused(self, issuer_database, owner):
        disable(owner)
        assert check(issuer_database) is None
        assert refusals(owner) == [(f"user:{BUYER.id}", cast.huadong.id, "shut_out")]

    def test_people_of_a_closed_dealer_are_refused_and_of_a_suspended_one_not(self, issuer_database, owner):
        close(owner, state="suspended")
        assert check(issuer_database).dealer_state == "suspended"
        close(owner)
        assert check(issuer_database) is None

    def test_a_hash_made_long_ago_is_made_anew(self, issuer_database, owner):
        weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(cast.PASSWORD)
        owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(password_hash=weak))
        assert check(issuer_database).id == BUYER.id
        assert owner.scalar(select(UserAccount.password_hash).where(UserAccount.id == BUYER.id)) != weak
        assert check(issuer_database).id == BUYER.id

    @pytest.mark.parametrize("stored", [_hash(), _hash(time_cost=1)], ids=["of today", "made long ago"])
    def test_a_password_that_is_changed_meanwhile_is_not_the_right_one_and_the_change_stays(
        self, issuer_database, owner, stored
    ):
        keep(owner, stored)
        new = _hash("another horse, another battery")
        with ThreadPoolExecutor(1) as aside:
            with owner.engine.begin() as change:
                keep(change, new)
                checked = aside.submit(check, issuer_database)
                until_somebody_waits_for_a_row(owner)
            assert checked.result() is None
        assert owner.scalar(select(UserAccount.password_hash).where(UserAccount.id == BUYER.id)) == new
        assert [reason for _who, _dealer, reason in refusals(owner)] == ["wrong_password"]

    @pytest.mark.parametrize("stored", [_hash(), _hash(time_cost=1)], ids=["of today", "made long ago"])
    def test_many_at_the_same_time_are_all_let_in(self, issuer_database, owner, stored):
        keep(owner, stored)
        assert [person.id for person in together(6, lambda _place: check(issuer_database))] == [BUYER.id] * 6


class TestSessions:
    def begin(self, issuer_database, hours=12):
        with transaction(issuer_database.system_session()) as session:
            return sign_in(session, person=queries.person(session, BUYER.id), hours=hours, at=cast.NOW)

    def find(self, database, secret, *, user_id=BUYER.id, at=cast.NOW):
        with database.personal_session(f"user:{user_id}", cast.huadong.id) as session:
            return queries.person_of_session(session, user_id=user_id, secret_hash=hash_secret(secret), at=at)

    def test_each_sign_in_has_a_secret_of_its_own_that_is_kept_as_a_hash(
        self, database, issuer_database, owner
    ):
        one, other = self.begin(issuer_database), self.begin(issuer_database)
        assert one != other
        assert one not in str(owner.execute(select(UserSession)).all())
        assert self.find(database, one).actor() == BUYER.actor()

    def test_it_runs_out(self, database, issuer_database):
        secret = self.begin(issuer_database, hours=1)
        assert self.find(database, secret, at=cast.NOW + timedelta(minutes=59))
        assert not self.find(database, secret, at=cast.NOW + timedelta(minutes=60))

    def test_it_is_of_no_use_to_anybody_else(self, database, issuer_database):
        secret = self.begin(issuer_database)
        assert self.find(database, secret, user_id=cast.huadong.finance.id) is None

    def test_signing_out_ends_this_one_only(self, database, issuer_database, owner):
        kept, ended = self.begin(issuer_database), self.begin(issuer_database)
        with transaction(database.dealer_session(BUYER.actor())) as session:
            sign_out(session, actor=BUYER.actor(), secret=ended, at=cast.NOW)
        assert self.find(database, kept) and not self.find(database, ended)
        assert owner.scalars(select(AuditEvent.action)).all().count("session:signed_out") == 1

    def test_nobody_ends_or_sees_the_session_of_another(self, database, issuer_database):
        secret = self.begin(issuer_database)
        rival = cast.yuegang.boss.actor()
        with transaction(database.dealer_session(rival)) as session:
            sign_out(session, actor=rival, secret=secret, at=cast.NOW)
            assert session.execute(text("SELECT count(*) FROM user_session")).scalar() == 0
        assert self.find(database, secret)

    def test_what_ran_out_a_week_ago_is_forgotten(self, database, issuer_database, owner):
        for hours in (1, 1 + 24 * 7 + 1):
            with transaction(issuer_database.system_session()) as session:
                past = cast.NOW - timedelta(days=7, hours=2)
                sign_in(session, person=queries.person(session, BUYER.id), hours=hours, at=past)
        with transaction(database.system_session()) as session:
            assert sweep(session) == 1
        assert owner.scalar(select(UserSession.expires_at)) == cast.NOW


def test_the_language_is_kept_with_the_account(database, owner):
    with transaction(database.dealer_session(BUYER.actor())) as session:
        choose_locale(session, actor=BUYER.actor(), locale="en")
    locales = dict(owner.execute(select(UserAccount.email, UserAccount.locale)).all())
    assert locales.pop(BUYER.email) == "en"
    assert set(locales.values()) == {"zh"}


class TestCreatingAUser:
    def create(self, database, actor=SYSTEM, **changes):
        fields = {
            "email": "New.Buyer@huadong.example",
            "password": "a long password",
            "display_name": "新人",
            "roles": [Role.DEALER_BUYER],
            "dealer_id": cast.huadong.id,
        }
        with transaction(database.system_session()) as session:
            return create_user(session, actor=actor, **(fields | changes))

    def test_who_can_then_sign_in(self, issuer_database, owner):
        user_id = self.create(issuer_database)
        assert check(issuer_database, "new.buyer@huadong.example", "a long password").id == user_id
        assert "user:created" in owner.scalars(select(AuditEvent.action)).all()

    def test_every_fault_is_told_at_once(self, issuer_database):
        with pytest.raises(Invalid) as refusal:
            self.create(
                issuer_database,
                email="no mail",
                password="short",
                display_name=" ",
                roles=[Role.ADMINISTRATOR],
                all_regions=True,
            )
        assert [fault.pointer for fault in refusal.value.faults] == [
            "/email",
            "/password",
            "/display_name",
            "/roles",
            "/region_ids",
        ]

    @pytest.mark.parametrize(
        "name",
        ["张\n三", "张\r三", "张\t三", "张\x00三", "张\x7f三", "张\u2028三", "张\u202e三", "x" * 101],
        ids=ascii,
    )
    def test_a_name_that_would_break_a_line_or_does_not_show_is_refused_beside_its_field(
        self, issuer_database, name
    ):
        with pytest.raises(Invalid) as refusal:
            self.create(issuer_database, display_name=name)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/display_name", "name")]

    @pytest.mark.parametrize(("name", "lacking"), [("张😀三🏥", "😀 🏥"), ("Ali عل", "ع ل"), ("李𰀀", "𰀀")])
    def test_characters_that_cannot_be_printed_are_told_beside_the_name(self, issuer_database, name, lacking):
        with pytest.raises(Invalid) as refusal:
            self.create(issuer_database, display_name=name)
        assert [(f.pointer, f.code, f.params["characters"]) for f in refusal.value.faults] == [
            ("/display_name", "unprintable", lacking)
        ]

    @pytest.mark.parametrize("name", ["李𬭊", "Łukasz Đặng", "Θεά Ιωάννα"])
    def test_rare_characters_and_european_letters_are_names(self, issuer_database, owner, name):
        assert (
            owner.scalar(
                select(UserAccount.display_name).where(
                    UserAccount.id == self.create(issuer_database, display_name=name)
                )
            )
            == name
        )

    def test_a_name_typed_in_pieces_is_kept_composed(self, issuer_database, owner):
        user_id = self.create(issuer_database, display_name="Zoe\u0308")
        assert owner.scalar(select(UserAccount.display_name).where(UserAccount.id == user_id)) == "Zo\u00eb"

    def test_a_name_is_kept_trimmed_with_plain_spaces(self, issuer_database, owner):
        user_id = self.create(issuer_database, display_name="\u3000欧阳\u3000Anna-Lena O’Neil\n")
        assert (
            owner.scalar(select(UserAccount.display_name).where(UserAccount.id == user_id))
            == "欧阳 Anna-Lena O’Neil"
        )

    def test_a_mail_that_is_taken_is_refused(self, issuer_database):
        with pytest.raises(Conflict) as refusal:
            self.create(issuer_database, email=BUYER.email)
        assert refusal.value.code == "duplicate"

    def test_only_an_administrator_may(self, issuer_database):
        with pytest.raises(Forbidden):
            self.create(issuer_database, actor=cast.huadong.boss.actor())


class TestCreatingAClient:
    def create(self, database, actor=SYSTEM, **changes):
        fields = {
            "client_id": "new-system",
            "name": "ERP",
            "scopes": [OrderRight.READ],
            "dealer_id": cast.huadong.id,
        } | changes
        wanted = Wanted(fields.pop("name"), fields.pop("scopes"))
        with transaction(database.system_session()) as session:
            return create_client(session, actor=actor, wanted=wanted, at=cast.NOW, **fields)

    def test_its_secret_is_random_and_kept_as_a_hash(self, issuer_database, owner):
        made = self.create(issuer_database)
        stored = owner.scalar(select(ApiClient.secret_hash).where(ApiClient.id == made.id))
        assert secret_matches(made.client_secret, stored)
        assert made.client_secret not in repr(made)

    def test_every_fault_is_told_at_once(self, issuer_database):
        with pytest.raises(Invalid) as refusal:
            self.create(issuer_database, client_id="user:1", name="", scopes=[LedgerRight.POST])
        assert [fault.pointer for fault in refusal.value.faults] == ["/client_id", "/name", "/scopes"]

    def test_a_name_that_would_break_a_line_is_refused_beside_its_field(self, issuer_database):
        with pytest.raises(Invalid) as refusal:
            self.create(issuer_database, name="ERP\nERP")
        assert [fault.pointer for fault in refusal.value.faults] == ["/name"]

    def test_characters_that_cannot_be_printed_are_told_beside_the_name(self, issuer_database):
        with pytest.raises(Invalid) as refusal:
            self.create(issuer_database, name="ERP 🏭")
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/name", "unprintable")]

    @pytest.mark.parametrize("client_id", ["portal-web", "ab", "A-B-C", "a b c", "x" * 70])
    def test_an_identifier_that_could_be_mistaken_is_refused(self, issuer_database, client_id):
        with pytest.raises(Invalid):
            self.create(issuer_database, client_id=client_id)

    def test_an_identifier_that_is_taken_is_refused(self, issuer_database):
        with pytest.raises(Conflict):
            self.create(issuer_database, client_id=cast.erp.client_id)

    @pytest.mark.parametrize("who", [cast.huadong.buyer, cast.yuegang.boss, cast.hq_finance], ids=str)
    def test_only_the_owner_of_the_dealer_and_an_administrator_may(self, issuer_database, who):
        with pytest.raises(Forbidden):
            self.create(issuer_database, actor=who.actor())
