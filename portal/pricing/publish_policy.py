"""Publish what is approved: in force with its commit, for every dealer, without rebuilding anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import money, outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.proposal_life import ProposalAct, after
from portal.kernel.proposals import overtaken
from portal.pricing import publication_lock
from portal.pricing.announce_policy import announce_policy
from portal.pricing.life import PolicyState
from portal.pricing.models import PricePolicy
from portal.pricing.review import Review, review_policy
from portal.pricing.review_basis import review_basis
from portal.pricing.review_faults import require_sound, review_faults
from portal.pricing.versions import answerable, lock_version
from portal.pricing.vocabulary import PriceAction, PriceRight


def publish_policy(
    session: Session,
    *,
    actor: Actor,
    policy_id: int,
    revision: int,
    fall_share: Decimal,
    confirmed_risks: str | None = None,
    starts: datetime | None = None,
) -> datetime:
    """Publish the approved version as it was read at `revision` and end its predecessor in the same commit.

    The dealers it is for are told in their feed, with the same commit.
    Orders in flight are priced before it, orders that come while it commits wait and are priced after it.
    Its prices are judged again unless the review at submission found nothing risky and all it depended on is
    as it was. starts: a moment to come at which it takes effect, instead of the one it names; a start that
    has passed becomes this moment. fall_share: a price that falls by it or more is risky. confirmed_risks:
    `Review.fingerprint` of the risky prices that somebody looked through. Returns the moment it takes effect.
    Raises NotFound, Conflict for a version that is not approved or was overtaken and for risky prices that
    are not the confirmed ones, Invalid for a start that has passed, without rules and for prices that are
    none.
    """
    actor.require(PriceRight.POLICIES, PriceRight.APPROVE)
    policy = answerable(session, actor, policy_id)
    _require_current(policy, revision)
    about: dict[str, Any] = {"policy_id": policy_id, "starts": starts, "fall_share": fall_share}
    basis, review = policy.review_basis, None
    if basis != (found := _basis(session, about)):  # judged before the gate: orders do not wait for it
        basis, review = found, _confirmed(session, about, confirmed_risks)
    moment = publication_lock.close(session)
    policy = lock_version(
        session, actor=actor, policy_id=policy_id, act=ProposalAct.PUBLISH, revision=revision
    )
    if basis != _basis(session, about):  # judged without what has come meanwhile
        review = _confirmed(session, about, confirmed_risks)
    effective = _start(policy, starts, moment)
    _end_predecessors(session, policy, effective, moment)
    policy.state, policy.published_at, policy.valid_from = PolicyState.PUBLISHED, moment, effective
    policy.published_by, policy.published_by_label = actor.user_id, actor.label
    policy.revision = revision + 1
    after = {
        "number": policy.number,
        "version": policy.version,
        "valid_from": effective.isoformat(),
        **_as_audited(review),
    }
    record(session, PriceAction.POLICY_PUBLISHED, str(policy_id), actor=actor, dealer_id=None, after=after)
    session.flush()
    entry = announce_policy(session, actor=actor, policy=policy, starts=effective, at=moment)
    told = {key: after[key] for key in ("number", "version", "valid_from")}
    outbox.add(session, "price_policy.published", dealer_id=None, notice=entry, **told)
    return effective


def _require_current(policy: PricePolicy, revision: int) -> None:
    after(policy.state, ProposalAct.PUBLISH)
    if policy.revision != revision:
        raise overtaken()


def _start(policy: PricePolicy, starts: datetime | None, moment: datetime) -> datetime:
    """When it takes effect. Raises Invalid for what has passed already, or comes after its own end."""
    if starts is not None and starts <= moment:
        message, fix = N_("This moment has passed."), N_("Choose one to come, or publish it now.")
        raise Invalid(faults=[Fault("/at", "past", message, fix)])
    effective = starts or max(policy.valid_from, moment)
    if policy.planned_to is not None and policy.planned_to <= effective:
        message, fix = N_("It would end before it begins."), N_("Take it back and choose a later end.")
        raise Invalid(faults=[Fault("/at", "ends_before_it_begins", message, fix)])
    return effective


def _basis(session: Session, about: Mapping[str, Any]) -> str:
    """What a review at this moment would depend on."""
    return review_basis(session, at=publication_lock.now(session), **about)


def _confirmed(session: Session, about: Mapping[str, Any], confirmed_risks: str | None) -> Review:
    """The review of the version, when nothing in it forbids the publication."""
    review = review_policy(session, at=publication_lock.now(session), **about)
    require_sound(review)
    if review.risky and confirmed_risks is None:
        message = N_("Nothing was published: %(count)s risky prices have to be confirmed.")
        raise _risky("risky_prices", message, review)
    if review.risky and confirmed_risks != review.fingerprint:
        message = N_(
            "Nothing was published: these %(count)s risky prices are not the ones that were confirmed."
        )
        raise _risky("risks_changed", message, review)
    return review


def _risky(code: str, message: str, review: Review) -> Conflict:
    fix = N_("Look through them and confirm them, or correct the rules.")
    return Conflict(code, message, fix=fix, faults=review_faults(review, refused=False), count=review.risky)


def _as_audited(review: Review | None) -> dict[str, object]:
    """What was confirmed: how many risky prices, the fingerprint of all, and the gravest by name.

    None: the review at submission still holds, and it found none.
    """
    if review is None or not review.risky:
        return {}
    named = [
        {
            "sku": price.sku,
            "for": price.dealer_code or list(price.tiers),
            "concern": str(price.doubt.concern),
            "min_quantity": price.doubt.min_quantity,
            "before": money.as_text(price.doubt.before),
            "after": money.as_text(price.doubt.after),
        }
        for price in review.shown
    ]
    return {"confirmed_risks": {"count": review.risky, "fingerprint": review.fingerprint, "prices": named}}


def _end_predecessors(session: Session, policy: PricePolicy, starts: datetime, moment: datetime) -> None:
    require_no_later(session, policy, starts)
    earlier = _overlapping(policy, starts)
    values = {"valid_to": starts, **({"state": "superseded"} if starts <= moment else {})}
    session.execute(
        update(PricePolicy).where(*earlier).values(**values).execution_options(synchronize_session=False)
    )


def require_no_later(session: Session, policy: PricePolicy, starts: datetime) -> None:
    """Raise Conflict when one that begins later is published: dates of a number do not overlap."""
    later = (*_overlapping(policy, starts), PricePolicy.valid_from >= starts)
    if session.execute(select(PricePolicy.id).where(*later)).first() is not None:
        raise Conflict(
            "later_version",
            N_("A version that starts later is published already; let this one start after it."),
        )


def _overlapping(policy: PricePolicy, starts: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PricePolicy.number == policy.number,
        PricePolicy.state == PolicyState.PUBLISHED,
        (PricePolicy.valid_to.is_(None)) | (PricePolicy.valid_to > starts),
    )
