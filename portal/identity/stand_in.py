"""A person acts in somebody's name for a while: a colleague's who delegated, or a dealer's that consented.

It is said at the beginning and at the end, and each request asks anew whether it may still be. Meanwhile the
person has the other's rights and reach and none of its own, and the audit writes down on whose behalf.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.models import Delegation
from portal.identity.queries import CUSTOM_NAMES, CUSTOM_RIGHTS, Person
from portal.identity.rules import rights_of
from portal.identity.standing_in_rules import DONE_FOR_DEALERS, NEVER_LENT
from portal.identity.vocabulary import IdentityAction
from portal.kernel.actor import Actor, require_own_hands
from portal.kernel.errors import NotFound
from portal.kernel.registry import registry


@dataclass(frozen=True, slots=True)
class StandIn:
    """As whom a person acts. person: what pages show of it, with the side of whoever it acts for.

    for_zh, for_en: who that is. subject: of the audit.
    """

    person: Person
    actor: Actor
    for_zh: str
    for_en: str
    subject: str


def by_delegation(session: Session, person: Person, delegation_id: int) -> StandIn | None:
    """As whom somebody acts by a delegation; None unless it holds today."""
    row = session.execute(_LENT, {"id": delegation_id}).one_or_none()
    if row is None or row.dealer_id != person.dealer_id or not row.roles:
        return None
    roles = frozenset(row.roles)
    actor = replace(
        person.actor(),
        label=f"{person.display_name} ({row.giver_label})",
        rights=rights_of(roles, registry().rights).union(row.custom_rights) - NEVER_LENT,
        roles=roles,
        region_ids=(None if row.all_regions else tuple(row.region_ids)) if row.dealer_id is None else (),
        on_behalf_of=f"user:{row.giver_id}",
        deputies=frozenset((*row.deputies, *person.deputies)),
    )
    shown = replace(
        person,
        roles=tuple(row.roles),
        custom_rights=frozenset(row.custom_rights),
        custom_names=tuple(row.custom_names),
        region_ids=actor.region_ids,
    )
    return StandIn(shown, actor, row.giver_label, row.giver_label, f"delegation:{delegation_id}")


def by_consent(
    session: Session, person: Person, dealer_id: int, consent_id: int, *, at: datetime
) -> StandIn | None:
    """As whom somebody of headquarters acts by a dealer's consent; None unless it holds now.

    In the session of the person itself, which reaches the dealers it answers for and no others.
    """
    about = {
        "dealer_id": dealer_id,
        "id": consent_id,
        "at": at,
        "mail": person.email,
        "roles": list(person.roles),
    }
    row = None if person.dealer_id is not None else session.execute(_CONSENTED, about).one_or_none()
    if row is None:
        return None
    roles = frozenset(row.roles)
    actor = replace(
        person.actor(),
        label=f"{person.display_name} ({row.code})",
        rights=rights_of(roles, registry().rights) & DONE_FOR_DEALERS,
        roles=roles,
        dealer_id=dealer_id,
        region_ids=(),
        on_behalf_of=f"dealer:{row.code}",
    )
    shown = replace(
        person,
        roles=tuple(row.roles),
        custom_rights=frozenset(),
        custom_names=(),
        dealer_id=dealer_id,
        region_ids=(),
        company_zh=row.name_zh,
        company_en=row.name_en,
        dealer_state=row.state,
    )
    return StandIn(shown, actor, row.name_zh, row.name_en, f"consent:{consent_id}")


def begin_delegated(
    session: Session, *, person: Person, delegation_id: int, today: date, at: datetime
) -> None:
    """Begin to act by a delegation. In a session of the issuer in the person's scope. Raises NotFound."""
    actor = person.actor()
    require_own_hands(actor)
    found = by_delegation(session, person, delegation_id)
    if found is None:
        raise NotFound()
    session.execute(update(Delegation).where(Delegation.id == delegation_id).values(used_at=at))
    _record(session, IdentityAction.STANDING_IN_BEGUN, found, actor, person.dealer_id)


def begin_consented(
    session: Session, *, person: Person, dealer_id: int, consent_id: int, at: datetime
) -> None:
    """Begin to act for a dealer. In a session of the person's own scope. Raises NotFound."""
    actor = person.actor()
    found = by_consent(session, person, dealer_id, consent_id, at=at)
    if found is None:
        raise NotFound()
    _record(session, IdentityAction.STANDING_IN_BEGUN, found, actor, dealer_id)


def end_standing_in(session: Session, *, found: StandIn) -> None:
    """Act in one's own name again."""
    _record(session, IdentityAction.STANDING_IN_ENDED, found, found.actor, found.actor.dealer_id)


def _record(
    session: Session, action: IdentityAction, found: StandIn, actor: Actor, dealer_id: int | None
) -> None:
    after = {"on_behalf_of": found.actor.on_behalf_of, "roles": sorted(found.actor.roles)}
    record(session, action, found.subject, actor=actor, dealer_id=dealer_id, after=after)


_LENT = text(
    f"""
    SELECT l.giver_id, l.giver_label, l.dealer_id, l.roles, l.all_regions, l.region_ids, l.deputies,
           {CUSTOM_RIGHTS.format("l")} AS custom_rights, {CUSTOM_NAMES.format("l")} AS custom_names
      FROM lent_rights(:id) l
    """
)
_CONSENTED = text(
    """
    SELECT c.roles, d.code, d.name_zh, d.name_en, d.state
      FROM acting_consent c JOIN dealer d ON d.id = c.dealer_id
     WHERE c.dealer_id = :dealer_id AND c.id = :id AND c.revoked_at IS NULL
       AND c.valid_from <= :at AND c.valid_to > :at AND d.state <> 'closed'
       AND (c.staff_mail = :mail OR c.staff_role = ANY (CAST(:roles AS text[])))
    """
)
