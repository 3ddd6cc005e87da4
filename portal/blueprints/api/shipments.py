"""Parcels of an order, with lots and serials, and their receipt."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.blueprints.api.schemas.shipments import ReceiptBody, ReceiptShape, ShipmentList, ShipmentShape
from portal.deliveries.photos import PROOF
from portal.deliveries.rules import Counted, Way
from portal.deliveries.sign_delivery import Handover, sign_delivery
from portal.files.attach import files_of
from portal.files.rules import Owner
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.queries import order
from portal.orders.vocabulary import OrderRight
from portal.shipping import queries
from portal.shipping.manifest import CHAPTER
from portal.shipping.print_delivery_note import print_delivery_note
from portal.shipping.queries import Shipment, ShipmentLine
from portal.shipping.seller import Seller
from portal.shipping.vocabulary import ShippingRight
from portal.web.api.operations import PDF, operation
from portal.web.delivery_page import sign_address
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, portal

READERS = (OrderRight.READ, OrderRight.DESK, ShippingRight.SHIP)


@operation(
    "GET",
    "/orders/<number>/shipments",
    tag=CHAPTER,
    rights=READERS,
    answers=ShipmentList,
    summary=N_("The shipments of an order, oldest first"),
    about=N_("A shipment being picked is included, with the lots it will probably hold."),
)
def of_order(number: str) -> dict[str, Any]:
    session = current_session()
    head = order(session, number)
    return {
        "items": [_shown(parcel) for parcel in queries.shipments_of(session, head.dealer_id, head.id)],
        "next_cursor": None,
    }


@operation(
    "GET",
    "/shipments/<number>",
    tag=CHAPTER,
    rights=READERS,
    answers=ShipmentShape,
    summary=N_("One shipment"),
    about=N_("With lots, expiry and serials as they were shipped."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(queries.shipment(current_session(), number))


@operation(
    "POST",
    "/shipments/<number>/receipt",
    tag=CHAPTER,
    rights=(OrderRight.WRITE, ShippingRight.RECEIVE),
    body=ReceiptBody,
    answers=ReceiptShape,
    creates=True,
    conflicts=True,
    summary=N_("Confirm receipt of a shipment"),
    about=N_(
        "Confirming again is harmless; the answer names the first time. "
        "Other quantities than the first are refused. Differences open cases."
    ),
)
def receive(number: str, body: ReceiptBody) -> dict[str, Any]:
    at = clock.now()
    counted = tuple(
        Counted(line.sku, line.lot, line.received, line.damaged, f"/lines/{place}")
        for place, line in enumerate(body.lines)
    )
    signed = sign_delivery(
        current_session(),
        actor=current_actor(),
        shipment_number=number,
        handover=Handover(counted, body.signed_by, note=body.note, photos=tuple(body.files)),
        way=Way.API,
        today=clock.business_date(at, portal().settings.timezone),
        at=at,
    )
    received = signed.received
    return {
        "number": number,
        "received_at": received.received_at,
        "order": received.order_number,
        "order_status": received.order_status,
        "cases": list(signed.cases),
        "files": [file.id for file in files_of(current_session(), Owner(PROOF, number))],
    }


@operation(
    "GET",
    "/shipments/<number>/delivery-note.pdf",
    tag=CHAPTER,
    rights=READERS,
    media=PDF,
    conflicts=True,
    summary=N_("The delivery note of a shipment as PDF"),
    about=N_(
        "In the language of Accept-Language, once the shipment has left. Every print is on record; "
        "all but the first are marked as reprints."
    ),
)
def delivery_note(number: str) -> Response:
    paper = print_delivery_note(
        current_session(),
        actor=current_actor(),
        shipment_number=number,
        seller=Seller.of(portal().settings),
        sign_at=sign_address(number),
        locale=in_language("zh", "en"),
        at=clock.now(),
    )
    headers = {"Content-Disposition": f'attachment; filename="{paper.filename}"'}
    return Response(paper.content, mimetype=PDF, headers=headers)


def _shown(parcel: Shipment) -> dict[str, Any]:
    return {
        "number": parcel.number,
        "order": parcel.order_number,
        "status": parcel.status,
        "warehouse": parcel.warehouse_code,
        "carrier": parcel.carrier,
        "tracking_no": parcel.tracking_no,
        "picked_at": parcel.picked_at,
        "shipped_at": parcel.shipped_at,
        "received_at": parcel.received_at,
        "invoice": parcel.invoice_number,
        "lines": [_line_shown(line) for line in parcel.lines],
    }


def _line_shown(line: ShipmentLine) -> dict[str, Any]:
    return {
        "line": line.line_no,
        "sku": line.sku,
        "name": in_language(line.name_zh, line.name_en),
        "registration_no": line.registration_no,
        "lot": line.lot_no,
        "expires_on": line.expires_on,
        "quantity": line.quantity,
        "returned": line.returned,
        "serials": line.serials,
    }
