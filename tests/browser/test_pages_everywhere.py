"""Every page of everybody, in both languages, on a desk and on a phone: it fits, and axe finds nothing.

Then the dark and the paper.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from rq import SimpleWorker
from sqlalchemy import text

from jobs import nodes
from jobs.queue import DEFAULT, connect, queue
from portal.bank.reference import reference_of
from portal.checks.ask_check import ask_check
from portal.checks.attempts import begin_run
from portal.checks.run_checks import run_checks
from portal.claims.rules import Decision
from portal.disputes.rules import DisputeKind
from portal.files.store import store_at
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.opaque import Sealer
from portal.payments.desk import set_aside
from portal.rebates import simulate
from portal.rebates.ask_simulation import ask_simulation
from portal.rehearsals import progress
from portal.rehearsals.ask_rehearsal import ask_rehearsal
from portal.rehearsals.perform import perform
from portal.statements.clause import set_clause
from portal.statements.correct_statement import propose_correction
from portal.statements.verification import Verifier
from portal.tracking.rules import EventCode
from tests import cast, servers
from tests.bank import acts as bank
from tests.browser.acts import fill_cart
from tests.browser.conftest import in_every_language
from tests.browser.looks import (
    PHONE,
    WIDE,
    assert_accessible,
    assert_fits,
    assert_good_on_every_screen,
    assert_readable_in_the_dark,
)
from tests.budgets import acts as budgets
from tests.claims import acts as claims
from tests.coldchain import acts as cold
from tests.complaints import acts as complaints
from tests.credit import acts as credit
from tests.dealers import test_change_tier as tiers
from tests.deliveries import acts as deliveries
from tests.disputes import acts as disputes
from tests.dunning import acts as dunning
from tests.epcis import acts as epcis
from tests.feed.acts import A_PDF
from tests.identity import acts as people
from tests.identity.client_acts import a_client, a_key, public
from tests.identity.custom_role_acts import composed
from tests.knowledge.acts import published
from tests.ledger import document_acts as documents
from tests.ledger.acts import no_books_yet
from tests.maintenance import acts as maintenance
from tests.notifications import acts as notify
from tests.orders import acts as holds
from tests.own_ledgers import acts as own_ledgers
from tests.papers import acts as papers
from tests.payments import acts as payments
from tests.promotions import acts as promotions
from tests.providers.acts import a_provider
from tests.purchasing import acts as purchasing
from tests.rebates import acts as rebates
from tests.recalls import acts as recalls
from tests.regions import acts as regions
from tests.repairs import acts as repairs
from tests.sellout.acts import a_sell_out
from tests.service import acts as service
from tests.shipping import acts
from tests.statements.acts import ISSUER
from tests.tax_invoices import acts as taxes
from tests.tracking import acts as tracking
from tests.webhooks import acts as webhooks

pytestmark = in_every_language()

MONTH = clock.previous_period(clock.period_of(cast.TODAY))

# Addresses name what the scene has; where a page is not there, its status is said.
PAGES = {
    "buyer": (
        cast.huadong.buyer,
        [
            "/",
            "/catalogue",
            "/catalogue?q=nothing-like-this",
            "/knowledge?q=E03",
            "/knowledge/{article}",
            "/knowledge/suggestions?q=E03",
            "/catalogue/STENT",
            "/quick-order",
            "/stock",
            "/stock?short=1&arriving=1",
            "/own-stock",
            "/own-stock?show=all",
            "/own-stock/report",
            "/inventory-reports",
            "/sell-out",
            "/sell-out/report",
            "/sell-out/{sell_out}",
            "/cart",
            "/orders",
            "/orders/{delivered}",
            "/shipments/{sent}",
            "/orders/{open}",
            "/orders/{open}/reorder",
            "/order-templates",
            "/order-templates/{template}",
            "/order-templates/{template}/edit",
            "/order-drafts",
            "/order-drafts/{shared}",
            "/recurring-orders",
            "/orders/{open}/change",
            "/orders/{delivered}/returns/new",
            "/returns",
            "/returns/{return}",
            "/orders/{held}",
        ],
    ),
    "receiving buyer": (
        cast.huadong.buyer,
        [
            "/account",
            "/account/security",
            "/account/notifications",
            "/inbox",
            "/search",
            "/search?q={open}",
            "/help/guide-dealer",
            "/feed",
            "/feed/{entry}",
            "/promotions",
            "/rebates",
            "/rebates/{rebate}",
            "/rebates/claims",
            "/rebates/activities",
            "/rebates/activities/new",
            "/rebates/activities/{activity}",
            "/papers",
            "/papers/expiring?days=365",
            "/papers/new?kind=licence&replaces={paper_counting}",
            "/papers/{paper_counting}",
            "/papers/{paper_waiting}",
            "/authorisations",
            "/recalls",
            "/recalls/{recall}",
            "/rebates/{rebate}/what-if?amount=100000",
            "/rebates/cart",
            "/shipments/{under_way}/receipt",
            "/shipments/{under_way}/proof",
            "/shipments/{received}/proof",
            "/deliveries/cases",
            "/deliveries/cases/{case}",
            "/scan",
            "/scan?data=01069012345100411728020010A121S9",
            "/nowhere",
        ],
    ),
    "dealer's devices": (
        cast.huadong.service,
        [
            "/devices",
            "/devices?status=retired",
            "/devices/{device}",
            "/maintenance",
            "/maintenance/calendar",
            "/maintenance/{maintenance}",
        ],
    ),
    "who stands at the door": (None, ["/d/{link}", "/d/{used_link}"]),
    "who holds a statement": (None, ["/verify/{code}", "/verify/forged"]),
    "dealer's finance": (
        cast.huadong.finance,
        [
            "/",
            "/finance",
            "/finance/ageing",
            "/own-ledger",
            "/own-ledger/{own_ledger}",
            "/credit",
            "/dunning-letters",
            "/dunning-letters/{dunning_letter}",
            "/statements",
            "/statements/{statement}",
            "/statements/{statement}?kind=invoice&least=x",
            "/statements/{statement}/disputes/new",
            "/account-documents",
            "/account-documents/{deposit}",
            "/adjustments/{adjustment}",
            "/invoices",
            "/invoices/{invoice}",
            "/invoices/{service_invoice}",
            "/payments",
            "/payments/{booked_online}",
            "/online-payments/new",
            "/online-payments/{paid_online}",
            "/catalogue",
            "/rebates/claims/new",
            "/rebates/claims/new?kind=marketing",
            "/rebates/claims/new?kind=price_protection",
            "/rebates/claims/{claim_returned}",
            "/rebates/claims/{claim_returned}/edit",
        ],
    ),
    "a dealer's finance that disputes": (
        cast.yuegang.finance,
        ["/statements?status=disputed", "/disputes", "/disputes/{dispute}"],
    ),
    "dealer's service": (
        cast.huadong.service,
        [
            "/service-requests",
            "/service-requests?status=open&whose=mine",
            "/service-requests/new",
            "/service-requests/new?kind=repair",
            "/service-requests/new?kind=complaint",
            "/service-requests/device?device=NO-SUCH",
            "/service-requests/{complaint}",
            "/service-requests/{request}",
            "/service-requests/{request_resolved}",
            "/service-requests/{quoted}",
            "/service-requests/{quoted}/repair",
            "/service-requests/{repaired}/repair",
        ],
    ),
    "service desk": (
        cast.service_desk,
        [
            "/hq/",
            "/hq/service-requests",
            "/hq/service-requests?view=board",
            "/hq/service-requests/{request}",
            "/hq/service-requests/{request_resolved}",
            "/hq/service-requests/{quoted}/repair",
            "/hq/service-requests/{repaired}/repair",
            "/hq/service/teams",
            "/hq/service/targets",
            "/hq/service/report",
        ],
    ),
    "technician": (
        cast.technician,
        [
            "/hq/service-requests?queue=mine",
            "/hq/service-requests/{request}",
            "/hq/service/day?show=all",
            "/hq/service/day?day={visit_day}",
            "/hq/service-requests/{working}/visits/1",
            "/hq/service-requests/{repaired}/visits/1",
        ],
    ),
    "who approves": (
        cast.huadong.boss,
        [
            "/settings/people",
            "/settings/people/new",
            "/settings/people/{person}",
            "/settings/roles",
            "/settings/roles/new",
            "/settings/roles/{role}",
            "/settings/acting",
            "/order-drafts/{asked}",
            "/approval-amounts",
            "/webhooks",
            "/webhooks/new",
            "/webhooks/{webhook}",
            "/webhooks/{webhook}/edit",
            "/webhooks/{webhook}/messages/{message}",
            "/api-clients",
            "/api-clients/new",
            "/api-clients/{client}",
            "/api-clients/{signing_client}",
            "/api-clients/{signing_client}/edit",
            "/settings/company-sign-in",
            "/settings/company-sign-in/new",
            "/settings/company-sign-in/{provider}",
            "/settings/company-sign-in/{provider}/edit",
            "/settings/company-sign-in/{provider}/rules",
        ],
    ),
    "order desk": (
        cast.order_desk,
        [
            "/hq/working-days?year=2026&day=2026-01-04",
            "/hq/working-days/import",
            "/hq/knowledge",
            "/hq/knowledge/new",
            "/hq/knowledge/{article}",
            "/hq/knowledge/{article}/edit",
            "/hq/",
            "/hq/orders",
            "/hq/orders/{open}",
            "/hq/orders/{picking}",
            "/hq/orders/{held}",
            "/hq/parcels",
            "/hq/parcels/{parcel}/picking",
            "/hq/parcels/{parcel}/packing?packages=2",
            "/hq/waves",
            "/hq/waves/new",
            "/hq/waves/{wave}",
            "/hq/holds",
            "/hq/holds?kind=price",
            "/hq/order-rules",
            "/hq/dealers",
            "/hq/supply-requests",
            "/hq/returns",
            "/hq/returns/{return}",
            "/hq/shipments/{under_way}/proof",
            "/hq/shipments/{received}/proof",
            "/hq/delivery-cases",
            "/hq/delivery-cases/{case}",
            "/hq/scan?data=STENT",
            "/hq/order-for-dealer",
            "/hq/order-for-dealer?dealer=huadong",
        ],
    ),
    "warehouse": (
        cast.order_desk,
        [
            "/hq/tracking",
            "/hq/tracking/{sent}",
            "/hq/event-files",
            "/hq/carriers",
            "/hq/carriers/sf",
            "/hq/cold-chain",
            "/hq/cold-receipts",
            "/hq/transfers",
            "/hq/transfers/new",
            "/hq/transfers/TR-PAST",
            "/hq/replenishment?show=all",
            "/hq/replenishment/terms",
            "/hq/replenishment/WH-SH/GLOVES",
            "/hq/stock-counts",
            "/hq/stock-counts/new",
            "/hq/stock-counts/SC-PAST",
            "/hq/non-conforming/new",
            "/hq/non-conforming/NC-PAST",
            "/hq/goods-receipts",
            "/hq/goods-receipts/new?purchase_order=PO-PAST",
            "/hq/goods-receipts/GR-PAST",
            "/hq/purchase-orders",
            "/hq/purchase-orders/PO-PAST",
            "/hq/purchase-orders/suppliers",
            "/hq/acceptance-records",
            "/hq/stock",
            "/hq/stock/WH-SH/SYRINGE",
            "/hq/dealer-stock",
            "/hq/unexplained",
        ],
    ),
    "reviewer": (
        cast.desk_colleague,
        ["/hq/parcels/{parcel}/review", "/hq/outbound-reviews", "/hq/outbound-reviews?q=none"],
    ),
    "channel manager": (
        cast.national_manager,
        [
            "/hq/region-moves/new",
            "/hq/region-moves/{move}",
            "/hq/tier-changes",
            "/hq/tier-changes/new?dealer=huadong",
            "/hq/tier-changes/{tier_change}",
            "/hq/policies",
            "/hq/policies/{policy}",
            "/hq/policies/{draft}",
            "/hq/policies/{draft}/changes",
            "/hq/policies/{draft}/rehearsals/1",
            "/hq/prices",
            "/hq/prices/list?dealer=huadong",
            "/hq/prices?dealer=huadong&sku={promoted}&quantity=40",
            "/hq/floor-prices?standing=all",
            "/hq/substitutes",
            "/hq/promotions",
            "/hq/promotions/new",
            "/hq/promotions/new?kind=cumulative",
            "/hq/promotions/{promotion}",
            "/hq/promotions/{promotion}/dealers",
            "/hq/promotions/{drafted}",
            "/hq/promotions/{drafted}/edit",
            "/hq/rebates",
            "/hq/rebates/new",
            "/hq/rebates/{rebate}",
            "/hq/rebates/{rebate}/lines",
            "/hq/rebates/{rebate_draft}",
            "/hq/rebates/{rebate_draft}/simulations/1",
            "/hq/rebates/{rebate_draft}/edit",
            "/hq/rebates/activities",
            "/hq/rebates/activities/{activity_waiting}",
            "/hq/papers",
            "/hq/papers/expiring?days=365",
            "/hq/papers/certificates?days=365",
            "/hq/authorisations",
            "/hq/authorisations/new",
            "/hq/authorisations/{authorisation}",
            "/hq/rebates/claims?status=mine",
            "/hq/rebates/claims/{claim}",
            "/hq/rebates/claims/delegations",
            "/hq/rebates/budgets",
            "/hq/rebates/budgets/new",
            "/hq/rebates/budgets/{budget}",
            "/hq/rebates/{rebate}/amendments/new",
            "/hq/rebates/{rebate}/amendments/{amendment}",
            "/hq/rebates/{rebate}/amendments/{amendment}/preview",
            "/hq/rebates/{rebate}/amendments/{amendment}/edit",
            "/hq/rebates/facts",
            "/hq/rebates/facts/new",
            "/hq/rebates/facts/{fact}",
            "/hq/notices",
            "/hq/notices/new",
            "/hq/notices/{entry}",
            "/hq/notices/{entry}/readers",
        ],
    ),
    "finance": (
        cast.hq_finance,
        [
            "/hq/",
            "/hq/finance",
            "/hq/ageing",
            "/hq/ageing?at=2999-01-01",
            "/hq/ageing/huadong?seen=1",
            "/hq/closes",
            "/hq/closes/{month}",
            "/hq/closes/statements/{statement}",
            "/hq/statement-corrections",
            "/hq/statement-corrections/{statement}",
            "/hq/dealers/huadong/confirmation-clause",
            "/hq/adjustments/{adjustment}",
            "/hq/disputes",
            "/hq/disputes/{dispute}",
            "/search?q={invoice}",
            "/help/ledger",
            "/hq/dealers/huadong",
            "/hq/rebates/claims/chains",
        ],
    ),
    "finance's corrections": (
        cast.hq_finance,
        [
            "/hq/dealers/huadong/ledger",
            "/hq/payments/{payment}",
            "/hq/payments/{doubted}",
            "/hq/invoices/{invoice}",
            "/hq/invoices/{service_invoice}",
            "/hq/own-ledgers",
            "/hq/own-ledgers/{own_ledger}",
            "/hq/exposure",
            "/hq/credit-limits",
            "/hq/credit-limits/new?dealer=huadong",
            "/hq/credit-limits/{credit_change}",
            "/hq/stops?status=all",
            "/hq/stops/new",
            "/hq/stops/{stop}",
            "/hq/dunning",
            "/hq/dunning/{dunning_run}",
            "/hq/dunning-letters",
            "/hq/dunning-letters/{dunning_letter}",
            "/hq/dunning-policy",
            "/hq/corrections",
            "/hq/online-payments",
            "/hq/online-payments/{paid_online}",
            "/hq/stripe-events",
            "/hq/stripe-events/{stripe_event}",
            "/hq/stripe-events/{stripe_aside}",
            "/hq/stripe-events?status=unbooked",
        ],
    ),
    "finance's journal": (
        cast.hq_finance,
        [
            "/hq/account-documents",
            "/hq/account-documents/{suzhou_deposit}",
            "/hq/account-documents/{write_off}",
            "/hq/dealers/suzhou/deposits/new",
            "/hq/dealers/suzhou/write-offs/new",
            "/hq/dealers/huadong/refunds/new",
            "/hq/dealers/suzhou/opening-balances/new",
            "/hq/journal",
            "/hq/journal/entries/{write_off}",
            "/hq/journal/trial-balance",
        ],
    ),
    "who decides": (cast.finance_colleague, ["/hq/corrections"]),
    "finance's tax invoices": (
        cast.hq_finance,
        [
            "/hq/tax-invoices",
            "/hq/tax-invoices/{tax_invoice}",
            "/hq/tax-invoices/missing",
            "/hq/tax-invoice-limits",
        ],
    ),
    "finance's bank": (
        cast.hq_finance,
        [
            "/hq/bank",
            "/hq/bank?state=matched",
            "/hq/bank/files",
            "/hq/bank/files/{bank_file}",
            "/hq/bank/files/{bank_draft}",
            "/hq/bank/files/{bank_file}/bookings/1",
            "/hq/bank/files/{bank_file}/bookings/2",
        ],
    ),
    "administrator": (
        cast.administrator,
        [
            "/hq/operations",
            "/hq/people",
            "/hq/people/new",
            "/hq/people/{person}",
            "/hq/roles",
            "/hq/roles/new",
            "/hq/roles/{hq_role}",
            "/hq/regions",
            "/account/acting",
            "/password/forgotten",
            "/login/company",
            "/hq/webhooks",
            "/hq/webhooks/new",
            "/hq/webhooks/{hq_webhook}",
            "/hq/api-clients",
            "/hq/api-clients/new",
            "/hq/api-clients/{client}",
            "/hq/api-clients/{client}/edit",
            "/hq/company-sign-in",
            "/hq/company-sign-in/new",
            "/hq/company-sign-in/{hq_provider}",
            "/hq/company-sign-in/{hq_provider}/edit",
            "/hq/company-sign-in/{hq_provider}/rules",
            "/hq/robots",
            "/hq/robots/new",
            "/hq/robots/{robot}",
            "/inbox",
            "/account/notifications",
        ],
    ),
    "quality": (
        cast.quality,
        [
            "/hq/checks",
            "/hq/audit",
            "/hq/rights",
            "/hq/audit/story?subject={sent}",
            "/hq/epcis-captures",
            "/hq/epcis-captures/{epcis_capture}",
            "/hq/order-rules",
            "/hq/cold-chain/{sent}",
            "/hq/non-conforming",
            "/hq/products",
            "/hq/products/GAUZE",
            "/hq/products/GAUZE/edit",
            "/hq/product-changes",
            "/hq/product-import",
            "/hq/devices",
            "/hq/devices/{device}",
            "/hq/device-imports",
            "/hq/device-imports/{device_import}",
            "/hq/warranty-rules",
            "/hq/maintenance",
            "/hq/maintenance/calendar",
            "/hq/maintenance/{maintenance}",
            "/hq/maintenance-plans",
            "/hq/complaints",
            "/hq/complaints/{complaint}",
            "/hq/papers?status=filed",
            "/hq/papers/{paper_waiting}",
            "/hq/papers/{paper_counting}",
            "/hq/adverse-events",
            "/hq/adverse-events/{complaint}",
            "/hq/adverse-events/{complaint}/report",
            "/hq/complaint-lots",
            "/hq/complaint-lots/terms",
            "/hq/recalls",
            "/hq/recalls/new",
            "/hq/recalls/{recall}",
            "/hq/recalls/{recall_draft}/edit",
        ],
    ),
}


@pytest.fixture(scope="module")
def scene(given, owner, database, settings, tmp_path_factory) -> dict[str, object]:
    """Orders in every state, a closed month and a cart with a fault; by the names that the addresses use."""
    no_books_yet(owner)
    delivered = given.an_order({cast.syringe: 30, cast.stent: 1}, purchase_order_no="CG-2026-0715").number
    delivery = given.a_delivery_of(delivered, on=clock.last_day(MONTH))
    sent = _sent_cold(given, owner, database)
    doors = _at_the_door(given, settings, delivery)
    payment = given.a_payment_by(cast.huadong, "5000.00", on=clock.last_day(MONTH))
    doubted = given.a_payment_by(cast.huadong, "1000.00")
    given.a_reversal_asked_for(doubted)
    statements = given.a_closed_month(MONTH)
    statement = statements[cast.huadong.id]
    missing = disputes.disputed("PZ-2026-0715", "88.00", DisputeKind.MISSING)
    dispute = disputes.opened(database, statements[cast.yuegang.id], missing, by=cast.yuegang.finance)
    picking = given.an_order({cast.gauze: 40, cast.stent: 2}).number
    parcel = given.a_parcel_of(picking)
    fill_cart(database, cast.huadong.buyer, {cast.gloves: 2, cast.sold_out_scale: 1})
    _checked_with_a_difference(owner, database)
    _running(owner, settings)
    waiting = given.an_order({cast.gauze: 40, cast.gloves: 5}).number
    held = _held(given, database)
    kept = purchasing.a_template_a_draft_and_what_recurs(database, cast.huadong)
    purchasing.limit(database, cast.huadong.boss, purchasing.BUYERS, "1.00")
    asked = purchasing.order(database, cast.huadong.buyer, (cast.gloves, 5)).number
    entry = given.an_entry(
        must_acknowledge=True,
        pinned=True,
        title_zh="召回演练与追溯要求培训（2026 年第四季度，全体经销商）",
        title_en="Recall drill and traceability training for all dealers, fourth quarter",
        text_zh="请学习附件。\n\n- 24 小时内隔离\n- 按批号反馈",
        text_en="Please read the attachment.\n\n- Isolate within 24 hours\n- Report by lot",
        file=A_PDF,
    )
    _rehearsed(database, cast.policy_draft)
    _, promotion = promotions.published(database, kind="cumulative", period_amount=1000, budget=500)
    _, drafted = promotions.draft(database)
    programme, rebate = rebates.published(database, tiers_of=rebates.percents(("0", "2"), ("90000", "3.5")))
    rebate_key, rebate_draft = rebates.draft(database, budget=Decimal(100))
    rebates.amended(database, programme, rebates.amending(rebates.MONTH_BEGINS, ("0", "2.5")))
    rebates.reckoned(database)
    amendment = rebates.amendment_draft(
        database, programme, rebates.amending(rebates.MONTH_ENDS, ("0", "3"), ("90000", "4"))
    )
    budget = budgets.open_pot(database)
    budgets.other_amount(database, budget, "2000.00")
    activity = budgets.open_activity(database, budget)
    budgets.reserve(database, "CL-1", "150.00", activity=activity)
    _simulated(database, rebate_key)
    evidence = claims.a_file(database, Path(urlsplit(settings.files_url).path))
    claim = claims.claimed(database, claims.expenses(files=(evidence,)))
    other = claims.expenses("50.00", invoices=(claims.an_invoice("2", "50.00"),))
    claim_returned = claims.claimed(database, other)
    claims.decided(database, claim_returned, Decision.RETURN, reason="请补充签到表")
    webhook, message = webhooks.a_log(database)
    return {
        **_asked_for_service(database),
        **_demanded(database),
        "dispute": dispute,
        "adjustment": disputes.a_note_on(database, cast.huadong, delivery.invoice_number),
        "code": _corrected(database, settings, statement, doubted),
        "webhook": webhook,
        "sell_out": a_sell_out(database, cast.huadong),
        "message": message,
        **_clients(settings),
        **_roles(settings),
        "hq_webhook": webhooks.subscribed(database, "https://erp.example/hq", who=cast.administrator).number,
        **maintenance.a_device_and_its_maintenance(database, cast.huadong),
        "own_ledger": own_ledgers.a_compared_ledger(database, cast.huadong),
        "epcis_capture": epcis.a_capture(database),
        "device_import": maintenance.an_import(database),
        "claim": claim,
        "claim_returned": claim_returned,
        "budget": budget,
        "activity": activity,
        "activity_waiting": budgets.planned(database),
        **_papers(database, settings),
        "recall": recalls.a_recall_of(database, cast.huadong),
        "recall_draft": recalls.drafted(database, recalls.lots_of(cast.gauze, "GZ-SHORT")),
        "sent": sent,
        "promotion": promotion,
        "drafted": drafted,
        "rebate": rebate,
        "rebate_draft": rebate_draft,
        "amendment": str(amendment),
        "fact": rebates.a_fact(database, tmp_path_factory.mktemp("evidence")),
        "entry": entry,
        "payment": payment,
        "doubted": doubted,
        "invoice": delivery.invoice_number,
        "delivered": delivered,
        "picking": picking,
        "parcel": parcel,
        "wave": cast.wave_number,
        "open": waiting,
        "held": held,
        "statement": statement,
        "month": MONTH,
        "policy": cast.policy_in_force,
        "draft": cast.policy_draft,
        "promoted": cast.gloves.sku,
        "template": kept["order template"],
        "shared": kept["order draft"],
        "article": published(database),
        "return": given.a_return_asked_for(delivery.shipment_number, product=cast.syringe),
        "asked": asked,
        "robot": _told(database),
        "person": people.a_person_and_invitations(owner, settings),
        "move": regions.proposed(database, by=cast.national_colleague),
        "tier_change": tiers.proposed(database, by=cast.national_colleague),
        **_banked(database),
        **_taxed(database, delivery.invoice_number),
        **_beside_bills(database),
        **_paid_online(database),
        **doors,
    }


def _beside_bills(database) -> dict[str, str]:
    """Deposits, open items of earlier books, and a debt that is given up."""
    debt = documents.opened(database, ("OLD-1", "100.00"), dealer=cast.suzhou)[0].document_no
    gone = documents.written_off(database, (debt, "10.00"), dealer=cast.suzhou)
    documents.written_off(database, (debt, "20.00"), dealer=cast.suzhou, alone_max=Decimal(0))
    return {
        "deposit": documents.held(database, "80.00"),
        "suzhou_deposit": documents.held(database, "90.00", dealer=cast.suzhou),
        "write_off": str(gone.document_no),
    }


def _roles(settings) -> dict[str, str]:
    """A role of a dealer's own making, and one of headquarters'."""
    issuer = servers.database(settings.issuer_database_url.get_secret_value())
    hq = ("hq:audit", "hq:dealers", "hq:order-rules")
    made = {
        "role": composed(issuer, name="内勤（下单、收货，不看对账单）"),
        "hq_role": composed(issuer, by=cast.administrator, name="Auditors of the eastern area", rights=hq),
    }
    issuer.dispose()
    return made


def _clients(settings) -> dict[str, str]:
    """A client with two secrets, and one that signs."""
    issuer = servers.database(settings.issuer_database_url.get_secret_value())
    boss = cast.huadong.boss
    made = {
        "client": a_client(issuer, boss, cast.huadong, hours=24),
        "signing_client": a_client(issuer, boss, cast.huadong, keys=public(a_key())),
        "provider": a_provider(issuer, "https://login.example", plain=False),
        "hq_provider": a_provider(issuer, "https://sso.example", None, on=False, plain=False),
    }
    issuer.dispose()
    return made


def _papers(database, settings) -> dict[str, str]:
    """A licence that counts, its renewal in review, and an authorisation that overlaps with another."""
    store = store_at(settings.files_url)

    def scan() -> str:
        return papers.uploaded(database, name="医疗器械经营许可证（副本）.pdf", store=store)

    counting = papers.counting(database, files=[scan()], valid_to=papers.day(40))
    days = {"valid_from": papers.day(41), "valid_to": papers.day(1900)}
    waiting = papers.filed(database, files=[scan()], paper_no="MD-4711", replaces=counting, **days)
    papers.approved(database, papers.proposed(database, is_exclusive=True))
    authorisation = papers.proposed(database, dealer="suzhou", region="east", category_codes=("P07",))
    return {"paper_counting": counting, "paper_waiting": waiting, "authorisation": authorisation}


def _demanded(database) -> dict[str, str]:
    """A limit in force and a stop that has ended; a letter that was sent, and a run to be reviewed."""
    kept = credit.a_change_and_a_stop(database, cast.huadong)
    letters = dunning.a_letter_each(database)
    run = dunning.proposed(database, cast.TODAY + 120 * dunning.DAY)
    assert run is not None
    return {
        "credit_change": kept["credit change"],
        "stop": kept["stop"],
        "dunning_letter": letters[cast.huadong.code],
        "dunning_run": run,
    }


def _paid_online(database) -> dict[str, str]:
    """A payment by Stripe of which a part went back, and an event that could not be booked."""
    made = payments.begun(database, amount="800.00")
    payments.told(database, payments.intent_event(made), payments.refund_event(made, "50.00", at=1))
    odd, aside = (
        payments.intent_event(payments.begun(database, amount=amount), currency="usd")
        for amount in ("90.00", "80.00")
    )
    payments.told(database, odd, aside)
    colleague = cast.finance_colleague.actor()
    with transaction(database.session_for(colleague)) as session:
        set_aside(session, actor=colleague, event=aside["id"], reason="not ours", at=clock.now())
    with database.system_session() as session:
        query = text("SELECT payment_no FROM online_posting WHERE kind = 'paid'")
        booked = session.execute(query).scalar_one()
    return {
        "paid_online": made.number,
        "booked_online": booked,
        "stripe_event": odd["id"],
        "stripe_aside": aside["id"],
    }


def _corrected(database, settings, statement, later) -> str:
    """A statement under a clause, with a correction that waits; the code on it."""
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        about = {"actor": cast.hq_finance.actor(), "at": clock.now()}
        terms = {"is_active": True, "days": 30, "contract": "经销合同 2026 第 7.3 条", "revision": 0}
        set_clause(session, code=cast.huadong.code, **terms, **about)
        asked = {"documents": [later], "reason": "十月收款补记，双方同意归属本月"}
        propose_correction(session, number=statement, issuer=ISSUER, **asked, **about)
    sealer = Sealer(settings.secret_key.get_secret_value())
    return Verifier("", sealer)(cast.huadong.id, statement, 1).rpartition("/")[2]


def _banked(database) -> dict[str, str]:
    """A statement of the bank with a payment that is matched and one that waits, and a file that asks."""
    told = "货款 合同号 HT-2026-0715 请以附言为准"
    file = bank.taken(
        database,
        bank.mt940(
            bank.booked("80.00", told=reference_of(cast.yuegang.code), party=cast.yuegang.name_zh),
            bank.booked("1234567.80", told=told, party=cast.huadong.name_zh, account="6217000000000000001"),
        ),
    )
    table = "交易日期,摘要,金额\n2026-11-20,货款,5.00\n2026-11-21,货款,6.00".encode()
    return {"bank_file": file.number, "bank_draft": bank.asked_about(database, table)}


def _taxed(database, invoice: str) -> dict[str, str]:
    """A tax invoice that differs, with a red-letter confirmation form."""
    content = taxes.xml_of(database, invoice, change=taxes.dearer("0.07"))
    number = taxes.taken(database, content, invoice).number
    taxes.noted(database, taxes.number_of_platform(77_777), number, "02")
    return {"tax_invoice": number}


def _asked_for_service(database) -> dict[str, str]:
    """A repair that waits for its dealer, and one that is resolved and not rated yet."""
    service.a_team(database, (cast.technician, "repair", "A02", "31"), (cast.service_desk, "", "", ""))
    entry = service.an_entry(
        "repair",
        subject="输液泵运行一小时后停机，报警代码 E-1024",
        text="门诊三楼。\n重启后同样停机。",
        product=cast.syringe.sku,
        contact="王工 13800000000",
        stops_treatment=True,
    )
    request = service.opened(database, entry)
    service.taken(database, request)
    service.noted(database, request, "同系列已知问题，备件在上海仓。")
    service.asked(database, request)
    resolved = service.opened(database)
    service.resolved(database, resolved)
    complaint = complaints.an_event(
        database, product=cast.syringe.sku, lot="L-7", stop_use="请停用该批号，等待处理结果。"
    )
    complaints.handled(database, complaint)
    complaints.written(database, complaint)
    return {
        "request": request,
        "request_resolved": resolved,
        "complaint": complaint,
        **_repairs(database),
    }


def _repairs(database):
    quoted, working, done = (repairs.a_request(database) for _ in range(3))
    repairs.offered(database, quoted)
    for number in (working, done):
        repairs.accepted(database, number, repairs.offered(database, number))
    visit_no = repairs.visited(database, done)
    filed = repairs.filed(database, done, visit_no, repairs.a_report(database))
    repairs.visited(database, working)
    day = clock.business_date(repairs.NINE, cast.ZONE).isoformat()
    return {
        "quoted": quoted,
        "working": working,
        "repaired": done,
        "visit_day": day,
        "service_invoice": filed.invoice_no,
    }


def _told(database) -> int:
    """Somebody at the dealer and at headquarters was told of something; a robot. Its id."""
    notify.told(database, "order.shipped", [cast.huadong.buyer])
    facts = {"dealer_zh": "华东", "dealer_en": "East", "asked": "5.00", "decide_by": None, "currency": "CNY"}
    notify.told(database, "claim.waiting", [cast.administrator], number="FS2611-0001", **facts)
    return notify.a_robot(database)


def _at_the_door(given, settings, delivery) -> dict[str, str | None]:
    """A shipment under way with an open link, and one that was signed by its link with a difference."""
    database = servers.database(
        settings.database_url.get_secret_value(), sealer=Sealer(settings.secret_key.get_secret_value())
    )
    under_way = given.a_delivery_of(given.an_order({cast.gauze: 15}).number, on=cast.TODAY).shipment_number
    used = deliveries.linked(database, delivery.shipment_number).token
    lot = (cast.syringe, "SY-EARLY", 29, 1)
    case = deliveries.signed_at_the_door(
        database, used, lot, signature=deliveries.STROKES, note="外箱一角受潮，一件破损，少一件"
    ).cases[0]
    link = deliveries.linked(database, under_way).token
    database.dispose()
    return {
        "under_way": under_way,
        "received": delivery.shipment_number,
        "case": case,
        "link": link,
        "used_link": used,
    }


def _sent_cold(given, owner, database) -> str:
    """A shipment on its way that was too warm, with what its carrier told."""
    cold.made_cold(owner, cast.gloves)
    number = given.a_delivery_of(given.an_order({cast.gloves: 4}).number).shipment_number
    tracking.recorded(database, number, tracking.event(EventCode.OUT_FOR_DELIVERY, 2, place="上海浦东营业部"))
    tracking.recorded(database, number, tracking.event(EventCode.EXCEPTION, 5, note="收件人电话无人接听"))
    cold.packed(database, number)
    cold.departed(database, number)
    cold.logged(database, number, cold.log_of("5.0", (20, "9.5"), (25, "10.1")))
    return number


def _held(given, database) -> str:
    """An order above the credit limit and held by hand too, which one person would let go."""
    given.credit_limit_of(cast.huadong, "1.00")
    number = given.an_order({cast.gloves: 3}).number
    given.credit_limit_of(cast.huadong, "500000.00")
    holds.held(database, number, kind="price", reason="单价与上月合同不符，等待大区经理书面确认后放行")
    holds.decided(database, "overdue", "warning", reason="agreed with finance until the end of the quarter")
    for role in ("order_desk", "hq_finance"):
        holds.limited(database, role, "price", 0)
    acts.released(database, number, reason="the price has been confirmed by mail")
    return number


def _rehearsed(database, policy: int) -> None:
    manager = cast.national_manager.actor()
    with transaction(database.staff_session(manager)) as session:
        asked = ask_rehearsal(session, actor=manager, policy_id=policy, months="12", at=clock.now())
    with transaction(database.system_session()) as session:
        begun = progress.take_up(session, rehearsal_id=asked, zone=cast.ZONE)
        result = perform(session, asked=begun, progress=lambda done, total: None)
        progress.finish(session, rehearsal_id=asked, result=result, at=clock.now())


def _simulated(database, programme: int) -> None:
    """A programme over more than a year until yesterday."""
    manager, yesterday = cast.national_manager.actor(), cast.TODAY - timedelta(days=1)
    with transaction(database.staff_session(manager)) as session:
        key = ask_simulation(
            session,
            actor=manager,
            programme_id=programme,
            first=(yesterday - timedelta(days=400)).isoformat(),
            last=yesterday.isoformat(),
            zone=cast.ZONE,
            at=clock.now(),
        )
    more = True
    while more:
        with transaction(database.system_session()) as session:
            simulate.take_up(session, simulation_id=key)
            more = simulate.simulate_some(session, simulation_id=key, zone=cast.ZONE, at=clock.now())


def _checked_with_a_difference(owner, database) -> None:
    move = text("UPDATE dealer_account SET balance = balance + :by WHERE dealer_id = :dealer")
    owner.execute(move, {"by": 1, "dealer": cast.suzhou.id})
    with transaction(database.system_session()) as session:
        ask_check(session, actor=SYSTEM, at=clock.now())
        asked = begin_run(session, actor=SYSTEM, at=clock.now(), zone=cast.ZONE)
        run_checks(session, actor=SYSTEM, now=clock.now, run_id=asked)
    owner.execute(move, {"by": -1, "dealer": cast.suzhou.id})


def _running(owner, settings) -> None:
    """Processes that say they live, an effect that was given up and a job that failed."""
    owner.execute(
        text(
            "INSERT INTO outbox (topic, payload, attempts, last_error)"
            " VALUES ('order.placed', '{}', 12, 'OperationalError: the mail server does not answer')"
        )
    )
    with connect(settings.redis_url.get_secret_value()) as valkey:
        for kind in nodes.KINDS:
            nodes.say(kind, valkey, began_at=clock.now().isoformat())
        queue(DEFAULT, valkey).enqueue("jobs.upkeep.no_such", failure_ttl=600)
        SimpleWorker([queue(DEFAULT, valkey)], connection=valkey).work(burst=True)


# A locator would have the browser read all of Playwright's own script in every page.
_MAIN_HEADINGS = """
() => [...document.querySelectorAll("h1, [role=heading][aria-level='1']")]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest("[aria-hidden=true]"))
  .filter(one => one.getBoundingClientRect().width > 0).map(one => one.innerText)
"""


def go(page: Page, address: str) -> None:
    """Open an address; the page that answers is the one of that address, not the way in."""
    page.goto(address)
    assert page.url.endswith(address)
    assert len(page.evaluate(_MAIN_HEADINGS)) == 1, address


@pytest.mark.parametrize("who", PAGES)
def test_every_page_fits_and_is_accessible(open_page, scene, words, who):
    """Access is looked at on the phone in Chinese and on the desk in English: it takes longest.

    A page is opened on one screen and then seen on the other; the next is opened on that. So each is opened
    on a desk in one language and on a phone in the other.
    The dark is other colours of the same pages: those of the buyer in Chinese, of finance in English.
    """
    person, addresses = PAGES[who]
    first, screen = (WIDE, PHONE) if words.language == "zh" else (PHONE, WIDE)
    page = open_page(person, viewport=first)
    for address in addresses:
        go(page, address.format(**scene))
        assert_good_on_every_screen(page, accessible_on=[screen], and_back=False)
        if who == {"zh": "buyer", "en": "finance"}[words.language]:
            page.set_viewport_size(WIDE)
            assert_readable_in_the_dark(page)


def test_a_chart_that_has_not_followed_its_box_yet_does_not_widen_the_page(open_page):
    page = open_page(cast.order_desk)
    page.add_init_script("window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} }")
    go(page, "/hq/")
    expect(page.locator("[data-chart] canvas")).to_be_visible()
    page.set_viewport_size(PHONE)
    assert_fits(page)


def test_the_frame_takes_one_row_of_a_phone(open_page, scene):
    for person, address in ((cast.order_desk, "/hq/"), (cast.huadong.buyer, "/")):
        page = open_page(person)
        page.set_viewport_size(PHONE)
        go(page, address)
        assert page.locator("header").first.bounding_box()["height"] <= 64, address


def test_who_prefers_the_dark_comes_into_it(open_page):
    page = open_page(cast.huadong.buyer, color_scheme="dark")
    go(page, "/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert_accessible(page)


def test_a_statement_on_screen_can_be_printed(open_page, scene):
    page = open_page(cast.huadong.finance)
    go(page, "/statements/{statement}".format(**scene))
    page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    expect(page.locator("#documents")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert_fits(page)


def test_the_language_is_switched_where_one_is_and_stays(open_page, words):
    page = open_page(cast.yuegang.boss)
    page.goto("/catalogue?q=GLOVES")
    other = {"zh": "en", "en": "zh"}[words.language]
    page.get_by_role("button", name={"zh": "中文", "en": "English"}[other]).click()
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[other])
    expect(page.get_by_role("searchbox")).to_have_value("GLOVES")
    page.goto("/orders")
    expect(page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[other])
