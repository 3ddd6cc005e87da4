"""Price policies: which there are, and the publication of a draft."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.headquarters import (
    PoliciesQuery,
    PolicyList,
    PolicyShape,
    PublicationBody,
    PublicationShape,
    ReviewShape,
)
from portal.kernel import clock, typed
from portal.kernel.errors import N_, NotFound
from portal.pricing import policies
from portal.pricing.policies import PolicySummary
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import DoubtfulPrice, review_draft
from portal.pricing.vocabulary import PriceRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.presentation import in_full, in_language
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/policies",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    query=PoliciesQuery,
    answers=PolicyList,
    summary=N_("Price policies, drafts first"),
    about=N_("The nation's and those of the actor's regions."),
)
def index(query: PoliciesQuery) -> dict[str, Any]:
    found = policies.policies(
        current_session(), actor=current_actor(), at=clock.now(), state=query.state or ""
    )
    return {"items": [_shown(policy) for policy in found], "next_cursor": None}


@operation(
    "GET",
    "/hq/policies/<policy_id>",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    answers=PolicyShape,
    summary=N_("One version of a price policy"),
    about=N_("With the revision that its publication has to name."),
)
def show(policy_id: str) -> dict[str, Any]:
    return _shown(
        policies.policy(
            current_session(), actor=current_actor(), policy_id=_number(policy_id), at=clock.now()
        )
    )


@operation(
    "GET",
    "/hq/policies/<policy_id>/publication",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    answers=ReviewShape,
    conflicts=True,
    summary=N_("What publishing a draft would do to prices"),
    about=N_(
        "Prices that would be ¥0.00, and risky ones, "
        "which the publication has to confirm by their `fingerprint`."
    ),
)
def review(policy_id: str) -> dict[str, Any]:
    found = review_draft(
        current_session(),
        actor=current_actor(),
        policy_id=_number(policy_id),
        fall_share=portal().settings.price_fall_share,
    )
    return {
        "wrong_rules": [in_full(fault) for fault in found.rule_faults],
        "refused": found.refused,
        "risky": found.risky,
        "prices": [_doubtful(price) for price in found.shown],
        "more": found.more,
        "fingerprint": found.fingerprint,
    }


@operation(
    "POST",
    "/hq/policies/<policy_id>/publication",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=PublicationBody,
    answers=PublicationShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish a draft as it was read"),
    about=N_(
        "In force for every dealer with the answer; "
        "409 if somebody edited the draft since, or if risky prices are not confirmed."
    ),
)
def publish(policy_id: str, body: PublicationBody) -> dict[str, Any]:
    number = _number(policy_id)
    starts = publish_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number,
        revision=body.revision,
        confirmed_risks=body.confirmed_risks,
        fall_share=portal().settings.price_fall_share,
    )
    return {"id": number, "valid_from": starts}


def _number(text: str) -> int:
    """Raises NotFound for what cannot be an id."""
    number = typed.own_number(text)
    if number is None:
        raise NotFound()
    return number


def _doubtful(price: DoubtfulPrice) -> dict[str, Any]:
    return {
        "sku": price.sku,
        "name": in_language(price.name_zh, price.name_en),
        "concern": str(price.doubt.concern),
        "dealer": price.dealer_code,
        "tiers": list(price.tiers),
        "region": price.region_code,
        "min_quantity": price.doubt.min_quantity,
        "list_price": price.list_price,
        "price_before": price.doubt.before,
        "price_after": price.doubt.after,
    }


def _shown(policy: PolicySummary) -> dict[str, Any]:
    return {
        "id": policy.id,
        "number": policy.number,
        "version": policy.version,
        "title_zh": policy.title_zh,
        "title_en": policy.title_en,
        "state": policy.state,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "published_at": policy.published_at,
        "rules": policy.rules,
        "revision": policy.revision,
    }
