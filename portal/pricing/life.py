"""The life of a version of a policy, as data. Pure.

draft → submitted → approved → published → superseded | withdrawn; recalled or rejected, it is a draft again.
A version is superseded by its successor's publication, which is no act upon itself.
"""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class PolicyState(StrEnum):
    """What became of a version so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class PolicyKind(StrEnum):
    """A policy, or a contract of one dealer."""

    POLICY = "policy"
    CONTRACT = "contract"


class BelowFloor(StrEnum):
    """What becomes of a price below the floor: the rule is refused, or the price is lifted."""

    REFUSE = "refuse"
    CLAMP = "clamp"


class PolicyAct(StrEnum):
    """What somebody does to a version."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


LIFE = {
    (PolicyState.DRAFT, PolicyAct.EDIT): PolicyState.DRAFT,
    (PolicyState.DRAFT, PolicyAct.SUBMIT): PolicyState.SUBMITTED,
    (PolicyState.SUBMITTED, PolicyAct.RECALL): PolicyState.DRAFT,
    (PolicyState.SUBMITTED, PolicyAct.REJECT): PolicyState.DRAFT,
    (PolicyState.SUBMITTED, PolicyAct.APPROVE): PolicyState.APPROVED,
    (PolicyState.APPROVED, PolicyAct.RECALL): PolicyState.DRAFT,
    (PolicyState.APPROVED, PolicyAct.REJECT): PolicyState.DRAFT,
    (PolicyState.APPROVED, PolicyAct.PUBLISH): PolicyState.PUBLISHED,
    (PolicyState.PUBLISHED, PolicyAct.WITHDRAW): PolicyState.WITHDRAWN,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

_REFUSALS = {
    PolicyAct.EDIT: (
        "not_a_draft",
        N_("Only a draft is changed."),
        N_("Take it back first, or begin the next version."),
    ),
    PolicyAct.SUBMIT: ("not_a_draft", N_("Only a draft is submitted."), N_("Read it again.")),
    PolicyAct.RECALL: (
        "not_submitted",
        N_("There is nothing to take back: this version is not waiting."),
        N_("Read it again."),
    ),
    PolicyAct.REJECT: (
        "not_submitted",
        N_("This version does not wait for a decision."),
        N_("Read it again."),
    ),
    PolicyAct.APPROVE: (
        "not_submitted",
        N_("This version does not wait for a decision."),
        N_("Read it again."),
    ),
    PolicyAct.PUBLISH: (
        "not_approved",
        N_("Only an approved version is published."),
        N_("Submit it and have another person approve it."),
    ),
    PolicyAct.WITHDRAW: (
        "not_in_force",
        N_("Only what is in force, or will be, is withdrawn."),
        N_("Read it again."),
    ),
}


def after(state: str, act: PolicyAct) -> PolicyState:
    """The state after an act. Raises Conflict where the life has no such way."""
    try:
        return LIFE[PolicyState(state), act]
    except KeyError:
        code, message, fix = _REFUSALS[act]
        raise Conflict(code, message, fix=fix, state=state) from None


def acts(state: str) -> frozenset[PolicyAct]:
    """What may be done to a version in this state."""
    return frozenset(act for before, act in LIFE if before == state)
