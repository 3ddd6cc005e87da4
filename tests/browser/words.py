"""The words of the pages, so that one test reads them in every language."""

from __future__ import annotations

from typing import Any

from portal.kernel.registry import registry
from portal.kernel.translations import words
from portal.web.presentation import month
from tests.roles import Dealer, Product, Warehouse

_BROWSER_LOCALES = {"zh": "zh-CN", "en": "en-US"}


class Words:
    """One language: ``words("Place the order")`` is what the button says in it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.browser_locale = _BROWSER_LOCALES[language]
        self._catalogue = words(language)

    def __call__(self, english: str, **values: Any) -> str:
        """A text of the pages with its placeholders filled. Fails when it was never translated."""
        said = self._catalogue.ugettext(english)
        assert said != english or self.language == "en", f"{english!r} has no translation"
        return said % values if values else said

    def name_of(self, named: Dealer | Product | Warehouse) -> str:
        """The name of somebody or something in this language."""
        return named.name_zh if self.language == "zh" else named.name_en

    def status(self, kind: str, status: str) -> str:
        """The word of a status, such as that of an ``order`` that is ``picking``."""
        return self(registry().statuses[kind][status].label)

    def month(self, period: str) -> str:
        """A month such as ``2026-10``."""
        return month(period, locale=self.language)
