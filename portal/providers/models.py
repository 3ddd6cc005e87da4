"""Providers at which people of a dealer or of headquarters sign in, and who has come in by them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key, one_of
from portal.providers.vocabulary import ProviderState


class IdentityProvider(Base):
    """An OpenID provider of a dealer; `dealer_id` is None for headquarters' own.

    handle: in addresses. secret_sealed: of the portal there. mail_trusted: whether an address in one of its
    domains counts as verified where the provider does not say. connection: counts changes of where it is and
    of who we are there; a trial sign-in is good for the one it was made with. rules_by: whoever wrote the
    rules last.
    """

    __tablename__ = "identity_provider"
    __table_args__ = (
        one_of("state", ProviderState),
        CheckConstraint(
            "state <> 'on' OR (tried_connection IS NOT NULL AND tried_connection = connection)",
            name="tried_before_on",
        ),
        Index("ix_identity_provider_dealer_id", "dealer_id"),
    )

    id: Mapped[Key]
    handle: Mapped[str] = mapped_column(unique=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    secret_sealed: Mapped[str]
    mail_trusted: Mapped[bool] = mapped_column(Boolean, server_default="false")
    state: Mapped[str] = mapped_column(server_default=ProviderState.DRAFT)
    rules: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    rules_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    connection: Mapped[int] = mapped_column(server_default="1")
    tried_connection: Mapped[int | None]
    tried_at: Mapped[datetime | None]
    tried_claims: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]
    created_by_label: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default="1")


class ProviderDomain(Base):
    """A mail domain, which belongs to one provider."""

    __tablename__ = "provider_domain"

    domain: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("identity_provider.id"), index=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"), index=True)


class ProviderAccount(Base):
    """Which account somebody has whom a provider knows by a subject."""

    __tablename__ = "provider_account"
    __table_args__ = (
        Index("uq_provider_account_user", "user_id", unique=True),
        Index("ix_provider_account_dealer_id", "dealer_id"),
    )

    provider_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("identity_provider.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    linked_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class ProviderSession(Base):
    """A session of a browser that began at a provider, which may end it. sid: its name there.

    hint_sealed, end_session_endpoint: to sign out there too.
    """

    __tablename__ = "provider_session"
    __table_args__ = (Index("ix_provider_session_provider_id_subject", "provider_id", "subject"),)

    session_hash: Mapped[str] = mapped_column(
        ForeignKey("user_session.secret_hash", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("identity_provider.id"))
    subject: Mapped[str]
    sid: Mapped[str]
    hint_sealed: Mapped[str]
    end_session_endpoint: Mapped[str]


class ProviderLogout(Base):
    """A logout token that was taken: each is good once, and what it ended does not begin again by an ID token
    from before it.
    """

    __tablename__ = "provider_logout"

    provider_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("identity_provider.id"), primary_key=True)
    number_hash: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    sid: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
