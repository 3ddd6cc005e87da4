"""A dealer's owner lets somebody of headquarters act as one of the dealer's people, for hours or days.

Whom it lets act is a person named by mail or whoever has a role. Nothing is looked up when it is said, so
that nobody learns who has an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.mail_addresses import mail_faults, plain_mail
from portal.identity.models import ActingConsent
from portal.identity.people_rules import roles_in_order
from portal.identity.queries import Person
from portal.identity.standing_in_rules import Standing, consent_faults, standing_of_moments
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.actor import Actor, require_own_hands, require_person
from portal.kernel.db import Record, sealer_of, value_of
from portal.kernel.errors import N_, Conflict, Invalid, NotFound

PURPOSE = "consent"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a dealer lets act, as what, and when. mail or role, not both."""

    mail: str
    role: str
    roles: Sequence[str]
    begin: datetime
    end: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent. key: opaque, of its acts."""

    id: int
    key: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    staff_mail: str | None
    staff_role: str | None
    roles: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime
    reason: str
    given_by_label: str
    revoked_at: datetime | None
    revoked_by_label: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Acted:
    """What somebody of headquarters did for a dealer."""

    at: datetime
    actor_label: str
    action: str
    subject: str


def give_consent(session: Session, *, actor: Actor, wanted: Wanted, at: datetime) -> int:
    """Let somebody of headquarters act for the own dealer; its id. It can be taken back at any time.

    Needs a session of the issuer in the actor's scope. Raises Invalid with every fault, Forbidden for all but
    the owner in person.
    """
    actor.require(IdentityRight.PEOPLE)
    require_person(actor)
    require_own_hands(actor)
    mail, roles, reason = plain_mail(wanted.mail), roles_in_order(wanted.roles), wanted.reason.strip()
    faults = consent_faults(
        mail=mail,
        role=wanted.role,
        roles=roles or wanted.roles,
        begin=wanted.begin,
        end=wanted.end,
        at=at,
        reason=reason,
    )
    if mail and not wanted.role:
        faults += mail_faults("/whom", mail)
    if faults:
        raise Invalid(faults=faults)
    made: int = session.execute(
        insert(ActingConsent)
        .values(
            dealer_id=actor.own_dealer_id,
            staff_mail=mail or None,
            staff_role=wanted.role or None,
            roles=roles,
            valid_from=wanted.begin,
            valid_to=wanted.end,
            reason=reason,
            given_by=actor.user_id,
            given_by_label=actor.label,
            created_at=at,
        )
        .returning(ActingConsent.id)
    ).scalar_one()
    after = {
        "whom": mail or wanted.role,
        "roles": roles,
        "valid_from": wanted.begin.isoformat(),
        "valid_to": wanted.end.isoformat(),
    }
    record(
        session,
        IdentityAction.CONSENT_GIVEN,
        f"consent:{made}",
        actor=actor,
        dealer_id=actor.dealer_id,
        after=after,
        reason=reason,
    )
    return made


def revoke_consent(session: Session, *, actor: Actor, consent_id: int, at: datetime) -> None:
    """End a consent at once: what is asked for next in the dealer's name is refused.

    Raises NotFound, Forbidden, Conflict for one that has ended.
    """
    actor.require(IdentityRight.PEOPLE)
    require_own_hands(actor)
    row = session.execute(_HELD, {"dealer_id": actor.own_dealer_id, "id": consent_id}).one_or_none()
    if row is None:
        raise NotFound()
    if standing_of_moments(row.valid_from, row.valid_to, row.revoked_at, at) in (
        Standing.ENDED,
        Standing.REVOKED,
    ):
        raise Conflict("ended", N_("This has ended already."))
    session.execute(
        update(ActingConsent)
        .where(ActingConsent.dealer_id == actor.own_dealer_id, ActingConsent.id == consent_id)
        .values(revoked_at=at, revoked_by_label=actor.label)
    )
    record(
        session,
        IdentityAction.CONSENT_REVOKED,
        f"consent:{consent_id}",
        actor=actor,
        dealer_id=actor.dealer_id,
    )


def consents_of_dealer(session: Session, *, actor: Actor, at: datetime, limit: int = 100) -> list[ConsentRow]:
    """What the own dealer has consented to, the latest first."""
    about = {"dealer_id": actor.own_dealer_id, "limit": limit}
    return [_row(session, row, at) for row in session.execute(_OF_DEALER, about)]


def consents_for(session: Session, *, person: Person, at: datetime, limit: int = 100) -> list[ConsentRow]:
    """For which dealers in the session's scope somebody of headquarters may act now or soon."""
    about = {"mail": person.email, "roles": list(person.roles), "at": at, "limit": limit}
    return [_row(session, row, at) for row in session.execute(_FOR, about)]


def acted_for_dealer(session: Session, *, dealer_id: int, since: datetime, limit: int = 200) -> list[Acted]:
    """What headquarters did in a dealer's name, the latest first."""
    about = {"dealer_id": dealer_id, "since": since, "limit": limit}
    return [value_of(Acted, row) for row in session.execute(_ACTED, about)]


def opened_consent(session: Session, key: str) -> tuple[int, int]:
    """Dealer and id of the consent of a key. Raises NotFound."""
    try:
        dealer_id, consent_id = sealer_of(session).open(PURPOSE, key)
    except ValueError:
        raise NotFound() from None
    return int(dealer_id), int(consent_id)


def _row(session: Session, row: Record, at: datetime) -> ConsentRow:
    return value_of(
        ConsentRow,
        row,
        key=sealer_of(session).seal(PURPOSE, [row.dealer_id, row.id]),
        roles=tuple(row.roles),
        standing=standing_of_moments(row.valid_from, row.valid_to, row.revoked_at, at),
    )


_HELD = text(
    "SELECT valid_from, valid_to, revoked_at FROM acting_consent"
    " WHERE dealer_id = :dealer_id AND id = :id FOR NO KEY UPDATE"
)
_CONSENT = """
    SELECT c.id, c.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           c.staff_mail, c.staff_role, c.roles, c.valid_from, c.valid_to, c.reason, c.given_by_label,
           c.revoked_at, c.revoked_by_label
      FROM acting_consent c JOIN dealer d ON d.id = c.dealer_id
"""
_OF_DEALER = text(
    f"{_CONSENT} WHERE c.dealer_id = :dealer_id ORDER BY c.valid_to DESC, c.id DESC LIMIT :limit"
)
_FOR = text(
    f"""
    {_CONSENT}
     WHERE c.revoked_at IS NULL AND c.valid_to > :at
       AND (c.staff_mail = :mail OR c.staff_role = ANY (CAST(:roles AS text[])))
     ORDER BY c.valid_from, c.id LIMIT :limit
    """
)
_ACTED = text(
    """
    SELECT at, actor_label, action, subject FROM audit_event
     WHERE dealer_id = :dealer_id AND at >= :since
       AND (on_behalf_of LIKE 'dealer:%' OR (subject_kind = 'standing_in' AND subject LIKE 'consent:%'))
     ORDER BY at DESC, id DESC LIMIT :limit
    """
)
