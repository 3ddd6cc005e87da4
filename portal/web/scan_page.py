"""What a code says: typed, pasted, sent by a reader that types, or seen by a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for

from portal.devices.queries import number_of
from portal.devices.vocabulary import READERS
from portal.kernel import clock
from portal.kernel.errors import N_, Invalid, NotFound, Unreadable
from portal.scanning.read_code import as_typed, without_mark
from portal.scanning.scan import Scanned, scan, scanned_all
from portal.web.browser_session import recognised
from portal.web.forms import rows_of_form
from portal.web.presentation import in_full
from portal.web.rendering import wants_block
from portal.web.request import current_actor, current_session, portal, request

CODES_MAX = 8
"""Codes of one picture that are told at once; a label has two or three."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a code.

    text: the code as it may be typed into a field; of one that is refused, as it was read.
    device_address: of the page of the device that it names, if the visitor may look at it.
    readings: what it may say, where its separators are lost. is_other: it is none of a device, which a field
    that takes any text may take.
    """

    text: str
    found: Scanned | None = None
    errors: Sequence[str] = ()
    readings: Sequence[str] = ()
    is_expired: bool = False
    is_other: bool = False
    device_address: str | None = None


def scan_page() -> str:
    """The field, and what the code in it says, in the frame of whoever asks; or the camera's dialog alone,
    where another page asks for it.
    """
    if wants_block() and request.htmx.target == "scanner":
        return render_template("scanning/camera.html")
    data = request.args.get("data", "")
    verdict = Verdict(data)
    if data.strip():
        try:
            found = scan(current_session(), actor=current_actor(), data=data, today=_today())
        except Invalid as refusal:
            verdict = _refused(data, refusal)
        else:
            verdict = _read(data, found)
    return render_template("scanning/index.html", data=data, verdict=verdict)


def camera_verdicts() -> str:
    """What the codes say that the camera or a picture showed: one, or each of several to choose from."""
    codes = [symbology + data for data, symbology in rows_of_form("data", "symbology")]
    if len(codes) > CODES_MAX:
        raise Unreadable(
            "many_codes",
            N_("At most %(max)s codes are read at once."),
            fix=N_("Hold a single label before the camera."),
            max=CODES_MAX,
        )
    found = scanned_all(current_session(), codes, today=_today())
    return render_template("scanning/verdicts.html", verdicts=list(map(_verdict, codes, found)))


def scan_address() -> str:
    """Where the page of whoever is signed in asks for the camera and what it saw; empty for strangers."""
    visitor = recognised()
    if visitor is None:
        return ""
    return url_for("hq_scanning.index" if visitor.is_staff else "scanning.index")


def _verdict(code: str, found: Scanned | Invalid) -> Verdict:
    if isinstance(found, Invalid):
        return _refused(code, found)
    try:
        text = as_typed(code)
    except Invalid:  # it is no code of a device, but the SKU of an article
        text = without_mark(code)
    return _read(text, found)


def _read(text: str, found: Scanned) -> Verdict:
    return Verdict(text, found, is_expired=_is_over(found), device_address=_device_address(found))


def _device_address(found: Scanned) -> str | None:
    """The page of the device, if the code is of a unit that the visitor may look at."""
    actor = current_actor()
    if not found.serial or found.article is None or not any(map(actor.may, READERS)):
        return None
    try:
        number = number_of(current_session(), found.serial, sku=found.article.sku)
    except NotFound:
        return None
    return url_for("devices_desk.show" if actor.is_staff else "devices.show", number=number)


def _refused(code: str, refusal: Invalid) -> Verdict:
    return Verdict(
        without_mark(code),
        errors=[in_full(refusal)],
        readings=[str(fault.params["actual"]) for fault in refusal.faults if "actual" in fault.params],
        is_other=refusal.code == "no_code",
    )


def _is_over(found: Scanned) -> bool:
    return found.reading.expiry is not None and found.reading.expiry < _today()


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
