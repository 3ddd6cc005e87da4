"""The language of a page: what the visitor chose, else what the browser asks for, else the company's."""

from __future__ import annotations

from babel.support import NullTranslations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.utils import cached_property

from config import Settings
from portal.kernel.translations import words

COOKIE = "locale"
_A_YEAR_SECONDS = 31_536_000


class PortalBabel(Babel):
    """Flask-Babel with the words that were compiled at the start; its own way would look for compiled
    files.
    """

    @cached_property
    def domain_instance(self) -> Domain:
        """Where `flask_babel.gettext` and its relatives look."""
        return _Words()


class _Words(Domain):
    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return words(locale.language) if locale else NullTranslations()


def init_app(app: Flask, settings: Settings) -> None:
    """Set up translation and the business time zone.

    Raises ValueError when a language's words cannot be read: at the start, not on somebody's page.
    """
    for locale in settings.locales:
        words(locale)

    def chosen() -> str:
        if not has_request_context():
            return settings.default_locale
        wanted = request.cookies.get(COOKIE)
        if wanted in settings.locales:
            return wanted
        return request.accept_languages.best_match(settings.locales) or settings.default_locale

    babel = PortalBabel(
        app,
        default_locale=settings.default_locale,
        default_timezone=settings.business_timezone,
        locale_selector=chosen,
    )
    # A page asks hundreds of times; Flask-Babel's own way to its domain takes four times as long.
    own = babel.domain_instance
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: own.get_translations().ugettext(text),
        ngettext=lambda one, many, count: own.get_translations().ungettext(one, many, count),
        newstyle=True,
    )


def remember(response: Response, locale: str, *, secure: bool) -> None:
    """Keep a choice on this device, beyond the session."""
    response.set_cookie(COOKIE, locale, max_age=_A_YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
