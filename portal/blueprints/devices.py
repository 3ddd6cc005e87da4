"""Devices of the dealer: the list, the life of each, installation reports and parts."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.devices import queries
from portal.devices.change_state import change_state
from portal.devices.rules import DeviceAct
from portal.devices.vocabulary import DeviceRight
from portal.kernel import clock
from portal.kernel.errors import N_, Conflict, Invalid
from portal.web import device_page
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("devices", __name__, url_prefix="/devices")
blueprint.context_processor(dealer_frame)

DEVICES = Listing("devices", N_("Devices"), device_page.COLUMNS, sort=str(queries.LATEST_FIRST))


class ReasonForm(Form):
    """Why a device is taken out of use."""

    reason: str


@blueprint.get("")
@requires(DeviceRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """The dealer's devices, those that came last first."""
    sought, shown = device_page.filter_of_address(current_actor().own_dealer_id)
    return show_list(
        DEVICES,
        device_page.fetch_devices(sought, sort_of_address(DEVICES)),
        "devices/index.html",
        shown,
        page_only=device_page.frame_of_list,
        count=lambda: queries.count_devices(current_session(), sought, sees=True),
    )


@blueprint.get("/<number>")
@requires(DeviceRight.READ)
def show(number: str) -> str:
    """One device with its whole life at this dealer."""
    return render_template("devices/show.html", **device_page.device_context(number))


@blueprint.post("/<number>/installation")
@requires(DeviceRight.WRITE)
@takes_columns("file_id")
def installation(number: str) -> str | Response:
    """File an installation report."""
    files: list[str] = []

    def act() -> Said:
        report = device_page.report_of_form(number, files)
        words = gettext("Installation report %(number)s has been filed.", number=report.number)
        return Said(words, url_for("devices.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal, files, "installation")


@blueprint.post("/<number>/parts")
@requires(DeviceRight.WRITE)
def part(number: str) -> str | Response:
    """Note a part that was replaced."""

    def act() -> Said:
        device_page.part_of_form(number)
        return Said(gettext("The part has been noted."), url_for("devices.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal, [], "part")


@blueprint.post("/<number>/retirement")
@requires(DeviceRight.WRITE)
def retirement(number: str) -> str | Response:
    """Take a device out of use."""

    def act() -> Said:
        change_state(
            current_session(),
            actor=current_actor(),
            number=number,
            act=DeviceAct.RETIRE,
            reason=read_form(ReasonForm).reason,
            at=clock.now(),
        )
        words = gettext("The device has been taken out of use.")
        return Said(words, url_for("devices.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        return _refused(number, refusal, [], "retirement")


def _refused(number: str, refusal: Invalid | Conflict, files: list[str], form: str) -> Response:
    current_session().rollback()
    context = device_page.device_context(number, refusal, files, form)
    page = render_template("devices/show.html", **context)
    return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
