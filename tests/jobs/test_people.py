"""Letters that let somebody in: in the reader's language, with a link that works and stands nowhere else."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text, update

from portal.identity.models import Invitation, PasswordReset
from portal.identity.reset_password import ask_reset
from portal.kernel.db import Database, transaction
from portal.kernel.opaque import Sealer
from tests import cast
from tests.identity.acts import invite
from tests.jobs.test_mail import body
from tests.roles import Person
from tests.web_clients import Visitor

NEW = Person(1, "new@huadong.example", "新人", ())
_LINK = re.compile(r"https://portal\.example(/(?:invitation|password)/\S+)")


@pytest.fixture
def issuer(settings):
    sealer = Sealer(settings.secret_key.get_secret_value())
    made = Database(settings.issuer_database_url.get_secret_value(), pool_size=2, sealer=sealer)
    yield made
    made.dispose()


@pytest.mark.parametrize(
    ("locale", "subject"), [("zh", "邀请您使用门户"), ("en", "Your invitation to the portal")]
)
def test_an_invitation_says_who_invites_to_what_and_its_link_opens(issuer, letters, app, locale, subject):
    invite(issuer, locale=locale)
    [message] = letters(NEW)
    said = body(message)
    assert message["Subject"] == subject
    company = cast.huadong.name_zh if locale == "zh" else cast.huadong.name_en
    assert company in said and cast.huadong.boss.display_name in said
    assert Visitor(app).get(_LINK.search(said).group(1)).status_code == 200


def test_a_reset_goes_to_the_person_with_a_link_that_opens(issuer, letters, app):
    with transaction(issuer.system_session()) as session:
        ask_reset(session, email=cast.huadong.buyer.email, minutes=30, at=cast.NOW)
    [message] = letters(cast.huadong.buyer)
    assert Visitor(app).get(_LINK.search(body(message)).group(1)).status_code == 200


def test_what_has_ended_meanwhile_is_not_sent(issuer, letters, owner):
    invite(issuer)
    owner.execute(update(Invitation).values(revoked_at=cast.NOW))
    with transaction(issuer.system_session()) as session:
        ask_reset(session, email=cast.huadong.buyer.email, minutes=30, at=cast.NOW)
    owner.execute(update(PasswordReset).values(used_at=cast.NOW))
    assert not letters(NEW) and not letters(cast.huadong.buyer)


def test_the_serving_role_knows_no_hash_of_a_link(issuer, database):
    invite(issuer)
    for table in ("invitation", "password_reset"):
        with pytest.raises(Exception, match="permission denied"), database.system_session() as session:
            session.execute(text(f"SELECT token_hash FROM {table}"))
    with database.system_session() as session:
        assert session.execute(select(Invitation.nonce)).scalars().all()
