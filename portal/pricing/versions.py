"""A version of a policy in the hands of whoever answers for it: found, claimed, locked."""

from __future__ import annotations

from sqlalchemy import case, func, update
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.pricing import life
from portal.pricing.life import PolicyAct
from portal.pricing.models import PricePolicy

REASON_MAX = 500


def answerable(session: Session, actor: Actor, policy_id: int) -> PricePolicy:
    """The version, if the actor answers for its whole region. Raises NotFound otherwise."""
    policy = session.get(PricePolicy, policy_id)
    if policy is None or not actor.answers_for(policy.region_id):
        raise NotFound()
    return policy


def lock_version(
    session: Session, *, actor: Actor, policy_id: int, act: PolicyAct, revision: int | None = None
) -> PricePolicy:
    """The version, locked, when the act is one of its state.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    policy = answerable(session, actor, policy_id)
    session.refresh(policy, with_for_update=True)
    life.after(policy.state, act)
    if revision is not None and policy.revision != revision:
        raise overtaken()
    return policy


def next_revision(session: Session, actor: Actor, policy_id: int, revision: int, **values: object) -> int:
    """Claim the draft at the revision that was read, as one of its authors.

    Whoever comes second is told, and nothing of theirs is written.
    """
    authors = PricePolicy.written_by
    changed = session.execute(
        update(PricePolicy)
        .where(PricePolicy.id == policy_id, PricePolicy.state == "draft", PricePolicy.revision == revision)
        .values(
            revision=revision + 1,
            written_by=case(
                (authors.contains([actor.key]), authors), else_=func.array_append(authors, actor.key)
            ),
            **values,
        )
        .returning(PricePolicy.revision)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if changed is None:
        raise overtaken()
    return changed


def overtaken() -> Conflict:
    """What whoever comes second is told."""
    return Conflict(
        "edited_meanwhile",
        N_("Someone else has changed, submitted or published this policy. Review it and try again."),
    )


def reason_of(typed: str, *, required: bool = True) -> str:
    """Why something is taken back, rejected or withdrawn. Raises Invalid."""
    reason = typed.strip()
    if len(reason) > REASON_MAX or (required and not reason):
        message = N_("Enter a reason of 1 to %(max)s characters.")
        raise Invalid(faults=[Fault("/reason", "reason", message, params={"max": REASON_MAX})])
    return reason
