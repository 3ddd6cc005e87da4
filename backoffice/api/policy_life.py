"""What is done to a version of a policy: submitted, decided on, published, withdrawn."""

from __future__ import annotations

from typing import Any

from backoffice.api.policies import number_of, version
from backoffice.api.schemas.policies import (
    PolicyShape,
    PublicationBody,
    PublicationShape,
    RecallBody,
    RejectionBody,
    ReviewShape,
    RevisionBody,
    WithdrawalBody,
    WithdrawalShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.pricing.decide_policy import approve_policy, reject_policy
from portal.pricing.findings import FindingKind
from portal.pricing.publish_policy import publish_policy
from portal.pricing.review import DoubtfulPrice, review_draft
from portal.pricing.review_faults import finding_fault
from portal.pricing.submit_policy import recall_policy, submit_policy
from portal.pricing.vocabulary import PriceRight
from portal.pricing.withdraw_policy import withdraw_policy
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.presentation import in_full, in_language
from portal.web.request import current_actor, current_session, portal

EITHER = (PriceRight.POLICIES, PriceRight.APPROVE)


@operation(
    "POST",
    "/hq/policies/<policy_id>/submission",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=RevisionBody,
    answers=PolicyShape,
    creates=True,
    conflicts=True,
    summary=N_("Submit a draft for approval"),
    about=N_("Nobody changes it from now on. 422 tells everything that forbids its publication."),
)
def submit(policy_id: str, body: RevisionBody) -> dict[str, Any]:
    number = number_of(policy_id)
    submit_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number,
        revision=body.revision,
        fall_share=portal().settings.price_fall_share,
        at=clock.now(),
    )
    return version(number)


@operation(
    "POST",
    "/hq/policies/<policy_id>/recall",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=RecallBody,
    answers=PolicyShape,
    creates=True,
    conflicts=True,
    summary=N_("Take back what was submitted"),
    about=N_("It is a draft again; an approval is void."),
)
def recall(policy_id: str, body: RecallBody) -> dict[str, Any]:
    number = number_of(policy_id)
    recall_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number,
        revision=body.revision,
        reason=body.reason,
    )
    return version(number)


@operation(
    "POST",
    "/hq/policies/<policy_id>/approval",
    tag=HEADQUARTERS,
    rights=(PriceRight.APPROVE,),
    body=RevisionBody,
    answers=PolicyShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a submitted version"),
    about=N_("Whoever wrote, edited or submitted any of it does not approve it."),
)
def approve(policy_id: str, body: RevisionBody) -> dict[str, Any]:
    number = number_of(policy_id)
    approve_policy(
        current_session(), actor=current_actor(), policy_id=number, revision=body.revision, at=clock.now()
    )
    return version(number)


@operation(
    "POST",
    "/hq/policies/<policy_id>/rejection",
    tag=HEADQUARTERS,
    rights=(PriceRight.APPROVE,),
    body=RejectionBody,
    answers=PolicyShape,
    creates=True,
    conflicts=True,
    summary=N_("Reject a submitted version"),
    about=N_("It goes back to its authors as a draft, with the reason."),
)
def reject(policy_id: str, body: RejectionBody) -> dict[str, Any]:
    number = number_of(policy_id)
    reject_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number,
        revision=body.revision,
        reason=body.reason,
    )
    return version(number)


@operation(
    "GET",
    "/hq/policies/<policy_id>/publication",
    tag=HEADQUARTERS,
    rights=EITHER,
    answers=ReviewShape,
    conflicts=True,
    summary=N_("What publishing a version would do to prices"),
    about=N_(
        "Prices that would be ¥0.00, and risky ones, "
        "which the publication has to confirm by their `fingerprint`."
    ),
)
def review(policy_id: str) -> dict[str, Any]:
    found = review_draft(
        current_session(),
        actor=current_actor(),
        policy_id=number_of(policy_id),
        fall_share=portal().settings.price_fall_share,
    )
    return {
        "wrong_rules": [in_full(fault) for fault in found.rule_faults],
        "refused": found.refused,
        "risky": found.risky,
        "prices": [_doubtful(price) for price in found.shown],
        "more": found.more,
        "fingerprint": found.fingerprint,
        "findings": [
            {
                "code": one.kind,
                "refused": FindingKind(one.kind).refused,
                "message": in_full(finding_fault(one)),
                "policy": one.policy,
                "sku": one.sku,
                "category": one.category_code,
                "dealer": one.dealer_code,
                "tier": one.tier,
                "region": one.region_code,
            }
            for one in found.findings
        ],
    }


@operation(
    "POST",
    "/hq/policies/<policy_id>/publication",
    tag=HEADQUARTERS,
    rights=EITHER,
    body=PublicationBody,
    answers=PublicationShape,
    creates=True,
    conflicts=True,
    summary=N_("Publish an approved version as it was read"),
    about=N_(
        "In force for every dealer with the answer, or from `at` on; 409 if it is not approved, "
        "if something happened to it since, or if risky prices are not confirmed."
    ),
)
def publish(policy_id: str, body: PublicationBody) -> dict[str, Any]:
    number = number_of(policy_id)
    starts = publish_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number,
        revision=body.revision,
        confirmed_risks=body.confirmed_risks,
        fall_share=portal().settings.price_fall_share,
        starts=body.at,
    )
    return {"id": number, "valid_from": starts}


@operation(
    "POST",
    "/hq/policies/<policy_id>/withdrawal",
    tag=HEADQUARTERS,
    rights=EITHER,
    body=WithdrawalBody,
    answers=WithdrawalShape,
    creates=True,
    conflicts=True,
    summary=N_("Withdraw a published version"),
    about=N_("What was in force before it is again with the answer, as a version of its own."),
)
def withdraw(policy_id: str, body: WithdrawalBody) -> dict[str, Any]:
    number = number_of(policy_id)
    done = withdraw_policy(current_session(), actor=current_actor(), policy_id=number, reason=body.reason)
    return {"id": number, "withdrawn_at": done.at, "in_force_again": done.restored}


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
