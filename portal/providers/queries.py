"""Providers as they are kept, by their handle, their domains and their keepers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.people_rules import leading_role
from portal.identity.queries import Person
from portal.identity.vocabulary import IdentityRight
from portal.kernel.actor import Actor
from portal.kernel.db import Record, sealer_of
from portal.kernel.errors import NotFound
from portal.providers.claim_rules import ClaimRule, rule_of
from portal.providers.vocabulary import SECRET, ProviderState


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with its domains and rules. dealer_code: empty for headquarters' own."""

    id: int
    handle: str
    dealer_id: int | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    name: str
    issuer: str
    client_id: str
    secret_sealed: str
    mail_trusted: bool
    state: str
    rules: tuple[ClaimRule, ...]
    rules_by: int | None
    connection: int
    tried_connection: int | None
    tried_at: datetime | None
    tried_claims: dict[str, Any] | None
    created_at: datetime
    created_by_label: str
    revision: int
    domains: tuple[str, ...]
    accounts: int

    @property
    def of_dealer(self) -> bool:
        """Whether it is a dealer's."""
        return self.dealer_id is not None

    @property
    def is_on(self) -> bool:
        """Whether people come in by it."""
        return self.state == ProviderState.ON

    @property
    def is_tried(self) -> bool:
        """Whether somebody signed in by it for a trial since it was last connected otherwise."""
        return self.tried_connection == self.connection


@dataclass(frozen=True, slots=True)
class LinkedPerson:
    """Somebody who comes in by a provider."""

    user_id: int
    name: str
    email: str
    subject: str
    linked_at: datetime
    signed_in_at: datetime | None


_PROVIDER = """
    SELECT p.id, p.handle, p.dealer_id, coalesce(d.code, '') AS dealer_code,
           coalesce(d.name_zh, '') AS dealer_zh, coalesce(d.name_en, '') AS dealer_en, p.name, p.issuer,
           p.client_id, p.secret_sealed, p.mail_trusted, p.state, p.rules, p.rules_by, p.connection,
           p.tried_connection, p.tried_at, p.tried_claims, p.created_at, p.created_by_label, p.revision,
           ARRAY(SELECT o.domain FROM provider_domain o WHERE o.provider_id = p.id ORDER BY o.domain)
             AS domains,
           (SELECT count(*) FROM provider_account a WHERE a.provider_id = p.id) AS accounts
      FROM identity_provider p LEFT JOIN dealer d ON d.id = p.dealer_id
"""
_BY_HANDLE = text(f"{_PROVIDER} WHERE p.handle = :handle")
_OF_DOMAIN = text(
    f"{_PROVIDER} JOIN provider_domain f ON f.provider_id = p.id WHERE f.domain = :domain AND p.state = 'on'"
)
_KEPT = text(f"{_PROVIDER} ORDER BY d.code NULLS FIRST, p.name, p.id LIMIT 500")
_OF_PERSON = text(
    f"{_PROVIDER} JOIN provider_account l ON l.provider_id = p.id"
    " WHERE l.user_id = :user_id AND p.state = 'on'"
)
_DOMAINS = text(
    """
    SELECT o.domain FROM provider_domain o JOIN identity_provider p ON p.id = o.provider_id
     WHERE p.state = 'on' ORDER BY o.domain
    """
)
_LINKED = text(
    """
    SELECT a.user_id, u.display_name AS name, u.email, a.subject, a.linked_at, a.signed_in_at
      FROM provider_account a JOIN user_account u ON u.id = a.user_id
     WHERE a.provider_id = :provider_id ORDER BY u.display_name, a.user_id LIMIT 200
    """
)
_REGIONS = text("SELECT code, id FROM region ORDER BY code")


def require_keeper(actor: Actor) -> None:
    """Raise Forbidden for who looks after no provider: an owner its dealer's, an administrator those in
    sight.
    """
    actor.require(IdentityRight.ADMINISTER if actor.is_staff else IdentityRight.PEOPLE)


def providers(session: Session, *, actor: Actor) -> list[Provider]:
    """Those that the actor looks after, headquarters' own first. Needs a session of the issuer."""
    require_keeper(actor)
    return [_provider(row) for row in session.execute(_KEPT)]


def provider(session: Session, *, actor: Actor, handle: str) -> Provider:
    """One of them. Raises NotFound, Forbidden."""
    require_keeper(actor)
    found = provider_by_handle(session, handle)
    if found is None or (not actor.is_staff and found.dealer_id != actor.dealer_id):
        raise NotFound()
    return found


def linked_people(session: Session, *, actor: Actor, handle: str) -> list[LinkedPerson]:
    """Who comes in by it, by name; at most 200. Raises NotFound, Forbidden."""
    found = provider(session, actor=actor, handle=handle)
    return [LinkedPerson(**row._mapping) for row in session.execute(_LINKED, {"provider_id": found.id})]


def provider_by_handle(session: Session, handle: str) -> Provider | None:
    """The provider of a handle in the session's scope, whatever its state."""
    if "\x00" in handle:
        return None
    row = session.execute(_BY_HANDLE, {"handle": handle}).one_or_none()
    return None if row is None else _provider(row)


def provider_of_domain(session: Session, domain: str) -> Provider | None:
    """The provider that signs in people with addresses of a domain. Needs a session that sees all."""
    row = session.execute(_OF_DOMAIN, {"domain": domain}).one_or_none()
    return None if row is None else _provider(row)


def provider_of_person(session: Session, user_id: int) -> Provider | None:
    """The provider that signs somebody in, where it is on."""
    row = session.execute(_OF_PERSON, {"user_id": user_id}).one_or_none()
    return None if row is None else _provider(row)


def signs_in_elsewhere(session: Session, person: Person) -> Provider | None:
    """The provider by which somebody has to come in; None for who may use the password.

    Whoever leads a side may always: somebody has to come in when the provider is away.
    """
    if leading_role(of_dealer=person.dealer_id is not None) in person.roles:
        return None
    return provider_of_person(session, person.id)


def domains_in_use(session: Session) -> list[str]:
    """Every domain of a provider that is on. Needs a session that sees all."""
    return list(session.execute(_DOMAINS).scalars())


def region_codes(session: Session) -> dict[str, int]:
    """Every region's id by its code."""
    return {row.code: row.id for row in session.execute(_REGIONS)}


def sealed_secret(session: Session, handle: str, secret: str) -> str:
    """The secret of the portal at a provider as it is kept."""
    return sealer_of(session).seal(SECRET.purpose, [handle, secret]) if secret else ""


def opened_secret(session: Session, found: Provider) -> str:
    """The secret; empty where there is none, or it was sealed under another application secret."""
    if not found.secret_sealed:
        return ""
    try:
        handle, secret = sealer_of(session).open(SECRET.purpose, found.secret_sealed)
    except ValueError:
        return ""
    return str(secret) if handle == found.handle else ""


def _provider(row: Record) -> Provider:
    values = dict(row._mapping)
    return Provider(
        **values | {"rules": tuple(rule_of(one) for one in row.rules), "domains": tuple(row.domains)}
    )
