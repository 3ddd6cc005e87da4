"""Tables of the main job: identity, dealers, catalogue, pricing, stock, orders, shipping, ledger, statements,
audit.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounting_period",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("closing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closing', 'closed')", name=op.f("ck_accounting_period_state")),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_accounting_period")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_label", sa.Text(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_dealer_id_at", "audit_event", ["dealer_id", "at"], unique=False)
    op.create_index("ix_audit_event_subject", "audit_event", ["subject_kind", "subject"], unique=False)
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["category.code"], name=op.f("fk_category_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["id"], unique=False, postgresql_where="dispatched_at IS NULL"
    )
    op.create_table(
        "region",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("level IN (1, 2)", name=op.f("ck_region_level")),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
    )
    op.create_index(op.f("ix_region_parent_id"), "region", ["parent_id"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_encrypted", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand_delta", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved_delta", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receipt', 'reservation', 'release', 'shipment', 'return', 'expiry')",
            name=op.f("ck_stock_movement_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
    )
    op.create_index(
        "ix_stock_movement_level", "stock_movement", ["warehouse_id", "product_id", "id"], unique=False
    )
    op.create_index(
        "ix_stock_movement_lot_id",
        "stock_movement",
        ["lot_id"],
        unique=False,
        postgresql_where="lot_id IS NOT NULL",
    )
    op.create_table(
        "tax_rate",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.CheckConstraint("rate >= 0 AND rate < 1", name=op.f("ck_tax_rate_rate")),
        sa.PrimaryKeyConstraint("category", "valid_from", name=op.f("pk_tax_rate")),
    )
    op.create_table(
        "dealer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("payment_terms_days", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'closed')", name=op.f("ck_dealer_state")),
        sa.CheckConstraint("tier IN ('S', 'A', 'B', 'C')", name=op.f("ck_dealer_tier")),
        sa.CheckConstraint("payment_terms_days BETWEEN 0 AND 365", name=op.f("ck_dealer_payment_terms_days")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_dealer_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dealer")),
        sa.UniqueConstraint("code", name=op.f("uq_dealer_code")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_dealer_credit_code")),
    )
    op.create_index(op.f("ix_dealer_region_id"), "dealer", ["region_id"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), nullable=False),
        sa.Column("udi_di", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False),
        sa.Column("maker_country", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("device_class", sa.SmallInteger(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("pack_multiple", sa.Integer(), server_default="1", nullable=False),
        sa.Column("registration_no", sa.Text(), nullable=False),
        sa.Column("registration_from", sa.Date(), nullable=False),
        sa.Column("registration_to", sa.Date(), nullable=True),
        sa.Column("lot_controlled", sa.Boolean(), nullable=False),
        sa.Column("serial_controlled", sa.Boolean(), nullable=False),
        sa.Column("expiry_controlled", sa.Boolean(), nullable=False),
        sa.Column("implantable", sa.Boolean(), nullable=False),
        sa.Column("sterile", sa.Boolean(), nullable=False),
        sa.Column("storage_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("storage_en", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_category", sa.Text(), server_default="standard", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("search_grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("origin IN ('domestic', 'imported')", name=op.f("ck_product_origin")),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("ck_product_state")),
        sa.CheckConstraint("udi_di ~ '^[0-9]{14}$'", name=op.f("ck_product_udi_di")),
        sa.CheckConstraint("device_class BETWEEN 1 AND 3", name=op.f("ck_product_device_class")),
        sa.CheckConstraint("pack_multiple > 0", name=op.f("ck_product_pack_multiple")),
        sa.ForeignKeyConstraint(["category_code"], ["category.code"], name=op.f("fk_product_category_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_product_sku")),
        sa.UniqueConstraint("udi_di", name=op.f("uq_product_udi_di")),
    )
    op.create_index(
        "ix_product_category_listing",
        "product",
        ["category_code", "pinyin", "id"],
        unique=False,
        postgresql_where="state = 'active'",
    )
    op.create_index(
        "ix_product_listing", "product", ["pinyin", "id"], unique=False, postgresql_where="state = 'active'"
    )
    op.create_index(
        "ix_product_search_grams", "product", ["search_grams"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "warehouse",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_warehouse_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("code", name=op.f("uq_warehouse_code")),
    )
    op.create_table(
        "api_client",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_api_client_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_client_client_id")),
    )
    op.create_index("ix_api_client_dealer_id", "api_client", ["dealer_id"], unique=False)
    op.create_table(
        "close_task",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f("ck_close_task_state")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_close_task_dealer_id")),
        sa.ForeignKeyConstraint(["period"], ["accounting_period.period"], name=op.f("fk_close_task_period")),
        sa.PrimaryKeyConstraint("dealer_id", "period", name=op.f("pk_close_task")),
    )
    op.create_index(
        "ix_close_task_waiting",
        "close_task",
        ["period", "dealer_id"],
        unique=False,
        postgresql_where="state = 'waiting'",
    )
    op.create_table(
        "dealer_account",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_limit", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("balance", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.Column("open_orders", sa.Numeric(precision=16, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint("credit_limit >= 0", name=op.f("ck_dealer_account_credit_limit")),
        sa.CheckConstraint("open_orders >= 0", name=op.f("ck_dealer_account_open_orders")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_dealer_account_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", name=op.f("pk_dealer_account")),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "dealer_address",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_dealer_address_dealer_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_dealer_address_region_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_dealer_address")),
        sa.UniqueConstraint("dealer_id", "code", name=op.f("uq_dealer_address_dealer_id_code")),
    )
    op.create_index(
        "uq_dealer_address_default",
        "dealer_address",
        ["dealer_id"],
        unique=True,
        postgresql_where="is_default",
    )
    op.create_table(
        "dealer_authorisation",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_dealer_authorisation_dates")
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_dealer_authorisation_dealer_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_dealer_authorisation_region_id")),
        sa.PrimaryKeyConstraint("dealer_id", "region_id", "valid_from", name=op.f("pk_dealer_authorisation")),
    )
    op.create_table(
        "dealer_licence",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("device_class", sa.SmallInteger(), nullable=False),
        sa.Column("category_codes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("device_class IN (2, 3)", name=op.f("ck_dealer_licence_device_class")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_dealer_licence_dates")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_dealer_licence_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_dealer_licence")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_dealer_licence_dealer_id_number")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("receivable", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('invoice', 'credit_note', 'payment', 'opening', 'reversal')",
            name=op.f("ck_journal_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "reverses_id"],
            ["journal_entry.dealer_id", "journal_entry.id"],
            name=op.f("fk_journal_entry_dealer_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_journal_entry_dealer_id")),
        sa.ForeignKeyConstraint(
            ["period"], ["accounting_period.period"], name=op.f("fk_journal_entry_period")
        ),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_journal_entry")),
    )
    op.create_index(
        "ix_journal_entry_dealer_id_period",
        "journal_entry",
        ["dealer_id", "period", "occurred_on", "id"],
        unique=False,
    )
    op.create_index(
        "uq_journal_entry_reverses",
        "journal_entry",
        ["dealer_id", "reverses_id"],
        unique=True,
        postgresql_where="reverses_id IS NOT NULL",
    )
    op.create_table(
        "list_price",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("unit_price > 0", name=op.f("ck_list_price_unit_price")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_list_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", "valid_from", name=op.f("pk_list_price")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lot_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("product_id", "lot_no", name=op.f("uq_lot_product_id_lot_no")),
    )
    op.create_table(
        "payment",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_payment_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_payment_dealer_id_number")),
    )
    op.create_index(
        "ix_payment_dealer_id_received_on", "payment", ["dealer_id", "received_on", "id"], unique=False
    )
    op.create_table(
        "product_certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("notified_body", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_certificate_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_certificate")),
    )
    op.create_index(
        op.f("ix_product_certificate_product_id"), "product_certificate", ["product_id"], unique=False
    )
    op.create_table(
        "sales_order",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("holds", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("purchase_order_no", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("ship_to", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("requested_date", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_by_label", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'on_hold') = (cardinality(holds) > 0)", name=op.f("ck_sales_order_holds")
        ),
        sa.CheckConstraint("channel IN ('portal', 'api', 'staff')", name=op.f("ck_sales_order_channel")),
        sa.CheckConstraint(
            "status IN ('confirmed', 'on_hold', 'picking', 'partially_shipped', 'shipped', 'received',"
            " 'cancelled')",
            name=op.f("ck_sales_order_status"),
        ),
        sa.CheckConstraint("total >= 0 AND tax >= 0 AND tax <= total", name=op.f("ck_sales_order_total")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_sales_order_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_sales_order_dealer_id_number")),
    )
    op.create_index(
        "ix_sales_order_dealer_id_placed_at", "sales_order", ["dealer_id", "placed_at", "id"], unique=False
    )
    op.create_index(
        "ix_sales_order_desk",
        "sales_order",
        ["status", "placed_at"],
        unique=False,
        postgresql_where="status IN ('confirmed', 'on_hold', 'picking', 'partially_shipped')",
    )
    op.create_index("ix_sales_order_number", "sales_order", ["number"], unique=False)
    op.create_table(
        "statement",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opening", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("debits", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("credits", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("closing", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("current_due", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("days_1_30", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("days_31_60", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("days_61_90", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("days_over_90", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("unallocated", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closing = opening + debits - credits", name=op.f("ck_statement_closing")),
        sa.CheckConstraint(
            "current_due + days_1_30 + days_31_60 + days_61_90 + days_over_90 + unallocated = closing",
            name=op.f("ck_statement_ageing"),
        ),
        sa.CheckConstraint("unallocated <= 0", name=op.f("ck_statement_unallocated")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_statement_dealer_id")),
        sa.ForeignKeyConstraint(["period"], ["accounting_period.period"], name=op.f("fk_statement_period")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_statement")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_statement_dealer_id_number")),
        sa.UniqueConstraint("dealer_id", "period", name=op.f("uq_statement_dealer_id_period")),
    )
    op.create_index("ix_statement_number", "statement", ["number"], unique=False)
    op.create_table(
        "stock_level",
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_transit", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_arrival", sa.Date(), nullable=True),
        sa.CheckConstraint("in_transit >= 0", name=op.f("ck_stock_level_in_transit")),
        sa.CheckConstraint("on_hand >= reserved", name=op.f("ck_stock_level_available")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_level_reserved")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_level_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_level_warehouse_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "product_id", name=op.f("pk_stock_level")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_stock_level_product_id", "stock_level", ["product_id"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="zh", nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("region_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("all_regions", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "dealer_id IS NULL OR (NOT all_regions AND region_ids = '{}')",
            name=op.f("ck_user_account_dealer_has_no_regions"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_account_email_lower")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_user_account_dealer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_index("ix_user_account_dealer_id", "user_account", ["dealer_id"], unique=False)
    op.create_table(
        "warehouse_service",
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_warehouse_service_region_id")),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_warehouse_service_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("region_id", "warehouse_id", name=op.f("pk_warehouse_service")),
        sa.UniqueConstraint("region_id", "rank", name=op.f("uq_warehouse_service_region_id_rank")),
    )
    op.create_table(
        "authorization_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_authorization_code_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_authorization_code_code_hash")),
    )
    op.create_index(
        op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"], unique=False
    )
    op.create_table(
        "cart_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_line_quantity")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_cart_line_dealer_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_cart_line_product_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_cart_line_user_id")),
        sa.PrimaryKeyConstraint("dealer_id", "user_id", "product_id", name=op.f("pk_cart_line")),
    )
    op.create_table(
        "journal_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.CheckConstraint(
            "account IN ('receivable', 'revenue', 'output_vat', 'bank', 'opening_equity')",
            name=op.f("ck_journal_line_account"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "entry_id"],
            ["journal_entry.dealer_id", "journal_entry.id"],
            name=op.f("fk_journal_line_dealer_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "entry_id", "account", name=op.f("pk_journal_line")),
    )
    op.create_table(
        "lot_stock",
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("allocated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="saleable", nullable=False),
        sa.CheckConstraint("state IN ('saleable', 'expired', 'blocked')", name=op.f("ck_lot_stock_state")),
        sa.CheckConstraint("allocated >= 0 AND on_hand >= allocated", name=op.f("ck_lot_stock_available")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_stock_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lot_stock_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_lot_stock_warehouse_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "lot_id", name=op.f("pk_lot_stock")),
    )
    op.create_index(
        "ix_lot_stock_warehouse_id_product_id", "lot_stock", ["warehouse_id", "product_id"], unique=False
    )
    op.create_table(
        "order_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("returned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("list_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("receipt", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("amount = unit_price * quantity", name=op.f("ck_order_line_amount")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.CheckConstraint(
            "reserved + shipped + cancelled <= quantity", name=op.f("ck_order_line_within_quantity")
        ),
        sa.CheckConstraint(
            "reserved >= 0 AND shipped >= 0 AND cancelled >= 0 AND returned >= 0",
            name=op.f("ck_order_line_counters"),
        ),
        sa.CheckConstraint("returned <= shipped", name=op.f("ck_order_line_returned")),
        sa.CheckConstraint("tax >= 0 AND tax <= amount", name=op.f("ck_order_line_tax")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "order_id"],
            ["sales_order.dealer_id", "sales_order.id"],
            name=op.f("fk_order_line_dealer_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "order_id", "line_no", name=op.f("pk_order_line")),
    )
    op.create_index("ix_order_line_product_id", "order_line", ["product_id"], unique=False)
    op.create_table(
        "price_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name=op.f("ck_price_policy_published_at")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'superseded')", name=op.f("ck_price_policy_state")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_price_policy_dates")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_price_policy_created_by")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user_account.id"], name=op.f("fk_price_policy_published_by")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_price_policy_region_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["price_policy.id"], name=op.f("fk_price_policy_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_policy")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_price_policy_number_version")),
    )
    op.create_index(
        "ix_price_policy_in_force",
        "price_policy",
        ["published_at"],
        unique=False,
        postgresql_where="published_at IS NOT NULL",
    )
    op.create_table(
        "refresh_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_refresh_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_refresh_token_expires_at"), "refresh_token", ["expires_at"], unique=False)
    op.create_index(op.f("ix_refresh_token_family"), "refresh_token", ["family"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_no", sa.Text(), server_default="", nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("picked_by", sa.Text(), nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("shipped_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'received') = (received_at IS NOT NULL)", name=op.f("ck_shipment_received")
        ),
        sa.CheckConstraint(
            "status = 'picking'"
            " OR (carrier <> '' AND tracking_no <> '' AND shipped_at IS NOT NULL AND shipped_on IS NOT NULL)",
            name=op.f("ck_shipment_shipped"),
        ),
        sa.CheckConstraint("status IN ('picking', 'shipped', 'received')", name=op.f("ck_shipment_status")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "order_id"],
            ["sales_order.dealer_id", "sales_order.id"],
            name=op.f("fk_shipment_dealer_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_shipment_dealer_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_shipment_warehouse_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_shipment_dealer_id_number")),
    )
    op.create_index("ix_shipment_dealer_id_order_id", "shipment", ["dealer_id", "order_id"], unique=False)
    op.create_index("ix_shipment_number", "shipment", ["number"], unique=False)
    op.create_index(
        "uq_shipment_picking",
        "shipment",
        ["dealer_id", "order_id"],
        unique=True,
        postgresql_where="status = 'picking'",
    )
    op.create_table(
        "statement_pdf",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id", "statement_id"],
            ["statement.dealer_id", "statement.id"],
            name=op.f("fk_statement_pdf_dealer_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "statement_id", "locale", name=op.f("pk_statement_pdf")),
    )
    op.create_table(
        "invoice",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("net", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("gross", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(kind = 'invoice' AND gross >= 0) OR (kind = 'credit_note' AND gross <= 0)",
            name=op.f("ck_invoice_sign"),
        ),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoice_kind")),
        sa.CheckConstraint("gross = net + tax", name=op.f("ck_invoice_gross")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "order_id"],
            ["sales_order.dealer_id", "sales_order.id"],
            name=op.f("fk_invoice_dealer_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["shipment.dealer_id", "shipment.id"],
            name=op.f("fk_invoice_dealer_id_shipment_id"),
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_invoice_dealer_id")),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_invoice_dealer_id_number")),
    )
    op.create_index(
        "ix_invoice_dealer_id_issued_on", "invoice", ["dealer_id", "issued_on", "id"], unique=False
    )
    op.create_index("ix_invoice_dealer_id_order_id", "invoice", ["dealer_id", "order_id"], unique=False)
    op.create_index("ix_invoice_number", "invoice", ["number"], unique=False)
    op.create_table(
        "price_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("region_id", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("category_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("min_quantities", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("values", postgresql.ARRAY(sa.Numeric(precision=14, scale=2)), nullable=False),
        sa.CheckConstraint("kind IN ('net', 'percent_off', 'amount_off')", name=op.f("ck_price_rule_kind")),
        sa.CheckConstraint("tier IS NULL OR tier IN ('S', 'A', 'B', 'C')", name=op.f("ck_price_rule_tier")),
        sa.CheckConstraint(
            'cardinality(min_quantities) = cardinality("values")'
            " AND cardinality(min_quantities) BETWEEN 1 AND 20 AND min_quantities[1] = 1",
            name=op.f("ck_price_rule_breaks"),
        ),
        sa.CheckConstraint(
            "dealer_id IS NULL OR (tier IS NULL AND region_id IS NULL)", name=op.f("ck_price_rule_party")
        ),
        sa.CheckConstraint("product_id IS NULL OR category_code IS NULL", name=op.f("ck_price_rule_subject")),
        sa.ForeignKeyConstraint(
            ["category_code"], ["category.code"], name=op.f("fk_price_rule_category_code")
        ),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_price_rule_dealer_id")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["price_policy.id"], name=op.f("fk_price_rule_policy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_rule_product_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_price_rule_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_rule")),
        sa.UniqueConstraint(
            "policy_id",
            "dealer_id",
            "region_id",
            "tier",
            "product_id",
            "category_code",
            name="uq_price_rule_scope",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_price_rule_broad",
        "price_rule",
        ["category_code", "tier"],
        unique=False,
        postgresql_where="product_id IS NULL AND dealer_id IS NULL",
    )
    op.create_index(
        "ix_price_rule_contract",
        "price_rule",
        ["dealer_id", "product_id"],
        unique=False,
        postgresql_where="dealer_id IS NOT NULL",
    )
    op.create_index(
        "ix_price_rule_product",
        "price_rule",
        ["product_id", "tier"],
        unique=False,
        postgresql_where="product_id IS NOT NULL AND dealer_id IS NULL",
    )
    op.create_table(
        "shipment_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("lot_no", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_line_quantity")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "shipment_id"],
            ["shipment.dealer_id", "shipment.id"],
            name=op.f("fk_shipment_line_dealer_id_shipment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_shipment_line_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_shipment_line_product_id")),
        sa.PrimaryKeyConstraint(
            "dealer_id", "shipment_id", "line_no", "lot_id", name=op.f("pk_shipment_line")
        ),
    )
    op.create_index("ix_shipment_line_lot_id", "shipment_line", ["lot_id"], unique=False)
    op.create_table(
        "invoice_line",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("order_line_no", sa.SmallInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.Column("tax", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.CheckConstraint("amount = unit_price * quantity", name=op.f("ck_invoice_line_amount")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "invoice_id"],
            ["invoice.dealer_id", "invoice.id"],
            name=op.f("fk_invoice_line_dealer_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_invoice_line_product_id")),
        sa.PrimaryKeyConstraint("dealer_id", "invoice_id", "line_no", name=op.f("pk_invoice_line")),
    )


def downgrade() -> None:
    op.drop_table("invoice_line")
    op.drop_index("ix_shipment_line_lot_id", table_name="shipment_line")
    op.drop_table("shipment_line")
    op.drop_index(
        "ix_price_rule_product",
        table_name="price_rule",
        postgresql_where="product_id IS NOT NULL AND dealer_id IS NULL",
    )
    op.drop_index("ix_price_rule_contract", table_name="price_rule", postgresql_where="dealer_id IS NOT NULL")
    op.drop_index(
        "ix_price_rule_broad",
        table_name="price_rule",
        postgresql_where="product_id IS NULL AND dealer_id IS NULL",
    )
    op.drop_table("price_rule")
    op.drop_index("ix_invoice_number", table_name="invoice")
    op.drop_index("ix_invoice_dealer_id_order_id", table_name="invoice")
    op.drop_index("ix_invoice_dealer_id_issued_on", table_name="invoice")
    op.drop_table("invoice")
    op.drop_table("statement_pdf")
    op.drop_index("uq_shipment_picking", table_name="shipment", postgresql_where="status = 'picking'")
    op.drop_index("ix_shipment_number", table_name="shipment")
    op.drop_index("ix_shipment_dealer_id_order_id", table_name="shipment")
    op.drop_table("shipment")
    op.drop_index(op.f("ix_refresh_token_family"), table_name="refresh_token")
    op.drop_index(op.f("ix_refresh_token_expires_at"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_index(
        "ix_price_policy_in_force", table_name="price_policy", postgresql_where="published_at IS NOT NULL"
    )
    op.drop_table("price_policy")
    op.drop_index("ix_order_line_product_id", table_name="order_line")
    op.drop_table("order_line")
    op.drop_index("ix_lot_stock_warehouse_id_product_id", table_name="lot_stock")
    op.drop_table("lot_stock")
    op.drop_table("journal_line")
    op.drop_table("cart_line")
    op.drop_index(op.f("ix_authorization_code_expires_at"), table_name="authorization_code")
    op.drop_table("authorization_code")
    op.drop_table("warehouse_service")
    op.drop_index("ix_user_account_dealer_id", table_name="user_account")
    op.drop_table("user_account")
    op.drop_index("ix_stock_level_product_id", table_name="stock_level")
    op.drop_table("stock_level")
    op.drop_index("ix_statement_number", table_name="statement")
    op.drop_table("statement")
    op.drop_index("ix_sales_order_number", table_name="sales_order")
    op.drop_index(
        "ix_sales_order_desk",
        table_name="sales_order",
        postgresql_where="status IN ('confirmed', 'on_hold', 'picking', 'partially_shipped')",
    )
    op.drop_index("ix_sales_order_dealer_id_placed_at", table_name="sales_order")
    op.drop_table("sales_order")
    op.drop_index(op.f("ix_product_certificate_product_id"), table_name="product_certificate")
    op.drop_table("product_certificate")
    op.drop_index("ix_payment_dealer_id_received_on", table_name="payment")
    op.drop_table("payment")
    op.drop_table("lot")
    op.drop_table("list_price")
    op.drop_index(
        "uq_journal_entry_reverses", table_name="journal_entry", postgresql_where="reverses_id IS NOT NULL"
    )
    op.drop_index("ix_journal_entry_dealer_id_period", table_name="journal_entry")
    op.drop_table("journal_entry")
    op.drop_table("dealer_licence")
    op.drop_table("dealer_authorisation")
    op.drop_index("uq_dealer_address_default", table_name="dealer_address", postgresql_where="is_default")
    op.drop_table("dealer_address")
    op.drop_table("dealer_account")
    op.drop_index("ix_close_task_waiting", table_name="close_task", postgresql_where="state = 'waiting'")
    op.drop_table("close_task")
    op.drop_index("ix_api_client_dealer_id", table_name="api_client")
    op.drop_table("api_client")
    op.drop_table("warehouse")
    op.drop_index("ix_product_search_grams", table_name="product", postgresql_using="gin")
    op.drop_index("ix_product_listing", table_name="product", postgresql_where="state = 'active'")
    op.drop_index("ix_product_category_listing", table_name="product", postgresql_where="state = 'active'")
    op.drop_table("product")
    op.drop_index(op.f("ix_dealer_region_id"), table_name="dealer")
    op.drop_table("dealer")
    op.drop_table("tax_rate")
    op.drop_index(
        "ix_stock_movement_lot_id", table_name="stock_movement", postgresql_where="lot_id IS NOT NULL"
    )
    op.drop_index("ix_stock_movement_level", table_name="stock_movement")
    op.drop_table("stock_movement")
    op.drop_table("signing_key")
    op.drop_index(op.f("ix_region_parent_id"), table_name="region")
    op.drop_table("region")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where="dispatched_at IS NULL")
    op.drop_table("outbox")
    op.drop_index("ix_idempotency_key_created_at", table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("category")
    op.drop_index("ix_audit_event_subject", table_name="audit_event")
    op.drop_index("ix_audit_event_dealer_id_at", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("accounting_period")
