"""Devices: listed, looked up by serial number, and where each was installed."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.devices import (
    DevicePage,
    DeviceQuery,
    DeviceShape,
    DevicesQuery,
    InstallationBody,
    InstallationShape,
)
from portal.devices import queries
from portal.devices.install import file_report
from portal.devices.life import DeviceDetail, device_of
from portal.devices.manifest import CHAPTER
from portal.devices.queries import DeviceFilter, DeviceRow, sees_hospitals
from portal.devices.rules import Installation, Place
from portal.devices.vocabulary import READERS, WORKERS
from portal.kernel.errors import N_
from portal.web.api.buyer import named_dealer, now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/devices",
    tag=CHAPTER,
    rights=READERS,
    query=DevicesQuery,
    answers=DevicePage,
    summary=N_("Devices, those that came last first"),
    about=N_(
        "Units with serial numbers. A dealer sees its own, headquarters those of its dealers; hospitals are "
        "named only to who may see them."
    ),
)
def index(query: DevicesQuery) -> dict[str, Any]:
    sought = DeviceFilter(
        named_dealer(query.dealer),
        query.sku,
        query.state or "",
        query.hospital,
        query.q,
        query.ends_from,
        query.ends_to,
    )
    page = queries.devices(
        current_session(),
        sought,
        sees=sees_hospitals(current_actor()),
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_head(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/devices/<number>",
    tag=CHAPTER,
    rights=READERS,
    query=DeviceQuery,
    answers=DeviceShape,
    summary=N_("One device"),
    about=N_("By its serial number or its device number, with its whole life as far as it was yours."),
)
def show(number: str, query: DeviceQuery) -> dict[str, Any]:
    found = queries.number_of(current_session(), number, sku=query.sku)
    return _shown(device_of(current_session(), found, sees=sees_hospitals(current_actor())))


@operation(
    "POST",
    "/installation-reports",
    tag=CHAPTER,
    rights=WORKERS,
    body=InstallationBody,
    answers=InstallationShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/devices/{number}",
    summary=N_("Report an installation"),
    about=N_(
        "Where a device stands from now on, who installed and who accepted it. A warranty that begins with "
        "the installation begins by it. A later report takes its place."
    ),
)
def create(body: InstallationBody) -> Answer:
    at, today = now_and_today()
    number = queries.number_of(current_session(), body.device, sku=body.sku)
    said = Installation(
        Place(body.hospital, body.level, body.city, body.department, body.hospital_code),
        body.installed_on,
        body.installed_by,
        body.accepted_on,
        body.accepted_by,
        body.signature,
        body.note,
    )
    done = file_report(
        current_session(),
        actor=current_actor(),
        device_number=number,
        said=said,
        files=body.files,
        today=today,
        at=at,
    )
    shown = {
        "report": done.number,
        "number": done.device_number,
        "state": str(done.state),
        "warranty_from": done.warranty.first,
        "warranty_to": done.warranty.last,
    }
    return Answer(shown, 201)


def _head(one: DeviceRow | DeviceDetail) -> dict[str, Any]:
    place = (one.hospital_zh, one.hospital_en) if isinstance(one, DeviceRow) else one.place
    return {
        "number": one.number,
        "serial": one.serial,
        "sku": one.sku,
        "name": in_language(one.name_zh, one.name_en),
        "dealer": one.dealer_code,
        "lot": one.lot_no,
        "expires_on": one.expires_on,
        "state": one.state,
        "shipment": one.shipment_no,
        "shipped_on": one.shipped_on,
        "hospital": in_language(*place),
        "department": one.department,
        "installed_on": one.installed_on,
        "warranty": str(one.stand),
        "warranty_from": one.warranty_from,
        "warranty_to": one.warranty_to,
        "contract_to": one.contract_to,
    }


def _shown(found: DeviceDetail) -> dict[str, Any]:
    return _head(found) | {
        "udi": found.udi,
        "produced_on": found.produced_on,
        "uses": found.uses,
        "events": [
            {
                "kind": one.kind,
                "at": one.at,
                "document": one.document_no,
                "text": one.text,
                "by": one.by_label,
            }
            for one in found.events
        ],
        "reports": [
            {
                "number": one.number,
                "hospital": in_language(*one.place),
                "department": one.department,
                "installed_on": one.installed_on,
                "installed_by": one.installed_by,
                "accepted_on": one.accepted_on,
                "accepted_by": one.accepted_by,
                "filed_at": one.filed_at,
            }
            for one in found.reports
        ],
        "parts": [
            {
                "part": one.part,
                "replaced_on": one.replaced_on,
                "quantity": one.quantity,
                "serial_out": one.serial_out,
                "serial_in": one.serial_in,
            }
            for one in found.parts
        ],
        "contracts": [
            {
                "number": one.contract_no,
                "valid_from": one.from_day,
                "valid_to": one.to_day,
                "covers": one.covers,
            }
            for one in found.contracts
        ],
    }
