"""What the pages of maintenance share on both sides: lists, the calendar, one with its check-list."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext

from portal.devices.queries import sees_hospitals
from portal.devices.vocabulary import WORKERS, DeviceRight
from portal.files.attach import files_of, uploaded_files
from portal.files.rules import Owner
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.kernel.signature_rules import path_of
from portal.maintenance import queries
from portal.maintenance.finish import Work, finish
from portal.maintenance.queries import OWNER_KIND, MaintenanceRow
from portal.maintenance.rules import Checked, MaintenanceState, Result, When
from portal.maintenance.words import RESULTS, WHENS
from portal.web.device_page import today
from portal.web.file_field import sent_files
from portal.web.forms import DayIfAny, Form, Stripped, read_form, rows_of_form
from portal.web.listing.declaration import Column, Kind
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.request import current_actor, current_session, portal, request

COLUMNS = (
    Column("number", N_("Maintenance"), Kind.CODE, width="c-16", css="text-nowrap"),
    Column("due_on", N_("To be done on"), Kind.DATE, width="c-10"),
    Column("standing", N_("Status"), Kind.STATUS, status="maintenance", width="c-10", css="cell-corner"),
    Column("plan", N_("Plan"), Kind.NAME, width="c-10"),
    Column("serial", N_("Serial number"), Kind.CODE, width="c-16"),
    Column("name", N_("Product"), Kind.NAME, css="cell-wide"),
    Column("hospital", N_("Hospital"), Kind.NAME, width="c-10"),
    Column("department", N_("Department"), shown=False, width="c-12"),
    Column("done_on", N_("Done on"), Kind.DATE, shown=False, width="c-12"),
)


class WorkForm(Form):
    """A maintenance that was done, beside its check-list."""

    done_on: DayIfAny
    done_by: Stripped
    uses: Stripped
    note: Stripped
    signed_name: Stripped
    signature: str


def when_of_address() -> str:
    """Which maintenance the address asks for."""
    said = request.args.get("when", "")
    return said if said in list(When) else str(When.ALL)


def fetch_maintenance(dealer_id: int | None, when: str) -> Callable[[str | None, int], Page[MaintenanceRow]]:
    """How the rows of the list are read, page by page."""

    def fetch(cursor: str | None, limit: int) -> Page[MaintenanceRow]:
        return queries.maintenances(
            current_session(),
            dealer_id=dealer_id,
            when=when,
            today=today(),
            sees=sees_hospitals(current_actor()),
            cursor=cursor,
            limit=limit,
        )

    return fetch


def tabs_of(address: Callable[[str], str], when: str) -> list[tuple[str, str, bool, None]]:
    """The choices above the list."""
    return [(address(str(one)), gettext(label), str(one) == when, None) for one, label in WHENS.items()]


def calendar_context() -> dict[str, Any]:
    """A month with what is due on each day; the address says which, else it is this one."""
    month = _month(request.args.get("month", ""))
    by_day: dict[date, list[MaintenanceRow]] = defaultdict(list)
    for row in queries.in_month(current_session(), month=month, sees=sees_hospitals(current_actor())):
        by_day[row.due_on].append(row)
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return {
        "month": f"{month:%Y-%m}",
        "before": clock.previous_period(f"{month:%Y-%m}"),
        "after": _next_period(month),
        "weeks": weeks,
        "by_day": by_day,
        "first": month,
        "today": today(),
    }


def _next_period(month: date) -> str:
    year, place = divmod(month.year * 12 + month.month, 12)
    return f"{year}-{place + 1:02}"


def _month(said: str) -> date:
    try:
        found = clock.first_day(said)
        return found if found.year in typed.YEARS else today().replace(day=1)
    except ValueError:
        return today().replace(day=1)


def maintenance_context(
    number: str, refusal: DomainError | None = None, files: Sequence[str] = ()
) -> dict[str, Any]:
    """What the page of a maintenance shows."""
    actor, session = current_actor(), current_session()
    sees = sees_hospitals(actor)
    found = queries.maintenance_of(session, number, sees=sees)
    faults = refusal.faults if refusal else ()
    is_due = found.state == MaintenanceState.DUE
    return {
        "found": found,
        "hospital": in_language(*found.place),
        "results": labels(RESULTS),
        "result_options": [("", gettext("Choose")), *((str(one), gettext(RESULTS[one])) for one in Result)],
        "signature_path": path_of(found.signature) if found.signature else "",
        "files": uploaded_files(session, actor=actor, ids=files),
        "kept_files": files_of(session, Owner(OWNER_KIND, number)) if sees else [],
        "may_finish": is_due and any(map(actor.may, WORKERS)),
        "may_skip": is_due and actor.may(DeviceRight.DESK),
        "refusal": refusal,
        "summary": [(_field(one.pointer), in_words(one)) for one in faults],
        "beside": lambda name: [in_full(one) for one in faults if one.pointer.split("/")[1:2] == [name]],
        "beside_item": lambda place: [one for one in faults if one.pointer.startswith(f"/items/{place}/")],
        "typed": request.form,
        "typed_results": request.form.getlist("result"),
        "typed_readings": request.form.getlist("reading"),
    }


def _field(pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    return f"result-{parts[1]}" if parts[0] == "items" and len(parts) > 1 else f"field-{parts[0]}"


def finish_of_form(number: str, files: list[str]) -> None:
    """Take what the form says of a maintenance. Raises Invalid, Conflict."""
    form = read_form(WorkForm)
    files.extend(sent_files())
    faults: list[Fault] = []
    uses = typed.field(typed.quantity, form.uses, "/uses", faults) if form.uses else None
    if faults:
        raise Invalid(faults=faults)
    checked = tuple(Checked(result, reading) for result, reading in rows_of_form("result", "reading"))
    at = clock.now()
    finish(
        current_session(),
        actor=current_actor(),
        number=number,
        work=Work(form.done_on, form.done_by, checked, uses, form.note, form.signed_name, form.signature),
        files=files,
        today=clock.business_date(at, portal().settings.timezone),
        at=at,
    )
