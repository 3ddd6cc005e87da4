"""What devices add to the portal: the register of units with a serial number, and their warranties."""

from __future__ import annotations

from portal.devices.find import find_devices
from portal.devices.read_files import REPORT, require_report_reader
from portal.devices.rules import DeviceState
from portal.devices.set_rule import RENEW
from portal.devices.vocabulary import READERS, DeviceAction, DeviceRight, DeviceTold
from portal.devices.waiting import work
from portal.devices.warranty_rules import WarrantyStand
from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    FileOwner,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
    Topic,
)

CHAPTER = Chapter("devices", N_("Devices"))

_READ, _CALLS = (DeviceRight.READ,), ("/devices/{number}", "/devices/{number}")
_STAFF = (DeviceRight.LOOK, DeviceRight.FIELD, DeviceRight.DESK)

CAPABILITY = Capability(
    name="devices",
    models="portal.devices.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.devices",),
        Audience.STAFF: (
            "backoffice.blueprints.devices",
            "backoffice.blueprints.device_imports",
            "backoffice.blueprints.warranty_rules",
        ),
    },
    resources=("portal.blueprints.api.devices", "backoffice.api.devices"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.SERVICE,
            "devices.index",
            N_("Devices"),
            "stethoscope",
            (DeviceRight.READ,),
        ),
        MenuEntry(Audience.STAFF, Job.SERVICE, "devices_desk.index", N_("Devices"), "stethoscope", _STAFF),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "warranty_rules.index",
            N_("Warranty rules"),
            "shield-check",
            (DeviceRight.DESK,),
        ),
    ),
    rights={
        DeviceRight.READ: DEALER_ROLES,
        DeviceRight.WRITE: frozenset({Role.DEALER_SERVICE, Role.DEALER_OWNER}),
        DeviceRight.LOOK: frozenset(
            {Role.ORDER_DESK, Role.CHANNEL_MANAGER, Role.QUALITY, Role.SERVICE_DESK, Role.TECHNICIAN}
        ),
        DeviceRight.FIELD: frozenset({Role.QUALITY, Role.SERVICE_DESK, Role.TECHNICIAN}),
        DeviceRight.DESK: frozenset({Role.QUALITY, Role.SERVICE_DESK}),
        DeviceRight.HOSPITALS: frozenset({Role.QUALITY, Role.SERVICE_DESK, Role.TECHNICIAN}),
    },
    statuses={
        "device": {
            DeviceState.SHIPPED: Look(N_("Shipped"), "blue", "truck"),
            DeviceState.INSTALLED: Look(N_("In use"), "green", "circle-check"),
            DeviceState.IN_REPAIR: Look(N_("In repair"), "amber", "adjustments-horizontal"),
            DeviceState.RECALLED: Look(N_("Recalled"), "red", "alert-circle"),
            DeviceState.RETIRED: Look(N_("Taken out of use"), "grey", "ban"),
            DeviceState.RETURNED: Look(N_("Sent back"), "grey", "refresh"),
        },
        "warranty": {
            WarrantyStand.COVERED: Look(N_("Under warranty"), "green", "shield-check"),
            WarrantyStand.CONTRACT: Look(N_("Covered by contract"), "blue", "shield-check"),
            WarrantyStand.EXPIRED: Look(N_("Out of warranty"), "red", "clock"),
            WarrantyStand.PENDING: Look(N_("Warranty not begun"), "violet", "clock"),
            WarrantyStand.UNKNOWN: Look(N_("No warranty known"), "grey", "info-circle"),
        },
    },
    actions=DeviceAction,
    emits={
        DeviceTold.REGISTERED: Emitted(N_("A device was registered with its shipment"), _READ, _CALLS),
        DeviceTold.INSTALLED: Emitted(N_("A device was installed, or moved"), _READ, _CALLS),
        DeviceTold.RETURNED: Emitted(N_("A device was sent back"), _READ, _CALLS),
        DeviceTold.GIVEN_BACK: Emitted(N_("A device was given back"), _READ, _CALLS),
    },
    topics={RENEW: Topic("jobs.devices.renew_warranties"), **dict.fromkeys(DeviceTold, TOLD)},
    refusals={
        "uq_device_holder": Conflict(
            "device_elsewhere", N_("This serial number is registered with another dealer.")
        ),
        "uq_service_contract_dealer_id_device_id_contract_no": Conflict(
            "contract_twice", N_("The device has this contract already.")
        ),
        "uq_warranty_rule_about": Conflict(
            "rule_twice", N_("There is a rule of this day already; set one from another day.")
        ),
    },
    owned={"devices": "device"},
    lists=("devices", "devices-desk"),
    work=work,
    file_owners={REPORT: FileOwner(require_report_reader)},
    finders=(
        Finder(Audience.DEALERS, N_("Devices"), "stethoscope", (DeviceRight.READ,), find_devices),
        Finder(Audience.STAFF, N_("Devices"), "stethoscope", READERS, find_devices),
    ),
    help={Audience.STAFF: ("devices",), Audience.DEALERS: ("devices",)},
    personal=(Personal("installation_report", ("signature",)),),
)
