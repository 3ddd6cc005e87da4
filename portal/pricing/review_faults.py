"""What a review found, in words: each price with its product and whose it is, and what to do."""

from __future__ import annotations

from portal.kernel import money
from portal.kernel.errors import N_, Fault, Invalid
from portal.pricing.findings import Finding, FindingKind, refused
from portal.pricing.review import DoubtfulPrice, Review
from portal.pricing.rules import Concern


def require_sound(review: Review) -> None:
    """Raise Invalid with everything that forbids submission and publication, whoever confirms it."""
    if review.blocked:
        message, fix = (
            N_("Some prices make no sense, or nobody could tell which of two rules counts."),
            N_("Correct the rules, then do it again."),
        )
        raise Invalid(
            review.code,
            message,
            fix=fix,
            faults=[
                *review.rule_faults,
                *(finding_fault(one) for one in refused(review.findings)),
                *review_faults(review, refused=True),
            ],
        )


_FINDINGS = {
    FindingKind.TIE: (
        N_("%(policy)s has two rules for %(subject)s and %(party)s."),
        N_("Keep one of them: nobody could tell which counts."),
    ),
    FindingKind.BELOW_FLOOR: (
        N_("%(subject)s for %(party)s from %(quantity)s: ¥%(price)s, below the floor of ¥%(floor)s."),
        N_("Raise it, or have the policy lift prices to the floor."),
    ),
    FindingKind.TWO_CONTRACTS: (
        N_("%(party)s has a price for %(subject)s in contract %(policy)s already."),
        N_("Make the next version of that contract, or end it first."),
    ),
    FindingKind.LIFTED: (
        N_("%(subject)s for %(party)s from %(quantity)s: ¥%(price)s is lifted to the floor of ¥%(floor)s."),
        "",
    ),
    FindingKind.CONTRACT_WINS: (
        N_("%(party)s keeps the price of contract %(policy)s for %(subject)s."),
        "",
    ),
}


def finding_fault(found: Finding) -> Fault:
    """A finding in words, with its product and whose price it is."""
    message, fix = _FINDINGS[FindingKind(found.kind)]
    group = " ".join(part for part in (found.region_code, found.tier) if part)
    params = {
        "policy": found.policy,
        "subject": found.sku or found.category_code or "*",
        "party": found.dealer_code or group or "*",
        "quantity": found.min_quantity,
        "price": "" if found.price is None else money.as_text(found.price),
        "floor": "" if found.floor is None else money.as_text(found.floor),
    }
    return Fault("/rules", found.kind, message, fix, params)


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


def review_faults(review: Review, *, refused: bool) -> list[Fault]:
    """What a review found, price by price, the gravest first."""
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
