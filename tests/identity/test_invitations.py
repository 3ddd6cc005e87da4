"""Inviting people, and coming in by the link of a letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.identity.accept_invitation import accept_invitation, invited
from portal.identity.account_links import RESET, link_token
from portal.identity.check_password import check_password
from portal.identity.chosen_passwords import PasswordRules
from portal.identity.invite_person import revoke_invitation, send_again
from portal.identity.models import Invitation, UserAccount
from portal.identity.people import invitations, people
from portal.identity.rules import Role
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.opaque import Sealer
from tests import cast
from tests.identity.acts import A_PASSWORD, invite, token_of
from tests.races import failures, together

LATER = cast.NOW + timedelta(hours=73)
RULES = PasswordRules()


def accept(issuer, token, *, name="新人", password=A_PASSWORD, at=cast.NOW):
    with transaction(issuer.system_session()) as session:
        return accept_invitation(
            session, token=token, name=name, password=password, rules=RULES, locale="en", at=at
        )


def shown(issuer, token, at=cast.NOW):
    with issuer.system_session() as session:
        return invited(session, token=token, at=at)


def faults(raised):
    return [(fault.pointer, fault.code) for fault in raised.value.faults]


class TestInviting:
    def test_an_owner_invites_to_its_dealer_and_who_accepts_can_sign_in(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer, email=" New@HuaDong.example "))
        assert shown(issuer, token).company == (cast.huadong.name_zh, cast.huadong.name_en)
        user_id = accept(issuer, token)
        with transaction(issuer.system_session()) as session:
            person = check_password(session, email="new@huadong.example", password=A_PASSWORD, at=cast.NOW)
        assert (person.id, person.dealer_id, person.roles) == (user_id, cast.huadong.id, (Role.DEALER_BUYER,))

    def test_the_link_is_kept_as_a_hash_and_stands_nowhere_else(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer))
        kept = str(owner.execute(select(Invitation)).all()) + str(owner.execute(select(AuditEvent)).all())
        kept += str(owner.execute(text("SELECT payload FROM outbox")).all())
        assert token not in kept

    def test_an_administrator_invites_to_headquarters_and_to_any_dealer(self, issuer, owner, sealer):
        for dealer in (None, cast.yuegang):
            email = f"new@{dealer.code if dealer else 'hq'}.example"
            by = cast.administrator.actor()
            token = token_of(owner, sealer, invite(issuer, actor=by, dealer=dealer, email=email))
            accept(issuer, token)
            made = owner.execute(select(UserAccount).where(UserAccount.email == email)).one()
            assert made.dealer_id == (dealer.id if dealer else None)

    def test_an_owner_invites_nobody_to_another_side(self, issuer, owner):
        for dealer in (cast.yuegang, None):
            with pytest.raises(NotFound):
                invite(issuer, actor=cast.huadong.boss.actor(), dealer=dealer)
        assert not owner.execute(select(Invitation)).all()

    @pytest.mark.parametrize(
        "person", [cast.huadong.buyer, cast.order_desk, cast.national_manager], ids=lambda one: one.email
    )
    def test_nobody_else_invites(self, issuer, person):
        with pytest.raises(Forbidden):
            invite(issuer, actor=person.actor())

    def test_every_fault_is_told_at_once(self, issuer):
        with pytest.raises(Invalid) as raised:
            invite(issuer, email="no mail", name=" ", roles=[Role.ADMINISTRATOR], all_regions=True)
        assert [pointer for pointer, _ in faults(raised)] == ["/email", "/name", "/roles", "/regions"]

    @pytest.mark.parametrize(
        "email",
        [
            "ceo@hu\u0430dong.example\r\nBcc: all@rival.example",
            "c\u0435o@huadong.example",
            'a"b"@huadong.example',
            "a,b@huadong.example",
            "new@huadong",
            "@huadong.example",
            "a..b@huadong.example",
            "x" * 65 + "@huadong.example",
        ],
        ids=ascii,
    )
    def test_what_is_no_address_or_only_looks_like_one_is_refused(self, issuer, email):
        with pytest.raises(Invalid) as raised:
            invite(issuer, email=email)
        assert faults(raised) == [("/email", "email")]

    def test_a_domain_that_only_looks_like_another_shows_as_what_it_is(self, issuer, owner):
        invite(issuer, email="boss@hu\u0430dong.example")
        assert owner.scalar(select(Invitation.email)) == "boss@xn--hudong-4nf.example"

    def test_a_mail_that_has_an_account_here_is_refused(self, issuer):
        with pytest.raises(Invalid) as raised:
            invite(issuer, email=cast.huadong.buyer.email)
        assert faults(raised) == [("/email", "here_already")]

    def test_whether_it_has_one_elsewhere_nobody_learns_but_its_reader(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer, email=cast.yuegang.buyer.email))
        with pytest.raises(Conflict) as refusal:
            accept(issuer, token)
        assert refusal.value.code == "has_account"

    def test_a_mail_is_invited_once_at_a_time_to_a_side(self, issuer):
        invite(issuer)
        with pytest.raises(Conflict) as refusal:
            invite(issuer)
        assert refusal.value.code == "invited_already"
        invite(issuer, dealer=cast.yuegang)


class TestTheLink:
    def test_it_is_good_once(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer))
        accept(issuer, token)
        with pytest.raises(NotFound):
            accept(issuer, token)

    def test_of_two_who_use_it_at_once_one_comes_in(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer))
        outcomes = together(2, lambda place: accept(issuer, token, name=f"新人{place}"))
        assert [type(one) for one in failures(outcomes)] == [NotFound]
        assert (
            len(owner.execute(select(UserAccount).where(UserAccount.email == "new@huadong.example")).all())
            == 1
        )

    def test_it_runs_out(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer))
        for act in (lambda: shown(issuer, token, LATER), lambda: accept(issuer, token, at=LATER)):
            with pytest.raises(NotFound):
                act()

    def test_it_is_good_for_nothing_once_revoked(self, issuer, owner, sealer):
        number = invite(issuer)
        token, boss = token_of(owner, sealer, number), cast.huadong.boss.actor()
        with transaction(issuer.session_for(boss)) as session:
            revoke_invitation(session, actor=boss, invitation_id=number, at=cast.NOW)
        with pytest.raises(NotFound):
            accept(issuer, token)
        invite(issuer)  # and somebody may be invited again

    def test_sent_again_it_is_another_and_the_one_before_is_dead(self, issuer, owner, sealer):
        number, boss = invite(issuer), cast.huadong.boss.actor()
        first = token_of(owner, sealer, number)
        with transaction(issuer.session_for(boss)) as session:
            send_again(session, actor=boss, invitation_id=number, hours=72, at=LATER)
        with pytest.raises(NotFound):
            accept(issuer, first, at=LATER)
        accept(issuer, token_of(owner, sealer, number), at=LATER)

    @pytest.mark.parametrize("verb", [revoke_invitation, send_again])
    def test_a_rival_neither_revokes_nor_sends_it(self, issuer, verb):
        number, rival = invite(issuer), cast.yuegang.boss.actor()
        more = {"hours": 72} if verb is send_again else {}
        with pytest.raises(NotFound), transaction(issuer.session_for(rival)) as session:
            verb(session, actor=rival, invitation_id=number, at=cast.NOW, **more)

    def test_a_link_of_another_purpose_or_of_another_secret_opens_nothing(self, issuer, owner, sealer):
        number = invite(issuer)
        nonce = owner.scalar(select(Invitation.nonce).where(Invitation.id == number))
        for token in (
            link_token(sealer, RESET, nonce),
            token_of(owner, Sealer("another"), number),
            nonce,
            "",
        ):
            with pytest.raises(NotFound):
                shown(issuer, token)

    def test_a_closed_dealer_takes_nobody_in(self, issuer, owner, sealer):
        token = token_of(owner, sealer, invite(issuer))
        owner.execute(text("UPDATE dealer SET state = 'closed' WHERE id = :id"), {"id": cast.huadong.id})
        with pytest.raises(NotFound):
            accept(issuer, token)

    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("short", "password"),
            ("password123", "breached"),
            ("aaaaaaaaaaaa", "monotonous"),
            ("new@huadong", "own_words"),
        ],
    )
    def test_a_poor_password_is_refused_and_the_link_stays_good(self, issuer, owner, sealer, password, code):
        token = token_of(owner, sealer, invite(issuer))
        with pytest.raises(Invalid) as raised:
            accept(issuer, token, password=password)
        assert faults(raised) == [("/password", code)]
        accept(issuer, token)


class TestTheList:
    def test_an_owner_sees_its_people_and_invitations_and_no_others(self, issuer):
        invite(issuer)
        invite(issuer, dealer=cast.yuegang)
        boss = cast.huadong.boss.actor()
        with issuer.session_for(boss) as session:
            rows = people(session, actor=boss).items
            assert {row.dealer_code for row in rows} == {cast.huadong.code}
            assert {row.dealer_code for row in invitations(session, actor=boss, at=cast.NOW)} == {
                cast.huadong.code
            }

    def test_the_database_shows_a_rivals_people_to_nobody_even_without_the_condition(self, issuer, database):
        invite(issuer)
        rival = cast.yuegang.boss.actor()
        for made in (issuer, database):
            with made.session_for(rival) as session:
                for table in ("user_account", "invitation"):
                    found = session.execute(text(f"SELECT DISTINCT dealer_id FROM {table}")).scalars().all()
                    assert set(found) <= {cast.yuegang.id}

    def test_an_administrator_finds_anybody_by_part_of_a_name_a_mail_or_a_dealer(self, issuer):
        admin = cast.administrator.actor()
        with issuer.session_for(admin) as session:

            def found(q, side=""):
                return {row.email for row in people(session, actor=admin, q=q, side=side, limit=100).items}

            assert cast.order_desk.email in found("沈岚")
            assert found("YUEGANG") == {
                person.email for person in cast.people if person.dealer_id == cast.yuegang.id
            }
            assert found("%") == set()
            assert found("", "hq") == {person.email for person in cast.staff}

    def test_its_pages_follow_each_other(self, issuer):
        admin = cast.administrator.actor()
        with issuer.session_for(admin) as session:
            names, cursor = [], None
            while True:
                page = people(session, actor=admin, limit=7, cursor=cursor)
                names += [row.email for row in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert len(names) == len(set(names)) == len(cast.people)


def test_what_was_done_is_in_the_audit_under_who_did_it(issuer, owner, sealer):
    accept(issuer, token_of(owner, sealer, invite(issuer)))
    said = owner.execute(
        select(AuditEvent.action, AuditEvent.actor, AuditEvent.dealer_id).order_by(AuditEvent.id)
    ).all()
    boss = cast.huadong.boss.actor().key
    assert [(one.action, one.actor) for one in said] == [
        ("invitation:sent", boss),
        ("invitation:accepted", "system"),
        ("user:created", "system"),
    ]
    assert {one.dealer_id for one in said} == {cast.huadong.id}
