"""What the role that serves may do: to each table what the portal does to it, to each column, and no more.

Checked table by table in tests/architecture/test_rights.py; the reasons are in docs/decisions/0026.

Revision ID: serving_role
Revises: settled
"""

from __future__ import annotations

import os

from alembic import op

revision = "serving_role"
down_revision = "settled"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

GRANTED = {
    "alembic_version": "SELECT",
    "idempotency_key": "SELECT, INSERT, UPDATE (status, body), DELETE",
    "outbox": "SELECT, INSERT, UPDATE (not_before, attempts, last_error, dispatched_at), DELETE",
    "region": "SELECT",
    "dealer": "SELECT",
    "dealer_account": "SELECT, UPDATE (balance, open_orders)",
    "dealer_address": "SELECT",
    "dealer_authorisation": "SELECT",
    "dealer_licence": "SELECT",
    "user_account": (
        "SELECT (id, email, display_name, locale, roles, dealer_id, region_ids, all_regions, "
        "created_at, disabled_at), UPDATE (locale)"
    ),
    "api_client": "SELECT (id, client_id, name, scopes, dealer_id, created_at, disabled_at)",
    "user_session": "SELECT, UPDATE (ended_at)",
    "category": "SELECT",
    "product": "SELECT",
    "product_certificate": "SELECT",
    "list_price": "SELECT",
    "tax_rate": "SELECT",
    "price_policy": (
        "SELECT, INSERT (number, version, title_zh, title_en, text, region_id, valid_from, "
        "valid_to, created_by, supersedes_id), UPDATE (title_zh, title_en, text, region_id, state, "
        "valid_from, valid_to, published_by, published_at, revision), DELETE"
    ),
    "price_rule": (
        "SELECT, INSERT, UPDATE (dealer_id, region_id, tier, product_id, category_code, kind, "
        'min_quantities, "values"), DELETE'
    ),
    "warehouse": "SELECT",
    "warehouse_service": "SELECT",
    "stock_level": "SELECT, UPDATE (on_hand, reserved)",
    "lot": "SELECT",
    "lot_stock": "SELECT, UPDATE (on_hand, allocated, state)",
    "stock_movement": "SELECT, INSERT",
    "cart_line": "SELECT, INSERT, UPDATE (quantity), DELETE",
    "sales_order": (
        "SELECT, INSERT (dealer_id, id, number, status, holds, purchase_order_no, channel, tier, "
        "region_id, warehouse_id, ship_to, requested_date, currency, total, tax, placed_at, "
        "placed_by, placed_by_label, released_at, cancelled_at, cancel_reason, received_at, names), "
        "UPDATE (status, holds, released_at, cancelled_at, cancel_reason, received_at)"
    ),
    "order_line": "SELECT, INSERT, UPDATE (reserved, shipped, cancelled, returned)",
    "shipment": (
        "SELECT, INSERT (dealer_id, id, number, order_id, warehouse_id, status, carrier, "
        "tracking_no, picked_at, picked_by, shipped_at, shipped_on, shipped_by, received_at, "
        "received_by), UPDATE (status, carrier, tracking_no, shipped_at, shipped_on, shipped_by, "
        "received_at, received_by), DELETE"
    ),
    "shipment_line": "SELECT, INSERT, UPDATE (serials, returned)",
    "accounting_period": "SELECT, INSERT, UPDATE (state, closing_at, closing_by, closed_at)",
    "invoice": "SELECT, INSERT",
    "invoice_line": "SELECT, INSERT",
    "payment": "SELECT, INSERT",
    "journal_entry": "SELECT, INSERT",
    "journal_line": "SELECT, INSERT",
    "allocation": "SELECT, INSERT",
    "correction_request": (
        "SELECT, INSERT, UPDATE (state, decided_by, decided_by_label, decided_at, decision_note, posted_no)"
    ),
    "statement": "SELECT, INSERT",
    "statement_pdf": "SELECT, INSERT",
    "close_task": "SELECT, INSERT, UPDATE (state, attempts, last_error, finished_at)",
    "audit_event": (
        "SELECT, INSERT (actor, actor_label, dealer_id, action, subject_kind, subject, request_id, "
        "address, before, after, reason)"
    ),
    "check_run": (
        "SELECT, INSERT, UPDATE (started_at, finished_at, differences, results, attempts, "
        "failed_at, last_error)"
    ),
    "saved_view": "SELECT, INSERT, DELETE",
}

# An identity column needs no grant on its sequence; these have one from the beginning, tables to come need
# none.
NUMBERED = (
    "outbox",
    "region",
    "dealer",
    "dealer_address",
    "dealer_licence",
    "user_account",
    "api_client",
    "signing_key",
    "authorization_code",
    "refresh_token",
    "product",
    "product_certificate",
    "price_policy",
    "price_rule",
    "warehouse",
    "lot",
    "stock_movement",
    "sales_order",
    "shipment",
    "invoice",
    "payment",
    "journal_entry",
    "statement",
    "audit_event",
)


def upgrade() -> None:
    """Grants by name; tables of sign-in hardly, secrets not at all."""
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    for table, acts in GRANTED.items():
        op.execute(f"GRANT {acts} ON {table} TO {APP_ROLE}")
    sequences = ", ".join(f"{table}_id_seq" for table in NUMBERED)
    op.execute(f"GRANT USAGE ON SEQUENCE {sequences} TO {APP_ROLE}")
    op.execute("REVOKE ALL ON FUNCTION forget_sign_ins() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION forget_sign_ins() TO {APP_ROLE}")


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
