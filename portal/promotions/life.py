"""The life of a promotion, as data. Pure.

draft → submitted → approved → published → withdrawn; taken back or rejected, it is a draft again. One that
has come to its end stays published: its time is over.
"""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class PromotionState(StrEnum):
    """What became of a promotion so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PromotionAct(StrEnum):
    """What somebody does to a promotion."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


LIFE = {
    (PromotionState.DRAFT, PromotionAct.EDIT): PromotionState.DRAFT,
    (PromotionState.DRAFT, PromotionAct.SUBMIT): PromotionState.SUBMITTED,
    (PromotionState.SUBMITTED, PromotionAct.RECALL): PromotionState.DRAFT,
    (PromotionState.SUBMITTED, PromotionAct.REJECT): PromotionState.DRAFT,
    (PromotionState.SUBMITTED, PromotionAct.APPROVE): PromotionState.APPROVED,
    (PromotionState.APPROVED, PromotionAct.RECALL): PromotionState.DRAFT,
    (PromotionState.APPROVED, PromotionAct.REJECT): PromotionState.DRAFT,
    (PromotionState.APPROVED, PromotionAct.PUBLISH): PromotionState.PUBLISHED,
    (PromotionState.PUBLISHED, PromotionAct.WITHDRAW): PromotionState.WITHDRAWN,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

_NOT_WAITING = (
    "not_submitted",
    N_("This promotion does not wait for a decision."),
    N_("Open it again to see how it stands."),
)
_REFUSALS = {
    PromotionAct.EDIT: (
        "not_a_draft",
        N_("Only a draft is changed."),
        N_("Take it back first, or write a new promotion."),
    ),
    PromotionAct.SUBMIT: (
        "not_a_draft",
        N_("Only a draft is submitted."),
        N_("Open it again to see how it stands."),
    ),
    PromotionAct.RECALL: _NOT_WAITING,
    PromotionAct.REJECT: _NOT_WAITING,
    PromotionAct.APPROVE: _NOT_WAITING,
    PromotionAct.PUBLISH: (
        "not_approved",
        N_("Only an approved promotion is published."),
        N_("Submit it and have another person approve it."),
    ),
    PromotionAct.WITHDRAW: (
        "not_in_force",
        N_("Only a promotion that runs, or will run, is withdrawn."),
        N_("Open it again to see how it stands."),
    ),
}


def after(state: str, act: PromotionAct) -> PromotionState:
    """The state after an act. Raises Conflict where the life has no such way."""
    try:
        return LIFE[PromotionState(state), act]
    except KeyError:
        code, message, fix = _REFUSALS[act]
        raise Conflict(code, message, fix=fix, state=state) from None


def acts(state: str) -> frozenset[PromotionAct]:
    """What may be done to a promotion in this state."""
    return frozenset(act for before, act in LIFE if before == state)
