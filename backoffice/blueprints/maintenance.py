"""Maintenance at headquarters: what is due at all dealers in scope, the month, and what was done."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.devices.vocabulary import DeviceRight
from portal.kernel import clock
from portal.kernel.errors import N_, DomainError
from portal.maintenance import queries
from portal.maintenance.finish import skip
from portal.web import maintenance_page
from portal.web.acting import Answer, acted
from portal.web.device_page import today
from portal.web.forms import Form, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said

blueprint = Blueprint("maintenance_desk", __name__, url_prefix="/hq/maintenance")

LOOKERS = (DeviceRight.LOOK, DeviceRight.FIELD, DeviceRight.DESK)
MAINTENANCE = Listing(
    "maintenance-desk",
    N_("Maintenance"),
    (
        *maintenance_page.COLUMNS[:3],
        Column("dealer", N_("Dealer"), Kind.NAME),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
        *maintenance_page.COLUMNS[3:],
    ),
)


class ReasonForm(Form):
    """Why a maintenance is left out."""

    reason: str


@blueprint.get("")
@requires(*LOOKERS)
@takes_columns("column")
def index() -> str | Response:
    """What is due, the first due first."""
    when = maintenance_page.when_of_address()
    return show_list(
        MAINTENANCE,
        maintenance_page.fetch_maintenance(None, when),
        "backoffice/maintenance/index.html",
        {"when": when},
        page_only=lambda: {
            "tabs": maintenance_page.tabs_of(lambda one: url_for("maintenance_desk.index", when=one), when)
        },
        count=lambda: queries.count_maintenances(current_session(), dealer_id=None, when=when, today=today()),
    )


@blueprint.get("/calendar")
@requires(*LOOKERS)
def month() -> str:
    """A month, day by day."""
    return render_template("backoffice/maintenance/calendar.html", **maintenance_page.calendar_context())


@blueprint.get("/<number>")
@requires(*LOOKERS)
def show(number: str) -> str:
    """One maintenance with its check-list."""
    return _page(number)


@blueprint.post("/<number>/completion")
@requires(DeviceRight.FIELD, DeviceRight.DESK)
@takes_columns("result", "reading", "file_id")
def completion(number: str) -> Answer:
    """Say that it was done."""
    files: list[str] = []
    return acted(
        lambda: maintenance_page.finish_of_form(number, files),
        shown=lambda refusal: _page(number, refusal, files),
        then=lambda _: Said(gettext("The maintenance has been filed."), _address(number)),
    )


@blueprint.post("/<number>/omission")
@requires(DeviceRight.DESK)
def omission(number: str) -> Answer:
    """Leave it out, with a reason."""
    return acted(
        lambda: skip(
            current_session(),
            actor=current_actor(),
            number=number,
            reason=read_form(ReasonForm).reason,
            today=today(),
            at=clock.now(),
        ),
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(gettext("The maintenance is left out."), _address(number)),
    )


def _page(number: str, refusal: DomainError | None = None, files: Sequence[str] = ()) -> str:
    context = maintenance_page.maintenance_context(number, refusal, files)
    return render_template("backoffice/maintenance/show.html", **context)


def _address(number: str) -> str:
    return url_for("maintenance_desk.show", number=number)
