"""Articles as programs of dealers read them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Code, MomentText, PageQuery, Shape, Text

MatterWord = Literal[
    "consultation", "repair", "complaint", "installation", "training", "documents", "return_question"
]


class KnowledgeQuery(PageQuery):
    """Which articles."""

    q: Text = Field("", max_length=200, description=N_("Words, an error code, or a whole question."))
    kind: MatterWord | None = Field(None, description=N_("What is asked for, as in a service request."))
    sku: Code | None = Field(None, description=N_("An SKU: articles of its product line go first."))


class ArticleRowShape(Shape, about=N_("An article in a list.")):
    number: str = Field(examples=["KB2611-8Q4T0V7XC"])
    title_zh: str
    title_en: str
    kinds: list[MatterWord]
    published_at: MomentText


class ArticlesPage(Shape, about=N_("Articles, the nearest to what was asked first, else the latest.")):
    items: list[ArticleRowShape]
    next_cursor: str | None


class ArticleFileShape(Shape, about=N_("A file of an article.")):
    id: str
    name: str
    media_type: str
    size: int
    sha256: str


class ArticleShape(Shape, about=N_("An article. Texts are plain: paragraphs and lists.")):
    number: str = Field(examples=["KB2611-8Q4T0V7XC"])
    version: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    kinds: list[MatterWord]
    categories: list[str]
    published_at: MomentText
    helpful: bool | None = Field(description=N_("What this actor said; null for nothing."))
    files: list[ArticleFileShape]


class VoteBody(Shape, about=N_("Whether an article helped.")):
    helpful: bool
    solved: bool = Field(False, description=N_("So well that no request is needed."))
