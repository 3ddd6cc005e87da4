"""Devices found from anywhere: by serial, by number, or by the UDI that somebody scans."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.devices.queries import DeviceFilter, devices
from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit


def find_devices(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Devices in scope whose serial or number begins so; no hospital is looked at."""
    page = "devices_desk.show" if actor.is_staff else "devices.show"
    for row in devices(session, DeviceFilter(q=q), sees=False, limit=limit).items:
        name = (row.name_zh, row.name_en)
        yield Hit(page, {"number": row.number}, row.serial, name, status=("device", row.state))
