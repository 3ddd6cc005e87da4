"""Publish a draft: in force with its commit, for every dealer at once, without rebuilding anything."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.pricing import publication_lock
from portal.pricing.announce_policy import announce_policy
from portal.pricing.drafts import answerable
from portal.pricing.models import PricePolicy, PriceRule
from portal.pricing.review import DoubtfulPrice, Review, review_policy
from portal.pricing.rules import Concern
from portal.pricing.vocabulary import PriceAction, PriceRight


def publish_policy(
    session: Session,
    *,
    actor: Actor,
    policy_id: int,
    revision: int,
    fall_share: Decimal,
    confirmed_risks: str | None = None,
) -> datetime:
    """Publish the draft as it was read at `revision` and end its predecessor in the same commit.

    The dealers it is for are told in their feed, with the same commit.
    Orders in flight are priced before it, orders that come while it commits wait and are priced after it. A
    start that has passed becomes this moment. fall_share: a price that falls by it or more is risky.
    confirmed_risks: `Review.fingerprint` of the risky prices that somebody looked through. Returns the moment
    it takes effect. Raises NotFound, Conflict for an overtaken draft and for risky prices that are not the
    confirmed ones, Invalid without rules and for prices that are none.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    _require_current(session, policy, revision)
    published = _publications(session)
    review = _confirmed(session, policy_id, fall_share, confirmed_risks)
    moment = publication_lock.close(session)
    session.refresh(policy, with_for_update=True)
    _require_current(session, policy, revision)
    if (
        _publications(session) != published
    ):  # judged without what came in force meanwhile, so once more behind the gate
        review = _confirmed(session, policy_id, fall_share, confirmed_risks)
    starts = max(policy.valid_from, moment)
    _end_predecessors(session, policy, starts, moment)
    policy.state, policy.published_at, policy.published_by, policy.valid_from = (
        "published",
        moment,
        actor.user_id,
        starts,
    )
    after = {
        "number": policy.number,
        "version": policy.version,
        "valid_from": starts.isoformat(),
        **_as_audited(review),
    }
    record(session, PriceAction.POLICY_PUBLISHED, str(policy_id), actor=actor, dealer_id=None, after=after)
    session.flush()
    announce_policy(session, actor=actor, policy=policy, starts=starts, at=moment)
    return starts


def _require_current(session: Session, policy: PricePolicy, revision: int) -> None:
    if policy.state != "draft":
        raise Conflict("not_a_draft", N_("This version is already published."))
    if policy.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed or published this policy. Review it and try again."),
        )
    if session.execute(select(PriceRule.id).where(PriceRule.policy_id == policy.id).limit(1)).first() is None:
        raise Invalid(
            "no_rules", N_("A policy without rules cannot be published."), fix=N_("Add a rule first.")
        )


def _publications(session: Session) -> int:
    """How many versions were ever published.

    None is taken back, so the same number means the same versions.
    """
    return session.execute(select(func.count()).where(PricePolicy.published_at.is_not(None))).scalar_one()


def _confirmed(session: Session, policy_id: int, fall_share: Decimal, confirmed_risks: str | None) -> Review:
    """The review of the draft, when nothing in it forbids the publication."""
    review = review_policy(
        session, policy_id=policy_id, at=publication_lock.now(session), fall_share=fall_share
    )
    if review.blocked:
        message, fix = (
            N_("Nothing was published: some prices make no sense."),
            N_("Correct the rules, then publish again."),
        )
        raise Invalid(
            "no_price", message, fix=fix, faults=[*review.rule_faults, *_faults(review, refused=True)]
        )
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
    return Conflict(code, message, fix=fix, faults=_faults(review, refused=False), count=review.risky)


_WORDS = {
    Concern.ZERO: (
        N_("%(sku)s would cost ¥0.00 for %(party)s."),
        N_("Take less off, or give the product a rule of its own."),
    ),
    Concern.FAR_BELOW: (
        N_("%(sku)s for %(party)s from %(quantity)s: ¥%(after)s, far below ¥%(before)s."),
        N_("Correct the rule, or confirm the price."),
    ),
    Concern.ABOVE_LIST: (
        N_("%(sku)s for %(party)s from %(quantity)s: ¥%(after)s, above the list price of ¥%(list_price)s."),
        N_("Correct the rule, or confirm the price."),
    ),
}


def _faults(review: Review, *, refused: bool) -> list[Fault]:
    named = [price for price in review.shown if (price.doubt.concern is Concern.ZERO) is refused]
    more = (review.refused if refused else review.risky) - len(named)
    rest = (
        [Fault("", "more", N_("And %(more)s more."), N_("Correct these first."), {"more": more})]
        if more
        else []
    )
    return [*(_fault(price) for price in named), *rest]


def _fault(price: DoubtfulPrice) -> Fault:
    concern, quantity, before, after = price.doubt
    message, fix = _WORDS[concern]
    params = {
        "sku": price.sku,
        "party": price.dealer_code or " ".join(price.tiers),
        "quantity": quantity,
        "before": money.as_text(before),
        "after": money.as_text(after),
        "list_price": money.as_text(price.list_price),
    }
    return Fault("" if concern is Concern.ZERO else "/confirmed_risks", concern, message, fix, params)


def _as_audited(review: Review) -> dict[str, object]:
    """What was confirmed: how many risky prices, the fingerprint of all, and the gravest by name."""
    if not review.risky:
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
    earlier = (
        PricePolicy.number == policy.number,
        PricePolicy.state == "published",
        (PricePolicy.valid_to.is_(None)) | (PricePolicy.valid_to > starts),
    )
    if (
        session.execute(select(PricePolicy.id).where(*earlier, PricePolicy.valid_from >= starts)).first()
        is not None
    ):
        raise Conflict(
            "later_version",
            N_("A version that starts later is published already; let this one start after it."),
        )
    values = {"valid_to": starts, **({"state": "superseded"} if starts <= moment else {})}
    session.execute(
        update(PricePolicy).where(*earlier).values(**values).execution_options(synchronize_session=False)
    )
