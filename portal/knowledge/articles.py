"""Articles as rows: found, locked, and the words by which dealers find them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed.rules import plain
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.kernel.proposal_life import ProposalAct
from portal.knowledge.models import KnowledgeArticle, KnowledgeVersion
from portal.knowledge.rules import FILES_MAX, Content, content_faults
from portal.knowledge.search_rules import weighed
from portal.knowledge.vocabulary import KnowledgeAction

ARTICLE = "knowledge_article"
"""The kind of document that articles are to the files."""


def article_by(session: Session, number: str) -> KnowledgeArticle:
    """The article of a number, locked. Raises NotFound."""
    query = select(KnowledgeArticle).where(KnowledgeArticle.number == number).with_for_update()
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def latest_version(session: Session, article: KnowledgeArticle) -> KnowledgeVersion:
    """The newest version of a locked article, whatever became of it."""
    query = (
        select(KnowledgeVersion)
        .where(KnowledgeVersion.article_id == article.id)
        .order_by(KnowledgeVersion.version_no.desc())
        .limit(1)
    )
    return session.execute(query).scalar_one()


def open_version(
    session: Session, number: str, *, act: ProposalAct, revision: int | None
) -> KnowledgeVersion:
    """The newest version of an article, both locked, when the act is one of its state.

    Raises NotFound, Conflict.
    """
    newest = latest_version(session, article_by(session, number))
    return proposals.locked(session, newest, act=act, revision=revision)


def checked(session: Session, content: Content) -> Content:
    """The content as it is kept. Raises Invalid with every fault."""
    kept = replace(
        content,
        title_zh=content.title_zh.strip(),
        title_en=content.title_en.strip(),
        text_zh=plain(content.text_zh),
        text_en=plain(content.text_en),
        words=" ".join(content.words.split()),
        kinds=tuple(dict.fromkeys(content.kinds)),
        categories=tuple(dict.fromkeys(content.categories)),
    )
    known = session.scalars(_CATEGORIES, {"codes": list(kept.categories)}).all()
    if faults := content_faults(kept, known):
        raise Invalid(faults=faults)
    return kept


def write(session: Session, version: KnowledgeVersion, content: Content) -> None:
    """Put the content into a draft."""
    version.title_zh, version.title_en = content.title_zh, content.title_en
    version.text_zh, version.text_en = content.text_zh, content.text_en
    version.words = content.words
    version.kinds, version.categories = list(content.kinds), list(content.categories)
    session.flush()


def keep_files(session: Session, *, actor: Actor, number: str, known: list[str], ids: list[str]) -> list[str]:
    """Give the article the files that are new to it; all that its draft shows. Raises Invalid."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > FILES_MAX:
        message, fix = N_("An article has at most %(max)s files."), N_("Leave some out.")
        raise Invalid(faults=[Fault("/files", "too_many_files", message, fix, {"max": FILES_MAX})])
    new = [one for one in wanted if one not in known]
    attach_files(session, actor=actor, ids=new, owner=Owner(ARTICLE, number))
    return wanted


def files_known(session: Session, number: str) -> list[str]:
    """Ids of every file that some version of the article has shown."""
    return list(session.scalars(_FILES, {"kind": ARTICLE, "number": number}))


def make_findable(session: Session, version: KnowledgeVersion) -> None:
    """Dealers find the article by the words of this version, and by no other."""
    session.execute(_FORGET, {"article_id": version.article_id})
    found = weighed(
        (version.title_zh, version.title_en, version.words, version.number.partition(".")[0]),
        (version.text_zh, version.text_en),
    )
    session.execute(
        _LEARN,
        {"article_id": version.article_id, "grams": list(found), "weights": list(found.values())},
    )


def make_unfindable(session: Session, article_id: int) -> None:
    """Nobody finds the article any more."""
    session.execute(_FORGET, {"article_id": article_id})


def tell(
    session: Session, actor: Actor, action: KnowledgeAction, version: KnowledgeVersion, reason: str = ""
) -> int:
    """Write the act into the audit. Returns the revision."""
    session.flush()
    number, _, place = version.number.partition(".")
    after = {"version": int(place), "title_zh": version.title_zh, "revision": version.revision}
    record(session, action, number, actor=actor, dealer_id=None, after=after, reason=reason or None)
    return version.revision


_CATEGORIES = text("SELECT code FROM category WHERE code = ANY (:codes)")
_FILES = text("SELECT id FROM stored_file WHERE owner_kind = :kind AND owner_number = :number")
_FORGET = text("DELETE FROM knowledge_gram WHERE article_id = :article_id")
_LEARN = text(
    """
    INSERT INTO knowledge_gram (gram, article_id, weight)
    SELECT gram, :article_id, weight
      FROM unnest(CAST(:grams AS text[]), CAST(:weights AS smallint[])) AS one(gram, weight)
    """
)
