"""What managers do with price policies, as the verbs have it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from portal.kernel.db import transaction
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import Review, review_draft
from tests import cast

FALL_SHARE = Decimal("0.30")


def as_staff(database, person, act):
    """What `act(session, actor)` gives, committed."""
    actor = person.actor()
    with transaction(database.staff_session(actor)) as session:
        return act(session, actor)


def review(
    database, policy: int = cast.policy_draft, person=cast.national_manager, fall_share: Decimal = FALL_SHARE
) -> Review:
    """What publishing a draft would do."""
    return as_staff(
        database,
        person,
        lambda session, actor: review_draft(session, actor=actor, policy_id=policy, fall_share=fall_share),
    )


def publish(
    database,
    person=cast.national_manager,
    revision: int = 1,
    *,
    policy: int = cast.policy_draft,
    confirmed: str | None = None,
) -> datetime:
    """Publish a draft; raises what the verb raises."""
    return as_staff(
        database,
        person,
        lambda session, actor: publish_policy(
            session,
            actor=actor,
            policy_id=policy,
            revision=revision,
            fall_share=FALL_SHARE,
            confirmed_risks=confirmed,
        ),
    )
