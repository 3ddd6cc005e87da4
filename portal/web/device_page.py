"""What the pages of devices share on both sides: filters, the life of one, its forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from portal.devices import queries
from portal.devices.install import Reported, file_report
from portal.devices.life import DeviceDetail, Happened, device_of
from portal.devices.queries import DeviceFilter, DeviceRow, sees_hospitals
from portal.devices.read_files import REPORT
from portal.devices.replace_part import Part, part_faults, replace_part
from portal.devices.rules import TRANSITIONS, DeviceAct, DeviceState, HospitalLevel, Installation, Place
from portal.devices.vocabulary import WORKERS, DeviceRight, EventKind
from portal.devices.warranty_rules import months_after
from portal.devices.words import EVENTS, LEVELS, SOURCES
from portal.files.attach import files_of_many, uploaded_files
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, Fault, Invalid
from portal.kernel.paging import Page
from portal.kernel.signature_rules import path_of
from portal.maintenance import queries as maintenance
from portal.service.vocabulary import ServiceRight
from portal.web.documents import document_address
from portal.web.file_field import sent_files
from portal.web.forms import DayIfAny, Form, OwnNumber, Stripped, read_form
from portal.web.listing.declaration import Column, Kind
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

_LOOKS = {
    EventKind.INSTALLED: ("map-pin", "green"),
    EventKind.MOVED: ("map-pin", "blue"),
    EventKind.MAINTAINED: ("checks", "green"),
    EventKind.MAINTENANCE_MISSED: ("alert-triangle", "amber"),
    EventKind.RECALLED: ("alert-circle", "red"),
    EventKind.RETURNED: ("refresh", "grey"),
    EventKind.RETIRED: ("ban", "grey"),
}
"""Icon and tone on the timeline, where they are not the usual ones."""
MONTHS_SHOWN = 12
ENDS = {"30": 30, "90": 90, "365": 365}
"""Choices of how soon the cover ends, in days."""

COLUMNS = (
    Column("serial", N_("Serial number"), Kind.CODE, width="c-16"),
    Column("name", N_("Product"), Kind.NAME, css="cell-wide"),
    Column("sku", N_("SKU"), Kind.CODE, width="c-12", shown=False),
    Column("state", N_("Status"), Kind.STATUS, status="device", width="c-10", css="cell-corner"),
    Column("hospital", N_("Hospital"), Kind.NAME, width="c-12"),
    Column("department", N_("Department"), width="c-12", shown=False),
    Column("lot_no", N_("Lot"), Kind.CODE, width="c-12", shown=False),
    Column("expires_on", N_("Expires on"), Kind.DATE, width="c-12", shown=False),
    Column("shipped_on", N_("Shipped on"), Kind.DATE, width="c-10", shown=False),
    Column(
        "held_from", N_("With the dealer since"), Kind.MOMENT, width="c-15", shown=False, is_sortable=True
    ),
    Column("installed_on", N_("Installed on"), Kind.DATE, width="c-10"),
    Column("stand", N_("Warranty"), Kind.STATUS, status="warranty", width="c-12"),
    Column("ends_on", N_("Covered until"), Kind.DATE, path="covered_to", width="c-10", is_sortable=True),
    Column("number", N_("Device"), Kind.CODE, width="c-18", shown=False),
)
"""Of a list of devices on both sides; hospitals are masked in the rows."""


class ReportForm(Form):
    """An installation report as a page sends it."""

    hospital: Stripped
    level: Stripped
    city: Stripped
    department: Stripped
    hospital_code: Stripped
    installed_on: DayIfAny
    installed_by: Stripped
    accepted_on: DayIfAny
    accepted_by: Stripped
    signature: str
    note: Stripped
    revision: OwnNumber


class PartForm(Form):
    """A part that was replaced, as a page sends it."""

    part: Stripped
    quantity: Stripped
    replaced_on: DayIfAny
    serial_out: Stripped
    serial_in: Stripped
    document_no: Stripped


def today() -> date:
    """The business day."""
    return clock.business_date(clock.now(), portal().settings.timezone)


def filter_of_address(dealer_id: int | None) -> tuple[DeviceFilter, dict[str, str]]:
    """What the address asks for, as the query and as the page show it."""
    said = {name: request.args.get(name, "").strip() for name in ("q", "sku", "status", "ends", "hospital")}
    state = said["status"] if said["status"] in list(DeviceState) else ""
    ends = said["ends"] if said["ends"] in ENDS else ""
    first = today() if ends else None
    last = first + timedelta(days=ENDS[ends]) if first else None
    sought = DeviceFilter(dealer_id, said["sku"], state, said["hospital"], said["q"], first, last)
    return sought, said | {"status": state, "ends": ends}


def fetch_devices(sought: DeviceFilter, sort: str) -> Callable[[str | None, int], Page[DeviceRow]]:
    """How the rows of the list are read, page by page."""

    def fetch(cursor: str | None, limit: int) -> Page[DeviceRow]:
        sees = sees_hospitals(current_actor())
        return queries.devices(current_session(), sought, sees=sees, cursor=cursor, limit=limit, sort=sort)

    return fetch


def frame_of_list() -> dict[str, Any]:
    """What stands around the rows: choices of the filters, and the chart."""
    return {
        "status_options": [(str(one), status_look("device", one).label) for one in DeviceState],
        "ends_options": [
            ("30", gettext("within 30 days")),
            ("90", gettext("within 90 days")),
            ("365", gettext("within a year")),
        ],
        "sees_hospitals": sees_hospitals(current_actor()),
        "chart": ends_chart(),
    }


def ends_chart() -> dict[str, Any] | None:
    """Warranty ends by month, for the macro `ui.chart`; None where none end within a year."""
    first = today().replace(day=1)
    months = [months_after(first, place) for place in range(MONTHS_SHOWN)]
    last = months_after(first, MONTHS_SHOWN) - timedelta(days=1)
    found = queries.warranty_ends(current_session(), first=first, last=last)
    if not found:
        return None
    return {
        "kind": "bar",
        "format": "quantity",
        "categories": [f"{month:%Y-%m}" for month in months],
        "series": [
            {"name": gettext("Devices"), "values": [found.get(month, 0) for month in months]},
        ],
    }


def device_context(
    number: str, refusal: DomainError | None = None, files: Sequence[str] = (), form: str = ""
) -> dict[str, Any]:
    """What the page of a device shows. form: which one a refusal is of."""
    actor, session = current_actor(), current_session()
    found = device_of(session, number, sees=sees_hospitals(actor))
    maintained = maintenance.of_device(session, number)
    faults = refusal.faults if refusal else ()
    works = any(map(actor.may, WORKERS)) and found.state != DeviceState.RETURNED
    return {
        "found": found,
        "life": list(life_of(found)),
        "hospital": in_language(*found.place),
        "levels": labels(LEVELS),
        "sources": labels(SOURCES),
        "level_options": [(str(one), gettext(LEVELS[one])) for one in HospitalLevel],
        "signatures": {one.number: path_of(one.signature) for one in found.reports if one.signature},
        "report_files": files_of_many(session, REPORT, [one.number for one in found.reports])
        if found.reports and sees_hospitals(actor)
        else {},
        "sees_hospitals": sees_hospitals(actor),
        "may_ask": actor.may(ServiceRight.WRITE) and found.state != DeviceState.RETURNED,
        "may_install": works and found.state in TRANSITIONS[DeviceAct.INSTALL],
        "may_work": works,
        "may_retire": works and found.state in TRANSITIONS[DeviceAct.RETIRE],
        "may_desk": actor.may(DeviceRight.DESK) and found.state != DeviceState.RETURNED,
        "may_recall": actor.may(DeviceRight.DESK) and found.state in TRANSITIONS[DeviceAct.RECALL],
        "may_lift": actor.may(DeviceRight.DESK) and found.state == DeviceState.RECALLED,
        "maintenances": maintained,
        "missed_terms": [one for one in maintained if one.voids_warranty and one.is_overdue],
        "refusal": refusal,
        "refused_form": form,
        "summary": [(f"field-{one.pointer.strip('/')}", in_words(one)) for one in faults],
        "beside": lambda name: [in_full(one) for one in faults if one.pointer.split("/")[1:2] == [name]],
        "typed": request.form,
        "files": uploaded_files(session, actor=actor, ids=files) if files else [],
    }


def life_of(found: DeviceDetail) -> Iterator[dict[str, Any]]:
    """What happened, the latest first, for the macro `ui.timeline`; what is only known by its day last."""
    told = [_told(event) for event in found.events]
    for one in found.holders:
        if one.shipped_on is not None:
            told.append(
                {
                    "at": one.held_from,
                    "title": gettext("Shipped"),
                    "text": " ".join((one.shipment_no, in_language(one.dealer_zh, one.dealer_en))).strip(),
                    "icon": "truck",
                    "tone": "teal",
                }
            )
    if found.produced_on is not None:
        zone = portal().settings.timezone
        made = {"at": clock.start_of(found.produced_on, zone), "title": gettext("Made")}
        told.append(made | {"icon": "package", "tone": "violet", "text": found.lot_no})
    yield from sorted(told, key=lambda one: one["at"], reverse=True)


def _told(event: Happened) -> dict[str, Any]:
    icon, tone = _LOOKS.get(EventKind(event.kind), ("circle", "blue"))
    said: dict[str, Any] = {
        "at": event.at,
        "title": gettext(EVENTS[EventKind(event.kind)]),
        "text": " · ".join(filter(None, (event.text, event.by_label))),
        "icon": icon,
        "tone": tone,
    }
    address = document_address(event.document_no)
    if address:
        said["link"] = (address, event.document_no)
    elif event.document_no:
        said["text"] = " · ".join(filter(None, (event.document_no, said["text"])))
    return said


def report_of_form(number: str, files: list[str]) -> Reported:
    """File the report that the form says. Adds the ids of its files to `files`. Raises Invalid, Conflict."""
    form = read_form(ReportForm)
    files.extend(sent_files())
    said = Installation(
        Place(form.hospital, form.level, form.city, form.department, form.hospital_code),
        form.installed_on,
        form.installed_by,
        form.accepted_on,
        form.accepted_by,
        form.signature,
        form.note,
    )
    at = clock.now()
    return file_report(
        current_session(),
        actor=current_actor(),
        device_number=number,
        said=said,
        files=files,
        revision=form.revision or None,
        today=clock.business_date(at, portal().settings.timezone),
        at=at,
    )


def part_of_form(number: str) -> None:
    """Note the replaced part that the form says. Raises Invalid, Conflict."""
    form = read_form(PartForm)
    faults: list[Fault] = []
    quantity = typed.field(typed.quantity, form.quantity, "/quantity", faults) if form.quantity else None
    part = Part(**form.model_dump() | {"quantity": quantity})
    if faults:
        others = [fault for fault in part_faults(part, today()) if fault.pointer != "/quantity"]
        raise Invalid(faults=[*faults, *others])
    replace_part(
        current_session(), actor=current_actor(), number=number, part=part, today=today(), at=clock.now()
    )
