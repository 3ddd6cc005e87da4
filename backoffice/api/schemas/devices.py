"""Imports of devices as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import Shape, Text

ROWS_MAX = 10_000
Said = Text


class DeviceImportRow(Shape, about=N_("A device as a file would write it: every member a text.")):
    dealer: Said = Field("", max_length=100)
    sku: Said = Field("", max_length=100)
    serial: Said = Field("", max_length=100)
    lot: Said = Field("", max_length=100)
    produced_on: Said = Field("", max_length=40)
    expires_on: Said = Field("", max_length=40)
    shipment: Said = Field("", max_length=100)
    shipped_on: Said = Field("", max_length=40)
    hospital: Said = Field("", max_length=500)
    level: Said = Field("", max_length=40)
    city: Said = Field("", max_length=500)
    department: Said = Field("", max_length=500)
    installed_on: Said = Field("", max_length=40)
    installed_by: Said = Field("", max_length=500)
    accepted_on: Said = Field("", max_length=40)
    accepted_by: Said = Field("", max_length=500)
    contract_no: Said = Field("", max_length=100)
    contract_from: Said = Field("", max_length=40)
    contract_to: Said = Field("", max_length=40)


class DeviceImportBody(Shape, about=N_("Installed devices.")):
    rows: list[DeviceImportRow] = Field(default=[], max_length=ROWS_MAX)
    apply: bool = Field(False, description=N_("Without it the rows are only looked through."))


class DeviceImportFault(Shape, about=N_("Why a row was refused.")):
    pointer: str
    code: str
    message: str
    fix: str


class DeviceImportOutcome(Shape, about=N_("What becomes of a row.")):
    row: int = Field(description=N_("From 1, in the order in which they were sent."))
    sku: str
    serial: str
    result: Literal["added", "changed", "unchanged", "refused"]
    number: str
    errors: list[DeviceImportFault]


class DeviceImportShape(Shape, about=N_("The report of an import, row by row.")):
    applied: bool
    added: int
    changed: int
    unchanged: int
    refused: int
    rows: list[DeviceImportOutcome]
