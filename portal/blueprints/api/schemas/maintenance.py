"""Maintenance as JSON."""

from __future__ import annotations

from typing import Literal

from portal.kernel.errors import N_
from portal.web.api.fields import Code, DayText, PageQuery, Shape

State = Literal["due", "done", "skipped", "dropped"]


class MaintenanceQuery(PageQuery):
    """Which maintenance."""

    when: Literal["overdue", "this_month", "next_month", "all", "done"] = "all"
    dealer: Code | None = None


class MaintenanceShape(Shape, about=N_("A maintenance of a device.")):
    number: str
    state: State
    due_on: DayText
    done_on: DayText | None
    plan: str
    plan_name: str
    device: str
    serial: str
    sku: str
    dealer: str
    hospital: str
    department: str


class MaintenancePage(Shape, about=N_("A page of maintenance, the first due first.")):
    items: list[MaintenanceShape]
    next_cursor: str | None
