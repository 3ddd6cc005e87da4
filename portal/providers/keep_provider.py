"""Providers are made, changed, tried, switched on and off, and removed by who looks after them.

A dealer's owner looks after the dealer's, an administrator after headquarters' and every dealer's. All of it
needs a session of the issuer's role in the actor's scope.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.outside_accounts import end_outside_sessions, mail_of_person
from portal.identity.rules import name_faults, plain_name
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.kernel.numbering import ALPHABET
from portal.kernel.out_addresses import URL_MAX
from portal.providers.claim_rules import ClaimRule, rule_faults
from portal.providers.mail_domains import domain_of, read_domains
from portal.providers.metadata import issuer_of, may_be_asked
from portal.providers.models import (
    IdentityProvider,
    ProviderAccount,
    ProviderDomain,
)
from portal.providers.queries import Provider, opened_secret, provider, require_keeper, sealed_secret
from portal.providers.vocabulary import ProviderAction, ProviderState

CLAIMS_MAX = 16_384
_SECRET_MAX = 1000
_CLIENT_MAX = 300

_LOCK = text("SELECT id FROM identity_provider WHERE handle = :handle FOR NO KEY UPDATE")
_SESSIONS = text(
    """
    SELECT session_hash FROM provider_session
     WHERE provider_id = :id AND (:subject = '' OR subject = :subject)
    """
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of a provider. client_secret: empty keeps the one before. plain: whether it may
    stand on this machine, by http.
    """

    name: str
    issuer: str
    client_id: str
    domains: Sequence[str]
    client_secret: str = field(default="", repr=False)
    mail_trusted: bool = False
    plain: bool = False


def create_provider(
    session: Session, *, actor: Actor, wanted: Wanted, dealer_id: int | None, at: datetime
) -> str:
    """Make it, switched off, and return its handle.

    Raises Invalid with every fault, Conflict ``domain_taken``, Forbidden.
    """
    require_keeper(actor)
    columns, domains = _read(session, actor, wanted, kept=())
    if not actor.is_staff and dealer_id != actor.dealer_id:
        raise Forbidden()
    if dealer_id is None and actor.region_ids is not None:
        message = N_("Headquarters' own company sign-in is set up by an administrator of the whole country.")
        raise Forbidden("whole_country", message)
    handle = "ip-" + "".join(secrets.choice(ALPHABET) for _ in range(12)).lower()
    made = insert(IdentityProvider).values(
        handle=handle,
        dealer_id=dealer_id,
        secret_sealed=sealed_secret(session, handle, wanted.client_secret.strip()),
        created_at=at,
        created_by_label=actor.label,
        **columns,
    )
    number: int = session.execute(made.returning(IdentityProvider.id)).scalar_one()
    _set_domains(session, number, dealer_id, domains)
    tell(session, ProviderAction.CREATED, actor, handle, dealer_id, after=_told(columns, domains))
    return handle


def change_provider(
    session: Session, *, actor: Actor, handle: str, revision: int | None, wanted: Wanted, at: datetime
) -> None:
    """Say it anew. Another issuer or client is another provider to us: it has to be tried again, and nobody
    is linked to it, since its subjects may be other people.

    Raises Invalid, Conflict, NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, revision)
    columns, domains = _read(session, actor, wanted, kept=found.domains)
    secret = wanted.client_secret.strip()
    before = {name: getattr(found, name) for name in columns}
    is_other = (found.issuer, found.client_id) != (columns["issuer"], columns["client_id"])
    if before == columns and not secret and set(domains) == set(found.domains):
        return
    values: dict[str, Any] = dict(columns)
    if is_other or secret:
        values |= {
            "connection": found.connection + 1,
            "tried_claims": None,
            "state": ProviderState.OFF if found.is_on else found.state,
            "secret_sealed": sealed_secret(session, handle, secret or opened_secret(session, found)),
        }
    write(session, found, **values)
    _set_domains(session, found.id, found.dealer_id, domains)
    if is_other:
        end_sessions(session, found, at)
        session.execute(delete(ProviderAccount).where(ProviderAccount.provider_id == found.id))
    after = _told(columns, domains) | ({"secret": "changed"} if secret else {})
    tell(
        session,
        ProviderAction.CHANGED,
        actor,
        handle,
        found.dealer_id,
        before=_told(before, found.domains),
        after=after | ({"accounts_unlinked": found.accounts} if is_other else {}),
    )


def set_rules(
    session: Session,
    *,
    actor: Actor,
    handle: str,
    revision: int | None,
    rules: Sequence[ClaimRule],
    known_regions: Collection[str],
) -> None:
    """Say anew what claims give; it counts from each person's next sign-in. Raises Invalid, Conflict,
    NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, revision)
    faults = rule_faults(rules, of_dealer=found.of_dealer, known_regions=known_regions)
    if faults:
        raise Invalid(faults=faults)
    before, after = ([rule.as_kept() for rule in some] for some in (found.rules, rules))
    if before == after:
        return
    write(session, found, rules=after, rules_by=actor.user_id)
    tell(
        session,
        ProviderAction.RULES_CHANGED,
        actor,
        handle,
        found.dealer_id,
        before={"rules": before},
        after={"rules": after},
    )


def note_trial(
    session: Session,
    *,
    actor: Actor,
    handle: str,
    connection: int,
    claims: Mapping[str, Any],
    at: datetime,
) -> None:
    """Somebody signed in there for a trial; what was said of them is kept to try rules on.

    Raises Conflict when the provider was connected otherwise meanwhile, NotFound, Forbidden.
    """
    found = lock_provider(session, actor, handle, None)
    if found.connection != connection:
        raise Conflict("overtaken", N_("Somebody changed this meanwhile."), fix=N_("Try it once more."))
    kept = dict(claims)
    if len(json.dumps(kept)) > CLAIMS_MAX:
        kept = {name: kept[name] for name in ("sub", "email", "email_verified", "name") if name in kept}
    write(session, found, tried_connection=connection, tried_at=at, tried_claims=kept)
    tell(session, ProviderAction.TRIED, actor, handle, found.dealer_id, after={"connection": connection})


def lock_provider(session: Session, actor: Actor, handle: str, revision: int | None) -> Provider:
    """The provider, its row locked. Raises NotFound, Forbidden, Conflict for an older revision."""
    require_keeper(actor)
    if "\x00" not in handle:
        session.execute(_LOCK, {"handle": handle})
    found = provider(session, actor=actor, handle=handle)
    if revision is not None and revision != found.revision:
        raise Conflict(
            "overtaken", N_("Somebody changed this meanwhile."), fix=N_("Look at it as it is now.")
        )
    return found


def _read(
    session: Session, actor: Actor, wanted: Wanted, *, kept: Sequence[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What somebody says, as it is kept. Raises Invalid with every fault."""
    name, issuer, client = plain_name(wanted.name), issuer_of(wanted.issuer), wanted.client_id.strip()
    read = read_domains(wanted.domains)
    faults = [
        *name_faults("/name", name),
        *read.faults,
        *_foreign_domains(session, actor, read.domains, kept),
    ]
    if (
        len(issuer) > URL_MAX
        or not may_be_asked(issuer, plain=wanted.plain)
        or "?" in issuer
        or "#" in issuer
    ):
        fix = N_("Enter the issuer, such as https://login.example.com/realms/company.")
        message = N_("A provider has an address that begins with https://.")
        faults.append(Fault("/issuer", "issuer", message, fix))
    if not client or len(client) > _CLIENT_MAX or not (client.isascii() and client.isprintable()):
        message = N_("Enter the client ID that the provider has given the portal.")
        faults.append(Fault("/client_id", "required", message))
    secret = wanted.client_secret.strip()
    if len(secret) > _SECRET_MAX or not (secret.isascii() and secret.isprintable()):
        message = N_("At most %(max)s printable characters.")
        faults.append(Fault("/client_secret", "secret", message, params={"max": _SECRET_MAX}))
    if faults:
        raise Invalid(faults=faults)
    columns = {
        "name": name,
        "issuer": issuer,
        "client_id": client,
        "mail_trusted": wanted.mail_trusted,
    }
    return columns, read.domains


def _foreign_domains(
    session: Session, actor: Actor, domains: Sequence[str], kept: Sequence[str]
) -> list[Fault]:
    """An owner speaks for the domain of its own address, which a letter has proven; others are given by an
    administrator.
    """
    if actor.is_staff:
        return []
    own = {domain_of(mail_of_person(session, actor)), *kept}
    message = N_("Your own address is not at %(domain)s.")
    fix = N_("Have an administrator of headquarters enter this domain.")
    return [
        Fault("/domains", "foreign_domain", message, fix, {"domain": one})
        for one in domains
        if one not in own
    ]


def _set_domains(session: Session, number: int, dealer_id: int | None, domains: Sequence[str]) -> None:
    session.execute(delete(ProviderDomain).where(ProviderDomain.provider_id == number))
    for domain in sorted(domains):
        values = {"domain": domain, "provider_id": number, "dealer_id": dealer_id}
        session.execute(insert(ProviderDomain).values(**values))


def write(session: Session, found: Provider, **columns: Any) -> None:
    """Set columns of a locked provider, whose revision goes up."""
    session.execute(
        update(IdentityProvider)
        .where(IdentityProvider.id == found.id)
        .values(**columns, revision=found.revision + 1)
    )


def end_sessions(session: Session, found: Provider, at: datetime, *, subject: str = "") -> int:
    """End what began at a provider, for everybody or for one subject; of how many people."""
    hashes = list(session.execute(_SESSIONS, {"id": found.id, "subject": subject}).scalars())
    return len(end_outside_sessions(session, hashes, at=at))


def _told(columns: Mapping[str, Any], domains: Sequence[str]) -> dict[str, Any]:
    return {**columns, "domains": sorted(domains)}


def tell(
    session: Session,
    action: ProviderAction,
    actor: Actor,
    handle: str,
    dealer_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an act upon a provider into the audit."""
    record(
        session, action, f"provider:{handle}", actor=actor, dealer_id=dealer_id, before=before, after=after
    )
