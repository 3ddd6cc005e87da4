"""Devices as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.devices.rules import FILES_MAX, NAME_MAX, NOTE_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Shape, Text

State = Literal["shipped", "installed", "in_repair", "recalled", "retired", "returned"]
Stand = Literal["covered", "contract", "expired", "pending", "unknown"]
Level = Literal["", "3a", "3b", "3", "2a", "2b", "2", "1", "other"]


class DevicesQuery(PageQuery):
    """Which devices."""

    q: Text = Field("", max_length=400, description=N_("How a serial or device number begins, or a UDI."))
    sku: Text = Field("", max_length=64)
    state: State | None = None
    hospital: Text = Field("", max_length=NAME_MAX, description=N_("Part of its name, for who may see it."))
    dealer: Code | None = None
    ends_from: Day | None = Field(None, description=N_("First day of when the cover ends."))
    ends_to: Day | None = Field(None, description=N_("Last day of when the cover ends."))


class DeviceQuery(Shape):
    """Which product, where several have the serial number."""

    sku: Text = Field("", max_length=64)


class DeviceHeadShape(Shape, about=N_("A device without its life.")):
    number: str = Field(examples=["DV2611-7M2K9QXA4"])
    serial: str
    sku: str
    name: str
    dealer: str
    lot: str
    expires_on: DayText | None
    state: State
    shipment: str
    shipped_on: DayText | None
    hospital: str = Field(description=N_("Its level and city for who may not see its name."))
    department: str
    installed_on: DayText | None
    warranty: Stand
    warranty_from: DayText | None
    warranty_to: DayText | None
    contract_to: DayText | None


class DeviceEventShape(Shape, about=N_("Something that happened to a device.")):
    kind: str
    at: MomentText
    document: str
    text: str
    by: str


class DevicePartShape(Shape, about=N_("A part that was replaced.")):
    part: str
    replaced_on: DayText
    quantity: int
    serial_out: str
    serial_in: str


class DeviceReportShape(Shape, about=N_("An installation report.")):
    number: str = Field(examples=["DI2611-7M2K9QXA4"])
    hospital: str
    department: str
    installed_on: DayText
    installed_by: str
    accepted_on: DayText | None
    accepted_by: str
    filed_at: MomentText


class DeviceContractShape(Shape, about=N_("A service contract.")):
    number: str
    valid_from: DayText
    valid_to: DayText
    covers: str


class DeviceShape(DeviceHeadShape, about=N_("A device with its life.")):
    udi: str = Field(description=N_("As its label writes it, with application identifiers in brackets."))
    produced_on: DayText | None
    uses: int
    events: list[DeviceEventShape]
    reports: list[DeviceReportShape]
    parts: list[DevicePartShape]
    contracts: list[DeviceContractShape]


class DevicePage(Shape, about=N_("A page of devices, those that came last first.")):
    items: list[DeviceHeadShape]
    next_cursor: str | None


class InstallationBody(Shape, about=N_("Where a device was installed.")):
    device: Text = Field(
        "", max_length=64, description=N_("Serial number or device number."), examples=["S00012"]
    )
    sku: Text = Field("", max_length=64, description=N_("Where several products have the serial number."))
    hospital: Text = Field("", max_length=1000)
    level: Level = Field("", description=N_("Level of the hospital."))
    city: Text = Field("", max_length=1000)
    department: Text = Field("", max_length=1000)
    hospital_code: Text = Field("", max_length=1000)
    installed_on: Day | None = None
    installed_by: Text = Field("", max_length=1000)
    accepted_on: Day | None = None
    accepted_by: Text = Field("", max_length=1000)
    signature: Text = Field(
        "", max_length=50_000, description=N_("Strokes as JSON: `[[x, y, x, y, …], …]` in 600 × 200.")
    )
    note: Text = Field("", max_length=NOTE_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class InstallationShape(Shape, about=N_("The report that was filed, and the device by it.")):
    report: str = Field(examples=["DI2611-7M2K9QXA4"])
    number: str
    state: State
    warranty_from: DayText | None
    warranty_to: DayText | None
