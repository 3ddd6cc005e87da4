"""Purchase orders as the ERP sends them, and the suppliers that they name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backoffice.api.schemas.receiving import (
    PurchaseBody,
    PurchasePage,
    PurchaseQuery,
    PurchaseShape,
    SupplierBody,
    SupplierList,
    SupplierShape,
)
from portal.kernel.errors import N_
from portal.receiving.purchases import PurchaseDetail, PurchaseRow, purchase, purchases
from portal.receiving.record_purchase import Purchase, record_purchase
from portal.receiving.suppliers import MAY_SEE, SupplierFacts, suppliers, write_supplier
from portal.receiving.vocabulary import ReceivingRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session


@operation(
    "POST",
    "/hq/purchase-orders",
    tag=HEADQUARTERS,
    rights=(ReceivingRight.RECEIVE,),
    body=PurchaseBody,
    answers=PurchaseShape,
    status=201,
    creates=True,
    located="/hq/purchase-orders/{number}",
    summary=N_("Tell of a purchase order, or of how it has changed"),
    about=N_(
        "By your own number: the same number again replaces what was said. Lines of one SKU add up; what has"
        " come already stays counted, and its line cannot be left out."
    ),
)
def create(body: PurchaseBody) -> Answer:
    at, _ = now_and_today()
    told = Purchase(
        body.number,
        body.supplier,
        body.warehouse,
        body.expected_on,
        [(line.sku, line.quantity) for line in body.lines],
    )
    record_purchase(current_session(), actor=current_actor(), purchase=told, at=at)
    return Answer(_detail(purchase(current_session(), actor=current_actor(), number=body.number)), 201)


@operation(
    "GET",
    "/hq/purchase-orders",
    tag=HEADQUARTERS,
    rights=MAY_SEE,
    query=PurchaseQuery,
    answers=PurchasePage,
    summary=N_("Purchase orders, by the day they are expected on"),
    about=N_("`state=open` are those of which nothing has come."),
)
def index(query: PurchaseQuery) -> dict[str, Any]:
    page = purchases(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_summary(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/hq/purchase-orders/<number>",
    tag=HEADQUARTERS,
    rights=MAY_SEE,
    answers=PurchaseShape,
    summary=N_("A purchase order with what has come of it"),
    about=N_("Its goods receipts are named, the earliest first."),
)
def show(number: str) -> dict[str, Any]:
    return _detail(purchase(current_session(), actor=current_actor(), number=number))


@operation(
    "GET",
    "/hq/suppliers",
    tag=HEADQUARTERS,
    rights=MAY_SEE,
    answers=SupplierList,
    summary=N_("The suppliers"),
    about=N_("By code."),
)
def list_suppliers() -> dict[str, Any]:
    return {"items": [asdict(one) for one in suppliers(current_session(), actor=current_actor())]}


@operation(
    "PUT",
    "/hq/suppliers/<supplier>",
    tag=HEADQUARTERS,
    rights=(ReceivingRight.RECEIVE,),
    body=SupplierBody,
    answers=SupplierShape,
    summary=N_("Write a supplier down, or change it"),
    about=N_("Records of acceptance that were written before keep what they say."),
)
def put_supplier(supplier: str, body: SupplierBody) -> dict[str, Any]:
    facts = SupplierFacts(supplier, body.name, body.address, body.contact, body.licence_no)
    return asdict(write_supplier(current_session(), actor=current_actor(), supplier=facts))


def _summary(one: PurchaseRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "supplier": one.supplier_code,
        "warehouse": one.warehouse,
        "expected_on": one.expected_on,
        "ordered": one.ordered,
        "received": one.received,
    }


def _detail(found: PurchaseDetail) -> dict[str, Any]:
    one = found.order
    return {
        "number": one.number,
        "state": one.state,
        "supplier": one.supplier_code,
        "warehouse": one.warehouse,
        "expected_on": one.expected_on,
        "receipts": list(found.receipts),
        "lines": [
            {"sku": line.sku, "quantity": line.quantity, "received": line.received} for line in found.lines
        ],
    }
