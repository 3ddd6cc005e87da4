"""The language of a page: what the visitor chose, else what the browser asks for, else the company's."""

from __future__ import annotations

from typing import cast

from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response

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
        return _Words()  # type: ignore[no-untyped-call]  # Flask-Babel's constructor has no types


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

    babel = PortalBabel(  # type: ignore[no-untyped-call]  # Flask-Babel's constructor has no types
        app,
        default_locale=settings.default_locale,
        default_timezone=settings.business_timezone,
        locale_selector=chosen,
    )
    # A page asks hundreds of times; Flask-Babel's own way to its domain takes four times as long.
    own = babel.domain_instance
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # Jinja's extension adds it
        gettext=lambda text: own.get_translations().ugettext(text),
        ngettext=lambda one, many, count: own.get_translations().ungettext(one, many, count),
        newstyle=True,
    )


def current() -> str:
    """The language of this answer, ``zh`` or ``en``.

    Asked for by every name and date of a page, so found out once a request.
    """
    if "language" not in g:
        locale = get_locale()
        g.language = locale.language if locale else current_app.config.get("BABEL_DEFAULT_LOCALE", "zh")
    return cast(str, g.language)


def remember(response: Response, locale: str, *, secure: bool) -> None:
    """Keep a choice on this device, beyond the session."""
    response.set_cookie(COOKIE, locale, max_age=_A_YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
