"""Another tier of a dealer from a day on."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.tier_changes import (
    TierChangeBody,
    TierChangeShape,
    TierChangesShape,
    TierDecisionBody,
)
from portal.dealers import change_tier
from portal.dealers.change_tier import TierChangeRow
from portal.dealers.queries import dealer_id_of
from portal.dealers.vocabulary import DealerRight
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

OURS = (DealerRight.TIERS,)


@operation(
    "GET",
    "/hq/tier-changes",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=TierChangesShape,
    summary=N_("Changes of tiers"),
    about=N_("What waits first, then the latest."),
)
def index() -> dict[str, Any]:
    return {"items": [_change(one) for one in change_tier.tier_changes(current_session())]}


@operation(
    "POST",
    "/hq/tier-changes",
    tag=HEADQUARTERS,
    rights=OURS,
    body=TierChangeBody,
    answers=TierChangeShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/tier-changes/{number}",
    summary=N_("Propose another tier of a dealer"),
    about=N_("From a day on. It waits for another person."),
)
def create(body: TierChangeBody) -> Answer:
    at, today = now_and_today()
    number = change_tier.propose_tier(
        current_session(),
        actor=current_actor(),
        dealer_id=dealer_id_of(current_session(), body.dealer),
        tier=body.tier,
        valid_from=body.valid_from,
        reason=body.reason,
        today=today,
        at=at,
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/tier-changes/<number>",
    tag=HEADQUARTERS,
    rights=OURS,
    answers=TierChangeShape,
    summary=N_("One change of a tier"),
    about=N_("As it stands."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/tier-changes/<number>/approval",
    tag=HEADQUARTERS,
    rights=OURS,
    body=TierDecisionBody,
    answers=TierChangeShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve another tier of a dealer"),
    about=N_("Before its day, and not by who proposed it."),
)
def approve(number: str, body: TierDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    change_tier.approve_tier(current_session(), actor=current_actor(), number=number, today=today, at=at)
    return _shown(number)


@operation(
    "POST",
    "/hq/tier-changes/<number>/rejection",
    tag=HEADQUARTERS,
    rights=OURS,
    body=TierDecisionBody,
    answers=TierChangeShape,
    creates=True,
    conflicts=True,
    summary=N_("Refuse another tier of a dealer"),
    about=N_("With a reason, and not by who proposed it."),
)
def reject(number: str, body: TierDecisionBody) -> dict[str, Any]:
    at, _today = now_and_today()
    change_tier.reject_tier(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=at
    )
    return _shown(number)


def _shown(number: str) -> dict[str, Any]:
    return _change(change_tier.tier_change_of(current_session(), number))


def _change(one: TierChangeRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "dealer": one.dealer_code,
        "tier": one.tier,
        "valid_from": one.valid_from,
        "reason": one.reason,
        "state": one.state,
        "proposed_by": one.proposed_by_label,
        "proposed_at": one.proposed_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "decision_note": one.decision_note,
    }
