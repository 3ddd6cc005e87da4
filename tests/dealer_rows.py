"""One row in every table that a dealer can own rows in, for the proofs of isolation.

A new table with `dealer_id` needs a row here: the proofs compare this list with the database.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text, update
from sqlalchemy.orm import DeclarativeBase

from portal.audit.models import AuditEvent
from portal.bank.models import BankAccount, BankBooking, BankMatch
from portal.budgets.models import Activity, BudgetUse
from portal.claims.models import RebateClaim, RebateClaimInvoice, RebateClaimLine, RebateClaimStep
from portal.coldchain.models import ColdLog, ColdRecord
from portal.complaints.models import (
    AdverseEvent,
    AdversePaper,
    AdverseReport,
    AdverseSubmission,
    AdverseWarning,
    Complaint,
    ComplaintAnalysis,
    ComplaintEntry,
)
from portal.credit.models import CreditChange
from portal.dealers.models import DealerStop, DealerTierChange
from portal.dealerstock.models import InventoryReport, InventoryReportLine
from portal.deliveries.models import (
    DeliveryCase,
    DeliveryCaseLine,
    DeliveryLink,
    DeliveryProof,
    DeliveryProofLine,
)
from portal.devices.models import Device, DeviceEvent, DevicePart, InstallationReport, ServiceContract
from portal.disputes.models import Dispute, DisputeEntry, DisputeLine
from portal.dunning.models import DunningItem, DunningLetter, DunningLetterPdf, DunningReached
from portal.epcis.models import EpcisCapture, EpcisCapturePart, EpcisEvent
from portal.feed.models import FeedAcknowledgement, FeedAddress, FeedEntry, FeedLetter, FeedReading
from portal.files.models import FileUpload, StoredFile
from portal.identity.models import ActingConsent, CustomRole, Delegation, Invitation
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.idempotency import IdempotencyKey
from portal.kernel.outbox import Outbox
from portal.knowledge.models import KnowledgeArticle, KnowledgeVote
from portal.ledger.models import (
    AccountDocument,
    AccountSnapshot,
    AdjustmentNote,
    AdjustmentNoteLine,
    Allocation,
    CorrectionRequest,
    Invoice,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    Payment,
    RebateNote,
    RebateNoteLine,
    ServiceInvoice,
    ServiceInvoiceLine,
)
from portal.maintenance.models import Maintenance
from portal.orders.models import (
    CartLine,
    OrderLine,
    OrderLineSource,
    OrderTerm,
    ReleaseProposal,
    SalesOrder,
)
from portal.own_ledgers.models import (
    OwnLedger,
    OwnLedgerDifference,
    OwnLedgerLayout,
    OwnLedgerRemark,
    OwnLedgerSignature,
)
from portal.papers.models import Authorisation, DealerPaper, PaperReminder
from portal.payments.models import OnlineDispute, OnlinePayment, OnlinePosting, ReceiptPdf
from portal.pricing.models import PricePolicy, PriceRule
from portal.promotions.models import Promotion, PromotionDealer, PromotionUse
from portal.providers.models import IdentityProvider, ProviderAccount, ProviderDomain
from portal.purchasing.models import (
    OrderDraft,
    OrderDraftLine,
    OrderLimit,
    OrderTemplate,
    OrderTemplateLine,
    RecurringOrder,
    RecurringRun,
)
from portal.rebates.models import (
    RebateAccrual,
    RebateAccrualLine,
    RebateFact,
    RebateReckoning,
    RebateSimulationDealer,
)
from portal.recalls.models import Recall, RecallResponse
from portal.repairs.models import (
    Repair,
    RepairPart,
    RepairPartUsed,
    RepairQuote,
    RepairQuoteLine,
    RepairReport,
    RepairVisit,
)
from portal.returns.models import ReturnFinding, ReturnGift, ReturnLine, ReturnRequest
from portal.sellout.models import SellOutLine, SellOutReport
from portal.service.models import ServiceEntry, ServiceEscalation, ServiceRequest
from portal.settlements.models import RebateBalanceEntry, RebateLiability, RebateNotePdf, RebateSettlement
from portal.shipping.models import (
    DeliveryNotePrint,
    OutboundReview,
    Package,
    PackageLine,
    Shipment,
    ShipmentLine,
)
from portal.statements.models import (
    CloseTask,
    ConfirmationClause,
    InvoicePdf,
    Statement,
    StatementAnswer,
    StatementCorrection,
    StatementPdf,
)
from portal.stock.models import SerialUnit, StockMovement
from portal.tax_invoices.models import RedForm, TaxInvoice
from portal.tracking.models import ParcelStanding, TrackingEvent
from portal.webhooks.models import WebhookSubscription
from tests import cast, stage
from tests.roles import Dealer, Product

PICKING = 500_000
"""What is added to a dealer's key for the parcel that is being picked."""

Row = tuple[type[DeclarativeBase], dict[str, Any]]

GROSS, TAX = Decimal("113.00"), Decimal("13.00")
PERIOD = clock.period_of(cast.TODAY)


def insert_dealer_rows(connection: Connection, *dealers: Dealer) -> None:
    """Give each dealer a row in every table; the connection belongs to the owner."""
    for dealer in dealers:
        _a_snapshot(connection, dealer)
        _goods_held(connection, dealer)
        for model, row in [
            *_order_rows(dealer),
            *_promotion_rows(dealer),
            *_rebate_rows(dealer),
            *_budget_rows(dealer),
            *_paper_rows(dealer),
            *_recall_rows(dealer),
            *_claim_rows(dealer),
            *_shipment_rows(dealer),
            *_return_rows(dealer),
            *_delivery_rows(dealer),
            *_way_rows(dealer),
            *_device_rows(dealer),
            *_own_stock_rows(dealer),
            *_sell_out_rows(dealer),
            *_ledger_rows(dealer),
            *_bank_rows(dealer),
            *_statement_rows(dealer),
            *_own_ledger_rows(dealer),
            *_epcis_rows(dealer),
            *_tax_invoice_rows(dealer),
            *_credit_rows(dealer),
            *_online_rows(dealer),
            *_event_rows(dealer),
            *_feed_rows(dealer),
            *_purchasing_rows(dealer),
            *_service_rows(dealer),
            *_complaint_rows(dealer),
            *_repair_rows(dealer),
            (WebhookSubscription, _webhook(dealer)),
            (Invitation, _invitation(dealer)),
            *_provider_rows(dealer),
            (Delegation, _delegation(dealer)),
            (CustomRole, _custom_role(dealer)),
            (DealerTierChange, _tier_change(dealer)),
            (ActingConsent, _consent(dealer)),
        ]:
            stage.put(connection, model, [row])
    connection.execute(update(DunningLetter).values(state="sent", sent_at=cast.NOW))
    published = {
        "state": "published",
        "published_at": cast.PRICES_SINCE,
        "published_by": cast.national_manager.id,
    }
    connection.execute(
        update(PricePolicy).where(PricePolicy.number.startswith("CONTRACT-")).values(published)
    )


def _a_snapshot(connection: Connection, dealer: Dealer) -> None:
    """Of a month that is open, as nobody else can take one."""
    row = {
        "dealer_id": dealer.id,
        "period": PERIOD,
        "closing": GROSS,
        "open_entries": [key_of(dealer)],
        "open_due": [cast.TODAY],
        "open_amounts": [GROSS],
        "accounts": ["receivable"],
        "debits": [GROSS],
        "credits": [0],
        "taken_at": cast.NOW,
    }
    for able in ("DISABLE", "ENABLE"):
        if able == "ENABLE":
            stage.put(connection, AccountSnapshot, [row])
        connection.execute(text(f"ALTER TABLE account_snapshot {able} TRIGGER account_snapshot_final"))


def _webhook(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": dealer.id,
        "dealer_id": dealer.id,
        "number": f"WH-{dealer.code}",
        "name": "ERP",
        "url": "https://erp.example/hook",
        "events": ["order.placed"],
        "secret": "sealed",
        "created_by": f"user:{dealer.boss.id}",
        "created_by_label": dealer.boss.display_name,
    }


def _provider_rows(dealer: Dealer) -> list[tuple[type[DeclarativeBase], dict[str, Any]]]:
    provider = {
        "id": key_of(dealer),
        "handle": f"ip-{dealer.code}",
        "dealer_id": dealer.id,
        "name": "Company",
        "issuer": "https://login.example",
        "client_id": "tonglu",
        "secret_sealed": "",
        "created_at": cast.NOW,
        "created_by_label": dealer.boss.display_name,
    }
    of_it = {"provider_id": provider["id"], "dealer_id": dealer.id}
    linked = {"subject": "boss", "user_id": dealer.boss.id, "linked_at": cast.NOW}
    return [
        (IdentityProvider, provider),
        (ProviderDomain, of_it | {"domain": f"{dealer.code}.example"}),
        (ProviderAccount, of_it | linked),
    ]


def _invitation(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": key_of(dealer),
        "token_hash": f"hash {dealer.code}",
        "nonce": f"nonce {dealer.code}",
        "dealer_id": dealer.id,
        "email": f"invited@{dealer.code}.example",
        "display_name": "Invited",
        "locale": "zh",
        "roles": ["dealer_buyer"],
        "invited_by": dealer.boss.actor().key,
        "invited_by_label": dealer.boss.display_name,
        "created_at": cast.NOW,
        "sent_at": cast.NOW,
        "expires_at": cast.NOW + timedelta(days=3),
    }


def _delegation(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": key_of(dealer),
        "dealer_id": dealer.id,
        "giver_id": dealer.boss.id,
        "giver_label": dealer.boss.display_name,
        "taker_id": dealer.buyer.id,
        "taker_label": dealer.buyer.display_name,
        "roles": ["dealer_owner"],
        "first_day": cast.TODAY + timedelta(days=300),
        "last_day": cast.TODAY + timedelta(days=301),
        "reason": "Away",
        "created_at": cast.NOW,
    }


def _custom_role(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": key_of(dealer),
        "dealer_id": dealer.id,
        "code": f"own-{key_of(dealer):012}",
        "name": "Orders alone",
        "rights": ["orders:read"],
        "created_at": cast.NOW,
        "created_by_label": dealer.boss.display_name,
    }


def _tier_change(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": key_of(dealer),
        "dealer_id": dealer.id,
        "number": f"TJ-{dealer.code}",
        "tier": "C",
        "valid_from": cast.TODAY,
        "reason": "Year",
        "state": "rejected",
        "proposed_by": "user:5",
        "proposed_by_label": "Manager",
        "proposed_at": cast.NOW,
        "decided_by": "user:14",
        "decided_by_label": "Colleague",
        "decided_at": cast.NOW,
        "decision_note": "No",
    }


def _consent(dealer: Dealer) -> dict[str, Any]:
    return {
        "id": key_of(dealer),
        "dealer_id": dealer.id,
        "staff_mail": "nobody@hq.example",
        "roles": ["dealer_buyer"],
        "valid_from": cast.NOW,
        "valid_to": cast.NOW + timedelta(days=1),
        "reason": "Orders",
        "given_by": dealer.boss.id,
        "given_by_label": dealer.boss.display_name,
        "created_at": cast.NOW,
    }


def key_of(dealer: Dealer) -> int:
    """Id of each of the dealer's rows made here."""
    return dealer.id * 1000


def order_number(dealer: Dealer) -> str:
    """Number of the dealer's order."""
    return f"SO-{dealer.code}"


def _order_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key, product = key_of(dealer), cast.gloves.id
    order = mine | {
        "id": key,
        "number": order_number(dealer),
        "status": "received",
        "channel": "portal",
        "tier": dealer.tier,
        "region_id": dealer.region.id,
        "warehouse_id": cast.shanghai_warehouse.id,
        "ship_to": {},
        "names": {},
        "currency": "CNY",
        "total": GROSS,
        "tax": TAX,
        "placed_at": cast.NOW,
        "placed_by": dealer.buyer.actor().key,
        "placed_by_label": dealer.buyer.display_name,
        "received_at": cast.NOW,
    }
    line = mine | {
        "order_id": key,
        "line_no": 1,
        "product_id": product,
        **_product_snapshot(cast.gloves),
        "quantity": 1,
        "reserved": 0,
        "shipped": 1,
        "list_price": GROSS,
        "unit_price": GROSS,
        "tax_rate": Decimal("0.13"),
        "amount": GROSS,
        "tax": TAX,
        "receipt": [],
    }
    policy = {
        "id": key,
        "number": f"CONTRACT-{dealer.code}",
        "kind": "contract",
        "dealer_id": dealer.id,
        "version": 1,
        "title_zh": "合同价",
        "title_en": "Contract",
        "valid_from": cast.PRICES_SINCE,
    }
    rule = mine | {
        "policy_id": key,
        "product_id": product,
        "kind": "net",
        "min_quantities": [1],
        "values": [GROSS],
    }
    elsewhere = mine | {
        "order_id": key,
        "line_no": 1,
        "warehouse_id": cast.guangzhou_warehouse.id,
        "reserved": 0,
    }
    proposal = {
        "holds": ["credit"],
        "amount": GROSS,
        "reason": dealer.code,
        "proposed_by": "user:1",
        "proposed_by_label": "x",
        "proposed_at": cast.NOW,
    }
    return [
        (CartLine, mine | {"user_id": dealer.buyer.id, "product_id": product, "quantity": 1}),
        (SalesOrder, order),
        (OrderLine, line),
        (OrderLineSource, elsewhere),
        (OrderTerm, mine | {"id": key, "min_amount": Decimal("0.01"), "valid_from": cast.FIRST_DAY}),
        (ReleaseProposal, mine | {"order_id": key, **proposal}),
        (PricePolicy, policy),
        (PriceRule, rule),
    ]


def _promotion_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    promotion = {
        "id": key,
        "number": f"CX-{dealer.code}",
        "title_zh": "促销",
        "title_en": "Promotion",
        "kind": "percent_off",
        "reward_percent": Decimal(5),
        "state": "published",
        "valid_from": cast.PRICES_SINCE,
        "valid_to": cast.PRICES_SINCE + timedelta(days=30),
        "dealer_ids": [dealer.id],
        "priority": 1,
        "combinable": True,
        "proposed_by": "user:1",
        "proposed_by_label": "x",
        "published_at": cast.PRICES_SINCE,
    }
    use = mine | {
        "order_id": key,
        "line_no": 1,
        "promotion_id": key,
        "at": cast.NOW,
        "quantity": 1,
        "amount": TAX,
    }
    return [
        (Promotion, promotion),
        (PromotionDealer, mine | {"promotion_id": key, "spent": TAX}),
        (PromotionUse, use),
    ]


def _rebate_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    fact = mine | {
        "number": f"FS-{dealer.code}",
        "kind": "no_diversion_case",
        "holds": False,
        "from_day": cast.FIRST_DAY,
        "reason": "found elsewhere",
        "stated_by": "user:1",
        "stated_by_label": "somebody",
        "stated_at": cast.NOW,
    }
    earned = mine | {"programme_id": cast.rebate_programme, "first_day": cast.FIRST_DAY}
    accrual = earned | {
        "last_day": cast.FIRST_DAY,
        "period": PERIOD,
        "qualified": GROSS,
        "reached_tier": 1,
        "accrued": TAX,
        "digest": "",
    }
    line = earned | {
        "place": 1,
        "on_day": cast.FIRST_DAY,
        "document": f"IN-{dealer.code}",
        "line_no": 1,
        "kind": "sale",
        "sku": cast.gloves.sku,
        "quantity": 1,
        "qualifier": GROSS,
        "cumulative": GROSS,
        "payout": GROSS,
        "amount": TAX,
    }
    reckoning = mine | {"entry_id": 0, "programmes": 0, "on_day": cast.FIRST_DAY, "reckoned_at": cast.NOW}
    simulated = mine | {
        "simulation_id": cast.rebate_simulation,
        "sold": GROSS,
        "qualified": GROSS,
        "reached_tier": 1,
        "accrued": TAX,
        "months": {PERIOD: [str(GROSS), str(TAX)]},
        "products": {cast.gloves.sku: [str(GROSS), str(TAX)]},
    }
    return [
        (RebateAccrual, accrual),
        (RebateAccrualLine, line),
        (RebateReckoning, reckoning),
        (RebateFact, fact),
        (RebateSimulationDealer, simulated),
        *_settled_rows(dealer),
    ]


def _settled_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    note = mine | {
        "id": dealer.id,
        "number": f"RN-{dealer.code}",
        "treatment": "service",
        "source": f"CL-{dealer.code}",
        "issued_on": cast.FIRST_DAY,
        "net": -GROSS,
        "tax": 0,
        "gross": -GROSS,
    }
    line = mine | {
        "note_id": dealer.id,
        "line_no": 1,
        "invoice": "",
        "tax_rate": 0,
        "gross": -GROSS,
        "tax": 0,
    }
    settled = mine | {
        "programme_id": cast.rebate_programme,
        "first_day": cast.FIRST_DAY,
        "period": PERIOD,
        "kind": "final",
        "source": f"CL-{dealer.code}",
        "accrued": GROSS,
        "guaranteed": 0,
        "carried_in": 0,
        "advanced": 0,
        "carried_out": 0,
        "cut": 0,
        "paid": GROSS,
        "settled_at": cast.NOW,
        "settled_by_label": "x",
    }
    paper = mine | {"number": note["number"], "locale": "en", "content": b"x", "sha256": "x"}
    kept = mine | {"programme_id": cast.rebate_programme, "source": "RS-1", "amount": GROSS}
    owed = mine | {"programme_id": cast.rebate_programme, "month": PERIOD, "accrued": GROSS, "settled": 0}
    return [
        (RebateNote, note),
        (RebateNoteLine, line | {"gross": -GROSS}),
        (RebateNotePdf, paper | {"rendered_at": cast.NOW}),
        (RebateSettlement, settled),
        (RebateBalanceEntry, kept | {"entered_on": cast.FIRST_DAY, "entered_at": cast.NOW}),
        (RebateLiability, owed | {"amount": GROSS, "net": GROSS}),
    ]


def _budget_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    activity = mine | {
        "id": key,
        "number": f"AC-{dealer.code}",
        "kind": "marketing",
        "state": "submitted",
        "title": "科室会",
        "place": "医院",
        "first_day": cast.FIRST_DAY,
        "last_day": cast.FIRST_DAY,
        "planned": GROSS,
        "asked_by": dealer.buyer.actor().key,
        "asked_by_label": dealer.buyer.display_name,
        "asked_at": cast.NOW,
    }
    use = mine | {
        "document": f"AC-{dealer.code}",
        "budget_id": cast.budget,
        "amount": TAX,
        "state": "released",
        "changed_at": cast.NOW,
    }
    return [(Activity, activity), (BudgetUse, use)]


def _paper_rows(dealer: Dealer) -> list[Row]:
    """What waits for a decision, so that it counts for no order."""
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    paper = mine | {
        "id": key,
        "number": f"ZZ-{dealer.code}",
        "kind": "licence",
        "state": "filed",
        "paper_no": f"{dealer.code}-paper",
        "valid_from": cast.TODAY,
        "valid_to": cast.TODAY + timedelta(days=30),
        "filed_by": dealer.boss.actor().key,
        "filed_by_label": dealer.boss.display_name,
        "filed_at": cast.NOW,
    }
    authorisation = mine | {
        "id": key,
        "number": f"SQ-{dealer.code}",
        "state": "proposed",
        "region_id": dealer.region.id,
        "valid_from": cast.TODAY,
        "proposed_by": cast.national_manager.actor().key,
        "proposed_by_label": cast.national_manager.display_name,
        "proposed_at": cast.NOW,
    }
    reminder = mine | {"paper_id": key, "days": 30, "told_at": cast.NOW}
    return [(DealerPaper, paper), (PaperReminder, reminder), (Authorisation, authorisation)]


def _claim_rows(dealer: Dealer) -> list[Row]:
    """A draft, which headquarters does not see yet."""
    mine, key, by = {"dealer_id": dealer.id}, key_of(dealer), dealer.finance
    claim = mine | {
        "id": key,
        "number": f"CL-{dealer.code}",
        "kind": "marketing",
        "treatment": "service",
        "activity": "AC-1",
        "first_day": cast.FIRST_DAY,
        "last_day": cast.FIRST_DAY,
        "asked": TAX,
        "written_by": [by.actor().key],
        "entered_by_label": by.display_name,
        "entered_at": cast.NOW,
    }
    of_it = mine | {"claim_id": key}
    step = of_it | {"step_no": 1, "round": 1, "place": 0, "act": "submitted", "acted_at": cast.NOW}
    invoice = of_it | {"line_no": 1, "issuer": "A", "number": "1", "issued_on": cast.FIRST_DAY}
    line = of_it | {"line_no": 1, "sku": cast.gloves.sku, "quantity": 1, "old_price": TAX, "new_price": 0}
    return [
        (RebateClaim, claim),
        (RebateClaimStep, step | {"acted_by": by.actor().key, "acted_by_label": by.display_name}),
        (RebateClaimInvoice, invoice | {"amount": TAX}),
        (RebateClaimLine, line),
    ]


def _purchasing_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    buyer = dealer.buyer
    made = {"made_by": buyer.actor().key, "made_by_label": buyer.display_name, "made_at": cast.NOW}
    goods = {"product_id": cast.gloves.id, "quantity": 5}
    recurring = {
        "number": f"RO-{dealer.code}",
        "template_id": key,
        "rhythm": "weekly",
        "day": 1,
        "next_on": cast.TODAY + timedelta(days=7),
        "act": "draft",
        "user_id": buyer.id,
        "made_by_label": buyer.display_name,
        "made_at": cast.NOW,
    }
    changed = {"updated_at": cast.NOW, "updated_by_label": buyer.display_name}
    draft = mine | {"id": key, "number": f"DR-{dealer.code}", "state": "open", **made}
    amount = {"subject": "systems", "amount": GROSS, "set_by_label": "boss", "set_at": cast.NOW}
    run = {"due_on": cast.TODAY, "outcome": "drafted", "document": draft["number"], "run_at": cast.NOW}
    return [
        (OrderTemplate, mine | {"id": key, "name": f"{dealer.code} list", **changed}),
        (OrderTemplateLine, mine | {"template_id": key, "place": 1, **goods}),
        (OrderDraft, draft),
        (OrderDraftLine, mine | {"draft_id": key, "line_no": 1, **goods}),
        (OrderLimit, mine | amount),
        (RecurringOrder, mine | {"id": key, **recurring}),
        (RecurringRun, mine | {"recurring_id": key, **run}),
    ]


def _product_snapshot(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name_zh": product.sku,
        "name_en": product.sku,
        "specification": "",
        "unit": "盒",
    }


def _return_rows(dealer: Dealer) -> list[Row]:
    key, mine = key_of(dealer), {"dealer_id": dealer.id}
    request = mine | {
        "id": key,
        "number": f"RT-{dealer.code}",
        "order_id": key,
        "shipment_id": key,
        "warehouse_id": cast.shanghai_warehouse.id,
        "state": "requested",
        "asked_by": dealer.buyer.actor().key,
        "asked_by_label": dealer.buyer.display_name,
        "asked_at": cast.NOW,
    }
    units = mine | {"return_id": key, "line_no": 1, "lot_id": cast.gloves_lot.id, "quantity": 1}
    return [
        (ReturnRequest, request),
        (ReturnLine, units | {"reason": "damaged"}),
        (ReturnFinding, units | {"disposition": "saleable"}),
        (ReturnGift, mine | {"return_id": key, "line_no": 1, "due": 1, "charge": 0}),
    ]


def _shipment_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key, lot = key_of(dealer), cast.gloves_lot
    shipment = mine | {
        "id": key,
        "number": f"SH-{dealer.code}",
        "order_id": key,
        "warehouse_id": cast.shanghai_warehouse.id,
        "status": "received",
        "carrier": "SF",
        "tracking_no": f"SF{key}",
        "picked_by": "user:1",
        "shipped_at": cast.NOW,
        "shipped_on": cast.TODAY,
        "received_at": cast.NOW,
    }
    line = mine | {
        "shipment_id": key,
        "line_no": 1,
        "lot_id": lot.id,
        "product_id": lot.product.id,
        "quantity": 1,
        "lot_no": lot.lot_no,
        "registration_no": "",
    }
    movement = mine | {
        "warehouse_id": cast.shanghai_warehouse.id,
        "product_id": lot.product.id,
        "lot_id": lot.id,
        "kind": "shipment",
        "document": shipment["number"],
        "actor": "user:1",
    }
    serial = mine | {
        "product_id": cast.gloves.id,
        "serial": f"S-{key}",
        "lot_id": line["lot_id"],
        "state": "shipped",
        "document": shipment["number"],
    }
    sent: list[Row] = [
        (Shipment, shipment),
        (ShipmentLine, line),
        (StockMovement, movement),
        (SerialUnit, serial),
    ]
    return [*sent, *_outbound_rows(dealer, shipment, line)]


def _outbound_rows(dealer: Dealer, shipment: dict[str, Any], line: dict[str, Any]) -> list[Row]:
    """A parcel that is being picked, with its package; the review and the delivery note of one that left."""
    mine, key = {"dealer_id": dealer.id}, key_of(dealer) + PICKING
    picking = mine | {name: shipment[name] for name in ("order_id", "warehouse_id", "picked_by")}
    picking |= {"id": key, "number": f"SH-{dealer.code}-2", "status": "picking"}
    who = {"reviewed_at": cast.NOW, "reviewed_by": "user:2", "reviewed_by_label": "Li", "picked_by": "user:1"}
    review = mine | {
        "shipment_no": shipment["number"],
        "order_no": f"SO-{dealer.code}",
        "buyer": dealer.name_zh,
        "warehouse_id": cast.shanghai_warehouse.id,
        **{name: line[name] for name in ("line_no", "product_id", "lot_id", "lot_no", "quantity")},
        "sku": cast.gloves.sku,
        "name_zh": "",
        "name_en": "",
        "specification": "",
        "unit": "盒",
        "registration_no": "",
        "outcome": "passed",
        **who,
    }
    package = mine | {"shipment_id": key, "number": 1, "kind": "case"}
    content = mine | {"shipment_id": key, "number": 1, "line_no": 1, "lot_id": line["lot_id"], "quantity": 1}
    note = mine | {"shipment_id": shipment["id"], "copy": 1, "printed_at": cast.NOW, "printed_by": "user:1"}
    return [
        (Shipment, picking),
        (ShipmentLine, line | {"shipment_id": key}),
        (OutboundReview, review),
        (Package, package),
        (PackageLine, content),
        (DeliveryNotePrint, note | {"printed_by_label": "Shen"}),
    ]


def _delivery_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    lot = cast.gloves_lot
    of_lot = {"product_id": lot.product.id, "lot_no": lot.lot_no}
    link = {
        "mark": "mark",
        "expires_at": cast.NOW,
        "made_at": cast.NOW,
        "made_by": "user:1",
        "made_by_label": "x",
    }
    proof = {
        "way": "portal",
        "signed_name": dealer.code,
        "signed_by": "user:1",
        "signed_by_label": "x",
        "signed_at": cast.NOW,
    }
    case = {
        "id": key,
        "number": f"DC-{dealer.code}",
        "shipment_id": key,
        "kind": "damaged",
        "opened_at": cast.NOW,
    }
    return [
        (DeliveryLink, mine | {"shipment_id": key, **link}),
        (DeliveryProof, mine | {"shipment_id": key, **proof}),
        (
            DeliveryProofLine,
            mine | {"shipment_id": key, **of_lot, "shipped": 1, "received": 1, "damaged": 1},
        ),
        (DeliveryCase, mine | case),
        (DeliveryCaseLine, mine | {"case_id": key, **of_lot, "quantity": 1}),
    ]


def _way_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    parcel = mine | {"shipment_id": key}
    by = {"recorded_at": cast.NOW, "recorded_by": "user:1", "recorded_by_label": "x"}
    event = parcel | by | {"event_key": "k", "at": cast.NOW, "code": "delivered", "source": "desk"}
    standing = parcel | {"code": "delivered", "at": cast.NOW, "events": 1, "changed_at": cast.NOW}
    record = parcel | {
        "high": Decimal("8.0"),
        "transport": "cool_box",
        "box_celsius": Decimal("5.0"),
        "packed_at": cast.NOW,
        "packed_by": "user:1",
        "packed_by_label": "x",
    }
    log = parcel | {
        "place": 1,
        **dict.fromkeys(("name", "sha256", "device", "unit", "zone"), "x"),
        **dict.fromkeys(("uploaded_by", "uploaded_by_label"), "x"),
        "content": b"x",
        "at": [],
        "celsius": [],
        "uploaded_at": cast.NOW,
    }
    return [
        (TrackingEvent, event),
        (ParcelStanding, standing),
        (ColdRecord, record),
        (ColdLog, log),
    ]


def _own_stock_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    report = {
        "id": key,
        "number": f"IR-{dealer.code}",
        "as_of": cast.TODAY,
        "source": "page",
        "reported_at": cast.NOW,
        "reported_by": dealer.buyer.actor().key,
        "reported_by_label": dealer.buyer.display_name,
    }
    line = {
        "report_id": key,
        "line_no": 1,
        "kind": "sold",
        "sku": cast.gloves.sku,
        "lot_no": cast.gloves_lot.lot_no,
        "product_id": cast.gloves.id,
        "lot_id": cast.gloves_lot.id,
        "quantity": 1,
        "day": cast.TODAY,
        "change": -1,
    }
    return [(InventoryReport, mine | report), (InventoryReportLine, mine | line)]


def _sell_out_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    report = {
        "id": key,
        "number": f"SL-{dealer.code}",
        "source": "page",
        "reported_at": cast.NOW,
        "reported_by": dealer.buyer.actor().key,
        "reported_by_label": dealer.buyer.display_name,
    }
    line = {
        "report_id": key,
        "line_no": 1,
        "document": "INV-1",
        "document_line": "1",
        "kind": "sell_out",
        "day": cast.TODAY,
        "sku": cast.gloves.sku,
        "lot_no": cast.gloves_lot.lot_no,
        "quantity": 1,
        "hospital": f"{dealer.code} hospital",
        "state": "refused",
        "defect": "never_held",
        "waits_until": cast.TODAY,
        "decided_at": cast.NOW,
    }
    return [(SellOutReport, mine | report), (SellOutLine, mine | line)]


def _bank_rows(dealer: Dealer) -> list[Row]:
    """A booking of the company's bank that was matched with the dealer's payment, and is no longer."""
    key = key_of(dealer)
    account = {
        "id": key,
        "number": f"6222 {key}",
        "number_key": f"6222{key}",
        "currency": "CNY",
        "added_by_label": "finance",
        "added_at": cast.NOW,
    }
    booking = {
        "id": key,
        "account_id": key,
        "digest": f"digest {key}",
        "nth": 1,
        "booked_on": cast.TODAY,
        "amount": GROSS,
        "is_reversal": False,
        "remittance": "",
        "reference": "",
        "bank_reference": "",
        "party": dealer.name_zh,
        "party_account": "",
        "state": "waiting",
    }
    match = {
        "dealer_id": dealer.id,
        "id": key,
        "booking_id": key,
        "kind": "posted",
        "payment_no": f"PY-{dealer.code}",
        "invoices": [],
        "reason": "by_hand",
        "score": 100,
        "matched_by": f"user:{cast.hq_finance.id}",
        "matched_by_label": cast.hq_finance.display_name,
        "matched_at": cast.NOW,
        "undone_by_label": cast.hq_finance.display_name,
        "undone_at": cast.NOW,
        "undo_reason": "wrong dealer",
    }
    return [(BankAccount, account), (BankBooking, booking), (BankMatch, match)]


def _ledger_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    due = cast.TODAY + timedelta(days=30)
    invoice = mine | {
        "id": key,
        "number": f"IN-{dealer.code}",
        "kind": "invoice",
        "order_id": key,
        "shipment_id": key,
        "issued_on": cast.TODAY,
        "due_on": due,
        "net": GROSS - TAX,
        "tax": TAX,
        "gross": GROSS,
    }
    line = mine | {
        "invoice_id": key,
        "line_no": 1,
        "order_line_no": 1,
        "product_id": cast.gloves.id,
        "quantity": 1,
        "unit_price": GROSS,
        "amount": GROSS,
        "tax_rate": Decimal("0.13"),
        "tax": TAX,
    }
    payment = mine | {
        "id": key,
        "number": f"PY-{dealer.code}",
        "received_on": cast.TODAY,
        "method": "bank",
        "amount": GROSS,
    }
    entry = mine | {
        "id": key,
        "kind": "invoice",
        "document_no": invoice["number"],
        "occurred_on": cast.TODAY,
        "due_on": due,
        "period": PERIOD,
        "receivable": GROSS,
        "posted_by": "user:2",
    }
    amounts = {"receivable": GROSS, "revenue": TAX - GROSS, "output_vat": -TAX}
    lines = [
        (JournalLine, mine | {"entry_id": key, "account": account, "amount": amount})
        for account, amount in amounts.items()
    ]
    paid = mine | {
        "id": -key,
        "kind": "payment",
        "document_no": payment["number"],
        "occurred_on": cast.TODAY,
        "period": PERIOD,
        "receivable": -GROSS,
        "posted_by": "user:2",
    }
    lines += [
        (JournalLine, mine | {"entry_id": -key, "account": account, "amount": amount})
        for account, amount in (("receivable", -GROSS), ("bank", GROSS))
    ]
    allocation = mine | {
        "credit_id": -key,
        "debit_id": key,
        "amount": GROSS,
        "period": PERIOD,
        "occurred_on": cast.TODAY,
        "posted_with_id": -key,
    }
    request = mine | {
        "number": f"CR-{dealer.code}",
        "kind": "reversal",
        "subject": payment["number"],
        "amount": GROSS,
        "reason": "booked twice",
        "content": [],
        "proposed_by": "user:2",
        "proposed_by_label": "x",
        "proposed_at": cast.NOW,
    }
    deposit = mine | {
        "id": key,
        "number": f"DE-{dealer.code}",
        "kind": "deposit",
        "issued_on": cast.TODAY,
        "amount": GROSS,
        "method": "bank",
    }
    return [
        (Invoice, invoice),
        (InvoiceLine, line),
        (Payment, payment),
        (JournalEntry, entry),
        (JournalEntry, paid),
        *lines,
        (Allocation, allocation),
        (CorrectionRequest, request),
        (AccountDocument, deposit),
    ]


def _statement_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    ageing = dict.fromkeys(
        ("days_1_30", "days_31_60", "days_61_90", "days_over_90", "unallocated"), Decimal(0)
    )
    statement = (
        mine
        | ageing
        | {
            "id": key,
            "number": f"ST-{dealer.code}",
            "period": PERIOD,
            "currency": "CNY",
            "opening": Decimal(0),
            "debits": GROSS,
            "credits": Decimal(0),
            "closing": GROSS,
            "current_due": GROSS,
            "line_count": 1,
            "issued_at": cast.NOW,
            "snapshot": {"version": 1},
        }
    )
    pdf = mine | {"statement_id": key, "locale": "zh", "content": b"%PDF-", "sha256": "0" * 64}
    answer = mine | {"statement_id": key, "state": "disputed"}
    told = {"number": f"DP-{dealer.code}", "statement_id": key, "amount": GROSS, "opened_by": "user:1"}
    dispute = mine | told | {"id": key, "opened_by_label": "x", "opened_at": cast.NOW}
    of_it = mine | {"dispute_id": key}
    line = of_it | {
        "line_no": 1,
        "document": f"IN-{dealer.code}",
        "amount": GROSS,
        "kind": "amount",
        "reason": "x",
    }
    said = {"entry_no": 1, "kind": "opened", "is_staff": False, "author": "user:1", "author_label": "x"}
    paper = mine | {"number": f"IN-{dealer.code}", "locale": "zh", "content": b"%PDF-", "sha256": "0" * 64}
    asked = {"proposed_by": "user:1", "proposed_by_label": "x", "proposed_at": cast.NOW}
    clause = mine | {"is_active": True, "days": 30, "contract": "7.3", "set_by": "user:1"}
    note = {"number": f"AN-{dealer.code}", "invoice": f"IN-{dealer.code}", "source": f"DP-{dealer.code}"}
    amounts = {"net": -GROSS, "tax": Decimal(0), "gross": -GROSS}
    adjusted = {"note_id": key, "line_no": 1, "product_id": cast.gloves.id, "tax_rate": Decimal("0.13")}
    return [
        (ConfirmationClause, clause | {"set_by_label": "x", "set_at": cast.NOW}),
        (
            AdjustmentNote,
            mine | note | amounts | {"id": key, "issued_on": cast.TODAY, "reason": "x"},
        ),
        (AdjustmentNoteLine, mine | adjusted | {"gross": -GROSS, "tax": Decimal(0)}),
        (CloseTask, mine | {"period": PERIOD}),
        (Statement, statement),
        (StatementCorrection, mine | asked | {"id": key, "statement_id": key, "reason": "x"}),
        (StatementPdf, pdf),
        (StatementAnswer, answer),
        (Dispute, dispute),
        (DisputeLine, line),
        (DisputeEntry, of_it | said | {"said_at": cast.NOW}),
        (InvoicePdf, paper | {"rendered_at": cast.NOW}),
    ]


def _tax_invoice_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id, "id": key_of(dealer)}
    number = f"{key_of(dealer):020d}"
    invoice = {
        "number": number,
        "document_no": f"IN-{dealer.code}",
        "issued_on": cast.TODAY,
        "net": GROSS,
        "tax": 0,
        "gross": GROSS,
        "state": "attached",
        "verdict": "agree",
        "sha256": "0" * 64,
        "content": b"<x/>",
        "taken_by": "user:1",
        "taken_by_label": "x",
        "taken_at": cast.NOW,
    }
    form = {
        "number": number,
        "blue_no": number,
        "gross": -GROSS,
        "state": "02",
        "asked_at": cast.NOW,
        "moved_at": cast.NOW,
        "moved_by_label": "x",
    }
    return [(TaxInvoice, mine | invoice), (RedForm, mine | form)]


def _credit_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    change = mine | {
        "id": key,
        "number": f"LM-{dealer.code}",
        "kind": "limit",
        "amount": GROSS,
        "valid_from": cast.FIRST_DAY,
        "why": "x",
        "taken_over": True,
        "state": "published",
        "proposed_by": "system",
        "proposed_by_label": "system",
        "published_at": cast.NOW,
    }
    stop = mine | {"id": key, "number": f"XS-{dealer.code}", "reason": "x", "put_by": "user:1"}
    letter = mine | {
        "id": key,
        "number": f"DN-{dealer.code}",
        "run_id": 1,
        "level": 1,
        "written_on": cast.TODAY,
        "pay_by": cast.TODAY,
        "amount": GROSS,
        "made_at": cast.NOW,
    }
    of_it = mine | {"letter_id": key, "entry_id": key}
    days = {"occurred_on": cast.FIRST_DAY, "due_on": cast.FIRST_DAY, "days_late": 9}
    item = of_it | days | {"document_no": "x", "amount": GROSS, "was_level": 0, "level": 1}
    paper = mine | {"letter_id": key, "locale": "zh", "content": b"%PDF-", "sha256": "0" * 64}
    return [
        (CreditChange, change),
        (DealerStop, stop | {"put_by_label": "x", "put_at": cast.NOW}),
        (DunningLetter, letter),
        (DunningItem, item),
        (DunningReached, of_it | {"level": 1, "reached_on": cast.TODAY}),
        (DunningLetterPdf, paper | {"rendered_at": cast.NOW}),
    ]


def _online_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key, number = key_of(dealer), f"PY-{dealer.code}"
    online = mine | {
        "id": key,
        "number": f"OP-{dealer.code}",
        "amount": GROSS,
        "currency": "CNY",
        "invoices": [],
        "begun_by": f"user:{dealer.finance.id}",
        "begun_by_label": dealer.finance.display_name,
        "begun_at": cast.NOW,
        "intent": f"pi_{dealer.code}",
    }
    of_it = mine | {"payment_id": key, "amount": GROSS}
    posted = of_it | {"id": key, "kind": "paid", "ref": "x", "payment_no": number, "posted_at": cast.NOW}
    paper = mine | {"number": number, "locale": "zh", "content": b"%PDF-", "sha256": "0" * 64}
    return [
        (OnlinePayment, online),
        (OnlineDispute, of_it | {"id": "dp_1", "state": "open", "told_at": cast.NOW}),
        (OnlinePosting, posted),
        (ReceiptPdf, paper | {"rendered_at": cast.NOW}),
    ]


def _own_ledger_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    ledger = mine | {
        "id": key,
        "number": f"OL-{dealer.code}",
        "filename": "own.csv",
        "content": b"x",
        "sha256": "0" * 64,
        "layout": {},
        "uploaded_at": cast.NOW,
        "uploaded_by": f"user:{dealer.finance.id}",
        "uploaded_by_label": dealer.finance.display_name,
    }
    of = mine | {"ledger_id": key}
    difference = of | {"no": 1, "class": "amount", "ours": [{}], "theirs": [], "amount": GROSS}
    remark = of | {"id": key, "difference_no": 1, "side": "dealer", "verdict": "note", "said": "?"}
    said = {"said_at": cast.NOW, "said_by": "user:1", "said_by_label": "somebody"}
    signed = {"signed_at": cast.NOW, "signed_by": "user:1", "signed_by_label": "somebody"}
    signature = of | {"side": "dealer", "name": "Somebody", "sha256": "0" * 64}
    return [
        (OwnLedger, ledger),
        (OwnLedgerDifference, difference | {"confidence": 95}),
        (OwnLedgerRemark, remark | said),
        (OwnLedgerLayout, mine | {"heads": "0", "layout": {}, "kept_at": cast.NOW}),
        (OwnLedgerSignature, signature | signed),
    ]


def _epcis_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key = key_of(dealer)
    capture = mine | {
        "id": key,
        "number": f"EC-{dealer.code}",
        "behaviour": "rollback",
        "is_xml": False,
        "created_at": cast.NOW,
        "created_by": f"client:{dealer.system.id}",
        "created_by_label": dealer.system.name,
    }
    of = mine | {"capture_id": key}
    event = of | {
        "id": key,
        "event_hash": "0" * 64,
        "is_declaration": False,
        "digits": "",
        "event_id": f"urn:x:{dealer.code}",
        "event_type": "ObjectEvent",
        "event_time": cast.NOW,
        "record_time": cast.NOW,
        "epcs": [],
        "any_epcs": [],
        "epc_classes": [],
        "prefixes": {},
        "content": {},
    }
    return [(EpcisCapture, capture), (EpcisCapturePart, of | {"no": 1, "content": b"x"}), (EpcisEvent, event)]


def _device_rows(dealer: Dealer) -> list[Row]:
    mine, key = {"dealer_id": dealer.id}, key_of(dealer)
    device = mine | {
        "id": key,
        "number": f"DV-{dealer.code}",
        "product_id": cast.stent.id,
        "serial": f"S-{dealer.code}",
        "source": "import",
        "held_from": cast.NOW,
        "state": "shipped",
    }
    its = mine | {"device_id": key}
    report = its | {
        "number": f"DI-{dealer.code}",
        **dict.fromkeys(("hospital", "hospital_city", "department", "installed_by"), dealer.code),
        "hospital_level": "3a",
        "installed_on": cast.FIRST_DAY,
        "filed_at": cast.NOW,
        "filed_by": "user:1",
        "filed_by_label": "x",
    }
    entered = {"entered_at": cast.NOW, "entered_by_label": "x"}
    contract = its | {"contract_no": "1", "from_day": cast.FIRST_DAY, "to_day": cast.FIRST_DAY} | entered
    return [
        (Device, device),
        (DeviceEvent, its | {"kind": "note", "at": cast.NOW}),
        (DevicePart, its | {"replaced_on": cast.FIRST_DAY, "part": "x", "quantity": 1} | entered),
        (InstallationReport, report),
        (ServiceContract, contract),
        (
            Maintenance,
            its | {"number": f"MT-{dealer.code}", "plan_id": cast.maintenance_plan, "due_on": cast.FIRST_DAY},
        ),
    ]


def _feed_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    key, buyer = key_of(dealer), dealer.buyer.actor()
    entry = {
        "id": key,
        "number": f"NT-{dealer.code}",
        "kind": "notice",
        **dict.fromkeys(("title_zh", "title_en", "text_zh", "text_en", "link"), dealer.code),
        "state": "published",
        "shown_from": cast.NOW,
        "created_at": cast.NOW,
        "created_by": "user:5",
        "created_by_label": "x",
    }
    read = mine | {"entry_id": key, "reader": buyer.key, "reader_label": buyer.label}
    helped = mine | {"article_id": key, "reader": buyer.key, "is_helpful": True, "is_solved": False}
    return [
        (KnowledgeArticle, {"id": key, "number": f"KB-{dealer.code}"}),
        (KnowledgeVote, helped | {"voted_at": cast.NOW}),
        (FeedEntry, entry),
        (FeedAddress, mine | {"entry_id": key, "place": 1, "shown_from": cast.NOW}),
        (FeedReading, read | {"read_at": cast.NOW}),
        (FeedAcknowledgement, read | {"acknowledged_at": cast.NOW}),
        (FeedLetter, mine | {"user_id": dealer.buyer.id, "kind": "digest", "day": cast.TODAY}),
    ]


def _service_rows(dealer: Dealer) -> list[Row]:
    mine, buyer = {"dealer_id": dealer.id}, dealer.buyer.actor()
    moments = (
        *("asked_at", "touched_at", "since", "first_answer_due_at", "first_answer_warn_at"),
        *("resolution_due_at", "resolution_warn_at"),
    )
    request = mine | {
        "id": key_of(dealer),
        "number": f"SV-{dealer.code}",
        "kind": "consultation",
        "severity": "normal",
        "subject": dealer.code,
        "text": dealer.code,
        "asked_by": buyer.key,
        "asked_by_label": buyer.label,
        "first_answer_minutes": 480,
        "resolution_minutes": 2400,
        **dict.fromkeys(moments, cast.NOW),
    }
    of_it = mine | {"request_id": key_of(dealer)}
    entry = of_it | {
        "entry_no": 1,
        "kind": "opened",
        "is_internal": False,
        "is_staff": False,
        "author": buyer.key,
        "author_label": buyer.label,
        "said_at": cast.NOW,
    }
    told = of_it | {"round": 0, "clock": "resolution", "stage": "warning", "told_at": cast.NOW}
    return [(ServiceRequest, request), (ServiceEntry, entry), (ServiceEscalation, told)]


def _complaint_rows(dealer: Dealer) -> list[Row]:
    of_it = {"dealer_id": dealer.id, "id": key_of(dealer)}
    of_event = {"dealer_id": dealer.id, "event_id": key_of(dealer)}
    clock_of = dict.fromkeys(("aware_at", "due_at", "warn_first_at", "warn_last_at", "opened_at"), cast.NOW)
    version = of_event | {"version_no": 1}
    return [
        (Complaint, of_it | {"state": "triaged"}),
        (
            ComplaintAnalysis,
            of_it
            | {"category": "quality", "grade": "minor", "possible_event": True, "event_reason": dealer.code}
            | {"proposed_by_label": "x", "proposed_at": cast.NOW},
        ),
        (
            ComplaintEntry,
            {"dealer_id": dealer.id, "complaint_id": key_of(dealer), "entry_no": 1, "field": "cause"}
            | {"value": dealer.code, "author": "user:1", "author_label": "x", "said_at": cast.NOW},
        ),
        (
            AdverseEvent,
            of_it | clock_of | {"source": "triage", "harm": "other", "opened_by_label": "x", "version_no": 1},
        ),
        (
            AdverseReport,
            version
            | {"kind": "first", "content": {}, "written_by": "user:1", "written_by_label": "x"}
            | {"written_at": cast.NOW},
        ),
        (
            AdverseSubmission,
            version
            | {"written_by": "user:1", "submitted_by": "user:2", "submitted_by_label": "y"}
            | {"submitted_on": cast.TODAY, "reference": dealer.code, "recorded_at": cast.NOW},
        ),
        (
            AdversePaper,
            version | {"locale": "zh", "content": b"x", "sha256": "x", "rendered_at": cast.NOW},
        ),
        (AdverseWarning, of_event | {"due_at": cast.NOW, "stage": "first", "told_at": cast.NOW}),
    ]


def _repair_rows(dealer: Dealer) -> list[Row]:
    mine, desk = {"dealer_id": dealer.id}, cast.service_desk.actor()
    repair = mine | {
        "id": key_of(dealer),
        "number": f"RP-{dealer.code}",
        "request_id": key_of(dealer),
        "made_at": cast.NOW,
        "made_by_label": desk.label,
    }
    of_it = mine | {"repair_id": key_of(dealer)}
    quote = of_it | {
        "version": 1,
        "is_warranty": False,
        "valid_until": cast.TODAY,
        "gross": GROSS,
        "tax": 0,
        "written_by": desk.key,
        "written_by_label": desk.label,
        "written_at": cast.NOW,
        "state": "offered",
        "issued_by": desk.key,
        "issued_by_label": desk.label,
        "issued_at": cast.NOW,
    }
    line = of_it | {
        "version": 1,
        "line_no": 1,
        "kind": "labour",
        "text": dealer.code,
        "quantity": 1,
        "unit_price": GROSS,
        "tax_rate": 0,
        "amount": GROSS,
        "tax": 0,
    }
    visit = of_it | {
        "visit_no": 1,
        "state": "reported",
        "technician_id": cast.technician.id,
        "technician_label": cast.technician.email,
        "starts_at": cast.NOW,
        "ends_at": cast.NOW + timedelta(hours=1),
        "address": dealer.code,
        "planned_by_label": desk.label,
    }
    report = of_it | {
        "visit_no": 1,
        "client_key": dealer.code,
        "fingerprint": dealer.code,
        "result": "failed",
        "findings": dealer.code,
        "signed_name": dealer.code,
        "filed_by": desk.key,
        "filed_by_label": desk.label,
        "filed_at": cast.NOW,
    }
    part = {"product_id": cast.gloves.id}
    used = (
        of_it
        | part
        | {
            "visit_no": 1,
            "line_no": 1,
            "lot_id": cast.gloves_lot.id,
            "warehouse_id": cast.shanghai_warehouse.id,
            "quantity": 1,
        }
    )
    invoice = mine | {
        "id": dealer.id,
        "number": f"SI-{dealer.code}",
        "source": f"RP-{dealer.code}",
        "reference": f"SV-{dealer.code}",
        "issued_on": cast.FIRST_DAY,
        "due_on": cast.FIRST_DAY,
        "net": GROSS,
        "tax": 0,
        "gross": GROSS,
    }
    billed = mine | {"invoice_id": dealer.id, "line_no": 1, "text": dealer.code, "quantity": 1}
    return [
        (Repair, repair),
        (RepairQuote, quote),
        (RepairQuoteLine, line),
        (RepairPart, of_it | part | {"quantity": 1}),
        (RepairVisit, visit),
        (RepairReport, report),
        (RepairPartUsed, used),
        (ServiceInvoice, invoice),
        (ServiceInvoiceLine, billed | {"unit_price": GROSS, "amount": GROSS, "tax_rate": 0, "tax": 0}),
    ]


def _recall_rows(dealer: Dealer) -> list[Row]:
    recall = {
        "id": dealer.id,
        "number": f"RC-{dealer.code}",
        "state": "running",
        "level": 2,
        "is_drill": True,
        "title": "T",
        "reason": "R",
        "demands": "D",
        "written_by": ["user:3"],
        "drafted_by_label": "q",
        "drafted_at": cast.NOW,
        "decided_by": "user:15",
        "decided_at": cast.NOW,
        "notices_by": cast.FIRST_DAY,
        "report_by": cast.FIRST_DAY,
    }
    response = {
        "dealer_id": dealer.id,
        "recall_id": dealer.id,
        "version_no": 1,
        "held": 1,
        "notified_at": cast.NOW,
    }
    return [(Recall, recall), (RecallResponse, response)]


def _goods_held(connection: Connection, dealer: Dealer) -> None:
    """Units of a lot came to the dealer: a movement, and what it holds by it."""
    connection.execute(
        text(
            "INSERT INTO custody_movement (dealer_id, lot_id, from_place_id, to_place_id, quantity, kind, at,"
            " document, actor)"
            " SELECT :dealer, :lot, custody_place('outside', NULL, NULL),"
            " custody_place('dealer', NULL, :dealer), 1, 'shipment', :at, 'x', 'system'"
        ),
        {"dealer": dealer.id, "lot": cast.gloves_lot.id, "at": cast.NOW},
    )


def _event_rows(dealer: Dealer) -> list[Row]:
    mine = {"dealer_id": dealer.id}
    buyer = dealer.buyer.actor()
    event = mine | {
        "actor": buyer.key,
        "actor_label": buyer.label,
        "action": "order:placed",
        "subject_kind": "order",
        "subject": "x",
    }
    answer = mine | {"actor": buyer.key, "key": "same-key", "fingerprint": "f", "status": 201, "body": {}}
    return [
        (AuditEvent, event),
        (IdempotencyKey, answer),
        (Outbox, mine | {"topic": "order.placed", "payload": {}}),
        (StoredFile, mine | _file(buyer)),
        (FileUpload, mine | _upload(buyer)),
    ]


def _upload(uploader: Actor) -> dict[str, Any]:
    sent = {"name": "a.pdf", "size": 9, "uploaded_by": uploader.key, "begun_at": cast.NOW}
    return {"id": f"FU-{uploader.key}", **sent}


def _file(uploader: Actor) -> dict[str, Any]:
    return {
        "id": f"FI-{uploader.key}",
        "name": "a.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "sha256": "",
        "uploaded_by": uploader.key,
        "uploaded_by_label": uploader.label,
        "uploaded_at": cast.NOW,
    }
