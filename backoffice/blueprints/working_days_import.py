"""Whole years of the calendar from a file: read row by row, shown as what they would change, then entered."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints.working_days import today
from portal.kernel import clock, spreadsheet, typed
from portal.kernel.errors import N_, Conflict, DomainError, Fault, Invalid
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, Stripped, read_form, rows_of_form, takes_columns
from portal.web.listing.declaration import Kind
from portal.web.listing.export import send_made
from portal.web.listing.files import Head, write_workbook
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said
from portal.workdays.day_rules import Change, NamedDay, thin_years
from portal.workdays.edit_calendar import enter_years
from portal.workdays.imported_days import SheetRow, read_days
from portal.workdays.queries import named_days, preview_years, setting
from portal.workdays.rules import years_of
from portal.workdays.vocabulary import WorkdayRight

blueprint = Blueprint("working_days_import", __name__, url_prefix="/hq/working-days/import")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGES = {
    Change.ADDED: N_("New"),
    Change.CHANGED: N_("Changed"),
    Change.REMOVED: N_("Taken out"),
    Change.UNCHANGED: N_("Unchanged"),
}
TONES = {Change.ADDED: "green", Change.CHANGED: "blue", Change.REMOVED: "amber", Change.UNCHANGED: "grey"}


class ImportForm(Form):
    """The notice that announces the days. revision: of the calendar that was shown beside them."""

    source: Stripped
    revision: OwnNumber


@blueprint.get("")
@requires(WorkdayRight.EDIT)
def index() -> str:
    """Where a file is chosen."""
    return _page()


@blueprint.post("")
@requires(WorkdayRight.EDIT)
def preview() -> str | Response:
    """Read the file, tell of each row what is wrong or what it would change; nothing is entered yet."""
    sent = request.files.get("file")
    try:
        rows = read_days(spreadsheet.read_table(sent.read() if sent else b""))
    except Invalid as refusal:
        return make_response(_page(refusal), 422)
    if any(one.faults for one in rows):
        return make_response(_page(rows=rows), 422)
    return _page(days=[one.day for one in rows if one.day is not None])


@blueprint.post("/entry")
@requires(WorkdayRight.EDIT)
@takes_columns("day", "working", "name_zh", "name_en")
def enter() -> Answer:
    """Enter what was shown."""
    form, days = read_form(ImportForm), _days_sent()

    def act() -> int:
        enter_years(
            current_session(),
            actor=current_actor(),
            days=days,
            source=form.source,
            revision=form.revision,
            at=clock.now(),
        )
        return max(years_of([one.day for one in days]))

    return acted(
        act,
        shown=lambda refusal: _page(refusal, days=days),
        then=lambda year: Said(
            gettext("The working days are entered."), url_for("working_days.index", year=year)
        ),
    )


@blueprint.get("/template")
@requires(WorkdayRight.EDIT)
def template() -> Response:
    """A workbook with the days of next year that are known, to be completed."""
    days = named_days(current_session(), [today().year + 1])

    def make(file: BinaryIO) -> int:
        heads = (gettext("Date"), gettext("Worked"), gettext("Name of the day"), gettext("English name"))
        rows = [
            (one.day.isoformat(), "1" if one.is_working else "0", one.name_zh, one.name_en)
            for one in days.values()
        ]
        columns = tuple((head, Kind.CODE) for head in heads)
        write_workbook(file, Head(gettext("Working days"), columns), rows, lambda: None)
        return len(rows)

    title = gettext("Working days")
    return send_made(make, "working-days", form="xlsx", title=title, media_type=_XLSX)


def _days_sent() -> list[NamedDay]:
    """The rows that the page wrote into its form. Raises Invalid for what it did not write."""
    faults: list[Fault] = []
    days = []
    for place, (day, working, name_zh, name_en) in enumerate(
        rows_of_form("day", "working", "name_zh", "name_en")
    ):
        read = typed.field(typed.day, day, f"/days/{place}/day", faults)
        if read is not None:
            days.append(NamedDay(read, working == "1", name_zh, name_en))
    if faults:
        raise Invalid(faults=faults)
    return days


def _page(
    refusal: DomainError | None = None,
    *,
    rows: list[SheetRow] | None = None,
    days: list[NamedDay] | None = None,
) -> str:
    session = current_session()
    changed = preview_years(session, days) if days else []
    return render_template(
        "backoffice/working_days/import.html",
        **refused(refusal),
        is_overtaken=isinstance(refusal, Conflict),
        rows=[(one, [in_full(fault) for fault in one.faults]) for one in rows or ()],
        wrong=sum(bool(one.faults) for one in rows or ()),
        days=days or [],
        changed=changed,
        counts=Counter(one.change for one in changed),
        changes=labels(CHANGES),
        tones=TONES,
        thin=thin_years(days or ()),
        years=years_of([one.day for one in days or ()]),
        source=request.form.get("source", "").strip(),
        revision=setting(session).revision,
    )
