"""Promotions: written, submitted, approved by another person, published, withdrawn."""

from __future__ import annotations

from typing import Any

from backoffice.api.promotion_terms import shown, terms_of
from backoffice.api.schemas.promotions import (
    PromotionBody,
    PromotionEditBody,
    PromotionPage,
    PromotionPublicationBody,
    PromotionRejectionBody,
    PromotionRevisionBody,
    PromotionShape,
    PromotionsQuery,
    PromotionStateShape,
    PromotionSubmittedShape,
    PromotionWithdrawalBody,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.promotions import queries
from portal.promotions.decide_promotion import approve_promotion, reject_promotion
from portal.promotions.documents import promotion_id_of
from portal.promotions.doubts import Doubts, doubts_of
from portal.promotions.draft_promotion import draft_promotion, edit_promotion
from portal.promotions.publish_promotion import publish_promotion, withdraw_promotion
from portal.promotions.submit_promotion import submit_promotion
from portal.promotions.vocabulary import PromotionRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal

PROPOSERS = (PromotionRight.PROPOSE,)
APPROVERS = (PromotionRight.APPROVE,)
BOTH = (*PROPOSERS, *APPROVERS)


@operation(
    "GET",
    "/hq/promotions",
    tag=HEADQUARTERS,
    rights=BOTH,
    query=PromotionsQuery,
    answers=PromotionPage,
    summary=N_("Promotions, the latest written first"),
    about=N_("The nation's and those of the actor's regions."),
)
def index(query: PromotionsQuery) -> dict[str, Any]:
    page = queries.promotions(
        current_session(),
        actor=current_actor(),
        at=clock.now(),
        phase=query.state or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    names = (
        "id",
        "number",
        "title_zh",
        "title_en",
        "kind",
        "phase",
        "valid_from",
        "valid_to",
        "budget",
        "spent",
    )
    items = [{name: getattr(one, name) for name in names} for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/promotions",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=PromotionBody,
    answers=PromotionShape,
    status=201,
    creates=True,
    located="/hq/promotions/{number}",
    summary=N_("Write a promotion"),
    about=N_("As a draft; it changes nothing before another person has approved it and it is published."),
)
def create(body: PromotionBody) -> Answer:
    made = draft_promotion(
        current_session(),
        actor=current_actor(),
        terms=terms_of(body),
        zone=portal().settings.timezone,
        at=clock.now(),
    )
    return Answer(_shown(made.id), 201)


@operation(
    "GET",
    "/hq/promotions/<promotion>",
    tag=HEADQUARTERS,
    rights=BOTH,
    answers=PromotionShape,
    summary=N_("One promotion"),
    about=N_(
        "By its number or id, with the revision that every act on it has to name, and until it is published "
        "what is doubtful about it, for whoever approves."
    ),
)
def show(promotion: str) -> dict[str, Any]:
    return _shown(promotion_id_of(current_session(), promotion))


@operation(
    "PUT",
    "/hq/promotions/<promotion>",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=PromotionEditBody,
    answers=PromotionShape,
    conflicts=True,
    summary=N_("Change a draft"),
    about=N_("As a whole: what is left out is gone. 409 if somebody changed it since."),
)
def edit(promotion: str, body: PromotionEditBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    edit_promotion(
        current_session(),
        actor=current_actor(),
        promotion_id=key,
        revision=body.revision,
        terms=terms_of(body),
        at=clock.now(),
    )
    return _shown(key)


@operation(
    "POST",
    "/hq/promotions/<promotion>/submission",
    tag=HEADQUARTERS,
    rights=PROPOSERS,
    body=PromotionRevisionBody,
    answers=PromotionSubmittedShape,
    creates=True,
    conflicts=True,
    summary=N_("Submit a draft for approval"),
    about=N_("Its terms stand from now on. What is doubtful about it is told, for whoever approves."),
)
def submit(promotion: str, body: PromotionRevisionBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    _, doubts = submit_promotion(
        current_session(), actor=current_actor(), promotion_id=key, revision=body.revision, at=clock.now()
    )
    return {**_state(key, "id", "number", "revision", "state"), **_doubts(doubts)}


@operation(
    "POST",
    "/hq/promotions/<promotion>/approval",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=PromotionRevisionBody,
    answers=PromotionStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a promotion"),
    about=N_("Not by anybody who had a hand in it. It runs when it is published."),
)
def approve(promotion: str, body: PromotionRevisionBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    approve_promotion(
        current_session(), actor=current_actor(), promotion_id=key, revision=body.revision, at=clock.now()
    )
    return _state(key)


@operation(
    "POST",
    "/hq/promotions/<promotion>/rejection",
    tag=HEADQUARTERS,
    rights=APPROVERS,
    body=PromotionRejectionBody,
    answers=PromotionStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a promotion"),
    about=N_("It is a draft again, with the reason."),
)
def reject(promotion: str, body: PromotionRejectionBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    reject_promotion(
        current_session(),
        actor=current_actor(),
        promotion_id=key,
        revision=body.revision,
        reason=body.reason,
    )
    return _state(key)


@operation(
    "POST",
    "/hq/promotions/<promotion>/publication",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=PromotionPublicationBody,
    answers=PromotionStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish an approved promotion"),
    about=N_("Every order is wholly before it or wholly after."),
)
def publish(promotion: str, body: PromotionPublicationBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    publish_promotion(
        current_session(), actor=current_actor(), promotion_id=key, revision=body.revision, at=body.at
    )
    return _state(key)


@operation(
    "POST",
    "/hq/promotions/<promotion>/withdrawal",
    tag=HEADQUARTERS,
    rights=BOTH,
    body=PromotionWithdrawalBody,
    answers=PromotionStateShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a promotion"),
    about=N_("It ends with the answer. Orders that used it keep what they got."),
)
def withdraw(promotion: str, body: PromotionWithdrawalBody) -> dict[str, Any]:
    key = promotion_id_of(current_session(), promotion)
    withdraw_promotion(current_session(), actor=current_actor(), promotion_id=key, reason=body.reason)
    return _state(key)


def _shown(promotion_id: int) -> dict[str, Any]:
    session, at = current_session(), clock.now()
    found = queries.promotion(session, actor=current_actor(), promotion_id=promotion_id, at=at)
    doubts = None if found.published_at else doubts_of(session, promotion_id=promotion_id, at=at)
    return {**shown(found), "doubts": doubts and _doubts(doubts)}


def _doubts(doubts: Doubts) -> dict[str, Any]:
    return {
        "expected_prices": [
            {
                "sku": price.sku,
                "list_price": price.list_price,
                "floor": price.floor,
                "price": price.price,
                "cut_at_floor": price.is_cut,
            }
            for price in doubts.prices
        ],
        "cut_at_floor": doubts.cut,
        "free": doubts.free,
        "same_priority": list(doubts.same_priority),
    }


def _state(promotion_id: int, *names: str) -> dict[str, Any]:
    found = shown(
        queries.promotion(current_session(), actor=current_actor(), promotion_id=promotion_id, at=clock.now())
    )
    wanted = names or ("id", "number", "revision", "state", "valid_from", "valid_to")
    return {name: found[name] for name in wanted}
