"""Every word a person reads is written in English and translated into Chinese, with the same placeholders."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal.kernel.translations import words
from tests.architecture import tree

CHINESE = tree.ROOT / "portal" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
_OF_SHEETS = "Discount, percent"  # stands in workbooks that people kept; nothing formats it
_WITHOUT_WORDS = re.compile(r"[\W\d_]*")

Words = str | tuple[str, str]
Place = tuple[str | None, Words]
"""Context and message."""


@pytest.fixture(scope="module")
def places() -> list[tuple[Place, str]]:
    """Every message of the source, a pair where there is a plural, wherever it stands."""
    methods, options = parse_mapping_cfg(io.StringIO((tree.ROOT / "babel.cfg").read_text()))
    return [
        ((context, message if isinstance(message, str) else tuple(message[:2])), f"{filename}:{line}")
        for filename, line, message, _, context in extract_from_dir(str(tree.ROOT), methods, options)
    ]


@pytest.fixture(scope="module")
def written(places) -> dict[Place, str]:
    """Every message and the first place where it stands."""
    found: dict[Place, str] = {}
    for message, place in places:
        found.setdefault(message, place)
    return found


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_has_a_chinese_translation(written, chinese):
    missing = {
        place: message
        for (context, message), place in written.items()
        if not _translation(chinese.get(_singular(message), context))
    }
    assert not missing, "run the two commands of docs/design.md (Words)"


def test_no_translation_is_a_guess(chinese):
    assert not [message.id for message in chinese if message.id and message.fuzzy]


def test_no_translation_on_a_page_breaks_off_at_a_percent_sign(places, chinese):
    """Templates format every message: a percent sign that is none of a placeholder has to be two."""
    wrong = {
        place: said
        for (context, message), place in places
        if ".html:" in place
        for said in [_translation(chinese.get(_singular(message), context))]
        if "%" in _PLACEHOLDER.sub("", said if isinstance(said, str) else "".join(said or ()))
    }
    assert not wrong


def test_translations_keep_their_placeholders(written, chinese):
    for context, message in written:
        many = message if isinstance(message, str) else message[1]
        said = _translation(chinese.get(_singular(message), context))
        assert _placeholders(said) == _placeholders(many), message


def test_no_translation_has_a_percent_sign_that_its_message_has_not(chinese):
    """A template formats what it says: a sign of its own there is no placeholder, and no page."""
    for message in chinese:
        if message.id and "%" not in _whole(message.id) and message.id != _OF_SHEETS:
            assert "%" not in _whole(message.string), message.id


def test_the_catalogue_holds_no_words_that_nobody_uses(written, chinese):
    assert not {(message.context, message.id) for message in chinese if message.id} - set(written)
    assert not chinese.obsolete


def test_the_portal_finds_its_words():
    assert words("zh").gettext("Statements") == "对账单"
    assert words("zh").ngettext("%(num)d item", "%(num)d items", 2) == "%(num)d 项"


def test_messages_are_written_in_english(written):
    assert not {message: place for message, place in written.items() if re.search(r"[一-鿿]", str(message))}


def _singular(message: Words) -> str:
    return message if isinstance(message, str) else message[0]


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text)) - {"%%"}


def _translation(message: Message | None) -> str:
    """The Chinese text (it has one form for any number), empty if there is none; what has no words needs
    none.
    """
    if message is None:
        return ""
    text = message.string[0] if isinstance(message.string, tuple) else message.string
    return text or (str(message.id) if _WITHOUT_WORDS.fullmatch(str(message.id)) else "")


def _whole(words: str | tuple[str, ...]) -> str:
    return words if isinstance(words, str) else "".join(words)
