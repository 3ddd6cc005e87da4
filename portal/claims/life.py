"""The life of a claim, as data. Pure.

draft → submitted → in approval, one step after another → approved → paid; sent back for completion, it is
submitted again. Rejected, withdrawn and paid are its ends; approved is passed on the way to paid.
"""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class ClaimState(StrEnum):
    """What became of a claim so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_APPROVAL = "in_approval"
    RETURNED = "returned"
    APPROVED = "approved"
    PAID = "paid"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ClaimAct(StrEnum):
    """What somebody does to a claim. pass_on: approve a step that is not the last one."""

    EDIT = "edit"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    PASS_ON = "pass_on"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    PAY = "pay"


_WRITABLE = (ClaimState.DRAFT, ClaimState.RETURNED)
_OPEN = (ClaimState.SUBMITTED, ClaimState.IN_APPROVAL)
WAITING = frozenset(_OPEN)
"""A step of headquarters waits."""
ENDED = frozenset({ClaimState.REJECTED, ClaimState.WITHDRAWN})
"""What it claimed, and its evidence, may be claimed again."""

LIFE = {
    **{(state, ClaimAct.EDIT): state for state in _WRITABLE},
    **{(state, ClaimAct.SUBMIT): ClaimState.SUBMITTED for state in _WRITABLE},
    **{(state, ClaimAct.WITHDRAW): ClaimState.WITHDRAWN for state in (*_WRITABLE, *_OPEN)},
    **{(state, ClaimAct.PASS_ON): ClaimState.IN_APPROVAL for state in _OPEN},
    **{(state, ClaimAct.APPROVE): ClaimState.APPROVED for state in _OPEN},
    **{(state, ClaimAct.RETURN): ClaimState.RETURNED for state in _OPEN},
    **{(state, ClaimAct.REJECT): ClaimState.REJECTED for state in _OPEN},
    (ClaimState.APPROVED, ClaimAct.PAY): ClaimState.PAID,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

_OPEN_AGAIN = N_("Open it again to see how it stands.")
_NOT_WAITING = ("not_waiting", N_("This claim does not wait for a decision."), _OPEN_AGAIN)
_NOT_WRITABLE = (
    "not_writable",
    N_("Only a draft, or a claim that was sent back, is changed and submitted."),
    _OPEN_AGAIN,
)
_REFUSALS = {
    ClaimAct.EDIT: _NOT_WRITABLE,
    ClaimAct.SUBMIT: _NOT_WRITABLE,
    ClaimAct.WITHDRAW: (
        "decided",
        N_("This claim is decided; it is not withdrawn any more."),
        _OPEN_AGAIN,
    ),
    ClaimAct.PASS_ON: _NOT_WAITING,
    ClaimAct.APPROVE: _NOT_WAITING,
    ClaimAct.RETURN: _NOT_WAITING,
    ClaimAct.REJECT: _NOT_WAITING,
    ClaimAct.PAY: ("not_payable", N_("Only an approved claim is paid."), _OPEN_AGAIN),
}


def after(state: str, act: ClaimAct) -> ClaimState:
    """The state after an act. Raises Conflict where the life has no such way."""
    try:
        return LIFE[ClaimState(state), act]
    except KeyError:
        code, message, fix = _REFUSALS[act]
        raise Conflict(code, message, fix=fix, state=state) from None


def acts(state: str) -> frozenset[ClaimAct]:
    """What may be done to a claim in this state."""
    return frozenset(act for before, act in LIFE if before == state)
