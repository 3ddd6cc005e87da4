"""What a code says, for whoever holds the package: typed, pasted, or from a reader that types."""

from __future__ import annotations

from datetime import date

from flask import render_template, url_for

from portal.devices.queries import number_of
from portal.devices.vocabulary import READERS
from portal.kernel import clock
from portal.kernel.errors import Invalid, NotFound
from portal.scanning.scan import Scanned, scan
from portal.web.presentation import in_full
from portal.web.request import current_actor, current_session, portal, request


def scan_page() -> str:
    """The field, and what the code in it says; in the frame of whoever asks."""
    data = request.args.get("data", "")
    errors: list[str] = []
    readings: list[str] = []
    found: Scanned | None = None
    if data.strip():
        try:
            found = _scanned(data)
        except Invalid as refusal:
            errors = [in_full(refusal)]
            readings = [str(fault.params["actual"]) for fault in refusal.faults if "actual" in fault.params]
    return render_template(
        "scanning/index.html",
        data=data,
        found=found,
        errors=errors,
        readings=readings,
        expired=found is not None and _is_over(found),
        device_address=_device_address(found),
    )


def _device_address(found: Scanned | None) -> str | None:
    """The page of the device, if the code is of a unit that the visitor may look at."""
    actor = current_actor()
    if found is None or not found.serial or found.article is None or not any(map(actor.may, READERS)):
        return None
    try:
        number = number_of(current_session(), found.serial, sku=found.article.sku)
    except NotFound:
        return None
    return url_for("devices_desk.show" if actor.is_staff else "devices.show", number=number)


def _scanned(data: str) -> Scanned:
    return scan(current_session(), actor=current_actor(), data=data, today=_today())


def _is_over(found: Scanned) -> bool:
    return found.reading.expiry is not None and found.reading.expiry < _today()


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
