"""Maintenance of the dealer's devices: what is due, the month, and what was done."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.devices.vocabulary import DeviceRight
from portal.kernel.errors import N_, Conflict, Invalid
from portal.maintenance import queries
from portal.web import maintenance_page
from portal.web.device_page import today
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("maintenance", __name__, url_prefix="/maintenance")
blueprint.context_processor(dealer_frame)

MAINTENANCE = Listing("maintenance", N_("Maintenance"), maintenance_page.COLUMNS)


@blueprint.get("")
@requires(DeviceRight.READ)
@takes_columns("column")
def index() -> str | Response:
    """What is due, the first due first."""
    dealer_id, when = current_actor().own_dealer_id, maintenance_page.when_of_address()
    return show_list(
        MAINTENANCE,
        maintenance_page.fetch_maintenance(dealer_id, when),
        "maintenance/index.html",
        {"when": when},
        page_only=lambda: {
            "tabs": maintenance_page.tabs_of(lambda one: url_for("maintenance.index", when=one), when)
        },
        count=lambda: queries.count_maintenances(
            current_session(), dealer_id=dealer_id, when=when, today=today()
        ),
    )


@blueprint.get("/calendar")
@requires(DeviceRight.READ)
def month() -> str:
    """A month, day by day."""
    return render_template("maintenance/calendar.html", **maintenance_page.calendar_context())


@blueprint.get("/<number>")
@requires(DeviceRight.READ)
def show(number: str) -> str:
    """One maintenance with its check-list."""
    return render_template("maintenance/show.html", **maintenance_page.maintenance_context(number))


@blueprint.post("/<number>/completion")
@requires(DeviceRight.WRITE)
@takes_columns("result", "reading", "file_id")
def completion(number: str) -> str | Response:
    """Say that it was done."""
    files: list[str] = []

    def act() -> Said:
        maintenance_page.finish_of_form(number, files)
        return Said(gettext("The maintenance has been filed."), url_for("maintenance.show", number=number))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        context = maintenance_page.maintenance_context(number, refusal, files)
        page = render_template("maintenance/show.html", **context)
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
