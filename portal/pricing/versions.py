"""A version of a policy in the hands of whoever answers for it: found, claimed, locked."""

from __future__ import annotations

from sqlalchemy import case, func, update
from sqlalchemy.orm import Session

from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.proposal_life import ProposalAct
from portal.pricing.models import PricePolicy


def answerable(session: Session, actor: Actor, policy_id: int) -> PricePolicy:
    """The version, if the actor answers for its whole region. Raises NotFound otherwise."""
    policy = session.get(PricePolicy, policy_id)
    if policy is None or not actor.answers_for(policy.region_id):
        raise NotFound()
    return policy


def lock_version(
    session: Session, *, actor: Actor, policy_id: int, act: ProposalAct, revision: int | None = None
) -> PricePolicy:
    """The version, locked, when the act is one of its state.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    policy = answerable(session, actor, policy_id)
    return proposals.locked(session, policy, act=act, revision=revision)


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
        raise proposals.overtaken()
    return changed
