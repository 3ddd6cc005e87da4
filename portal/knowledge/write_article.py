"""Staff write articles: a draft of a new one, or of the next version of one that dealers read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.numbering import new_number
from portal.kernel.proposal_life import ProposalAct, ProposalState
from portal.knowledge.articles import (
    article_by,
    checked,
    files_known,
    keep_files,
    latest_version,
    open_version,
    tell,
    write,
)
from portal.knowledge.models import KnowledgeArticle, KnowledgeVersion
from portal.knowledge.rules import Content
from portal.knowledge.vocabulary import KnowledgeAction, KnowledgeRight

PREFIX = "KB"
_OPEN = frozenset({ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.APPROVED})


def draft_article(
    session: Session, *, actor: Actor, content: Content, files: Sequence[str] = (), today: date, at: datetime
) -> str:
    """A draft of a new article, which nobody reads yet. Returns its number. Raises Invalid, Forbidden."""
    actor.require(KnowledgeRight.WRITE)
    kept = checked(session, content)
    article = KnowledgeArticle(number=new_number(PREFIX, today), created_at=at)
    session.add(article)
    session.flush()
    ids = keep_files(session, actor=actor, number=article.number, known=[], ids=list(files))
    version = _new_version(session, actor, article, 1, kept, ids, at)
    tell(session, actor, KnowledgeAction.DRAFTED, version)
    return article.number


def edit_article(
    session: Session,
    *,
    actor: Actor,
    number: str,
    revision: int | None,
    content: Content,
    files: Sequence[str] = (),
    at: datetime,
) -> int:
    """Change the draft, as it was read at `revision`; of what dealers read or read once, draft another.

    files: all that the version shows. Returns the new revision. Raises NotFound, Invalid, Conflict for what
    waits for a decision and for what somebody has changed, Forbidden.
    """
    actor.require(KnowledgeRight.WRITE)
    article = article_by(session, number)
    newest = latest_version(session, article)
    if newest.state in _OPEN:
        proposals.locked(session, newest, act=ProposalAct.EDIT, revision=revision)
    elif revision is not None and newest.revision != revision:
        raise proposals.overtaken()
    kept, known = checked(session, content), files_known(session, number)
    ids = keep_files(session, actor=actor, number=number, known=known, ids=list(files))
    if newest.state not in _OPEN:
        made = _new_version(session, actor, article, newest.version_no + 1, kept, ids, at)
        return tell(session, actor, KnowledgeAction.DRAFTED, made)
    newest.file_ids = ids
    write(session, newest, kept)
    proposals.edited(newest, actor)
    return tell(session, actor, KnowledgeAction.EDITED, newest)


def submit_article(session: Session, *, actor: Actor, number: str, revision: int | None, at: datetime) -> int:
    """Hand the draft in, for another person to publish. Raises NotFound, Conflict, Forbidden."""
    actor.require(KnowledgeRight.WRITE)
    version = open_version(session, number, act=ProposalAct.SUBMIT, revision=revision)
    proposals.submitted(version, actor, at)
    return tell(session, actor, KnowledgeAction.SUBMITTED, version)


def recall_article(session: Session, *, actor: Actor, number: str, revision: int | None) -> int:
    """Take back what was handed in: a draft again. Raises NotFound, Conflict, Forbidden."""
    actor.require(KnowledgeRight.WRITE)
    version = open_version(session, number, act=ProposalAct.RECALL, revision=revision)
    proposals.returned(version, "")
    return tell(session, actor, KnowledgeAction.RECALLED, version)


def _new_version(
    session: Session,
    actor: Actor,
    article: KnowledgeArticle,
    version_no: int,
    content: Content,
    files: list[str],
    at: datetime,
) -> KnowledgeVersion:
    made = KnowledgeVersion(
        article_id=article.id,
        version_no=version_no,
        number=f"{article.number}.{version_no}",
        state=str(ProposalState.DRAFT),
        revision=1,
        proposed_by=actor.key,
        proposed_by_label=actor.label,
        written_by=[actor.key],
        created_at=at,
        file_ids=files,
        reason="",
    )
    session.add(made)
    write(session, made, content)
    return made
