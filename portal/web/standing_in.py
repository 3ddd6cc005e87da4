"""In whose name the visitor of a browser acts: kept in the signed cookie, asked of the database each time."""

from __future__ import annotations

from flask import session
from sqlalchemy.orm import Session

from portal.identity.consent import opened_consent
from portal.identity.delegate import opened_delegation
from portal.identity.queries import Person
from portal.identity.stand_in import StandIn, by_consent, by_delegation
from portal.kernel import clock
from portal.kernel.errors import NotFound

_KEPT = "stands_in"
DELEGATION, CONSENT = "delegation", "consent"


def is_standing_in() -> bool:
    """Whether the cookie says so."""
    return _KEPT in session


def stand_in_by(kind: str, key: str) -> None:
    """From the next request on, by a delegation or the consent of a dealer. key: opaque."""
    session[_KEPT] = [kind, key]


def leave_standing_in() -> None:
    """From the next request on, in one's own name."""
    session.pop(_KEPT, None)


def standing_in(own: Session, person: Person) -> StandIn | None:
    """As whom the person acts. own: a session of the person itself. None for as itself, and where it may not
    any more.
    """
    if not is_standing_in():
        return None
    kind, key = session[_KEPT]
    try:
        if kind == DELEGATION:
            return by_delegation(own, person, opened_delegation(own, key))
        dealer_id, consent_id = opened_consent(own, key)
    except NotFound:  # sealed by another release
        return None
    return by_consent(own, person, dealer_id, consent_id, at=clock.now())
