"""Words for what devices are made of, English, translated where they are shown."""

from __future__ import annotations

from portal.devices.rules import HospitalLevel, Source
from portal.devices.vocabulary import EventKind
from portal.devices.warranty_rules import WarrantyBasis
from portal.kernel.errors import N_

LEVELS = {
    HospitalLevel.UNKNOWN: N_("Level not known"),
    HospitalLevel.THIRD_A: N_("Tertiary A hospital"),
    HospitalLevel.THIRD_B: N_("Tertiary B hospital"),
    HospitalLevel.THIRD: N_("Tertiary hospital"),
    HospitalLevel.SECOND_A: N_("Secondary A hospital"),
    HospitalLevel.SECOND_B: N_("Secondary B hospital"),
    HospitalLevel.SECOND: N_("Secondary hospital"),
    HospitalLevel.FIRST: N_("Primary hospital"),
    HospitalLevel.OTHER: N_("Other institution"),
}
BASES = {
    WarrantyBasis.SHIPMENT: N_("Shipping"),
    WarrantyBasis.INSTALLATION: N_("Installation"),
}
EVENTS = {
    EventKind.INSTALLED: N_("Installed"),
    EventKind.MOVED: N_("Moved"),
    EventKind.MAINTAINED: N_("Maintained"),
    EventKind.MAINTENANCE_MISSED: N_("Maintenance missed"),
    EventKind.REPAIR_BEGUN: N_("Repair begun"),
    EventKind.REPAIRED: N_("Repaired"),
    EventKind.PART_REPLACED: N_("Part replaced"),
    EventKind.CONTRACT: N_("Service contract"),
    EventKind.REQUEST: N_("Service request"),
    EventKind.COMPLAINT: N_("Complaint"),
    EventKind.RECALLED: N_("Recalled"),
    EventKind.RECALL_LIFTED: N_("Recall lifted"),
    EventKind.RETIRED: N_("Taken out of use"),
    EventKind.RETURNED: N_("Sent back"),
    EventKind.GIVEN_BACK: N_("Given back to the dealer"),
    EventKind.IMPORTED: N_("Entered by import"),
    EventKind.NOTE: N_("Note"),
}
SOURCES = {
    Source.SHIPPING: N_("With a shipment"),
    Source.IMPORT: N_("By import"),
}
