"""The dealer's own stock by lot, and its reports of stock and sell-out."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from portal.blueprints.api.schemas.own_stock import (
    InventoryReportBody,
    InventoryReportPage,
    InventoryReportShape,
    OwnStockPage,
    OwnStockQuery,
    SuggestionList,
)
from portal.catalogue.manifest import CHAPTER
from portal.dealerstock import queries, reports
from portal.dealerstock.queries import OwnLot, Show, StockFilter
from portal.dealerstock.reorder import to_order_again
from portal.dealerstock.report_stock import report_stock
from portal.dealerstock.rules import SAID, Finding, LineKind, Reported, Source
from portal.dealerstock.vocabulary import DealerStockRight
from portal.kernel.errors import N_
from portal.stock.vocabulary import StockRight
from portal.web.api.buyer import now_and_today
from portal.web.api.fields import PageQuery
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/own-stock",
    tag=CHAPTER,
    rights=(StockRight.READ,),
    query=OwnStockQuery,
    answers=OwnStockPage,
    summary=N_("What the dealer holds by lot and expiry"),
    about=N_("Received, less what came back and was reported sold, from the latest count on."),
)
def index(query: OwnStockQuery) -> dict[str, Any]:
    _, today = now_and_today()
    within = None if query.short_dated_within is None else int(query.short_dated_within)
    page = queries.own_stock(
        current_session(),
        actor=current_actor(),
        wanted=StockFilter(query.q.strip(), Show.HELD, within),
        short_days=portal().settings.short_dated_days,
        today=today,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_lot(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/replenishment",
    tag=CHAPTER,
    rights=(StockRight.READ,),
    answers=SuggestionList,
    summary=N_("What the dealer should order again"),
    about=N_(
        "From the sell-out it reported and the stock it holds, by the rules that our warehouses are advised "
        "by. What sells most stands first."
    ),
)
def to_reorder() -> dict[str, Any]:
    _, today = now_and_today()
    suggestions = to_order_again(
        current_session(),
        actor=current_actor(),
        lead_days=portal().settings.replenishment_days,
        today=today,
    )
    items = [
        {
            "sku": one.sku,
            "weeks": one.weeks,
            "weekly": str(one.a_week),
            "held": one.held,
            "coming": one.coming,
            "safety_stock": one.safety_stock,
            "order_up_to": one.order_up_to,
            "quantity": one.quantity,
        }
        for one in suggestions
    ]
    return {"items": items}


@operation(
    "GET",
    "/inventory-reports",
    tag=CHAPTER,
    rights=(StockRight.READ,),
    query=PageQuery,
    answers=InventoryReportPage,
    summary=N_("Reports of stock and sell-out, the latest first"),
    about=N_("Without their lines."),
)
def report_list(query: PageQuery) -> dict[str, Any]:
    page = reports.inventory_reports(
        current_session(), actor=current_actor(), limit=query.limit, cursor=query.cursor
    )
    items = [
        {
            "number": one.number,
            "as_of": one.as_of,
            "source": one.source,
            "reported_at": one.reported_at,
            "reported_by": one.reported_by_label,
            "lines": one.lines,
            "doubtful": one.doubtful,
        }
        for one in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/inventory-reports/<number>",
    tag=CHAPTER,
    rights=(StockRight.READ,),
    answers=InventoryReportShape,
    summary=N_("One report of stock and sell-out"),
    about=N_("With its lines and what was said of each."),
)
def show(number: str) -> dict[str, Any]:
    return _report(number)


@operation(
    "POST",
    "/inventory-reports",
    tag=CHAPTER,
    rights=(DealerStockRight.REPORT,),
    body=InventoryReportBody,
    answers=InventoryReportShape,
    status=201,
    creates=True,
    located="/inventory-reports/{number}",
    summary=N_("Report own stock and sell-out by lot"),
    about=N_(
        "A count sets the book of its lot to what was found at the end of its day, a sale takes its units "
        "out. Every line is kept; what cannot be true is told as its finding."
    ),
)
def create(body: InventoryReportBody) -> dict[str, Any]:
    at, today = now_and_today()
    lines = [
        Reported(
            line.sku,
            line.lot,
            line.quantity,
            LineKind(line.kind),
            line.day or body.as_of,
            line.customer.strip(),
            f"/lines/{place}",
        )
        for place, line in enumerate(body.lines)
    ]
    taken = report_stock(
        current_session(),
        actor=current_actor(),
        lines=lines,
        as_of=body.as_of,
        source=Source.API,
        today=today,
        at=at,
    )
    return _report(taken.number)


def _report(number: str) -> dict[str, Any]:
    found = reports.inventory_report(current_session(), actor=current_actor(), number=number)
    return {
        "number": found.head.number,
        "as_of": found.head.as_of,
        "source": found.head.source,
        "reported_at": found.head.reported_at,
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: reports.ReportLine) -> dict[str, Any]:
    message, fix = SAID.get(Finding(line.finding), ("", ""))
    return {
        "line": line.line_no,
        "sku": line.sku,
        "lot": line.lot,
        "quantity": line.quantity,
        "kind": line.kind,
        "day": line.day,
        "customer": line.customer,
        "finding": line.finding,
        "message": gettext(message) if message else "",
        "fix": gettext(fix) if fix else "",
    }


def _lot(one: OwnLot) -> dict[str, Any]:
    return {
        "sku": one.sku,
        "lot": one.lot,
        "expires_on": one.expires_on,
        "shelf": one.shelf,
        "bought": one.bought,
        "held": one.held,
        "on_the_way": one.on_the_way,
        "sold": one.sold,
        "counted_on": one.counted_on,
    }
