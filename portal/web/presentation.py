"""What pages know of words and values beyond the plain formats: the visitor's language, icons, kept pieces,
and the addresses of sorted and paged lists.

``register`` binds the formats of `portal.kernel.formats` to the settings and the visitor's language and hands
them to Jinja.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from babel import Locale
from flask import current_app, request
from flask_babel import get_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from markupsafe import Markup

from portal.catalogue import unit_rules
from portal.kernel.errors import told_in
from portal.kernel.formats import MISSING, date, date_time, money, month, percent, quantity, until
from portal.orders.queries import COUNTED_MAX
from portal.stock.rules import supply
from portal.web import language
from portal.web.addresses import page_address, url_with
from portal.web.documents import document_address, may_open
from portal.web.icons import icon_class
from portal.web.remedies import remedy_of
from portal.web.status_looks import status_look

if TYPE_CHECKING:
    from flask import Flask
    from jinja2 import Environment

    from portal.kernel.errors import DomainError, Fault
    from portal.kernel.manifest import Waiting


_SHANGHAI = ZoneInfo("Asia/Shanghai")
_PIECES_MAX = 8192  # a kilobyte each
_INDENTATION = re.compile(r"\n\s+")  # of the template; sent with every row it would be a tenth of a page


def counted(number: int) -> str:
    """A number of orders that was counted as far as `COUNTED_MAX`: ``37``, or ``999+``."""
    return quantity(number) if number <= COUNTED_MAX else f"{quantity(COUNTED_MAX)}+"


def in_words(fault: DomainError | Fault) -> str:
    """What is wrong, in the visitor's language.

    Plain text on purpose: Jinja's own ``_()`` marks its answer as safe markup, so it must never be
    given a text that is not a literal of the template.
    """
    return gettext(fault.message, **told_in(fault.params, language.current()))


def waiting_label(one: Waiting) -> str:
    """What waits, in the visitor's language."""
    told = {
        name: month(value, locale=language.current()) if name == "period" else value
        for name, value in one.params.items()
    }
    return gettext(one.label, **told)


def labels(words: Mapping[Any, str]) -> dict[Any, LazyString]:
    """A capability's words for its kinds, each in the language of the page that shows it."""
    return {kind: lazy_gettext(word) for kind, word in words.items()}


def fix_in_words(fault: DomainError | Fault) -> str:
    """What to do about it, in the visitor's language.

    Gettext keeps the head of its catalogue under the empty text.
    """
    return gettext(fault.fix, **told_in(fault.params, language.current())) if fault.fix else ""


def in_full(fault: DomainError | Fault) -> str:
    """What is wrong and what to do about it, as one text.

    Chinese sentences follow each other without a blank.
    """
    return ("" if language.current() == "zh" else " ").join(
        filter(None, (in_words(fault), fix_in_words(fault)))
    )


def country(code: str | None) -> str:
    """Name of the country with an ISO 3166 code, in the visitor's language.

    An unknown code stands for itself.
    """
    name: str = (get_locale() or Locale("zh")).territories.get(code or "", code or MISSING)
    return name


def sparkline_points(values: Sequence[Decimal | int], *, width: int, height: int) -> str:
    """The ``points`` of an SVG polyline that fits the values into the box, one unit clear of its edges."""
    low, high = min(values), max(values)
    span = Decimal(high - low) or Decimal(1)
    step = Decimal(width - 2) / max(len(values) - 1, 1)
    return " ".join(
        f"{1 + step * index:.1f},{1 + (height - 2) * (1 - (value - low) / span):.1f}"
        for index, value in enumerate(values)
    )


class MacroLibrary:
    """Every macro of ``templates/macros/`` under one name, ``ui``.

    A block that is rendered alone as an HTMX answer does not run the imports at the top of its
    template, so ``{% import %}`` would leave it without macros. A global does not.
    """

    FILES = (
        "icons",
        "values",
        "states",
        "status",
        "prices",
        "promotions",
        "rebates",
        "budgets",
        "catalogue",
        "forms",
        "dialogs",
        "proposals",
        "files",
        "knowledge",
        "scanner",
        "tables",
        "page",
        "navigation",
        "charts",
    )

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._home: dict[str, str] = {}

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name not in self._home:
            self._home.update(self._find_homes())
        if name not in self._home:
            raise AttributeError(f"no macro named {name!r} in templates/macros/")
        macro: Callable[..., Markup] = getattr(self._environment.get_template(self._home[name]).module, name)
        if not self._environment.auto_reload:
            setattr(self, name, macro)  # the next look finds it without coming here
        return macro

    def _find_homes(self) -> Mapping[str, str]:
        paths = [f"macros/{file}.html" for file in self.FILES]
        modules = {path: vars(self._environment.get_template(path).module) for path in paths}
        return {name: path for path, names in modules.items() for name in names if not name.startswith("_")}


def macros() -> MacroLibrary:
    """The running application's, for a view that answers with what one of them makes."""
    return cast(MacroLibrary, current_app.jinja_env.globals["ui"])


class KeptPieces:
    """HTML that many pages share.

    ``kept("price", 12, 15)`` is ``ui.price(12, 15)``, made once for these values and this language.

    Whatever a piece shows is among its values, so nothing has to be told of a change: it makes another piece.
    """

    def __init__(self, library: MacroLibrary, environment: Environment) -> None:
        self._library = library
        self._make = (
            self._made if environment.auto_reload else lru_cache(maxsize=_PIECES_MAX, typed=True)(self._made)
        )

    def of_this_page(self) -> dict[str, Callable[..., Markup]]:
        """For a context processor: what the pieces of a page have in common is found out once."""
        return {"kept": partial(self._make, language.current(), request.script_root)}

    def _made(self, _language: str, _script_root: str, macro: str, *values: Hashable) -> Markup:
        made = getattr(self._library, macro)(*values)
        return Markup(
            _INDENTATION.sub("\n", made)
        )  # of markup that was just made, and escaped where it had to be


def register(
    app: Flask,
    *,
    timezone: tzinfo = _SHANGHAI,
    currency: str = "CNY",
    quantity_max: int = 1_000_000,
) -> None:
    """Give the app's templates their filters and globals.

    ``|money`` is one of those, ``ui``, ``url_with`` and ``status_look`` of these.
    """
    app.jinja_env.filters.update(
        money=partial(money, currency=currency),
        quantity=quantity,
        counted=counted,
        percent=percent,
        date=_per_visitor(lambda value: date(value, timezone=timezone, locale=language.current())),
        datetime=_per_visitor(lambda value: date_time(value, timezone=timezone, locale=language.current())),
        until=_per_visitor(lambda value: until(value, timezone=timezone, locale=language.current())),
        month=_per_visitor(lambda value: month(value, locale=language.current())),
        in_words=_per_visitor(in_words),
        fix_in_words=_per_visitor(fix_in_words),
        in_full=_per_visitor(in_full),
        country=_per_visitor(country),
        unit=pass_context(lambda _context, word, count=1: unit(word, count)),
    )
    library = MacroLibrary(app.jinja_env)
    app.jinja_env.globals.update(
        ui=library,
        url_with=url_with,
        page_address=page_address,
        icon_class=icon_class,
        document_address=document_address,
        may_open=may_open,
        remedy_of=remedy_of,
        status_look=status_look,
        supply=supply,
        waiting_label=waiting_label,
        sparkline_points=sparkline_points,
        language_tag=language_tag,
        in_language=in_language,
        address_line=address_line,
        currency=currency,
        quantity_max=quantity_max,
    )
    app.context_processor(KeptPieces(library, app.jinja_env).of_this_page)


def in_language(chinese: str, other: str) -> str:
    """A name in the visitor's language; where only one exists, that one."""
    return (chinese or other) if language.current() == "zh" else (other or chinese)


def unit(word: str, count: int = 1) -> str:
    """What a quantity is counted in, in the visitor's language."""
    return word if language.current() == "zh" else unit_rules.in_english(word, count)


def address_line(province: str, city: str, line: str, *, province_zh: str = "") -> str:
    """An address in one line. A municipality is its own city, and is named once."""
    return " ".join(filter(None, (province, "" if city in (province, province_zh) else city, line)))


def language_tag() -> str:
    """For ``<html lang>``: the region matters, browsers choose the Chinese glyphs by it."""
    return {"zh": "zh-CN"}.get(language.current(), language.current())


def _per_visitor(function: Callable[[Any], str]) -> Callable[..., str]:
    """A filter that asks for its context.

    Jinja would otherwise compute ``{{ "2026-10"|month }}`` once, for all languages.
    """
    return pass_context(lambda _context, value: function(value))
