"""Every word a person reads is written in English and translated into Chinese, with the same placeholders."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tests.architecture import tree

CHINESE = tree.ROOT / "portal" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = DEFAULT_KEYWORDS | {"_": None, "_l": None, "N_": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
_WITHOUT_WORDS = re.compile(r"[\W\d_]*")


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Every message of the source and the first place where it stands."""
    found: dict[str, str] = {}
    for package in ("portal", "backoffice", "jobs"):
        for filename, line, message, *_ in extract_from_dir(str(tree.ROOT / package), METHODS, keywords=KEYWORDS):
            singular = message[0] if isinstance(message, tuple) else message
            found.setdefault(singular, f"{package}/{filename}:{line}")
    return found


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_has_a_chinese_translation(written, chinese):
    missing = {place: message for message, place in written.items() if not _translation(chinese.get(message))}
    assert not missing


def test_no_translation_is_a_guess(chinese):
    assert not [message.id for message in chinese if message.id and message.fuzzy]


def test_translations_keep_their_placeholders(written, chinese):
    for message in written:
        expected = set(_PLACEHOLDER.findall(message)) - {"%%"}
        got = set(_PLACEHOLDER.findall(_translation(chinese.get(message)) or message)) - {"%%"}
        assert got == expected, message


def test_the_catalogue_holds_no_words_that_nobody_uses(written, chinese):
    texts = {message.id[0] if isinstance(message.id, tuple) else message.id for message in chinese if message.id}
    assert not texts - set(written)


def test_messages_are_written_in_english(written):
    assert not {message: place for message, place in written.items() if re.search(r"[一-鿿]", message)}


def _translation(message: Message | None) -> str:
    """The Chinese text (it has one form for any number), empty if there is none; what has no words needs none."""
    if message is None:
        return ""
    text = message.string[0] if isinstance(message.string, tuple) else message.string
    return text or ("-" if _WITHOUT_WORDS.fullmatch(str(message.id)) else "")
