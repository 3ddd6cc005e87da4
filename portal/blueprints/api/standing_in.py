"""Who acts in whose name, of the caller's dealer. They are given in person, on the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.blueprints.api.schemas.standing_in import (
    ActedListShape,
    ConsentShape,
    ConsentsShape,
    DelegationsShape,
)
from portal.identity import consent, delegate
from portal.identity.consent import ConsentRow
from portal.identity.manifest import CHAPTER
from portal.identity.vocabulary import IdentityRight
from portal.kernel.errors import N_, NotFound
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session, issuing_session

MINE = (IdentityRight.PEOPLE,)
TOLD_DAYS = timedelta(days=400)


@operation(
    "GET",
    "/delegations",
    tag=CHAPTER,
    rights=MINE,
    answers=DelegationsShape,
    summary=N_("Delegations within the dealer"),
    about=N_("Who lets whom act in their name, and when."),
)
def index() -> dict[str, Any]:
    return shown_delegations()


@operation(
    "GET",
    "/consents",
    tag=CHAPTER,
    rights=MINE,
    answers=ConsentsShape,
    summary=N_("Consents that headquarters acts for the dealer"),
    about=N_("The latest first. Owners give them on their page."),
)
def consents() -> dict[str, Any]:
    at, _today = now_and_today()
    rows = consent.consents_of_dealer(current_session(), actor=current_actor(), at=at)
    return {"items": [_consent(one) for one in rows]}


@operation(
    "POST",
    "/consents/<consent_key>/revocation",
    tag=CHAPTER,
    rights=MINE,
    answers=ConsentShape,
    conflicts=True,
    summary=N_("End a consent at once"),
    about=N_("What is asked for next in the dealer's name is refused."),
)
def revoke(consent_key: str) -> dict[str, Any]:
    at, _today = now_and_today()
    _dealer_id, consent_id = consent.opened_consent(current_session(), consent_key)
    consent.revoke_consent(issuing_session(), actor=current_actor(), consent_id=consent_id, at=at)
    issuing_session().flush()
    rows = consent.consents_of_dealer(issuing_session(), actor=current_actor(), at=at)
    found = next((one for one in rows if one.id == consent_id), None)
    if found is None:
        raise NotFound()
    return _consent(found)


@operation(
    "GET",
    "/acted-for-us",
    tag=CHAPTER,
    rights=MINE,
    answers=ActedListShape,
    summary=N_("What headquarters did for the dealer"),
    about=N_("The latest first, of the last 400 days."),
)
def acted() -> dict[str, Any]:
    at, _today = now_and_today()
    rows = consent.acted_for_dealer(
        current_session(), dealer_id=current_actor().own_dealer_id, since=at - TOLD_DAYS
    )
    return {
        "items": [
            {"at": one.at, "who": one.actor_label, "action": one.action, "document": one.subject}
            for one in rows
        ]
    }


def shown_delegations() -> dict[str, Any]:
    """Those that the actor may see."""
    _at, today = now_and_today()
    rows = delegate.delegations(current_session(), actor=current_actor(), today=today)
    return {
        "items": [
            {
                "id": one.key,
                "giver": one.giver_label,
                "taker": one.taker_label,
                "roles": list(one.roles),
                "first_day": one.first_day,
                "last_day": one.last_day,
                "reason": one.reason,
                "standing": str(one.standing),
                "used_at": one.used_at,
            }
            for one in rows
        ]
    }


def _consent(one: ConsentRow) -> dict[str, Any]:
    return {
        "id": one.key,
        "mail": one.staff_mail,
        "role": one.staff_role,
        "acts_as": list(one.roles),
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "reason": one.reason,
        "given_by": one.given_by_label,
        "standing": str(one.standing),
    }
