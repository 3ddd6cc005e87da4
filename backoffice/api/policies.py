"""Price policies: which there are, drafted and rewritten as a whole."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.policies import (
    ChangedPolicyBody,
    NewPolicyBody,
    PoliciesQuery,
    PolicyBody,
    PolicyList,
    PolicyShape,
)
from portal.kernel import clock, typed
from portal.kernel.errors import N_, NotFound
from portal.pricing import policies
from portal.pricing.draft_policy import NewPolicy, draft_policy, rewrite_policy
from portal.pricing.policies import PolicySummary
from portal.pricing.policy_head import PolicyHead
from portal.pricing.rule_input import RuleInput
from portal.pricing.vocabulary import PriceRight
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/policies",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES, PriceRight.APPROVE),
    query=PoliciesQuery,
    answers=PolicyList,
    summary=N_("Price policies, drafts first"),
    about=N_("The nation's and those of the actor's regions."),
)
def index(query: PoliciesQuery) -> dict[str, Any]:
    found = policies.policies(
        current_session(),
        actor=current_actor(),
        at=clock.now(),
        state=query.state or "",
        kind=query.kind or "",
    )
    return {"items": [_shown(policy) for policy in found], "next_cursor": None}


@operation(
    "GET",
    "/hq/policies/<policy_id>",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES, PriceRight.APPROVE),
    answers=PolicyShape,
    summary=N_("One version of a price policy"),
    about=N_("With the revision that whoever acts upon it has to name."),
)
def show(policy_id: str) -> dict[str, Any]:
    return version(number_of(policy_id))


@operation(
    "POST",
    "/hq/policies",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=NewPolicyBody,
    answers=PolicyShape,
    status=201,
    creates=True,
    located="/hq/policies/{id}",
    conflicts=True,
    summary=N_("Draft a price policy or a contract"),
    about=N_("With all its rules, or refused with everything that is wrong. Nobody sees a price of it yet."),
)
def draft(body: NewPolicyBody) -> Answer:
    new = NewPolicy(
        _head(body),
        _rules(body),
        kind=body.kind,
        region=body.region or "",
        dealer=body.dealer or "",
        supersedes=body.supersedes,
    )
    created = draft_policy(current_session(), actor=current_actor(), new=new, at=clock.now())
    return Answer(version(created.id), 201)


@operation(
    "PUT",
    "/hq/policies/<policy_id>",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=ChangedPolicyBody,
    answers=PolicyShape,
    conflicts=True,
    summary=N_("Write a draft anew"),
    about=N_("Its rules are replaced by these. 409 if somebody changed or submitted it since."),
)
def rewrite(policy_id: str, body: ChangedPolicyBody) -> dict[str, Any]:
    rewrite_policy(
        current_session(),
        actor=current_actor(),
        policy_id=number_of(policy_id),
        revision=body.revision,
        head=_head(body),
        rules=_rules(body),
    )
    return version(number_of(policy_id))


def version(policy_id: int) -> dict[str, Any]:
    """A version as it stands, also just after an act upon it."""
    session = current_session()
    session.flush()
    return _shown(policies.policy(session, actor=current_actor(), policy_id=policy_id, at=clock.now()))


def _head(body: PolicyBody) -> PolicyHead:
    return PolicyHead(
        body.title_zh, body.title_en, body.text, body.valid_from, body.valid_to, body.below_floor
    )


def _rules(body: PolicyBody) -> list[RuleInput]:
    return [
        RuleInput(
            rule.kind,
            [(step.min_quantity, str(step.value)) for step in rule.breaks],
            rule.dealer or "",
            rule.region or "",
            rule.tier or "",
            rule.sku or "",
            rule.category or "",
            rule.breaks_are,
            rule.max_quantity,
            rule.tax_included,
        )
        for rule in body.rules
    ]


def number_of(text: str) -> int:
    """The id in an address. Raises NotFound for what cannot be an id."""
    number = typed.own_number(text)
    if number is None:
        raise NotFound()
    return number


def _shown(policy: PolicySummary) -> dict[str, Any]:
    return {
        "id": policy.id,
        "number": policy.number,
        "version": policy.version,
        "title_zh": policy.title_zh,
        "title_en": policy.title_en,
        "kind": policy.kind,
        "dealer": policy.dealer_code,
        "region": policy.region_code,
        "state": policy.state,
        "valid_from": policy.valid_from,
        "valid_to": policy.valid_to,
        "below_floor": policy.below_floor,
        "text": policy.text,
        "author": policy.author or None,
        "submitted_by": policy.submitted_by,
        "submitted_at": policy.submitted_at,
        "approved_by": policy.approved_by,
        "approved_at": policy.approved_at,
        "returned_reason": policy.returned_reason,
        "published_at": policy.published_at,
        "withdrawn_at": policy.withdrawn_at,
        "withdrawn_reason": policy.withdrawn_reason,
        "rules": policy.rules,
        "revision": policy.revision,
    }
