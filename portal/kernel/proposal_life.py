"""The life of what one person writes and another approves, as data. Pure.

draft → submitted → approved → published → withdrawn; taken back or rejected, it is a draft again. One that
has come to its end stays published: its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class ProposalState(StrEnum):
    """What became of a proposal so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProposalAct(StrEnum):
    """What somebody does to a proposal."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


LIFE: Mapping[tuple[str, ProposalAct], ProposalState] = {
    (ProposalState.DRAFT, ProposalAct.EDIT): ProposalState.DRAFT,
    (ProposalState.DRAFT, ProposalAct.SUBMIT): ProposalState.SUBMITTED,
    (ProposalState.SUBMITTED, ProposalAct.RECALL): ProposalState.DRAFT,
    (ProposalState.SUBMITTED, ProposalAct.REJECT): ProposalState.DRAFT,
    (ProposalState.SUBMITTED, ProposalAct.APPROVE): ProposalState.APPROVED,
    (ProposalState.APPROVED, ProposalAct.RECALL): ProposalState.DRAFT,
    (ProposalState.APPROVED, ProposalAct.REJECT): ProposalState.DRAFT,
    (ProposalState.APPROVED, ProposalAct.PUBLISH): ProposalState.PUBLISHED,
    (ProposalState.PUBLISHED, ProposalAct.WITHDRAW): ProposalState.WITHDRAWN,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

_OPEN_AGAIN = N_("Open it again to see how it stands.")
_NOT_WAITING = ("not_submitted", N_("This does not wait for a decision."), _OPEN_AGAIN)
_REFUSALS = {
    ProposalAct.EDIT: (
        "not_a_draft",
        N_("Only a draft is changed."),
        N_("Take it back first, or write a new one."),
    ),
    ProposalAct.SUBMIT: ("not_a_draft", N_("Only a draft is submitted."), _OPEN_AGAIN),
    ProposalAct.RECALL: _NOT_WAITING,
    ProposalAct.REJECT: _NOT_WAITING,
    ProposalAct.APPROVE: _NOT_WAITING,
    ProposalAct.PUBLISH: (
        "not_approved",
        N_("Only what is approved is published."),
        N_("Submit it and have another person approve it."),
    ),
    ProposalAct.WITHDRAW: (
        "not_in_force",
        N_("Only what is in force, or will be, is withdrawn."),
        _OPEN_AGAIN,
    ),
}


def after(state: str, act: ProposalAct, *, code: str = "") -> ProposalState:
    """The state after an act. Raises Conflict where the life has no such way; `code` instead of the usual."""
    following = LIFE.get((state, act))
    if following is None:
        usual, message, fix = _REFUSALS[act]
        raise Conflict(code or usual, message, fix=fix, state=state)
    return following


def acts(state: str) -> frozenset[ProposalAct]:
    """What may be done to a proposal in this state."""
    return frozenset(act for before, act in LIFE if before == state)
