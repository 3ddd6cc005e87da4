"""People and API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.identity.client_rules import Method
from portal.identity.custom_role_models import CustomRole as CustomRole
from portal.identity.factor_codes import FactorKind
from portal.identity.standing_in_models import ActingConsent as ActingConsent
from portal.identity.standing_in_models import Delegation as Delegation
from portal.identity.standing_in_models import StaffRegion as StaffRegion
from portal.kernel.db import Base, Key, one_of


class UserAccount(Base):
    """A person who signs in.

    `dealer_id` is None for headquarters; `all_regions` or `region_ids` scope the latter.
    """

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(
            "dealer_id IS NULL OR (NOT all_regions AND region_ids = '{}')", name="dealer_has_no_regions"
        ),
        Index("ix_user_account_dealer_id", "dealer_id"),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default="zh")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    region_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    all_regions: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]
    has_second_factor: Mapped[bool] = mapped_column(Boolean, server_default="false")


class ApiClient(Base):
    """A system that calls the API with client credentials. `dealer_id` is None for headquarters' ERP.

    It proves itself by a secret, of which the former one may be good for a while, or by a private key whose
    public part is here or under `keys_url`. generation: of that proof; tokens of another one are not good.
    networks: from which it may ask, empty for any.
    """

    __tablename__ = "api_client"
    __table_args__ = (
        Index("ix_api_client_dealer_id", "dealer_id"),
        one_of("method", Method),
        CheckConstraint(
            """CASE WHEN method = 'secret' THEN secret_hash IS NOT NULL AND keys IS NULL AND keys_url IS NULL
            ELSE secret_hash IS NULL AND former_secret_hash IS NULL AND (keys IS NULL) <> (keys_url IS NULL)
            END""",
            name="credentials",
        ),
        CheckConstraint("(former_secret_hash IS NULL) = (former_secret_until IS NULL)", name="former"),
    )

    id: Mapped[Key]
    client_id: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str | None]
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]
    method: Mapped[str] = mapped_column(server_default=Method.SECRET)
    former_secret_hash: Mapped[str | None]
    former_secret_until: Mapped[datetime | None]
    secret_made_at: Mapped[datetime | None]
    keys: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    keys_url: Mapped[str | None]
    generation: Mapped[int] = mapped_column(server_default="1")
    networks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    last_used_at: Mapped[datetime | None]
    last_used_from: Mapped[str | None]
    created_by_label: Mapped[str | None]
    revision: Mapped[int] = mapped_column(server_default="1")


class UsedAssertion(Base):
    """An assertion by which a client has proven itself: each is good once."""

    __tablename__ = "used_assertion"

    client_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("api_client.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RevokedToken(Base):
    """An access token of a client that was given back before it ran out, by the hash of its identifier."""

    __tablename__ = "revoked_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SigningKey(Base):
    """A key of the built-in issuer, encrypted with the application secret."""

    __tablename__ = "signing_key"

    id: Mapped[Key]
    kid: Mapped[str] = mapped_column(unique=True)
    algorithm: Mapped[str]
    private_encrypted: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """A one-time code of the authorization-code flow, kept as a hash."""

    __tablename__ = "authorization_code"

    id: Mapped[Key]
    code_hash: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    redirect_uri: Mapped[str]
    scope: Mapped[str]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str]
    auth_time: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RefreshToken(Base):
    """A refresh token, kept as a hash; each is used once, its successor belongs to the same family."""

    __tablename__ = "refresh_token"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(unique=True)
    family: Mapped[str] = mapped_column(index=True)
    client_id: Mapped[str]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    scope: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class UserSession(Base):
    """One sign-in on one device or of one program, until it is signed out or runs out.

    The cookie holds the secret, this its hash; tokens that grew from a code name the hash of the code.
    device: what the browser calls itself; None for tokens. used_at: to within some minutes. proved_at: when
    the person last proved who they are.
    """

    __tablename__ = "user_session"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    device: Mapped[str | None]
    network: Mapped[str] = mapped_column(server_default="")
    used_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]


class RefusedAttempt(Base):
    """How often an account was tried in vain within an hour from a network.

    The account is ``unknown`` for none of ours.
    """

    __tablename__ = "refused_attempt"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    last_at: Mapped[datetime]


class Invitation(Base):
    """Somebody who was asked to come in, and as what. The link in the letter is kept as a hash.

    nonce: what the link is sealed from, so that a worker can write it. `dealer_id` is None for headquarters.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(
            "dealer_id IS NULL OR (NOT all_regions AND region_ids = '{}')", name="dealer_has_no_regions"
        ),
        CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="ended_once"),
        CheckConstraint("(accepted_at IS NULL) = (user_id IS NULL)", name="accepted"),
        Index("ix_invitation_dealer_id", "dealer_id"),
    )

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    email: Mapped[str]
    display_name: Mapped[str]
    locale: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    region_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    all_regions: Mapped[bool] = mapped_column(Boolean, server_default="false")
    invited_by: Mapped[str]
    invited_by_label: Mapped[str]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))


Index(
    "uq_invitation_open",
    func.coalesce(Invitation.dealer_id, 0),
    Invitation.email,
    unique=True,
    postgresql_where="accepted_at IS NULL AND revoked_at IS NULL",
)


class PasswordReset(Base):
    """A link by which somebody chooses another password, once. Kept as a hash, like an invitation's."""

    __tablename__ = "password_reset"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """That somebody came in, and from where. device: what the browser calls itself."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_user_id_at", "user_id", "at"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    device: Mapped[str]
    network: Mapped[str]


class SecondFactor(Base):
    """What somebody proves to have beside the password: an authenticator app, or a passkey.

    secret_encrypted: of an app, under the application secret. last_step: of the last code that was taken.
    confirmed_at: None until the first code was right.
    """

    __tablename__ = "second_factor"
    __table_args__ = (
        one_of("kind", FactorKind),
        CheckConstraint(
            "CASE kind WHEN 'totp' THEN secret_encrypted IS NOT NULL"
            " ELSE credential_id IS NOT NULL AND public_key IS NOT NULL AND sign_count IS NOT NULL END",
            name="whole",
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), index=True)
    kind: Mapped[str]
    label: Mapped[str]
    secret_encrypted: Mapped[str | None]
    last_step: Mapped[int | None]
    credential_id: Mapped[str | None] = mapped_column(unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for a second factor once, kept as a hash."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class FactorAttempt(Base):
    """How many wrong codes in a row somebody was sent, and when the next may come."""

    __tablename__ = "factor_attempt"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    failures: Mapped[int]
    free_at: Mapped[datetime]


class SignInStep(Base):
    """A sign-in whose password was right and that waits for the second factor; its token kept as a hash."""

    __tablename__ = "sign_in_step"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), index=True)
    challenge: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
