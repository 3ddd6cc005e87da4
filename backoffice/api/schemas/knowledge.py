"""Articles as headquarters' systems write them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.knowledge import ArticleFileShape, MatterWord
from portal.kernel.errors import N_
from portal.kernel.proposals import REASON_MAX
from portal.knowledge.rules import CATEGORIES_MAX, FILES_MAX, TEXT_MAX, TITLE_MAX, WORDS_MAX
from portal.web.api.fields import Code, MomentText, PageQuery, Shape, Text, Whole

StateWord = Literal["draft", "submitted", "approved", "published", "withdrawn"]


class DeskArticlesQuery(PageQuery):
    """Which articles."""

    state: StateWord | None = Field(None, description=N_("Of the newest version."))
    q: Text = Field("", max_length=100, description=N_("Part of number, titles or search words."))


class ArticleBody(Shape, about=N_("What an article says.")):
    title_zh: Text = Field(min_length=1, max_length=TITLE_MAX)
    title_en: Text = Field(min_length=1, max_length=TITLE_MAX)
    text_zh: Text = Field(max_length=TEXT_MAX)
    text_en: Text = Field("", max_length=TEXT_MAX)
    words: Text = Field("", max_length=WORDS_MAX, description=N_("Searched and not shown: error codes."))
    kinds: list[MatterWord] = Field([], max_length=7, description=N_("Matters it helps with; none for any."))
    categories: list[Code] = Field([], max_length=CATEGORIES_MAX, description=N_("Codes of product lines."))
    files: list[Code] = Field(
        [], max_length=FILES_MAX, description=N_("Ids of uploaded files, and of those it shows already.")
    )
    revision: Whole | None = Field(None, description=N_("As it was read; 409 if it has changed since."))


class ArticleActBody(Shape, about=N_("Which version was read, and why something is done to it.")):
    revision: Whole | None = Field(None, description=N_("As it was read; 409 if it has changed since."))
    reason: Text = Field("", max_length=REASON_MAX, description=N_("Needed to send back and to withdraw."))


class DeskArticleRow(Shape, about=N_("An article by its newest version.")):
    number: str = Field(examples=["KB2611-8Q4T0V7XC"])
    version: int
    current_version: int | None = Field(description=N_("That dealers read; null for none."))
    state: StateWord
    title_zh: str
    title_en: str
    kinds: list[MatterWord]
    published_at: MomentText | None
    helpful: int
    unhelpful: int
    solved: int


class DeskArticlesPage(Shape, about=N_("Articles, the one begun last first.")):
    items: list[DeskArticleRow]
    next_cursor: str | None


class DeskArticleShape(Shape, about=N_("An article for whoever edits or publishes it.")):
    number: str = Field(examples=["KB2611-8Q4T0V7XC"])
    version: int
    current_version: int | None = Field(description=N_("That dealers read; null for none."))
    state: StateWord
    revision: int
    reason: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    words: str
    kinds: list[MatterWord]
    categories: list[str]
    helpful: int
    unhelpful: int
    solved: int
    files: list[ArticleFileShape]
