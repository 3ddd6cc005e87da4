"""What is said of an event, in every language, from the files of ``texts/``.

A file is one text: the subject, a blank line, the sentence, a blank line, and facts of one line each,
``Label: value``. A fact without a value is left out. Values are put in as one line, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.kernel import formats
from portal.kernel.translations import words

LANGUAGES = ("zh", "en")


class Said(NamedTuple):
    """What a letter or an entry of the inbox says. facts: label and value."""

    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...]


def language_of(locale: str) -> str:
    """The language of a text for somebody: Chinese for every kind of it, else English."""
    return "zh" if locale.startswith("zh") else "en"


def said(event: str, language: str, facts: Mapping[str, Any]) -> Said:
    """The text of an event. Raises jinja2's errors for a file that is missing or asks for other facts."""
    blocks = _texts(language).get_template(f"{event}.txt").render(**facts).strip().split("\n\n")
    subject, sentence, *rest = [block.strip() for block in blocks if block.strip()]
    lines = [line for block in rest for line in block.split("\n")]
    parts = [line.partition(":") for line in lines]
    told = tuple((label.strip(), value.strip()) for label, _colon, value in parts if value.strip())
    return Said(_one_line(subject), _one_line(sentence), told)


def in_every_language(event: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The text of an event as it is kept, by language."""
    return {language: said(event, language, facts)._asdict() for language in LANGUAGES}


def kept(by_language: Mapping[str, Any], locale: str) -> Said:
    """The text in somebody's language from what was kept."""
    one = by_language[language_of(locale)]
    return Said(one["subject"], one["sentence"], tuple((label, value) for label, value in one["facts"]))


def load_texts() -> None:
    """Before a process forks children that need them."""
    for language in LANGUAGES:
        _texts(language)


@cache
def _texts(language: str) -> Environment:
    texts = Environment(
        loader=PackageLoader("portal.notifications", f"texts/{language}"),
        autoescape=False,  # plain text: the layouts of mail and pages escape it
        undefined=StrictUndefined,
        finalize=_one_line,
    )
    texts.globals |= {
        "_": words(language).gettext,
        "money": _money,
        "month": lambda period: formats.month(period, locale=language),
    }
    return texts


def _one_line(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _money(amount: str | Decimal, currency: str) -> str:
    return formats.money(Decimal(amount), currency=currency)
