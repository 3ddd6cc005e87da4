"""Delegations and consents, each act in a transaction of its own, as the person who does it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from portal.identity import queries
from portal.identity.consent import PURPOSE as CONSENT
from portal.identity.consent import Wanted, give_consent, revoke_consent
from portal.identity.delegate import PURPOSE as DELEGATION
from portal.identity.delegate import delegate_rights, revoke_delegation
from portal.identity.rules import Role
from portal.identity.stand_in import StandIn, by_consent, by_delegation
from portal.kernel.db import Database, transaction
from portal.kernel.opaque import Sealer
from tests import cast
from tests.roles import Dealer, Person

HOUR = timedelta(hours=1)


def delegated(
    database: Database,
    *,
    by: Person = cast.hq_finance,
    to: Person = cast.finance_colleague,
    roles: Iterable[str] | None = None,
    first: date = cast.TODAY,
    last: date = cast.TODAY,
    why: str = "休假",
    today: date = cast.TODAY,
) -> int:
    """Somebody lets another act in their name."""
    with transaction(database.session_for(by.actor())) as session:
        return delegate_rights(
            session,
            actor=by.actor(),
            taker_id=to.id,
            roles=list(by.roles if roles is None else roles),
            first_day=first,
            last_day=last,
            reason=why,
            today=today,
            at=cast.NOW,
        )


def undelegated(database: Database, delegation_id: int, *, by: Person = cast.hq_finance) -> None:
    """Somebody ends it."""
    with transaction(database.session_for(by.actor())) as session:
        revoke_delegation(
            session, actor=by.actor(), delegation_id=delegation_id, today=cast.TODAY, at=cast.NOW
        )


def consented(
    database: Database,
    *,
    dealer: Dealer = cast.huadong,
    mail: str = cast.east_manager.email,
    role: str = "",
    roles: Iterable[str] = (Role.DEALER_BUYER,),
    begin: datetime = cast.NOW - HOUR,
    end: datetime = cast.NOW + 24 * HOUR,
    why: str = "代下单",
    by: Person | None = None,
    at: datetime = cast.NOW,
) -> int:
    """A dealer's owner lets somebody act for it."""
    by = by or dealer.boss
    wanted = Wanted(mail, role, list(roles), begin, end, why)
    with transaction(database.session_for(by.actor())) as session:
        return give_consent(session, actor=by.actor(), wanted=wanted, at=at)


def unconsented(database: Database, consent_id: int, *, by: Person = cast.huadong.boss) -> None:
    """A dealer's owner ends it."""
    with transaction(database.session_for(by.actor())) as session:
        revoke_consent(session, actor=by.actor(), consent_id=consent_id, at=cast.NOW)


def stands_in(database: Database, person: Person, delegation_id: int) -> StandIn | None:
    """As whom somebody acts by a delegation."""
    with database.session_for(person.actor()) as session:
        found = queries.person(session, person.id)
        return by_delegation(session, found, delegation_id)


def acts_for(
    database: Database,
    person: Person,
    consent_id: int,
    *,
    dealer: Dealer = cast.huadong,
    at: datetime = cast.NOW,
) -> StandIn | None:
    """As whom somebody acts for a dealer."""
    with database.session_for(person.actor()) as session:
        found = queries.person(session, person.id)
        return by_consent(session, found, dealer.id, consent_id, at=at)


def a_consent_and_a_delegation(issuer: Database, sealer: Sealer, dealer: Dealer) -> dict[str, str]:
    """The keys of one each, of a dealer."""
    return {
        "consent": sealer.seal(CONSENT, [dealer.id, consented(issuer, dealer=dealer)]),
        "delegation": sealer.seal(DELEGATION, [delegated(issuer, by=dealer.boss, to=dealer.buyer)]),
    }
