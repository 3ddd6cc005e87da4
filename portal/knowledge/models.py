"""Articles that answer what dealers ask: their versions, what they are found by, and whom they helped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.kernel.db import Base, Key
from portal.kernel.proposals import Proposal, proposal_checks


class KnowledgeArticle(Base):
    """An article. current_version: the one that dealers read, None for none."""

    __tablename__ = "knowledge_article"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    current_version: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class KnowledgeVersion(Base, Proposal):
    """What an article says, once another person has published it. number: of the article, with the version.

    file_ids: of the article's files those that this version shows.
    """

    __tablename__ = "knowledge_version"
    __table_args__ = (
        *proposal_checks(),
        CheckConstraint(
            "kinds <@ ARRAY['consultation', 'repair', 'complaint', 'installation', 'training', 'documents',"
            " 'return_question']",
            name="kinds",
        ),
        Index(
            "uq_knowledge_version_open",
            "article_id",
            unique=True,
            postgresql_where="state IN ('draft', 'submitted', 'approved')",
        ),
        Index("ix_knowledge_version_waiting", "article_id", postgresql_where="state = 'submitted'"),
    )

    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("knowledge_article.id"), primary_key=True)
    version_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    words: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    file_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))


class KnowledgeGram(Base):
    """A word, or a pair of Chinese characters, of the version that dealers read."""

    __tablename__ = "knowledge_gram"
    __table_args__ = (Index("ix_knowledge_gram_article_id", "article_id"),)

    gram: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("knowledge_article.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger)


class KnowledgeVote(Base):
    """Whether an article helped somebody of a dealer. is_solved: so well that no request was needed."""

    __tablename__ = "knowledge_vote"
    __table_args__ = (
        CheckConstraint("is_helpful OR NOT is_solved", name="solved"),
        Index("ix_knowledge_vote_article_id", "article_id"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("knowledge_article.id"), primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    is_helpful: Mapped[bool]
    is_solved: Mapped[bool]
    voted_at: Mapped[datetime]
