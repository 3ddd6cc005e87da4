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
from portal.web.forms import Flag, Form, MomentIfAny, OwnNumber, column_of_form, read_form
from portal.web.request import portal

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


class EntryForm(Form):
    """An entry. Its days are read with its rules, so that all that is wrong is told at once."""

    kind: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    must_acknowledge: Flag
    pinned: Flag
    valid_from: str
    valid_until: str
    dealers: str


class RevisionForm(Form):
    """Which state of the entry a form was made from."""

    revision: OwnNumber


class PublicationForm(Form):
    """From when on an entry shall be seen."""

    publish_at: MomentIfAny


class ReasonForm(Form):
    """Why something is done."""

    reason: str


class FileForm(Form):
    """A file of the entry, by its place."""

    place: OwnNumber


def typed_form() -> Typed:
    """The form of the running request."""
    return Typed(
        **read_form(EntryForm).model_dump(),
        regions=column_of_form("region"),
        tiers=column_of_form("tier"),
        categories=column_of_form("category"),
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


def publish_at() -> datetime | None:
    """From when on the entry shall be seen, None for now. Raises Invalid."""
    return read_form(PublicationForm).publish_at


def revision() -> int:
    """The revision that the form was made from; of a made-up one none."""
    return read_form(RevisionForm).revision


def reason() -> str:
    """Why it is done."""
    return read_form(ReasonForm).reason


def place() -> int:
    """Which file is meant; 0, which none has, for what is no number."""
    return read_form(FileForm).place


def _day(given: str, pointer: str, faults: list[Fault], *, after: int = 0) -> datetime | None:
    """The first moment of a day, or of the one so many days after it."""
    if not given.strip():
        return None
    day = typed.field(typed.day, given, pointer, faults)
    if day is None:
        return None
    return clock.start_of(day + timedelta(days=after), portal().settings.timezone)
