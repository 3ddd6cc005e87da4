"""Puts the cast into an empty database, in the order of the foreign keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase

from portal.budgets.models import Activity, BudgetUse, RebateBudget
from portal.catalogue.models import Category, Product
from portal.catalogue.search_keys import search_keys
from portal.counting.models import StockCount, StockCountLine
from portal.dealers.models import (
    Dealer,
    DealerAccount,
    DealerAddress,
    DealerAuthorisation,
    DealerLicence,
    DealerRegion,
    DealerTier,
)
from portal.dunning.models import DunningRun
from portal.identity.credentials import hash_password, hash_secret
from portal.identity.models import ApiClient, UserAccount
from portal.kernel import clock
from portal.ledger.models import AccountingPeriod
from portal.maintenance.models import MaintenancePlan
from portal.nonconforming.models import NonconformingReport
from portal.planning.models import ReplenishmentAdvice
from portal.pricing.models import ListPrice, PricePolicy, PriceRule, TaxRate
from portal.promotions.models import Promotion
from portal.rebates.models import RebateProgramme, RebateSimulation
from portal.receiving.models import (
    AcceptanceRecord,
    GoodsReceipt,
    GoodsReceiptLine,
    PurchaseOrder,
    PurchaseOrderLine,
    Supplier,
)
from portal.regions.models import Region
from portal.rehearsals.models import Rehearsal
from portal.replenishment.models import SupplyRequest
from portal.settlements.models import RebateRun
from portal.shipping.models import PickWave
from portal.stock.models import Lot, LotStock, StockLevel, StockMovement, Warehouse, WarehouseService
from portal.transfers.models import StockTransfer, StockTransferLine
from portal.workdays.models import WorkYear
from tests import cast, roles

# Rows made during a test start here, far from everything the cast owns.
_FIRST_FREE_ID = 100_001


def enter(connection: Connection) -> None:
    """Insert everybody and everything; the connection belongs to the owner and sees every row."""
    _regions(connection)
    put_dealers(connection, cast.dealers)
    put_people(connection, cast.people)
    put_systems(connection, cast.systems)
    _categories(connection)
    put_products(connection, cast.products)
    _policies(connection)
    _rehearsals(connection)
    _promotions(connection)
    _rebates(connection)
    _warehouses(connection)
    put_lots(connection, cast.lots)
    _supply_requests(connection)
    _advice(connection)
    _work_in_the_warehouse(connection)
    _receipts(connection)
    _waves(connection)
    _what_is_in_transit(connection)
    put(connection, AccountingPeriod, [{"period": clock.period_of(cast.TODAY)}])
    _working_years(connection)
    _leave_room_for_ids(connection)


def _working_years(connection: Connection) -> None:
    """No test warns of holidays that nobody has announced by the day on which it runs."""
    years = range(cast.TODAY.year, cast.TODAY.year + 2)
    known = connection.execute(select(WorkYear.year)).scalars().all()
    put(connection, WorkYear, [{"year": year, "source": "-"} for year in years if year not in known])


def put(connection: Connection, model: type[DeclarativeBase], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of a table in one statement; no rows, no statement."""
    table: Table = model.__table__
    if rows := list(rows):
        connection.execute(insert(table), rows)


def _regions(connection: Connection) -> None:
    put(
        connection,
        Region,
        (
            {
                "id": r.id,
                "code": r.code,
                "name_zh": r.name_zh,
                "name_en": r.name_en,
                "level": 2 if r.parent else 1,
                "parent_id": r.parent.id if r.parent else None,
            }
            for r in cast.regions
        ),
    )


def put_dealers(connection: Connection, dealers: Sequence[roles.Dealer]) -> None:
    """Insert dealers with address, licences, authorisations and account; not their people."""
    put(
        connection,
        Dealer,
        (
            {
                "id": d.id,
                "code": d.code,
                "name_zh": d.name_zh,
                "name_en": d.name_en,
                "credit_code": d.credit_code,
                "city": d.city,
                "address": f"{d.city}示例路 {d.id} 号",
                "contact_name": "王敏",
                "contact_phone": "021-55550100",
                "payment_terms_days": d.payment_terms_days,
            }
            for d in dealers
        ),
    )
    put(
        connection,
        DealerAddress,
        (
            {
                "dealer_id": d.id,
                "id": 500 + d.id,
                "code": "main",
                "region_id": d.region.id,
                "city": d.city,
                "line": f"{d.city}示例路 {d.id} 号仓库",
                "contact_name": "李军",
                "contact_phone": "021-55550101",
                "is_default": True,
            }
            for d in dealers
        ),
    )
    known = {"valid_from": cast.FIRST_DAY, "assigned_by": "system"}
    put(connection, DealerTier, ({"dealer_id": d.id, "tier": d.tier, **known} for d in dealers))
    put(connection, DealerRegion, ({"dealer_id": d.id, "region_id": d.region.id, **known} for d in dealers))
    for dealer in dealers:
        put_licences(connection, dealer.id, dealer.licences)
        put_authorisations(connection, dealer.id, [r for r in (dealer.region, dealer.region.parent) if r])
    put(connection, DealerAccount, ({"dealer_id": d.id, "credit_limit": d.credit_limit} for d in dealers))


def put_licences(connection: Connection, dealer_id: int, licences: Iterable[roles.Licence]) -> None:
    """Insert licences of a dealer, for every category."""
    put(
        connection,
        DealerLicence,
        (
            {
                "dealer_id": dealer_id,
                "number": licence.number,
                "device_class": licence.device_class,
                "valid_from": licence.valid_from,
                "valid_to": licence.valid_to,
            }
            for licence in licences
        ),
    )


def put_authorisations(
    connection: Connection, dealer_id: int, regions: Iterable[roles.Region], *, valid_to: date | None = None
) -> None:
    """Insert the regions a dealer may sell in."""
    put(
        connection,
        DealerAuthorisation,
        (
            {
                "dealer_id": dealer_id,
                "region_id": region.id,
                "valid_from": date(2020, 1, 1),
                "valid_to": valid_to,
            }
            for region in regions
        ),
    )


def put_people(connection: Connection, people: Sequence[roles.Person]) -> None:
    """Insert persons who sign in with `cast.PASSWORD`."""
    password_hash = hash_password(cast.PASSWORD)
    put(
        connection,
        UserAccount,
        (
            {
                "id": p.id,
                "email": p.email,
                "password_hash": password_hash,
                "display_name": p.display_name,
                "locale": p.locale,
                "roles": list(map(str, p.roles)),
                "dealer_id": p.dealer_id,
                "region_ids": list(p.region_ids),
                "all_regions": p.regions is None,
            }
            for p in people
        ),
    )


def put_systems(connection: Connection, systems: Sequence[roles.System]) -> None:
    """Insert API clients with `cast.SECRET`."""
    secret_hash = hash_secret(cast.SECRET)
    put(
        connection,
        ApiClient,
        (
            {
                "id": s.id,
                "client_id": s.client_id,
                "secret_hash": secret_hash,
                "name": s.name,
                "scopes": list(map(str, s.scopes)),
                "dealer_id": s.dealer_id,
            }
            for s in systems
        ),
    )


def _promotions(connection: Connection) -> None:
    past = {
        "id": cast.past_promotion,
        "number": cast.past_promotion_number,
        "title_zh": "往年促销",
        "title_en": "Promotion of the past",
        "kind": "percent_off",
        "reward_percent": Decimal(5),
        "state": "published",
        "valid_from": cast.PRICES_SINCE,
        "valid_to": cast.PRICES_SINCE + timedelta(days=30),
        "priority": 1,
        "combinable": True,
        "proposed_by": f"user:{cast.east_manager.id}",
        "proposed_by_label": cast.east_manager.display_name,
        "published_at": cast.PRICES_SINCE,
    }
    put(connection, Promotion, [past])


def _rebates(connection: Connection) -> None:
    """A programme for the whole country, which nobody has submitted yet, and a pot that was refused."""
    draft = {
        "id": cast.rebate_programme,
        "number": cast.rebate_programme_number,
        "title_zh": "全国季度返利",
        "title_en": "Rebate of the quarter",
        "state": "draft",
        "valid_from": cast.TODAY.replace(month=1, day=1),
        "valid_to": cast.TODAY.replace(month=12, day=31),
        "period": "quarter",
        "priority": 1,
        "combinable": True,
        "terms": {
            "measure": "invoiced",
            "basis": "amount",
            "method": "all_units",
            "tiers_of": [{"start": "100000.00", "percent": "2"}],
        },
        "proposed_by": f"user:{cast.national_manager.id}",
        "proposed_by_label": cast.national_manager.display_name,
        "written_by": [f"user:{cast.national_manager.id}"],
    }
    put(connection, RebateProgramme, [draft])
    rejected = {
        "number": cast.rebate_run_number,
        "programme_id": cast.rebate_programme,
        "first_day": cast.FIRST_DAY,
        "last_day": cast.FIRST_DAY,
        "period": "2022-Q1",
        "kind": "final",
        "state": "rejected",
        "dealers": 1,
        "amount": Decimal(1),
        "proposed_by": f"user:{cast.hq_finance.id}",
        "proposed_by_label": cast.hq_finance.display_name,
        "proposed_at": cast.PRICES_SINCE,
        "decided_by": f"user:{cast.finance_colleague.id}",
        "decided_by_label": cast.finance_colleague.display_name,
        "decided_at": cast.PRICES_SINCE,
        "reason": "tried out",
    }
    put(connection, RebateRun, [rejected])
    discarded = {
        "id": 1,
        "number": cast.dunning_run_number,
        "day": cast.FIRST_DAY,
        "policy_version": 1,
        "state": "discarded",
        "proposed_by": "system",
        "proposed_by_label": "system",
        "proposed_at": cast.PRICES_SINCE,
        "decided_by": "user:2",
        "decided_by_label": "x",
        "decided_at": cast.PRICES_SINCE,
    }
    put(connection, DunningRun, [discarded])
    refused = {
        "id": cast.budget,
        "number": cast.budget_number,
        "title_zh": "往年市场费用",
        "title_en": "Marketing of years ago",
        "kind": "marketing",
        "state": "rejected",
        "first_day": cast.FIRST_DAY,
        "last_day": cast.FIRST_DAY,
        "created_at": cast.PRICES_SINCE,
    }
    put(connection, RebateBudget, [refused])
    days = (cast.TODAY.replace(year=cast.TODAY.year - 1, day=1), cast.TODAY.replace(month=1, day=1))
    past = {
        "id": cast.rebate_simulation,
        "programme_id": cast.rebate_programme,
        "revision": 1,
        "terms": {},
        "first_day": min(days),
        "last_day": max(days),
        "state": "done",
        "asked_by": f"user:{cast.national_manager.id}",
        "asked_by_label": cast.national_manager.display_name,
        "asked_at": cast.PRICES_SINCE,
        "finished_at": cast.PRICES_SINCE,
    }
    put(connection, RebateSimulation, [past])
    _activities(connection)


def _activities(connection: Connection) -> None:
    """An approved activity of every dealer, on which nothing is claimed yet."""
    approved = Decimal("9000000.00")
    pot = {
        "id": cast.open_budget,
        "number": cast.open_budget_number,
        "title_zh": "专项费用",
        "title_en": "Special expenses",
        "kind": "price_protection",
        "state": "open",
        "first_day": cast.FIRST_DAY,
        "last_day": cast.TODAY.replace(month=12, day=31),
        "amount": approved * len(cast.dealers),
        "reserved": approved * len(cast.dealers),
        "created_at": cast.PRICES_SINCE,
    }
    put(connection, RebateBudget, [pot])
    rows = [
        {
            "dealer_id": dealer.id,
            "id": place,
            "number": cast.activity_number,
            "kind": "marketing",
            "state": "approved",
            "title": "科室会",
            "place": "医院",
            "first_day": cast.FIRST_DAY,
            "last_day": cast.TODAY,
            "planned": approved,
            "approved": approved,
            "budget_id": cast.open_budget,
            "asked_by": dealer.buyer.actor().key,
            "asked_by_label": dealer.buyer.display_name,
            "asked_at": cast.PRICES_SINCE,
            "submitted_at": cast.PRICES_SINCE,
            "decided_by": f"user:{cast.national_manager.id}",
            "decided_by_label": cast.national_manager.display_name,
            "decided_at": cast.PRICES_SINCE,
        }
        for place, dealer in enumerate(cast.dealers, start=1)
    ]
    put(connection, Activity, rows)
    held = {"document": cast.activity_number, "budget_id": cast.open_budget, "amount": approved}
    uses = [
        held | {"dealer_id": row["dealer_id"], "state": "reserved", "changed_at": cast.PRICES_SINCE}
        for row in rows
    ]
    put(connection, BudgetUse, uses)


def _rehearsals(connection: Connection) -> None:
    nothing = {
        "order_lines": 0,
        "revenue_then": "0.00",
        "revenue_under_draft": "0.00",
        "floor_hits": 0,
        "dealers": [],
        "regions": [],
        "tiers": [],
        "products": [],
        "distribution": [0] * 12,
    }
    past = {
        "id": 1,
        "policy_id": cast.policy_in_force,
        "revision": 1,
        "months": 12,
        "state": "done",
        "asked_by": f"user:{cast.national_manager.id}",
        "asked_by_label": cast.national_manager.display_name,
        "asked_at": cast.PRICES_SINCE,
        "finished_at": cast.PRICES_SINCE,
        "result": nothing,
    }
    put(connection, Rehearsal, [past])


def _supply_requests(connection: Connection) -> None:
    past = {
        "number": cast.supply_request_number,
        "warehouse_id": cast.shanghai_warehouse.id,
        "product_id": cast.gloves.id,
        "requested": 40,
        "quantity": 40,
        "state": "received",
        "reference": "PO-4711",
        "requested_at": cast.PRICES_SINCE,
        "changed_at": cast.PRICES_SINCE,
    }
    put(connection, SupplyRequest, [past])


def _advice(connection: Connection) -> None:
    past = {
        "warehouse_id": cast.shanghai_warehouse.id,
        "product_id": cast.gloves.id,
        "advised_on": cast.FIRST_DAY,
        "advised_at": cast.PRICES_SINCE,
        "method": "new",
        "weeks": [3, 0, 9],
        "weekly": Decimal(4),
        "spread": Decimal(4),
        "trend": Decimal(1),
        "lead_days": 30,
        "review_days": 7,
        "service_level": Decimal("0.95"),
        "on_hand": 10,
        "reserved": 0,
        "free": 10,
        "coming": 0,
        "waiting": 0,
        "safety_stock": 16,
        "reorder_point": 34,
        "order_up_to": 38,
        "quantity": 30,
        "surplus": 0,
        "cover_days": 17,
    }
    put(connection, ReplenishmentAdvice, [past])


def _work_in_the_warehouse(connection: Connection) -> None:
    here, there = cast.shanghai_warehouse.id, cast.guangzhou_warehouse.id
    lot, at = {"product_id": cast.gloves.id, "lot_id": cast.gloves_lot.id}, cast.PRICES_SINCE
    desk = {"by": cast.order_desk.actor().key, "by_label": cast.order_desk.display_name, "at": at}
    quality = {"by": cast.quality.actor().key, "by_label": cast.quality.display_name, "at": at}

    def done(act: str, who: dict[str, Any]) -> dict[str, Any]:
        return {f"{act}_{what}": said for what, said in who.items()}

    transfer = {"id": 1, "number": cast.transfer_number, "state": "cancelled", **done("made", desk)}
    put(connection, StockTransfer, [{**transfer, "from_warehouse_id": here, "to_warehouse_id": there}])
    line = {"transfer_id": 1, "line_no": 1, "quantity": 2, "serials": [], **lot}
    put(connection, StockTransferLine, [line])
    count = {"id": 1, "number": cast.stock_count_number, "state": "cancelled", "warehouse_id": here}
    opened = {"scope": {"everything": True}, **done("opened", desk), **done("decided", desk)}
    put(connection, StockCount, [{**count, **opened}])
    counted = {"count_id": 1, "standing": "saleable", "warehouse_id": here, "is_open": False, **lot}
    nothing: dict[str, list[str]] = {"serials": [], "missing": [], "surplus": []}
    put(connection, StockCountLine, [{**counted, "expected_start": 500, **nothing}])
    report = {"number": cast.nonconforming_number, "warehouse_id": here, "quantity": 1, "serials": [], **lot}
    why = {"source": "by_hand", "reason": "the box is wet", "decision_note": "only the outer box"}
    people = {**done("reported", desk), **done("decided", quality)}
    put(connection, NonconformingReport, [{**report, **why, **people, "state": "released"}])


def _receipts(connection: Connection) -> None:
    """A receipt of long ago, of a purchase order that is done."""
    at, warehouse = cast.PRICES_SINCE, cast.shanghai_warehouse.id
    put(connection, Supplier, [{"id": 1, "code": cast.supplier_code, "name": "上海示例医疗器械厂"}])
    order = {
        "id": 1,
        "number": cast.purchase_order_number,
        "supplier_id": 1,
        "warehouse_id": warehouse,
        "expected_on": cast.FIRST_DAY,
        "state": "received",
        "changed_at": at,
    }
    put(connection, PurchaseOrder, [order])
    ordered = {"purchase_order_id": 1, "product_id": cast.gloves.id, "quantity": 500, "received": 500}
    put(connection, PurchaseOrderLine, [ordered])
    receipt = {
        "id": 1,
        "number": cast.goods_receipt_number,
        "warehouse_id": warehouse,
        "supplier_id": 1,
        "purchase_order_id": 1,
        "state": "accepted",
        "received_at": at,
        "received_by": cast.order_desk.actor().key,
        "received_by_label": cast.order_desk.display_name,
    }
    put(connection, GoodsReceipt, [receipt])
    line = {
        "receipt_id": 1,
        "line_no": 1,
        "product_id": cast.gloves.id,
        "lot_id": cast.gloves_lot.id,
        "quantity": 500,
        "inspecting": 0,
        "accepted": 500,
    }
    put(connection, GoodsReceiptLine, [line])
    record = {
        "at": at,
        "actor": cast.quality.actor().key,
        "actor_label": cast.quality.display_name,
        "receipt_id": 1,
        "line_no": 1,
        "product_id": cast.gloves.id,
        "sku": cast.gloves.sku,
        "udi_di": cast.gloves.udi_di,
        "name_zh": cast.gloves.name_zh,
        "name_en": cast.gloves.name_en,
        "specification": cast.gloves.specification,
        "unit": cast.gloves.unit,
        "lot_no": cast.gloves_lot.lot_no,
        "serials": [],
        "arrived": 500,
        "accepted": 500,
        "refused": 0,
        "refused_serials": [],
        "supplier": "上海示例医疗器械厂",
        **dict.fromkeys(("registrant", "contract_maker", "contract_maker_licence", "registration_no"), ""),
        **dict.fromkeys(("fault", "supplier_address", "supplier_contact", "supplier_licence"), ""),
    }
    put(connection, AcceptanceRecord, [record])


def _waves(connection: Connection) -> None:
    past = {
        "number": cast.wave_number,
        "warehouse_id": cast.shanghai_warehouse.id,
        "made_at": cast.PRICES_SINCE,
        "made_by": cast.order_desk.actor().key,
        "made_by_label": cast.order_desk.actor().label,
    }
    put(connection, PickWave, [past])
    plan = {
        "id": cast.maintenance_plan,
        "code": "PM-PAST",
        "name_zh": "已停用的计划",
        "name_en": "A plan of the past",
        "category_code": "T01",
        "every_months": 12,
        "counts_from": "done",
        "items": [],
        "parts": [],
        "is_active": False,
        "edited_at": cast.NOW,
        "edited_by_label": "x",
    }
    put(connection, MaintenancePlan, [plan])


def _categories(connection: Connection) -> None:
    put(
        connection,
        Category,
        (
            {"code": code, "name_zh": zh, "name_en": en, "parent_code": code[:-2] or None}
            for code, (zh, en) in cast.categories.items()
        ),
    )


def put_products(connection: Connection, products: Sequence[roles.Product]) -> None:
    """Insert products with their list prices."""
    put(connection, Product, (_product_row(product) for product in products))
    put(
        connection,
        ListPrice,
        (
            {"product_id": p.id, "valid_from": cast.PRICES_SINCE, "unit_price": p.price}
            for p in products
            if p.price is not None
        ),
    )


def _product_row(product: roles.Product) -> dict[str, Any]:
    found_by = [product.sku, product.name_zh, product.name_en, product.udi_di, product.specification]
    return {
        "id": product.id,
        "sku": product.sku,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "specification": product.specification,
        "udi_di": product.udi_di,
        "maker": "Beispiel Medizintechnik GmbH" if product.implantable else "示例医疗器械有限公司",
        "maker_country": "DE" if product.implantable else "CN",
        "origin": "imported" if product.implantable else "domestic",
        "device_class": product.device_class,
        "category_code": product.category_code,
        "unit": product.unit,
        "pack_multiple": product.pack_multiple,
        "registration_no": f"国械注准2020{product.device_class}14{product.id:04d}",
        "registration_from": date(2020, 1, 1),
        "registration_to": product.registration_to,
        "lot_controlled": product.lot_controlled,
        "serial_controlled": product.serial_controlled,
        "expiry_controlled": product.expiry_controlled,
        "implantable": product.implantable,
        "sterile": product.expiry_controlled,
        "storage_zh": "常温干燥",
        "storage_en": "Room temperature, dry",
        "state": product.state,
        "pinyin": product.name_en.casefold(),
        **search_keys(found_by, generic_name=product.name_zh)._asdict(),
    }


def approve(connection: Connection, policy_id: int) -> None:
    """What the national manager wrote, another person has approved: the version waits to be published."""
    author, approver = cast.national_manager, cast.national_colleague
    connection.execute(
        update(PricePolicy.__table__)
        .where(PricePolicy.id == policy_id)
        .values(
            state="approved",
            submitted_by=f"user:{author.id}",
            submitted_by_label=author.display_name,
            submitted_at=cast.PRICES_SINCE,
            approved_by=f"user:{approver.id}",
            approved_by_label=approver.display_name,
            approved_at=cast.PRICES_SINCE,
        )
    )


def _policies(connection: Connection) -> None:
    put(
        connection,
        TaxRate,
        [{"category": "standard", "valid_from": date(2019, 4, 1), "rate": Decimal("0.13")}],
    )
    author = cast.national_manager.id
    for key, version, title in (
        (cast.policy_in_force, 1, "分级价格"),
        (cast.policy_draft, 2, "分级价格（下一版）"),
    ):
        put(
            connection,
            PricePolicy,
            [
                {
                    "id": key,
                    "number": cast.policy_number,
                    "version": version,
                    "title_zh": title,
                    "title_en": "Prices by tier",
                    "valid_from": cast.PRICES_SINCE,
                    "created_by": author,
                    "created_by_label": cast.national_manager.display_name,
                    "written_by": [f"user:{author}"],
                }
            ],
        )
        put(
            connection,
            PriceRule,
            (
                {
                    "policy_id": key,
                    "tier": tier,
                    "kind": "percent_off",
                    "min_quantities": [1],
                    "values": [percent + version - 1],
                }
                for tier, percent in cast.PERCENT_OFF.items()
            ),
        )
    approve(connection, cast.policy_in_force)
    connection.execute(
        update(PricePolicy.__table__)
        .where(PricePolicy.id == cast.policy_in_force)
        .values(
            state="published",
            published_by=author,
            published_at=cast.PRICES_SINCE,
        )
    )


def _warehouses(connection: Connection) -> None:
    put(
        connection,
        Warehouse,
        (
            {
                "id": w.id,
                "code": w.code,
                "name_zh": w.name_zh,
                "name_en": w.name_en,
                "region_id": w.region.id,
                "city": w.city,
                "address": f"{w.city}仓储路 1 号",
            }
            for w in cast.warehouses
        ),
    )
    put(
        connection,
        WarehouseService,
        (
            {"region_id": region.id, "warehouse_id": w.id, "rank": rank}
            for w in cast.warehouses
            for region, rank in w.serves.items()
        ),
    )


def put_lots(connection: Connection, lots: Sequence[roles.Lot], *, at: datetime = cast.PRICES_SINCE) -> None:
    """Insert lots where they lie since a moment; levels and movements follow from them."""
    put(
        connection,
        Lot,
        (
            {"id": lot.id, "product_id": lot.product.id, "lot_no": lot.lot_no, "expires_on": lot.expires_on}
            for lot in lots
        ),
    )
    stocked = [(warehouse, lot, units) for lot in lots for warehouse, units in lot.units.items()]
    put(
        connection,
        LotStock,
        (
            {
                "warehouse_id": w.id,
                "lot_id": lot.id,
                "product_id": lot.product.id,
                "on_hand": 0 if lot.state == "expired" else units,
                "quarantined": units if lot.state == "expired" else 0,
                "state": lot.state,
            }
            for w, lot, units in stocked
        ),
    )
    _movements(connection, stocked, at)
    _levels(connection, stocked)


Stocked = list[tuple[roles.Warehouse, roles.Lot, int]]
_OF_RECEIPT = (cast.shanghai_warehouse, cast.gloves_lot)  # what the one receipt that is written down brought


def _movements(connection: Connection, stocked: Stocked, at: datetime) -> None:
    """Every unit was received; those of an expired lot then left the level."""
    rows = []
    for warehouse, lot, units in stocked:
        row = {
            "warehouse_id": warehouse.id,
            "product_id": lot.product.id,
            "lot_id": lot.id,
            "at": at,
            "document": "GR-CAST" if (warehouse, lot) != _OF_RECEIPT else cast.goods_receipt_number,
            "actor": "system",
        }
        rows.append(row | {"kind": "receipt", "on_hand_delta": units, "quarantined_delta": 0})
        if lot.state == "expired":
            rows.append(row | {"kind": "expiry", "on_hand_delta": -units, "quarantined_delta": units})
    put(connection, StockMovement, rows)


def _levels(connection: Connection, stocked: Stocked) -> None:
    """Add the saleable units to the levels of their warehouse and product."""
    statement = postgresql.insert(StockLevel.__table__)
    statement = statement.on_conflict_do_update(
        index_elements=["warehouse_id", "product_id"],
        set_={"on_hand": StockLevel.__table__.c.on_hand + statement.excluded.on_hand},
    )
    for warehouse, lot, units in stocked:
        saleable = units if lot.state == "saleable" else 0
        connection.execute(
            statement, {"warehouse_id": warehouse.id, "product_id": lot.product.id, "on_hand": saleable}
        )


def _what_is_in_transit(connection: Connection) -> None:
    """What is sold out has a level of zero and a day of arrival."""
    put(
        connection,
        StockLevel,
        [
            {
                "warehouse_id": cast.shanghai_warehouse.id,
                "product_id": cast.sold_out_scale.id,
                "on_hand": 0,
                "in_transit": 200,
                "next_arrival": cast.TODAY + timedelta(days=14),
            }
        ],
    )


_IDENTITIES = text(
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'"
)


def _leave_room_for_ids(connection: Connection) -> None:
    for table in connection.execute(_IDENTITIES).scalars().all():
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN id RESTART WITH {_FIRST_FREE_ID}')
