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
from portal.providers.arrival_rules import mail_of
from portal.providers.claim_rules import ClaimRule, rule_faults
from portal.providers.domain_rules import domain_of, read_domains
from portal.providers.metadata import issuer_of, may_be_asked
from portal.providers.models import (
    IdentityProvider,
    ProviderAccount,
    ProviderDomain,
    ProviderLogout,
    ProviderSession,
)
from portal.providers.queries import Provider, opened_secret, provider, require_keeper, sealed_secret
from portal.providers.refusals import WORDS, NotLetIn
from portal.providers.vocabulary import ProviderAction, ProviderState

CLAIMS_MAX = 16_384
_SECRET_MAX = 1000
_CLIENT_MAX = 300

_LOCK = text("SELECT id FROM identity_provider WHERE handle = :handle FOR UPDATE")
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
    if not actor.is_staff and dealer_id != actor.dealer_id:
        raise Forbidden()
    columns, domains = _read(session, actor, wanted, kept=())
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
    _tell(session, ProviderAction.CREATED, actor, handle, dealer_id, after=_told(columns, domains))
    return handle


def change_provider(
    session: Session, *, actor: Actor, handle: str, revision: int | None, wanted: Wanted, at: datetime
) -> None:
    """Say it anew. Another issuer or client is another provider to us: it has to be tried again, and nobody
    is linked to it, since its subjects may be other people.

    Raises Invalid, Conflict, NotFound, Forbidden.
    """
    found = _locked(session, actor, handle, revision)
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
    _write(session, found, **values)
    _set_domains(session, found.id, found.dealer_id, domains)
    if is_other:
        _end_sessions(session, found, at)
        session.execute(delete(ProviderAccount).where(ProviderAccount.provider_id == found.id))
    after = _told(columns, domains) | ({"secret": "changed"} if secret else {})
    _tell(
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
    found = _locked(session, actor, handle, revision)
    faults = rule_faults(rules, of_dealer=found.of_dealer, known_regions=known_regions)
    if faults:
        raise Invalid(faults=faults)
    before, after = ([rule.as_kept() for rule in some] for some in (found.rules, rules))
    if before == after:
        return
    _write(session, found, rules=after, rules_by=actor.user_id)
    _tell(
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
    found = _locked(session, actor, handle, None)
    if found.connection != connection:
        raise Conflict("overtaken", N_("Somebody changed this meanwhile."), fix=N_("Try it once more."))
    kept = dict(claims)
    if len(json.dumps(kept)) > CLAIMS_MAX:
        kept = {name: kept[name] for name in ("sub", "email", "email_verified", "name") if name in kept}
    _write(session, found, tried_connection=connection, tried_at=at, tried_claims=kept)
    _tell(session, ProviderAction.TRIED, actor, handle, found.dealer_id, after={"connection": connection})


def turn_on(session: Session, *, actor: Actor, handle: str) -> None:
    """People come in by it from now on. Raises Conflict for one that was not tried as it is, or at which the
    trial brought no address that lets somebody in; NotFound, Forbidden.
    """
    found = _locked(session, actor, handle, None)
    if found.is_on:
        return
    if not found.is_tried or found.tried_claims is None:
        raise Conflict(
            "not_tried",
            N_("Nobody has signed in by this provider for a trial since it was last changed."),
            fix=N_("Try to sign in by it first."),
        )
    try:
        mail_of(found.tried_claims, domains=found.domains, trusted=found.mail_trusted)
    except NotLetIn as refusal:
        raise Conflict(str(refusal.why), *WORDS[refusal.why][:1], fix=N_("Try it once more.")) from None
    _write(session, found, state=ProviderState.ON)
    _tell(session, ProviderAction.TURNED_ON, actor, handle, found.dealer_id)


def turn_off(session: Session, *, actor: Actor, handle: str, at: datetime) -> None:
    """Nobody comes in by it any more, and who did is signed out. Passwords are good again for everybody.

    Twice is harmless. Raises NotFound, Forbidden.
    """
    found = _locked(session, actor, handle, None)
    if not found.is_on:
        return
    _write(session, found, state=ProviderState.OFF)
    ended = _end_sessions(session, found, at)
    _tell(
        session,
        ProviderAction.TURNED_OFF,
        actor,
        handle,
        found.dealer_id,
        after={"people_signed_out": ended},
    )


def unlink_person(session: Session, *, actor: Actor, handle: str, user_id: int, at: datetime) -> None:
    """Somebody is not signed in by it any more until the account is linked again. Twice is harmless.

    Raises NotFound, Forbidden.
    """
    found = _locked(session, actor, handle, None)
    gone = (
        delete(ProviderAccount)
        .where(ProviderAccount.provider_id == found.id, ProviderAccount.user_id == user_id)
        .returning(ProviderAccount.subject)
    )
    subject = session.scalar(gone)
    if subject is None:
        return
    _end_sessions(session, found, at, subject=subject)
    after = {"user": f"user:{user_id}"}
    _tell(session, ProviderAction.ACCOUNT_UNLINKED, actor, handle, found.dealer_id, after=after)


def remove_provider(session: Session, *, actor: Actor, handle: str, at: datetime) -> None:
    """It is gone, with its links; the accounts stay. Raises NotFound, Forbidden."""
    found = _locked(session, actor, handle, None)
    _end_sessions(session, found, at)
    for table in (ProviderSession, ProviderLogout, ProviderAccount, ProviderDomain):
        session.execute(delete(table).where(table.provider_id == found.id))
    session.execute(delete(IdentityProvider).where(IdentityProvider.id == found.id))
    before = {"name": found.name, "issuer": found.issuer, "accounts": found.accounts}
    _tell(session, ProviderAction.REMOVED, actor, handle, found.dealer_id, before=before)


def _locked(session: Session, actor: Actor, handle: str, revision: int | None) -> Provider:
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


def _write(session: Session, found: Provider, **columns: Any) -> None:
    session.execute(
        update(IdentityProvider)
        .where(IdentityProvider.id == found.id)
        .values(**columns, revision=found.revision + 1)
    )


def _end_sessions(session: Session, found: Provider, at: datetime, *, subject: str = "") -> int:
    hashes = list(session.execute(_SESSIONS, {"id": found.id, "subject": subject}).scalars())
    return len(end_outside_sessions(session, hashes, at=at))


def _told(columns: Mapping[str, Any], domains: Sequence[str]) -> dict[str, Any]:
    return {**columns, "domains": sorted(domains)}


def _tell(
    session: Session,
    action: ProviderAction,
    actor: Actor,
    handle: str,
    dealer_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record(
        session, action, f"provider:{handle}", actor=actor, dealer_id=dealer_id, before=before, after=after
    )
