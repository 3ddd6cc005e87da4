"""What happens to people in tests of people: invited, and the secret of the letter."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, text

from config import Settings
from portal.identity.account_links import INVITATION, RESET, link_token
from portal.identity.invite_person import Wanted, invite_person
from portal.identity.models import Invitation
from portal.identity.people import INVITED, person_key
from portal.identity.rules import Role
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.kernel.opaque import Sealer
from tests import cast
from tests.roles import Dealer

A_PASSWORD = "four words that fit together"


def invite(
    issuer: Database, *, actor: Actor | None = None, dealer: Dealer | None = cast.huadong, **changes
) -> int:
    """Invite 新人 to Huadong, or to another side; the id of the invitation."""
    fields = {
        "email": "new@huadong.example",
        "name": "新人",
        "roles": [Role.DEALER_BUYER if dealer else Role.ORDER_DESK],
        "dealer_id": dealer.id if dealer else None,
        "all_regions": dealer is None,
    }
    by = actor or (dealer.boss if dealer else cast.administrator).actor()
    with transaction(issuer.session_for(by)) as session:
        wanted = Wanted(**(fields | changes))
        return invite_person(session, actor=by, wanted=wanted, hours=72, at=cast.NOW)


def token_of(owner: Connection, sealer: Sealer, invitation_id: int) -> str:
    """The secret in the latest letter of an invitation."""
    nonce = owner.scalar(text("SELECT nonce FROM invitation WHERE id = :id"), {"id": invitation_id})
    return link_token(sealer, INVITATION, nonce)


def reset_token(owner: Connection, sealer: Sealer) -> str:
    """The secret in the latest letter about a forgotten password."""
    nonce = owner.scalar(text("SELECT nonce FROM password_reset ORDER BY id DESC LIMIT 1"))
    return link_token(sealer, RESET, nonce)


def a_person_and_invitations(owner: Connection, settings: Settings) -> str:
    """The key of Huadong's buyer; somebody is invited there and to headquarters, one of them long ago."""
    sealer = Sealer(settings.secret_key.get_secret_value())
    assert settings.issuer_database_url is not None
    issuer = Database(settings.issuer_database_url.get_secret_value(), pool_size=1, sealer=sealer)
    for dealer in (cast.huadong, None):
        invite(issuer, dealer=dealer)
        invite(issuer, dealer=dealer, email="late@huadong.example")
    issuer.dispose()
    owner.execute(text("UPDATE invitation SET expires_at = sent_at WHERE email LIKE 'late%'"))
    return person_key(sealer, cast.huadong.buyer.id)


def an_invitation(owner: Connection, settings: Settings, dealer: Dealer) -> str:
    """The key of somebody whom a dealer's owner invited; for proofs that need no letter."""
    made = insert(Invitation).values(
        token_hash=dealer.code,
        nonce=dealer.code,
        dealer_id=dealer.id,
        email=f"invited@{dealer.code}.example",
        display_name="Invited",
        locale="zh",
        roles=["dealer_buyer"],
        invited_by=dealer.boss.actor().key,
        invited_by_label=dealer.boss.display_name,
        created_at=cast.NOW,
        sent_at=cast.NOW,
        expires_at=cast.NOW + timedelta(days=3),
    )
    number = owner.execute(made.returning(Invitation.id)).scalar_one()
    return Sealer(settings.secret_key.get_secret_value()).seal(INVITED, [number])
