"""What maintenance adds to the portal: plans, what is due of each device, and what was done."""

from __future__ import annotations

from datetime import timedelta

from portal.devices.vocabulary import DeviceRight
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
)
from portal.maintenance.queries import OWNER_KIND
from portal.maintenance.read_files import require_reader
from portal.maintenance.rules import Standing
from portal.maintenance.vocabulary import MaintenanceAction
from portal.maintenance.waiting import work

CHAPTER = Chapter("maintenance", N_("Maintenance"))

_STAFF = (DeviceRight.LOOK, DeviceRight.FIELD, DeviceRight.DESK)

CAPABILITY = Capability(
    name="maintenance",
    models="portal.maintenance.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.maintenance",),
        Audience.STAFF: ("backoffice.blueprints.maintenance", "backoffice.blueprints.maintenance_plans"),
    },
    resources=("portal.blueprints.api.maintenance",),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.SERVICE,
            "maintenance.index",
            N_("Maintenance"),
            "calendar-check",
            (DeviceRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.SERVICE,
            "maintenance_desk.index",
            N_("Maintenance"),
            "calendar-check",
            _STAFF,
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "maintenance_plans.index",
            N_("Maintenance plans"),
            "clipboard-list",
            (DeviceRight.DESK,),
        ),
    ),
    statuses={
        "maintenance": {
            Standing.OVERDUE: Look(N_("Overdue"), "red", "alert-circle"),
            Standing.DUE: Look(N_("To be done"), "amber", "clock"),
            Standing.DONE: Look(N_("Done"), "green", "checks"),
            Standing.SKIPPED: Look(N_("Skipped"), "grey", "x"),
            Standing.DROPPED: Look(N_("No longer due"), "grey", "ban"),
        },
    },
    actions=MaintenanceAction,
    schedule=(Recurring("jobs.maintenance.make_due", every=timedelta(minutes=15)),),
    refusals={
        "TL060": Conflict("maintenance_over", N_("A maintenance that is over never changes.")),
    },
    owned={"maintenance": "maintenance"},
    lists=("maintenance", "maintenance-desk"),
    work=work,
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    help={Audience.STAFF: ("devices",), Audience.DEALERS: ("devices",)},
    personal=(
        Personal(
            "maintenance",
            (
                "signed_name",
                "signature",
            ),
        ),
    ),
)
