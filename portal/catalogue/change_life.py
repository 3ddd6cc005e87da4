"""The life of a proposed change of a product, as data. Pure.

draft → submitted → approved → in force. A draft or what was submitted may be rejected; whoever wrote it
proposes it again. Approved is what waits, a moment, for the worker that puts it in force.
"""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_, Conflict


class ChangeState(StrEnum):
    """What became of a change so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    REJECTED = "rejected"


class ChangeAct(StrEnum):
    """What is done to a change."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    ENTER = "enter"


LIFE = {
    (ChangeState.DRAFT, ChangeAct.EDIT): ChangeState.DRAFT,
    (ChangeState.DRAFT, ChangeAct.SUBMIT): ChangeState.SUBMITTED,
    (ChangeState.DRAFT, ChangeAct.REJECT): ChangeState.REJECTED,
    (ChangeState.SUBMITTED, ChangeAct.APPROVE): ChangeState.APPROVED,
    (ChangeState.SUBMITTED, ChangeAct.REJECT): ChangeState.REJECTED,
    (ChangeState.APPROVED, ChangeAct.ENTER): ChangeState.IN_FORCE,
    (ChangeState.APPROVED, ChangeAct.REJECT): ChangeState.REJECTED,
}
"""Every act there is, by what may be done in which state. Whatever is not here is refused."""

OPEN = (ChangeState.DRAFT, ChangeState.SUBMITTED, ChangeState.APPROVED)
"""States of which a product has one change at most."""

_REFUSALS = {
    ChangeAct.EDIT: (
        "change_waits",
        N_("A change of this product waits for approval already."),
        N_("Have it approved or rejected first."),
    ),
    ChangeAct.SUBMIT: (
        "not_a_draft",
        N_("Only a draft is submitted."),
        N_("Open the product again to see how it stands."),
    ),
    ChangeAct.APPROVE: (
        "not_submitted",
        N_("This change does not wait for approval."),
        N_("Open the product again to see how it stands."),
    ),
    ChangeAct.REJECT: (
        "not_open",
        N_("This change is decided already."),
        N_("Propose another change to correct the product."),
    ),
    ChangeAct.ENTER: (
        "not_approved",
        N_("Only an approved change comes into force."),
        N_("Have another person of quality approve it."),
    ),
}


def after(state: str, act: ChangeAct) -> ChangeState:
    """The state after an act. Raises Conflict where the life has no such way."""
    try:
        return LIFE[ChangeState(state), act]
    except KeyError:
        code, message, fix = _REFUSALS[act]
        raise Conflict(code, message, fix=fix, state=state) from None


def acts(state: str) -> frozenset[ChangeAct]:
    """What may be done to a change in this state."""
    return frozenset(act for before, act in LIFE if before == state)
