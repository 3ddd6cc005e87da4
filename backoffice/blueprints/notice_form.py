"""What an editor of the feed typed, read; what comes back refused is shown as it was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.feed import rules
from portal.feed.addressing import Whom
from portal.feed.editorial import EditedEntry
from portal.feed.rules import Content
from portal.kernel import clock, typed
from portal.kernel.errors import Fault, Invalid
from portal.web.request import portal, request

_BETWEEN = re.compile(r"[\s,;，；、]+")
FIELDS = ("region", "tier", "category")
"""Fields that stand once for each choice."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form, as they shall be shown."""

    kind: str = "notice"
    title_zh: str = ""
    title_en: str = ""
    text_zh: str = ""
    text_en: str = ""
    must_acknowledge: bool = False
    pinned: bool = False
    valid_from: str = ""
    valid_until: str = ""
    regions: Sequence[str] = ()
    tiers: Sequence[str] = ()
    categories: Sequence[str] = ()
    dealers: str = ""


def typed_form() -> Typed:
    """The form of the running request."""
    form = request.form
    names = ("kind", "title_zh", "title_en", "text_zh", "text_en", "valid_from", "valid_until", "dealers")
    return Typed(
        **{name: form.get(name, "") for name in names},
        must_acknowledge=bool(form.get("must_acknowledge")),
        pinned=bool(form.get("pinned")),
        regions=form.getlist("region"),
        tiers=form.getlist("tier"),
        categories=form.getlist("category"),
    )


def form_of(entry: EditedEntry) -> Typed:
    """The form with what an entry says. The last day is shown, not the moment after it."""
    zone = portal().settings.timezone
    starts = entry.valid_from and clock.business_date(entry.valid_from, zone).isoformat()
    ends = (
        entry.valid_until and clock.business_date(entry.valid_until - timedelta(seconds=1), zone).isoformat()
    )
    return Typed(
        entry.kind,
        entry.title_zh,
        entry.title_en,
        entry.text_zh,
        entry.text_en,
        entry.must_acknowledge,
        entry.pinned,
        starts or "",
        ends or "",
        entry.regions,
        entry.tiers,
        entry.categories,
        " ".join(entry.dealers),
    )


def content_of(form: Typed) -> Content:
    """What the entry shall say. Raises Invalid for days that are none, with what else is wrong."""
    faults: list[Fault] = []
    starts = _day(form.valid_from, "/valid_from", faults)
    ends = _day(form.valid_until, "/valid_until", faults, after=1)
    content = Content(
        form.kind,
        form.title_zh.strip(),
        form.title_en.strip(),
        rules.plain(form.text_zh),
        rules.plain(form.text_en),
        form.must_acknowledge,
        form.pinned,
        starts,
        ends,
    )
    if faults:
        raise Invalid(faults=[*faults, *rules.content_faults(content)])
    return content


def whom_of(form: Typed) -> Whom:
    """Whom it is for."""
    codes = list(dict.fromkeys(code for code in _BETWEEN.split(form.dealers) if code))
    return Whom(form.regions, form.tiers, form.categories, codes)


def moment_of(name: str) -> datetime | None:
    """A moment of the form, None for none. Raises Invalid."""
    given = request.form.get(name, "").strip()
    try:
        return typed.moment(given, portal().settings.timezone) if given else None
    except typed.Misread as misread:
        raise Invalid(faults=[misread.beside(f"/{name}")]) from None


def revision() -> int:
    """The revision that the form was made from; of a made-up one none."""
    return typed.own_number(request.form.get("revision")) or 0


def _day(given: str, pointer: str, faults: list[Fault], *, after: int = 0) -> datetime | None:
    """The first moment of a day, or of the one so many days after it."""
    if not given.strip():
        return None
    day = typed.field(typed.day, given, pointer, faults)
    if day is None:
        return None
    return clock.start_of(day + timedelta(days=after), portal().settings.timezone)
