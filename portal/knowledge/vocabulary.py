"""The names that others use of the knowledge base: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class KnowledgeRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "knowledge:read"
    WRITE = "hq:knowledge"
    PUBLISH = "hq:knowledge-publish"


class KnowledgeAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "knowledge_article:drafted"
    EDITED = "knowledge_article:edited"
    SUBMITTED = "knowledge_article:submitted"
    RECALLED = "knowledge_article:recalled"
    REJECTED = "knowledge_article:rejected"
    PUBLISHED = "knowledge_article:published"
    WITHDRAWN = "knowledge_article:withdrawn"
