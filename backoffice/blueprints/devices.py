"""Devices at headquarters: those of all dealers in scope, the life of each, and what is done to one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.devices import queries
from portal.devices.add_contract import Contract, add_contract
from portal.devices.change_state import change_state
from portal.devices.queries import sees_hospitals
from portal.devices.rules import DeviceAct
from portal.devices.vocabulary import DeviceRight
from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.web import device_page
from portal.web.acting import Answer, acted
from portal.web.forms import DayIfAny, Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said

blueprint = Blueprint("devices_desk", __name__, url_prefix="/hq/devices")

LOOKERS = (DeviceRight.LOOK, DeviceRight.FIELD, DeviceRight.DESK)
DEVICES = Listing(
    "devices-desk",
    N_("Devices"),
    (
        device_page.COLUMNS[0],
        Column("dealer", N_("Dealer"), Kind.NAME),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        *device_page.COLUMNS[1:],
    ),
    sort=str(queries.LATEST_FIRST),
)


class ReasonForm(Form):
    """Why a device's state changes."""

    reason: str


class ContractForm(Form):
    """A service contract."""

    contract_no: Stripped
    from_day: DayIfAny
    to_day: DayIfAny
    covers: Stripped


@blueprint.get("")
@requires(*LOOKERS)
@takes_columns("column")
def index() -> str | Answer:
    """Devices in scope, those that came last first."""
    sought, shown = device_page.filter_of_address(None)
    sees = sees_hospitals(current_actor())
    return show_list(
        DEVICES,
        device_page.fetch_devices(sought, sort_of_address(DEVICES)),
        "backoffice/devices/index.html",
        shown,
        page_only=lambda: device_page.frame_of_list() | {"may_import": current_actor().may(DeviceRight.DESK)},
        count=lambda: queries.count_devices(current_session(), sought, sees=sees),
    )


@blueprint.get("/<number>")
@requires(*LOOKERS)
def show(number: str) -> str:
    """One device with its whole life, whoever had it."""
    return _page(number)


@blueprint.post("/<number>/installation")
@requires(DeviceRight.FIELD, DeviceRight.DESK)
@takes_columns("file_id")
def installation(number: str) -> Answer:
    """File an installation report."""
    files: list[str] = []
    return acted(
        lambda: device_page.report_of_form(number, files),
        shown=lambda refusal: _page(number, refusal, files, "installation"),
        then=lambda report: Said(
            gettext("Installation report %(number)s has been filed.", number=report.number), _address(number)
        ),
    )


@blueprint.post("/<number>/parts")
@requires(DeviceRight.FIELD, DeviceRight.DESK)
def part(number: str) -> Answer:
    """Note a part that was replaced."""
    done = gettext("The part has been noted.")
    return _act(number, "part", lambda: device_page.part_of_form(number), done)


@blueprint.post("/<number>/contracts")
@requires(DeviceRight.DESK)
def contract(number: str) -> Answer:
    """Add a service contract."""

    def act() -> None:
        form = read_form(ContractForm)
        said = Contract(form.contract_no, form.from_day, form.to_day, form.covers)
        add_contract(current_session(), actor=current_actor(), number=number, contract=said, at=clock.now())

    return _act(number, "contract", act, gettext("The service contract has been added."))


@blueprint.post("/<number>/recall")
@requires(DeviceRight.DESK)
def recall(number: str) -> Answer:
    """Recall a device."""
    return _change(number, DeviceAct.RECALL)


@blueprint.post("/<number>/recall-end")
@requires(DeviceRight.DESK)
def recall_end(number: str) -> Answer:
    """Lift a recall."""
    return _change(number, DeviceAct.LIFT_RECALL)


@blueprint.post("/<number>/retirement")
@requires(DeviceRight.FIELD, DeviceRight.DESK)
def retirement(number: str) -> Answer:
    """Take a device out of use."""
    return _change(number, DeviceAct.RETIRE)


def _change(number: str, act: DeviceAct) -> Answer:
    def change() -> object:
        return change_state(
            current_session(),
            actor=current_actor(),
            number=number,
            act=act,
            reason=read_form(ReasonForm).reason,
            at=clock.now(),
        )

    return _act(number, str(act), change, gettext("The state of the device has been changed."))


def _act(number: str, form: str, act: Callable[[], object], done: str) -> Answer:
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal, form=form),
        then=lambda _: Said(done, _address(number)),
    )


def _page(
    number: str, refusal: DomainError | None = None, files: list[str] | None = None, form: str = ""
) -> str:
    context = device_page.device_context(number, refusal, files or [], form)
    return render_template("backoffice/devices/show.html", **context)


def _address(number: str) -> str:
    return url_for("devices_desk.show", number=number)
