"""People and API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.identity.client_rules import Method
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
    """

    __tablename__ = "user_session"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


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
