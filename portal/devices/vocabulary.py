"""The names that others use of devices: rights, acts of the audit, kinds of what happens to one."""

from __future__ import annotations

from enum import StrEnum


class DeviceRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words.

    READ, WRITE: a dealer's own devices. LOOK: headquarters', with hospitals masked. HOSPITALS: their names.
    FIELD: who works on devices for headquarters: installs, maintains, repairs. DESK: the register itself, its
    warranty rules and imports.
    """

    READ = "devices:read"
    WRITE = "devices:write"
    LOOK = "hq:devices-read"
    FIELD = "hq:device-work"
    DESK = "hq:devices"
    HOSPITALS = "hq:hospitals"


READERS = (DeviceRight.READ, DeviceRight.LOOK, DeviceRight.FIELD, DeviceRight.DESK)
"""Rights of which one lets somebody look at devices in their scope."""
WORKERS = (DeviceRight.WRITE, DeviceRight.FIELD, DeviceRight.DESK)
"""Rights of which one lets somebody report work on a device."""


class DeviceAction(StrEnum):
    """What the audit tells, named ``subject:act``. Hospitals are never among it."""

    INSTALLED = "device:installed"
    STATE_CHANGED = "device:state_changed"
    PART_REPLACED = "device:part_replaced"
    CONTRACT_ADDED = "device:contract_added"
    RULE_SET = "warranty_rule:set"
    IMPORTED = "device_import:applied"


class EventKind(StrEnum):
    """What happens in a device's life. Made and shipped are told by the device itself."""

    INSTALLED = "installed"
    MOVED = "moved"
    MAINTAINED = "maintained"
    MAINTENANCE_MISSED = "maintenance_missed"
    REPAIR_BEGUN = "repair_begun"
    REPAIRED = "repaired"
    PART_REPLACED = "part_replaced"
    CONTRACT = "contract"
    REQUEST = "request"
    COMPLAINT = "complaint"
    RECALLED = "recalled"
    RECALL_LIFTED = "recall_lifted"
    RETIRED = "retired"
    RETURNED = "returned"
    GIVEN_BACK = "given_back"
    IMPORTED = "imported"
    NOTE = "note"


class DeviceTold(StrEnum):
    """What webhooks tell of a device: its number, never its serial number or its hospital."""

    REGISTERED = "device.registered"
    INSTALLED = "device.installed"
    RETURNED = "device.returned"
    GIVEN_BACK = "device.given_back"
