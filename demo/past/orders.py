"""The shape of the demo's past orders. Plain records: who, when, what, and how far it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

RETURN_REASONS = {
    "damaged": "包装破损",
    "wrong_item": "订错型号",
    "short_dated": "近效期",
    "surplus": "订多退回",
    "quality": "质量疑问",
}


@dataclass(frozen=True, slots=True)
class Line:
    """`device` is an index into the assortment."""

    device: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Return:
    """Goods taken back after receipt. `line` counts from 1; `reason` is a key of `RETURN_REASONS`."""

    line: int
    quantity: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of an invoice paid on a business day: `percent` of its gross amount, the last part taking the
    rest.
    """

    on: date
    percent: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order with everything that has happened to it up to now. Moments are UTC.

    `status` is ``confirmed``, ``on_hold``, ``picking``, ``shipped``, ``received`` or ``cancelled``; a moment
    is None until it has come. `dealer`, `warehouse` and `address` are indices; `address` into the dealer's
    own.
    """

    dealer: int
    purchase_order_no: str
    channel: str
    placed_at: datetime
    warehouse: int
    address: int
    lines: tuple[Line, ...]
    status: str
    picked_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    cancelled_at: datetime | None
    carrier: str
    tracking_no: str
    returns: tuple[Return, ...]
    payments: tuple[Instalment, ...]
