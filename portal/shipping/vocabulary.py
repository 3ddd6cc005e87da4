"""The names that others use of shipping: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class ShippingRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    SHIP = "hq:shipping"
    RECEIVE = "shipments:receive"
    REVIEWS = "hq:outbound-reviews"


class ShippingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SHIPMENT_PICKED = "shipment:picked"
    SHIPMENT_CONFIRMED = "shipment:confirmed"
    SHIPMENT_REVIEWED = "shipment:reviewed"
    SHIPMENT_PACKED = "shipment:packed"
    SHIPMENT_PRINTED = "shipment:printed"
    WAVE_STARTED = "wave:started"
    SHIPMENT_UNPICKED = "shipment:unpicked"
    SHIPMENT_SHIPPED = "shipment:shipped"
    SHIPMENT_RECEIVED = "shipment:received"
    LOT_EXPIRED = "lot:expired"
    LOT_BLOCKED = "lot:blocked"
