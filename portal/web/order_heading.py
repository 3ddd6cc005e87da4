"""What an order says besides its lines, as the cart's form has it."""

from __future__ import annotations

from collections.abc import Sequence

from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.web.forms import DayIfAny, Form, Stripped, read_form
from portal.web.order_supply import supply_wanted


class HeadingForm(Form):
    """The heading of an order, and where its goods come from."""

    purchase_order_no: Stripped
    hospital: Stripped
    ship_to: Stripped
    requested_date: DayIfAny
    warehouse: Stripped
    split: Stripped
    backorder: Stripped


def headed(lines: Sequence[Wanted], seen: str | None = None) -> OrderRequest:
    """An order of these lines under the heading that was sent. Raises Invalid for a day that is none."""
    heading = read_form(HeadingForm)
    return OrderRequest(
        lines,
        heading.purchase_order_no,
        heading.ship_to or None,
        heading.requested_date,
        supply_wanted(heading.model_dump()),
        seen=seen,
        hospital=heading.hospital,
    )
