"""One term for one thing: no text uses a word that the glossary (docs/glossary.md) has a better one for."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from tests.architecture import tree
from tests.architecture.test_translations import CHINESE

GLOSSARY = tree.ROOT / "docs" / "glossary.md"
# What Chinese readers are given whole: the guides are what the portal shows under Help.
READ_IN_CHINESE = [tree.ROOT / "README.zh.md", *sorted((tree.ROOT / "docs").glob("guide-*.zh.md"))]


def avoided(column: int) -> list[str]:
    """The words of a column, third for English and fourth for Chinese."""
    rows = [
        line.strip("| \n").split("|")
        for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    return [
        word.strip()
        for row in rows[2:]
        for word in (row[column] if len(row) > column else "").split(",")
        if word.strip()
    ]


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Everything that is read, as (English, Chinese)."""
    with CHINESE.open("rb") as file:
        return tuple(
            (english, message.string if isinstance(message.string, str) else "".join(message.string))
            for message in read_po(file, locale="zh")
            for english in ((message.id,) if isinstance(message.id, str) else message.id)
        )


def test_the_glossary_names_words_to_avoid():
    assert {"parcel", "free credit"} <= set(avoided(2))
    assert {"暂挂", "包裹"} <= set(avoided(3))


@pytest.mark.parametrize("word", avoided(2))
def test_english_uses_the_better_word(word):
    found = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    assert not [english for english, _ in texts() if found.search(english)]


@pytest.mark.parametrize("word", avoided(3))
def test_chinese_uses_the_better_word(word):
    assert not [chinese for _, chinese in texts() if word in chinese]


@pytest.mark.parametrize("document", READ_IN_CHINESE, ids=lambda path: path.name)
def test_what_is_read_in_chinese_uses_the_better_words(document):
    text = document.read_text(encoding="utf-8")
    assert not [word for word in avoided(3) if word in text]
