"""Goods receipts and their inspection."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.receiving import (
    GoodsReceiptBody,
    GoodsReceiptPage,
    GoodsReceiptQuery,
    GoodsReceiptShape,
    InspectionBody,
)
from portal.kernel.errors import N_
from portal.receiving.check_delivery import Delivery
from portal.receiving.inspect_goods import inspect_goods
from portal.receiving.queries import ReceiptDetail, ReceiptRow, receipt, receipts
from portal.receiving.receive_goods import receive_goods
from portal.receiving.rules import Delivered, Inspected, Terms
from portal.receiving.suppliers import MAY_SEE
from portal.receiving.vocabulary import ReceivingRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "POST",
    "/hq/goods-receipts",
    tag=HEADQUARTERS,
    rights=(ReceivingRight.RECEIVE,),
    body=GoodsReceiptBody,
    answers=GoodsReceiptShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/goods-receipts/{number}",
    summary=N_("Receive goods into a warehouse"),
    about=N_(
        "All or nothing. Without `inspection` the units may be sold at once, and the record of acceptance"
        " names the program; with it they wait. What is expired, expires soon or was produced outside the"
        " term of its certificate is refused."
    ),
)
def create(body: GoodsReceiptBody) -> Answer:
    at, today = now_and_today()
    actor = current_actor()
    delivery = Delivery(
        body.warehouse,
        [Delivered(**line.model_dump(), pointer=f"/lines/{place}") for place, line in enumerate(body.lines)],
        body.reference,
        body.supplier,
        body.purchase_order,
        body.supply_request,
    )
    terms = Terms(today, portal().settings.receipt_shelf_days, by_person=actor.user_id is not None)
    received = receive_goods(current_session(), actor=actor, delivery=delivery, terms=terms, at=at)
    return Answer(_detail(receipt(current_session(), actor=actor, number=received.number)), 201)


@operation(
    "GET",
    "/hq/goods-receipts",
    tag=HEADQUARTERS,
    rights=MAY_SEE,
    query=GoodsReceiptQuery,
    answers=GoodsReceiptPage,
    summary=N_("Goods receipts, the latest first"),
    about=N_("`state=inspecting` are those that wait for a decision."),
)
def index(query: GoodsReceiptQuery) -> dict[str, Any]:
    page = receipts(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        warehouse=query.warehouse or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_summary(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/goods-receipts/<number>",
    tag=HEADQUARTERS,
    rights=MAY_SEE,
    answers=GoodsReceiptShape,
    summary=N_("A goods receipt with its lines"),
    about=N_("What was ordered of each product stands beside what arrived."),
)
def show(number: str) -> dict[str, Any]:
    return _detail(receipt(current_session(), actor=current_actor(), number=number))


@operation(
    "POST",
    "/hq/goods-receipts/<number>/inspections",
    tag=HEADQUARTERS,
    rights=(ReceivingRight.ACCEPT,),
    body=InspectionBody,
    answers=GoodsReceiptShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/goods-receipts/{number}",
    summary=N_("Say what an inspection decided"),
    about=N_(
        "Accepted units may be sold, refused ones are set apart with the reason. Each line is a record of"
        " acceptance; of units with serial numbers all are decided at once."
    ),
)
def inspect(number: str, body: InspectionBody) -> Answer:
    at, today = now_and_today()
    lines = [
        Inspected(**line.model_dump(), pointer=f"/lines/{place}") for place, line in enumerate(body.lines)
    ]
    inspect_goods(current_session(), actor=current_actor(), number=number, lines=lines, today=today, at=at)
    return Answer(_detail(receipt(current_session(), actor=current_actor(), number=number)), 201)


def _summary(one: ReceiptRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "warehouse": one.warehouse,
        "reference": one.reference,
        "supplier": one.supplier,
        "purchase_order": one.purchase_order,
        "units": one.units,
        "inspecting": one.inspecting,
        "refused": one.refused,
        "received_at": one.received_at,
        "received_by": one.received_by_label,
    }


def _detail(found: ReceiptDetail) -> dict[str, Any]:
    one = found.receipt
    return {
        "number": one.number,
        "state": one.state,
        "warehouse": one.warehouse,
        "reference": one.reference,
        "supplier": one.supplier,
        "purchase_order": one.purchase_order,
        "supply_request": found.supply_request,
        "received_at": one.received_at,
        "received_by": one.received_by_label,
        "lines": [
            {
                "sku": line.sku,
                "lot": line.lot,
                "produced_on": line.produced_on,
                "expires_on": line.expires_on,
                "quantity": line.quantity,
                "inspecting": line.inspecting,
                "accepted": line.accepted,
                "refused": line.refused,
                "serials": list(line.serials),
                "ordered": line.ordered,
            }
            for line in found.lines
        ],
    }
