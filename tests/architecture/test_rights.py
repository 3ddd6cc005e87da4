"""What the two roles that serve may do to each table, column by column, compared with the database's own
catalogue.

A new table needs a line in both dictionaries, and then its grants in the migration that makes it. Write down
the least that the verbs do: a column that nobody updates is no column to update (docs/decisions/0026).
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, text

EVERY = frozenset({"*"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rights:
    """Columns that may be read, given with a new row, or changed; and whether rows may be deleted."""

    read: frozenset[str] = EVERY
    insert: frozenset[str] = NONE
    update: frozenset[str] = NONE
    delete: bool = False
    but: frozenset[str] = NONE
    """Taken from `read` and `insert` where they are every column."""
    filled: frozenset[str] = NONE
    """Taken from `insert`: what the database itself says of a new row."""


REFERENCE = Rights()
"""Kept by imports and by the owner; the portal only reads it."""
APPENDED = Rights(insert=EVERY)
"""Posted or issued: it is added to, and nothing of it is ever changed."""
SECRET = Rights(read=NONE)
"""Not even read."""


def progressing(columns: str, *, delete: bool = False, filled: str = "") -> Rights:
    """Rows that are made whole, of which only some columns move on."""
    return Rights(
        insert=EVERY, update=frozenset(columns.split()), delete=delete, filled=frozenset(filled.split())
    )


def counted(columns: str) -> Rights:
    """Rows that exist; the portal moves their counters."""
    return Rights(update=frozenset(columns.split()))


def hiding(*columns: str, update: str = "") -> Rights:
    """Rows whose secrets are not seen."""
    return Rights(but=frozenset(columns), update=frozenset(update.split()))


# Not its moment, and not which role wrote it.
_SAID = frozenset(
    [
        "actor",
        "actor_label",
        "dealer_id",
        "action",
        "subject_kind",
        "subject",
        "request_id",
        "address",
        "before",
        "after",
        "reason",
    ]
)

# What an approved change writes of a product; its SKU only once.
_KEPT = progressing(
    "name_zh name_en specification udi_di maker maker_country origin device_class category_code unit"
    " pack_multiple registration_no registration_from registration_to registration_renewal_asked_on"
    " lot_controlled serial_controlled expiry_controlled implantable sterile storage_zh storage_en"
    " storage_min storage_max registrant generic_name keywords state pinyin search_text search_grams"
    " search_slips syllables updated_at"
).update

APP = {
    "account_document": APPENDED,
    "account_snapshot": APPENDED,
    "accounting_period": progressing("state closing_at closing_by closed_at paused_at paused_by"),
    "adjustment_note": APPENDED,
    "adjustment_note_line": APPENDED,
    "alembic_version": REFERENCE,
    "allocation": APPENDED,
    "api_client": hiding("secret_hash", "former_secret_hash"),
    "audit_batch": APPENDED,
    "audit_event": Rights(insert=_SAID),
    "audit_horizon": Rights(update=frozenset({"last", "transaction", "cluster"})),
    "authorization_code": SECRET,
    "backup_run": APPENDED,
    "bank_account": APPENDED,
    "bank_booking": progressing("state note decided_by_label decided_at"),
    "bank_file": progressing("state format is_extract doubts left_out taken_by_label taken_at", delete=True),
    "bank_layout": progressing("columns set_by_label set_at"),
    "bank_line": APPENDED,
    "bank_match": progressing("undone_by_label undone_at undo_reason"),
    "bank_statement": APPENDED,
    "carrier": progressing("name_zh name_en aliases link adapter"),
    "carrier_lead_time": progressing("days", delete=True),
    "cart_line": progressing("quantity", delete=True),
    "category": REFERENCE,
    "check_run": progressing("attempts started_at failed_at last_error finished_at differences results"),
    "close_proposal": APPENDED,
    "close_task": progressing("state attempts last_error finished_at"),
    "correction_request": progressing("state decided_by decided_by_label decided_at decision_note posted_no"),
    "cold_log": APPENDED,
    "cold_receipt": progressing("state decided_at decided_by decided_by_label reason"),
    "cold_record": progressing(
        "state departed_at departure_celsius departure_by departure_by_label arrived_at arrival_celsius"
        " arrival_by arrival_by_label findings decided_at decided_by decided_by_label reason"
    ),
    "dealer": counted("payment_terms_days"),
    "dealer_stop": progressing("ended_at ended_by ended_by_label end_reason"),
    "dealer_account": counted("balance open_orders credit_limit"),
    "dealer_address": REFERENCE,
    "dealer_authorisation": REFERENCE,
    "dealer_licence": REFERENCE,
    "floor_price": APPENDED,
    "device": progressing(
        "held_until state revision hospital hospital_level hospital_city hospital_code department"
        " installed_on installed_by accepted_on accepted_by warranty_from warranty_to contract_to uses lot_no"
        " produced_on expires_on shipment_no shipped_on"
    ),
    "device_event": APPENDED,
    "device_import": progressing("lines counts applied_at"),
    "device_part": APPENDED,
    "installation_report": APPENDED,
    "maintenance": progressing(
        "due_on state missed_at done_on done_by findings uses_at note reason signed_name signature filed_at"
        " filed_by filed_by_label"
    ),
    "maintenance_plan": progressing(
        "revision name_zh name_en product_id category_code every_months every_uses counts_from items parts"
        " voids_warranty is_active edited_at edited_by_label"
    ),
    "online_dispute": progressing("state amount reason told_at"),
    "online_payment": progressing("intent stage state told_at captured refunded fee failure asked_at"),
    "online_posting": APPENDED,
    "receipt_pdf": APPENDED,
    "stripe_event": progressing(
        "state trouble note payment decided_by decided_by_label decided_at unbooked closed_by closed_by_label"
        " closed_at close_reason"
    ),
    "own_ledger": progressing(
        "revision state layout books found_books first_day last_day skip_unread line_count matched"
        " difference_count ours_sum theirs_sum result error asked_at finished_at content attempts tried_at"
        " superseded_by discarded_at discarded_by_label"
    ),
    "own_ledger_difference": progressing("dealer_answer staff_answer revision", delete=True),
    "own_ledger_layout": progressing("layout kept_at"),
    "own_ledger_remark": APPENDED,
    "own_ledger_signature": APPENDED,
    "service_contract": APPENDED,
    "warranty_rule": APPENDED,
    "delivery_case": progressing(
        "state reviewed_at reviewed_by_label decided_at decided_by decided_by_label outcome reason"
    ),
    "delivery_case_line": APPENDED,
    "delivery_link": progressing("mark expires_at made_at made_by made_by_label revoked_at revoked_by_label"),
    "delivery_proof": APPENDED,
    "delivery_proof_line": APPENDED,
    "dealer_region": REFERENCE,
    "dealer_tier_change": progressing("state decided_by decided_by_label decided_at decision_note"),
    "dealer_tier": progressing("valid_to"),
    "epcis_capture": progressing(
        "state bytes sha256 total position captured repeated refused faults attempts tried_at finished_at"
    ),
    "epcis_capture_part": Rights(insert=EVERY, delete=True),
    "epcis_event": APPENDED,
    "fault_severity": APPENDED,
    "feed_acknowledgement": APPENDED,
    "feed_address": progressing("shown_from demands", delete=True, filled="party"),
    "feed_attachment": Rights(insert=EVERY, delete=True),
    "feed_entry": progressing(
        "kind title_zh title_en text_zh text_en must_acknowledge pinned valid_from valid_until state"
        " shown_from published_by published_by_label withdrawn_at corrected_at revoked_at revision",
        filled="search_key",
    ),
    "feed_letter": APPENDED,
    "feed_reading": APPENDED,
    "idempotency_key": progressing("status body", delete=True),
    "invoice": APPENDED,
    "invoice_line": APPENDED,
    "journal_entry": APPENDED,
    "journal_line": APPENDED,
    "list_price": REFERENCE,
    "lot": Rights(insert=frozenset({"product_id", "lot_no", "produced_on", "expires_on"})),
    "lot_stock": Rights(
        insert=frozenset({"warehouse_id", "lot_id", "product_id", "on_hand", "location"}),
        update=frozenset({"on_hand", "allocated", "state", "inspecting", "quarantined", "location"}),
    ),
    "nonconforming_report": progressing(
        "state decided_by decided_by_label decided_at decision_note witnessed_by witnessed_by_label"
        " witnessed_at"
    ),
    "order_draft": progressing(
        "state asked_by asked_by_label asked_at total seen allowed decided_by decided_by_label decided_at"
        " reason order_number"
    ),
    "order_draft_line": progressing("unit_price"),
    "order_limit": progressing("amount set_by_label set_at", delete=True),
    "order_line": progressing("reserved shipped cancelled returned promised_on"),
    "order_line_source": progressing("reserved"),
    "order_template": progressing("revision updated_at updated_by_label", delete=True),
    "order_template_line": Rights(insert=EVERY, delete=True),
    "order_term": REFERENCE,
    "mail_suspension": progressing("address status reason since", delete=True),
    "notification": progressing("read_at mailed_at sms_at", delete=True),
    "notification_choice": progressing("in_inbox mail sms"),
    "notification_digest": Rights(insert=EVERY, delete=True),
    "notification_setting": progressing(
        "zone digest_every digest_hour quiet_from quiet_until mobile revision"
    ),
    "outbox": progressing("not_before attempts last_error dispatched_at", delete=True),
    "parcel_standing": progressing("code at delivered_at expected_on events changed_at"),
    "payment": APPENDED,
    "policy_attachment": Rights(insert=EVERY, delete=True),
    "price_policy": Rights(  # drafted, and approved, published, withdrawn later
        insert=frozenset(
            [
                "number",
                "version",
                "title_zh",
                "title_en",
                "text",
                "region_id",
                "valid_from",
                "valid_to",
                "created_by",
                "supersedes_id",
                "kind",
                "dealer_id",
                "planned_to",
                "below_floor",
                "created_by_label",
                "written_by",
                "restores_id",
            ]
        ),
        update=frozenset(
            [
                "title_zh",
                "title_en",
                "text",
                "region_id",
                "valid_from",
                "valid_to",
                "state",
                "published_by",
                "published_at",
                "revision",
                "planned_to",
                "below_floor",
                "written_by",
                "submitted_by",
                "submitted_by_label",
                "submitted_at",
                "approved_by",
                "approved_by_label",
                "approved_at",
                "review_basis",
                "returned_reason",
                "published_by_label",
                "ranked_at",
                "withdrawn_by",
                "withdrawn_by_label",
                "withdrawn_at",
                "withdrawn_reason",
            ]
        ),
        delete=True,
    ),
    "price_rule": progressing(
        "dealer_id region_id tier product_id category_code kind min_quantities values breaks_are max_quantity"
        " tax_included",
        delete=True,
    ),
    "product": Rights(insert=_KEPT | {"sku"}, update=_KEPT),
    "product_certificate": REFERENCE,
    "product_change": progressing(
        "state source proposed before authors proposed_by_label proposed_at submitted_by_label submitted_at"
        " decided_by decided_by_label decided_at in_force_at reason revision"
    ),
    "file_upload": progressing("received pieces file_id", delete=True),
    "product_document": Rights(insert=EVERY, delete=True),
    "product_package": Rights(insert=EVERY, delete=True),
    "product_relation": Rights(insert=EVERY, delete=True),
    "product_substitute": Rights(insert=EVERY, delete=True),
    "promotion": progressing(
        "revision title_zh title_en text_zh text_en kind state region_id valid_from valid_to region_ids tiers"
        " dealer_ids product_ids category_code min_quantity min_amount period_amount first_order"
        " reward_percent reward_amount gift_product_id gift_quantity gift_for_each priority combinable budget"
        " per_dealer_cap registration_required may_pass_floor written_by submitted_by_label submitted_at"
        " approved_by approved_by_label approved_at published_by published_by_label published_at withdrawn_by"
        " withdrawn_by_label withdrawn_at reason"
    ),
    "dealer_paper": progressing(
        "revision state decided_by decided_by_label decided_at reason ended_on ended_by_label ended_at"
        " end_reason"
    ),
    "paper_reminder": APPENDED,
    "recall": progressing(
        "revision state version_no level is_drill title reason demands notice_text written_by confirmed_by"
        " confirmed_by_label confirmed_at decided_by decided_by_label decided_at notices_by report_by"
        " ended_by_label ended_at end_reason summary_by kept_until"
    ),
    "recall_scope": Rights(insert=EVERY, delete=True),
    "recall_lot": progressing("is_whole"),
    "recall_response": progressing(
        "version_no held state notified_at read_at answered_at answered_by_label found used passed_on"
        " returned destroyed passed_to witness note reminded telephoned_at telephoned_by_label telephone_note"
        " open_reason"
    ),
    "authorisation": progressing(
        "revision state decided_by decided_by_label decided_at reason ended_on ended_by_label ended_at"
        " end_reason"
    ),
    "activity": progressing(
        "revision kind state title text place first_day last_day planned approved budget_id asked_by"
        " asked_by_label submitted_at decided_by decided_by_label decided_at reason ended_at ended_by_label"
    ),
    "budget_proposal": progressing("state decided_by decided_by_label decided_at decision_note"),
    "budget_use": progressing("budget_id activity_id amount state changed_at"),
    "rebate_budget": progressing("state amount reserved spent"),
    "rebate_accrual": Rights(insert=EVERY, delete=True),
    "rebate_accrual_line": Rights(insert=EVERY, delete=True),
    "company_entry": APPENDED,
    "company_line": APPENDED,
    "rebate_liability": APPENDED,
    "rebate_liability_month": progressing("through_dealer_id posted_at"),
    "rebate_balance_entry": APPENDED,
    "rebate_note": APPENDED,
    "rebate_note_line": APPENDED,
    "rebate_run": progressing(
        "state dealers amount ceiling stopped_at decided_by decided_by_label decided_at reason settled_at"
    ),
    "rebate_settlement": APPENDED,
    "claim_delegation": progressing("ended_at"),
    "adverse_event": progressing(
        "revision state harm is_group aware_at due_at warn_first_at warn_last_at notice_due_at notice_at"
        " notice_how notice_by_label version_no submitted_no submitted_at ended_at ended_by_label ending_note"
    ),
    "adverse_paper": APPENDED,
    "adverse_report": APPENDED,
    "adverse_submission": APPENDED,
    "adverse_warning": APPENDED,
    "complaint": progressing("revision state stop_use measure answer closed_at closed_round"),
    "complaint_analysis": progressing(
        "category grade possible_event event_reason product_id lot_no serials cause follow_up told_how"
        " told_at proposed_by_label proposed_at decided_by_label decided_at closed_by_label"
    ),
    "complaint_entry": APPENDED,
    "complaint_term": APPENDED,
    "repair": progressing("revision state is_warranty quote_version warehouse_id short invoice_no ended_at"),
    "repair_check_item": REFERENCE,
    "repair_part": progressing("reserved used"),
    "repair_part_used": APPENDED,
    "repair_quote": progressing(
        "state issued_by issued_by_label issued_at decided_by decided_by_label decided_at reason"
    ),
    "repair_quote_line": APPENDED,
    "repair_report": APPENDED,
    "repair_visit": progressing("state"),
    "invoice_pdf": APPENDED,
    "service_invoice": APPENDED,
    "service_invoice_line": APPENDED,
    "service_duty": Rights(insert=EVERY, delete=True),
    "service_entry": APPENDED,
    "service_escalation": APPENDED,
    "service_request": progressing(
        "revision kind severity state assignee_id assignee_label lead_id touched_at since paused_at"
        " first_answer_minutes resolution_minutes first_answer_due_at first_answer_warn_at"
        " first_answered_at first_answer_took resolution_due_at resolution_warn_at stood_minutes"
        " resolved_at resolved_by_label resolution reopenings ended_at merged_into rating rating_text"
        " rated_at is_held"
    ),
    "service_target": APPENDED,
    "service_team": progressing("name_zh name_en lead_id revision ended_at"),
    "claim_chain_change": progressing("state decided_by decided_by_label decided_at decision_note"),
    "rebate_note_pdf": APPENDED,
    "rebate_claim": progressing(
        "revision kind treatment state programme period activity first_day last_day hospital"
        " tender_reference note asked calculated allowed approved chain place round written_by"
        " submitted_by_label submitted_at due_at remind_at reminded_at approved_by decided_at decision_note"
        " paid_no paid_at"
    ),
    "rebate_claim_chain": Rights(insert=EVERY, delete=True),
    "knowledge_article": progressing("current_version"),
    "knowledge_version": progressing(
        "revision state title_zh title_en text_zh text_en words kinds categories file_ids written_by"
        " submitted_by_label submitted_at approved_by approved_by_label approved_at published_by"
        " published_by_label published_at withdrawn_by withdrawn_by_label withdrawn_at reason"
    ),
    "knowledge_gram": Rights(insert=EVERY, delete=True),
    "knowledge_vote": progressing("is_helpful is_solved voted_at"),
    "work_setting": counted("opens closes revision set_by_label set_at"),
    "work_day": Rights(insert=EVERY, delete=True),
    "work_year": Rights(insert=EVERY, delete=True),
    "rebate_claim_invoice": Rights(insert=EVERY, delete=True),
    "rebate_claim_line": Rights(insert=EVERY, delete=True),
    "rebate_claim_mark": Rights(insert=EVERY, delete=True),
    "rebate_claim_step": APPENDED,
    "rebate_programme": progressing(
        "revision title_zh title_en text_zh text_en state region_id valid_from valid_to ended_on period"
        " priority combinable budget terms written_by submitted_by_label submitted_at approved_by"
        " approved_by_label approved_at published_by published_by_label published_at withdrawn_by"
        " withdrawn_by_label withdrawn_at reason"
    ),
    "rebate_simulation": progressing("state total done after_dealer finished_at error"),
    "rebate_simulation_dealer": Rights(insert=EVERY),
    "rebate_amendment": progressing(
        "revision state starts_on tiers_of why written_by submitted_by_label submitted_at approved_by"
        " approved_by_label approved_at published_by published_by_label published_at withdrawn_by"
        " withdrawn_by_label withdrawn_at reason"
    ),
    "rebate_fact": progressing("state decided_by decided_by_label decided_at decision_note"),
    "rebate_reckoning": progressing("entry_id programmes evidence on_day reckoned_at"),
    "promotion_budget": progressing("spent"),
    "promotion_dealer": progressing("spent reached registered_at registered_by registered_by_label"),
    "promotion_lot": progressing("used", delete=True),
    "promotion_use": progressing("cancelled"),
    "recurring_order": progressing("next_on paused user_id made_by_label", delete=True),
    "recurring_run": APPENDED,
    "refresh_token": SECRET,
    "refused_attempt": SECRET,
    "staff_region": REFERENCE,
    "custom_role": REFERENCE,
    "delegation": REFERENCE,
    "acting_consent": REFERENCE,
    "region_move": progressing("state decided_by decided_by_label decided_at decision_note"),
    "region": REFERENCE,
    "region_node": REFERENCE,
    "release_limit": APPENDED,
    "release_proposal": progressing(
        "holds amount reason proposed_by proposed_by_label proposed_at", delete=True
    ),
    "rehearsal": progressing("state total done finished_at error result"),
    "saved_view": Rights(insert=EVERY, delete=True),
    "user_favourite": Rights(insert=EVERY, delete=True),
    "acceptance_record": APPENDED,
    "goods_receipt": progressing("state"),
    "goods_receipt_line": progressing("inspecting accepted refused"),
    "purchase_order": progressing("supplier_id warehouse_id expected_on state changed_at"),
    "purchase_order_line": progressing("quantity received", delete=True),
    "supplier": progressing("name address contact licence_no"),
    "robot": progressing(
        "name locale host sealed body events quiet_from quiet_until is_active revision last_sent_at"
        " last_error last_error_at"
    ),
    "robot_post": progressing("sent_at", delete=True),
    "sales_order": progressing(
        "status holds released_at cancelled_at cancel_reason received_at verdict",
        filled="made_in purchase_order_key",
    ),
    "delivery_note_print": APPENDED,
    "outbound_review": APPENDED,
    "package": Rights(insert=EVERY, delete=True),
    "package_line": APPENDED,
    "pick_wave": Rights(
        insert=frozenset({"number", "warehouse_id", "made_at", "made_by", "made_by_label"}),
        update=frozenset({"refused"}),
    ),
    "shipment": progressing(
        "status carrier tracking_no shipped_at shipped_on shipped_by received_at received_by proof",
        delete=True,
        filled="made_in",
    ),
    "return_finding": APPENDED,
    "return_gift": APPENDED,
    "return_line": progressing("received serials"),
    "return_request": progressing(
        "state decided_by decided_by_label decided_at decision_note received_by_label received_at"
        " inspected_by_label inspected_at credit_note_no replacement_no evidence evidence_by_label"
        " evidence_at evidence_reason"
    ),
    "inventory_report": APPENDED,
    "inventory_report_line": APPENDED,
    "sell_out_report": APPENDED,
    "sell_out_line": progressing(
        "lot_no product_id lot_id state defect decided_at reversed_at reversed_by_label reason"
    ),
    "serial_unit": progressing("lot_id state warehouse_id dealer_id document"),
    "shipment_line": progressing("serials returned asked_back quantity taken_at taken_by", delete=True),
    "signing_key": SECRET,
    "statement": APPENDED,
    "statement_pdf": APPENDED,
    "statement_answer": progressing(
        "state confirmed_at confirmed_by confirmed_by_label signed_name content_sha256 means by_clause since"
        " noticed_at"
    ),
    "credit_change": progressing(
        "revision state ended_at approved_by approved_by_label approved_at submitted_by_label submitted_at"
        " published_by published_by_label published_at withdrawn_by withdrawn_by_label withdrawn_at reason"
    ),
    "dunning_policy": APPENDED,
    "dunning_run": progressing("state decided_by decided_by_label decided_at"),
    "dunning_letter": progressing(
        "level state written_on pay_by amount interest content sent_at interest_no interest_by"
        " interest_by_label interest_at"
    ),
    "dunning_item": Rights(insert=EVERY, delete=True),
    "dunning_reached": APPENDED,
    "dunning_letter_pdf": APPENDED,
    "confirmation_clause": progressing("revision is_active days contract set_by set_by_label set_at"),
    "statement_correction": progressing(
        "state version snapshot decided_by decided_by_label decided_at decision_note"
    ),
    "dispute": progressing("state ended_by ended_by_label ended_at proposed proposed_by"),
    "dispute_line": progressing("outcome correction"),
    "dispute_entry": APPENDED,
    "stock_count": progressing(
        "state submitted_by submitted_by_label submitted_at decided_by decided_by_label decided_at note"
    ),
    "stock_count_entry": APPENDED,
    "stock_count_line": progressing("is_open round counted expected serials missing surplus"),
    "stock_transfer": progressing(
        "state expected_on dispatched_by dispatched_by_label dispatched_at received_by received_by_label"
        " received_at"
    ),
    "stock_transfer_line": progressing("received damaged lost serials"),
    "stock_transfer_outcome": APPENDED,
    "supply_request": progressing("state quantity expected_on reference changed_at"),
    "replenishment_advice": progressing(
        "advised_on advised_at method weeks weekly spread trend lead_days review_days service_level on_hand"
        " reserved free coming waiting safety_stock reorder_point order_up_to quantity surplus cover_days"
    ),
    "replenishment_terms": progressing("lead_days review_days service_level set_by set_by_label set_at"),
    "stock_level": Rights(  # a level is made when something waits where a product has never been
        insert=frozenset({"warehouse_id", "product_id", "on_hand"}),
        update=frozenset({"on_hand", "reserved", "backordered", "in_transit", "next_arrival"}),
    ),
    "stock_movement": APPENDED,
    "place": APPENDED,
    "custody_movement": APPENDED,
    "holding": progressing("quantity since"),
    "serial_place": progressing("lot_id place_id dealer_id since"),
    "serial_step": APPENDED,
    "stored_file": progressing("dealer_id state owner_kind owner_number place is_shared", delete=True),
    "tax_invoice": progressing("state accepted_by accepted_by_label accepted_at reason"),
    "tax_invoice_limit": progressing("per_line per_invoice set_by_label set_at"),
    "red_form": progressing("state moved_at moved_by_label"),
    "tax_rate": REFERENCE,
    "tier": REFERENCE,
    "tracking_event": APPENDED,
    "invitation": hiding("token_hash"),
    "password_reset": hiding("token_hash"),
    "sign_in": SECRET,
    "identity_provider": Rights(read=frozenset({"dealer_id"})),
    "provider_domain": Rights(read=frozenset({"dealer_id"})),
    "provider_account": Rights(read=frozenset({"dealer_id"})),
    "provider_session": SECRET,
    "provider_logout": SECRET,
    "second_factor": SECRET,
    "recovery_code": SECRET,
    "factor_attempt": SECRET,
    "sign_in_step": SECRET,
    "user_account": hiding("password_hash", update="locale"),
    "revoked_token": REFERENCE,
    "used_assertion": SECRET,
    "user_session": counted("ended_at used_at"),
    "warehouse": REFERENCE,
    "warehouse_service": REFERENCE,
    "webhook_attempt": Rights(insert=EVERY, delete=True),
    "webhook_delivery": progressing(
        "state tries attempts next_at leased_until last_status last_error last_at", delete=True
    ),
    "webhook_subscription": progressing(
        "name url events ordered secret former_secret former_until state stop_reason failures failing_since"
        " rests_until revision",
        delete=True,
    ),
}

ISSUER = {
    "alembic_version": REFERENCE,
    "api_client": Rights(insert=EVERY, update=EVERY),
    "audit_event": Rights(read=NONE, insert=_SAID),
    "authorization_code": Rights(insert=EVERY, delete=True),
    "dealer": REFERENCE,
    "dealer_region": REFERENCE,
    "dealer_tier_change": SECRET,
    "refresh_token": progressing("used_at revoked_at"),
    "refused_attempt": progressing("attempts last_at"),
    "staff_region": progressing("valid_to"),
    "custom_role": progressing("name rights told_as revision", delete=True),
    "delegation": progressing("used_at revoked_at revoked_by_label"),
    "acting_consent": progressing("revoked_at revoked_by_label"),
    "region_move": REFERENCE,
    "region": REFERENCE,
    "region_node": REFERENCE,
    "revoked_token": APPENDED,
    "signing_key": progressing("retired_at"),
    "used_assertion": APPENDED,
    "user_account": Rights(insert=EVERY, update=EVERY),
    "invitation": progressing("token_hash nonce sent_at expires_at accepted_at revoked_at user_id"),
    "identity_provider": progressing(
        "name issuer client_id secret_sealed mail_trusted state rules rules_by connection tried_connection"
        " tried_at tried_claims revision",
        delete=True,
    ),
    "provider_domain": Rights(insert=EVERY, delete=True),
    "provider_account": progressing("signed_in_at", delete=True),
    "provider_session": Rights(insert=EVERY, delete=True),
    "provider_logout": Rights(insert=EVERY, delete=True),
    "outbox": Rights(read=NONE, insert=frozenset({"dealer_id", "topic", "payload"})),
    "password_reset": progressing("used_at"),
    "sign_in": APPENDED,
    "second_factor": progressing("label last_step sign_count confirmed_at used_at", delete=True),
    "recovery_code": Rights(insert=EVERY, delete=True),
    "factor_attempt": progressing("failures free_at", delete=True),
    "sign_in_step": Rights(insert=EVERY, delete=True),
    "user_session": progressing("expires_at ended_at proved_at"),
}

_GRANTED = text(
    """
    SELECT c.relname, a.attname, has_column_privilege(:role, c.oid, a.attname, 'SELECT') AS read,
           has_column_privilege(:role, c.oid, a.attname, 'INSERT') AS insert,
           has_column_privilege(:role, c.oid, a.attname, 'UPDATE') AS update,
           has_table_privilege(:role, c.oid, 'DELETE') AS delete,
           has_table_privilege(:role, c.oid, 'TRUNCATE, TRIGGER, REFERENCES')
             OR has_column_privilege(:role, c.oid, a.attname, 'REFERENCES') AS more
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
     ORDER BY c.relname, a.attnum
    """
)


@pytest.fixture(params=["app", "issuer"])
def role(request, cluster) -> tuple[str, dict[str, Rights]]:
    """A role that serves, and what it should be able to do."""
    return {"app": (cluster.app.username, APP), "issuer": (cluster.issuer.username, ISSUER)}[request.param]


def columns(rows, right: str) -> frozenset[str]:
    """The columns for which a right is granted; every one is ``*``."""
    granted = frozenset(row.attname for row in rows if getattr(row, right))
    return EVERY if len(granted) == len(rows) else granted


def expected(asked: frozenset[str], rows, but: frozenset[str]) -> frozenset[str]:
    """The columns that should be granted, as `columns` says it."""
    return frozenset(row.attname for row in rows) - but if asked == EVERY and but else asked


def test_each_role_may_do_to_each_table_what_is_written_here_and_no_more(owner: Connection, role):
    name, rights = role
    tables: dict[str, list] = {}
    for row in owner.execute(_GRANTED, {"role": name}):
        tables.setdefault(row.relname, []).append(row)
    assert set(APP) == set(tables), (
        "say in tests/architecture/test_rights.py what the portal does to the table"
    )
    wrong = []
    for table, rows in tables.items():
        want = rights.get(table, SECRET)
        found = (
            columns(rows, "read"),
            columns(rows, "insert"),
            columns(rows, "update"),
            rows[0].delete,
            any(row.more for row in rows),
        )
        wanted = (
            expected(want.read, rows, want.but),
            expected(want.insert, rows, want.but | want.filled),
            want.update,
            want.delete,
            False,
        )
        if found != wanted:
            wrong.append(f"{table}: granted {found}, wanted {wanted}")
    assert not wrong, "\n".join(wrong)


def test_only_functions_that_are_named_here_act_with_the_rights_of_their_maker(owner, cluster):
    definers = owner.execute(
        text(
            "SELECT proname, has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND prosecdef"
        )
    ).all()
    assert sorted(definers) == [
        ("audit_root", False),
        ("count_authorisation", False),
        ("count_paper", False),
        ("floor_lifted_to", False),
        ("forget_sign_ins", False),
        ("hq_colleagues", False),
        ("lent_rights", False),
        ("promoted_floors", False),
    ]


def test_what_the_database_runs_by_itself_finds_our_tables_and_no_temporary_ones(owner):
    loose = (
        owner.execute(
            text(
                "SELECT proname FROM pg_proc JOIN pg_language l ON l.oid = prolang"
                " WHERE pronamespace = 'public'::regnamespace"
                " AND (l.lanname <> 'sql' OR prosecdef)"
                " AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (proconfig), false)"
            )
        )
        .scalars()
        .all()
    )
    assert not loose, "SET search_path = pg_catalog, public, pg_temp"


def test_a_trigger_is_on_wherever_there_is_one(owner):
    off = (
        owner.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'"))
        .scalars()
        .all()
    )
    assert not off
