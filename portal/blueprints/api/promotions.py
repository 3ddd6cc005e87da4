"""The promotions that run for a dealer, and joining them."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.promotions import OfferedPromotionList, ParticipationShape
from portal.catalogue.manifest import CHAPTER
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.promotions.join_promotion import join_promotion
from portal.promotions.offered import OfferedPromotion, offered
from portal.web.api.buyer import buyer
from portal.web.api.operations import Answer, operation
from portal.web.promotion_words import terms_in_words
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/promotions",
    tag=CHAPTER,
    rights=(PriceRight.READ,),
    answers=OfferedPromotionList,
    summary=N_("The promotions that run for the dealer"),
    about=N_("And those that are published and will run; at most 100, what ends first first."),
)
def index() -> dict[str, Any]:
    found = offered(current_session(), dealer=buyer(), at=clock.now())
    return {"items": [_shown(one) for one in found], "next_cursor": None}


@operation(
    "POST",
    "/promotions/<number>/participation",
    tag=CHAPTER,
    rights=(OrderRight.WRITE,),
    answers=ParticipationShape,
    status=201,
    conflicts=True,
    summary=N_("Join a promotion"),
    about=N_("Joining again is harmless; the answer names the first time."),
)
def join(number: str) -> Answer:
    joined_at = join_promotion(
        current_session(),
        actor=current_actor(),
        number=number,
        at=clock.now(),
        zone=portal().settings.timezone,
    )
    return Answer({"number": number, "participating": True, "joined_at": joined_at}, 201)


def _shown(one: OfferedPromotion) -> dict[str, Any]:
    needed = one.period_amount
    return {
        "number": one.number,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "kind": one.kind,
        "terms": terms_in_words(one),
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "state": one.phase,
        "skus": [goods.sku for goods in one.goods],
        "category": one.category_code,
        "progress": None if needed is None else {"reached": one.reached, "needed": needed},
        "registration_required": one.registration_required,
        "participating": one.participating,
        "exhausted": one.exhausted,
        "used": one.spent,
    }
