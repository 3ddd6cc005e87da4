"""Orders as JSON."""

from __future__ import annotations

from typing import Any

from portal.orders.answer import discounts_of, told
from portal.orders.queries import LineDetail, OrderDetail, OrderSummary
from portal.web import language
from portal.web.api.figures import rate_text
from portal.web.presentation import in_language


def summary_shown(order: OrderSummary) -> dict[str, Any]:
    """An order in a list."""
    return {
        "number": order.number,
        "status": order.status,
        "holds": order.holds,
        "purchase_order_no": order.purchase_order_no,
        "dealer": order.dealer_code,
        "placed_at": order.placed_at,
        "line_count": order.line_count,
        "total": order.total,
    }


def order_shown(order: OrderDetail) -> dict[str, Any]:
    """An order with its lines; why it is held as its dealer is told."""
    locale = language.current()
    return {
        "number": order.number,
        "status": order.status,
        "holds": order.holds,
        "held_by": told(order.told_of_holds, locale),
        "warnings": told(order.warnings, locale),
        "purchase_order_no": order.purchase_order_no,
        "hospital": order.hospital,
        "dealer": order.dealer_code,
        "channel": order.channel,
        "warehouse": order.warehouse_code,
        "ship_to": order.ship_to,
        "requested_date": order.requested_date,
        "replaces": order.replaces or None,
        "replaced_by": order.replaced_by,
        "backorder": order.backorder,
        "placed_at": order.placed_at,
        "placed_by": order.placed_by_label,
        "released_at": order.released_at,
        "cancelled_at": order.cancelled_at,
        "cancel_reason": order.cancel_reason,
        "received_at": order.received_at,
        "lines": [_line_shown(line) for line in order.lines],
        "total": order.total,
        "tax": order.tax,
        "currency": order.currency,
    }


def _line_shown(line: LineDetail) -> dict[str, Any]:
    return {
        "line": line.line_no,
        "sku": line.sku,
        "name": in_language(line.name_zh, line.name_en),
        "specification": line.specification,
        "unit": line.unit,
        "quantity": line.quantity,
        "reserved": line.reserved,
        "elsewhere": [
            {"warehouse": source["warehouse"], "quantity": source["quantity"]} for source in line.elsewhere
        ],
        "backordered": line.backordered,
        "promised_on": line.promised_on,
        "shipped": line.shipped,
        "cancelled": line.cancelled,
        "returned": line.returned,
        "list_price": line.list_price,
        "unit_price": line.unit_price,
        "discounts": discounts_of(line.receipt),
        "discount": line.discount,
        "gift": line.gift,
        "tax_rate": rate_text(line.tax_rate),
        "amount": line.amount,
        "tax": line.tax,
        "receipt": line.receipt,
    }
