"""What an article says and which matters it helps with. Pure.

Its text is plain: paragraphs parted by empty lines, lines that begin with ``- `` are items of a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.kernel.errors import N_, Fault
from portal.service.rules import ServiceKind

TITLE_MAX, TEXT_MAX, WORDS_MAX = 120, 10_000, 300
CATEGORIES_MAX, FILES_MAX = 50, 20


@dataclass(frozen=True, slots=True)
class Content:
    """What a version of an article says.

    kinds: of service requests that it helps with, none for any. categories: codes of product lines, none for
    any. words: what people call it besides, such as error codes; searched, never shown.
    """

    title_zh: str
    title_en: str
    text_zh: str = ""
    text_en: str = ""
    words: str = ""
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


def content_faults(content: Content, known_categories: Sequence[str]) -> list[Fault]:
    """What is wrong with a version, each beside its field."""
    faults = []
    for name, title in (("title_zh", content.title_zh), ("title_en", content.title_en)):
        if not (1 <= len(title) <= TITLE_MAX and title.isprintable()):
            message, fix = N_("A title has 1 to 120 printable characters."), N_("Enter such a title.")
            faults.append(Fault(f"/{name}", "title", message, fix))
    for name, text, most in (
        ("text_zh", content.text_zh, TEXT_MAX),
        ("text_en", content.text_en, TEXT_MAX),
        ("words", content.words, WORDS_MAX),
    ):
        faults += _text_faults(f"/{name}", text, most)
    if not content.text_zh:
        faults.append(Fault("/text_zh", "missing", N_("This is missing."), N_("Write the text in Chinese.")))
    if not set(content.kinds) <= set(ServiceKind):
        message, fix = N_("There is no such kind of request."), N_("Choose from the list.")
        faults.append(Fault("/kinds", "unknown_kind", message, fix))
    unknown = [code for code in content.categories if code not in known_categories]
    if unknown or len(content.categories) > CATEGORIES_MAX:
        message, fix = N_("There is no such product line."), N_("Choose from the list.")
        faults.append(Fault("/categories", "unknown_category", message, fix))
    return faults


def _text_faults(pointer: str, text: str, most: int) -> list[Fault]:
    if len(text) > most:
        message, fix = N_("At most %(max)s characters."), N_("Shorten it, or attach a file.")
        return [Fault(pointer, "too_long", message, fix, {"max": most})]
    if not text.replace("\n", "").replace("\t", "").isprintable():
        message, fix = N_("This text holds a character that cannot be shown."), N_("Take it out.")
        return [Fault(pointer, "unprintable", message, fix)]
    return []
