"""Another person lets dealers read a version, or sends it back; what is wrong or outdated is withdrawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.knowledge.articles import (
    article_by,
    make_findable,
    make_unfindable,
    open_version,
    tell,
)
from portal.knowledge.models import KnowledgeVersion
from portal.knowledge.vocabulary import KnowledgeAction, KnowledgeRight


def publish_article(
    session: Session, *, actor: Actor, number: str, revision: int | None, at: datetime
) -> int:
    """Let dealers read what was handed in, instead of the version they read so far.

    Raises NotFound, Conflict, Forbidden to everybody who had a hand in it.
    """
    actor.require(KnowledgeRight.PUBLISH)
    article = article_by(session, number)
    version = open_version(session, number, act=ProposalAct.APPROVE, revision=revision)
    proposals.require_no_author(actor, version.written_by)
    proposals.approved(version, actor, at)
    session.flush()
    proposals.published(version, actor, at)
    article.current_version = version.version_no
    session.flush()
    make_findable(session, version)
    return tell(session, actor, KnowledgeAction.PUBLISHED, version)


def reject_article(session: Session, *, actor: Actor, number: str, revision: int | None, reason: str) -> int:
    """Send what was handed in back to its authors, with the reason.

    Raises NotFound, Conflict, Invalid without a reason, Forbidden to its authors.
    """
    actor.require(KnowledgeRight.PUBLISH)
    version = open_version(session, number, act=ProposalAct.REJECT, revision=revision)
    proposals.require_no_author(actor, version.written_by)
    said = reason_of(reason)
    proposals.returned(version, said)
    return tell(session, actor, KnowledgeAction.REJECTED, version, said)


def withdraw_article(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> int:
    """Dealers read the article no more, from now on. A draft of its next version stays.

    Raises NotFound, Invalid without a reason, Conflict for what nobody reads, Forbidden.
    """
    actor.require(KnowledgeRight.PUBLISH)
    article = article_by(session, number)
    said = reason_of(reason)
    if article.current_version is None:
        raise Conflict("not_in_force", N_("Dealers do not read this article."))
    version = session.get_one(KnowledgeVersion, (article.id, article.current_version))
    proposals.locked(session, version, act=ProposalAct.WITHDRAW)
    proposals.withdrawn(version, actor, said, at)
    article.current_version = None
    session.flush()
    make_unfindable(session, article.id)
    return tell(session, actor, KnowledgeAction.WITHDRAWN, version, said)
