"""The life of a programme, as data. Pure.

draft → submitted → approved → published → withdrawn; taken back or rejected, it is a draft again. One that
has come to its end stays published: its time is over.
"""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class ProgrammeState(StrEnum):
    """What became of a programme so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProgrammeAct(StrEnum):
    """What somebody does to a programme."""

    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


LIFE = {
    (ProgrammeState.DRAFT, ProgrammeAct.EDIT): ProgrammeState.DRAFT,
    (ProgrammeState.DRAFT, ProgrammeAct.SUBMIT): ProgrammeState.SUBMITTED,
    (ProgrammeState.SUBMITTED, ProgrammeAct.RECALL): ProgrammeState.DRAFT,
    (ProgrammeState.SUBMITTED, ProgrammeAct.REJECT): ProgrammeState.DRAFT,
    (ProgrammeState.SUBMITTED, ProgrammeAct.APPROVE): ProgrammeState.APPROVED,
    (ProgrammeState.APPROVED, ProgrammeAct.RECALL): ProgrammeState.DRAFT,
    (ProgrammeState.APPROVED, ProgrammeAct.REJECT): ProgrammeState.DRAFT,
    (ProgrammeState.APPROVED, ProgrammeAct.PUBLISH): ProgrammeState.PUBLISHED,
    (ProgrammeState.PUBLISHED, ProgrammeAct.WITHDRAW): ProgrammeState.WITHDRAWN,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

_OPEN_AGAIN = N_("Open it again to see how it stands.")
_NOT_WAITING = ("not_submitted", N_("This programme does not wait for a decision."), _OPEN_AGAIN)
_REFUSALS = {
    ProgrammeAct.EDIT: (
        "not_a_draft",
        N_("Only a draft is changed."),
        N_("Take it back first, or write a new programme."),
    ),
    ProgrammeAct.SUBMIT: ("not_a_draft", N_("Only a draft is submitted."), _OPEN_AGAIN),
    ProgrammeAct.RECALL: _NOT_WAITING,
    ProgrammeAct.REJECT: _NOT_WAITING,
    ProgrammeAct.APPROVE: _NOT_WAITING,
    ProgrammeAct.PUBLISH: (
        "not_approved",
        N_("Only an approved programme is published."),
        N_("Submit it and have another person approve it."),
    ),
    ProgrammeAct.WITHDRAW: (
        "not_published",
        N_("Only a published programme is withdrawn."),
        _OPEN_AGAIN,
    ),
}


def after(state: str, act: ProgrammeAct) -> ProgrammeState:
    """The state after an act. Raises Conflict where the life has no such way."""
    try:
        return LIFE[ProgrammeState(state), act]
    except KeyError:
        code, message, fix = _REFUSALS[act]
        raise Conflict(code, message, fix=fix, state=state) from None


def acts(state: str) -> frozenset[ProgrammeAct]:
    """What may be done to a programme in this state."""
    return frozenset(act for before, act in LIFE if before == state)
