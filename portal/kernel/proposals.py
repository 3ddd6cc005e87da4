"""What one person writes and another approves: its columns, its lock, and each step on the locked row.

A verb of the capability asks for the right, locks, takes the step and records it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlalchemy import CheckConstraint, Integer, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import one_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.proposal_life import ProposalAct, ProposalState, after

REASON_MAX = 500


class Drafted:
    """Where a document stands, for a model to inherit: the columns that decide who may do what.

    written_by: `Actor.key` of everybody who had a hand in it; none of them approves it.
    """

    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(server_default="draft")
    written_by: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")


class Proposal(Drafted):
    """The columns of a proposal, for a model to inherit.

    proposed_by, approved_by, published_by, withdrawn_by: `Actor.key`, with the name beside it. reason: why
    it came back or was withdrawn.
    """

    number: Mapped[str] = mapped_column(unique=True)
    proposed_by: Mapped[str]
    proposed_by_label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    submitted_by_label: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_by_label: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    published_by_label: Mapped[str | None]
    published_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_by_label: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")


D = TypeVar("D", bound=Drafted)


def proposal_checks() -> tuple[CheckConstraint, ...]:
    """The constraints that every proposal has."""
    return (
        one_of("state", ProposalState),
        CheckConstraint(
            "(state IN ('published', 'withdrawn')) = (published_at IS NOT NULL)", name="published_at"
        ),
        CheckConstraint("approved_by <> ALL (written_by)", name="other_person"),
    )


def locked(session: Session, row: D, *, act: ProposalAct, revision: int | None = None, code: str = "") -> D:
    """The row, locked and read anew, when the act is one of its state.

    revision: as it was read; None where nothing that was read matters. Raises Conflict.
    """
    session.refresh(row, with_for_update=True)
    after(row.state, act, code=code)
    if revision is not None and row.revision != revision:
        raise overtaken()
    return row


def overtaken() -> Conflict:
    """What whoever comes second is told."""
    return Conflict(
        "edited_meanwhile",
        N_("Someone else has changed, submitted or published this meanwhile."),
        fix=N_("Open it again and go on from there."),
    )


def edited(row: Drafted, actor: Actor) -> int:
    """The actor had a hand in it. Returns the new revision."""
    row.revision += 1
    row.written_by = sorted({*row.written_by, actor.key})
    return row.revision


def submitted(row: Proposal, actor: Actor, at: datetime) -> int:
    """Handed in; whoever submits answers for it like an author. Returns the new revision."""
    row.state, row.reason = ProposalState.SUBMITTED, ""
    row.submitted_at, row.submitted_by_label = at, actor.label
    return edited(row, actor)


def approved(row: Proposal, actor: Actor, at: datetime) -> int:
    """Another person said yes. Returns the new revision."""
    row.state, row.revision = ProposalState.APPROVED, row.revision + 1
    row.approved_by, row.approved_by_label, row.approved_at = actor.key, actor.label, at
    return row.revision


def returned(row: Proposal, reason: str) -> int:
    """A draft again, of which nothing is submitted or approved. Returns the new revision."""
    row.state, row.reason, row.revision = ProposalState.DRAFT, reason, row.revision + 1
    row.submitted_at = row.submitted_by_label = None
    row.approved_by = row.approved_by_label = row.approved_at = None
    return row.revision


def published(row: Proposal, actor: Actor, at: datetime) -> int:
    """In force. Returns the new revision."""
    row.state, row.revision, row.published_at = ProposalState.PUBLISHED, row.revision + 1, at
    row.published_by, row.published_by_label = actor.key, actor.label
    return row.revision


def withdrawn(row: Proposal, actor: Actor, reason: str, at: datetime) -> int:
    """Out of force. Returns the new revision."""
    row.state, row.reason, row.revision = ProposalState.WITHDRAWN, reason, row.revision + 1
    row.withdrawn_by, row.withdrawn_by_label, row.withdrawn_at = actor.key, actor.label, at
    return row.revision


def require_no_author(actor: Actor, written_by: list[str]) -> None:
    """Raise Forbidden for everybody who had a hand in it."""
    for author in written_by:
        require_other_person(actor, author)


def require_not_publisher(actor: Actor, row: Proposal) -> None:
    """Raise Forbidden for whoever put it in force, where another person has to take it out again."""
    if row.published_by is not None:
        require_other_person(actor, row.published_by)


def reason_of(typed_reason: str, *, required: bool = True) -> str:
    """Why something is taken back, rejected or withdrawn. Raises Invalid."""
    reason = typed_reason.strip()
    if len(reason) > REASON_MAX or (required and not reason):
        message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why, in a few words.")
        raise Invalid(faults=[Fault("/reason", "reason", message, fix, {"max": REASON_MAX})])
    return reason
