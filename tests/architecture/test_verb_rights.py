"""Every verb refuses by itself who lacks the right, whatever page or call leads to it.

A verb is a public function of a capability that is told a session and who acts. It is called here with
nothing but an actor: it has to ask for the right before it looks at anything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from portal.budgets.vocabulary import BudgetRight
from portal.catalogue.vocabulary import CatalogueRight
from portal.checks.vocabulary import CheckRight
from portal.claims.vocabulary import ClaimRight
from portal.coldchain.vocabulary import ColdChainRight
from portal.counting.vocabulary import CountingRight
from portal.dealerstock.vocabulary import DealerStockRight
from portal.deliveries.vocabulary import DeliveryRight
from portal.devices.vocabulary import READERS as DEVICE_READERS
from portal.devices.vocabulary import WORKERS as DEVICE_WORKERS
from portal.devices.vocabulary import DeviceRight
from portal.feed.vocabulary import FeedRight
from portal.files.vocabulary import FileRight
from portal.identity.vocabulary import IdentityRight
from portal.kernel.actor import Actor
from portal.kernel.errors import Forbidden
from portal.kernel.registry import registry
from portal.knowledge.vocabulary import KnowledgeRight
from portal.ledger.vocabulary import LedgerRight
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.notifications.vocabulary import NotificationRight
from portal.orders.vocabulary import OrderRight
from portal.planning.vocabulary import PlanningRight
from portal.pricing.vocabulary import PriceRight
from portal.promotions.vocabulary import PromotionRight
from portal.purchasing.vocabulary import PurchasingRight
from portal.rebates.vocabulary import RebateRight
from portal.receiving.suppliers import MAY_SEE
from portal.receiving.vocabulary import ReceivingRight
from portal.returns.vocabulary import ReturnRight
from portal.service.vocabulary import ServiceRight
from portal.settlements.vocabulary import SettlementRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight
from portal.stock.vocabulary import StockRight
from portal.transfers.vocabulary import TransferRight
from portal.webhooks.vocabulary import WebhookRight
from portal.workdays.vocabulary import WorkdayRight
from tests.architecture import tree

STAFF, DEALER = None, 1
"""The dealer that an actor belongs to."""

COUNTERS = {CountingRight.COUNT, CountingRight.APPROVE}
KNOWLEDGE_STAFF = {KnowledgeRight.WRITE, KnowledgeRight.PUBLISH}
CLAIM_DECIDERS = {ClaimRight.MANAGE, ClaimRight.FINANCE}
SERVING = {ServiceRight.DESK, ServiceRight.WORK}
REPORTERS = {NonconformingRight.REPORT, QualityRight.DECIDE}

# What a verb demands: any one of the rights. A verb that asks dealers for another right than headquarters has
# two lines.
DEMANDED = {
    ("portal.repairs.cancel_repair.cancel_repair", STAFF): SERVING,
    ("portal.repairs.decide_quote.accept_quote", DEALER): {ServiceRight.WRITE},
    ("portal.repairs.decide_quote.decline_quote", DEALER): {ServiceRight.WRITE},
    ("portal.repairs.file_report.file_report", STAFF): SERVING,
    ("portal.repairs.plan_visit.cancel_visit", STAFF): SERVING,
    ("portal.repairs.plan_visit.plan_visit", STAFF): SERVING,
    ("portal.repairs.queries.visits_between", STAFF): SERVING,
    ("portal.repairs.write_quote.offer_quote", STAFF): SERVING,
    ("portal.repairs.write_quote.withdraw_quote", STAFF): SERVING,
    ("portal.repairs.write_quote.write_quote", STAFF): SERVING,
    ("portal.service.converse.ask_dealer", STAFF): SERVING,
    ("portal.service.converse.note", STAFF): SERVING,
    ("portal.service.converse.say", DEALER): {ServiceRight.WRITE},
    ("portal.service.converse.say", STAFF): SERVING,
    ("portal.service.duties.assign_by_rule", STAFF): {ServiceRight.DESK},
    ("portal.service.duties.set_team", STAFF): {ServiceRight.RULES},
    ("portal.service.finish.cancel", DEALER): {ServiceRight.WRITE},
    ("portal.service.finish.close", DEALER): {ServiceRight.WRITE},
    ("portal.service.finish.rate", DEALER): {ServiceRight.WRITE},
    ("portal.service.finish.reopen", DEALER): {ServiceRight.WRITE},
    ("portal.service.finish.reopen", STAFF): {ServiceRight.DESK},
    ("portal.service.finish.resolve", STAFF): SERVING,
    ("portal.service.handle.assign", STAFF): {ServiceRight.DESK},
    ("portal.service.handle.merge", STAFF): {ServiceRight.DESK},
    ("portal.service.handle.sort_anew", STAFF): {ServiceRight.DESK},
    ("portal.service.handle.take", STAFF): SERVING,
    ("portal.service.open_request.open_request", DEALER): {ServiceRight.WRITE},
    ("portal.service.open_request.open_request", STAFF): {ServiceRight.DESK},
    ("portal.service.read_files.require_note_reader", STAFF): SERVING,
    ("portal.service.read_files.require_reader", DEALER): {*SERVING, ServiceRight.READ, ServiceRight.WRITE},
    ("portal.service.targets.set_targets", STAFF): {ServiceRight.RULES},
    ("portal.webhooks.locked.lock_subscription", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.locked.lock_subscription", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.queries.count_deliveries", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.queries.count_deliveries", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.queries.deliveries", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.queries.deliveries", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.queries.delivery", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.queries.delivery", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.queries.subscription", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.queries.subscription", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.queries.subscriptions", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.queries.subscriptions", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.replay.replay_dead", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.replay.replay_dead", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.replay.replay_delivery", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.replay.replay_delivery", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.replay.send_test", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.replay.send_test", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.subscribe.change_subscription", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.subscribe.change_subscription", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.subscribe.pause_subscription", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.subscribe.pause_subscription", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.subscribe.remove_subscription", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.subscribe.remove_subscription", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.subscribe.rotate_secret", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.subscribe.rotate_secret", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.webhooks.subscribe.subscribe", DEALER): {WebhookRight.WRITE},
    ("portal.webhooks.subscribe.subscribe", STAFF): {WebhookRight.HEADQUARTERS},
    ("portal.catalogue.decide_change.approve_change", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.decide_change.approve_changes", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.decide_change.reject_change", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.import_products.import_products", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.kept_products.change_shown", STAFF): {
        CatalogueRight.EDIT,
        CatalogueRight.HEADQUARTERS,
    },
    ("portal.catalogue.kept_products.changes", STAFF): {CatalogueRight.EDIT, CatalogueRight.HEADQUARTERS},
    ("portal.catalogue.kept_products.history", STAFF): {CatalogueRight.EDIT, CatalogueRight.HEADQUARTERS},
    ("portal.catalogue.kept_products.kept_products", STAFF): {
        CatalogueRight.EDIT,
        CatalogueRight.HEADQUARTERS,
    },
    ("portal.catalogue.kept_products.product_in_force", STAFF): {
        CatalogueRight.EDIT,
        CatalogueRight.HEADQUARTERS,
    },
    ("portal.catalogue.name_related.name_related", STAFF): {
        CatalogueRight.EDIT,
        CatalogueRight.SUBSTITUTES,
    },
    ("portal.catalogue.propose_change.propose_change", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.propose_change.propose_changes", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.propose_change.submit_change", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.propose_change.submit_changes", STAFF): {CatalogueRight.EDIT},
    ("portal.catalogue.name_substitutes.add_substitute", STAFF): {CatalogueRight.SUBSTITUTES},
    ("portal.catalogue.name_substitutes.name_substitutes", STAFF): {CatalogueRight.SUBSTITUTES},
    ("portal.catalogue.name_substitutes.remove_substitute", STAFF): {CatalogueRight.SUBSTITUTES},
    ("portal.catalogue.substitutes.named_substitutes", STAFF): {CatalogueRight.SUBSTITUTES},
    ("portal.catalogue.substitutes.substitutes", STAFF): {CatalogueRight.SUBSTITUTES},
    ("portal.checks.ask_check.ask_check", STAFF): {CheckRight.READ, LedgerRight.READ},
    ("portal.checks.attempts.begin_run", STAFF): {CheckRight.READ},
    ("portal.checks.attempts.fail_run", STAFF): {CheckRight.READ},
    ("portal.checks.run_checks.check", STAFF): {CheckRight.READ},
    ("portal.checks.run_checks.run_checks", STAFF): {CheckRight.READ},
    ("portal.checks.stock_levels.check_levels", STAFF): {ShippingRight.SHIP, CheckRight.READ},
    ("portal.deliveries.add_photos.add_photos", DEALER): {OrderRight.WRITE, DeliveryRight.DESK},
    ("portal.deliveries.photos.require_case_reader", STAFF): {OrderRight.READ, DeliveryRight.DESK},
    ("portal.deliveries.photos.require_proof_reader", STAFF): {
        OrderRight.READ,
        OrderRight.DESK,
        DeliveryRight.DESK,
        ShippingRight.SHIP,
    },
    ("portal.deliveries.decide_case.decide_case", STAFF): {DeliveryRight.DESK},
    ("portal.deliveries.decide_case.take_up_case", STAFF): {DeliveryRight.DESK},
    ("portal.deliveries.links.make_link", STAFF): {DeliveryRight.DESK, ShippingRight.SHIP, OrderRight.WRITE},
    ("portal.deliveries.links.revoke_link", DEALER): {
        DeliveryRight.DESK,
        ShippingRight.SHIP,
        OrderRight.WRITE,
    },
    ("portal.deliveries.sign_delivery.sign_by_link", DEALER): {OrderRight.WRITE, ShippingRight.RECEIVE},
    ("portal.deliveries.sign_delivery.sign_delivery", DEALER): {OrderRight.WRITE, ShippingRight.RECEIVE},
    ("portal.coldchain.add_log.add_log", STAFF): {ShippingRight.SHIP},
    ("portal.coldchain.add_log.add_log", DEALER): {OrderRight.WRITE},
    ("portal.coldchain.decide_record.decide_record", STAFF): {ColdChainRight.DECIDE},
    ("portal.coldchain.measure.arrive_cold_goods", STAFF): {ShippingRight.SHIP},
    ("portal.coldchain.measure.arrive_cold_goods", DEALER): {OrderRight.WRITE},
    ("portal.coldchain.measure.depart_cold_goods", STAFF): {ShippingRight.SHIP},
    ("portal.coldchain.measure.pack_cold_goods", STAFF): {ShippingRight.SHIP},
    ("portal.coldchain.record_inbound.decide_inbound", STAFF): {ColdChainRight.DECIDE},
    ("portal.coldchain.record_inbound.record_inbound", STAFF): {ShippingRight.SHIP},
    ("portal.tracking.carriers.keep_carrier", STAFF): {ShippingRight.SHIP},
    ("portal.tracking.carriers.set_lead_times", STAFF): {ShippingRight.SHIP},
    ("portal.tracking.record_events.record_events", STAFF): {ShippingRight.SHIP},
    ("portal.tracking.record_events.record_told", STAFF): {ShippingRight.SHIP},
    ("portal.identity.create_client.create_client", STAFF): {IdentityRight.ADMINISTER},
    ("portal.identity.create_user.create_user", STAFF): {IdentityRight.ADMINISTER},
    ("portal.ledger.decide_correction.approve_correction", STAFF): {LedgerRight.APPROVE},
    ("portal.ledger.decide_correction.reject_correction", STAFF): {LedgerRight.APPROVE},
    ("portal.ledger.post_credit_note.post_credit_note", STAFF): {LedgerRight.POST, LedgerRight.APPROVE},
    ("portal.ledger.post_invoice.post_invoice", STAFF): {ShippingRight.SHIP, LedgerRight.POST},
    ("portal.ledger.propose_correction.propose_credit_note", STAFF): {LedgerRight.POST},
    ("portal.ledger.propose_correction.propose_reversal", STAFF): {LedgerRight.POST},
    ("portal.ledger.record_payment.record_payment", STAFF): {LedgerRight.POST},
    ("portal.ledger.reverse_entry.reverse_entry", STAFF): {LedgerRight.POST, LedgerRight.APPROVE},
    ("portal.notifications.keep_robot.add_robot", STAFF): {NotificationRight.ROBOTS},
    ("portal.notifications.keep_robot.change_robot", STAFF): {NotificationRight.ROBOTS},
    ("portal.notifications.keep_robot.robot", STAFF): {NotificationRight.ROBOTS},
    ("portal.notifications.keep_robot.robots", STAFF): {NotificationRight.ROBOTS},
    ("portal.notifications.keep_robot.try_robot", STAFF): {NotificationRight.ROBOTS},
    ("portal.notifications.suspend.note_bounces", STAFF): {NotificationRight.BOUNCES},
    ("portal.notifications.suspend.suspended_people", STAFF): {NotificationRight.BOUNCES},
    ("portal.orders.cancel_order.cancel_order", STAFF): {OrderRight.DESK},
    ("portal.orders.cancel_order.cancel_order", DEALER): {OrderRight.WRITE},
    ("portal.orders.hold_order.hold_order", STAFF): {OrderRight.DESK},
    ("portal.orders.settings.set_release_limit", STAFF): {OrderRight.RULES},
    ("portal.orders.settings.set_severity", STAFF): {OrderRight.RULES},
    ("portal.orders.cart.put_in_cart", DEALER): {OrderRight.WRITE},
    ("portal.orders.cart.take_instead", DEALER): {OrderRight.WRITE},
    ("portal.orders.change_order.change_order", DEALER): {OrderRight.WRITE, OrderRight.DESK},
    ("portal.orders.fill_cart.fill_cart", DEALER): {OrderRight.WRITE},
    ("portal.ordersheets.check_sheet.check_sheet", DEALER): {OrderRight.WRITE, OrderRight.DESK},
    ("portal.orders.place_order.place_order", DEALER): {OrderRight.WRITE, OrderRight.DESK},
    ("portal.orders.release_order.release_order", STAFF): {OrderRight.DESK},
    ("portal.orders.validate_order.validate_order", DEALER): {
        OrderRight.READ,
        OrderRight.WRITE,
        OrderRight.DESK,
    },
    ("portal.pricing.change_prices.change_prices", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.draft_version.draft_version", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.drafts.add_rule", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.drafts.edit_policy", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.drafts.remove_rule", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.publish_policy.publish_policy", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.pricing.review.review_draft", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.shipping.confirm_receipt.confirm_receipt", DEALER): {OrderRight.WRITE, ShippingRight.RECEIVE},
    ("portal.shipping.confirm_pick.confirm_pick", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.outbound.count_outbound_reviews", STAFF): {ShippingRight.REVIEWS, ShippingRight.SHIP},
    ("portal.shipping.outbound.count_open_parcels", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.count_waves", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.outbound.open_parcels", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.outbound.outbound_reviews", STAFF): {ShippingRight.REVIEWS, ShippingRight.SHIP},
    ("portal.shipping.pack_parcel.pack_parcel", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.pick_order.pick_order", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.print_delivery_note.print_delivery_note", STAFF): {
        OrderRight.READ,
        OrderRight.DESK,
        ShippingRight.SHIP,
        ShippingRight.REVIEWS,
    },
    ("portal.shipping.review_parcel.review_parcel", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.review_scan.review_scan", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.refusals", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.to_pick", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.warehouses", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.wave", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.waves.waves", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.ship.ship", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.ship_order.ship_order", STAFF): {ShippingRight.SHIP},
    ("portal.shipping.unpick_order.unpick_order", STAFF): {ShippingRight.SHIP},
    ("portal.statements.begin_close.begin_close", STAFF): {StatementRight.CLOSE},
    ("portal.statements.ensure_pdf.ensure_pdf", DEALER): {StatementRight.READ, LedgerRight.READ},
    ("portal.statements.finish_close.finish_close", STAFF): {StatementRight.CLOSE},
    ("portal.statements.issue_statement.issue_statement", STAFF): {StatementRight.CLOSE},
    ("portal.statements.retry_close.retry_close", STAFF): {StatementRight.CLOSE},
    ("portal.feed.acknowledge.acknowledge_entry", DEALER): {FeedRight.ACKNOWLEDGE},
    ("portal.feed.acknowledge.open_entry", DEALER): {FeedRight.READ},
    ("portal.feed.addressing.reach", STAFF): {FeedRight.EDIT, FeedRight.PUBLISH},
    ("portal.feed.attachments.attach_file", STAFF): {FeedRight.EDIT},
    ("portal.feed.attachments.attached_file", STAFF): {FeedRight.EDIT, FeedRight.PUBLISH},
    ("portal.feed.attachments.attached_file", DEALER): {FeedRight.READ},
    ("portal.feed.attachments.detach_file", STAFF): {FeedRight.EDIT},
    ("portal.files.resume_upload.begin_upload", STAFF): {FileRight.DESK},
    ("portal.files.resume_upload.begin_upload", DEALER): {FileRight.WRITE},
    ("portal.files.upload_file.upload_file", STAFF): {FileRight.DESK},
    ("portal.files.upload_file.upload_file", DEALER): {FileRight.WRITE},
    ("portal.files.remove_draft.remove_draft", STAFF): {FileRight.DESK},
    ("portal.files.remove_draft.remove_draft", DEALER): {FileRight.WRITE},
    ("portal.feed.drafts.correct_entry", STAFF): {FeedRight.PUBLISH},
    ("portal.feed.drafts.draft_entry", STAFF): {FeedRight.EDIT},
    ("portal.feed.drafts.edit_draft", STAFF): {FeedRight.EDIT},
    ("portal.feed.drafts.withdraw_entry", STAFF): {FeedRight.PUBLISH},
    ("portal.feed.editorial.edited_entry", STAFF): {FeedRight.EDIT, FeedRight.PUBLISH},
    ("portal.feed.editorial.entries", STAFF): {FeedRight.EDIT, FeedRight.PUBLISH},
    ("portal.feed.publish_entry.publish_draft", STAFF): {FeedRight.PUBLISH},
    ("portal.feed.remind.remind", STAFF): {FeedRight.PUBLISH},
    ("portal.pricing.decide_policy.approve_policy", STAFF): {PriceRight.APPROVE},
    ("portal.pricing.decide_policy.reject_policy", STAFF): {PriceRight.APPROVE},
    ("portal.pricing.draft_policy.draft_policy", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.draft_policy.rewrite_policy", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.floors.floors", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.pricing.policy_files.attach_file", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.policy_files.attached_file", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.pricing.policy_files.detach_file", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.set_floor.set_floor", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.set_floor.set_floors", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.submit_policy.recall_policy", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.submit_policy.submit_policy", STAFF): {PriceRight.POLICIES},
    ("portal.pricing.withdraw_policy.withdraw_policy", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.pricing.version_diff.changed_prices", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.promotions.decide_promotion.approve_promotion", STAFF): {PromotionRight.APPROVE},
    ("portal.promotions.decide_promotion.reject_promotion", STAFF): {PromotionRight.APPROVE},
    ("portal.promotions.draft_promotion.draft_promotion", STAFF): {PromotionRight.PROPOSE},
    ("portal.promotions.draft_promotion.edit_promotion", STAFF): {PromotionRight.PROPOSE},
    ("portal.budgets.decide_activity.approve_activity", STAFF): {BudgetRight.DECIDE},
    ("portal.budgets.decide_activity.close_activity", STAFF): {BudgetRight.DECIDE},
    ("portal.budgets.decide_activity.reject_activity", STAFF): {BudgetRight.DECIDE},
    ("portal.budgets.decide_activity.return_activity", STAFF): {BudgetRight.DECIDE},
    ("portal.budgets.decide_budget.approve_budget", STAFF): {BudgetRight.APPROVE},
    ("portal.budgets.decide_budget.reject_budget", STAFF): {BudgetRight.APPROVE},
    ("portal.budgets.plan_activity.edit_activity", DEALER): {BudgetRight.PLAN},
    ("portal.budgets.plan_activity.plan_activity", DEALER): {BudgetRight.PLAN},
    ("portal.budgets.plan_activity.submit_activity", DEALER): {BudgetRight.PLAN},
    ("portal.budgets.plan_activity.withdraw_activity", DEALER): {BudgetRight.PLAN},
    ("portal.budgets.propose_budget.propose_amount", STAFF): {BudgetRight.PROPOSE},
    ("portal.budgets.propose_budget.propose_budget", STAFF): {BudgetRight.PROPOSE},
    ("portal.devices.add_contract.add_contract", STAFF): {DeviceRight.DESK},
    ("portal.devices.change_state.change_state", DEALER): set(DEVICE_WORKERS),
    ("portal.devices.import_devices.apply_import", STAFF): {DeviceRight.DESK},
    ("portal.devices.import_devices.keep_import", STAFF): {DeviceRight.DESK},
    ("portal.devices.import_devices.looked_through", STAFF): {DeviceRight.DESK},
    ("portal.devices.import_devices.take_rows", STAFF): {DeviceRight.DESK},
    ("portal.devices.install.file_report", DEALER): set(DEVICE_WORKERS),
    ("portal.devices.note_event.note_event", DEALER): set(DEVICE_READERS),
    ("portal.devices.read_files.require_report_reader", DEALER): set(DEVICE_READERS),
    ("portal.devices.replace_part.replace_part", DEALER): set(DEVICE_WORKERS),
    ("portal.devices.set_rule.set_rule", STAFF): {DeviceRight.DESK},
    ("portal.maintenance.finish.finish", DEALER): set(DEVICE_WORKERS),
    ("portal.maintenance.finish.skip", STAFF): {DeviceRight.DESK},
    ("portal.maintenance.read_files.require_reader", DEALER): set(DEVICE_READERS),
    ("portal.maintenance.set_plan.set_plan", STAFF): {DeviceRight.DESK},
    ("portal.claims.approve_batch.approve_plain", STAFF): CLAIM_DECIDERS,
    ("portal.claims.chains.decide_chain", STAFF): {ClaimRight.FINANCE},
    ("portal.claims.chains.propose_chain", STAFF): {ClaimRight.FINANCE},
    ("portal.claims.decide_claim.decide_claim", STAFF): CLAIM_DECIDERS,
    ("portal.claims.delegate.delegate_claims", STAFF): CLAIM_DECIDERS,
    ("portal.claims.delegate.delegations", STAFF): CLAIM_DECIDERS,
    ("portal.claims.delegate.end_delegation", STAFF): CLAIM_DECIDERS,
    ("portal.claims.draft_claim.draft_claim", DEALER): {ClaimRight.WRITE},
    ("portal.claims.draft_claim.edit_claim", DEALER): {ClaimRight.WRITE},
    ("portal.claims.read_files.require_reader", DEALER): {
        RebateRight.READ,
        ClaimRight.WRITE,
        *CLAIM_DECIDERS,
    },
    ("portal.claims.submit_claim.submit_claim", DEALER): {ClaimRight.WRITE},
    ("portal.claims.withdraw_claim.withdraw_claim", DEALER): {ClaimRight.WRITE},
    ("portal.rebates.ask_simulation.ask_simulation", STAFF): {RebateRight.PROPOSE, RebateRight.APPROVE},
    ("portal.rebates.amendment_preview.preview_of_amendment", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.decide_amendment.approve_amendment", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.decide_amendment.recall_amendment", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.decide_amendment.reject_amendment", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.decide_amendment.submit_amendment", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.draft_amendment.draft_amendment", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.draft_amendment.edit_amendment", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.facts.facts", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.facts.count_facts", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.facts.fact_of", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.publish_amendment.publish_amendment", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.publish_amendment.withdraw_amendment", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.state_fact.confirm_fact", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.state_fact.refuse_fact", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.state_fact.state_fact", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.decide_programme.approve_programme", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.decide_programme.recall_programme", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.decide_programme.reject_programme", STAFF): {RebateRight.APPROVE},
    ("portal.rebates.decide_programme.submit_programme", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.draft_programme.draft_programme", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.draft_programme.edit_programme", STAFF): {RebateRight.PROPOSE},
    ("portal.rebates.publish_programme.publish_programme", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.rebates.publish_programme.withdraw_programme", STAFF): {
        RebateRight.PROPOSE,
        RebateRight.APPROVE,
    },
    ("portal.settlements.ensure_note_pdf.ensure_note_pdf", STAFF): {
        RebateRight.READ,
        RebateRight.PROPOSE,
        SettlementRight.SETTLE,
        LedgerRight.READ,
    },
    ("portal.settlements.run.decide_run", STAFF): {SettlementRight.SETTLE},
    ("portal.settlements.run.propose_run", STAFF): {SettlementRight.SETTLE, RebateRight.PROPOSE},
    ("portal.returns.decide_return.approve_return", STAFF): {ReturnRight.HANDLE},
    ("portal.returns.decide_return.reject_return", STAFF): {ReturnRight.HANDLE, ColdChainRight.DECIDE},
    ("portal.returns.decide_return.withdraw_return", DEALER): {OrderRight.WRITE},
    ("portal.returns.evidence.accept_temperatures", STAFF): {ColdChainRight.DECIDE},
    ("portal.returns.inspect_return.inspect_return", STAFF): {ReturnRight.INSPECT},
    ("portal.returns.read_files.require_reader", STAFF): {
        OrderRight.READ,
        ReturnRight.HANDLE,
        ReturnRight.INSPECT,
    },
    ("portal.returns.receive_return.receive_return", STAFF): {ReturnRight.HANDLE},
    ("portal.returns.request_return.request_return", DEALER): {OrderRight.WRITE, ReturnRight.HANDLE},
    ("portal.scanning.scan.scan", STAFF): {CatalogueRight.READ, CatalogueRight.HEADQUARTERS},
    ("portal.scanning.scan.scan", DEALER): {CatalogueRight.READ, CatalogueRight.HEADQUARTERS},
    ("portal.promotions.join_promotion.join_promotion", DEALER): {OrderRight.WRITE},
    ("portal.promotions.publish_promotion.publish_promotion", STAFF): {
        PromotionRight.PROPOSE,
        PromotionRight.APPROVE,
    },
    ("portal.promotions.publish_promotion.withdraw_promotion", STAFF): {
        PromotionRight.PROPOSE,
        PromotionRight.APPROVE,
    },
    ("portal.promotions.submit_promotion.recall_promotion", STAFF): {PromotionRight.PROPOSE},
    ("portal.promotions.submit_promotion.submit_promotion", STAFF): {PromotionRight.PROPOSE},
    ("portal.purchasing.change_within.change_within", DEALER): {OrderRight.WRITE, OrderRight.DESK},
    ("portal.purchasing.decide_draft.approve_draft", DEALER): {PurchasingRight.APPROVE},
    ("portal.purchasing.decide_draft.order_draft", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.decide_draft.reject_draft", DEALER): {PurchasingRight.APPROVE},
    ("portal.purchasing.drafts.draft", DEALER): {OrderRight.WRITE, PurchasingRight.APPROVE},
    ("portal.purchasing.drafts.lock_draft", DEALER): {OrderRight.WRITE, PurchasingRight.APPROVE},
    ("portal.purchasing.keep_draft.discard_draft", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.keep_draft.keep_draft", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.keep_draft.take_draft", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.keep_draft.withdraw_draft", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.limits.set_amount", DEALER): {PurchasingRight.APPROVE},
    ("portal.purchasing.place_or_ask.place_or_ask", DEALER): {OrderRight.WRITE, OrderRight.DESK},
    ("portal.purchasing.recurring.keep_recurring", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.recurring.pause_recurring", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.recurring.remove_recurring", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.templates.keep_template", DEALER): {OrderRight.WRITE},
    ("portal.purchasing.templates.remove_template", DEALER): {OrderRight.WRITE},
    ("portal.dealerstock.queries.count_own_stock", DEALER): {StockRight.READ},
    ("portal.dealerstock.queries.own_stock", DEALER): {StockRight.READ},
    ("portal.dealerstock.reorder.to_order_again", DEALER): {StockRight.READ},
    ("portal.dealerstock.report_stock.report_stock", DEALER): {DealerStockRight.REPORT},
    ("portal.dealerstock.reports.inventory_report", DEALER): {StockRight.READ},
    ("portal.dealerstock.reports.inventory_reports", DEALER): {StockRight.READ},
    ("portal.dealerstock.reports.told_lines", STAFF): {DealerStockRight.HEADQUARTERS},
    ("portal.planning.advice_list.advice", STAFF): {OrderRight.DESK},
    ("portal.planning.advice_list.advice_on", STAFF): {OrderRight.DESK},
    ("portal.planning.advice_list.count_advice", STAFF): {OrderRight.DESK},
    ("portal.planning.advice_list.lots_to_spare", STAFF): {OrderRight.DESK},
    ("portal.planning.advise.advise", STAFF): {OrderRight.DESK},
    ("portal.planning.advise.is_due", STAFF): {OrderRight.DESK},
    ("portal.planning.advise.trends", STAFF): {OrderRight.DESK},
    ("portal.planning.terms.set_terms", STAFF): {PlanningRight.SET},
    ("portal.planning.terms.terms_set", STAFF): {OrderRight.DESK},
    ("portal.replenishment.queries.count_supply_requests", STAFF): {OrderRight.DESK},
    ("portal.replenishment.queries.supply_requests", STAFF): {OrderRight.DESK},
    ("portal.replenishment.record_progress.record_progress", STAFF): {OrderRight.DESK},
    ("portal.replenishment.request_supply.request_supply", STAFF): {OrderRight.DESK},
    ("portal.transfers.dispatch_transfer.dispatch_transfer", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.make_transfer.cancel_transfer", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.make_transfer.make_transfer", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.queries.count_transfers", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.queries.transfer", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.queries.transfers", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.receive_transfer.receive_transfer", STAFF): {TransferRight.TRANSFER},
    ("portal.transfers.settle_difference.settle_difference", STAFF): {TransferRight.TRANSFER},
    ("portal.counting.decide_count.approve_count", STAFF): {CountingRight.APPROVE},
    ("portal.counting.decide_count.reject_count", STAFF): {CountingRight.APPROVE},
    ("portal.counting.enter_count.enter_count", STAFF): {CountingRight.COUNT},
    ("portal.counting.open_count.cancel_count", STAFF): {CountingRight.COUNT},
    ("portal.counting.open_count.open_count", STAFF): {CountingRight.COUNT},
    ("portal.counting.open_count.submit_count", STAFF): {CountingRight.COUNT},
    ("portal.counting.queries.count_counts", STAFF): COUNTERS,
    ("portal.counting.queries.count_lines", STAFF): COUNTERS,
    ("portal.counting.queries.count_sums", STAFF): COUNTERS,
    ("portal.counting.queries.counts", STAFF): COUNTERS,
    ("portal.counting.queries.stock_count", STAFF): COUNTERS,
    ("portal.nonconforming.decide_report.decide_report", STAFF): {QualityRight.DECIDE},
    ("portal.nonconforming.decide_report.witness_destruction", STAFF): REPORTERS,
    ("portal.nonconforming.queries.count_reports", STAFF): REPORTERS,
    ("portal.nonconforming.queries.report", STAFF): REPORTERS,
    ("portal.nonconforming.queries.reports", STAFF): REPORTERS,
    ("portal.nonconforming.queries.unreported", STAFF): REPORTERS,
    ("portal.nonconforming.report_goods.report_goods", STAFF): REPORTERS,
    ("portal.nonconforming.report_goods.set_apart", STAFF): REPORTERS,
    ("portal.receiving.inspect_goods.inspect_goods", STAFF): {ReceivingRight.ACCEPT},
    ("portal.receiving.purchases.purchase", STAFF): set(MAY_SEE),
    ("portal.receiving.purchases.purchases", STAFF): set(MAY_SEE),
    ("portal.receiving.queries.count_receipts", STAFF): set(MAY_SEE),
    ("portal.receiving.queries.receipt", STAFF): set(MAY_SEE),
    ("portal.receiving.queries.receipts", STAFF): set(MAY_SEE),
    ("portal.receiving.receive_goods.receive_goods", STAFF): {ReceivingRight.RECEIVE},
    ("portal.receiving.record_purchase.record_purchase", STAFF): {ReceivingRight.RECEIVE},
    ("portal.receiving.records.records", STAFF): set(MAY_SEE),
    ("portal.receiving.records.records_of", STAFF): set(MAY_SEE),
    ("portal.receiving.suppliers.suppliers", STAFF): set(MAY_SEE),
    ("portal.receiving.suppliers.write_supplier", STAFF): {ReceivingRight.RECEIVE},
    ("portal.knowledge.editorial.edited_article", STAFF): KNOWLEDGE_STAFF,
    ("portal.knowledge.editorial.edited_articles", STAFF): KNOWLEDGE_STAFF,
    ("portal.knowledge.publish_article.publish_article", STAFF): {KnowledgeRight.PUBLISH},
    ("portal.knowledge.publish_article.reject_article", STAFF): {KnowledgeRight.PUBLISH},
    ("portal.knowledge.publish_article.withdraw_article", STAFF): {KnowledgeRight.PUBLISH},
    ("portal.knowledge.read_files.require_reader", DEALER): {KnowledgeRight.READ, *KNOWLEDGE_STAFF},
    ("portal.knowledge.vote.vote", DEALER): {KnowledgeRight.READ},
    ("portal.knowledge.write_article.draft_article", STAFF): {KnowledgeRight.WRITE},
    ("portal.knowledge.write_article.edit_article", STAFF): {KnowledgeRight.WRITE},
    ("portal.knowledge.write_article.recall_article", STAFF): {KnowledgeRight.WRITE},
    ("portal.knowledge.write_article.submit_article", STAFF): {KnowledgeRight.WRITE},
    ("portal.workdays.edit_calendar.enter_years", STAFF): {WorkdayRight.EDIT},
    ("portal.workdays.edit_calendar.set_day", STAFF): {WorkdayRight.EDIT},
    ("portal.workdays.edit_calendar.set_hours", STAFF): {WorkdayRight.EDIT},
    ("portal.stock.change_location.change_location", STAFF): {StockRight.PLACE},
    ("portal.stock.holdings.held_level", STAFF): {StockRight.HEADQUARTERS},
    ("portal.stock.holdings.held_levels", STAFF): {StockRight.HEADQUARTERS},
    ("portal.stock.holdings.count_held_lots", STAFF): {StockRight.HEADQUARTERS},
    ("portal.stock.holdings.held_lots", STAFF): {StockRight.HEADQUARTERS},
    ("portal.stock.holdings.movements_of", STAFF): {StockRight.HEADQUARTERS},
    ("portal.rebates.simulations.simulation", STAFF): {RebateRight.PROPOSE, RebateRight.APPROVE},
    ("portal.rebates.simulations.simulations", STAFF): {RebateRight.PROPOSE, RebateRight.APPROVE},
    ("portal.rehearsals.ask_rehearsal.ask_rehearsal", STAFF): {PriceRight.POLICIES},
    ("portal.rehearsals.queries.rehearsal", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
    ("portal.rehearsals.queries.rehearsals", STAFF): {PriceRight.POLICIES, PriceRight.APPROVE},
}

_OWN = "somebody's own, which everybody may see and change"
_INSIDE = "part of verbs, which have asked"
_SCOPED = "a read within the session's scope; who may see it, the page and the call say"

# What is told a session and an actor, and demands no right.
UNASKED = {
    "portal.audit.record.record": _INSIDE,
    "portal.checks.queries.concerning": _SCOPED,
    "portal.catalogue.waiting.work": _SCOPED,
    "portal.checks.waiting.work": _SCOPED,
    "portal.dealers.queries.regions_in_scope": _SCOPED,
    "portal.dealers.waiting.work": _SCOPED,
    "portal.catalogue.documents.keep_documents": _INSIDE,
    "portal.files.attach.attach_files": "inside the verb of the document, which decides who may change it",
    "portal.files.attach.uploaded_files": _OWN,
    "portal.files.open_file.open_file": "asks the capability of the document whether it may be read",
    "portal.files.open_file.readable_row": "asks the capability of the document whether it may be read",
    "portal.files.resume_upload.abandon_upload": _OWN,
    "portal.files.resume_upload.upload_so_far": _OWN,
    "portal.files.upload_file.require_room": _INSIDE,
    "portal.files.upload_file.take_room": _INSIDE,
    "portal.files.preview_file.small_picture": "asks the capability of the document whether it may be read",
    "portal.files.preview_file.open_preview": "asks the capability of the document whether it may be read",
    "portal.identity.change_password.change_password": _OWN,
    "portal.identity.choose_locale.choose_locale": _OWN,
    "portal.identity.sign_out.sign_out": _OWN,
    "portal.ledger.billing.post_document": _INSIDE,
    "portal.ledger.corrections.keep_request": _INSIDE,
    "portal.ledger.journal.post": _INSIDE,
    "portal.ledger.period_lock.set_closing": _INSIDE,
    "portal.ledger.post_credit_note.post_drafted": _INSIDE,
    "portal.ledger.waiting.work": _SCOPED,
    "portal.lists.record_export.record_export": _INSIDE,
    "portal.lists.views.remove_view": _OWN,
    "portal.lists.views.save_view": _OWN,
    "portal.lists.views.views": _OWN,
    "portal.orders.answer.answered_before": _INSIDE,
    "portal.orders.cart.count": _OWN,
    "portal.orders.cart.empty_cart": _OWN,
    "portal.orders.cart.lines": _OWN,
    "portal.orders.cart.remove_from_cart": _OWN,
    "portal.orders.context.lock_context": _INSIDE,
    "portal.orders.place_replacement.place_replacement": _INSIDE,
    "portal.nonconforming.report_goods.report_found": _INSIDE,
    "portal.budgets.cockpit.budget": _SCOPED,
    "portal.budgets.cockpit.budgets": _SCOPED,
    "portal.budgets.cockpit.years": _SCOPED,
    "portal.budgets.propose_budget.answered_pot": _INSIDE,
    "portal.budgets.queries.programmes_without_budget": _SCOPED,
    "portal.budgets.waiting.work": _SCOPED,
    "portal.devices.find.find_devices": _SCOPED,
    "portal.devices.kept_devices.write_devices": _INSIDE,
    "portal.devices.register.give_back": _INSIDE,
    "portal.devices.register.take_back": _INSIDE,
    "portal.devices.waiting.work": _SCOPED,
    "portal.maintenance.waiting.work": _SCOPED,
    "portal.claims.claim_acts.acts_of": _SCOPED,
    "portal.claims.deciders.delegators": _INSIDE,
    "portal.claims.deciders.roles_of": _INSIDE,
    "portal.claims.deciders.seat_of": _INSIDE,
    "portal.claims.delegate.can_stand_in": _SCOPED,
    "portal.claims.evidence.give_files": _INSIDE,
    "portal.claims.history.tell": _INSIDE,
    "portal.claims.pay.post_note": _INSIDE,
    "portal.claims.pay_claim.pay_approved": _INSIDE,
    "portal.claims.queries.claim_of": _SCOPED,
    "portal.claims.queue.count_queue": _SCOPED,
    "portal.claims.queue.queue": _SCOPED,
    "portal.claims.queries.claims": _SCOPED,
    "portal.claims.queries.count_claims": _SCOPED,
    "portal.claims.chains.chains_waiting": _SCOPED,
    "portal.claims.find.find_claims": _SCOPED,
    "portal.claims.waiting.work": _SCOPED,
    "portal.workdays.waiting.work": _SCOPED,
    "portal.knowledge.articles.keep_files": _INSIDE,
    "portal.knowledge.articles.tell": _INSIDE,
    "portal.knowledge.find.find_articles": _SCOPED,
    "portal.knowledge.queries.article": _SCOPED,
    "portal.knowledge.read_files.require_file_reader": "of a file, after the reader of its article was asked",
    "portal.knowledge.waiting.work": _SCOPED,
    "portal.ledger.post_service_invoice.post_service_invoice": _INSIDE,
    "portal.repairs.accepted.begin_work": _INSIDE,
    "portal.repairs.accepted.hold": _INSIDE,
    "portal.repairs.cancel_repair.call_off": _INSIDE,
    "portal.repairs.finish_work.finish_work": _INSIDE,
    "portal.repairs.locked.made_repair": _INSIDE,
    "portal.repairs.locked.tell_timeline": _INSIDE,
    "portal.repairs.note_device.note_part": _INSIDE,
    "portal.repairs.note_device.note_repaired": _INSIDE,
    "portal.repairs.parts.give_back": _INSIDE,
    "portal.repairs.parts.hold_parts": _INSIDE,
    "portal.repairs.queries.repair_of": _SCOPED,
    "portal.repairs.queries.visit_of": _SCOPED,
    "portal.repairs.tend.tend_repair": (
        "run by the clock in a session that sees every dealer; no page and no call leads to it"
    ),
    "portal.repairs.use_parts.use_parts": _INSIDE,
    "portal.repairs.waiting.work": _SCOPED,
    "portal.service.finish.resolve_locked": _INSIDE,
    "portal.service.close_resolved.close_resolved": (
        "run by the clock in a session that sees every dealer; no page and no call leads to it"
    ),
    "portal.service.converse.answered": _INSIDE,
    "portal.service.entries.add_entry": _INSIDE,
    "portal.service.find.find_requests": _SCOPED,
    "portal.service.finish.close_locked": _INSIDE,
    "portal.service.handle.give": _INSIDE,
    "portal.service.queue.board": _SCOPED,
    "portal.service.queue.count_queue": _SCOPED,
    "portal.service.queries.count_requests": _SCOPED,
    "portal.service.queries.open_counts": _SCOPED,
    "portal.service.queue.queue": _SCOPED,
    "portal.service.queue.queue_counts": _SCOPED,
    "portal.service.queries.requests": _SCOPED,
    "portal.service.waiting.work": _SCOPED,
    "portal.webhooks.waiting.work": _SCOPED,
    "portal.rebates.amendments.lock_amendable": _INSIDE,
    "portal.rebates.amendments.lock_amendment": _INSIDE,
    "portal.rebates.decide_amendment.tell": _INSIDE,
    "portal.rebates.documents.lock_programme": _INSIDE,
    "portal.rebates.facts.require_fact_reader": _INSIDE,
    "portal.rebates.naming.answering_region": _INSIDE,
    "portal.rebates.queries.programme": _SCOPED,
    "portal.rebates.queries.programmes": _SCOPED,
    "portal.rebates.find.find_programmes": _SCOPED,
    "portal.rebates.waiting.work": _SCOPED,
    "portal.company.post_entry.post_entry": _INSIDE,
    "portal.ledger.post_rebate_note.post_rebate_note": _INSIDE,
    "portal.settlements.carry_out.settle_next": _INSIDE,
    "portal.settlements.find.find_notes": _SCOPED,
    "portal.settlements.queries.run": _SCOPED,
    "portal.settlements.queries.runs": _SCOPED,
    "portal.settlements.liability.post_month": _INSIDE,
    "portal.settlements.run.ask_again": _INSIDE,
    "portal.settlements.run.finish_run": _INSIDE,
    "portal.settlements.settle_period.post_settled": _INSIDE,
    "portal.settlements.settle_period.settle_claim": _INSIDE,
    "portal.settlements.settle_period.settle_dealer": _INSIDE,
    "portal.settlements.use_balance.use_balances": _INSIDE,
    "portal.settlements.waiting.work": _SCOPED,
    "portal.catalogue.documents.require_file_reader": _INSIDE,
    "portal.catalogue.documents.require_reader": "is the question for the right, and nothing else",
    "portal.files.resume_upload.add_piece": _OWN,
    "portal.returns.evidence.read_evidence": _INSIDE,
    "portal.returns.exchange.replace_accepted": _INSIDE,
    "portal.returns.report_scrap.report_scrap": _INSIDE,
    "portal.orders.release_way.releases": _INSIDE,
    "portal.pricing.policies.policies": _SCOPED,
    "portal.pricing.policies.policy": _SCOPED,
    "portal.pricing.waiting.work": _SCOPED,
    "portal.orders.fill_backorders.fill_backorders": (
        "run by the clock in a session that sees every dealer; no page and no call leads to it"
    ),
    "portal.shipping.set_apart.set_apart": "the outbound review asked: it is a part of that verb",
    "portal.shipping.retire_expired_lots.retire_expired_lots": (
        "run by the clock in a session that sees every dealer; no page and no call leads to it"
    ),
    "portal.returns.waiting.work": _SCOPED,
    "portal.shipping.waiting.work": _SCOPED,
    "portal.coldchain.waiting.work": _SCOPED,
    "portal.tracking.waiting.work": _SCOPED,
    "portal.statements.waiting.work": _SCOPED,
    "portal.orders.sources.write_sources": _INSIDE,
    "portal.receiving.accept.write_records": _INSIDE,
    "portal.receiving.waiting.work": _SCOPED,
    "portal.stock.move_lots.move_lots": _INSIDE,
    "portal.stock.reservations.release_units": _INSIDE,
    "portal.stock.reservations.reserve_units": _INSIDE,
    "portal.stock.retirement.write_retirement": _INSIDE,
    "portal.stock.returns.bring_back": _INSIDE,
    "portal.feed.addressing.addresses": _INSIDE,
    "portal.feed.addressing.home_regions": _SCOPED,
    "portal.feed.entries.answerable": _SCOPED,
    "portal.feed.entries.insert_entry": _INSIDE,
    "portal.feed.publish_entry.publish_entry": _INSIDE,
    "portal.feed.revoke_entries.revoke_entries": _INSIDE,
    "portal.feed.queries.entries": _SCOPED,
    "portal.feed.queries.entry": _SCOPED,
    "portal.notifications.choices.choose": _OWN,
    "portal.notifications.choices.preferences": _OWN,
    "portal.notifications.choices.stop_mail": _OWN,
    "portal.notifications.inbox.entries": _OWN,
    "portal.notifications.inbox.inbox": _OWN,
    "portal.notifications.inbox.mark_of_newest": _OWN,
    "portal.notifications.inbox.open_entry": _OWN,
    "portal.notifications.inbox.read_about": _OWN,
    "portal.notifications.inbox.read_all": _OWN,
    "portal.notifications.suspend.ask_confirmation": _OWN,
    "portal.notifications.suspend.resume_mail": _OWN,
    "portal.notifications.suspend.suspension_of": _OWN,
    "portal.feed.waiting.work": _SCOPED,
    "portal.navigation.favourites.add_favourite": _OWN,
    "portal.navigation.favourites.favourites": _OWN,
    "portal.navigation.favourites.remove_favourite": _OWN,
    "portal.deliveries.open_cases.open_cases": _INSIDE,
    "portal.deliveries.waiting.work": _SCOPED,
    "portal.orders.find.find_orders": _SCOPED,
    "portal.pricing.announce_policy.announce_policy": _INSIDE,
    "portal.pricing.announce_policy.announce_withdrawal": _INSIDE,
    "portal.pricing.find.find_policies": _SCOPED,
    "portal.pricing.versions.answerable": _SCOPED,
    "portal.pricing.versions.lock_version": _INSIDE,
    "portal.pricing.versions.next_revision": _INSIDE,
    "portal.promotions.announce_promotion.announce_promotion": _INSIDE,
    "portal.promotions.announce_promotion.announce_withdrawal": _INSIDE,
    "portal.promotions.documents.answerable": _SCOPED,
    "portal.promotions.documents.lock_promotion": _INSIDE,
    "portal.promotions.naming.named": _INSIDE,
    "portal.promotions.queries.promotion": _SCOPED,
    "portal.promotions.queries.promotions": _SCOPED,
    "portal.promotions.submit_promotion.return_to_authors": _INSIDE,
    "portal.promotions.waiting.work": _SCOPED,
    "portal.purchasing.drafts.drafts": _SCOPED,
    "portal.purchasing.keep_draft.set_decided": _INSIDE,
    "portal.purchasing.keep_draft.set_waiting": _INSIDE,
    "portal.purchasing.keep_draft.write_draft": _INSIDE,
    "portal.purchasing.limits.amount_without_approval": _INSIDE,
    "portal.purchasing.limits.buyers": _SCOPED,
    "portal.purchasing.place_or_ask.check_within": _INSIDE,
    "portal.purchasing.recurring.recurring_orders": _SCOPED,
    "portal.purchasing.run_recurring.run_recurring": (
        "run by the clock; what it orders, the verbs are asked for in the name of who set it up"
    ),
    "portal.purchasing.templates.template": _SCOPED,
    "portal.purchasing.templates.templates": _SCOPED,
    "portal.purchasing.waiting.work": _SCOPED,
    "portal.statements.find.find_statements": _SCOPED,
    "portal.transfers.arrivals.bring_to_stock": _INSIDE,
    "portal.transfers.documents.keep_outcomes": _INSIDE,
    "portal.transfers.waiting.work": _SCOPED,
    "portal.counting.documents.close": _INSIDE,
    "portal.counting.documents.hand_in": _INSIDE,
    "portal.counting.waiting.work": _SCOPED,
    "portal.nonconforming.documents.move_reported": _INSIDE,
    "portal.nonconforming.waiting.work": _SCOPED,
}


def test_every_function_that_is_told_who_acts_demands_a_right_or_says_why_not():
    asked = {verb for verb, _ in DEMANDED}
    assert not asked & UNASKED.keys()
    assert asked | UNASKED.keys() == set(_told_who_acts()), "list what it demands, or why it demands nothing"


@pytest.mark.parametrize(("verb", "dealer_id"), DEMANDED, ids=str)
def test_a_verb_refuses_who_holds_every_other_right(verb, dealer_id):
    others = registry().every_right - DEMANDED[verb, dealer_id]
    with pytest.raises(Forbidden) as refusal:
        _call(verb, dealer_id, others)
    assert refusal.value.code == "missing_right"


@pytest.mark.parametrize(
    ("verb", "dealer_id", "right"),
    [(*verb, right) for verb, rights in DEMANDED.items() for right in sorted(rights)],
    ids=str,
)
def test_a_verb_begins_for_who_holds_one_of_its_rights(verb, dealer_id, right):
    with pytest.raises((_Begun, TypeError)):  # TypeError: it was given to a function of Python's own
        _call(verb, dealer_id, frozenset({right}))


class _Begun(Exception):
    """The verb has gone past the question for the right."""


class _Unreadable:
    """A session and every argument: whoever looks at it has begun."""

    def __getattr__(self, name: str) -> object:
        raise _Begun(name)


def _call(verb: str, dealer_id: int | None, rights: frozenset[str]) -> None:
    """Call a verb with what it needs to know of the actor, and nothing else."""
    function = _function(verb)
    actor = Actor("nobody", rights, user_id=1, dealer_id=dealer_id, region_ids=None)
    parameters = inspect.signature(function).parameters
    unread = {name: _Unreadable() for name, one in parameters.items() if one.default is one.empty}
    outcome = function(**{**unread, "actor": actor})
    if inspect.isgenerator(outcome):
        next(outcome)


def _function(verb: str) -> Callable[..., object]:
    module, _, name = verb.rpartition(".")
    return getattr(import_module(module), name)


def _told_who_acts() -> Iterator[str]:
    """Public functions of capabilities with a session and an actor among their parameters."""
    for capability in sorted(tree.capabilities()):
        for path in tree.python_files(f"portal/{capability}"):
            module = tree.name(path).removesuffix(".py").replace("/", ".")
            for function in tree.functions(path):
                arguments = {one.arg for one in [*function.args.args, *function.args.kwonlyargs]}
                if {"session", "actor"} <= arguments and not function.name.startswith("_"):
                    yield f"{module}.{function.name}"
