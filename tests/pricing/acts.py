"""What managers do with price policies, as the verbs have it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from portal.kernel.db import transaction
from portal.pricing.decide_policy import approve_policy
from portal.pricing.models import PricePolicy
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import Review, review_draft
from portal.pricing.submit_policy import submit_policy
from portal.pricing.withdraw_policy import Withdrawn, withdraw_policy
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


def submit(
    database, person=cast.national_manager, revision: int = 1, *, policy: int = cast.policy_draft
) -> int:
    """Submit a draft; returns its new revision, raises what the verb raises."""
    about = {"policy_id": policy, "revision": revision, "fall_share": FALL_SHARE, "at": cast.NOW}
    return as_staff(database, person, lambda session, actor: submit_policy(session, actor=actor, **about))


def approve(
    database, person=cast.national_colleague, *, revision: int, policy: int = cast.policy_draft
) -> int:
    """Approve what was submitted; returns its new revision, raises what the verb raises."""
    about = {"policy_id": policy, "revision": revision, "at": cast.NOW}
    return as_staff(database, person, lambda session, actor: approve_policy(session, actor=actor, **about))


def publish(
    database,
    person=cast.national_manager,
    revision: int = 1,
    *,
    policy: int = cast.policy_draft,
    confirmed: str | None = None,
    starts: datetime | None = None,
) -> datetime:
    """Publish a version, a draft by way of its approval by a colleague; raises what the verbs raise."""
    stored = as_staff(database, person, lambda session, _: session.get(PricePolicy, policy))
    if stored is not None and stored.state == "draft":
        revision = approve(
            database, revision=submit(database, person, revision, policy=policy), policy=policy
        )
    elif stored is not None:
        revision = stored.revision
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
            starts=starts,
        ),
    )


def withdraw(database, person=cast.national_manager, *, policy: int, reason: str = "误发") -> Withdrawn:
    """Withdraw what was published; raises what the verb raises."""
    about = {"policy_id": policy, "reason": reason}
    return as_staff(database, person, lambda session, actor: withdraw_policy(session, actor=actor, **about))
