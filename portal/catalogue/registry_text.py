"""Cleaning of registry texts: languages, placeholders, white space.

EUDAMED writes a text once per language, ``en: Feeding tube | fr: Sonde``, in more than twenty of them, and
makers type ``/``, ``no`` or the article number where they have nothing to say.
"""

from __future__ import annotations

import re

PREFERRED_LANGUAGES = ("en", "zh", "de", "fr", "it", "es", "nl", "pt")
PLACEHOLDERS = frozenset(
    [
        "",
        "/",
        "\\",
        "-",
        "--",
        "_",
        ".",
        "..",
        "?",
        "x",
        "xx",
        "xxx",
        "no",
        "none",
        "nil",
        "null",
        "n/a",
        "n.a.",
        "na",
        "not applicable",
        "not available",
        "unknown",
        "tbd",
        "test",
    ]
)

_LANGUAGE_MARK = re.compile(r"(?:^|\|)\s*([a-z]{2}):\s*")


def by_language(text: str) -> dict[str, str]:
    """Split ``en: A | fr: B`` into ``{"en": "A", "fr": "B"}``; unmarked text is taken as English."""
    marks = list(_LANGUAGE_MARK.finditer(text))
    if not marks:
        return {"en": tidy(text)} if text.strip() else {}
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: tidy(text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)}


def best_text(text: str) -> tuple[str, str]:
    """The most widely read version of a multilingual text and its language; ``("", "")`` if all are
    placeholders.
    """
    versions = {language: words for language, words in by_language(text).items() if not is_placeholder(words)}
    for language in PREFERRED_LANGUAGES:
        if language in versions:
            return versions[language], language
    return next(((words, language) for language, words in sorted(versions.items())), ("", ""))


def is_placeholder(text: str) -> bool:
    """Whether a text names nothing: empty, a conventional filler, or without a single letter."""
    plain = tidy(text).casefold()
    return plain in PLACEHOLDERS or not any(character.isalpha() for character in plain)


def is_code(text: str) -> bool:
    """Whether a text is a reference of a maker and no filler: letters or digits, and more than one."""
    plain = tidy(text).casefold()
    return plain not in PLACEHOLDERS and sum(map(str.isalnum, plain)) > 1


def tidy(text: str) -> str:
    """Text on one line, single spaces, no non-breaking or zero-width leftovers, no dangling punctuation."""
    plain = text.replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "")
    return re.sub(r"\s+", " ", plain).strip(" \t,;|")
