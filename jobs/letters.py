"""A letter as it is laid out, in the reader's language: as text and as simple HTML.

What is said of an event is in the files of `portal/notifications/texts`, the layout in ``templates/``; a
worker needs no web application for either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.kernel.errors import N_
from portal.kernel.translations import words
from portal.notifications.digests import Told
from portal.notifications.texts import language_of, load_texts

__all__ = ["Letter", "as_html", "as_text", "confirmation", "digest", "language_of", "load_letters"]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, before it is laid out. `facts` are label and value.

    unsubscribe: the path by which the reader stops such letters, empty for what cannot be stopped.
    """

    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    path: str
    unsubscribe: str = ""
    is_mandatory: bool = False


def digest(locale: str, *, told: Sequence[Told], unread: int, zone: str, unsubscribe: str) -> Letter:
    """What is unread of the events of which somebody wants a digest; unread: how much, shown here or not."""
    language = language_of(locale)
    words_of = words(language)
    subject = words_of.ngettext("%(num)d message for you", "%(num)d messages for you", unread)
    facts = tuple((_day(one.at, zone), one.said.subject) for one in told)
    sentence = N_("This is new in the portal and not read yet.")
    return Letter(subject % {"num": unread}, words_of.gettext(sentence), facts, "/inbox", unsubscribe)


def confirmation(locale: str, *, path: str) -> Letter:
    """Asks whether mail arrives again at an address that refused it."""
    translated = words(language_of(locale)).gettext
    sentence = N_("Open this page and confirm that mail from the portal reaches you again.")
    return Letter(translated(N_("Does this address receive mail?")), translated(sentence), (), path)


def as_text(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as plain text."""
    return _laid_out("letter.txt", letter, locale=locale, name=name, sender=sender, base_url=base_url)


def as_html(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as HTML that every mail program shows: no images, no styles, nothing from elsewhere."""
    return _laid_out("letter.html", letter, locale=locale, name=name, sender=sender, base_url=base_url)


def load_letters() -> None:
    """Words and layouts of every language, before a process forks children that need them."""
    load_texts()
    for language in ("zh", "en"):
        for template in ("letter.txt", "letter.html"):
            _templates(language).get_template(template)


def _day(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def _laid_out(template: str, letter: Letter, *, locale: str, **about: str) -> str:
    language = language_of(locale)
    shown = {"letter": letter, "language": "zh-CN" if language == "zh" else language}
    return _templates(language).get_template(template).render(**shown, **about)


@cache
def _templates(language: str) -> Environment:
    templates = Environment(
        loader=PackageLoader("jobs"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    install = templates.install_gettext_translations  # type: ignore[attr-defined]  # added by the extension
    install(words(language), newstyle=True)
    return templates
