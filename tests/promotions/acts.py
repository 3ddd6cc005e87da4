"""What managers and dealers do with promotions, as the verbs have it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.kernel.db import transaction
from portal.promotions.decide_promotion import approve_promotion
from portal.promotions.draft_promotion import draft_promotion
from portal.promotions.join_promotion import join_promotion
from portal.promotions.publish_promotion import publish_promotion
from portal.promotions.submit_promotion import submit_promotion
from portal.promotions.terms import Terms
from tests import cast

AUTHOR, COLLEAGUE = cast.east_manager, cast.national_manager


def terms(**said: Any) -> Terms:
    """Five percent off gloves in the east for a month, or what is said otherwise."""
    usual: dict[str, Any] = {
        "title_zh": "手套促销",
        "title_en": "Gloves for less",
        "kind": "percent_off",
        "valid_from": cast.NOW - timedelta(minutes=1),
        "valid_to": cast.NOW + timedelta(days=30),
        "regions": ("east",),
        "skus": (cast.gloves.sku,),
        "priority": 1,
        "combinable": True,
    }
    if not said.keys() & {"percent", "amount", "gift_sku"}:
        usual["percent"] = Decimal(5)
    return Terms(**usual | said)


def as_staff(database, person, act):
    """What `act(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.staff_session(actor)) as session:
        return act(session, actor)


def draft(database, person=AUTHOR, **said: Any) -> tuple[int, str]:
    """Id and number of a new draft."""

    def act(session, actor):
        promotion = draft_promotion(session, actor=actor, terms=terms(**said), zone=cast.ZONE, at=cast.NOW)
        return promotion.id, promotion.number

    return as_staff(database, person, act)


def submit(database, promotion: int, revision: int = 1, person=AUTHOR):
    """Submit a draft: its new revision and the doubts."""
    return as_staff(
        database,
        person,
        lambda session, actor: submit_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision, at=cast.NOW
        ),
    )


def approve(database, promotion: int, revision: int = 2, person=COLLEAGUE) -> int:
    """Approve what is submitted."""
    return as_staff(
        database,
        person,
        lambda session, actor: approve_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision, at=cast.NOW
        ),
    )


def publish(
    database, promotion: int, revision: int = 3, person=AUTHOR, at: datetime | None = None
) -> datetime:
    """Publish what is approved."""
    return as_staff(
        database,
        person,
        lambda session, actor: publish_promotion(
            session, actor=actor, promotion_id=promotion, revision=revision, at=at
        ),
    )


def published(database, **said: Any) -> tuple[int, str]:
    """Id and number of a promotion that runs now: written, submitted, approved by another, published."""
    promotion, number = draft(database, **said)
    submit(database, promotion)
    approve(database, promotion)
    publish(database, promotion)
    return promotion, number


def join(database, number: str, person=cast.huadong.buyer, at: datetime | None = None) -> datetime:
    """A dealer joins."""
    actor = person.actor()
    with transaction(database.dealer_session(actor)) as session:
        moment = at or cast.NOW + timedelta(hours=1)
        return join_promotion(session, actor=actor, number=number, at=moment, zone=cast.ZONE)
